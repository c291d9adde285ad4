//! The words of the loop.

use std::sync::Arc;

use jiff::Timestamp;
use ratatui::crossterm::event::KeyEvent;

use super::acts::Acts;
use super::page::{Page, log};
use super::playing::Play;
use crate::model::{CallRecord, Command, Event, Observed, RunId, Runbook};
use crate::session::{Hands, Look};

/// Something happened.
#[derive(Debug, Clone)]
pub(super) enum Msg {
    /// The run told a fact.
    Event(Box<Event>),
    /// There are newer readings.
    Observed(Box<Observed>),
    /// Nobody drives the run any more.
    Ended,
    /// Another run is watched from now on.
    Follows(Box<Follow>),
    /// When that run was last looked at.
    Looked(Look),
    /// Why the journal's mirror in the cluster lacks facts; none when it has them all.
    Behind(Option<String>),
    /// The process goes on after it was stopped, since then.
    Continued(Timestamp),
    /// A key was pressed.
    Key(KeyEvent),
    /// A key came together with others, or so soon after the one before that no hand pressed it.
    Rushed(KeyEvent),
    /// Text was pasted.
    Pasted,
    /// The mouse was clicked at a column and a line.
    Clicked(u16, u16),
    /// The wheel was turned down by so many rows, up where it is negative, at a column and a line.
    Wheeled(isize, u16, u16),
    /// The terminal has another size, or its content is not what was drawn.
    Resized,
    /// Time passed.
    Tick(Timestamp),
    /// A frame of this size is about to be drawn.
    Frame {
        /// Columns.
        width: u16,
        /// Lines.
        height: u16,
    },
    /// What stands in the state has been drawn.
    Drawn,
    /// The screen is no longer recorded, and why.
    CastEnded(String),
    /// What was said to the world, as far as it is kept, and how many calls are not kept.
    Calls {
        /// The calls, by the time when they began.
        calls: Vec<(Hands, Arc<CallRecord>)>,
        /// How many older ones there were.
        dropped: u64,
    },
    /// The process was told to end.
    Signal(i32),
}

/// A run that another console drives.
#[derive(Debug, Clone)]
pub(super) struct Follow {
    /// Which run it is.
    pub(super) run: RunId,
    /// Who drives it.
    pub(super) operator: String,
    /// Its plan.
    pub(super) runbook: Arc<Runbook>,
    /// What each of its steps says to the world.
    pub(super) acts: Acts,
}

/// What a key means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cmd {
    /// Opens the dialog of the next step: its confirmation, or the decision after its failure.
    Next,
    /// Opens the dialog that undoes everything.
    Abort,
    /// Opens the dialog that undoes everything because a step failed.
    Undo,
    /// Opens the dialog that arms.
    Arm,
    /// Falls back to safe.
    Disarm,
    /// Opens the line for a command.
    CommandLine,
    /// Holds the lists as they are, or lets them go on.
    Freeze,
    /// Copies the row.
    Copy,
    /// Gives the terminal back to the shell until it is continued.
    Suspend,
    /// Leaves, or asks how to leave.
    Quit,
    /// Shows the keys.
    Help,
    /// Closes the top layer.
    Close,
    /// Shows a page.
    Page(Page),
    /// Moves the focus to the next pane, and from a page's last one to the next page.
    Pane,
    /// The same backwards.
    PaneBack,
    /// Moves down by rows, up where it is negative.
    Down(isize),
    /// Moves down by so many half screens, up where it is negative.
    HalfPages(isize),
    /// To the first row.
    Top,
    /// To the last row, or to where things happen.
    Bottom,
    /// Scrolls the columns to the right, to the left where it is negative.
    Columns(isize),
    /// Opens what is known of the row.
    Details,
    /// Opens what is known of the row at the end of its log, and goes with it.
    FollowLog,
    /// Gives the whole screen to the pane with the focus.
    Zoom,
    /// Takes it back.
    Unzoom,
    /// Filters the rows.
    Filter,
    /// Sorts by the next column.
    Sort,
    /// Shows only what differs.
    Differences,
    /// Moves the playhead of a recorded run.
    Play(Play),
    /// Draws everything anew.
    Redraw,
    /// A key of the log.
    Log(log::Key),
}

impl Cmd {
    /// It needs no page.
    pub(super) const fn works_at_every_size(self) -> bool {
        matches!(
            self,
            Self::Next
                | Self::Abort
                | Self::Undo
                | Self::Arm
                | Self::Disarm
                | Self::CommandLine
                | Self::Suspend
                | Self::Quit
                | Self::Help
                | Self::Close
                | Self::Redraw
        )
    }
}

/// What is to be done outside of the state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Effect {
    /// Says something to the run.
    Send(Command),
    /// Leaves the console.
    Leave,
    /// Puts a text into the terminal's clipboard.
    Copy(String),
    /// Stops the process, as ctrl-z does.
    Suspend,
    /// Marks a place in the recording of the screen.
    Mark(String),
    /// Clears the terminal before the next frame.
    Clear,
}
