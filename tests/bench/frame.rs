//! One frame at 200×50 of the page with every table while there are 10,000 of them, beside the same with ten: a frame for
//! a key, for which nothing but the screen is made anew, and one for a reading, for which all rows are. The aim is under
//! 2 ms for a key; a reading comes once in seconds.
#![expect(clippy::unwrap_used, reason = "a benchmark that cannot go on has failed")]

mod measure;

use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use measure::median;
use pgcutover::model::{CountMethod, Observed, Reading, RunId, Side, TableView, Tables};
use pgcutover::profile::{Overrides, load};
use pgcutover::session::SessionMode;
use pgcutover::tui::{Palette, Scene, Still};

const FRAMES: u32 = 500;
const TABLES: u64 = 10_000;
const FEW: u64 = 10;
const AIM: Duration = Duration::from_millis(2);

#[expect(clippy::print_stdout, reason = "a benchmark's result")]
fn main() {
    let (mut many, mut few) = (Console::of(TABLES), Console::of(FEW));
    let (mut keys, mut readings) = ((Vec::new(), Vec::new()), (Vec::new(), Vec::new()));
    for frame in 0..FRAMES {
        keys.0.push(many.key(frame));
        keys.1.push(few.key(frame));
        readings.0.push(many.reading(frame));
        readings.1.push(few.reading(frame));
    }
    let told = |what: &str, (many, few): &(Vec<Duration>, Vec<Duration>)| {
        let worst = many.iter().max().copied().unwrap_or_default();
        println!(
            "{what}: median {:.2?}, worst {worst:.2?} of {FRAMES} with {TABLES} tables; {:.2?} with {FEW}",
            median(many),
            median(few)
        );
    };
    told("frame after a key", &keys);
    told("frame after a reading", &readings);
    println!("aim after a key: {AIM:?}");
    assert!(median(&keys.0) < AIM, "the aim is missed");
}

struct Console {
    still: Still,
    tables: u64,
    began: Timestamp,
}

impl Console {
    fn of(tables: u64) -> Self {
        let began = Timestamp::UNIX_EPOCH;
        let still = Still::new(Scene {
            run: RunId::new("frame"),
            mode: SessionMode::Monitor,
            place: "prod/dsm".into(),
            runbook: Arc::new(load("chronicle", &Overrides::default()).unwrap()),
            playback: None,
            now: began,
            size: (200, 50),
            palette: Palette::default(),
            ascii: false,
        });
        let mut console = Self { still, tables, began };
        console.still.press('2');
        console.reading(0);
        console
    }

    /// Down by a row, and by a page now and then.
    fn key(&mut self, frame: u32) -> Duration {
        let began = Instant::now();
        self.still.press(if frame % 20 == 19 { ' ' } else { 'j' });
        self.still.draw();
        began.elapsed()
    }

    fn reading(&mut self, frame: u32) -> Duration {
        let at = self.began + Duration::from_secs(frame.into());
        let mut observed = Observed::default();
        for side in Side::BOTH {
            let table = |n: u64| {
                let view = TableView::counted(n * 7 + u64::from(frame), CountMethod::Exact, at);
                (format!("analytics.table_{n:05}"), view)
            };
            let value: Tables = (0..self.tables).map(table).collect();
            observed.side_mut(side).tables = Reading::Fresh { value: value.into(), at };
        }
        let began = Instant::now();
        self.still.pass(at);
        self.still.observe(observed);
        self.still.draw();
        began.elapsed()
    }
}
