//! Writes the journal's mirror: whatever the file has more than the cluster, as soon as it has it.

use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::PathBuf;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::take::was_faster;
use crate::model::RunId;
use crate::world::{Cluster, MirrorPart, WorldError};

/// How many bytes one part holds. A ConfigMap holds 1 MiB; the last part is written anew with each event.
const PART: usize = 768 * 1024;

/// How far the mirror is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Copied {
    /// How many bytes of the journal are in the cluster.
    pub(super) len: u64,
    /// Why it is not further.
    pub(super) trouble: Option<String>,
    /// Another console writes it.
    pub(super) taken: bool,
}

/// The mirror's writer.
pub(super) struct Mirror {
    pub(super) cluster: Cluster,
    pub(super) names: Vec<String>,
    pub(super) run: RunId,
    pub(super) session: String,
    pub(super) journal: PathBuf,
    /// What stands in the cluster, part by part; of this run as far as `copied` says.
    pub(super) parts: Vec<MirrorPart>,
    pub(super) copied: watch::Sender<Copied>,
}

impl Mirror {
    /// Follows the journal, whose length `kept` tells, until it is told to end.
    pub(super) async fn copy(mut self, mut kept: watch::Receiver<u64>, stop: CancellationToken) {
        loop {
            let wanted = *kept.borrow_and_update();
            let done = self.copied.borrow().len;
            if wanted > done {
                match self.catch_up(done, wanted).await {
                    Ok(()) => self.tell(Some(wanted), None),
                    Err(Stuck::Taken) => return self.give_up(),
                    Err(Stuck::Full) => {
                        return self
                            .tell(None, Some("it is larger than its parts can hold".into()));
                    }
                    Err(Stuck::Refused(why)) => {
                        self.tell(None, Some(why));
                        tokio::select! {
                            () = stop.cancelled() => return,
                            () = sleep(Duration::from_secs(1)) => continue,
                        }
                    }
                }
                continue;
            }
            tokio::select! {
                () = stop.cancelled() => return,
                changed = kept.changed() => if changed.is_err() { return },
            }
        }
    }

    fn tell(&self, len: Option<u64>, trouble: Option<String>) {
        if let Some(why) = &trouble {
            tracing::warn!(why, "the journal's mirror is behind");
        }
        self.copied.send_modify(|copied| {
            copied.len = len.unwrap_or(copied.len);
            copied.trouble = trouble;
        });
    }

    fn give_up(&self) {
        tracing::error!("another console writes the journal's mirror");
        self.copied.send_modify(|copied| copied.taken = true);
    }

    async fn catch_up(&mut self, from: u64, to: u64) -> Result<(), Stuck> {
        let more = self.read(from, to).map_err(|error| Stuck::Refused(error.to_string()))?;
        let mut rest = more.as_str();
        let mut index = self.first_open(from);
        while !rest.is_empty() {
            let name = self.names.get(index).cloned().ok_or(Stuck::Full)?;
            let before = self.own(index);
            let room = PART.saturating_sub(before.len());
            let end = (0..=room.min(rest.len())).rev().find(|at| rest.is_char_boundary(*at));
            let (head, tail) = rest.split_at(end.unwrap_or(0));
            if !head.is_empty() {
                let text = before + head;
                self.write(index, &name, text).await?;
                self.copied.send_modify(|copied| copied.len += head.len() as u64);
            }
            rest = tail;
            index += 1;
        }
        Ok(())
    }

    fn read(&self, from: u64, to: u64) -> std::io::Result<String> {
        let mut file = std::fs::File::open(&self.journal)?;
        file.seek(SeekFrom::Start(from))?;
        let mut text = String::new();
        file.take(to - from).read_to_string(&mut text)?;
        Ok(text)
    }

    /// The part in which the byte at `from` comes to lie.
    fn first_open(&self, from: u64) -> usize {
        let mut left = from;
        for (index, part) in self.parts.iter().enumerate() {
            let len = part.text.len() as u64;
            if left < len || left == len && len < PART as u64 {
                return index;
            }
            left -= len;
        }
        self.parts.len()
    }

    /// What of our run a part holds.
    fn own(&self, index: usize) -> String {
        let part = self.parts.get(index).filter(|part| part.run == self.run);
        part.map(|part| part.text.clone()).unwrap_or_default()
    }

    async fn write(&mut self, index: usize, name: &str, text: String) -> Result<(), Stuck> {
        let mut wanted = MirrorPart {
            run: self.run.clone(),
            session: self.session.clone(),
            text,
            version: String::new(),
        };
        loop {
            wanted.version = self.version(index);
            match self.cluster.write_mirror_part(name, &wanted).await {
                Ok(version) => {
                    wanted.version = version;
                    self.put(index, wanted);
                    return Ok(());
                }
                Err(error) if was_faster(&error) || error.is_not_found() => {}
                Err(error) => return Err(Stuck::refused(&error)),
            }
            let found =
                self.cluster.mirror_part(name).await.map_err(|error| Stuck::refused(&error))?;
            let fresh = self.parts.get(index).is_none();
            let version = match found {
                // Somebody deleted it: it is made anew.
                None => String::new(),
                // Our own write, whose answer got lost; or a part that another run left and we had not seen.
                Some(found)
                    if found.session == self.session || (fresh && found.run != self.run) =>
                {
                    found.version
                }
                Some(_) => return Err(Stuck::Taken),
            };
            let text = self.own(index);
            self.put(index, MirrorPart { text, version, ..wanted.clone() });
        }
    }

    fn version(&self, index: usize) -> String {
        self.parts.get(index).map(|part| part.version.clone()).unwrap_or_default()
    }

    fn put(&mut self, index: usize, part: MirrorPart) {
        match self.parts.get_mut(index) {
            Some(known) => *known = part,
            None => self.parts.push(part),
        }
    }
}

/// Why the mirror is not further.
enum Stuck {
    /// Another console writes it.
    Taken,
    /// It has no room.
    Full,
    /// The API server refused or does not answer.
    Refused(String),
}

impl Stuck {
    fn refused(error: &WorldError) -> Self {
        Self::Refused(error.to_string())
    }
}
