//! The course of a migration, found among its steps: where writes stop, where the fence stands, where traffic switches,
//! where writes flow again, and from where on nothing is undone.

use std::ops::Range;

use super::setting::Setting;
use crate::model::{Manifest, Side, Traffic, Verb, Workload};
use crate::profile::file::{ProfileFile, StepFile};

/// A step of which only the verb is known.
#[derive(Debug)]
pub(super) struct Draft<'a> {
    /// The place of its phase.
    pub(super) phase: usize,
    pub(super) file: &'a StepFile,
    pub(super) verb: Verb,
}

/// Places of steps, counted over all phases.
#[derive(Debug, Default)]
pub(super) struct Course {
    /// Writes stop: a declared writer is scaled to 0, else blue is fenced.
    pub(super) stop: Option<usize>,
    /// Blue is fenced.
    pub(super) fence: Option<usize>,
    /// The Service is pointed at green.
    pub(super) switch: Option<usize>,
    /// Writes flow again: after the switch the declared writers are scaled up; without writers, the switch itself.
    pub(super) resume: Vec<usize>,
    /// Nothing is undone from here on.
    pub(super) no_return: Option<usize>,
    /// Soaks.
    pub(super) soaks: Vec<usize>,
    /// Each step's phase is part of the window.
    window: Vec<bool>,
}

impl Course {
    pub(super) fn of(profile: &ProfileFile, drafts: &[Draft<'_>], setting: &Setting) -> Self {
        let traffic = setting.traffic.as_ref();
        let first =
            |test: &dyn Fn(&Verb) -> bool| drafts.iter().position(|draft| test(&draft.verb));
        let fence = first(&|verb| matches!(verb, Verb::Fence { side: Side::Blue }));
        let switch = first(&|verb| matches!(verb, Verb::SwitchService { to: Side::Green, .. }));
        let resume = resumes(drafts, traffic, switch);
        let declared = drafts.iter().position(|draft| is_no_return(draft));
        Self {
            stop: first(&|verb| is_stop(verb, traffic)).or(fence),
            fence,
            switch,
            no_return: declared.or_else(|| resume.first().copied()),
            resume,
            soaks: places(drafts, |verb| matches!(verb, Verb::Soak { .. })),
            window: drafts
                .iter()
                .map(|draft| profile.phase.get(draft.phase).is_some_and(|phase| phase.window))
                .collect(),
        }
    }

    /// Whether a step lies in the window.
    pub(super) fn in_window(&self, at: usize) -> bool {
        self.window.get(at).copied().unwrap_or(false)
    }

    /// The steps after writes stop, up to the switch and with it.
    pub(super) fn writes_stopped(&self) -> Range<usize> {
        between(self.stop, self.switch)
    }

    /// The steps after the fence, up to the switch and with it.
    pub(super) fn fenced(&self) -> Range<usize> {
        between(self.fence, self.switch)
    }

    /// The last soak before a step.
    pub(super) fn soak_before(&self, at: usize) -> Option<usize> {
        self.soaks.iter().copied().rfind(|soak| *soak < at)
    }

    /// Whether a step comes after the switch.
    pub(super) fn after_switch(&self, at: usize) -> bool {
        self.switch.is_some_and(|switch| switch < at)
    }
}

/// The places after the first one up to the last one; none when either is missing.
fn between(first: Option<usize>, last: Option<usize>) -> Range<usize> {
    match (first, last) {
        (Some(first), Some(last)) => first + 1..last + 1,
        _ => 0..0,
    }
}

pub(super) fn is_no_return(draft: &Draft<'_>) -> bool {
    draft.file.point_of_no_return.as_ref().is_some_and(|at| at.value)
}

fn is_writer(workload: &Workload, traffic: Option<&Traffic>) -> bool {
    traffic.is_some_and(|traffic| traffic.writers.contains(workload))
}

/// A declared writer is scaled to 0.
pub(super) fn is_stop(verb: &Verb, traffic: Option<&Traffic>) -> bool {
    matches!(verb, Verb::Scale { workload, replicas: 0 } if is_writer(workload, traffic))
}

fn resumes(drafts: &[Draft<'_>], traffic: Option<&Traffic>, switch: Option<usize>) -> Vec<usize> {
    let Some(switch) = switch else { return Vec::new() };
    let mut writers = places(
        drafts,
        |verb| matches!(verb, Verb::Scale { workload, replicas } if *replicas > 0 && is_writer(workload, traffic)),
    );
    writers.retain(|at| *at > switch);
    if writers.is_empty() { vec![switch] } else { writers }
}

fn places(drafts: &[Draft<'_>], test: impl Fn(&Verb) -> bool) -> Vec<usize> {
    drafts.iter().enumerate().filter(|(_, draft)| test(&draft.verb)).map(|(at, _)| at).collect()
}

/// All documents of some manifests.
pub(super) fn documents(manifests: &[Manifest]) -> impl Iterator<Item = &serde_json::Value> {
    manifests.iter().flat_map(|manifest| &manifest.documents)
}
