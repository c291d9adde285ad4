//! The plan: phases of steps, compiled from a profile and complete in itself.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::command::Answer;
use super::gate::Gate;
use super::id::{PhaseId, StepId};
use super::side::Side;
use super::verb::{Verb, Workload};

/// A compiled migration. It holds all that a run needs: manifests, statements, derived gates and undo.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Runbook {
    /// The profile's name.
    pub name: String,
    /// The profile's title.
    pub title: String,
    /// Where it runs.
    pub cluster: Cluster,
    /// The store that serves when the run begins.
    pub blue: Store,
    /// The store that will serve.
    pub green: Store,
    /// How clients reach the serving side.
    pub traffic: Option<Traffic>,
    /// Which tables are counted and compared.
    pub watch: Watch,
    /// When, and for how long writes may be stopped.
    pub window: Window,
    /// What is done, in order.
    pub phases: Vec<Phase>,
}

impl Runbook {
    /// The store of a side.
    #[must_use]
    pub const fn store(&self, side: Side) -> &Store {
        match side {
            Side::Blue => &self.blue,
            Side::Green => &self.green,
        }
    }

    /// All steps with their phases, in order.
    #[must_use = "an iterator does nothing unless it is walked"]
    pub fn steps(&self) -> impl DoubleEndedIterator<Item = (&Phase, &Step)> {
        self.phases.iter().flat_map(|phase| phase.steps.iter().map(move |step| (phase, step)))
    }

    /// The step of that name.
    #[must_use]
    pub fn step(&self, id: &StepId) -> Option<&Step> {
        self.steps().find_map(|(_, step)| (step.id == *id).then_some(step))
    }

    /// The phase of that name.
    #[must_use]
    pub fn phase(&self, id: &PhaseId) -> Option<&Phase> {
        self.phases.iter().find(|phase| phase.id == *id)
    }

    /// The phase that holds a step.
    #[must_use]
    pub fn phase_of(&self, id: &StepId) -> Option<&Phase> {
        self.steps().find_map(|(phase, step)| (step.id == *id).then_some(phase))
    }
}

/// Where the objects are. Context and kubeconfig come from flags and the environment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cluster {
    /// The namespace.
    pub namespace: String,
}

/// The kind of a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StoreKind {
    /// A PostgreSQL database.
    Postgres,
}

/// What holds the data on a side.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Store {
    /// What it is.
    pub kind: StoreKind,
    /// The workload that runs it, where the cluster does.
    pub workload: Option<Workload>,
    /// How it is reached.
    pub connection: Connection,
    /// The extensions that it must have.
    #[serde(default)]
    pub extensions: Vec<ExtensionWanted>,
}

/// How a database is reached, and as whom.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Connection {
    /// A pod picked by its labels, through the API server (`port-forward`) or, with `direct`, at its address.
    Pod {
        /// The labels; never the Service's selector, which will move.
        labels: BTreeMap<String, String>,
        /// The port that the server listens on.
        port: u16,
        /// The database.
        database: String,
        /// The Secret that holds user and password, and the keys in it.
        secret: Option<SecretRef>,
        /// Connects to the pod's address instead of through the API server.
        direct: bool,
    },
    /// A libpq connection string or URI, without a password.
    Uri {
        /// The string.
        uri: String,
    },
}

/// A Secret with the keys under which user and password are found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecretRef {
    /// The Secret's name.
    pub name: String,
    /// The key of the user's name.
    pub user_key: String,
    /// The key of the password.
    pub password_key: String,
}

/// An extension that a side must have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExtensionWanted {
    /// Its name in `pg_extension`.
    pub name: String,
    /// The lowest version that will do.
    pub min: Option<String>,
}

/// How clients reach the serving side.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Traffic {
    /// The Service whose selector is switched.
    pub service: String,
    /// The selector that means blue.
    pub blue: BTreeMap<String, String>,
    /// The selector that means green.
    pub green: BTreeMap<String, String>,
    /// The workloads that write.
    pub writers: Vec<Workload>,
}

impl Traffic {
    /// The selector that means a side.
    #[must_use]
    pub const fn selector(&self, side: Side) -> &BTreeMap<String, String> {
        match side {
            Side::Blue => &self.blue,
            Side::Green => &self.green,
        }
    }
}

/// Which tables are counted and compared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Watch {
    /// The tables as `schema.table`; all user tables when empty.
    pub tables: Vec<String>,
    /// Tables that are left out, with the reason.
    pub exclude: BTreeMap<String, String>,
    /// How often readings are taken.
    pub refresh: Duration,
}

