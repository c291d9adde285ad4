//! The report as markdown.

use std::fmt::{self, Write as _};

use serde_json::Value;

use crate::journal::RunMode;
use crate::model::{Evidence, Judgement, Opening};

use super::parts::{AttemptPart, PhasePart, Report, StepPart};
use super::span::{in_words, moment};

/// The columns of a table of attempts.
const COLUMNS: &str = "| Began | Step | Took | Result | |\n|---|---|---|---|---|";

impl Report {
    /// The report for people: headings, tables, and what each line rests on. Times are UTC.
    #[must_use]
    pub fn markdown(&self) -> String {
        let mut text = String::new();
        let _ = self.write(&mut text);
        text
    }

    fn write(&self, out: &mut String) -> fmt::Result {
        writeln!(out, "# {}\n", self.title)?;
        writeln!(out, "**{}**", capital(&self.ending.text))?;
        if let Some(todo) = &self.ending.todo {
            writeln!(out, "\n> **To do:** {todo}")?;
        }
        writeln!(out, "\n| | |\n|---|---|")?;
        for (name, value) in self.facts() {
            writeln!(out, "| {name} | {} |", cell(&value))?;
        }
        self.write_timeline(out)?;
        self.write_held(out)?;
        self.write_decisions(out)?;
        self.write_audit(out)?;
        writeln!(out, "\n## Evidence")?;
        let mut steps = self.phases.iter().flat_map(|phase| &phase.steps);
        steps.try_for_each(|step| write_evidence_of(out, step))
    }

    fn facts(&self) -> Vec<(&'static str, String)> {
        let times = &self.times;
        let mode = match self.mode {
            RunMode::Run => "",
            RunMode::Rehearsal => " (rehearsal)",
        };
        let or_none = |at: Option<_>| at.map_or_else(|| "–".to_owned(), moment);
        let still = if times.writes_are_stopped { ", and still are" } else { "" };
        let over = if times.budget_exceeded { ", exceeded" } else { "" };
        let mut facts = vec![
            ("Run", format!("`{}`{mode}", self.run)),
            ("Plan", format!("`{}`, profile `{}`", self.plan, self.profile)),
            ("Target", self.target_in_words()),
            ("Operators", self.operators.join(", ")),
            ("Began", or_none(times.started)),
            ("Ended", or_none(times.ended)),
            ("Took", in_words(times.took)),
            (
                "Writes were stopped",
                format!(
                    "{} of {}{over}{still}",
                    in_words(times.writes_stopped),
                    in_words(times.budget)
                ),
            ),
            ("Waited for people", in_words(times.waiting_for_people)),
        ];
        if times.without_console > 0.0 {
            facts.push(("Without a console", in_words(times.without_console)));
        }
        facts.push(("Tool", self.tool.clone()));
        facts
    }

    fn target_in_words(&self) -> String {
        let target = &self.target;
        let part = |name: &str, value: &Option<String>| {
            value.as_ref().map(|value| format!("{name} `{value}`"))
        };
        let mut parts = vec![format!("namespace `{}`", target.namespace)];
        parts.extend(part("context", &target.context));
        parts.extend(part("server", &target.server));
        parts.extend(part("kubeconfig", &target.kubeconfig));
        parts.extend(target.overrides.iter().map(|flag| format!("`{flag}`")));
        parts.join(", ")
    }

    fn write_timeline(&self, out: &mut String) -> fmt::Result {
        writeln!(out, "\n## Timeline")?;
        self.phases.iter().try_for_each(|phase| write_phase(out, phase))?;
        self.write_undone(out)
    }

    fn write_undone(&self, out: &mut String) -> fmt::Result {
        let steps = self.phases.iter().flat_map(|phase| &phase.steps);
        let undos = |step: &'_ StepPart| -> Vec<(AttemptPart, String)> {
            let undos = step.attempts.iter().filter(|part| part.undo);
            undos.map(|part| (part.clone(), step.id.to_string())).collect()
        };
        let mut undone: Vec<_> = steps.flat_map(undos).collect();
        if undone.is_empty() {
            return Ok(());
        }
        undone.sort_by_key(|(part, _)| part.started);
        writeln!(out, "\n### Undo\n\n{COLUMNS}")?;
        undone.iter().try_for_each(|(part, step)| write_attempt(out, step, part))
    }

    fn write_held(&self, out: &mut String) -> fmt::Result {
        if self.held.is_empty() {
            return Ok(());
        }
        writeln!(out, "\n## Gates that held\n")?;
        writeln!(out, "| Since | Step | Gate | For | What was seen | What opens it |")?;
        writeln!(out, "|---|---|---|---|---|---|")?;
        for part in &self.held {
            let held = part.held.map_or_else(|| "to the end".to_owned(), in_words);
            writeln!(
                out,
                "| {} | `{}` | {} ({}) | {held} | {} | {} |",
                moment(part.since),
                part.step,
                cell(&part.gate),
                part.when.word(),
                cell(&part.why),
                cell(part.fix.as_deref().unwrap_or("it is looked at until it opens")),
            )?;
        }
        Ok(())
    }

    fn write_decisions(&self, out: &mut String) -> fmt::Result {
        if self.decisions.is_empty() {
            return Ok(());
        }
        writeln!(out, "\n## Decisions\n")?;
        writeln!(out, "| At | Step | What | By | After |\n|---|---|---|---|---|")?;
        for part in &self.decisions {
            writeln!(
                out,
                "| {} | {} | {} | {} | {} |",
                moment(part.at),
                part.step.as_ref().map_or_else(String::new, |step| format!("`{step}`")),
                cell(&part.what),
                cell(&part.by),
                part.waited.map_or_else(String::new, in_words),
            )?;
        }
        Ok(())
    }

    fn write_audit(&self, out: &mut String) -> fmt::Result {
        let Some(audit) = &self.audit else { return Ok(()) };
        writeln!(out, "\n## What the application saw\n\n| | |\n|---|---|")?;
        let Some(fields) = audit.as_object() else {
            return writeln!(out, "| | {} |", cell(&audit.to_string()));
        };
        for (name, value) in fields {
            let (name, value) = audited(name, value);
            writeln!(out, "| {} | {} |", capital(&name), cell(&value))?;
        }
        Ok(())
    }
}

