//! The TOML of a script.

use std::ops::Range;
use std::time::Duration;

use jiff::SignedDuration;
use serde::Deserialize;
use toml::Spanned;

use super::check::Problem;
use super::rules::{DEFAULT_WAIT, Rule, Script, ScriptStep, answer};
use crate::model::{Decision, Digest, Runbook, StepId};

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct File {
    plan: Option<String>,
    wait: Option<Spanned<String>>,
    #[serde(default)]
    step: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Entry {
    id: Spanned<String>,
    answer: Option<Spanned<String>>,
    wait: Option<Spanned<String>>,
    #[serde(default)]
    on_failure: Vec<FailureRule>,
    on_doubt: Option<Decision>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct FailureRule {
    decision: Decision,
    #[serde(default = "once")]
    times: u32,
}

const fn once() -> u32 {
    1
}

impl Script {
    /// Reads a script, and holds it against the plan that it is for.
    ///
    /// # Errors
    /// Every problem with its line and column.
    pub fn parse(text: &str, runbook: &Runbook) -> Result<Self, Vec<Problem>> {
        let file: File = toml::from_str(text).map_err(|error| {
            vec![Problem::at(text, error.span().unwrap_or(0..0), error.message())]
        })?;
        let mut reader = Reader { text, runbook, problems: Vec::new() };
        let script = reader.script(file);
        if reader.problems.is_empty() { Ok(script) } else { Err(reader.problems) }
    }
}

struct Reader<'a> {
    text: &'a str,
    runbook: &'a Runbook,
    problems: Vec<Problem>,
}

impl Reader<'_> {
    fn script(&mut self, file: File) -> Script {
        let mut script = Script {
            plan: file.plan.map(Digest::new),
            wait: file.wait.and_then(|wait| self.duration(&wait)).unwrap_or(DEFAULT_WAIT),
            ..Script::default()
        };
        for entry in file.step {
            let id = StepId::from(entry.id.get_ref().as_str());
            let span = entry.id.span();
            self.known(&id, span.clone());
            let step = self.step(&id, entry);
            if script.steps.insert(id.clone(), step).is_some() {
                self.problem(span, format!("step `{id}` stands in the script twice"));
            }
        }
        script
    }

    fn step(&mut self, id: &StepId, entry: Entry) -> ScriptStep {
        let typed = entry.answer.map(|typed| {
            let answer = answer(typed.get_ref());
            if let Some(Err(why)) = self.runbook.step(id).map(|step| step.confirm.accepts(&answer))
            {
                self.problem(typed.span(), format!("step `{id}` {why}"));
            }
            answer
        });
        let rules = entry.on_failure.iter();
        ScriptStep {
            answer: typed,
            wait: entry.wait.and_then(|wait| self.duration(&wait)),
            on_failure: rules
                .map(|rule| Rule { decision: rule.decision, times: rule.times })
                .collect(),
            on_doubt: entry.on_doubt,
        }
    }

    fn known(&mut self, id: &StepId, span: Range<usize>) {
        if self.runbook.step(id).is_none() {
            let problem = Problem::at(self.text, span, &format!("the plan has no step `{id}`"));
            self.problems.push(problem.nearest(self.runbook, id));
        }
    }

    fn duration(&mut self, text: &Spanned<String>) -> Option<Duration> {
        let parsed = text.get_ref().parse::<SignedDuration>().ok();
        let duration = parsed.and_then(|duration| Duration::try_from(duration).ok());
        if duration.is_none() {
            let what = format!("`{}` is no duration: write it as `90s` or `2m`", text.get_ref());
            self.problem(text.span(), what);
        }
        duration
    }

    fn problem(&mut self, span: Range<usize>, message: impl AsRef<str>) {
        self.problems.push(Problem::at(self.text, span, message.as_ref()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Answer;
    use crate::model::sample::runbook;

    #[test]
    fn a_script_says_answers_waits_and_decisions() {
        let text = r#"
            plan = "abc"
            wait = "2m"
            [[step]]
            id = "prepare"
            on-failure = [{ decision = "mend" }, { decision = "retry", times = 2 }]
            on-doubt = "happened"
            [[step]]
            id = "stop"
            answer = "yes"
            wait = "5s"
        "#;
        let script = Script::parse(text, &runbook()).unwrap();
        let (prepare, stop) = (StepId::from("prepare"), StepId::from("stop"));
        assert_eq!(script.plan, Some(Digest::from("abc")));
        assert_eq!(script.wait_for(&prepare), Duration::from_secs(120));
        assert_eq!(script.wait_for(&stop), Duration::from_secs(5));
        assert_eq!(script.steps[&stop].answer, Some(Answer::Typed("yes".into())));
        assert_eq!(script.steps[&prepare].on_doubt, Some(Decision::Happened));
        let taken: Vec<_> = (0..4).map(|taken| script.decision(&prepare, taken)).collect();
        let retry = Some(Decision::Retry);
        assert_eq!(taken, [Some(Decision::Mend), retry, retry, None]);
    }

    #[test]
    fn every_problem_is_told_with_its_place() {
        let text =
            "wait = \"soon\"\n[[step]]\nid = \"stopp\"\n[[step]]\nid = \"stop\"\nanswer = \"no\"\n";
        let problems = Script::parse(text, &runbook()).unwrap_err();
        let told: Vec<String> = problems.iter().map(ToString::to_string).collect();
        assert_eq!(
            told,
            [
                "line 1, column 8: `soon` is no duration: write it as `90s` or `2m`",
                "line 3, column 6: the plan has no step `stopp`; did you mean `stop`?",
                "line 6, column 10: step `stop` asks for yes, not `no`",
            ]
        );
    }

    #[test]
    fn an_unknown_field_is_told_with_its_place() {
        let problems = Script::parse("\n[[step]]\nname = \"stop\"\n", &runbook()).unwrap_err();
        let told = problems[0].to_string();
        assert!(
            told.starts_with("line 3, column 1: unknown field `name`, expected one of `id`"),
            "{told}"
        );
    }
}
