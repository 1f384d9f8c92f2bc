//! Follows a started activity, from the service's side of it, and asks for its cancellation.

use std::time::Duration;

use futures_util::StreamExt;
use tokio::time::Instant;
use workbeat_local::{ActivityHandle, ActivityOutcome, Heartbeat};

use crate::interrupts::Interrupts;
use crate::pack::Progress;
use crate::screen::{Screen, seconds};

/// How an activity ended, as it was seen from the service.
pub(crate) struct Ended {
    /// How.
    pub(crate) outcome: ActivityOutcome,
    /// After how many heartbeats.
    pub(crate) heartbeats: u64,
    /// After how long.
    pub(crate) took: Duration,
}

/// Ctrl-C was pressed a second time: nothing is waited for any more.
#[derive(Debug)]
pub(crate) struct StoppedAtOnce;

/// When the application asks for the cancellation of its own accord.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CancelWhen {
    Never,
    HalfWay,
}

/// Shows an activity until it is closed.
pub(crate) async fn follow(
    activity: &ActivityHandle,
    cancel: CancelWhen,
    interrupts: &mut Interrupts,
    screen: &mut Screen,
) -> Result<Ended, StoppedAtOnce> {
    let mut watch = Watch {
        activity,
        screen,
        start: Instant::now(),
        heartbeats: 0,
        asked: None,
        told: false,
        interrupted: false,
    };
    // What the service receives, as it receives it. Nothing here looks into the activity.
    let mut heartbeats = activity.heartbeats();
    watch.screen.begin();
    let outcome = loop {
        tokio::select! {
            biased;
            Some(heartbeat) = heartbeats.next() => watch.heartbeat(&heartbeat, cancel),
            outcome = activity.outcome() => break outcome,
            () = interrupts.next() => {
                if watch.interrupted {
                    watch.screen.end(false);
                    return Err(StoppedAtOnce);
                }
                watch.interrupted = true;
                watch.ask("Ctrl-C");
            }
        }
    };
    Ok(watch.end(outcome))
}

struct Watch<'a> {
    activity: &'a ActivityHandle,
    screen: &'a mut Screen,
    start: Instant,
    heartbeats: u64,
    /// When the cancellation was asked for.
    asked: Option<Instant>,
    /// Whether a heartbeat was answered with the request.
    told: bool,
    interrupted: bool,
}

