// What all pages share: the queue of answers, pictures, keys.
export const $ = (selector, root = document) => root.querySelector(selector);
export const $$ = (selector) => [...document.querySelectorAll(selector)];
export const facts = JSON.parse(document.body.dataset.page);
export const painted = () => new Promise((done) =>
  requestAnimationFrame(() => requestAnimationFrame(done)));
export const few = (n) => (n < 100 ? n : Math.round(n / 10) * 10).toLocaleString("en");
const random = () => Array.from(crypto.getRandomValues(new Uint8Array(12)),
  (byte) => byte.toString(16).padStart(2, "0")).join("");
let work = null;

export function make(name, ...children) {
  const node = document.createElement(name);
  node.append(...children);
  return node;
}
export function slot(name, text) {
  for (const at of $$(`[data-slot="${name}"]`)) at.textContent = text || "\u00a0";
}
export function say(text) {
  $("#say [data-text]").textContent = text;
  $("#say").hidden = !text;
}
export function note(text) {
  $("[data-note]").textContent = text;
  $("[data-note]").hidden = !text;
}
export function live(on) {
  document.body.dataset.live = on ? "yes" : "no";
  $("[aria-busy]").ariaBusy = String(!on);
}

// The queue: an answer is kept here until the server has it on its disk.
export const prefix = `fgkeras-${facts.project}-${facts.person}-`;
const unkept = new Map();
let trouble = "";
let sending = null;
let since = 0;
let tries = 0;
let timer = 0;

export function waiting() {
  const kept = Object.keys(localStorage).filter((key) => key.startsWith(prefix));
  return [...kept, ...unkept.keys()].sort();
}
export const itemOf = (key) => JSON.parse(unkept.get(key) || localStorage.getItem(key) || "null");

export function put(path, content, about = {}) {
  const keys = waiting();
  const last = Number(keys.at(-1)?.slice(prefix.length).split("-")[0] || 0);
  const time = String(Math.max(Date.now(), last + 1)).padStart(16, "0");
  const key = `${prefix}${time}-${random()}`;
  const item = JSON.stringify({ path, about, content: { request: random(), ...content } });
  if (!keys.length) since = Date.now();
  try {
    localStorage.setItem(key, item);
  } catch {
    unkept.set(key, item);
    say("The browser is full: do not close this page while answers wait.");
  }
  flush();
}
function take(key) {
  if (!unkept.delete(key)) localStorage.removeItem(key);
}
export function flush() {
  clearTimeout(timer);
  sending ||= (navigator.locks ? navigator.locks.request(prefix, sendAll) : sendAll())
    .catch(() => false).then((done) => {
      sending = null;
      showState();
      if (!done) timer = setTimeout(flush, Math.min(500 * 2 ** ++tries, 15000));
      else if (waiting().length) return flush();
    });
  showState();
  return sending;
}
export const sent = () => sending;

async function post({ path, content }) {
  const answer = await fetch(path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(content),
    signal: AbortSignal.timeout(20000),
  });
  const said = await answer.text();
  const { ok, status } = answer;
  return { ok, status, said: ok || said[0] === "{" ? JSON.parse(said) : { error: said } };
}
// Sends in order; an id that is the same each time makes it once only.
async function sendAll() {
  for (let key; (key = waiting()[0]); showState()) {
    const item = itemOf(key);
    if (!item) continue;
    const { ok, status, said } = await post(item).catch(() => ({}));
    trouble = status ? "" : "offline";
    if (!status) return false;
    if (ok) {
      tries = 0;
      take(key);
      work.saved(item, said);
    } else if ([401, 403, 408, 429].includes(status) || status >= 500) {
      trouble = { 401: "link expired", 403: "refused", 507: "disk full" }[status] || "server busy";
      if (status < 404 || status === 507) say(said.error);
      return false;
    } else {
      take(key);
      say(`An answer was not taken, and is gone: ${said.error}`);
      work.again();
    }
  }
  return true;
}
function showState() {
  const n = waiting().length;
  const offline = trouble === "offline";
  let state = n > 1 ? "queued" : n ? "saving" : "saved";
  let text = n > 1 ? `${n} queued` : n ? "Saving" : "Saved";
  if (trouble) {
    state = offline ? "offline" : "queued";
    text = `${offline ? "Offline" : trouble}: ${n} kept here`;
  } else if (n && Date.now() - since < 150) {
    setTimeout(showState, 160);
    return;
  }
  const at = $("#state [data-text]");
  if (at.textContent !== text) at.textContent = text;
  $("#state").dataset.state = state;
}
addEventListener("online", () => { tries = 0; trouble = ""; flush(); });
addEventListener("offline", () => { trouble = "offline"; showState(); });
addEventListener("beforeunload", (event) => { if (waiting().length) event.preventDefault(); });

