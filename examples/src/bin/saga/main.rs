//! A decider in Rust, for a saga: reserve, pay, ship. What fails is tried again after a while, and
//! if it fails for good, what was done is undone: refund, release.
//!
//! ```sh
//! cargo run --release --package workbeat-examples --bin saga
//! ```
//!
//! The logic is a function, in `decide.rs`: a history comes in, decisions go out. `decider.rs` asks
//! the service for decision tasks, `shop.rs` has the activities, and `screen.rs` prints.

#![allow(clippy::print_stdout, reason = "the screen is what it is for")]

mod decide;
mod decider;
mod history;
mod screen;
mod shop;

use std::error::Error;
use std::sync::Arc;

use workbeat::Worker;
use workbeat_local::LocalService;

use decider::Decider;
use shop::{Order, Shop};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let service = LocalService::new();
    let shop = Arc::new(Shop::default());
    let worker = Worker::builder(service.clone())
        .task_list(decide::ACTIVITIES)
        .activity(shop.reserve_activity())
        .activity(shop.release_activity())
        .activity(shop.pay_activity())
        .activity(shop.refund_activity())
        .activity(shop.ship_activity())
        .build()?;
    let handle = worker.handle();
    let running = tokio::spawn(worker.run());
    handle.ready().await; // now the service knows the types

    let decider = Decider::new(service);
    println!("Order 1: the carrier is busy, twice");
    decider
        .carry_out(&Order::new(1, "Main Street 1").carrier_busy(2))
        .await?;
    println!("\n  {shop}");
    println!("\nOrder 2: there is no such address");
    decider.carry_out(&Order::new(2, "")).await?;
    println!("\n  {shop}");

    handle.drain();
    println!("\nThe worker: {}", running.await??);
    Ok(())
}
