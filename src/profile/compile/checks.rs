//! What no single step can see: ids that repeat, a course out of order, a step that is named and is not there.

use std::collections::BTreeMap;

use super::Compiler;
use super::course::{Course, Draft, is_no_return};
use super::preflight;
use super::setting::Setting;
use crate::model::{Phase, Verb};
use crate::profile::file::{At, ProfileFile};

impl Compiler<'_> {
    pub(super) fn checks(
        &mut self,
        profile: &ProfileFile,
        drafts: &[Draft<'_>],
        course: &Course,
        setting: &Setting,
    ) {
        self.phases_hold_steps(profile);
        self.unique(profile.phase.iter().map(|phase| &phase.id), "phase");
        self.unique(drafts.iter().map(|draft| &draft.file.id), "step");
        self.one_point_of_no_return(drafts, course);
        self.no_return_stands_alone(profile, drafts, course);
        if self.understood {
            self.in_order(drafts, course);
            self.writers_come_back(drafts, course, setting);
        }
    }

    fn phases_hold_steps(&mut self, profile: &ProfileFile) {
        if profile.phase.is_empty() {
            let end = self.source.text.trim_end().len();
            let hint = "add `[[phase]]` and `[[phase.step]]`".to_owned();
            self.problem(&(end..end), "the profile has no phase", Some(hint));
        }
        for phase in profile.phase.iter().filter(|phase| phase.step.is_empty()) {
            self.problem(
                &phase.id.span,
                format!("the phase `{}` has no step", phase.id.value),
                None,
            );
        }
    }

    fn unique<'p>(&mut self, ids: impl Iterator<Item = &'p At<String>>, what: &str) {
        let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
        for id in ids {
            let line = self.source.text[..id.span.start].matches('\n').count() + 1;
            match seen.get(id.value.as_str()) {
                Some(first) => {
                    let hint = format!("the first is on line {first}");
                    self.problem(&id.span, format!("a second {what} `{}`", id.value), Some(hint));
                }
                None => drop(seen.insert(&id.value, line)),
            }
        }
    }

    fn one_point_of_no_return(&mut self, drafts: &[Draft<'_>], course: &Course) {
        let declared = drafts.iter().enumerate().filter(|(_, draft)| is_no_return(draft));
        for (at, draft) in declared {
            let Some(span) = draft.file.point_of_no_return.as_ref().map(|at| at.span.clone())
            else {
                continue;
            };
            if course.no_return != Some(at) {
                let hint =
                    "the first one counts: whatever comes after it is finished forward".to_owned();
                self.problem(&span, "a second point of no return", Some(hint));
            } else if course.switch.is_some_and(|switch| at < switch) {
                let hint = "until the switch everything can be undone, and must be".to_owned();
                self.problem(&span, "the point of no return comes before the switch", Some(hint));
            } else if course.resume.first().is_some_and(|resume| *resume < at) {
                let hint =
                    "an undo in between would lose what green took; put it where writes begin"
                        .to_owned();
                self.problem(
                    &span,
                    "the point of no return comes after green takes writes",
                    Some(hint),
                );
            }
        }
    }

    /// What runs beside the point of no return would be undone or finished forward by chance.
    fn no_return_stands_alone(
        &mut self,
        profile: &ProfileFile,
        drafts: &[Draft<'_>],
        course: &Course,
    ) {
        let Some(draft) = course.no_return.and_then(|at| drafts.get(at)) else { return };
        let phase = &profile.phase[draft.phase];
        if !phase.parallel || phase.step.len() < 2 {
            return;
        }
        let declared = draft.file.point_of_no_return.as_ref().map(|at| &at.span);
        let span = declared.unwrap_or(&draft.file.id.span).clone();
        let hint = "give it a phase of its own, or take `parallel` off this one".to_owned();
        let message = format!(
            "`{}` is the point of no return, and other steps of the phase `{}` run beside it",
            draft.file.id.value, phase.id.value
        );
        self.problem(&span, message, Some(hint));
    }

    /// The order of `safety`: writes stop, blue is fenced, content is compared, traffic switches.
    fn in_order(&mut self, drafts: &[Draft<'_>], course: &Course) {
        let Some(switch) = course.switch else { return };
        let span = drafts[switch].file.id.span.clone();
        if course.fence.is_none_or(|fence| fence >= switch) {
            let hint = "add a step with `run = { fence = \"blue\" }` before it".to_owned();
            self.problem(&span, "traffic switches while blue still takes writes", Some(hint));
        }
        let verified =
            drafts[..switch].iter().any(|draft| matches!(draft.verb, Verb::Verify { .. }));
        if !verified {
            let hint = "add a step with `run = { verify = [\"content\"] }` before it".to_owned();
            self.problem(&span, "traffic switches to content that was not compared", Some(hint));
        }
        if let (Some(stop), Some(fence)) = (course.stop, course.fence)
            && fence < stop
        {
            let span = drafts[stop].file.id.span.clone();
            let hint = "the fence ends the sessions of whoever still writes".to_owned();
            self.problem(&span, "the writers are stopped after the fence", Some(hint));
        }
    }

    /// A writer that is scaled to 0 is scaled up again after the switch.
    fn writers_come_back(&mut self, drafts: &[Draft<'_>], course: &Course, setting: &Setting) {
        let Some(traffic) = setting.traffic.as_ref().filter(|_| course.switch.is_some()) else {
            return;
        };
        for writer in &traffic.writers {
            let scaled = |up: bool| {
                drafts.iter().position(|draft| {
                    matches!(&draft.verb, Verb::Scale { workload, replicas } if workload == writer && (*replicas > 0) == up)
                })
            };
            if let (Some(down), None) = (scaled(false), scaled(true)) {
                let span = drafts[down].file.id.span.clone();
                let hint = "add a step that scales it up after the switch".to_owned();
                self.problem(
                    &span,
                    format!("`{writer}` is stopped and never started again"),
                    Some(hint),
                );
            }
        }
    }

    /// Ids that are derived belong to nobody else.
    pub(super) fn references(&mut self, profile: &ProfileFile, phases: &[Phase]) {
        let derived = |id: &str| {
            phases
                .iter()
                .flat_map(|phase| &phase.steps)
                .filter(|step| step.id.as_str() == id)
                .count()
                > 1
        };
        for phase in &profile.phase {
            if phase.id.value == preflight::PHASE {
                let hint = "name yours otherwise; a step of it may be a `check` too".to_owned();
                self.problem(
                    &phase.id.span,
                    format!("the phase `{}` is derived", preflight::PHASE),
                    Some(hint),
                );
            }
            for step in phase
                .step
                .iter()
                .filter(|step| preflight::is_derived(&step.id.value) && derived(&step.id.value))
            {
                let hint = "name yours otherwise".to_owned();
                self.problem(
                    &step.id.span,
                    format!("the step `{}` is derived", step.id.value),
                    Some(hint),
                );
            }
        }
    }
}
