// Shows what the worker tells, and keeps it up to date. Names and progress are somebody else's
// words: they are set as text, never as markup.
"use strict";

(() => {
  const base = new URL(".", document.currentScript.src);
  const main = document.getElementById("workers");
  const connection = document.getElementById("connection");
  const cards = [];
  let stream = null;
  let asking = null;
  let over = false;

  const STATES = { running: "good", paused: "warn", draining: "warn", ended: "bad" };
  const ENDS = { completed: "good", canceled: "calm", "handed on": "calm", "probably accepted": "calm" };

  // --- small pieces ---

  function make(tag, className, text) {
    const element = document.createElement(tag);
    if (className) element.className = className;
    if (text !== undefined) element.textContent = text;
    return element;
  }

  // Only what changed is touched, so that a selection or the focus stays where it is.
  function say(element, text) {
    if (element.textContent !== text) element.textContent = text;
  }

  function dress(element, className) {
    if (element.className !== className) element.className = className;
  }

  function time(seconds) {
    if (seconds === null || seconds === undefined) return "–";
    if (seconds < 10) return `${seconds.toFixed(1)} s`;
    const whole = Math.floor(seconds);
    if (whole < 60) return `${whole} s`;
    const two = (number) => String(number).padStart(2, "0");
    if (whole < 3600) return `${Math.floor(whole / 60)} min ${two(whole % 60)} s`;
    const hours = Math.floor(whole / 3600);
    if (hours < 48) return `${hours} h ${two(Math.floor((whole % 3600) / 60))} min`;
    return `${Math.floor(hours / 24)} d ${hours % 24} h`;
  }

  function number(value) {
    return value.toLocaleString("en", { maximumFractionDigits: 1 });
  }

  // --- tables: columns that make a cell once and fill it again and again ---

  function table(caption, columns) {
    const element = make("table");
    // On a phone the rows are blocks; the roles say that it is a table all the same.
    element.setAttribute("role", "table");
    element.setAttribute("aria-label", caption);
    const head = element.createTHead().insertRow();
    head.setAttribute("role", "row");
    for (const column of columns) {
      const cell = make("th", "", column.label);
      cell.scope = "col";
      cell.setAttribute("role", "columnheader");
      head.append(cell);
    }
    const body = element.createTBody();
    body.setAttribute("role", "rowgroup");
    const rows = [];
    return {
      element,
      fill(items) {
        while (rows.length > items.length) rows.pop().row.remove();
        while (rows.length < items.length) {
          const row = body.insertRow();
          row.setAttribute("role", "row");
          const fills = columns.map((column) => {
            const cell = make("td", column.className);
            cell.setAttribute("role", "cell");
            cell.dataset.label = column.label;
            const inner = make("div");
            cell.append(inner);
            row.append(cell);
            const fill = column.make(inner);
            return (item) => cell.classList.toggle("bare", fill(item) === false);
          });
          rows.push({ row, fills });
        }
        items.forEach((item, at) => rows[at].fills.forEach((fill) => fill(item)));
      },
    };
  }

  function textColumn(label, text, className) {
    return {
      label,
      className,
      make: (cell) => (item) => say(cell, text(item)),
    };
  }

  function nameColumn() {
    return {
      label: "Activity",
      make(cell) {
        const name = make("span", "name");
        const version = make("span", "soft");
        const id = make("div", "soft");
        cell.append(name, " ", version, id);
        return (item) => {
          say(name, item.name);
          say(version, item.version);
          say(id, item.activity_id);
        };
      },
    };
  }

  function workflowColumn() {
    return {
      label: "Workflow",
      make: (cell) => (item) => {
        say(cell, item.workflow_id);
        cell.title = `run ${item.run_id}`;
      },
    };
  }

  function progressColumn() {
    return {
      label: "Progress",
      className: "wide",
      make(cell) {
        const bar = make("progress");
        const text = make("span", "soft");
        bar.max = 1;
        cell.append(bar, text);
        return (item) => {
          const progress = item.progress;
          const fraction = progress ? progress.fraction : null;
          bar.hidden = fraction === null;
          bar.setAttribute("aria-label", `progress of ${item.activity_id}`);
          if (fraction !== null) bar.value = fraction;
          const percent = fraction === null ? "" : `${Math.floor(fraction * 100)} %`;
          const words = progress ? progress.text : "–";
          say(text, percent && words ? `${percent}, ${words}` : percent || words);
          return Boolean(progress);
        };
      },
    };
  }

  function stopColumn() {
    return {
      label: "Told to stop",
      make(cell) {
        const chip = make("span", "chip warn");
        const lost = make("span", "chip bad", "no room for its heartbeats");
        cell.append(chip, lost);
        return (item) => {
          chip.hidden = !item.stop_reason;
          say(chip, item.stop_reason || "");
          lost.hidden = !item.let_go;
          return Boolean(item.stop_reason || item.let_go);
        };
      },
    };
  }

  function endColumn() {
    return {
      label: "End",
      make(cell) {
        const chip = make("span", "chip");
        cell.append(chip);
        return (item) => {
          say(chip, item.end);
          dress(chip, `chip ${ENDS[item.end] || "bad"}`);
        };
      },
    };
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
    const slots = figure("Slots held");
    const slotsText = make("span");
    const slotsBar = make("progress");
    slotsBar.setAttribute("aria-label", "slots held");
    slots.append(slotsText, slotsBar);
    const polls = figure("Polls");
    const completed = figure("Completed");
    const failed = figure("Failed");
    const canceled = figure("Canceled");
    const closed = figure("Closed already");
    const beats = figure("Heartbeats a second");

    const runningTitle = make("h3");
    const none = make("p", "empty", "Nothing runs.");
    const running = table("running activities", [
      nameColumn(),
      workflowColumn(),
      progressColumn(),
      textColumn("Running for", (item) => time(item.running_seconds), "number"),
      textColumn(
        "Heartbeat",
        (item) => (item.heartbeat_seconds === null ? "–" : `${time(item.heartbeat_seconds)} ago`),
        "number",
      ),
      textColumn("Time left", (item) => time(item.left_seconds), "number"),
      stopColumn(),
    ]);
    const recentTitle = make("h3", "", "Ended last");
    const recent = table("activities that ended last", [
      nameColumn(),
      workflowColumn(),
      endColumn(),
      textColumn("Took", (item) => time(item.took_seconds), "number"),
      textColumn("Ended", (item) => `${time(item.ago_seconds)} ago`, "number"),
    ]);
    section.append(title, list, runningTitle, none, running.element, recentTitle, recent.element);

    return {
      section,
      fill(worker, mayAct) {
        say(name, worker.name);
        say(state, worker.state);
        dress(state, `chip ${STATES[worker.state] || ""}`);
        buttons.fill(worker, mayAct);
        say(slotsText, `${number(worker.slots_held)} of ${number(worker.slots)}`);
        slotsBar.max = Math.max(worker.slots, 1);
        slotsBar.value = worker.slots_held;
        say(polls, number(worker.polls));
        say(completed, number(worker.outcomes.completed));
        say(failed, number(worker.outcomes.failed));
        say(canceled, number(worker.outcomes.canceled));
        say(closed, number(worker.outcomes.closed));
        const { measured, rate, stretch, let_go: letGo } = worker.heartbeats;
        const words = [number(measured)];
        if (rate !== null) words.push(`of ${number(rate)}`);
        if (stretch !== null) words.push(`, at ${Math.round(stretch * 100)} % of timeouts`);
        if (letGo) words.push(`, ${number(letGo)} let go`);
        say(beats, words.join(" ").replaceAll(" ,", ","));
        const shown = worker.running.length;
        const all = worker.running_count;
        const some = shown < all ? `, the ${number(shown)} most urgent of them here` : "";
        const stopping = worker.stopping_count ? `, ${number(worker.stopping_count)} told to stop` : "";
        say(runningTitle, `Running now: ${number(all)}${stopping}${some}`);
        none.hidden = all > 0;
        running.element.hidden = shown === 0;
        running.fill(worker.running);
        recentTitle.hidden = recent.element.hidden = worker.recent.length === 0;
        recent.fill(worker.recent);
      },
    };
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
        tell("lost", "the worker could not be reached");
      }
    };
    const pause = button("Pause", () => send("pause"));
    const resume = button("Resume", () => send("resume"));
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
        const over = worker.state === "draining" || worker.state === "ended";
        element.hidden = !mayAct || over;
        pause.hidden = worker.state === "paused";
        resume.hidden = worker.state !== "paused";
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

  function tell(className, words) {
    dress(connection, `connection ${className}`);
    say(connection, words);
  }

  function lost() {
    if (!connection.classList.contains("lost")) {
      tell("lost", `not connected since ${new Date().toLocaleTimeString()}`);
    }
  }

  function close() {
    clearTimeout(asking);
    if (stream) stream.close();
    stream = null;
  }

  function open() {
    close();
    if (over) return;
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
  open();
})();
