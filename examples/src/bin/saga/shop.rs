//! The activities. Each can be done twice and is done once: a retry may come after an attempt whose
//! answer was lost, and an undo for what never happened.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use workbeat::prelude::*;

/// The workflow's input, and that of each activity.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Order {
    pub(crate) number: u32,
    address: String,
    /// How many attempts to ship it fail.
    carrier_busy: u32,
}

impl Order {
    pub(crate) fn new(number: u32, address: &str) -> Self {
        Self {
            number,
            address: address.to_owned(),
            carrier_busy: 0,
        }
    }

    pub(crate) fn carrier_busy(mut self, times: u32) -> Self {
        self.carrier_busy = times;
        self
    }
}

/// Stands for the systems of a shop.
#[derive(Debug, Default)]
pub(crate) struct Shop {
    orders: Mutex<BTreeMap<u32, State>>,
}

/// What is so of one order.
#[derive(Debug, Default)]
struct State {
    reserved: bool,
    paid: bool,
    shipped: bool,
    attempts_to_ship: u32,
}

impl Shop {
    /// Puts the article aside.
    #[activity(heartbeat_timeout = "30s")]
    pub(crate) async fn reserve(&self, order: Order) -> Result<(), ActivityError> {
        self.of(&order, |state| state.reserved = true);
        Ok(())
    }

    /// Undoes `reserve`.
    #[activity(heartbeat_timeout = "30s")]
    pub(crate) async fn release(&self, order: Order) -> Result<(), ActivityError> {
        self.of(&order, |state| state.reserved = false);
        Ok(())
    }

    /// Charges the card.
    #[activity(heartbeat_timeout = "30s")]
    pub(crate) async fn pay(&self, order: Order) -> Result<(), ActivityError> {
        self.of(&order, |state| state.paid = true);
        Ok(())
    }

    /// Undoes `pay`.
    #[activity(heartbeat_timeout = "30s")]
    pub(crate) async fn refund(&self, order: Order) -> Result<(), ActivityError> {
        self.of(&order, |state| state.paid = false);
        Ok(())
    }

    /// Gives the parcel to the carrier.
    #[activity(heartbeat_timeout = "30s")]
    pub(crate) async fn ship(&self, order: Order) -> Result<(), ActivityError> {
        if order.address.is_empty() {
            return Err(ActivityError::failed("NO_SUCH_ADDRESS"));
        }
        self.of(&order, |state| {
            state.attempts_to_ship += 1;
            if state.attempts_to_ship <= order.carrier_busy {
                return Err(ActivityError::failed("CARRIER_BUSY"));
            }
            state.shipped = true;
            Ok(())
        })
    }

    fn of<T>(&self, order: &Order, change: impl FnOnce(&mut State) -> T) -> T {
        let mut orders = self.orders.lock().unwrap_or_else(PoisonError::into_inner);
        change(orders.entry(order.number).or_default())
    }
}

impl fmt::Display for Shop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let orders = self.orders.lock().unwrap_or_else(PoisonError::into_inner);
        f.write_str("The shop's books:")?;
        for (number, state) in &*orders {
            let is = |is: bool, word| {
                if is {
                    format!(", {word}")
                } else {
                    format!(", not {word}")
                }
            };
            let (reserved, paid) = (is(state.reserved, "reserved"), is(state.paid, "paid"));
            write!(
                f,
                "\n    order {number}{reserved}{paid}{}",
                is(state.shipped, "shipped")
            )?;
        }
        Ok(())
    }
}
