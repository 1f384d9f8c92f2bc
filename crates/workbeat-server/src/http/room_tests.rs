//! Who gives way.

use super::*;

fn room(most: usize, most_kept: usize) -> Arc<Room> {
    let mut room = Room::new(most);
    room.most_kept = most_kept;
    Arc::new(room)
}

fn enter(room: &Arc<Room>) -> Arc<Place> {
    Arc::new(room.try_enter().unwrap())
}

fn left(place: &Place) -> bool {
    place.calls.leave.is_cancelled()
}

#[test]
fn the_longest_waiting_gives_way() {
    let room = room(3, 100);
    let [first, second, third] = [(); 3].map(|()| enter(&room));
    first.wait();
    let fourth = enter(&room);
    assert_eq!(
        [&first, &second, &third].map(|place| left(place)),
        [false, true, false]
    );
    assert!(!second.work(), "it is not there any more");
    drop((first, second, third, fourth));
    assert!(room.lock().places.is_empty() && room.lock().waiting.is_empty());
}

#[test]
fn an_answer_under_way_does_not_give_way_and_a_poll_ends_empty() {
    let room = room(2, 100);
    let [working, polling] = [(); 2].map(|()| enter(&room));
    assert!(working.work() && polling.work());
    let poll = polling.until_taken();
    assert!(room.try_enter().is_none());
    polling.park();
    let _third = enter(&room);
    assert!(polling.calls.finish.is_cancelled() && !left(&polling) && !left(&working));
    drop(poll);
    assert_eq!(
        room.lock().waiting.len(),
        1,
        "who has given way does not come back"
    );
}

#[test]
fn a_client_that_has_taken_its_answer_waits_from_then_on() {
    let room = room(2, 100);
    let [first, second] = [(); 2].map(|()| enter(&room));
    assert!(first.work());
    drop(first.until_taken());
    let _third = enter(&room);
    assert!(left(&second) && !left(&first));
}

#[test]
fn what_is_kept_is_bounded_and_the_longest_waiting_of_those_who_hold_it_goes() {
    let room = room(10, 100);
    let [idle, slow, other] = [(); 3].map(|()| enter(&room));
    let slow_body = slow.keep(60);
    let mut body = other.keep(30);
    assert!(!left(&slow));
    body.grow(30);
    assert!(left(&slow) && !left(&idle) && !left(&other));
    let kept = || {
        let state = room.lock();
        (state.kept, state.kept_still)
    };
    assert_eq!(kept(), (60, 120));
    drop(slow_body);
    assert_eq!(kept(), (60, 60), "it does not count twice");
    drop(body);
    assert_eq!(kept(), (0, 0));
}

#[tokio::test]
async fn an_answer_waits_until_those_have_gone_who_gave_way_for_it() {
    let room = room(10, 100);
    let [slow, asking] = [(); 2].map(|()| enter(&room));
    let not_taken = slow.keep(150);
    assert!(left(&slow) && asking.work());
    let mut kept = std::pin::pin!(asking.keep_answer(50));
    assert!(waits(&mut kept).await, "what was not taken is still there");
    drop(not_taken);
    drop(kept.await);
    assert_eq!(room.lock().kept_still, 0);
}

/// Whether a future is not ready when it is polled.
async fn waits(future: &mut (impl Future + Unpin)) -> bool {
    tokio::select! {
        biased;
        _ = future => false,
        () = std::future::ready(()) => true,
    }
}

#[test]
fn what_an_answer_under_way_holds_is_let_be() {
    let room = room(10, 100);
    let place = enter(&room);
    assert!(place.work());
    let _answer = place.keep(1_000);
    assert!(!left(&place));
    let waiting = enter(&room);
    let _body = waiting.keep(1);
    assert!(left(&waiting), "the newcomer goes, for want of another");
}
