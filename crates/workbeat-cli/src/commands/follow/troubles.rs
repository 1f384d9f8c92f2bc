//! How long the service may be away.

use std::time::Duration;

use tokio::time::Instant;

/// How long the service may be away before nobody waits for it any more.
const PATIENCE: Duration = Duration::from_secs(30);

/// How long the service may be away before a person is told.
const STUMBLE: Duration = Duration::from_secs(3);

/// Since when the service has not done what it was asked, and whether it was said.
#[derive(Default)]
pub(super) struct Troubles(Option<(Instant, bool)>);

impl Troubles {
    /// The service did what it was asked.
    pub(super) fn over(&mut self) {
        self.0 = None;
    }

    /// Whether they have lasted too long to wait for their end.
    pub(super) fn last_too_long(&mut self) -> bool {
        self.last() >= PATIENCE
    }

    /// Whether they have lasted too long for a stumble. A person is told once.
    pub(super) fn are_worth_a_word(&mut self) -> bool {
        let long = self.last() >= STUMBLE;
        match &mut self.0 {
            Some((_, said)) if long && !*said => {
                *said = true;
                true
            }
            _ => false,
        }
    }

    /// How long they have lasted.
    fn last(&mut self) -> Duration {
        let (since, _) = self.0.get_or_insert_with(|| (Instant::now(), false));
        since.elapsed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_person_is_told_once_and_not_of_each_stumble() {
        let mut troubles = Troubles::default();
        assert!(!troubles.are_worth_a_word());
        tokio::time::advance(STUMBLE).await;
        assert!(troubles.are_worth_a_word());
        assert!(!troubles.are_worth_a_word());
        assert_eq!(troubles.last(), STUMBLE);
        troubles.over();
        assert_eq!(troubles.last(), Duration::ZERO);
    }
}
