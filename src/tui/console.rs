//! The loop in which messages, state, effects and frames meet.

use std::collections::VecDeque;
use std::fs::File;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

use super::acts::Acts;
use super::input::Input;
use super::last::LastTimes;
use super::msg::{Effect, Follow, Msg};
use super::state::{Opening, UiState};
use super::terminal::Screen;
use super::theme::{Palette, Theme};
use super::update::update;
use super::view::draw;
use crate::model::{RunState, Runbook};
use crate::session::{Look, Session};

/// At most so often a frame is drawn: 30 times a second.
const FRAME: Duration = Duration::from_millis(34);
/// Readings that come one by one are drawn together: so long after the frame before, at the soonest.
const READINGS: Duration = Duration::from_millis(150);
/// A key is answered sooner, also right after a frame.
const PROMPT: Duration = Duration::from_millis(8);
/// How often time passes on the screen; the fence's clock shows tenths.
const TICK: Duration = Duration::from_millis(500);
const TICK_WHILE_STOPPED: Duration = Duration::from_millis(100);

/// How the console looks and what it says.
#[derive(Debug)]
pub struct Options {
    /// Where it is: context and namespace.
    pub place: String,
    /// The colours.
    pub palette: Palette,
    /// Only ASCII characters are drawn.
    pub ascii: bool,
    /// The mouse moves the focus and scrolls; the terminal's own selection then needs a key held.
    pub mouse: bool,
    /// What each step says to the world.
    pub acts: fn(&Runbook) -> Acts,
    /// How long the steps took in an earlier run, where one was finished.
    pub last: Option<LastTimes>,
    /// A mistake here costs more than elsewhere, and the screen looks like it.
    pub protected: bool,
    /// Where stderr goes while the console has the terminal.
    pub stderr: Option<File>,
    /// Where the screen is recorded.
    pub cast: Option<File>,
    /// What a panic leaves on the terminal: where the journal is, and how to resume.
    pub farewell: String,
}

/// What is left when the operator has left the console.
#[derive(Debug)]
pub struct Ended {
    /// The last state.
    pub state: RunState,
}

