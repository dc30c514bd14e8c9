// Lights up arms, reads values, and lets a reader choose what figures show. All drawings are in the page; none is made here.
"use strict";

const { arms, numbers } = JSON.parse(document.getElementById("data").textContent);
const placeOf = new Map(arms.map(({ slug }, place) => [slug, place]));
const reading = document.getElementById("reading");
const figures = [...document.querySelectorAll(".exhibit")];

// ---- numbers

/** The rows of a CSV text, each an object by the names of the header. */
function table(csv) {
  const rows = [[]];
  let cell = "";
  let quoted = false;
  for (let i = 0; i < csv.length; i++) {
    const c = csv[i];
    if (quoted) {
      if (c !== '"') cell += c;
      else if (csv[i + 1] === '"') cell += csv[++i];
      else quoted = false;
    } else if (c === '"') {
      quoted = true;
    } else if (c === "," || c === "\n") {
      rows.at(-1).push(cell);
      cell = "";
      if (c === "\n") rows.push([]);
    } else {
      cell += c;
    }
  }
  rows.pop();
  const header = rows.shift();
  const named = (row) => Object.fromEntries(header.map((name, column) => [name, row[column]]));
  return { header, rows: rows.map(named) };
}

const tables = new Map();

/** The numbers of a figure, read when they are first asked for. */
function numbersOf(figure) {
  const name = figure.dataset.figure;
  if (!tables.has(name)) tables.set(name, table(numbers[name]));
  return tables.get(name);
}

/** Five significant digits; words and empty cells as they are. */
function short(text) {
  const value = Number(text);
  return text === "" || Number.isNaN(value) ? text : String(Number(value.toPrecision(5)));
}

/** `mean [low, high]`, without an interval where there is none. */
function meanOf(row) {
  const interval = row.ci_low === "" ? "" : ` [${short(row.ci_low)}, ${short(row.ci_high)}]`;
  return short(row.mean) + interval;
}

// ---- arms

let pinned = null;
let lit = null;

/** Lights up one arm everywhere; `null`: none. */
function light(arm) {
  if (arm === lit) return;
  lit = arm;
  document.querySelectorAll(".lit").forEach((element) => element.classList.remove("lit"));
  document.body.classList.toggle("has-lit", arm !== null);
  if (arm === null) return;
  document.querySelectorAll(`[data-arm="${arm}"]`).forEach((element) => element.classList.add("lit"));
}

/** The arm that something belongs to, or `null`. */
function armOf(element) {
  const owner = element?.closest?.("[data-arm]");
  return owner ? Number(owner.dataset.arm) : null;
}

/** The arm at a place on the screen or, since lines are thin, close to it. */
function armNear(view, x, y) {
  for (const distance of [0, 2, 4, 7]) {
    for (const [dx, dy] of [[0, 0], [0, 1], [0, -1], [1, 0], [-1, 0]]) {
      const element = document.elementFromPoint(x + dx * distance, y + dy * distance);
      if (view.contains(element) && armOf(element) !== null) return armOf(element);
    }
  }
  return null;
}

function pin(arm) {
  pinned = pinned === arm ? null : arm;
  for (const button of document.querySelectorAll("button.arm")) {
    button.setAttribute("aria-pressed", String(Number(button.dataset.arm) === pinned));
  }
  light(pinned);
}

// plots look around the pointer themselves
document.addEventListener("pointerover", (event) => {
  if (!event.target.closest(".view")) light(armOf(event.target) ?? pinned);
});
for (const button of document.querySelectorAll("button.arm")) {
  button.addEventListener("focus", () => light(armOf(button)));
  button.addEventListener("blur", () => light(pinned));
  button.addEventListener("click", () => pin(armOf(button)));
}

// ---- values at the cursor

/** Where the cursor can stand in a view: moments as the numbers write them, with their places. */
function stops(view) {
  const moments = view.dataset.moments.split(" ");
  const places = view.dataset.places.split(" ").map(Number);
  return moments.map((moment, i) => ({ moment, place: places[i] }));
}

/** The rows that a view shows at a moment, from the greatest mean to the least. */
function rowsAt(view, moment) {
  const { header, rows } = numbersOf(view.closest(".exhibit"));
  const plot = view.closest(".panel").dataset.plot;
  const column = header[3];
  const here = rows.filter((row) => row.plot === plot && row[column] === moment);
  return here.sort((a, b) => Number(b.mean) - Number(a.mean));
}

/** An element with a class and a text. */
function made(name, className, text) {
  const element = document.createElement(name);
  if (className) element.className = className;
  element.textContent = text;
  return element;
}