fn write_phase(out: &mut String, phase: &PhasePart) -> fmt::Result {
    write!(out, "\n### {}", phase.title)?;
    if let Some(took) = phase.took {
        write!(out, " ({})", in_words(took))?;
    }
    writeln!(out, "\n")?;
    if phase.checkpoint_missed {
        writeln!(out, "Its checkpoint was missed.\n")?;
    }
    if phase.budget_exceeded {
        writeln!(out, "Its budget ran out.\n")?;
    }
    if phase.started.is_none() {
        return writeln!(out, "Not begun.");
    }
    writeln!(out, "{COLUMNS}")?;
    phase.steps.iter().try_for_each(|step| write_step(out, step))
}

fn write_step(out: &mut String, step: &StepPart) -> fmt::Result {
    if step.attempts.is_empty() {
        let status = format!("{:?}", step.status).to_lowercase();
        return writeln!(out, "| | `{}` | | {status} | {} |", step.id, cell(&step.title));
    }
    let mut forward = step.attempts.iter().filter(|part| !part.undo);
    forward.try_for_each(|part| write_attempt(out, step.id.as_str(), part))
}

fn write_attempt(out: &mut String, step: &str, part: &AttemptPart) -> fmt::Result {
    let number = match part.attempt {
        Some(number) if number > 1 => format!(", attempt {number}"),
        _ => String::new(),
    };
    writeln!(
        out,
        "| {} | `{step}`{number} | {} | {} | {} |",
        moment(part.started),
        part.took.map_or_else(String::new, in_words),
        part.result,
        cell(&part.text),
    )
}

/// What a step's lines rest on; nothing for a step without evidence.
fn write_evidence_of(out: &mut String, step: &StepPart) -> fmt::Result {
    let proofs: Vec<&AttemptPart> =
        step.attempts.iter().filter(|part| !part.evidence.is_empty()).collect();
    if step.before.is_empty() && step.after.is_empty() && proofs.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n### `{}`: {}\n", step.id, step.title)?;
    for judgement in &step.before {
        write_judgement(out, "before", judgement)?;
    }
    for evidence in proofs.iter().flat_map(|part| &part.evidence) {
        write_evidence(out, "it", evidence)?;
    }
    for judgement in &step.after {
        write_judgement(out, "after", judgement)?;
    }
    Ok(())
}

fn write_judgement(out: &mut String, when: &str, judgement: &Judgement) -> fmt::Result {
    let word = match judgement.opening {
        Opening::Open => "open",
        Opening::Held => "**held**",
        Opening::Unknown => "**unknown**",
    };
    write_evidence(out, &format!("{when}, {} {word}", judgement.gate), &judgement.evidence)
}

fn write_evidence(out: &mut String, of: &str, evidence: &Evidence) -> fmt::Result {
    write!(out, "- {of}: {} ({})", one_line(&evidence.summary), moment(evidence.at))?;
    if !evidence.source.is_empty() {
        write!(out, ", by `{}`", one_line(&evidence.source).replace('`', "'"))?;
    }
    writeln!(out)?;
    evidence.details.iter().try_for_each(|line| writeln!(out, "  - {}", one_line(line)))
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A figure of the audit, for people.
fn audited(name: &str, value: &Value) -> (String, String) {
    let value = match (name.strip_suffix("_seconds"), value.as_f64(), value) {
        (Some(name), Some(seconds), _) => return (name.replace('_', " "), in_words(seconds)),
        (.., Value::String(text)) => text.clone(),
        (.., Value::Array(all)) if all.is_empty() => "none".to_owned(),
        (.., Value::Array(all)) => all.iter().map(plain).collect::<Vec<_>>().join(", "),
        (.., other) => other.to_string(),
    };
    (name.replace('_', " "), value)
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// A table's cell holds one line and no bar.
fn cell(text: &str) -> String {
    one_line(text).replace('|', "\\|")
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
