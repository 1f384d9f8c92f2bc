//! How far intervals stretch, and who is let go.

use super::super::class::{Class, Ticket};
use super::super::latency::LEAST_USEFUL;
use super::super::stretch::{Share, least};
use super::{Order, Plan};

/// Where tasks without a timeout give way, those with one are stretched no more than is needed,
/// but at least so far: what that leaves of the rate is for the others.
const GIVEN_WAY: f64 = 0.9;

/// However many calls fail, nobody is let go for more than this part of them: an outage ends.
const LEAST_KEPT: f64 = 0.8;

/// A task that was let go is served again when so much of the rate is free that its first call,
/// which is urgent, takes nobody's place.
const ROOM: f64 = 0.97;

impl Plan {
    /// Lets a task go, or serves it again.
    fn turn(&mut self, ticket: Ticket, let_go: bool) {
        let place = self.lift(ticket.at);
        let Some(task) = self.tasks.get_mut(ticket.at as usize) else {
            return;
        };
        task.let_go = let_go;
        let class = &mut self.classes[task.class as usize];
        if let_go {
            class.kept.remove(ticket);
            class.let_go.insert(ticket);
            self.let_go += 1;
            self.let_go_ever += 1;
            self.order(ticket, Order::LetGo);
        } else {
            class.let_go.remove(&ticket);
            class.kept.insert(ticket);
            self.let_go -= 1;
            self.order(ticket, Order::Kept);
        }
        self.put(ticket.at, place);
    }

    /// Finds the stretch, and who is let go, after a change.
    pub(super) fn rebalance(&mut self) {
        if !std::mem::take(&mut self.stale) {
            return;
        }
        let wanted = self.served(true).map(|share| share.calls()).sum();
        self.rate.needs(self.needed(), wanted);
        let Some(rate) = self.rate.limit() else {
            self.stretch = 0.0;
            self.gives_way = false;
            while let Some(ticket) = self.first_let_go() {
                self.turn(ticket, false);
            }
            return;
        };
        let timed = self.shares(false).len();
        let others = timed.saturating_sub(1);
        self.call_margin = self.latency.margin().as_secs_f64();
        self.margin = self.call_margin + others as f64 / rate;
        let useful = rate * self.useful();
        self.let_go_or_keep(rate * self.latency.useful().max(LEAST_KEPT));
        self.stretch = least(&mut self.shares(true), useful);
        self.gives_way = false;
        if self.stretch > 1.0 {
            let mut timed = self.shares(false);
            // Without any timeout nobody can be lost, and the stretch has no end.
            if !timed.is_empty() {
                self.gives_way = self
                    .classes
                    .iter()
                    .any(|class| class.key.yields && !class.kept.is_empty());
                let needed = least(&mut timed, useful);
                self.stretch = if self.gives_way {
                    needed.max(GIVEN_WAY)
                } else {
                    needed
                }
                .min(1.0);
            }
        }
    }

    /// How many calls a second keep every task that has something to lose.
    fn needed(&self) -> f64 {
        let timed = self.classes.iter().filter(|class| !class.key.yields);
        let calls: f64 = timed
            .map(|class| {
                let tasks = class.kept.len() + class.let_go.len();
                tasks as f64 / class.useful(self.margin)
            })
            .sum();
        calls / self.useful()
    }

    /// The part of all calls that the service accepts.
    fn useful(&self) -> f64 {
        (self.latency.useful() * self.rate.accepted_part()).max(LEAST_USEFUL)
    }

    /// The tasks that are served, with those that have nothing to lose or without.
    pub(super) fn shares(&self, all: bool) -> Vec<Share> {
        self.served(all).collect()
    }

    fn served(&self, all: bool) -> impl Iterator<Item = Share> {
        let served = self
            .classes
            .iter()
            .filter(move |class| !class.kept.is_empty() && (all || !class.key.yields));
        served.map(|class| Share {
            tasks: class.kept.len() as f64,
            interval: class.key.interval.as_secs_f64(),
            timeout: class.useful(self.margin),
        })
    }

    /// The fewest tasks are lost if those go that need the most calls each: the shortest
    /// timeouts, and among equals the youngest, because the older hold more work.
    fn let_go_or_keep(&mut self, rate: f64) {
        let margin = self.margin;
        let timed = |class: &&Class| !class.key.yields;
        let need = |class: &Class| 1.0 / class.useful(margin);
        let served = self.classes.iter().filter(timed);
        let mut used: f64 = served
            .map(|class| class.kept.len() as f64 * need(class))
            .sum();
        while used >= rate {
            let served = self.classes.iter_mut().zip(0..);
            let served = served.filter(|(class, _)| !class.key.yields && !class.kept.is_empty());
            let Some((class, at)) = served.min_by_key(|(class, _)| class.key) else {
                break;
            };
            used -= need(class);
            let tasks = self.tasks.iter();
            let all = || {
                let kept = tasks.filter(|(_, task)| task.class == at && !task.let_go);
                kept.map(|(at, task)| task.ticket(at))
            };
            let Some(youngest) = class.kept.youngest(all) else {
                break;
            };
            self.turn(youngest, true);
        }
        while let Some(oldest) = self.first_let_go() {
            let class = self.tasks[oldest.at as usize].class;
            let need = need(&self.classes[class as usize]);
            if used + need >= rate * ROOM {
                break;
            }
            used += need;
            self.turn(oldest, false);
        }
    }

    /// Who is to be served again first: the oldest of the longest timeout.
    fn first_let_go(&self) -> Option<Ticket> {
        if self.let_go == 0 {
            return None;
        }
        let waiting = self.classes.iter().filter(|class| !class.let_go.is_empty());
        let longest = waiting.max_by_key(|class| class.key)?;
        longest.let_go.first().copied()
    }
}
