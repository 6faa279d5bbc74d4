// One candidate after the other: to decide, or to end a disagreement.
import {
  $, $$, answerOf, ask, facts, few, hang, itemOf, live, load, make, note,
  painted, put, sent, slot, start, undone, waiting, wall, zoom,
} from "./label.js";

const ends = facts.mode === "adjudicate";
const later = new Set(); // Disagreements that were passed over.
const went = new Map(); // When an answer was kept.
let deck = [];
let done = [];
let shown = null;
let seen = 0;
let alive = false;
let filling = null;

const isQueued = (candidate) =>
  waiting().some((key) => itemOf(key)?.content.candidate === candidate);
function fill() {
  filling ||= fetchMore().finally(() => { filling = null; });
  return filling;
}
async function fetchMore() {
  if (!deck.length && sent()) await sent();
  const began = performance.now();
  const count = Math.min(6 + waiting().length + later.size, ends ? 200 : 24);
  const only = facts.class == null ? "" : `&class=${facts.class}`;
  const found = await ask(`/api/${ends ? "conflicts" : "cards"}?count=${count}${only}`);
  if (!found) return;
  slot("open", found.open ? `${few(found.open)} left` : "");
  const known = new Set([...later, ...deck.map((card) => card.candidate)]);
  const fresh = found.cards.filter(({ candidate }) => !known.has(candidate)
    && !isQueued(candidate) && !(went.get(candidate) > began));
  for (const card of fresh) {
    load(card, "card");
    wall(card.class);
    wall(card.rival);
  }
  deck.push(...fresh);
  if (deck.length) {
    if (!shown) show();
  } else if (waiting().length) {
    note("No more pictures until what was answered is sent.");
    setTimeout(fill, 1000);
  } else if (found.cards.length > later.size) setTimeout(fill, 300);
  else if (found.note) {
    note(found.note);
    setTimeout(fill, 5000);
  } else note(later.size ? "Only what you passed over is left." : "Nothing is left here. Thanks.");
}
function can(action) {
  return Boolean(shown) && (action !== "rival" || shown.rival != null)
    && (shown.ok !== false || action === "bad" || action === "skip");
}
function setAlive(on) {
  alive = on;
  live(on);
  // Not disabled while the next one comes, or focus would be lost.
  for (const button of $$("[data-action]:not([data-action=undo])")) {
    button.disabled = !can(button.dataset.action);
    button.ariaDisabled = String(!on);
  }
}
async function show() {
  const card = shown = deck[0] || null;
  setAlive(false);
  slot("question", card && facts.question.replaceAll("{class}", () => card.class_name));
  slot("rival-name", card?.rival_name);
  if (!card) {
    $(".picture").replaceChildren();
    note("The next pictures are on their way.");
    return;
  }
  $(".picture").replaceChildren(card.img);
  note(card.ok ? "" : "The picture is on its way.");
  hang("class", card.class);
  hang("rival", card.rival);
  if (ends) showVotes(card.votes);
  await card.loaded;
  await painted();
  if (shown !== card) return;
  note(card.ok ? "" : "This picture cannot be shown. Say it is bad, or skip it.");
  seen = performance.now();
  setAlive(true);
}
function showVotes(votes) {
  $("[data-votes]").replaceChildren(...votes.map((vote) => {
    const more = vote.instead_name ? `, it is ${vote.instead_name}` : "";
    return make("li", make("b", vote.labeller), `: ${facts.verdicts[vote.verdict]}${more}`);
  }));
}
function again() {
  deck = [];
  done = [];
  show();
  fill();
}

start({
  begin: fill,
  again,
  zoom() { if (alive) zoom(shown); },
  act(action) {
    if (action === "undo") {
      const card = done.pop();
      put("/api/undo", {}, { candidate: card?.candidate });
      if (card) {
        deck.unshift(card);
        show();
      }
      return;
    }
    const looked = Math.round(performance.now() - seen);
    if (!alive || !can(action) || !$(`[data-action="${action}"]`) || looked < facts.least) return;
    const card = deck.shift();
    if (ends && action === "skip") later.add(card.candidate);
    else {
      done = [...done.slice(-30), card];
      const content = { candidate: card.candidate, dwell_ms: looked, ...answerOf(action, card) };
      put(`/api/${ends ? "adjudicate" : "decide"}`, content);
    }
    show();
    if (deck.length < 5) fill();
  },
  saved(item, said) {
    if (item.path !== "/api/undo") {
      went.set(item.content.candidate, performance.now());
      return;
    }
    const first = said.answers[0]?.candidate;
    went.delete(first);
    if (first == null || first !== item.about.candidate) undone(said, again);
  },
});
