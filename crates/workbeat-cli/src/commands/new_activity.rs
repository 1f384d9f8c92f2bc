//! What `workbeat start` starts: the type, its timeouts, and the execution around it.

use std::time::Duration;

use crate::args::{ActivityName, Start, Timeout};
use crate::decider::Plan;
use crate::history::TypeName;
use crate::output::escape;
use crate::problem::{Problem, ProblemKind};
use crate::service::{NewExecution, Service, Target, TypeDefaults, activity_tag};

/// SWF's limit on a workflow's input, in characters.
const LONGEST_INPUT: usize = 32_768;

/// The longest that an execution can be open: one year.
const LONGEST: Duration = Duration::from_secs(31_536_000);

/// How much longer than its activity an execution may be open, so that somebody can come and
/// finish it.
const MARGIN: Duration = Duration::from_secs(24 * 60 * 60);

/// How many type names an error lists.
const SHOWN_TYPES: usize = 20;

/// The activity type that a person named, with what is registered of it.
pub(crate) async fn find_type(
    service: &Service,
    named: &ActivityName,
) -> Result<(TypeName, TypeDefaults), Problem> {
    let activity_type = match &named.version {
        Some(version) => TypeName::new(&named.name, version),
        None => only_version(service, &named.name).await?,
    };
    match service.activity_type(&activity_type).await {
        Ok(Some(defaults)) if defaults.deprecated => Err(Problem::new(
            ProblemKind::NotFound,
            format!("the activity type {activity_type} is deprecated"),
            "name another version, as NAME/VERSION",
        )),
        Ok(Some(defaults)) => Ok((activity_type, defaults)),
        Ok(None) => Err(unknown_type(service, &activity_type.to_string()).await),
        // Whoever may not look may still schedule it. Then nothing is known of its defaults.
        Err(fault) if fault.is_not_permitted() => Ok((activity_type, TypeDefaults::unknown())),
        Err(fault) => Err(fault.into()),
    }
}

/// The version of a type that has only one.
async fn only_version(service: &Service, name: &str) -> Result<TypeName, Problem> {
    let types = match service.registered_types(Some(name)).await {
        Ok(types) => types,
        Err(fault) if fault.is_not_permitted() => {
            let mut problem = Problem::from(fault);
            problem.hint = Some(format!("or say the version: {name}/VERSION"));
            return Err(problem);
        }
        Err(fault) => return Err(fault.into()),
    };
    match types.as_slice() {
        [] => Err(unknown_type(service, name).await),
        [only] => Ok(only.clone()),
        several => {
            let versions: Vec<_> = several.iter().map(ToString::to_string).collect();
            Err(Problem::usage(
                format!("several versions of `{name}` are registered"),
                format!("name one: {}", versions.join(", ")),
            ))
        }
    }
}

/// There is no such type: which are there?
async fn unknown_type(service: &Service, named: &str) -> Problem {
    let registered = service.registered_types(None).await.unwrap_or_default();
    let hint = if registered.is_empty() {
        none_registered(service.target())
    } else {
        let shown: Vec<_> = registered
            .iter()
            .take(SHOWN_TYPES)
            .map(ToString::to_string)
            .collect();
        let more = registered.len() - shown.len();
        let more = if more == 0 {
            String::new()
        } else {
            format!(" and {more} more")
        };
        format!("registered are: {}{more}", shown.join(", "))
    };
    Problem::new(
        ProblemKind::NotFound,
        format!(
            "there is no activity type `{}` in domain `{}` {}",
            escape(named),
            service.domain(),
            service.place()
        ),
        hint,
    )
}

/// No type is registered: what may be the reason.
fn none_registered(target: &Target) -> String {
    match target {
        // There, a worker of another region is in a world of its own.
        Target::Local { region, .. } => format!(
            "none is registered in region {region}; a worker registers its types when it starts: \
             is one running, in this region and domain? --region asks another one; or the server \
             was reset or restarted since: restart the worker"
        ),
        Target::Aws { .. } => {
            "none is registered; a worker registers its types when it starts: is one running?"
                .to_owned()
        }
    }
}

