//! What a task token says: which activity of which run, and that this engine made it.

use workbeat::service::TaskToken;

use super::fault::Fault;
use super::ids::{ActivityKey, DomainKey};
use super::seed::Seed;

/// The activity that a token names.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Named {
    pub(super) domain: DomainKey,
    pub(super) activity: ActivityKey,
}

/// The token of an activity: domain, run, scheduled event and a check over the three.
pub(super) fn mint(seed: &Seed, domain: DomainKey, activity: &ActivityKey) -> TaskToken {
    let named = format!(
        "{:x}.{}.{:x}",
        domain.0, activity.run_id, activity.scheduled_event_id
    );
    let check = seed.check(&named);
    TaskToken::new(format!("{named}.{check:016x}"))
}

/// Reads a token back.
///
/// One that this engine did not make is a `ValidationException`, not an
/// `UnknownResourceFault`: a worker must not take its own mistake for a closed task.
pub(super) fn read(seed: &Seed, token: &TaskToken) -> Result<Named, Fault> {
    let token = token.expose();
    parse(seed, token).ok_or_else(|| Fault::validation("Invalid token"))
}

fn parse(seed: &Seed, token: &str) -> Option<Named> {
    let (named, check) = token.rsplit_once('.')?;
    if check != format!("{:016x}", seed.check(named)) {
        return None;
    }
    let mut parts = named.splitn(3, '.');
    let domain = u32::from_str_radix(parts.next()?, 16).ok()?;
    let run_id = parts.next()?;
    let scheduled_event_id = i64::from_str_radix(parts.next()?, 16).ok()?;
    let activity = ActivityKey::new(run_id, scheduled_event_id);
    Some(Named {
        domain: DomainKey(domain),
        activity,
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
        assert_eq!(
            named,
            Named {
                domain: DomainKey(3),
                activity
            }
        );
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
}
