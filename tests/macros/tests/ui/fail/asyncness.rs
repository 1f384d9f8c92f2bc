use workbeat::prelude::*;

#[activity]
fn sync(path: String) -> std::io::Result<()> {
    std::fs::remove_file(path)
}

#[activity(blocking)]
async fn not_sync(path: String) -> std::io::Result<()> {
    std::fs::remove_file(path)
}

fn main() {}