/** Shows lines of a name and a value under a heading, beside a place on the screen. */
function tell(heading, lines, x, y) {
  const rows = made("div", lines.length > 16 ? "rows many" : "rows", "");
  for (const { name, text, exact, arm } of lines) {
    const row = made("div", arm !== null && arm === lit ? "row lit" : "row", "");
    const value = made("span", "value", text);
    value.dataset.value = exact;
    if (arm !== null) row.dataset.of = arms[arm].slug;
    row.append(made("span", "", name), value);
    rows.append(row);
  }
  reading.replaceChildren(made("strong", "", heading), rows);
  reading.hidden = false;
  rows.querySelector(".lit")?.scrollIntoView({ block: "nearest" });
  const { width, height } = reading.getBoundingClientRect();
  const beside = x + 18 + width < innerWidth ? x + 18 : Math.max(4, x - 18 - width);
  reading.style.left = `${beside}px`;
  reading.style.top = `${Math.max(4, Math.min(y - height / 2, innerHeight - height - 4))}px`;
}

function hush() {
  reading.hidden = true;
  document.querySelectorAll(".cursor").forEach((line) => line.remove());
}

/** Puts the cursor of a view on one of its stops, and tells the values there. */
function read(view, stop, at) {
  const svg = view.querySelector("svg");
  hush();
  const line = document.createElementNS("http://www.w3.org/2000/svg", "line");
  line.setAttribute("class", "cursor");
  const ends = { x1: stop.place, x2: stop.place, y1: view.dataset.top, y2: view.dataset.bottom };
  for (const [name, value] of Object.entries(ends)) line.setAttribute(name, value);
  svg.append(line);
  const moment = numbersOf(view.closest(".exhibit")).header[3].replaceAll("_", " ");
  // stays where it is when the page is scrolled, which hides the reading
  view.dataset.moment = stop.moment;
  const lines = rowsAt(view, stop.moment).map((row) => {
    const arm = placeOf.get(row.arm);
    return { name: arms[arm].label, text: meanOf(row), exact: row.mean, arm };
  });
  const box = line.getBoundingClientRect();
  tell(`${moment} ${short(stop.moment)}`, lines, box.left, at ?? box.top + box.height / 2);
}

/** The stop next to a place on the screen; `null` outside the plot. */
function nearest(view, x, y) {
  const svg = view.querySelector("svg");
  const place = new DOMPoint(x, y).matrixTransform(svg.getScreenCTM().inverse());
  const { top, bottom } = view.dataset;
  if (place.y < Number(top) - 50 || place.y > Number(bottom) + 50) return null;
  const all = stops(view);
  const slack = 100;
  if (place.x < all[0].place - slack || place.x > all.at(-1).place + slack) return null;
  const distance = (stop) => Math.abs(stop.place - place.x);
  return all.reduce((best, stop) => (distance(stop) < distance(best) ? stop : best));
}

/** Tells the numbers of the arm at a place of a view without a cursor. */
function readArm(view, arm, x, y) {
  const { header, rows } = numbersOf(view.closest(".exhibit"));
  const own = arm === null ? [] : rows.filter((row) => row.arm === arms[arm].slug);
  if (own.length !== 1) return hush();
  const shown = header.filter((name) => !["arm", "quantity"].includes(name) && !name.startsWith("seed_") && own[0][name] !== "");
  const lines = shown.map((name) => ({ name: name.replaceAll("_", " "), text: short(own[0][name]), exact: own[0][name], arm: null }));
  tell(arms[arm].label, lines, x, y);
}

function point(view, event) {
  const arm = armNear(view, event.clientX, event.clientY);
  light(arm ?? pinned);
  if (!view.dataset.moments) return readArm(view, arm, event.clientX, event.clientY);
  const stop = nearest(view, event.clientX, event.clientY);
  if (stop === null) hush();
  else read(view, stop, event.clientY);
}

/** Takes the cursor away from a view. */
function leave(view) {
  hush();
  delete view.dataset.moment;
  light(pinned);
}

/** Moves the cursor, or the light from arm to arm, by keys. */
function press(view, event) {
  const all = stops(view);
  const here = all.findIndex(({ moment }) => moment === view.dataset.moment);
  const to = { ArrowLeft: here - 1, ArrowRight: here + 1, Home: 0, End: all.length - 1 }[event.key];
  if (event.key === "Escape") {
    leave(view);
  } else if (to !== undefined) {
    read(view, all[Math.max(0, Math.min(to, all.length - 1))]);
  } else if (event.key === "ArrowUp" || event.key === "ArrowDown") {
    const stop = all[Math.max(here, 0)];
    const order = rowsAt(view, stop.moment).map((row) => placeOf.get(row.arm));
    const step = event.key === "ArrowDown" ? 1 : -1;
    const from = order.indexOf(lit);
    const next = from < 0 ? (step > 0 ? 0 : order.length - 1) : from + step;
    light(order[(next + order.length) % order.length]);
    read(view, stop);
  } else {
    return;
  }
  event.preventDefault();
}

