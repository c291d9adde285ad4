use std::path::Path;

use nix::unistd::{Gid, Uid, User, chown, geteuid};

use super::ProcessError;

/// The account that the lab's children run under when the lab itself runs as root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Account {
    /// As in the password database.
    pub(crate) name: String,
    /// User id.
    pub(crate) uid: Uid,
    /// Primary group id.
    pub(crate) gid: Gid,
}

impl Account {
    /// `None` when the lab is not root and its children simply are the same user; else `postgres`, or `nobody`.
    ///
    /// # Errors
    /// When root finds neither of the two.
    pub(crate) fn unprivileged() -> Result<Option<Self>, ProcessError> {
        if !geteuid().is_root() {
            return Ok(None);
        }
        let found =
            ["postgres", "nobody"].iter().find_map(|name| User::from_name(name).ok().flatten());
        let user = found.ok_or(ProcessError::NoAccount)?;
        Ok(Some(Self { name: user.name, uid: user.uid, gid: user.gid }))
    }

    /// Makes this account the owner of one file or folder.
    ///
    /// # Errors
    /// When the system refuses.
    pub(crate) fn own(&self, path: &Path) -> Result<(), ProcessError> {
        chown(path, Some(self.uid), Some(self.gid))
            .map_err(|errno| ProcessError::file("hand over", path)(errno.into()))
    }
}
