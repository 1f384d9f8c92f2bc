//! Domains and activity types.

use workbeat::service::ActivityType;
use workbeat_local::engine::{
    DecisionFailure, DeprecateActivityType, DescribeActivityType, FaultKind, RegisterActivityType,
    RegisterDomain, RegistrationStatus, Resource, ScheduleActivityTaskFailedCause as Cause,
    Settings,
};

use crate::kit::{DOMAIN, World, activity, millis, pack};

fn describe(activity_type: ActivityType) -> DescribeActivityType {
    DescribeActivityType {
        domain: DOMAIN.into(),
        activity_type,
    }
}

fn register(name: &str) -> RegisterActivityType {
    RegisterActivityType {
        domain: DOMAIN.into(),
        name: name.into(),
        version: "1.0".into(),
        default_task_heartbeat_timeout: millis(2_500),
        ..Default::default()
    }
}

#[test]
fn a_type_is_described_as_it_was_registered() {
    let mut world = World::new();
    world.ok(RegisterActivityType {
        description: Some("scans".into()),
        ..register("scan")
    });
    let detail = world.ok(describe(ActivityType::new("scan", "1.0")));
    assert_eq!(detail.type_info.status, RegistrationStatus::Registered);
    assert_eq!(detail.type_info.creation_date, world.now);
    let json = serde_json::to_value(&detail).unwrap();
    let expected = serde_json::json!({
        "typeInfo": {
            "activityType": { "name": "scan", "version": "1.0" },
            "status": "REGISTERED",
            "description": "scans",
            "creationDate": 1_000.0,
        },
        "configuration": { "defaultTaskHeartbeatTimeout": "2.5" },
    });
    assert_eq!(json, expected);
}

#[test]
fn a_type_cannot_be_registered_twice() {
    let mut world = World::new();
    let fault = world.err(register("pack"));
    assert_eq!(fault.kind(), FaultKind::TypeAlreadyExists);
    assert_eq!(fault.message(), "ActivityType=[name=pack, version=1.0]");
}

#[test]
fn an_unknown_type_is_named() {
    let mut world = World::new();
    let fault = world.err(describe(ActivityType::new("scan", "1.0")));
    assert_eq!(
        fault.kind(),
        FaultKind::UnknownResource(Resource::ActivityType)
    );
    assert_eq!(
        fault.message(),
        "Unknown type: ActivityType=[name=scan, version=1.0]"
    );
}

#[test]
fn a_deprecated_type_is_scheduled_no_more_and_cannot_be_registered_again() {
    let mut world = World::new();
    world.start(activity("a"));
    let deprecate = DeprecateActivityType {
        domain: DOMAIN.into(),
        activity_type: pack(),
    };
    world.ok(deprecate.clone());
    assert_eq!(world.err(deprecate).kind(), FaultKind::TypeDeprecated);
    assert_eq!(
        world.err(register("pack")).kind(),
        FaultKind::TypeAlreadyExists
    );
    let decided = world.decide("flow", vec![activity("b").into()]);
    let failure = DecisionFailure::ScheduleActivityTask(Cause::ActivityTypeDeprecated);
    assert_eq!(decided.outcomes[0].failure, Some(failure));
    let token = world.take().token;
    assert!(world.complete(&token).is_ok(), "what is open goes on");
    let detail = world.ok(describe(pack()));
    assert_eq!(detail.type_info.status, RegistrationStatus::Deprecated);
    assert_eq!(detail.type_info.deprecation_date, Some(world.now));
}

#[test]
fn a_type_that_was_made_up_can_be_registered_once() {
    let mut world = World::with(Settings::default().lenient_types(true));
    world.workflow("flow");
    let mut scan = activity("a");
    scan.activity_type = ActivityType::new("scan", "1.0");
    world.decide("flow", vec![scan.into()]);
    world.ok(register("scan"));
    let detail = world.ok(describe(ActivityType::new("scan", "1.0")));
    assert_eq!(
        detail.configuration.default_task_heartbeat_timeout,
        millis(2_500)
    );
    assert_eq!(
        world.err(register("scan")).kind(),
        FaultKind::TypeAlreadyExists
    );
}

#[test]
fn a_domain_cannot_be_registered_twice_and_its_retention_is_checked() {
    let mut world = World::new();
    let domain = |name: &str, days: &str| RegisterDomain {
        name: name.into(),
        workflow_execution_retention_period_in_days: days.into(),
        ..Default::default()
    };
    assert_eq!(
        world.err(domain(DOMAIN, "7")).kind(),
        FaultKind::DomainAlreadyExists
    );
    world.ok(domain("other", "90"));
    for bad in ["91", "-1", "week", ""] {
        assert_eq!(
            world.err(domain("third", bad)).kind(),
            FaultKind::Validation
        );
    }
}

#[test]
fn domains_do_not_share_their_types() {
    let mut world = World::new();
    world.ok(RegisterDomain {
        name: "other".into(),
        ..Default::default()
    });
    world.ok(RegisterActivityType {
        domain: "other".into(),
        ..register("pack")
    });
}
