//! A small good profile, and what is said of it when something in it is wrong.

mod bad;
mod derived;
mod permissions;
mod shipped;
mod survives;

use std::collections::BTreeMap;
use std::io::{Error, ErrorKind};

use super::*;
use crate::model::Runbook;

/// A profile with one step of each important kind.
const GOOD: &str = include_str!("good.toml");

const JOB: &str = "\
apiVersion: batch/v1
kind: Job
metadata:
  name: dump
  namespace: shop
spec:
  activeDeadlineSeconds: 120
  template:
    spec:
      containers:
        - name: dump
          image: postgres:17
          command: [pg_dump, --file=/dump]
";

const GREEN: &str = "\
apiVersion: v1
kind: PersistentVolumeClaim
metadata:
  name: new-claim
  namespace: shop
---
# A comment before the second document.
apiVersion: apps/v1
kind: Deployment
metadata:
  name: new
  namespace: shop
";

/// Files in memory.
#[derive(Debug, Clone)]
struct Memory(BTreeMap<String, String>);

impl Memory {
    fn usual() -> Self {
        Self::with(&[])
    }

    /// The usual files, and others in their place or beside them.
    fn with(files: &[(&str, &str)]) -> Self {
        let usual = [("dump.yml", JOB), ("green/new.yml", GREEN)];
        let all = usual.iter().chain(files);
        Self(all.map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect())
    }
}

impl Loader for Memory {
    fn read(&self, path: &str) -> Result<String, Error> {
        self.0.get(path).cloned().ok_or_else(|| Error::new(ErrorKind::NotFound, "no such file"))
    }

    fn list(&self, path: &str) -> Result<Option<Vec<String>>, Error> {
        let folder = format!("{path}/");
        let names: Vec<String> = self
            .0
            .keys()
            .filter_map(|path| path.strip_prefix(&folder))
            .map(str::to_owned)
            .collect();
        Ok((!names.is_empty()).then_some(names))
    }

    fn shown(&self, path: &str) -> String {
        path.to_owned()
    }
}

fn compiled(text: &str, files: Memory, overrides: &Overrides) -> Result<Runbook, String> {
    let source =
        Source { file: "shop.toml".to_owned(), text: text.to_owned(), loader: Box::new(files) };
    compile(&source, overrides).map_err(|error| error.to_string())
}

fn good() -> Runbook {
    compiled(GOOD, Memory::usual(), &Overrides::default()).unwrap_or_else(|error| panic!("{error}"))
}

/// The good profile with a text in it replaced.
fn instead(of: &str, stands: &str) -> String {
    assert_eq!(GOOD.matches(of).count(), 1, "`{of}` stands in the good profile once");
    GOOD.replace(of, stands)
}
