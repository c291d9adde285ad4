//! How a step is undone, and that undoing it leads back to a blue that serves.
//!
//! A run that is undone says that blue serves. So what stops writes, fences blue or leads clients away cannot be left as it
//! is, and whatever could still write to green ends before clients are led back.

use super::Compiler;
use super::course::{documents, is_stop};
use super::derive;
use super::gate::Around;
use crate::model::{ObjectRef, Side, Undo, Verb};
use crate::profile::file::{StepFile, UndoFile, UndoWord, VerbFile};
use crate::profile::manifest::reference;

impl Compiler<'_> {
    pub(super) fn undo(&mut self, file: &StepFile, around: Around<'_>) -> Undo {
        let Some(at) = &file.undo else { return derive::undo(around.verb) };
        let undo = match &at.value {
            UndoFile::Word(UndoWord::Nothing) => Undo::Nothing,
            UndoFile::Word(UndoWord::Former) => {
                if derive::undo(around.verb) == Undo::Nothing {
                    let hint = "name a verb that undoes it, or `nothing`".to_owned();
                    let message =
                        format!("`{}` has no former state to go back to", around.verb.word());
                    self.problem(&at.span, message, Some(hint));
                }
                Undo::Former
            }
            UndoFile::Verb(VerbFile::Check | VerbFile::Soak(_) | VerbFile::Verify(_)) => {
                let hint =
                    "`check`, `verify` and `soak` change nothing; write `nothing`".to_owned();
                self.problem(&at.span, "the undo does nothing", Some(hint));
                return Undo::Nothing;
            }
            UndoFile::Verb(verb) => Undo::Verb(Box::new(self.verb(verb, &at.span, around.setting))),
        };
        if self.understood
            && let Some(left) = Left::by(around)
            && !left.is_cleared_by(&undo, around.verb)
        {
            let hint = format!("take `undo` off the step, {}", left.otherwise());
            self.problem(&at.span, left.consequence(around), Some(hint));
        }
        undo
    }
}

/// What a step leaves behind that no undo of the run may leave.
#[derive(Debug, Clone, Copy)]
enum Left {
    /// Nobody writes.
    Stopped,
    /// Blue refuses writes.
    Fenced,
    /// Clients are led to green, behind which blue would be opened.
    Led,
    /// Green takes writes, while clients are led back.
    Open,
    /// A Job writes through the Service, while clients are led back.
    Writing,
}

impl Left {
    fn by(around: Around<'_>) -> Option<Self> {
        let Around { at, verb, course, setting, .. } = around;
        if course.no_return.is_some_and(|no_return| no_return <= at) {
            return None;
        }
        let traffic = setting.traffic.as_ref();
        let stopped = course.stop.is_some_and(|stop| stop < at);
        match verb {
            verb if is_stop(verb, traffic) => Some(Self::Stopped),
            Verb::Fence { side: Side::Blue } => Some(Self::Fenced),
            Verb::SwitchService { to: Side::Green, .. } => Some(Self::Led),
            Verb::Patch { object, .. } if stopped && is_service(object, around) => Some(Self::Led),
            Verb::Apply { manifests, .. }
                if stopped && documents(manifests).any(|it| is_service(&reference(it), around)) =>
            {
                Some(Self::Led)
            }
            Verb::Unfence { side: Side::Green } if course.after_switch(at) => Some(Self::Open),
            Verb::Job { .. } if course.after_switch(at) => Some(Self::Writing),
            _ => None,
        }
    }

    /// What a program, a person, statements or a patch do is not known here; they are taken at their word.
    fn is_cleared_by(self, undo: &Undo, done: &Verb) -> bool {
        let undo = match undo {
            Undo::Former => return true,
            Undo::Nothing => return false,
            Undo::Verb(verb) => &**verb,
        };
        match (self, undo) {
            (_, Verb::Exec { .. } | Verb::Manual { .. })
            | (Self::Stopped | Self::Led, Verb::Patch { .. } | Verb::Apply { .. })
            | (Self::Led, Verb::SwitchService { to: Side::Blue, .. })
            | (
                Self::Fenced,
                Verb::Unfence { side: Side::Blue } | Verb::Sql { side: Side::Blue, .. },
            )
            | (
                Self::Open,
                Verb::Fence { side: Side::Green } | Verb::Sql { side: Side::Green, .. },
            )
            | (Self::Writing, Verb::Delete { .. }) => true,
            (Self::Stopped, Verb::Scale { workload, replicas: 1.. }) => {
                matches!(done, Verb::Scale { workload: stopped, .. } if stopped == workload)
            }
            _ => false,
        }
    }

    fn consequence(self, around: Around<'_>) -> String {
        match self {
            Self::Stopped => "an undo would leave nobody who writes".to_owned(),
            Self::Fenced => "an undo would leave blue refusing writes".to_owned(),
            Self::Led => {
                let service = around.setting.service().unwrap_or_default();
                format!("an undo would open blue while the Service `{service}` leads to green")
            }
            Self::Open => "an undo would lead clients back while green takes writes".to_owned(),
            Self::Writing => {
                "an undo would lead the Service back while this Job writes through it".to_owned()
            }
        }
    }

    const fn otherwise(self) -> &'static str {
        match self {
            Self::Stopped => "so that the writers come back, or name a verb that scales them up",
            Self::Fenced => "so that the fence is lifted, or name a verb that lifts it",
            Self::Led => {
                "so that the selector goes back before blue takes writes, or name a verb that leads back to blue"
            }
            Self::Open => "so that green is fenced again first, or name a verb that shuts it",
            Self::Writing => "so that the Job ends first, or name a verb that ends it",
        }
    }
}

fn is_service(object: &ObjectRef, around: Around<'_>) -> bool {
    object.kind == "Service" && around.setting.service().is_some_and(|name| name == object.name)
}
