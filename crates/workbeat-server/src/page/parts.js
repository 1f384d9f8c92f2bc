// What Workbeat's pages are made of. Names, progress and payloads are somebody else's words: they
// are set as text, never as markup.
"use strict";

const parts = (() => {
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
    if (seconds < 0.1) return `${Math.max(Math.round(seconds * 1000), 0)} ms`;
    if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
    const whole = Math.round(seconds);
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

  // A table whose columns make a cell once and fill it again and again. A column whose filling
  // says false has nothing to show in that row, and leaves it out on a phone.
  function table(caption, columns) {
    const element = make("table");
    // On a phone the rows are blocks; the roles say that it is a table all the same.
    element.setAttribute("role", "table");
    element.setAttribute("aria-label", caption);
    const head = element.createTHead();
    head.setAttribute("role", "rowgroup");
    const titles = head.insertRow();
    titles.setAttribute("role", "row");
    for (const column of columns) {
      const cell = make("th", "", column.label);
      cell.scope = "col";
      cell.setAttribute("role", "columnheader");
      titles.append(cell);
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

  function textColumn(label, read, className) {
    return { label, className, make: (cell) => (item) => say(cell, read(item)) };
  }

  // A name, its version, and an id below.
  function nameColumn(label, read) {
    return {
      label,
      make(cell) {
        const name = make("span", "name");
        const version = make("span", "soft");
        const id = make("div", "soft");
        cell.append(name, " ", version, id);
        return (item) => {
          const told = read(item);
          say(name, told.name);
          say(version, told.version);
          say(id, told.id);
        };
      },
    };
  }

  // A bar where it is known how far something is, and what else is said of it.
  function progressColumn(read) {
    return {
      label: "Progress",
      className: "wide",
      make(cell) {
        const bar = make("progress");
        const text = make("span", "soft");
        bar.max = 1;
        cell.append(bar, text);
        return (item) => {
          const { progress, of } = read(item);
          const fraction = progress ? progress.fraction : null;
          bar.hidden = fraction === null;
          bar.setAttribute("aria-label", `progress of ${of}`);
          if (fraction !== null) bar.value = fraction;
          const percent = fraction === null ? "" : `${Math.floor(fraction * 100 + 1e-9)} %`;
          const words = progress ? progress.text : "–";
          say(text, percent && words ? `${percent}, ${words}` : percent || words);
          return Boolean(progress);
        };
      },
    };
  }

  // A bar of several shares, each with a shade of its own; a text beside it has the figures.
  function sharesBar(label, shades) {
    const element = make("div", "shares");
    element.setAttribute("role", "img");
    const shares = shades.map((shade) => {
      const share = make("span", shade);
      element.append(share);
      return share;
    });
    return {
      element,
      fill(values, all, words) {
        element.setAttribute("aria-label", `${label}: ${words}`);
        values.forEach((value, at) => {
          shares[at].style.width = `${(100 * value) / Math.max(all, 1)}%`;
        });
      },
    };
  }

  // A word on a coloured ground; none where there is no word.
  function chipColumn(label, read) {
    return {
      label,
      make(cell) {
        const chip = make("span", "chip");
        cell.append(chip);
        return (item) => {
          const [word, kind] = read(item);
          chip.hidden = !word;
          say(chip, word || "");
          dress(chip, `chip ${kind || ""}`);
          return Boolean(word);
        };
      },
    };
  }

  // The line that says whether what is shown is up to date.
  const connection = document.getElementById("connection");

  function tell(kind, words) {
    dress(connection, `connection ${kind}`);
    say(connection, words);
  }

  function lost() {
    if (!connection.classList.contains("lost")) {
      tell("lost", `not connected since ${new Date().toLocaleTimeString()}`);
    }
  }

  return {
    make, say, dress, time, number, table, textColumn, nameColumn, progressColumn, chipColumn,
    sharesBar, tell, lost,
  };
})();