/// Shows a session until the operator leaves.
///
/// # Errors
/// The terminal cannot be taken or drawn on. It is given back in every case.
pub async fn console(
    mut session: Session,
    mut options: Options,
    signals: &mut UnboundedReceiver<i32>,
) -> io::Result<Ended> {
    let mut ui = new_state(&mut session, &options);
    let mut title = title_of(&ui);
    let (cast, mouse) = (options.cast.take(), options.mouse);
    let farewell = std::mem::take(&mut options.farewell);
    let mut screen = Screen::take(&title, options.stderr.as_ref(), farewell, cast, mouse)?;
    let mut input = Input::start()?;
    let mut drawn_at = Instant::now() - FRAME;
    let mut dirty = true;
    let mut rest = FRAME;
    let mut unseen = false;
    let mut looked: Option<watch::Receiver<Look>> = None;
    loop {
        let tick = if ui.runs_a_clock() { TICK_WHILE_STOPPED } else { TICK };
        let wake = match (dirty, unseen) {
            (true, _) => drawn_at + rest,
            (false, true) => drawn_at + READINGS,
            (false, false) => drawn_at + tick,
        };
        let mut messages = VecDeque::new();
        tokio::select! {
            event = session.events.recv(), if !ui.ended => {
                messages.push_back(event.map_or(Msg::Ended, |event| Msg::Event(Box::new(event))));
            }
            Ok(()) = session.observed.changed(), if !unseen => {
                unseen = true;
                continue;
            }
            followed = session.follows.next() => {
                looked = Some(followed.looked);
                (session.events, session.behind) = (followed.events, followed.behind);
                messages.push_back(Msg::Follows(Box::new(Follow {
                    run: followed.run,
                    operator: followed.operator,
                    acts: (options.acts)(&followed.runbook),
                    runbook: followed.runbook,
                })));
            }
            Some(msg) = input.next() => messages.push_back(msg),
            Some(signal) = signals.recv() => messages.push_back(Msg::Signal(signal)),
            () = sleep_until(wake) => {}
        }
        messages.extend(pending(&mut session, &mut input, looked.as_mut()));
        messages.extend(screen.trouble().map(Msg::CastEnded));
        messages.push_front(Msg::Tick(Timestamp::now()));
        for msg in messages {
            if matches!(msg, Msg::Key(_) | Msg::Rushed(_)) {
                rest = PROMPT;
            }
            for effect in update(&mut ui, msg) {
                match effect {
                    Effect::Leave => return Ok(Ended { state: ui.state }),
                    Effect::Clear => screen.clear()?,
                    Effect::Copy(text) => Screen::copy(&text)?,
                    Effect::Suspend => {
                        let since = Timestamp::now();
                        screen.suspend(mouse, ui.suspended())?;
                        update(&mut ui, Msg::Tick(Timestamp::now()));
                        update(&mut ui, Msg::Continued(since));
                    }
                    Effect::Mark(label) => screen.mark(label),
                    Effect::Send(command) => {
                        let _ = session
                            .controls
                            .as_ref()
                            .is_some_and(|controls| controls.send(command));
                    }
                }
            }
        }
        dirty = true;
        if drawn_at.elapsed() >= rest {
            if std::mem::take(&mut unseen) {
                let seen = session.observed.borrow_and_update().clone();
                update(&mut ui, Msg::Observed(Box::new(seen)));
            }
            let (width, height) = screen.size()?;
            update(&mut ui, Msg::Frame { width, height });
            screen.draw(|frame| draw(frame, &ui))?;
            session.focus.send_if_modified(|focus| replaced(focus, ui.looks_at()));
            if replaced(&mut title, title_of(&ui)) {
                Screen::title(&title)?;
            }
            drawn_at = Instant::now();
            dirty = false;
            rest = FRAME;
            update(&mut ui, Msg::Drawn);
        }
    }
}

/// What has come besides.
fn pending(
    session: &mut Session,
    input: &mut Input,
    looked: Option<&mut watch::Receiver<Look>>,
) -> Vec<Msg> {
    let events = std::iter::from_fn(|| session.events.try_recv().ok());
    let mut messages: Vec<Msg> = events.map(Box::new).map(Msg::Event).collect();
    messages.extend(std::iter::from_fn(|| input.messages.try_recv().ok()));
    if let Some(looked) = looked.filter(|it| it.has_changed().unwrap_or(false)) {
        messages.push(Msg::Looked(*looked.borrow_and_update()));
    }
    if session.behind.has_changed().unwrap_or(false) {
        messages.push(Msg::Behind(session.behind.borrow_and_update().clone()));
    }
    if session.calls.has_changed() {
        let (calls, dropped) = session.calls.take();
        messages.push(Msg::Calls { calls, dropped });
    }
    messages
}

fn new_state(session: &mut Session, options: &Options) -> UiState {
    UiState::new(Opening {
        run: session.run.clone(),
        mode: session.mode,
        place: options.place.clone(),
        controls: session.controls.is_some(),
        protected: options.protected,
        acts: (options.acts)(&session.runbook),
        last: options.last.clone(),
        theme: Theme { palette: options.palette, ascii: options.ascii },
        runbook: Arc::clone(&session.runbook),
        now: Timestamp::now(),
        playback: session.playback.take(),
    })
}

fn title_of(ui: &UiState) -> String {
    format!("pgcutover {} {} {}", ui.runbook.name, ui.place, ui.badge())
}

/// Puts a value in the place of another, and tells whether that is a change.
fn replaced<T: PartialEq>(place: &mut T, value: T) -> bool {
    let differs = *place != value;
    *place = value;
    differs
}