/// The maintenance window.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// How long writes may be stopped; on expiry before the point of no return everything is undone.
    pub budget: Duration,
    /// The window opens; always open when absent.
    pub opens: Option<Timestamp>,
    /// The window closes.
    pub closes: Option<Timestamp>,
}

/// A group of steps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Phase {
    /// Its name.
    pub id: PhaseId,
    /// What it is for.
    pub title: String,
    /// Writes may be stopped in it: the budget runs from its first step that stops them.
    pub window: bool,
    /// Its steps run side by side.
    pub parallel: bool,
    /// How long it may take; on expiry as for the window's budget.
    pub budget: Option<Duration>,
    /// By when after the window opened it should be done; a missed one is recorded and told.
    pub checkpoint: Option<Duration>,
    /// What is done.
    pub steps: Vec<Step>,
}

/// One thing that is done, or looked at.
#[expect(clippy::struct_excessive_bools, reason = "four independent facts that a profile states")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Its name.
    pub id: StepId,
    /// What it is for.
    pub title: String,
    /// What it does.
    pub verb: Verb,
    /// What must hold before.
    pub gates: Vec<Gate>,
    /// What must hold after.
    pub expect: Vec<Gate>,
    /// What the operator must answer before.
    pub confirm: Confirm,
    /// How long the verb and its expectations may take.
    pub timeout: Duration,
    /// How often it is tried again without asking.
    pub retry: Retry,
    /// How it is undone.
    pub undo: Undo,
    /// What happens when it fails.
    pub on_failure: OnFailure,
    /// The operator may go on without it.
    pub skippable: bool,
    /// From its start on, a failure is finished forward.
    pub point_of_no_return: bool,
    /// Writes are stopped from its start on; the fence clock runs.
    pub stops_writes: bool,
    /// Writes flow again at its end.
    pub resumes_writes: bool,
    /// Why it is done, in one line.
    pub because: Option<String>,
}

impl Step {
    /// Begun anew after a crash it needs open gates as it did the first time: it moves clients, or cannot be taken back.
    #[must_use]
    pub const fn looks_again(&self) -> bool {
        self.point_of_no_return
            || matches!(self.verb, Verb::SwitchService { .. } | Verb::Delete { .. })
    }

    /// A step of which only the verb is known: it asks nothing, has no gates, and is undone to what was before.
    #[must_use]
    pub fn of(id: &str, verb: Verb) -> Self {
        Self {
            id: StepId::new(id),
            title: id.to_owned(),
            verb,
            gates: Vec::new(),
            expect: Vec::new(),
            confirm: Confirm::None,
            timeout: Duration::from_secs(60),
            retry: Retry::default(),
            undo: Undo::Former,
            on_failure: OnFailure::Ask,
            skippable: false,
            point_of_no_return: false,
            stops_writes: false,
            resumes_writes: false,
            because: None,
        }
    }
}

/// What the operator must answer before a step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Confirm {
    /// Nothing.
    None,
    /// The key.
    Enter,
    /// The word `yes`.
    Yes,
    /// The name of the thing.
    Name(String),
}

impl Confirm {
    /// Whether an answer is the one that is asked for.
    ///
    /// # Errors
    /// What is wrong with it, for the operator.
    pub fn accepts(&self, answer: &Answer) -> Result<(), String> {
        match (self, answer) {
            (_, Answer::Cancel) => Err("cancelled".to_owned()),
            (Self::None | Self::Enter, _) => Ok(()),
            (Self::Yes, Answer::Typed(word)) if word == "yes" => Ok(()),
            (Self::Name(name), Answer::Typed(word)) if word == name => Ok(()),
            (_, Answer::Enter) => Err(format!("asks for {self}")),
            (_, Answer::Typed(word)) => Err(format!("asks for {self}, not `{word}`")),
        }
    }
}

impl fmt::Display for Confirm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("none"),
            Self::Enter => f.write_str("enter"),
            Self::Yes => f.write_str("yes"),
            Self::Name(name) => write!(f, "the name `{name}`"),
        }
    }
}

/// How often a step is tried again without asking.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retry {
    /// How many times after the first.
    pub times: u32,
    /// How long between.
    pub delay: Duration,
}

/// How a step is undone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Undo {
    /// There is nothing to undo.
    Nothing,
    /// The verb's own opposite, from what was recorded before it began.
    Former,
    /// Another verb.
    Verb(Box<Verb>),
}

/// What happens when a step fails.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OnFailure {
    /// The operator decides.
    #[default]
    Ask,
    /// Everything that was done is undone.
    UndoAll,
    /// The run goes on.
    Continue,
}
