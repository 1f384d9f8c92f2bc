// Shows what the workers tell, and keeps it up to date.
"use strict";

(() => {
  const { make, say, dress, time, number, table, textColumn, nameColumn } = parts;
  const { progressColumn, chipColumn, sharesBar, tell, lost } = parts;
  const base = new URL(".", document.currentScript.src);
  const main = document.getElementById("workers");
  const cards = [];
  let stream = null;
  let asking = null;
  let over = false;

  const STATES = { running: "good", paused: "warn", draining: "warn", ended: "bad" };
  const ENDS = { completed: "good", canceled: "calm", "handed on": "calm", "probably accepted": "calm" };

  const activity = nameColumn("Activity", (item) => ({
    name: item.name,
    version: item.version,
    id: item.activity_id,
  }));

  // Below it the service that it is in, where the worker has several.
  const workflow = {
    label: "Workflow",
    make(cell) {
      const id = make("div");
      const service = make("div", "soft");
      cell.append(id, service);
      return (item) => {
        say(id, item.workflow_id);
        id.title = `run ${item.run_id}`;
        service.hidden = item.service === null;
        say(service, item.service === null ? "" : `in ${item.service}`);
      };
    },
  };

  function standing(item) {
    if (item.stop_reason) return [item.stop_reason, "warn"];
    if (item.let_go) return ["no room for its heartbeats", "bad"];
    return item.waits_for_limit ? ["waits for its limit", ""] : [];
  }

  // A service that was down when the worker began is polled when it knows the activity types.
  function polling(item) {
    const over = item.state === "draining" || item.state === "ended";
    if (!item.is_polled) return [over ? "not polled" : "not polled yet", "warn"];
    return item.state === "running" ? ["polled", "good"] : [];
  }

  // --- a worker's card ---

  function makeCard(at) {
    const section = make("section", "card");
    const title = make("div", "title");
    const name = make("h2");
    const state = make("span", "chip");
    name.id = `worker-${at}`;
    section.setAttribute("aria-labelledby", name.id);
    const buttons = actions(at);
    title.append(name, state, buttons.element);

    const list = make("dl", "figures");
    const figure = (label) => {
      const pair = make("div");
      const value = make("dd");
      pair.append(make("dt", "", label), value);
      list.append(pair);
      return value;
    };
    const slots = figure("Slots");
    const slotsText = make("span");
    // A poll holds a slot too, so that what it brings has a place: an idle worker is not a full one.
    const slotsBar = sharesBar("slots", ["used", "kept"]);
    slots.append(slotsText, slotsBar.element);
    const completed = figure("Completed");
    const failed = figure("Failed");
    const canceled = figure("Canceled");
    const closed = figure("Closed already");
    const beats = figure("Heartbeats a second");

    const servicesTitle = make("h3", "", "Services");
    const services = table("services", [
      textColumn("Service", (item) => item.name),
      textColumn("Task lists", (item) => item.task_lists.join(", ")),
      textColumn("Heartbeats a second", (item) => heartbeats(item.heartbeats)),
      chipColumn("State", polling),
    ]);
    const runningTitle = make("h3");
    const none = make("p", "empty", "Nothing runs.");
    const running = table("running activities", [
      activity,
      workflow,
      progressColumn((item) => ({ progress: item.progress, of: item.activity_id })),
      textColumn("Running for", (item) => time(item.running_seconds), "number"),
      textColumn(
        "Heartbeat",
        (item) => (item.heartbeat_seconds === null ? "–" : `${time(item.heartbeat_seconds)} ago`),
        "number",
      ),
      textColumn("Time left", (item) => time(item.left_seconds), "number"),
      chipColumn("State", standing),
    ]);
    const recentTitle = make("h3", "", "Ended last");
    const recent = table("activities that ended last", [
      activity,
      workflow,
      chipColumn("End", (item) => [item.end, ENDS[item.end] || "bad"]),
      textColumn("Took", (item) => time(item.took_seconds), "number"),
      textColumn("Ended", (item) => `${time(item.ago_seconds)} ago`, "number"),
    ]);
    const why = make("p", "soft", "Why one failed is in its workflow's history and in the worker's log.");
    section.append(title, list, servicesTitle, services.element);
    section.append(runningTitle, none, running.element, recentTitle, recent.element, why);

    return {
      section,
      fill(worker, mayAct) {
        say(name, worker.name);
        say(state, worker.state);
        dress(state, `chip ${STATES[worker.state] || ""}`);
        buttons.fill(worker, mayAct);
        const tasks = Math.max(worker.slots_held - worker.polls, 0);
        const held = `${count(tasks, "task")} + ${count(worker.polls, "poll")} of ${number(worker.slots)}`;
        say(slotsText, held);
        slotsBar.fill([tasks, worker.polls], worker.slots, held);
        say(completed, number(worker.outcomes.completed));
        say(failed, number(worker.outcomes.failed));
        say(canceled, number(worker.outcomes.canceled));
        say(closed, number(worker.outcomes.closed));
        say(beats, heartbeats(worker.heartbeats));
        const several = worker.services.length > 0;
        beats.parentElement.hidden = several;
        servicesTitle.hidden = services.element.hidden = !several;
        services.fill(worker.services.map((service) => ({ ...service, state: worker.state })));
        const shown = worker.running.length;
        const all = worker.running_count;
        const some = shown < all ? `, the ${number(shown)} most urgent of them here` : "";
        const stopping = worker.stopping_count ? `, ${number(worker.stopping_count)} told to stop` : "";
        const waiting = worker.waiting_count ? `, ${number(worker.waiting_count)} waiting for a limit` : "";
        say(runningTitle, `Running now: ${number(all)}${stopping}${waiting}${some}`);
        none.hidden = all > 0;
        running.element.hidden = shown === 0;
        running.fill(worker.running);
        recentTitle.hidden = recent.element.hidden = worker.recent.length === 0;
        recent.fill(worker.recent);
        why.hidden = !worker.recent.some((item) => item.end === "failed");
      },
    };
  }

  function count(value, thing) {
    return `${number(value)} ${thing}${value === 1 ? "" : "s"}`;
  }

  function heartbeats({ measured, rate, stretch, let_go: letGo }) {
    let words = number(measured);
    if (rate !== null) words += ` of ${number(rate)}`;
    if (stretch !== null) words += `, at ${Math.round(stretch * 100)} % of timeouts`;
    if (letGo) words += `, ${number(letGo)} let go`;
    return words;
  }

  // --- actions: only where the application turned them on ---

  function actions(at) {
    const element = make("div", "actions");
    const button = (label, act) => {
      const made = make("button", "", label);
      made.type = "button";
      made.addEventListener("click", () => act(made));
      element.append(made);
      return made;
    };
    const send = async (action) => {
      try {
        const answer = await fetch(new URL(`workers/${at}/${action}`, base), {
          method: "POST",
          headers: { "X-Workbeat-Action": action },
        });
        if (answer.ok) show(await answer.json());
        else tell("lost", (await answer.text()).trim() || `refused: ${answer.status}`);
      } catch {
        lost();
      }
    };
    // One button for both, so that the focus stays on it.
    let paused = false;
    const pause = button("Pause", () => send(paused ? "resume" : "pause"));
    let doubt = null;
    const calm = () => {
      clearTimeout(doubt);
      doubt = null;
      say(drain, "Drain");
      drain.classList.remove("sure");
    };
    const drain = button("Drain", () => {
      if (doubt === null) {
        say(drain, "Drain for good?");
        drain.classList.add("sure");
        doubt = setTimeout(calm, 5000);
      } else {
        calm();
        send("drain");
      }
    });
    return {
      element,
      fill(worker, mayAct) {
        element.hidden = !mayAct || worker.state === "draining" || worker.state === "ended";
        paused = worker.state === "paused";
        say(pause, paused ? "Resume" : "Pause");
      },
    };
  }

  // --- all of it ---

  function show(snapshot) {
    while (cards.length > snapshot.workers.length) cards.pop().section.remove();
    while (cards.length < snapshot.workers.length) {
      const card = makeCard(cards.length);
      cards.push(card);
      main.append(card.section);
    }
    snapshot.workers.forEach((worker, at) => cards[at].fill(worker, snapshot.actions));
    const title = snapshot.workers.map((worker) => `${worker.name}: ${worker.state}`).join(", ");
    document.title = title ? `${title} – Workbeat` : "Workbeat";
  }

  function close() {
    clearTimeout(asking);
    if (stream) stream.close();
    stream = null;
  }

  function open() {
    close();
    if (over || document.hidden) return;
    const opened = new EventSource(new URL("events", base));
    stream = opened;
    opened.addEventListener("message", (event) => {
      show(JSON.parse(event.data));
      tell("live", "live");
    });
    opened.addEventListener("ended", (event) => {
      show(JSON.parse(event.data));
      over = true;
      close();
      tell("", "the worker has ended");
    });
    opened.addEventListener("error", () => {
      lost();
      // Refused, and not broken: then the browser does not come back by itself.
      if (opened.readyState === EventSource.CLOSED) ask();
    });
  }

  // Without a stream: asks now and then, and tries for a stream again.
  async function ask() {
    close();
    try {
      const answer = await fetch(new URL("status.json", base));
      if (answer.ok) {
        show(await answer.json());
        tell("live", "every few seconds");
      }
    } catch {
      lost();
    }
    asking = setTimeout(open, 5000);
  }

  // A page that nobody looks at holds no connection: a browser has few for each server.
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) close();
    else open();
  });
  // What came with the document, so that there is something before the first event.
  show(JSON.parse(main.dataset.first));
  open();
})();