for (const view of document.querySelectorAll(".view")) {
  view.addEventListener("pointermove", (event) => point(view, event));
  view.addEventListener("pointerdown", (event) => point(view, event));
  view.addEventListener("pointerleave", (event) => {
    if (event.pointerType !== "touch") leave(view);
  });
  if (!view.dataset.moments) continue;
  view.addEventListener("keydown", (event) => press(view, event));
  view.addEventListener("blur", () => leave(view));
}
addEventListener("scroll", hush, { passive: true });
// where there is no pointer that can leave
document.addEventListener("pointerdown", (event) => {
  if (event.target.closest(".view, #reading")) return;
  hush();
  light(pinned);
});

// ---- what figures show

/** Shows of each plot the axis that is chosen, or else that of paper. */
function chooseAxis(figure, axis) {
  for (const plot of figure.querySelectorAll(".panel")) {
    const views = [...plot.querySelectorAll(".view")];
    const chosen = views.find((view) => view.dataset.axis === axis) ?? views[0];
    views.forEach((view) => (view.hidden = view !== chosen));
  }
}

/** Shows one plot of a figure; the empty name: all. */
function choosePlot(figure, name) {
  for (const plot of figure.querySelectorAll(".panel")) plot.hidden = name !== "" && plot.dataset.plot !== name;
  figure.querySelector(".panels").classList.toggle("one", name !== "");
  fill(figure);
}

/** Fills the table of numbers of a figure, if it is open, with what the figure shows. */
function fill(figure) {
  const details = figure.querySelector(".numbers");
  if (!details.open) return;
  const { header, rows } = numbersOf(figure);
  const shown = new Set([...figure.querySelectorAll(".panel:not([hidden])")].map((plot) => plot.dataset.plot));
  const seeds = figure.classList.contains("with-seeds");
  const columns = header.filter((name) => seeds || !name.startsWith("seed_"));
  const element = document.createElement("table");
  const caption = made("caption", "", figure.querySelector("h3").textContent);
  const head = document.createElement("tr");
  columns.forEach((name) => head.append(Object.assign(made("th", "", name.replaceAll("_", " ")), { scope: "col" })));
  element.append(caption, document.createElement("thead"), document.createElement("tbody"));
  element.tHead.append(head);
  for (const row of rows.filter((row) => row.plot === undefined || shown.has(row.plot))) {
    const line = document.createElement("tr");
    line.dataset.arm = placeOf.get(row.arm);
    for (const name of columns) {
      const text = name === "arm" ? arms[placeOf.get(row.arm)].label : short(row[name]);
      line.append(made("td", Number.isNaN(Number(row[name])) ? "text" : "", text));
    }
    element.tBodies[0].append(line);
  }
  details.querySelector(".wide").replaceChildren(element);
}

for (const figure of figures) {
  const controls = figure.querySelector(".controls");
  const control = (name) => controls.querySelector(`[name="${name}"]`);
  controls.hidden = false;
  control("axis")?.addEventListener("change", (event) => chooseAxis(figure, event.target.value));
  control("plot")?.addEventListener("change", (event) => choosePlot(figure, event.target.value));
  control("seeds")?.addEventListener("change", (event) => {
    figure.classList.toggle("with-seeds", event.target.checked);
    fill(figure);
  });
  const details = figure.querySelector(".numbers");
  details.hidden = false;
  details.addEventListener("toggle", () => fill(figure));
}

// ---- taking things along

/** Hands a text to the reader as a file. */
function save(name, type, text) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

/** A drawing as it was made: without light, cursor and seeds that are not shown. */
function drawing(view) {
  const svg = view.querySelector("svg").cloneNode(true);
  svg.querySelectorAll(".lit").forEach((element) => element.classList.remove("lit"));
  const hidden = view.closest(".exhibit").classList.contains("with-seeds") ? ".cursor" : ".cursor, .runs, .seeds";
  svg.querySelectorAll(hidden).forEach((element) => element.remove());
  return new XMLSerializer().serializeToString(svg) + "\n";
}

for (const figure of figures) {
  const name = figure.dataset.figure;
  figure.querySelector(".save-csv").addEventListener("click", () => save(`${name}.csv`, "text/csv", numbers[name]));
  for (const plot of figure.querySelectorAll(".panel")) {
    const button = plot.querySelector(".save-svg");
    button.hidden = false;
    button.addEventListener("click", () => {
      const view = plot.querySelector(".view:not([hidden])");
      const words = [name, plot.dataset.plot, view.dataset.axis].join(" ");
      const file = words.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-").replace(/-$/, "");
      save(`${file}.svg`, "image/svg+xml", drawing(view));
    });
  }
}

for (const button of document.querySelectorAll("button.copy")) {
  button.addEventListener("click", async () => {
    const text = button.nextElementSibling;
    getSelection().selectAllChildren(text);
    try {
      await navigator.clipboard.writeText(text.textContent);
      button.textContent = "Copied";
    } catch {
      // where the clipboard is closed to pages, the text is selected
      button.textContent = "Selected";
    }
  });
}

addEventListener("beforeprint", () => {
  document.querySelectorAll("details.open-on-paper").forEach((details) => (details.open = true));
});
