use workbeat::prelude::*;

struct Video;
struct Summary;
struct Broken;
struct Store;

impl Store {
    #[activity]
    async fn input(&self, _: Video) -> Result<(), ActivityError> {
        Ok(())
    }

    #[activity]
    async fn output(&self) -> Result<Summary, ActivityError> {
        Ok(Summary)
    }

    #[activity]
    async fn error(&self) -> Result<(), Broken> {
        Ok(())
    }

    #[activity]
    async fn no_result(&self) -> u32 {
        1
    }

    #[activity(blocking)]
    fn blocking_input(&self, _: Video) -> Result<(), ActivityError> {
        Ok(())
    }

    #[activity(blocking)]
    fn blocking_output(&self) -> Result<Summary, ActivityError> {
        Ok(Summary)
    }
}

fn main() {}
