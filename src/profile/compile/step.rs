//! Steps: what the profile says, completed by what is derived.

use std::time::Duration;

use super::Compiler;
use super::course::{Course, Draft};
use super::derive;
use super::gate::Around;
use super::setting::Setting;
use crate::model::{Confirm, Gate, OnFailure, Phase, PhaseId, Retry, Step, StepId, Verb, spelled};
use crate::profile::file::{
    ConfirmFile, OnFailureFile, ProfileFile, RetryFile, StepFile, VerbFile,
};

const RETRY_DELAY: Duration = Duration::from_secs(5);

impl Compiler<'_> {
    /// The first pass: every step and its verb.
    pub(super) fn drafts<'p>(
        &mut self,
        profile: &'p ProfileFile,
        setting: &Setting,
    ) -> Vec<Draft<'p>> {
        let mut drafts = Vec::new();
        for (phase, file) in profile.phase.iter().enumerate() {
            for file in &file.step {
                drafts.push(Draft {
                    phase,
                    file,
                    verb: self.verb(&file.run.value, &file.run.span, setting),
                });
            }
        }
        drafts
    }

    /// The second pass.
    pub(super) fn phases(
        &mut self,
        profile: &ProfileFile,
        drafts: &[Draft<'_>],
        course: &Course,
        setting: &Setting,
    ) -> Vec<Phase> {
        let mut phases = Vec::new();
        for (index, file) in profile.phase.iter().enumerate() {
            self.id(&file.id, "id of a phase");
            self.spoken(&file.title, "title");
            let steps = drafts
                .iter()
                .enumerate()
                .filter(|(_, draft)| draft.phase == index)
                .map(|(at, draft)| {
                    self.step(Around { at, verb: &draft.verb, drafts, course, setting })
                })
                .collect();
            phases.push(Phase {
                id: PhaseId::new(file.id.value.clone()),
                title: file.title.value.clone(),
                window: file.window,
                parallel: file.parallel,
                budget: file
                    .budget
                    .as_ref()
                    .and_then(|at| self.duration(at))
                    .map(|budget| self.shortened(budget)),
                checkpoint: file.checkpoint.as_ref().and_then(|at| self.duration(at)),
                steps,
            });
        }
        phases
    }

    fn step(&mut self, around: Around<'_>) -> Step {
        let Around { at, verb, drafts, course, .. } = around;
        let file = drafts[at].file;
        self.id(&file.id, "id of a step");
        self.spoken(&file.title, "title");
        let mut step = Step {
            id: StepId::new(file.id.value.clone()),
            title: file.title.value.clone(),
            verb: verb.clone(),
            gates: merged(derive::gates(around), self.gates(&file.gates, around)),
            expect: merged(derive::expect(verb), self.gates(&file.expect, around)),
            confirm: self.confirm(file, around),
            timeout: self.duration_or(file.timeout.as_ref(), derive::timeout(verb)),
            retry: self.retry(file.retry.as_ref()),
            undo: self.undo(file, around),
            on_failure: on_failure(file.on_failure),
            skippable: file.skippable,
            point_of_no_return: course.no_return == Some(at),
            stops_writes: course.stop == Some(at),
            resumes_writes: course.resume.contains(&at),
            because: file.because.clone(),
        };
        self.soak(&mut step, file, around);
        step
    }

    /// A soak's gates, and its time, which a rehearsal may shorten.
    fn soak(&mut self, step: &mut Step, file: &StepFile, around: Around<'_>) {
        let (Verb::Soak { hold, gates }, VerbFile::Soak(soak)) = (&mut step.verb, &file.run.value)
        else {
            return;
        };
        *gates = merged(derive::soaking(around), self.gates(&soak.gates, around));
        let Some(short) = self.overrides.soak.filter(|short| *short < *hold) else { return };
        let mark = format!("{} for {}, shortened by the rehearsal", spelled(short), spelled(*hold));
        *hold = short;
        step.timeout = derive::timeout(&step.verb);
        step.title = format!("{mark}: {}", step.title);
    }

    fn confirm(&mut self, file: &StepFile, around: Around<'_>) -> Confirm {
        let Some(at) = &file.confirm else { return derive::confirm(around) };
        match at.value {
            ConfirmFile::None => Confirm::None,
            ConfirmFile::Enter => Confirm::Enter,
            ConfirmFile::Yes => Confirm::Yes,
            ConfirmFile::Name => derive::name_of(around).map_or_else(
                || {
                    let message =
                        format!("`{}` is not about a thing that has a name", around.verb.word());
                    self.problem(&at.span, message, Some("use `yes`".to_owned()));
                    Confirm::Yes
                },
                Confirm::Name,
            ),
        }
    }

    fn retry(&mut self, file: Option<&RetryFile>) -> Retry {
        file.map_or_else(Retry::default, |file| Retry {
            times: file.times,
            delay: self.duration_or(file.delay.as_ref(), RETRY_DELAY),
        })
    }
}

/// The derived gates, then the declared ones that are not among them.
fn merged(mut derived: Vec<Gate>, declared: Vec<Gate>) -> Vec<Gate> {
    for gate in declared {
        if !derived.contains(&gate) {
            derived.push(gate);
        }
    }
    derived
}

fn on_failure(file: Option<OnFailureFile>) -> OnFailure {
    match file {
        None | Some(OnFailureFile::Ask) => OnFailure::Ask,
        Some(OnFailureFile::UndoAll) => OnFailure::UndoAll,
        Some(OnFailureFile::Continue) => OnFailure::Continue,
    }
}
