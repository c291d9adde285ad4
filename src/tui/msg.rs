//! The words of the loop.

use jiff::Timestamp;
use ratatui::crossterm::event::KeyEvent;

use crate::model::{Command, Event, Observed};

/// Something happened.
#[derive(Debug, Clone)]
pub(super) enum Msg {
    /// The run told a fact.
    Event(Box<Event>),
    /// There are newer readings.
    Observed(Box<Observed>),
    /// Nobody drives the run any more.
    Ended,
    /// A key was pressed.
    Key(KeyEvent),
    /// Text was pasted.
    Pasted,
    /// The terminal has another size, or its content is not what was drawn.
    Resized,
    /// Time passed.
    Tick(Timestamp),
    /// What stands in the state has been drawn.
    Drawn,
    /// The screen is no longer recorded, and why.
    CastEnded(String),
    /// The process was told to end.
    Signal(i32),
}

/// What a key means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cmd {
    /// Opens the dialog of the next step: its confirmation, or the decision after its failure.
    Next,
    /// Opens the dialog that undoes everything.
    Abort,
    /// Leaves, or asks how to leave.
    Quit,
    /// Shows the keys.
    Help,
    /// Closes the top layer.
    Close,
    /// Moves the focus to the next pane.
    Pane,
    /// Moves the focus to the pane before.
    PaneBack,
    /// Moves up by lines, down where it is negative.
    Up(isize),
    /// To the first line.
    Top,
    /// To the last line, and follows from there.
    Bottom,
    /// Draws everything anew.
    Redraw,
}

/// What is to be done outside of the state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Effect {
    /// Says something to the run.
    Send(Command),
    /// Leaves the console.
    Leave,
    /// Marks a place in the recording of the screen.
    Mark(String),
    /// Clears the terminal before the next frame.
    Clear,
}
