use workbeat::prelude::*;

#[activity(heartbeat = "30s")]
async fn near() -> Result<(), ActivityError> {
    Ok(())
}

#[activity(retries = 3)]
async fn unknown() -> Result<(), ActivityError> {
    Ok(())
}

#[activity(version = "1.0", name = "a", version = "2.0")]
async fn twice() -> Result<(), ActivityError> {
    Ok(())
}

#[activity("pack", version("1.0"), priority, task_list =)]
async fn no_pairs() -> Result<(), ActivityError> {
    Ok(())
}

fn main() {
    // No error of their own: a stand-in is there.
    let _ = (Near, Unknown, Twice, NoPairs);
}