/// The plan: what was said on the command line, and `NONE` for a timeout that nobody says.
pub(crate) fn plan(
    start: &Start,
    activity_type: TypeName,
    defaults: &TypeDefaults,
    input: Option<&str>,
) -> Result<Plan, Problem> {
    if start.task_list.is_none() && defaults.known && defaults.task_list.is_none() {
        return Err(Problem::usage(
            format!("the activity type {activity_type} has no task list of its own"),
            "name the one that its worker polls with --task-list",
        ));
    }
    let timeout = |said: Option<Timeout>, default: &Option<String>| match said {
        Some(timeout) => Some(timeout.to_string()),
        None if defaults.known && default.is_none() => Some(Timeout::None.to_string()),
        None => None,
    };
    let mut plan = Plan::new(activity_type, input);
    plan.task_list.clone_from(&start.task_list);
    plan.heartbeat_timeout = timeout(start.heartbeat_timeout, &defaults.heartbeat_timeout);
    plan.schedule_to_start_timeout =
        timeout(start.schedule_to_start, &defaults.schedule_to_start_timeout);
    plan.schedule_to_close_timeout =
        timeout(start.schedule_to_close, &defaults.schedule_to_close_timeout);
    plan.start_to_close_timeout = timeout(start.start_to_close, &defaults.start_to_close_timeout);
    plan.task_priority = start.priority.map(|priority| priority.to_string());
    Ok(plan)
}

/// The execution around the plan.
pub(crate) fn execution(
    start: &Start,
    plan: &Plan,
    defaults: &TypeDefaults,
) -> Result<NewExecution, Problem> {
    let input = plan.to_text();
    let (length, own) = (
        input.encode_utf16().count(),
        plan.input().map_or(0, |input| input.encode_utf16().count()),
    );
    if length > LONGEST_INPUT {
        return Err(Problem::usage(
            format!(
                "the input is too long: {own} characters, of at most {}",
                LONGEST_INPUT.saturating_sub(length - own)
            ),
            "put it where the worker can read it, and give the activity its address",
        ));
    }
    let mut tags = start.tag.clone();
    tags.extend(activity_tag(&plan.activity_type));
    if tags.len() > 5 {
        return Err(Problem::usage(
            "too many tags: SWF takes five, and one tells the activity type",
            "give at most four",
        ));
    }
    Ok(NewExecution {
        workflow_id: start
            .workflow_id
            .clone()
            .unwrap_or_else(|| new_workflow_id(&plan.activity_type.name)),
        decision_task_list: format!("workbeat.start.{:016x}", fastrand::u64(..)),
        input,
        timeout: execution_timeout(plan, defaults),
        tags,
    })
}

/// A new id that tells what it is.
fn new_workflow_id(name: &str) -> String {
    let name: String = name.chars().take(200).collect();
    format!("{name}-{:08x}", fastrand::u32(..))
}

