//! Makes a run happen, in order: asks [`next`](crate::model::next) what may happen, does it, and turns it into events.
//!
//! One loop makes every fact; what takes time runs beside it as a job, at most one for a step, and comes back as a note. A fact is
//! checked against the fold, written and synced to the journal, folded, then told. Nothing that must outlive the console is kept
//! anywhere else, so a resumed run is a run whose fold is not empty.
//!
//! # Beginning
//!
//! Nothing changes before a person said so: where one sits at the run (`Options::attended`), its first step that changes
//! something, and the first after a resume, asks at least for the key. A script waits for nobody, and neither does an undo.
//!
//! # Stopping
//!
//! A stop leaves the run where it is, to be resumed. What only looks is dropped, what acts is told to end; a step that ended because
//! of that stays in doubt, and the world is asked about it when the run is resumed. Writes are never left stopped silently:
//!
//! - while writes are stopped and can be given back, a stop is an abort: everything is undone and blue serves;
//! - while writes are stopped past the point of no return, the run goes on until they flow or a person is needed, and says so;
//!   a second stop leaves it as it is;
//! - while everything is being undone, a stop is refused; a second one leaves it half undone, and resuming goes on undoing.
//!
//! Where another operator holds the run, a stop is none of these: what acts is told to end and nothing is undone, since our
//! undo could cross what the other does. Giving writes back is up to whoever holds the run then.
//!
//! An operator who is gone (no command can come any more) is one who said stop, unless [`OnDetach::GoOn`] says otherwise.

mod clock;
mod drive;
mod emit;
mod error;
mod executor;
mod jobs;
mod moves;
mod options;
mod orders;
mod results;
mod timers;
mod wait;
mod work;

pub use clock::{Clock, SystemClock};
pub use drive::{Run, drive};
pub use error::EngineError;
pub use executor::{Executor, Probed, StepContext};
pub use options::{OnDetach, Options};
