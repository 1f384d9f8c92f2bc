//! All regions that were used.

use std::collections::HashMap;

use workbeat_local::engine::{Engine, Settings, Timestamp};

use super::region::{Region, Ticket};
use crate::error::{ServerError, ServerErrorKind};

/// Rows of an engine: table, key and JSON text.
type Rows = Vec<(String, String, String)>;

/// An engine for each region, made at its first use.
#[derive(Debug)]
pub(super) struct Regions {
    regions: HashMap<Box<str>, Region>,
    settings: Settings,
    /// What the ids of every region come from.
    seed: u64,
    resets: u64,
}

impl Regions {
    /// No region was used yet.
    pub(super) fn new(settings: Settings, seed: u64) -> Self {
        Self {
            regions: HashMap::new(),
            settings,
            seed,
            resets: 0,
        }
    }

    /// Makes the engine of a region again from its rows.
    pub(super) fn restore(
        &mut self,
        name: &str,
        rows: Rows,
        now: Timestamp,
    ) -> Result<(), ServerError> {
        let engine = Engine::restore(self.settings(name), rows, now).map_err(|error| {
            let message = "the data file holds what this server cannot make sense of: use the \
                           server that wrote it, or another file";
            ServerError::new(ServerErrorKind::DataFormat, message).with_source(error)
        })?;
        self.regions
            .insert(name.into(), Region::new(name, self.resets, engine));
        Ok(())
    }

    /// The region, which is made if this is its first use.
    pub(super) fn used(&mut self, name: &str) -> &mut Region {
        if !self.regions.contains_key(name) {
            let engine = Engine::new(self.settings(name));
            let region = Region::new(name, self.resets, engine);
            self.regions.insert(name.into(), region);
        }
        match self.regions.get_mut(name) {
            Some(region) => region,
            None => unreachable!("it was made right before"),
        }
    }

    /// The region of a poll, unless it was forgotten since.
    pub(super) fn of(&mut self, ticket: &Ticket) -> Option<&mut Region> {
        let region = self.regions.get_mut(&*ticket.region);
        region.filter(|region| region.resets == ticket.resets)
    }

    /// Forgets everything, and answers what ids come from now: nothing has those of before.
    pub(super) fn clear(&mut self) -> u64 {
        self.resets += 1;
        self.regions.clear();
        self.seed = mixed(self.seed, "after a reset");
        self.seed
    }

    /// Every region with its name.
    pub(super) fn all(&self) -> impl Iterator<Item = (&str, &Region)> {
        self.regions.iter().map(|(name, region)| (&**name, region))
    }

    /// Every region with its name.
    pub(super) fn all_mut(&mut self) -> impl Iterator<Item = (&str, &mut Region)> {
        let regions = self.regions.iter_mut();
        regions.map(|(name, region)| (&**name, region))
    }

    fn settings(&self, name: &str) -> Settings {
        let seed = mixed(self.seed, name);
        self.settings.clone().region(name).seed(seed)
    }
}

/// A seed for each name: no two regions have an id in common.
fn mixed(seed: u64, name: &str) -> u64 {
    name.bytes().fold(seed, |seed, byte| {
        (seed ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use workbeat_local::engine::Answered;

    use super::*;

    fn run(regions: &mut Regions, name: &str) -> String {
        let now = Timestamp::from_millis(1);
        let engine = &mut regions.used(name).engine;
        let mut call =
            |operation: &str, input| format!("{:?}", engine.call(operation, &input, now));
        call(
            "RegisterDomain",
            json!({"name": "a", "workflowExecutionRetentionPeriodInDays": "1"}),
        );
        let kind = json!({"name": "w", "version": "1"});
        call(
            "RegisterWorkflowType",
            json!({"domain": "a", "name": "w", "version": "1"}),
        );
        call(
            "StartWorkflowExecution",
            json!({
                "domain": "a", "workflowId": "1", "workflowType": kind, "childPolicy": "TERMINATE",
                "taskList": {"name": "l"}, "taskStartToCloseTimeout": "9",
                "executionStartToCloseTimeout": "9",
            }),
        )
    }

    #[test]
    fn no_two_regions_and_no_two_times_give_the_same_run_ids() {
        let mut regions = Regions::new(Settings::default(), 7);
        let (here, there) = (run(&mut regions, "here"), run(&mut regions, "there"));
        assert!(here.contains("runId"), "{here}");
        assert_ne!(here, there);
        regions.clear();
        assert_ne!(run(&mut regions, "here"), here);
        assert_eq!(run(&mut Regions::new(Settings::default(), 7), "here"), here);
    }

    #[test]
    fn a_ticket_is_of_no_use_after_a_reset() {
        let mut regions = Regions::new(Settings::default(), 7);
        run(&mut regions, "here");
        let poll = json!({"domain": "a", "taskList": {"name": "l"}});
        let here = regions.used("here");
        let now = Timestamp::from_millis(1);
        let polled = here.engine.call("PollForActivityTask", &poll, now);
        let Ok(Answered::Parked(poll)) = polled else {
            panic!("{polled:?}");
        };
        let (ticket, _answer) = here.await_poll(poll);
        assert!(regions.of(&ticket).is_some());
        regions.clear();
        regions.used("here");
        assert!(regions.of(&ticket).is_none());
    }
}
