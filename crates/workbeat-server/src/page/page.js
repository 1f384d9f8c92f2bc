// Shows what the local server holds: open activities, executions, and the history of one of them.
"use strict";

(() => {
  const { make, say, dress, time, number, table, textColumn, nameColumn } = parts;
  const { progressColumn, chipColumn, tell, lost } = parts;
  const base = new URL(".", document.currentScript.src);
  const main = document.getElementById("main");
  const EVERY = 1000;
  let now = 0;

  const ENDS = { COMPLETED: "good", FAILED: "bad", TIMED_OUT: "bad", TERMINATED: "bad" };

  // --- asking ---

  async function get(path) {
    const answer = await fetch(new URL(path, base));
    if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
    return answer.json();
  }

  const notice = make("p", "notice");
  notice.setAttribute("role", "alert");
  notice.hidden = true;

  async function cancel(run) {
    try {
      const answer = await fetch(new URL("cancel", base), {
        method: "POST",
        body: JSON.stringify(run),
      });
      const refused = answer.ok ? "" : (await answer.json()).message || `refused: ${answer.status}`;
      say(notice, refused);
      notice.hidden = answer.ok;
    } catch {
      lost();
    }
    refresh();
  }

  // --- columns ---

  function where(item) {
    return `${item.domain}, ${item.region}`;
  }

  function ofExecution(item) {
    const { domain, region, execution } = item;
    return { region, domain, workflowId: execution.workflowId, runId: execution.runId };
  }

  function ofActivity({ region, domain, workflowId, runId }) {
    return { region, domain, workflowId, runId };
  }

  function address(run) {
    return `#${encodeURIComponent(run.region)}/${encodeURIComponent(run.runId)}`;
  }

  // The workflow id as a link to its history.
  function workflowColumn(read) {
    return {
      label: "Workflow",
      make(cell) {
        const link = make("a", "name");
        const place = make("div", "soft");
        cell.append(link, place);
        return (item) => {
          const run = read(item);
          say(link, run.workflowId);
          link.title = `run ${run.runId}`;
          if (link.getAttribute("href") !== address(run)) link.setAttribute("href", address(run));
          say(place, where(run));
        };
      },
    };
  }

  // A button that requests the cancellation of a workflow, while that makes a difference.
  function cancelColumn(read) {
    return {
      label: "Cancel",
      make(cell) {
        const button = make("button", "", "Cancel");
        const asked = make("span", "chip warn", "requested");
        button.type = "button";
        cell.append(button, asked);
        let run = null;
        button.addEventListener("click", () => {
          button.disabled = true;
          cancel(run);
        });
        return (item) => {
          const told = read(item);
          run = told.run;
          button.disabled = false;
          button.hidden = !told.open || told.requested;
          button.setAttribute("aria-label", `request cancellation of ${run.workflowId}`);
          asked.hidden = !told.requested;
          return told.open || told.requested;
        };
      },
    };
  }

  // --- open activities ---

  const activitiesTitle = make("h2");
  const noActivity = make("p", "empty", "No activity is open.");
  const activities = table("open activities", [
    nameColumn("Activity", (item) => ({
      name: item.activityType.name,
      version: item.activityType.version,
      id: item.activityId,
    })),
    workflowColumn(ofActivity),
    progressColumn((item) => ({ progress: item.progress || null, of: item.activityId })),
    textColumn(
      "State",
      (item) =>
        item.startedAt === undefined
          ? `waits in ${item.taskList} for ${time(now - item.scheduledAt)}`
          : `runs for ${time(now - item.startedAt)}`,
    ),
    textColumn(
      "Heartbeat",
      (item) => (item.heartbeatAt === undefined ? "–" : `${time(now - item.heartbeatAt)} ago`),
      "number",
    ),
    cancelColumn((item) => ({
      run: ofActivity(item),
      open: true,
      requested: item.cancelRequested,
    })),
  ]);
  const open = make("section", "card");
  open.append(activitiesTitle, noActivity, activities.element);

  // --- executions ---

  const executionsTitle = make("h2");
  const noExecution = make("p", "empty", "There is no execution. Point an AWS SDK's endpoint URL here, or try workbeat start.");
  const executions = table("executions", [
    workflowColumn(ofExecution),
    nameColumn("Type", (item) => ({
      name: item.workflowType.name,
      version: item.workflowType.version,
      id: "",
    })),
    chipColumn("Status", (item) => {
      const status = item.closeStatus || item.executionStatus;
      return [status.toLowerCase().replaceAll("_", " "), ENDS[status]];
    }),
    textColumn("Started", (item) => `${time(now - item.startTimestamp)} ago`, "number"),
    textColumn(
      "Took",
      (item) => (item.closeTimestamp === undefined ? "–" : time(item.closeTimestamp - item.startTimestamp)),
      "number",
    ),
    cancelColumn((item) => ({
      run: ofExecution(item),
      open: item.executionStatus === "OPEN",
      requested: item.executionStatus === "OPEN" && item.cancelRequested,
    })),
  ]);
  const all = make("section", "card");
  all.append(executionsTitle, noExecution, executions.element);

  // --- one history ---

  const historyTitle = make("h2");
  historyTitle.tabIndex = -1;
  const historyPlace = make("p", "soft");
  const closeHistory = make("a", "", "close");
  closeHistory.href = "#";
  const heading = make("div", "title");
  const closing = make("div", "actions");
  closing.append(closeHistory);
  heading.append(historyTitle, closing);
  const timeline = make("ol", "timeline");
  const past = make("section", "card");
  past.hidden = true;
  past.append(heading, historyPlace, timeline);
  const events = [];

  const KINDS = [
    [/(Failed|TimedOut|Terminated)$/, "bad"],
    [/Completed$/, "good"],
    [/(CancelRequested|Canceled)$/, "warn"],
  ];

  function chosen() {
    const [region, runId] = location.hash.slice(1).split("/").map(decodeURIComponent);
    return region && runId ? { region, runId } : null;
  }

  // What an event says of itself, in one line.
  function facts(event) {
    const attributes = Object.entries(event).find(([name]) => name.endsWith("EventAttributes"));
    const words = (value) =>
      value !== null && typeof value === "object" ? Object.values(value).map(words).join(" ") : String(value);
    const members = attributes ? Object.entries(attributes[1]) : [];
    return members.map(([name, value]) => `${name} ${words(value)}`).join(" · ");
  }

  function showHistory(told) {
    say(historyTitle, told.workflowId);
    const omitted = told.count - told.events.length;
    const some = omitted > 0 ? `, the last ${number(told.events.length)} of ${number(told.count)} events` : "";
    say(historyPlace, `${where(told)}, run ${told.runId}${some}`);
    while (events.length > told.events.length) events.pop().row.remove();
    while (events.length < told.events.length) {
      const row = make("li");
      const at = make("span", "at");
      const name = make("span", "name");
      const text = make("div", "soft facts");
      const body = make("div");
      body.append(name, text);
      row.append(at, body);
      timeline.append(row);
      events.push({ row, at, name, text });
    }
    told.events.forEach((event, index) => {
      const { row, at, name, text } = events[index];
      say(at, `+${time(event.eventTimestamp - told.startedAt)}`);
      say(name, event.eventType);
      say(text, facts(event));
      const kind = KINDS.find(([pattern]) => pattern.test(event.eventType));
      dress(row, kind ? kind[1] : "");
    });
    past.hidden = false;
  }

  // --- all of it ---

  let round = 0;
  let waiting = null;

  async function refresh() {
    round += 1;
    const mine = round;
    clearTimeout(waiting);
    const run = chosen();
    try {
      const [activitiesTold, executionsTold, historyTold] = await Promise.all([
        get("activities"),
        get("executions"),
        run ? get(`history/${encodeURIComponent(run.region)}/${encodeURIComponent(run.runId)}`) : null,
      ]);
      // An answer that was overtaken shows what was.
      if (mine !== round) return;
      now = activitiesTold.now;
      activitiesTold.activities.sort((one, other) => one.scheduledAt - other.scheduledAt);
      const shown = activitiesTold.activities.slice(0, 100);
      const openCount = activitiesTold.activities.length;
      say(activitiesTitle, `Open activities: ${number(openCount)}${openCount > 100 ? ", 100 of them here" : ""}`);
      noActivity.hidden = openCount > 0;
      activities.element.hidden = openCount === 0;
      activities.fill(shown);
      const { count } = executionsTold;
      const here = executionsTold.executions.length;
      say(executionsTitle, `Executions: ${number(count)}${count > here ? `, ${number(here)} of them here` : ""}`);
      noExecution.hidden = count > 0;
      executions.element.hidden = count === 0;
      executions.fill(executionsTold.executions);
      if (historyTold && historyTold.events) showHistory(historyTold);
      else past.hidden = true;
      tell("live", "live");
    } catch {
      if (mine === round) lost();
    }
    if (mine === round && !document.hidden) waiting = setTimeout(refresh, EVERY);
  }

  main.append(notice, open, past, all);
  window.addEventListener("hashchange", async () => {
    await refresh();
    if (chosen() && !past.hidden) {
      past.scrollIntoView({ block: "nearest" });
      historyTitle.focus({ preventScroll: true });
    }
  });
  document.addEventListener("visibilitychange", refresh);
  refresh();
})();
