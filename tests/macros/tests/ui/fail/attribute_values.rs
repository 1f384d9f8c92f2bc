use workbeat::prelude::*;

#[activity(
    name = "video:encode",
    version = "",
    task_list = "arn",
    description = 1
)]
async fn names() -> Result<(), ActivityError> {
    Ok(())
}

#[activity(
    heartbeat_timeout = "30",
    heartbeat_interval = "soon",
    start_to_close_timeout = 30,
    schedule_to_start_timeout = "0s",
    schedule_to_close_timeout = "2years",
    cancel_grace = "none"
)]
async fn durations() -> Result<(), ActivityError> {
    Ok(())
}

#[activity(heartbeat_interval = "30s", heartbeat_timeout = "30s")]
async fn interval() -> Result<(), ActivityError> {
    Ok(())
}

#[activity(priority = 3_000_000_000, blocking = true, crate = "not a path")]
async fn others() -> Result<(), ActivityError> {
    Ok(())
}

fn main() {}
