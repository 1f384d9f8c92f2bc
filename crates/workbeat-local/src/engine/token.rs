//! What a task token says: which task of which run, and that this engine made it.

use std::sync::Arc;

use workbeat::service::TaskToken;

use super::fault::Fault;
use super::ids::{ActivityKey, DomainKey, EventId};
use super::seed::Seed;

/// The task that a token names.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Named {
    pub(super) domain: DomainKey,
    pub(super) run_id: Arc<str>,
    pub(super) scheduled_event_id: EventId,
}

impl Named {
    /// The task as an activity.
    pub(super) fn activity(&self) -> ActivityKey {
        ActivityKey::new(self.run_id.clone(), self.scheduled_event_id)
    }
}

/// What sort of task a token is for: the letter that its token begins with.
///
/// They are no hexadecimal digits in lower case, which what follows consists of.
const ACTIVITY: &str = "A";
const DECISION: &str = "D";

/// The token of an activity task: domain, run, scheduled event and a check over all of it.
pub(super) fn mint(seed: &Seed, domain: DomainKey, activity: &ActivityKey) -> TaskToken {
    sign(
        seed,
        ACTIVITY,
        domain,
        &activity.run_id,
        activity.scheduled_event_id,
    )
}

/// The token of a decision task.
pub(super) fn mint_decision(
    seed: &Seed,
    domain: DomainKey,
    run_id: &str,
    scheduled_event_id: EventId,
) -> TaskToken {
    sign(seed, DECISION, domain, run_id, scheduled_event_id)
}

fn sign(
    seed: &Seed,
    sort: &str,
    domain: DomainKey,
    run_id: &str,
    scheduled_event_id: EventId,
) -> TaskToken {
    let named = format!("{sort}{:x}.{run_id}.{scheduled_event_id:x}", domain.0);
    let check = seed.check(&named);
    TaskToken::new(format!("{named}.{check:016x}"))
}

/// Reads the token of an activity task back.
///
/// One that this engine did not make, or made for a decision task, is a
/// `ValidationException`, not an `UnknownResourceFault`: a worker must not take its own
/// mistake for a closed task.
pub(super) fn read(seed: &Seed, token: &TaskToken) -> Result<Named, Fault> {
    read_sort(seed, ACTIVITY, token)
}

/// Reads the token of a decision task back.
pub(super) fn read_decision(seed: &Seed, token: &TaskToken) -> Result<Named, Fault> {
    read_sort(seed, DECISION, token)
}

fn read_sort(seed: &Seed, sort: &str, token: &TaskToken) -> Result<Named, Fault> {
    let token = token.expose();
    parse(seed, sort, token).ok_or_else(|| Fault::validation("Invalid token"))
}

fn parse(seed: &Seed, sort: &str, token: &str) -> Option<Named> {
    let (named, check) = token.rsplit_once('.')?;
    if check != format!("{:016x}", seed.check(named)) {
        return None;
    }
    let mut parts = named.strip_prefix(sort)?.splitn(3, '.');
    let domain = u32::from_str_radix(parts.next()?, 16).ok()?;
    let run_id = parts.next()?.into();
    let scheduled_event_id = EventId::from_str_radix(parts.next()?, 16).ok()?;
    Some(Named {
        domain: DomainKey(domain),
        run_id,
        scheduled_event_id,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::fault::FaultKind;

    #[test]
    fn a_token_names_the_activity_it_was_made_for() {
        let seed = Seed::new(1);
        let activity = ActivityKey::new("run", 5);
        let token = mint(&seed, DomainKey(3), &activity);
        let named = read(&seed, &token).unwrap();
        assert_eq!(named.domain, DomainKey(3));
        assert_eq!(named.activity(), activity);
    }

    #[test]
    fn a_token_that_was_changed_or_made_elsewhere_is_refused() {
        let seed = Seed::new(1);
        let token = mint(&seed, DomainKey(0), &ActivityKey::new("run", 5));
        let changed = token.expose().replace(".5.", ".6.");
        let elsewhere = mint(&Seed::new(2), DomainKey(0), &ActivityKey::new("run", 5));
        for bad in [
            TaskToken::new(changed),
            elsewhere,
            TaskToken::new("made up"),
        ] {
            assert_eq!(read(&seed, &bad).unwrap_err().kind(), FaultKind::Validation);
        }
    }

    #[test]
    fn a_token_of_a_decision_task_is_none_of_an_activity() {
        let seed = Seed::new(1);
        let token = mint_decision(&seed, DomainKey(13), "run", 2);
        let named = read_decision(&seed, &token).unwrap();
        assert_eq!((named.domain, named.scheduled_event_id), (DomainKey(13), 2));
        assert!(read(&seed, &token).is_err());
        let activity = mint(&seed, DomainKey(13), &ActivityKey::new("run", 2));
        assert!(read_decision(&seed, &activity).is_err());
    }
}
