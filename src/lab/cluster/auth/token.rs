//! Bearer tokens and the users behind them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;

/// Somebody who was recognised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct User {
    pub(crate) name: String,
    pub(crate) groups: Vec<String>,
}

impl User {
    /// A user by name. `system:serviceaccount:NAMESPACE:NAME` gets the groups of a service account.
    pub(crate) fn named(name: &str) -> Self {
        let mut groups = vec!["system:authenticated".to_owned()];
        if let Some((namespace, _)) =
            name.strip_prefix("system:serviceaccount:").and_then(|rest| rest.split_once(':'))
        {
            groups.insert(0, "system:serviceaccounts".to_owned());
            groups.insert(1, format!("system:serviceaccounts:{namespace}"));
        }
        Self { name: name.to_owned(), groups }
    }

    /// The user for whom no rule is asked.
    pub(crate) fn admin() -> Self {
        let groups = ["system:masters", "system:authenticated"].map(str::to_owned).to_vec();
        Self { name: "kubernetes-admin".to_owned(), groups }
    }

    pub(crate) fn is_admin(&self) -> bool {
        self.groups.iter().any(|group| group == "system:masters")
    }

    /// The namespace and name of a service account.
    pub(crate) fn service_account(&self) -> Option<(&str, &str)> {
        self.name.strip_prefix("system:serviceaccount:")?.split_once(':')
    }
}

/// Each token's user and end.
type Issued = HashMap<String, (User, Option<Timestamp>)>;

/// The tokens that were issued. Clones share them. Debug output holds no token.
#[derive(Clone, Default)]
pub(crate) struct Tokens {
    issued: Arc<Mutex<Issued>>,
}

impl Tokens {
    /// A new random token for `user`, without end unless `lifetime` says when.
    pub(crate) fn issue(&self, user: User, lifetime: Option<Duration>) -> String {
        let mut bytes = [0; 24];
        getrandom::fill(&mut bytes).expect("the system has random bytes");
        let token = URL_SAFE_NO_PAD.encode(bytes);
        let end = lifetime.map(|lifetime| Timestamp::now() + lifetime);
        self.lock().insert(token.clone(), (user, end));
        token
    }

    /// Who holds the token, if it is known and has not expired.
    pub(crate) fn user(&self, token: &str) -> Option<User> {
        let (user, end) = self.lock().get(token).cloned()?;
        end.is_none_or(|end| Timestamp::now() < end).then_some(user)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Issued> {
        self.issued.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Tokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tokens").field("issued", &self.lock().len()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_expired_token_is_nobody() {
        let tokens = Tokens::default();
        let lasting = tokens.issue(User::admin(), None);
        let expired = tokens.issue(User::admin(), Some(Duration::ZERO));
        assert!(tokens.user(&lasting).is_some_and(|user| user.is_admin()));
        assert_eq!(tokens.user(&expired), None);
        assert_eq!(tokens.user("unknown"), None);
    }

    #[test]
    fn a_service_account_has_its_groups() {
        let user = User::named("system:serviceaccount:dsm:cutover");
        assert_eq!(user.service_account(), Some(("dsm", "cutover")));
        assert!(user.groups.contains(&"system:serviceaccounts:dsm".to_owned()));
    }
}
