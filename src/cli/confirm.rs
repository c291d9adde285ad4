//! `--confirm STEP=ANSWER`.

use std::str::FromStr;

use crate::model::StepId;

/// A confirmation that was given on the command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confirmation {
    /// The step.
    pub step: StepId,
    /// What an operator would type; `enter` for the key.
    pub answer: String,
}

impl FromStr for Confirmation {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_once('=') {
            Some((step, answer)) if !step.is_empty() && !answer.is_empty() => {
                Ok(Self { step: step.into(), answer: answer.to_owned() })
            }
            _ => Err("write it as `STEP=ANSWER`, such as `stop-writers=yes`".to_owned()),
        }
    }
}
