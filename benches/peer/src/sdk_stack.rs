//! The whole SDK: what a user runs.

use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use temporalio_client::callback_based::{CallbackBasedGrpcService, GrpcSuccessResponse};
use temporalio_client::{Client, ClientOptions, Connection, ConnectionOptions};
use temporalio_sdk::runtime::RuntimeOptions;
use temporalio_sdk::runtime::worker_tuner::{FixedSizeSlotSupplier, TunerHolder};
use temporalio_sdk::{Runtime, Worker, WorkerOptions};
use temporalio_sdk_core::Url;

use crate::activities::Activities;
use crate::measure::Stage;
use crate::service::Service;
use crate::{Options, Result};

/// Runs it, and gives the figures.
pub(crate) async fn run(options: Options) -> Result<String> {
    let service = Service::new(options);
    let stage = Stage::new();
    let runtime = RuntimeOptions::builder().heartbeat_interval(Some(Duration::from_secs(60)));
    let runtime = Runtime::from_current_tokio(runtime.build().map_err(|error| error.to_string())?)?;
    let client = Client::new(
        connect(Arc::clone(&service)).await?,
        ClientOptions::new("bench").build(),
    )?;
    let few = || FixedSizeSlotSupplier::new(10);
    let tuner = TunerHolder::builder()
        .activity_task_slot_supplier(FixedSizeSlotSupplier::new(options.slots))
        .workflow_task_slot_supplier(few())
        .local_activity_task_slot_supplier(few())
        .nexus_task_slot_supplier(few());
    let worker = WorkerOptions::new("bench")
        .tuner(tuner.build())
        .register_activities(Activities {
            stage: stage.clone(),
        });
    let mut worker = Worker::new(&runtime, client, worker.build())?;
    let stop = worker.shutdown_handle();
    let measured = tokio::spawn(async move {
        let measured = stage.measure(options, &service).await;
        stop();
        measured
    });
    // Its future is not `Send`, so it runs here, until it is told to stop.
    worker.run().await?;
    measured.await?
}

/// A connection whose calls are answered in this process.
async fn connect(service: Arc<Service>) -> Result<Connection> {
    let answer = CallbackBasedGrpcService {
        callback: Arc::new(move |call| {
            let service = Arc::clone(&service);
            async move {
                Ok(GrpcSuccessResponse {
                    headers: Default::default(),
                    proto: service.answer(&call.rpc).await,
                })
            }
            .boxed()
        }),
    };
    let options = ConnectionOptions::new(Url::parse("http://127.0.0.1:1")?)
        .identity("bench")
        .dns_load_balancing(None)
        .service_override(answer);
    Ok(Connection::connect(options.build()).await?)
}