impl Watch<'_> {
    fn heartbeat(&mut self, heartbeat: &Heartbeat, cancel: CancelWhen) {
        self.heartbeats += 1 + heartbeat.missed;
        if let Ok(Some(progress)) = heartbeat.details_as::<Progress>() {
            self.screen.heartbeat(&progress, self.heartbeats);
            let half_way = progress.per_mille() >= 500;
            if cancel == CancelWhen::HalfWay && half_way && self.asked.is_none() {
                self.ask("half way");
            }
        }
        if heartbeat.cancel_requested && !self.told {
            self.told = true;
            self.screen.say(format_args!(
                "  Heartbeat {} was answered with the request: now the activity knows.",
                self.heartbeats
            ));
        }
    }

    /// Asks the service, as whoever started the activity can. The activity itself is out of
    /// reach from here; on SWF it would run on another machine.
    fn ask(&mut self, why: &str) {
        if self.asked.is_some() {
            self.screen.say(format_args!(
                "  {why}: the cancellation is asked for already. Once more stops at once."
            ));
            return;
        }
        self.asked = Some(Instant::now());
        let line = match self.activity.request_cancel() {
            Ok(()) => format!("  {why}: asking the service to cancel the activity."),
            Err(error) => format!("  {why}: too late to cancel, {error}."),
        };
        self.screen.say(line);
    }

    fn end(self, outcome: ActivityOutcome) -> Ended {
        let completed = matches!(outcome, ActivityOutcome::Completed { .. });
        self.screen.end(completed);
        if let ActivityOutcome::Canceled { details, .. } = &outcome {
            let took = self.asked.map(|asked| seconds(asked.elapsed()));
            self.screen.say(format_args!(
                "  It cleaned up and acknowledged, {} after the request: \"{}\".",
                took.as_deref().unwrap_or("some time"),
                details.as_ref().map_or("", |details| details.as_str()),
            ));
        }
        Ended {
            outcome,
            heartbeats: self.heartbeats,
            took: self.start.elapsed(),
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::stream;
    use workbeat::service::{ActivityService, ActivityTask, PollRequest};
    use workbeat_local::{LocalService, StartActivity};

    use super::*;
    use crate::screen::tests::Paper;

    /// An activity and its task, taken by hand instead of by a worker.
    async fn taken() -> (LocalService, ActivityHandle, ActivityTask) {
        let service = LocalService::new();
        let start = StartActivity::new("pack", "1.0").task_list("pack");
        let activity = service.start(start).unwrap();
        let poll = PollRequest::new("pack", "by hand");
        let task = service.poll(poll).await.unwrap().unwrap();
        (service, activity, task)
    }

    fn progress(bytes: u64) -> String {
        let progress = Progress {
            pass: 1,
            passes: 1,
            bytes,
            bytes_total: 100,
        };
        serde_json::to_string(&progress).unwrap()
    }

    #[tokio::test(flavor = "current_thread")]
    async fn it_is_cancelled_with_the_first_heartbeat_past_half_way() {
        let (service, activity, task) = taken().await;
        let paper = Paper::default();
        let mut screen = paper.screen();
        let mut interrupts = Interrupts::new(stream::pending());
        let by_hand = async {
            for bytes in [0, 49, 50] {
                let details = progress(bytes);
                let answer = service
                    .heartbeat(&task.token, Some(&details))
                    .await
                    .unwrap();
                assert!(!answer.cancel_requested, "at {bytes} %");
            }
            while !service
                .heartbeat(&task.token, None)
                .await
                .unwrap()
                .cancel_requested
            {
                tokio::task::yield_now().await;
            }
            service.cancel(&task.token, Some("gone")).await.unwrap();
        };
        let followed = follow(&activity, CancelWhen::HalfWay, &mut interrupts, &mut screen);
        let (ended, ()) = tokio::join!(followed, by_hand);

        let ended = ended.unwrap();
        assert_eq!(ended.outcome.to_string(), "was canceled");
        assert!(ended.heartbeats >= 4);
        let text = paper.text();
        let words = [
            "half way: asking",
            "was answered with the request",
            "\"gone\"",
        ];
        let places = words.map(|words| text.find(words));
        assert!(places[0].is_some() && places.is_sorted(), "{text}");
    }

    #[tokio::test(flavor = "current_thread")]
    async fn the_first_ctrl_c_asks_and_the_second_does_not_wait() {
        let (_service, activity, _task) = taken().await;
        let paper = Paper::default();
        let mut interrupts = Interrupts::new(stream::iter([(), ()]));
        let mut screen = paper.screen();
        let followed = follow(&activity, CancelWhen::Never, &mut interrupts, &mut screen);
        assert!(followed.await.is_err());
        assert!(paper.text().contains("Ctrl-C: asking"), "{}", paper.text());
        let last = activity.history().last().unwrap().event_type();
        assert_eq!(last, "ActivityTaskCancelRequested");
    }

    #[tokio::test(flavor = "current_thread")]
    async fn a_ctrl_c_after_half_way_is_not_yet_the_second() {
        let (service, activity, task) = taken().await;
        let paper = Paper::default();
        let details = progress(60);
        let mut screen = paper.screen();
        let half_way = paper.clone();
        let mut interrupts = Interrupts::new(stream::once(async move {
            while !half_way.text().contains("half way") {
                tokio::task::yield_now().await;
            }
        }));
        let by_hand = async {
            service
                .heartbeat(&task.token, Some(&details))
                .await
                .unwrap();
            while !paper.text().contains("asked for already") {
                tokio::task::yield_now().await;
            }
            service.cancel(&task.token, None).await.unwrap();
        };
        let followed = follow(&activity, CancelWhen::HalfWay, &mut interrupts, &mut screen);
        let (ended, ()) = tokio::join!(followed, by_hand);
        assert!(ended.is_ok());
    }
}