// Asks until told or refused.
export async function ask(path) {
  for (let n = 0; ; n += 1) {
    const answer = await fetch(path, { headers: { accept: "application/json" } }).catch(() => ({}));
    const said = answer.json ? await answer.json().catch(() => ({})) : {};
    if (answer.ok && n) note("");
    if (answer.ok) return said;
    note(said.error || "The server is not reached. This page tries again by itself.");
    if (answer.status < 408) return null;
    await new Promise((done) => setTimeout(done, Math.min(500 * 2 ** n, 8000)));
  }
}
// What was taken back is answered anew: here, or where it was answered.
export async function undone({ answers }, stay) {
  if (!answers.length) say("There is nothing more to take back in this round.");
  const past = answers.length ? await ask("/api/history?count=200") : null;
  const row = past?.decisions.find((one) => one.candidate === answers.at(-1).candidate);
  const path = { card: "/card", adjudicate: "/adjudicate" }[row?.mode] || "/grid";
  const other = path !== location.pathname || ![null, row?.class].includes(facts.class);
  if (row && other) flush().then(() => location.assign(path));
  else stay();
}

// Pictures, decoded before shown.
const address = (item, size) => `${item.image}?size=${size}&p=${facts.project}`;
export function load(item, size) {
  const img = item.img = new Image(item.width || 1, item.height || 1);
  img.alt = "";
  img.src = address(item, size);
  item.loaded = img.decode().then(() => { item.ok = true; }, () => { item.ok = false; });
  return item.loaded;
}
export function zoom(item) {
  const large = { ...item };
  $("#zoom button").replaceChildren(item.img.cloneNode());
  $("#zoom").showModal();
  load(large, "full").then(() => large.ok && $("#zoom button").replaceChildren(large.img));
}
const walls = new Map();
export function wall(of) {
  if (of != null && !walls.has(of)) {
    walls.set(of, ask(`/api/exemplars?class=${of}`).then((found) => {
      found?.exemplars.forEach((item) => load(item, "tile"));
      return found;
    }));
  }
  return walls.get(of);
}
const hung = {};
export async function hang(side, of) {
  if (hung[side] === of) return;
  hung[side] = of;
  const found = await wall(of);
  if (hung[side] !== of) return;
  $(`[data-side="${side}"]`).classList.toggle("empty", !found);
  slot(side, found?.name);
  if (side === "class") slot("description", found?.description);
  $(`[data-tiles="${side}"]`).replaceChildren(...(found?.exemplars || []).map((item) => {
    const button = make("button", item.img.cloneNode());
    button.ariaLabel = `An example of ${found.name}. Zoom`;
    button.onclick = () => zoom(item);
    return button;
  }));
}
export function answerOf(action, item) {
  const [verdict, named] = facts.answers[action];
  return named ? { verdict, instead: item.rival } : { verdict };
}

// Keys: each press once, none with Ctrl, Alt or Meta, none in fields.
const held = new Set();
function letterOf({ key, code }) {
  // Of another alphabet: the letter that is at that place.
  if (/^[^ -~]$/.test(key) && /^Key.$/.test(code)) return code[3].toLowerCase();
  return key.length === 1 ? key.toLowerCase() : key;
}
function pressed(event) {
  if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return false;
  const on = event.target instanceof Element ? event.target : document.body;
  if (on.closest("input, select, textarea, [contenteditable]")) return false;
  const key = letterOf(event);
  const press = key === "Enter" || key === " ";
  const again = event.repeat || held.has(event.code);
  held.add(event.code);
  // A held Enter would press a button over and over.
  if (again && !key.startsWith("Arrow")) return press;
  const action = key === "Backspace" ? "undo"
    : Object.keys(facts.keys).find((one) => facts.keys[one] === key);
  const open = $("dialog[open]");
  if (open) {
    const closes = open.id === "zoom" && (press || key === "v");
    const acts = open.id === "zoom" && action && facts.mode !== "grid";
    if (closes || acts) open.close();
    if (!acts) return closes;
  }
  const control = on.closest("button, a");
  if (key === "?") $("#help").showModal();
  else if (work.key?.(key, control)) return true;
  else if (key === "v" || (press && !control)) work.zoom?.();
  else if (action) work.act(action);
  else return false;
  return true;
}
addEventListener("keydown", (event) => { if (pressed(event)) event.preventDefault(); });
addEventListener("keyup", (event) => held.delete(event.code));
addEventListener("blur", () => held.clear());
addEventListener("click", (event) => {
  const button = event.target.closest("button");
  const has = (name) => button && name in button.dataset;
  if (has("action")) {
    work.act(button.dataset.action);
    if (event.detail) button.blur(); // Space would press it again.
  } else if (has("zoom")) work.zoom();
  else if (has("commit")) work.commit();
  else if (has("help")) $("#help").showModal();
  else if (has("close")) $("#zoom").close();
  else if (has("dismiss")) say("");
});

export function start(given) {
  work = given;
  return flush().then(() => work.begin?.());
}
