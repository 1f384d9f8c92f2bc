//! A service that is shared is that service.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use super::{
    ActivityService, ActivityTask, ActivityTypeRegistration, HeartbeatAnswer, PollRequest,
    PreviousAttempt, ServiceCapabilities, ServiceError, ServiceLimits, TaskTimeouts, TaskToken,
};

type Call<'a, T> = Pin<Box<dyn Future<Output = Result<T, ServiceError>> + Send + 'a>>;

/// As `async_trait` would write it, but that the call of the service within is handed on as it
/// is: else each call would be boxed twice.
impl<S: ActivityService + ?Sized> ActivityService for Arc<S> {
    fn poll<'s, 'call>(&'s self, request: PollRequest) -> Call<'call, Option<ActivityTask>>
    where
        's: 'call,
        Self: 'call,
    {
        (**self).poll(request)
    }

    fn heartbeat<'s, 't, 'd, 'call>(
        &'s self,
        token: &'t TaskToken,
        details: Option<&'d str>,
    ) -> Call<'call, HeartbeatAnswer>
    where
        's: 'call,
        't: 'call,
        'd: 'call,
        Self: 'call,
    {
        (**self).heartbeat(token, details)
    }

    fn complete<'s, 't, 'r, 'call>(
        &'s self,
        token: &'t TaskToken,
        result: Option<&'r str>,
    ) -> Call<'call, ()>
    where
        's: 'call,
        't: 'call,
        'r: 'call,
        Self: 'call,
    {
        (**self).complete(token, result)
    }

    fn fail<'s, 't, 'r, 'd, 'call>(
        &'s self,
        token: &'t TaskToken,
        reason: Option<&'r str>,
        details: Option<&'d str>,
    ) -> Call<'call, ()>
    where
        's: 'call,
        't: 'call,
        'r: 'call,
        'd: 'call,
        Self: 'call,
    {
        (**self).fail(token, reason, details)
    }

    fn cancel<'s, 't, 'd, 'call>(
        &'s self,
        token: &'t TaskToken,
        details: Option<&'d str>,
    ) -> Call<'call, ()>
    where
        's: 'call,
        't: 'call,
        'd: 'call,
        Self: 'call,
    {
        (**self).cancel(token, details)
    }

    fn timeouts<'s, 't, 'call>(&'s self, task: &'t ActivityTask) -> Call<'call, TaskTimeouts>
    where
        's: 'call,
        't: 'call,
        Self: 'call,
    {
        (**self).timeouts(task)
    }

    fn fetch_input<'s, 't, 'i, 'call>(
        &'s self,
        task: &'t ActivityTask,
        input: &'i str,
    ) -> Call<'call, Option<String>>
    where
        's: 'call,
        't: 'call,
        'i: 'call,
        Self: 'call,
    {
        (**self).fetch_input(task, input)
    }

    fn previous_attempt<'s, 't, 'call>(
        &'s self,
        task: &'t ActivityTask,
    ) -> Call<'call, Option<PreviousAttempt>>
    where
        's: 'call,
        't: 'call,
        Self: 'call,
    {
        (**self).previous_attempt(task)
    }

    fn register<'s, 'r, 'call>(
        &'s self,
        registration: &'r ActivityTypeRegistration,
    ) -> Call<'call, ()>
    where
        's: 'call,
        'r: 'call,
        Self: 'call,
    {
        (**self).register(registration)
    }

    fn name(&self) -> &str {
        (**self).name()
    }

    fn limits(&self) -> ServiceLimits {
        (**self).limits()
    }

    fn capabilities(&self) -> ServiceCapabilities {
        (**self).capabilities()
    }
}
