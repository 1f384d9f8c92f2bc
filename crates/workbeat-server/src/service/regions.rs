//! All regions that something is in.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use workbeat_local::engine::{Engine, Fault, Settings, Timestamp};

use super::region::{Region, Ticket};
use crate::error::{ServerError, ServerErrorKind};

/// Rows of an engine: table, key and JSON text.
type Rows = Vec<(String, String, String)>;

/// The most regions that domains are registered in. AWS has about half as many.
const MOST: usize = 64;

/// An engine for each region that something is in.
///
/// A client may name any region: what is kept of those in which it only looked is nothing.
#[derive(Debug)]
pub(super) struct Regions {
    regions: HashMap<Box<str>, Region>,
    settings: Settings,
    /// What the ids of every region come from.
    seed: u64,
    resets: u64,
}

impl Regions {
    /// Nothing is in any region yet.
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
        let settings = settings(&self.settings, self.seed, name);
        let engine = Engine::restore(settings, rows, now).map_err(|error| {
            let message = "the data file holds what this server cannot make sense of: use the \
                           server that wrote it, or another file";
            ServerError::new(ServerErrorKind::DataFormat, message).with_source(error)
        })?;
        self.regions
            .insert(name.into(), Region::new(name, self.resets, engine));
        Ok(())
    }

    /// The region, to apply an operation in it and then to [`tidy`](Self::tidy) it.
    ///
    /// # Errors
    ///
    /// Nothing is in it, and there are as many regions as there can be.
    pub(super) fn used(&mut self, name: &str) -> Result<&mut Region, Fault> {
        let full = self.regions.len() >= MOST;
        match self.regions.entry(name.into()) {
            Entry::Occupied(region) => Ok(region.into_mut()),
            Entry::Vacant(_) if full => Err(too_many()),
            Entry::Vacant(place) => {
                let engine = Engine::new(settings(&self.settings, self.seed, name));
                Ok(place.insert(Region::new(name, self.resets, engine)))
            }
        }
    }

    /// Forgets the region if nothing is in it: it was only looked at.
    pub(super) fn tidy(&mut self, name: &str) {
        let region = self.regions.get(name);
        if region.is_some_and(|region| region.engine.is_empty()) {
            self.regions.remove(name);
        }
    }

    /// The region of a poll, unless it was forgotten since.
    pub(super) fn of(&mut self, ticket: &Ticket) -> Option<&mut Region> {
        let region = self.regions.get_mut(&*ticket.region);
        region.filter(|region| region.resets == ticket.resets)
    }

    /// Forgets everything, and answers what ids come from now: nothing has those of before.
    pub(super) fn clear(&mut self) -> u64 {
        self.resets = self.resets.wrapping_add(1);
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
}

/// The settings of a region's engine.
fn settings(common: &Settings, seed: u64, name: &str) -> Settings {
    common.clone().region(name).seed(mixed(seed, name))
}

fn too_many() -> Fault {
    Fault::limit_exceeded(format!(
        "There are domains in {MOST} regions already, and this server has no more: use one of \
         them, or reset the server"
    ))
}

/// A seed for each name: no two regions have an id in common.
fn mixed(seed: u64, name: &str) -> u64 {
    name.bytes().fold(seed, |seed, byte| {
        (seed ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use workbeat_local::engine::{Answered, FaultKind};

    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1);

    fn domain() -> Value {
        json!({"name": "a", "workflowExecutionRetentionPeriodInDays": "1"})
    }

    fn run(regions: &mut Regions, name: &str) -> String {
        let engine = &mut regions.used(name).unwrap().engine;
        let mut call =
            |operation: &str, input| format!("{:?}", engine.call(operation, &input, NOW));
        call("RegisterDomain", domain());
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
        let here = regions.used("here").unwrap();
        let polled = here.engine.call("PollForActivityTask", &poll, NOW);
        let Ok(Answered::Parked(poll)) = polled else {
            panic!("{polled:?}");
        };
        let (ticket, _answer) = here.await_poll(poll);
        assert!(regions.of(&ticket).is_some());
        regions.clear();
        run(&mut regions, "here");
        assert!(regions.of(&ticket).is_none());
    }

    #[test]
    fn nothing_is_kept_of_a_region_that_nothing_is_in() {
        let mut regions = Regions::new(Settings::default(), 7);
        for (operation, input, works) in [
            (
                "ListDomains",
                json!({"registrationStatus": "REGISTERED"}),
                true,
            ),
            ("RegisterDomain", json!({"name": "a"}), false),
            ("DescribeDomain", json!({"name": "a"}), false),
            ("MakeCoffee", json!({}), false),
        ] {
            let engine = &mut regions.used("here").unwrap().engine;
            assert_eq!(engine.call(operation, &input, NOW).is_ok(), works);
            regions.tidy("here");
            assert_eq!(regions.all().count(), 0, "{operation}");
        }
        run(&mut regions, "here");
        regions.tidy("here");
        assert_eq!(regions.all().count(), 1);
    }

    #[test]
    fn there_is_an_end_to_the_regions_that_something_is_in() {
        let mut regions = Regions::new(Settings::default(), 7);
        for number in 0..MOST {
            run(&mut regions, &format!("here-{number}"));
        }
        let fault = regions.used("there").unwrap_err();
        assert_eq!(fault.kind(), FaultKind::LimitExceeded);
        assert!(regions.used("here-0").is_ok());
        regions.clear();
        assert!(regions.used("there").is_ok());
    }
}
