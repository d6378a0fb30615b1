//! Temporary credentials that were given out, so that who uses them is known by the role that was assumed.
//!
//! They are in memory only: after a restart a key that was given out is one like any other.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use ekk_server::aws::signature::Credential;
use jiff::Timestamp;

use crate::limits;

/// What stands behind a temporary access key.
#[derive(Clone, Debug)]
pub(crate) struct Session {
    pub(crate) credential: Credential,
    pub(crate) account: String,
    /// None for a session of the account's own.
    pub(crate) identity: Option<Identity>,
    pub(crate) expires: Timestamp,
}

/// A role that was assumed.
#[derive(Clone, Debug)]
pub(crate) struct Identity {
    /// `arn:aws:sts::<account>:assumed-role/<role>/<session>`.
    pub(crate) arn: String,
    /// `<id of the role>:<session>`.
    pub(crate) user_id: String,
}

/// The sessions by their access key.
#[derive(Debug, Default)]
pub(crate) struct Sessions {
    by_key: Mutex<BTreeMap<String, Session>>,
}

impl Sessions {
    /// Remembers a session; when there are too many, the one that expires first is forgotten.
    pub(crate) fn add(&self, session: Session) {
        let mut sessions = self.lock();
        if sessions.len() >= limits::SESSIONS {
            let first = sessions.iter().min_by_key(|(_, session)| session.expires).map(|(key, _)| key.clone());
            first.and_then(|key| sessions.remove(&key));
        }
        sessions.insert(session.credential.access_key.clone(), session);
    }

    pub(crate) fn find(&self, access_key: &str) -> Option<Session> {
        self.lock().get(access_key).cloned()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Session>> {
        self.by_key.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_session_that_expires_first_makes_room() {
        let sessions = Sessions::default();
        let session = |number: i64| Session {
            credential: Credential::new(format!("ASIA{number}"), "secret"),
            account: "0".repeat(12),
            identity: None,
            expires: Timestamp::from_second(1_000_000 - number).unwrap(),
        };
        for number in 0..=i64::try_from(limits::SESSIONS).unwrap() {
            sessions.add(session(number));
        }
        assert!(sessions.find("ASIA999").is_none());
        assert!(sessions.find("ASIA0").is_some() && sessions.find("ASIA1000").is_some());
    }
}
