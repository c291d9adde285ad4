//! The mirror in, the runbook out, with everything derived that the profile does not say.
//!
//! It takes two passes. The first turns every step's words into its verb. The second knows the whole course (where writes
//! stop, where the fence stands, where traffic switches) and derives gates, expectations, confirmations, timeouts and undo.

mod checks;
mod complete;
mod course;
mod derive;
mod gate;
mod preflight;
mod setting;
mod step;
mod undo;
mod verb;
mod words;

use std::ops::Range;

use super::check;
use super::error::ProfileError;
use super::file::ProfileFile;
use super::manifest::Namespaces;
use super::overrides::Overrides;
use super::problem::{Place, Problem, Problems};
use super::source::Source;
use crate::model::{Cluster, Runbook};

/// Compiles a profile.
///
/// # Errors
/// [`ProfileError::Invalid`] with every problem of the profile and of the manifests that it names.
pub fn compile(source: &Source, overrides: &Overrides) -> Result<Runbook, ProfileError> {
    let read = check::read(&source.text);
    let mut compiler = Compiler {
        source,
        overrides,
        problems: Vec::new(),
        namespaces: (String::new(), String::new()),
        files: String::new(),
        mended: read.mended,
        lessened: read.lessened,
        understood: read.findings.is_empty(),
    };
    for finding in read.findings {
        compiler.place(&finding.span, finding.message, finding.hint);
    }
    let runbook = read.profile.map(|profile| compiler.runbook(&profile));
    match runbook {
        Some(runbook) if compiler.problems.is_empty() => Ok(runbook),
        _ => Err(ProfileError::Invalid(compiler.into_problems())),
    }
}

/// What the passes share.
#[derive(Debug)]
struct Compiler<'a> {
    source: &'a Source,
    overrides: &'a Overrides,
    problems: Vec<Problem>,
    /// The profile's namespace, and the one that the runbook works in.
    namespaces: (String, String),
    /// The folder of the files that the profile names, with a slash at its end unless it is empty.
    files: String,
    /// Places where a placeholder stands for something that was already found wrong.
    mended: Vec<Range<usize>>,
    /// Lists that lost an item.
    lessened: Vec<Range<usize>>,
    /// Every word of the profile was understood, so that what is not there was not meant either.
    understood: bool,
}

impl Compiler<'_> {
    /// Records a problem, unless it comes of a placeholder.
    fn problem(&mut self, span: &Range<usize>, message: impl Into<String>, hint: Option<String>) {
        let inside = |mended: &Range<usize>| mended.start <= span.start && span.end <= mended.end;
        if self.mended.iter().any(inside) || self.lessened.contains(span) {
            return;
        }
        self.place(span, message.into(), hint);
    }

    fn place(&mut self, span: &Range<usize>, message: String, hint: Option<String>) {
        let place = Place::of(&self.source.file, &self.source.text, span);
        self.problems.push(Problem { place, message, hint });
    }

    fn namespaces(&self) -> Namespaces<'_> {
        Namespaces { own: &self.namespaces.0, target: &self.namespaces.1 }
    }

    /// The problems of the profile first, then those of the manifests, each in the order of their text.
    fn into_problems(mut self) -> Problems {
        let own = self.source.file.clone();
        self.problems.sort_by_key(|problem| (problem.place.file != own, problem.clone()));
        self.problems.dedup();
        Problems(self.problems)
    }

    fn runbook(&mut self, profile: &ProfileFile) -> Runbook {
        self.id(&profile.name, "name of a profile");
        self.spoken(&profile.title, "title");
        let setting = self.setting(profile);
        let drafts = self.drafts(profile, &setting);
        let course = course::Course::of(profile, &drafts, &setting);
        let mut phases = self.phases(profile, &drafts, &course, &setting);
        self.checks(profile, &drafts, &course, &setting);
        preflight::insert(&mut phases, &setting);
        self.references(profile, &phases);
        Runbook {
            name: profile.name.value.clone(),
            title: profile.title.value.clone(),
            cluster: Cluster { namespace: self.namespaces.1.clone() },
            blue: setting.blue,
            green: setting.green,
            traffic: setting.traffic,
            watch: setting.watch,
            window: setting.window,
            phases,
        }
    }
}
