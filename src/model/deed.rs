//! What a verb does, in one line.

use std::fmt;

use super::verb::Verb;

impl fmt::Display for Verb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Check => f.write_str("look at the gates"),
            Self::Manual { instruction } => write!(f, "by hand: {instruction}"),
            Self::Exec { argv, .. } => write!(f, "run {}", argv.join(" ")),
            Self::Apply { manifests, .. } => {
                let paths: Vec<&str> = manifests.iter().map(|file| file.path.as_str()).collect();
                write!(f, "apply {}", paths.join(", "))
            }
            Self::Delete { objects } => {
                let names: Vec<String> = objects.iter().map(ToString::to_string).collect();
                write!(f, "delete {}", names.join(", "))
            }
            Self::Job { manifest } => write!(f, "run the Job of {}", manifest.path),
            Self::Scale { workload, replicas } => write!(f, "scale {workload} to {replicas}"),
            Self::SwitchService { service, to } => write!(f, "point service/{service} at {to}"),
            Self::Patch { object, patch, .. } => write!(f, "patch {object} with {patch}"),
            Self::Restart { workload } => write!(f, "restart {workload}"),
            Self::Sql { side, statement, .. } => write!(f, "on {side}: {}", statement.trim()),
            Self::Fence { side } => {
                write!(f, "fence {side}: it refuses writes, and that is proven")
            }
            Self::Unfence { side } => write!(f, "lift the fence of {side}"),
            Self::Backup { side, path } => {
                write!(f, "back {side} up to {path}, and prove that it restores")
            }
            Self::Verify { scopes } => {
                let words: Vec<&str> = scopes.iter().map(|scope| scope.word()).collect();
                write!(f, "compare blue and green: {}", words.join(", "))
            }
            Self::Soak { hold, .. } => {
                write!(f, "hold for {} s while gates stay open", hold.as_secs())
            }
        }
    }
}
