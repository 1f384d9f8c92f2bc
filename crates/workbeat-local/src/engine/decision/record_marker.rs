//! The decision `RecordMarker`.

use serde::{Deserialize, Serialize};

use super::{CarryOut, Decided, DecisionOutcome};
use crate::engine::core::Engine;
use crate::engine::event::MarkerRecorded;
use crate::engine::payload::Payload;

/// Write a marker into the history, for the decider itself.
///
/// Nothing comes of it, and no decision task. The one cause that SWF has for its failure is a
/// lack of permission, so it never fails here.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RecordMarker {
    /// The marker's name; it need not be unique.
    pub marker_name: String,
    /// What the decider notes with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub details: Option<Payload>,
}

impl CarryOut for RecordMarker {
    fn carry_out(self, engine: &mut Engine, decided: &Decided) -> DecisionOutcome {
        let recorded = MarkerRecorded {
            marker_name: self.marker_name.into(),
            details: self.details,
            decision_task_completed_event_id: decided.completed,
        };
        DecisionOutcome::done(engine.record(&decided.run_id, recorded))
    }
}
