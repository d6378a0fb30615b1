// What needs a pointer or a key: zoom by brush, completion of queries, values of a field on opening it, shortcuts. Everything else on the
// pages is links and forms, and works without this file.

const path = "/app/discover";

// Zoom: drag over the histogram.
const chart = document.getElementById("hist");
if (chart) {
  chart.classList.add("brush");
  const from = Number(chart.dataset.from);
  const length = Number(chart.dataset.to) - from;
  let start = null;
  let band = null;
  const place = (event) => {
    const box = chart.getBoundingClientRect();
    return Math.min(1, Math.max(0, (event.clientX - box.left) / box.width));
  };
  const end = () => {
    band?.remove();
    start = band = null;
  };
  chart.addEventListener("dragstart", (event) => event.preventDefault());
  chart.addEventListener("pointerdown", (event) => {
    if (event.button === 0) start = { at: place(event), x: event.clientX, id: event.pointerId };
  });
  chart.addEventListener("pointermove", (event) => {
    if (!start || (!band && Math.abs(event.clientX - start.x) < 5)) return;
    if (!band) {
      chart.setPointerCapture(start.id);
      band = document.createElementNS("http://www.w3.org/2000/svg", "rect");
      band.setAttribute("class", "band");
      band.setAttribute("y", "0");
      band.setAttribute("height", "132");
      chart.append(band);
    }
    const at = place(event);
    band.setAttribute("x", `${Math.min(at, start.at) * 100}%`);
    band.setAttribute("width", `${Math.abs(at - start.at) * 100}%`);
  });
  chart.addEventListener("pointerup", (event) => {
    if (band) {
      const ends = [start.at, place(event)].sort((a, b) => a - b).map((part) => from + part * length);
      const unit = ends[1] - ends[0] > 10_000 ? 1000 : 1;
      const first = Math.floor(ends[0] / unit) * unit;
      const last = Math.max(Math.ceil(ends[1] / unit) * unit, first + unit);
      // A click follows the drag and would open a bar.
      addEventListener("click", (click) => click.preventDefault(), { capture: true, once: true });
      const state = new URLSearchParams(location.search);
      state.delete("page");
      state.set("from", new Date(first).toISOString());
      state.set("to", new Date(last).toISOString());
      location.assign(`${path}?${state}`);
    }
    end();
  });
  chart.addEventListener("pointercancel", end);
}

// Values of a field: asked for when it is opened, without a new page.
document.addEventListener("toggle", async (event) => {
  const link = event.target.open && event.target.querySelector?.(":scope > a.load");
  if (!link) return;
  const state = new URLSearchParams(location.search);
  state.set("field", event.target.dataset.field);
  link.textContent = "Counting…";
  try {
    const answer = await fetch(`${path}/top?${state}`);
    link.outerHTML = await answer.text();
  } catch {
    link.textContent = "No answer. Count the values";
  }
}, true);

// What may be typed next in a query: asked for while somebody types, chosen by arrows and Enter or by a click.
const query = document.getElementById("q");
const options = document.getElementById("q-options");
if (query && options) {
  let asked = 0;
  const chosen = () => options.querySelector("[aria-selected=true]");
  const close = () => {
    asked += 1;
    options.hidden = true;
    query.setAttribute("aria-expanded", "false");
    query.removeAttribute("aria-activedescendant");
  };
  const mark = (option) => {
    chosen()?.setAttribute("aria-selected", "false");
    option.setAttribute("aria-selected", "true");
    option.scrollIntoView({ block: "nearest" });
    query.setAttribute("aria-activedescendant", option.id);
  };
  const ask = async () => {
    const mine = (asked += 1);
    const state = new URLSearchParams({ p: options.dataset.pattern, q: query.value, at: query.selectionStart });
    try {
      const answer = await fetch(`${path}/complete?${state}`);
      const list = answer.ok ? await answer.text() : "";
      if (mine !== asked || document.activeElement !== query) return;
      options.innerHTML = list;
      options.hidden = !options.firstElementChild;
      query.setAttribute("aria-expanded", String(!options.hidden));
      query.removeAttribute("aria-activedescendant");
    } catch {
      close();
    }
  };
  const take = (option) => {
    query.value = option.dataset.query;
    query.setSelectionRange(Number(option.dataset.at), Number(option.dataset.at));
    query.focus();
    ask();
  };
  query.setAttribute("role", "combobox");
  query.setAttribute("aria-autocomplete", "list");
  query.setAttribute("aria-controls", options.id);
  query.setAttribute("aria-expanded", "false");
  query.addEventListener("input", ask);
  query.addEventListener("blur", close);
  query.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (options.hidden) return void ask();
      const all = [...options.children];
      const step = event.key === "ArrowDown" ? 1 : -1;
      const from = chosen() ? all.indexOf(chosen()) : step === 1 ? -1 : 0;
      mark(all.at((from + step) % all.length));
    } else if ((event.key === "Enter" || event.key === "Tab") && !options.hidden && chosen()) {
      event.preventDefault();
      take(chosen());
    } else if (event.key === "Escape" && !options.hidden) {
      event.stopPropagation();
      event.preventDefault();
      close();
    }
  });
  options.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    const option = event.target.closest("li");
    if (option) take(option);
  });
}

// A click anywhere on a row opens it, unless it selects text.
document.querySelector(".r")?.addEventListener("click", (event) => {
  const row = event.target.closest("tr");
  if (!row || event.target.closest("a, button, summary, .x") || !getSelection().isCollapsed) return;
  const details = row.querySelector(":scope > td > details");
  if (details) details.open = !details.open;
});

// Menus close on Escape and on a click elsewhere.
const menus = () => document.querySelectorAll("details.menu[open]");
document.addEventListener("click", (event) => {
  for (const menu of menus()) if (!menu.contains(event.target)) menu.open = false;
});

// Keys: / to the query, j and k through the rows, e opens.
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    for (const menu of menus()) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, textarea")) return;
  if (event.key === "/") {
    event.preventDefault();
    document.getElementById("q")?.select();
    return;
  }
  const rows = [...document.querySelectorAll(".r > tbody > tr:first-child > td > details > summary")];
  const at = rows.indexOf(document.activeElement);
  if (event.key === "j") rows[Math.min(at + 1, rows.length - 1)]?.focus();
  if (event.key === "k") rows[Math.max(at - 1, 0)]?.focus();
  if (event.key === "e" && at >= 0) rows[at].click();
});

// The browser's own zone, which the server cannot know.
const local = document.getElementById("local-zone");
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
if (local && zone && zone !== document.getElementById("tz")?.value) {
  const state = new URLSearchParams(location.search);
  state.set("tz", zone);
  local.href = `${path}?${state}`;
  local.textContent = `Use ${zone}`;
  local.hidden = false;
}
