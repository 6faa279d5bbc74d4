// A page of candidates of one class, committed whole.
import {
  $, answerOf, ask, facts, few, hang, live, load, make, note, painted, prefix, put, slot,
  start, undone, wall, zoom,
} from "./label.js";

const box = $("[data-cells]");
let page = null;
let cells = [];
let at = 0;
let seen = 0;
let alive = false;

function setAlive(on) {
  alive = on;
  live(on);
  $("[data-commit]").disabled = !on;
}
// As many as a window holds.
const size = () => Math.min(48, Math.max(24, Math.round(innerWidth * innerHeight / 40000)));
async function next() {
  setAlive(false);
  const only = facts.class == null ? "" : `&class=${facts.class}`;
  const found = await ask(`/api/page?size=${size()}${only}`);
  if (!found) return;
  if (!found.page) {
    page = null;
    cells = [];
    box.replaceChildren();
    slot("task");
    slot("summary");
    note(found.note || "Nothing is left here. Thanks.");
    if (found.note) setTimeout(next, 5000);
    return;
  }
  const kept = JSON.parse(sessionStorage.getItem(prefix + found.page));
  const told = setTimeout(note, 400, "The pictures are on their way.");
  await Promise.all([wall(found.class), ...found.cells.map(async (cell) => {
    await load(cell, "tile");
    cell.answer = cell.ok ? kept?.[cell.candidate] || "" : "left";
  })]);
  clearTimeout(told);
  page = found;
  cells = found.cells;
  draw();
  await painted();
  note("");
  seen = performance.now();
  setAlive(true);
}
function draw() {
  slot("task", `Mark those that are${page.mark === "right" ? "" : " not"} ${page.class_name}`);
  hang("class", page.class);
  const rivals = cells.map((cell) => cell.rival).filter((rival) => rival != null);
  const count = (rival) => rivals.filter((one) => one === rival).length;
  hang("rival", [...new Set(rivals)].sort((a, b) => count(b) - count(a) || a - b)[0] ?? null);
  box.replaceChildren(...cells.map((cell, i) => {
    const button = cell.button = make("button", cell.img, make("span"));
    button.className = "cell";
    button.onclick = () => { go(i); mark(cell); };
    button.onfocus = () => roam(i);
    label(cell);
    return button;
  }));
  scrollTo(0, 0);
  go(0);
  sum();
}
function roam(to) {
  at = to;
  cells.forEach((cell, i) => { cell.button.tabIndex = i === at ? 0 : -1; });
}
function go(to) {
  if (!cells[to]) return;
  roam(to);
  if (!$("dialog[open]")) cells[to].button.focus();
}
function label(cell) {
  const words = {
    mark: page.mark === "right" ? `\u2713 ${facts.marks[0]}` : `\u2717 ${facts.marks[1]}`,
    rival: `\u2192 ${cell.rival_name}`, unsure: "? unsure", skip: "\u00bb skip",
    bad: "! bad picture", copy: "= copy", left: "not loaded, given back",
  }[cell.answer] || "";
  $("span", cell.button).textContent = words;
  cell.button.dataset.answer = cell.answer;
  cell.button.ariaPressed = String(cell.answer === "mark");
  cell.button.ariaLabel = `Picture ${cells.indexOf(cell) + 1}${words && `: ${words}`}`;
}
function set(cell, answer) {
  if (!alive || cell.answer === "left") return;
  cell.answer = answer;
  label(cell);
  sum();
  const answers = Object.fromEntries(cells.map((one) => [one.candidate, one.answer]));
  sessionStorage.setItem(prefix + page.page, JSON.stringify(answers));
}
function mark(cell, answer = "mark") {
  set(cell, cell.answer === answer ? "" : answer);
}
function sum() {
  const of = (...answers) => cells.filter((cell) => answers.includes(cell.answer)).length;
  const [one, other] = page.mark === "right" ? facts.marks : [...facts.marks].reverse();
  const own = cells.length - of("", "mark", "left");
  slot("summary", `${of("mark")} marked ${one}${own ? `, ${own} answered otherwise` : ""}; `
    + `the other ${of("")} are ${other}. ${few(page.open)} left.`);
}
function commit() {
  const looked = Math.round(performance.now() - seen);
  if (!alive || looked < facts.least) return;
  const ids = (answer) => cells.filter((c) => c.answer === answer).map((c) => c.candidate);
  const others = cells.filter((c) => !["", "mark", "left"].includes(c.answer))
    .map((c) => ({ candidate: c.candidate, ...answerOf(c.answer, c) }));
  setAlive(false);
  put("/api/commit", {
    page: page.page, marked: ids("mark"), others, left: ids("left"), dwell_ms: looked,
  });
}
function act(action) {
  const cell = cells[at];
  if (!alive && page) return;
  if (action === "undo") {
    setAlive(false);
    put("/api/undo", {});
    return;
  }
  if (!cell || (action === "rival" && cell.rival == null)) return;
  // Yes and no are what marks mean, and what is left unmarked.
  if (action !== "yes" && action !== "no") mark(cell, action);
  else set(cell, (action === "yes") === (page.mark === "right") ? "mark" : "");
}

start({
  begin: next,
  again: next,
  act,
  commit,
  zoom() { if (alive) zoom(cells[at]); },
  key(key, control) {
    const cell = control?.closest(".cell");
    if ((control && !cell) || !cells.length) return false;
    if (key === "Enter") commit();
    else if (key === " ") mark(cells[at]);
    else if (key.startsWith("Arrow")) {
      const top = cells[0].button.offsetTop;
      const columns = cells.filter((one) => one.button.offsetTop === top).length;
      go(at + { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns }[key]);
    } else return false;
    return true;
  },
  saved(item, said) {
    if (item.path === "/api/undo") undone(said, next);
    else next();
  },
});
