//! A recorded run that is shown again: wherever one goes in it, and however fast, the screen is that of straight play.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use pgcutover::journal::{Recording, read};
use pgcutover::model::{Event, EventKind, Glimpse, Moment, Progress, with_progress};
use pgcutover::session::{Playback, SessionMode};
use pgcutover::tui::{Palette, Scene, Still};
use ratatui::buffer::Buffer;
use ratatui::crossterm::event::KeyCode;

use crate::journal::whole;
use crate::support::Pty;

fn recordings() -> Vec<(PathBuf, Recording)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/journals");
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "jsonl"));
    paths.sort();
    paths.into_iter().map(|path| (path.clone(), read(&path).unwrap())).collect()
}

fn shown(recording: &Recording, from: Moment, speed: f64) -> Still {
    let Recording { header, events, .. } = recording.clone();
    let playback = Playback { events, readings: Vec::new(), from, speed };
    Still::new(Scene {
        run: header.run,
        mode: SessionMode::Replay,
        place: "recorded".into(),
        runbook: Arc::new(header.runbook),
        playback: Some(playback),
        now: Timestamp::UNIX_EPOCH,
        size: (120, 36),
        palette: Palette::default(),
        ascii: false,
    })
}

fn press(still: &mut Still, code: KeyCode) -> Buffer {
    still.press_key(code);
    still.draw().clone()
}

/// The longest step, at its third of four counts, and when that was.
fn counted(mut recording: Recording) -> (Recording, Duration) {
    let events = &recording.events;
    let starts = events.iter().zip(&events[1..]);
    let starts = starts.filter(|(event, _)| event.kind.name() == "step-started");
    let (start, next) =
        starts.max_by_key(|(start, next)| next.at.duration_since(start.at)).unwrap();
    let step = start.kind.step().unwrap();
    let quarter = Duration::try_from(next.at - start.at).unwrap() / 4;
    let glimpses = (1..=3).map(|done| {
        let counts = Progress { done: Some(done.into()), total: Some(4), ..Progress::default() };
        let progress =
            Progress { message: "blue public.tasks".into(), unit: "tables".into(), ..counts };
        let kind = EventKind::StepProgress { step: step.clone(), progress };
        Glimpse::of(Event { at: start.at + quarter * done, kind, ..start.clone() })
    });
    let glimpses: Vec<Glimpse> = glimpses.collect();
    let third = Duration::try_from(glimpses[2].at - events[0].at).unwrap();
    recording.events = with_progress(events.clone(), &glimpses);
    (recording, third)
}

/// The frame after each edge of a step, first to last.
fn straight(recording: &Recording) -> Vec<Buffer> {
    let mut still = shown(recording, Moment::Share(0.0), 1.0);
    let mut frames = vec![press(&mut still, KeyCode::Left)];
    loop {
        let frame = press(&mut still, KeyCode::Right);
        if frames.last() == Some(&frame) {
            return frames;
        }
        frames.push(frame);
    }
}

#[test]
fn going_back_and_forth_shows_what_straight_play_shows() {
    for (path, recording) in recordings() {
        let frames = straight(&recording);
        assert!(frames.len() > 10, "{}", path.display());
        let mut still = shown(&recording, Moment::Share(1.0), 1.0);
        for at in (0..frames.len() - 1).rev() {
            let frame = press(&mut still, KeyCode::Left);
            assert!(frame == frames[at], "{} at edge {at}", path.display());
            if at % 5 == 0 && at + 2 < frames.len() {
                press(&mut still, KeyCode::Right);
                press(&mut still, KeyCode::Right);
                press(&mut still, KeyCode::Left);
                let frame = press(&mut still, KeyCode::Left);
                assert!(frame == frames[at], "{} back at edge {at}", path.display());
            }
        }
    }
}

#[test]
fn how_far_a_step_was_is_shown_again() {
    let (_, recording) = recordings().pop().unwrap();
    let (recording, third) = counted(recording);
    let mut still = shown(&recording, Moment::After(third), 1.0);
    let text: String = still.draw().content.iter().map(ratatui::buffer::Cell::symbol).collect();
    let bar = format!("[{}", "#".repeat(12));
    for told in ["blue public.tasks 3/4 tables", &bar, "  eta ", "  0s"] {
        assert!(text.contains(told), "`{told}` is not in {text}");
    }
}

#[test]
fn every_speed_ends_in_the_same_screen() {
    for (path, recording) in recordings() {
        let last = straight(&recording).pop().unwrap();
        for (speed, tick) in [(0.5, 1000), (1.0, 250), (64.0, 34)] {
            let mut still = shown(&recording, Moment::Share(0.0), speed);
            let whole = recording.events.last().unwrap().at - recording.events[0].at;
            let pauses = Duration::from_secs(5) * u32::try_from(recording.events.len()).unwrap();
            let wall = Duration::try_from(whole).unwrap().min(pauses).div_f64(speed.min(1.0));
            let ticks = wall.as_millis() / tick + 10;
            for n in 0..ticks {
                let passed = Duration::from_millis(u64::try_from(n * tick).unwrap());
                still.pass(Timestamp::UNIX_EPOCH + passed);
            }
            assert!(*still.draw() == last, "{} at {speed}x", path.display());
        }
    }
}

#[test]
fn it_stands_still_goes_to_a_moment_and_changes_nothing() {
    let (folder, path, _) = whole();
    let before = std::fs::read(&path).unwrap();
    let args = ["replay", path.to_str().unwrap(), "--speed", "0.1"];
    let mut pty = Pty::start(&args, folder.path(), &[], (120, 36));
    pty.wait_for("0.1x");
    pty.press(" ");
    pty.wait_for("[R replay] paused");
    pty.press(":seek 100%\r");
    pty.wait_for("DONE");
    pty.press(":seek 0%\r");
    pty.wait_until_gone("DONE");
    pty.press(":seek tomorrow\r");
    pty.wait_for("! a time since the start");
    pty.press(">>");
    pty.press(" ");
    pty.wait_for("0.5x");
    pty.press("q");
    assert_eq!(pty.ends(), 0);
    assert_eq!(std::fs::read(&path).unwrap(), before);
    assert_eq!(std::fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
}
