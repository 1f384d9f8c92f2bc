//! Histories in pages.

use workbeat_local::engine::{
    CompleteWorkflowExecution, FaultKind, GetWorkflowExecutionHistory, Resource, limits,
};

use crate::kit::{DOMAIN, World};

fn pages(world: &mut World, mut get: GetWorkflowExecutionHistory) -> Vec<Vec<i64>> {
    let mut all = Vec::new();
    loop {
        let page = world.ok(get.clone());
        all.push(page.events.iter().map(|event| event.event_id).collect());
        get.next_page_token = page.next_page_token;
        if get.next_page_token.is_none() {
            return all;
        }
    }
}

#[test]
fn a_history_comes_in_pages_in_either_order_also_of_a_closed_run() {
    let mut world = World::new();
    let workflow = world.workflow("flow");
    world.signal("flow");
    world.decide("flow", vec![CompleteWorkflowExecution::default().into()]);
    let mut get = GetWorkflowExecutionHistory::new(DOMAIN, workflow.clone());
    assert_eq!(pages(&mut world, get.clone()), [[1, 2, 3, 4, 5, 6]]);
    get.maximum_page_size = Some(4);
    let expected: [&[i64]; 2] = [&[1, 2, 3, 4], &[5, 6]];
    assert_eq!(pages(&mut world, get.clone()), expected);
    get.reverse_order = Some(true);
    let expected: [&[i64]; 2] = [&[6, 5, 4, 3], &[2, 1]];
    assert_eq!(pages(&mut world, get.clone()), expected);

    let token = world.ok(get.clone()).next_page_token;
    get.next_page_token = token;
    get.reverse_order = None;
    assert_eq!(
        world.err(get.clone()).message(),
        "Invalid token",
        "it is of the other order"
    );
    get.next_page_token = None;
    get.maximum_page_size = Some(1_001);
    assert!(world.err(get.clone()).message().contains("maximumPageSize"));
    get.execution = workbeat::service::WorkflowExecution::new("other", workflow.run_id);
    let unknown = FaultKind::UnknownResource(Resource::Execution);
    get.maximum_page_size = None;
    assert_eq!(world.err(get).kind(), unknown);
    let get = GetWorkflowExecutionHistory::new(
        DOMAIN,
        workbeat::service::WorkflowExecution::new("flow", "unheard-of"),
    );
    assert_eq!(world.err(get).kind(), unknown);
}

#[test]
fn a_history_of_25000_events_comes_in_2500_pages() {
    let mut world = World::new();
    let workflow = world.workflow("flow");
    for _ in 0..limits::HISTORY_EVENTS - 3 {
        world.signal("flow");
    }
    let mut get = GetWorkflowExecutionHistory::new(DOMAIN, workflow);
    get.maximum_page_size = Some(10);
    let all = pages(&mut world, get.clone());
    assert_eq!(all.len(), 2_500);
    assert!(all.concat().into_iter().eq(1..25_000));
}