/// How long the execution may be open: as long as its activity may take, and a day more. Where
/// the activity has no limit, it is SWF's own.
fn execution_timeout(plan: &Plan, defaults: &TypeDefaults) -> Duration {
    let limit = |said: &Option<String>, default: &Option<String>| {
        let seconds = said.as_ref().or(default.as_ref())?.parse().ok()?;
        Some(Duration::from_secs(seconds))
    };
    let whole = limit(
        &plan.schedule_to_close_timeout,
        &defaults.schedule_to_close_timeout,
    );
    let waiting = limit(
        &plan.schedule_to_start_timeout,
        &defaults.schedule_to_start_timeout,
    );
    let running = limit(
        &plan.start_to_close_timeout,
        &defaults.start_to_close_timeout,
    );
    let longest = whole.or_else(|| Some(waiting? + running?));
    longest.map_or(LONGEST, |longest| (longest + MARGIN).min(LONGEST))
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::args::{Cli, Command};

    fn start(arguments: &[&str]) -> Start {
        let all = ["workbeat", "start", "resize"].iter().chain(arguments);
        match Cli::try_parse_from(all).unwrap().command {
            Command::Start(start) => *start,
            other => panic!("{other:?}"),
        }
    }

    fn resize() -> TypeName {
        TypeName::new("resize", "1.0")
    }

    fn with_list() -> TypeDefaults {
        TypeDefaults {
            known: true,
            task_list: Some("images".to_owned()),
            ..TypeDefaults::default()
        }
    }

    #[test]
    fn what_nobody_says_is_none_and_what_the_type_says_is_left_to_it() {
        let mut defaults = with_list();
        defaults.heartbeat_timeout = Some("30".to_owned());
        let said = start(&["--start-to-close", "1h", "--priority", "-3"]);
        let plan = plan(&said, resize(), &defaults, None).unwrap();
        assert_eq!(plan.heartbeat_timeout, None);
        assert_eq!(plan.start_to_close_timeout.as_deref(), Some("3600"));
        assert_eq!(plan.schedule_to_close_timeout.as_deref(), Some("NONE"));
        assert_eq!(plan.schedule_to_start_timeout.as_deref(), Some("NONE"));
        assert_eq!(plan.task_priority.as_deref(), Some("-3"));
        assert_eq!(plan.task_list, None);
    }

    #[test]
    fn of_a_type_that_may_not_be_read_nothing_is_guessed() {
        let plan = plan(&start(&[]), resize(), &TypeDefaults::unknown(), None).unwrap();
        assert_eq!(plan.schedule_to_close_timeout, None);
    }

    #[test]
    fn a_task_list_must_be_known() {
        let without = TypeDefaults {
            known: true,
            ..TypeDefaults::default()
        };
        let problem = plan(&start(&[]), resize(), &without, None).unwrap_err();
        assert!(problem.hint.unwrap().contains("--task-list"));
        assert!(plan(&start(&["--task-list", "a"]), resize(), &without, None).is_ok());
    }

    #[test]
    fn the_execution_outlives_its_activity() {
        let day = 24 * 60 * 60;
        let cases: [(&[&str], u64); 4] = [
            (&[], 365 * day),
            (&["--schedule-to-close", "1h"], day + 3600),
            (
                &["--start-to-close", "1h", "--schedule-to-start", "2h"],
                day + 3 * 3600,
            ),
            (&["--schedule-to-close", "365d"], 365 * day),
        ];
        for (arguments, seconds) in cases {
            let said = start(arguments);
            let plan = plan(&said, resize(), &with_list(), None).unwrap();
            let execution = execution(&said, &plan, &with_list()).unwrap();
            assert_eq!(execution.timeout.as_secs(), seconds, "{arguments:?}");
        }
    }

    #[test]
    fn an_input_and_tags_must_fit() {
        let said = start(&["--tag", "a", "--workflow-id", "w"]);
        let fits = format!("\"{}\"", "é".repeat(32_000));
        let plan_of = |input: &str| plan(&said, resize(), &with_list(), Some(input)).unwrap();
        let new = execution(&said, &plan_of(&fits), &with_list()).unwrap();
        assert_eq!(new.workflow_id, "w");
        assert_eq!(new.tags, ["a", "workbeat:resize/1.0"]);
        let too_long = format!("\"{}\"", "é".repeat(33_000));
        let problem = execution(&said, &plan_of(&too_long), &with_list()).unwrap_err();
        assert!(problem.message.contains("33002 characters"), "{problem}");

        let five = start(&["--tag=a", "--tag=b", "--tag=c", "--tag=d", "--tag=e"]);
        assert!(execution(&five, &plan_of("1"), &with_list()).is_err());
    }
}
