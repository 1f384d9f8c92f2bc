#!/usr/bin/env bash
# The AWS CLI drives the local server through one activity, cancelled while it runs.
# `run` starts the server and gives its address in SERVER, and the command in AWS.
set -euo pipefail

export AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local AWS_DEFAULT_REGION=us-east-1 AWS_PAGER=""
unset AWS_PROFILE AWS_SESSION_TOKEN
cli=${AWS:?} server=${SERVER:?}
domain=cli-$$

swf() { "$cli" --endpoint-url "$server" --output text swf "$@"; }
fail() {
    printf 'FAILED: %s\n' "$*" >&2
    exit 1
}
is() { [[ "$2" == "$3" ]] || fail "$1: expected '$3', found '$2'"; }

swf register-domain --name "$domain" --workflow-execution-retention-period-in-days 1
swf register-workflow-type --domain "$domain" --name order --workflow-version 1.0 \
    --default-task-list name=decisions --default-child-policy TERMINATE \
    --default-task-start-to-close-timeout 60 --default-execution-start-to-close-timeout 600
swf register-activity-type --domain "$domain" --name pack --activity-version 1.0 \
    --default-task-list name=boxes --default-task-heartbeat-timeout 60 \
    --default-task-schedule-to-start-timeout 60 --default-task-schedule-to-close-timeout 600 \
    --default-task-start-to-close-timeout 600
run=$(swf start-workflow-execution --domain "$domain" --workflow-id order-1 \
    --workflow-type name=order,version=1.0 --input shoes --query runId)

decide() {
    local token
    token=$(swf poll-for-decision-task --domain "$domain" --task-list name=decisions --query taskToken)
    [[ -n "$token" && "$token" != None ]] || fail "no decision task"
    swf respond-decision-task-completed --task-token "$token" --decisions "$1"
}

decide '[{"decisionType": "ScheduleActivityTask", "scheduleActivityTaskDecisionAttributes":
    {"activityType": {"name": "pack", "version": "1.0"}, "activityId": "pack-1"}}]'
token=$(swf poll-for-activity-task --domain "$domain" --task-list name=boxes --query taskToken)
is "before the request" "$(swf record-activity-task-heartbeat --task-token "$token" --details half --query cancelRequested)" False
swf signal-workflow-execution --domain "$domain" --workflow-id order-1 --signal-name stop
decide '[{"decisionType": "RequestCancelActivityTask", "requestCancelActivityTaskDecisionAttributes":
    {"activityId": "pack-1"}}]'
is "after the request" "$(swf record-activity-task-heartbeat --task-token "$token" --query cancelRequested)" True
swf respond-activity-task-canceled --task-token "$token" --details "put back"
decide '[{"decisionType": "CancelWorkflowExecution"}]'

events=$(swf get-workflow-execution-history --domain "$domain" \
    --execution workflowId=order-1,runId="$run" --query 'events[].eventType')
for event in ActivityTaskCancelRequested ActivityTaskCanceled WorkflowExecutionCanceled; do
    [[ "$events" == *"$event"* ]] || fail "no $event in: $events"
done
is "closed executions" "$(swf count-closed-workflow-executions --domain "$domain" \
    --start-time-filter oldestDate=0 --close-status-filter status=CANCELED --query count)" 1
if refused=$(swf describe-domain --name nowhere 2>&1); then
    fail "an unknown domain was described"
fi
[[ "$refused" == *UnknownResourceFault* ]] || fail "unexpected: $refused"
printf 'the AWS CLI: an activity cancelled half way, and %s events\n' "$(wc -w <<<"$events")"
