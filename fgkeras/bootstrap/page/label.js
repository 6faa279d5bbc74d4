"use strict";
(() => {
  const $ = (selector, root = document) => root.querySelector(selector);
  const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
  const facts = JSON.parse(document.body.dataset.page);
  const mode = facts.mode;
  const picture = (path, size) => `${path}?size=${size}&p=${facts.project}`;
  const pause = (ms) => new Promise((done) => setTimeout(done, ms));
  const painted = () => new Promise((done) =>
    requestAnimationFrame(() => requestAnimationFrame(done)));
  const name = () => Array.from(crypto.getRandomValues(new Uint8Array(12)),
    (byte) => byte.toString(16).padStart(2, "0")).join("");
  const few = (n) => (n < 100 ? n : Math.round(n / 10) * 10).toLocaleString("en");
  const slot = (key, text) => $$(`[data-slot="${key}"]`).forEach((at) => {
    at.textContent = text || "\u00a0";
    at.title = text || "";
  });

  // What is said: the state of what was answered, and what went wrong.
  function say(text) {
    $("#say [data-text]").textContent = text;
    $("#say").hidden = !text;
  }
  let trouble = "";
  let since = 0;
  function showState() {
    const n = waiting().length;
    let state = "saved";
    let text = "Saved";
    if (trouble) {
      state = trouble === "offline" ? "offline" : "queued";
      text = trouble === "offline" ? `Offline: ${n} kept here` : `${n} kept here: ${trouble}`;
    } else if (n > 1) {
      state = "queued";
      text = `${n} queued`;
    } else if (n) {
      state = "saving";
      text = "Saving";
    }
    if (n && !trouble && Date.now() - since < 150) {
      setTimeout(showState, 160);
      return;
    }
    if (!n) since = Date.now();
    if ($("#state [data-text]").textContent !== text) {
      $("#state [data-text]").textContent = text;
    }
    $("#state").dataset.state = state;
  }

  // The queue: what was answered is kept here until the server has it.
  const prefix = `fgkeras-${facts.project}-${facts.person}-`;
  const unkept = new Map();
  function waiting() {
    let keys = [];
    try {
      keys = Object.keys(localStorage).filter((key) => key.startsWith(prefix));
    } catch {}
    return [...keys, ...unkept.keys()].sort();
  }
  function put(path, content, about = {}) {
    const last = Number(waiting().at(-1)?.slice(prefix.length).split("-")[0] || 0);
    const time = String(Math.max(Date.now(), last + 1)).padStart(16, "0");
    const key = `${prefix}${time}-${name()}`;
    const item = JSON.stringify({ path, about, content: { request: name(), ...content } });
    if (!waiting().length) since = Date.now();
    try {
      localStorage.setItem(key, item);
    } catch {
      unkept.set(key, item);
      say("This browser keeps nothing: do not close this page while answers wait.");
    }
    flush();
  }
  function take(key) {
    unkept.delete(key);
    try {
      localStorage.removeItem(key);
    } catch {}
  }
  const queued = (candidate) => waiting().some((key) => {
    const item = unkept.get(key) || localStorage.getItem(key) || "{}";
    return JSON.parse(item).content?.candidate === candidate;
  });

  let sending = null;
  let tries = 0;
  let timer = 0;
  function flush() {
    clearTimeout(timer);
    if (!sending) {
      sending = (navigator.locks
        ? navigator.locks.request(prefix, sendAll) : sendAll()
      ).catch(() => "later").then((ended) => {
        sending = null;
        showState();
        if (ended === "later") {
          tries += 1;
          timer = setTimeout(flush, Math.min(500 * 2 ** tries, 15000));
        } else if (waiting().length) flush();
      });
    }
    showState();
    return sending;
  }
  async function sendAll() {
    for (let key; (key = waiting()[0]); ) {
      const item = JSON.parse(unkept.get(key) || localStorage.getItem(key) || "null");
      if (!item) continue;
      let answer;
      let said;
      try {
        answer = await fetch(item.path, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify(item.content),
          signal: AbortSignal.timeout(20000),
        });
        said = await answer.json().catch((error) => {
          if (answer.ok) throw error;
          return {};
        });
      } catch {
        trouble = "offline";
        return "later";
      }
      const words = said.error || `The server said ${answer.status}.`;
      if (answer.ok) {
        tries = 0;
        trouble = "";
        take(key);
        await saved(item, said);
      } else if (answer.status === 401) {
        trouble = "your link expired";
        say("Your link expired. Ask for a new one and open it in this browser: what waits here is sent then.");
        return "later";
      } else if ([403, 408, 429].includes(answer.status) || answer.status >= 500) {
        trouble = answer.status === 507 ? "the disk is full" : "the server is busy";
        if (answer.status === 403) {
          trouble = "refused";
          say(words);
        }
        return "later";
      } else {
        trouble = "";
        take(key);
        say(`An answer was not taken, and is gone: ${words}`);
        await work.again();
      }
      showState();
    }
    return "";
  }
  addEventListener("online", () => { tries = 0; flush(); });
  addEventListener("offline", () => { trouble = "offline"; showState(); });
  addEventListener("beforeunload", (event) => {
    if (waiting().length) event.preventDefault();
  });

  async function ask(path) {
    for (let n = 0; ; n += 1) {
      let words = "The server is not reached. This page tries again by itself.";
      try {
        const answer = await fetch(path, { headers: { accept: "application/json" } });
        const said = await answer.json();
        if (answer.ok) return said;
        words = said.error || words;
        if (answer.status === 401) words = "Your link expired. Ask for a new one.";
        if (answer.status === 403 || answer.status === 401 || answer.status === 400) {
          note(words);
          return null;
        }
      } catch {}
      note(words);
      await pause(Math.min(500 * 2 ** n, 8000));
    }
  }
  function note(text) {
    const at = $("[data-note]");
    if (at) {
      at.textContent = text;
      at.hidden = !text;
    }
  }

  // Pictures, decoded before they are shown.
  function load(item, size) {
    const img = new Image(item.width || 1, item.height || 1);
    img.alt = "";
    img.decoding = "sync";
    img.draggable = false;
    img.src = picture(item.image, size);
    item.img = img;
    item.loaded = img.decode().then(() => { item.ok = true; }, () => { item.ok = false; });
    return item.loaded;
  }
  function zoom(item) {
    const box = $("#zoom");
    const img = new Image(item.width || 1, item.height || 1);
    img.alt = "The picture, large";
    img.src = picture(item.image, "full");
    $("[data-close]", box).replaceChildren(img);
    box.showModal();
  }
  const walls = new Map();
  function wall(of) {
    if (of == null) return null;
    if (!walls.has(of)) {
      walls.set(of, ask(`/api/exemplars?class=${of}`).then((found) => {
        found?.exemplars.forEach((item) => load(item, "tile"));
        return found;
      }));
    }
    return walls.get(of);
  }
  const hung = {};
  async function hang(side, of) {
    if (hung[side] === of) return;
    hung[side] = of;
    const box = $(`[data-tiles="${side}"]`);
    const found = await wall(of);
    if (hung[side] !== of) return;
    $(`[data-side="${side}"]`).classList.toggle("empty", !found);
    slot(side, found?.name);
    if (side === "class") slot("description", found?.description);
    box.replaceChildren(...(found?.exemplars || []).map((item) => {
      const button = document.createElement("button");
      button.type = "button";
      button.setAttribute("aria-label", `An example of ${found.name}. Zoom`);
      button.append(item.img.cloneNode());
      button.onclick = () => zoom(item);
      return button;
    }));
  }

  const changed = (action, item) => {
    const [verdict, named] = facts.answers[action];
    return named ? { verdict, instead: item.rival } : { verdict };
  };

  // One candidate after the other.
  const cards = {
    deck: [], done: [], later: new Set(), went: new Map(), seen: 0, live: false, filling: null,
    source: mode === "adjudicate" ? "/api/conflicts" : "/api/cards",
    target: mode === "adjudicate" ? "/api/adjudicate" : "/api/decide",
    start() { return flush().then(() => this.fill()); },
    fill() {
      this.filling ||= this.fetchMore().finally(() => { this.filling = null; });
      return this.filling;
    },
    async fetchMore() {
      if (!this.deck.length && sending) await sending;
      const began = performance.now();
      const busy = waiting().length + this.later.size;
      const of = facts.class == null ? "" : `&class=${facts.class}`;
      const count = Math.min(6 + busy, mode === "adjudicate" ? 200 : 24);
      const found = await ask(`${this.source}?count=${count}${of}`);
      if (!found) return;
      slot("open", found.open ? `${few(found.open)} left` : "");
      const known = new Set(this.deck.map((card) => card.candidate));
      for (const card of found.cards) {
        const id = card.candidate;
        if (known.has(id) || this.later.has(id) || queued(id) || this.went.get(id) > began) continue;
        this.deck.push(card);
        load(card, "card");
        wall(card.class);
        wall(card.rival);
      }
      if (this.deck.length) {
        if (!this.shown) this.show();
      } else if (waiting().length) {
        note("No more pictures until what was answered is sent.");
        setTimeout(() => this.fill(), 1000);
      } else if (found.open && mode !== "adjudicate") {
        note("What is left is with others for now. This page looks again.");
        setTimeout(() => this.fill(), 5000);
      } else note("Nothing is left here. Thank you.");
    },
    async show() {
      const card = this.shown = this.deck[0] || null;
      this.alive(false);
      if (!card) {
        $(".picture").replaceChildren();
        note("The next pictures are on their way.");
        slot("question");
        slot("rival-name");
        return;
      }
      $(".picture").replaceChildren(card.img);
      note(card.ok ? "" : "The picture is on its way.");
      slot("question", facts.question.replaceAll("{class}", () => card.class_name));
      slot("rival-name", card.rival_name);
      hang("class", card.class);
      hang("rival", card.rival);
      if (card.votes) this.votes(card);
      await card.loaded;
      await painted();
      if (this.shown !== card) return;
      note(card.ok ? "" : "This picture cannot be shown. Say it is bad, or skip it.");
      this.seen = performance.now();
      this.alive(true);
    },
    votes(card) {
      $("[data-votes]").replaceChildren(...card.votes.map((vote) => {
        const row = document.createElement("li");
        const who = document.createElement("b");
        who.textContent = vote.labeller;
        const more = vote.instead_name ? `, it is ${vote.instead_name}` : "";
        row.append(who, `: ${facts.verdicts[vote.verdict]}${more}`);
        return row;
      }));
    },
    alive(on) {
      this.live = on;
      const card = this.shown;
      document.body.dataset.live = on ? "yes" : "no";
      $(".desk").ariaBusy = String(!on);
      for (const button of $$("[data-action]")) {
        const action = button.dataset.action;
        if (action === "undo") continue;
        const can = card && (action !== "rival" || card.rival != null)
          && (card.ok !== false || ["bad", "skip"].includes(action));
        // Focus stays where it is while the next picture comes.
        button.disabled = !can;
        button.ariaDisabled = String(!on);
      }
    },
    act(action) {
      if (action === "undo") return this.undo();
      const card = this.shown;
      const looked = performance.now() - this.seen;
      const button = $(`[data-action="${action}"]`);
      if (!this.live || !button || button.disabled || looked < facts.least) return;
      this.deck.shift();
      if (mode === "adjudicate" && action === "skip") this.later.add(card.candidate);
      else {
        this.done.push(card);
        put(this.target, {
          candidate: card.candidate, dwell_ms: Math.round(looked), ...changed(action, card),
        });
      }
      this.show();
      if (this.deck.length < 5) this.fill();
    },
    undo() {
      const card = this.done.pop();
      put("/api/undo", {}, { candidate: card?.candidate });
      if (card) {
        this.deck.unshift(card);
        this.show();
      }
    },
    async saved(item, said) {
      const id = item.content.candidate;
      if (id != null) {
        this.went.set(id, performance.now());
        return;
      }
      const first = said.answers[0]?.candidate;
      if (first == null) say("There is nothing more to take back in this round.");
      else if (first !== item.about.candidate) await this.elsewhere(said);
      this.went.delete(first);
    },
    async elsewhere(said) {
      const ids = said.answers.map((answer) => answer.candidate);
      this.went.delete(ids[0]);
      const past = await ask("/api/history?count=200");
      const row = past?.decisions.find((one) => ids.includes(one.candidate));
      const to = { adjudicate: "/adjudicate", card: "/card" }[row?.mode] || "/grid";
      const other = facts.class != null && row?.class !== facts.class;
      if (row && (to !== location.pathname || other)) setTimeout(() => location.assign(to));
      else this.again();
    },
    again() {
      this.deck = [];
      this.done = [];
      this.shown = null;
      this.show();
      // Not waited for: it may itself wait for what is sent.
      setTimeout(() => this.fill());
    },
    zoom() { if (this.shown && this.live) zoom(this.shown); },
  };

  // Many candidates of one class.
  const grid = {
    page: null, live: false, seen: 0, at: 0,
    start() { return flush().then(() => this.next()); },
    size() {
      const width = $("[data-cells]").clientWidth || 800;
      const columns = Math.max(2, Math.floor((width + 8) / 158));
      const rows = Math.max(3, Math.floor((innerHeight - 190) / 158));
      return Math.min(48, Math.max(24, columns * rows));
    },
    async next() {
      this.alive(false);
      const of = facts.class == null ? "" : `&class=${facts.class}`;
      const page = await ask(`/api/page?size=${this.size()}${of}`);
      if (!page) return;
      if (!page.page) {
        this.page = null;
        $("[data-cells]").replaceChildren();
        slot("task");
        slot("summary");
        note(page.open ? "What is left is with others for now. This page looks again." : "Nothing is left here. Thank you.");
        if (page.open) setTimeout(() => this.next(), 5000);
        return;
      }
      let kept = {};
      try {
        kept = JSON.parse(sessionStorage.getItem(prefix + page.page)) || {};
      } catch {}
      let n = 0;
      const wait = setTimeout(() => {
        this.counting = () => note(`${n} of ${page.cells.length} pictures are here.`);
        this.counting();
      }, 400);
      await Promise.all([
        wall(page.class),
        ...page.cells.map((cell) => load(cell, "tile").then(() => {
          n += 1;
          this.counting?.();
          cell.answer = cell.ok ? kept[cell.candidate] || "" : "left";
        })),
      ]);
      clearTimeout(wait);
      this.counting = null;
      this.page = page;
      this.draw();
      await painted();
      note("");
      this.seen = performance.now();
      this.alive(true);
    },
    draw() {
      const page = this.page;
      const right = page.mark === "right";
      slot("task", `${right ? "Mark those that are" : "Mark those that are not"} ${page.class_name}`);
      hang("class", page.class);
      const rivals = page.cells.map((cell) => cell.rival).filter((rival) => rival != null);
      const count = (rival) => rivals.filter((one) => one === rival).length;
      this.rival = [...new Set(rivals)].sort((a, b) => count(b) - count(a) || a - b)[0];
      hang("rival", this.rival);
      $("[data-cells]").replaceChildren(...page.cells.map((cell, i) => {
        const button = document.createElement("button");
        const badge = document.createElement("span");
        button.type = "button";
        button.className = "cell";
        button.append(cell.img, badge);
        button.onclick = () => { this.at = i; this.focus(); this.mark(cell); };
        button.ondblclick = () => zoom(cell);
        button.onfocus = () => { this.at = i; this.roving(); };
        cell.button = button;
        this.label(cell, i);
        return button;
      }));
      this.at = 0;
      this.roving();
      scrollTo(0, 0);
      $("[data-cells]").scrollTop = 0;
      this.focus();
      this.sum();
    },
    roving() {
      this.page.cells.forEach((cell, i) => { cell.button.tabIndex = i === this.at ? 0 : -1; });
    },
    focus() {
      if (!$("dialog[open]")) this.page.cells[this.at]?.button.focus();
    },
    words(cell) {
      const mark = this.page.mark === "right" ? "\u2713 " + facts.marks[0] : "\u2717 " + facts.marks[1];
      return { "": "", mark, rival: `\u2192 ${cell.rival_name}`, unsure: "? unsure", skip: "\u00bb skip", bad: "\u2298 bad", copy: "\u29c9 copy", left: "not loaded: given back" }[cell.answer];
    },
    label(cell, i) {
      const words = this.words(cell);
      const badge = $("span", cell.button);
      badge.textContent = words;
      cell.button.dataset.answer = cell.answer;
      cell.button.ariaPressed = String(cell.answer === "mark");
      cell.button.ariaLabel = `Picture ${i + 1}${words ? `: ${words}` : ""}`;
    },
    mark(cell, answer = "mark") {
      if (!this.live || cell.answer === "left") return;
      cell.answer = cell.answer === answer ? "" : answer;
      this.label(cell, this.page.cells.indexOf(cell));
      this.keep();
      this.sum();
    },
    keep() {
      const kept = Object.fromEntries(this.page.cells.map((cell) => [cell.candidate, cell.answer]));
      try {
        sessionStorage.setItem(prefix + this.page.page, JSON.stringify(kept));
      } catch {}
    },
    sum() {
      const cells = this.page.cells;
      const of = (...answers) => cells.filter((cell) => answers.includes(cell.answer)).length;
      const [mark, rest] = this.page.mark === "right" ? facts.marks : [...facts.marks].reverse();
      const own = cells.length - of("", "mark", "left");
      slot("summary", `${of("mark")} marked ${mark}${own ? `, ${own} answered otherwise` : ""}; the other ${of("")} are ${rest}. ${few(this.page.open)} left.`);
    },
    alive(on) {
      this.live = on;
      document.body.dataset.live = on ? "yes" : "no";
      $(".sheet").ariaBusy = String(!on);
      $("[data-commit]").disabled = !on;
    },
    act(action) {
      if (action === "undo") {
        this.alive(false);
        return put("/api/undo", {});
      }
      const cell = this.page?.cells[this.at];
      if (!this.live || !cell) return;
      const [verdict, named] = facts.answers[action];
      if (named && cell.rival == null) return;
      const right = this.page.mark === "right";
      if (verdict === "tp" || (verdict === "fp" && !named)) {
        // Said outright: marked where that is what marks mean, else not.
        if ((verdict === "tp") === right) {
          if (cell.answer !== "mark") this.mark(cell);
        } else if (cell.answer) this.mark(cell, cell.answer);
        return;
      }
      this.mark(cell, action);
    },
    commit() {
      const looked = performance.now() - this.seen;
      if (!this.live || looked < facts.least) return;
      const cells = this.page.cells;
      const ids = (answer) => cells.filter((c) => c.answer === answer).map((c) => c.candidate);
      const others = cells.filter((c) => !["", "mark", "left"].includes(c.answer))
        .map((c) => ({ candidate: c.candidate, ...changed(c.answer, c) }));
      this.keep();
      this.alive(false);
      put("/api/commit", {
        page: this.page.page, marked: ids("mark"), others, left: ids("left"),
        dwell_ms: Math.round(looked),
      });
    },
    async saved(item, said) {
      if (item.path === "/api/undo") {
        if (!said.answers.length) {
          say("There is nothing more to take back in this round.");
          this.alive(Boolean(this.page));
          return;
        }
        const ids = said.answers.map((answer) => answer.candidate);
        const past = await ask("/api/history?count=200");
        const row = past?.decisions.find((one) => ids.includes(one.candidate));
        const to = { card: "/card", adjudicate: "/adjudicate" }[row?.mode];
        if (to) return void setTimeout(() => location.assign(to));
        if (facts.class != null && row?.class !== facts.class) {
          return void setTimeout(() => location.assign("/grid"));
        }
      }
      this.next();
    },
    again() { this.next(); },
    zoom() { if (this.live) zoom(this.page.cells[this.at]); },
    move(key) {
      const cells = this.page.cells;
      const top = cells[0].button.offsetTop;
      const columns = cells.filter((cell) => cell.button.offsetTop === top).length;
      const to = this.at + { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns }[key];
      if (cells[to]) {
        this.at = to;
        this.focus();
      }
    },
  };

  // All other pages: what waits is sent, the last answer can be taken back.
  const plain = {
    start() { return flush(); },
    act(action) { if (action === "undo" && mode === "history") put("/api/undo", {}); },
    async saved(item, said) {
      if (mode !== "history") return;
      if (said.answers.length) setTimeout(() => location.reload());
      else say("There is nothing more to take back in this round.");
    },
    again() {},
    zoom() {},
  };
  const work = { card: cards, adjudicate: cards, grid }[mode] || plain;
  const saved = (item, said) => work.saved(item, said);

  // Keys, each press once.
  const held = new Set();
  addEventListener("keyup", (event) => held.delete(event.code));
  addEventListener("blur", () => held.clear());
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    const on = event.target instanceof Element ? event.target : document.body;
    if (on.closest("input, select, textarea, [contenteditable]")) return;
    const letter = /^[ -~]$/.test(event.key) ? event.key.toLowerCase()
      : /^Key[A-Z]$/.test(event.code) && event.key.length === 1 ? event.code[3].toLowerCase() : event.key;
    const moves = letter.startsWith("Arrow");
    const press = letter === "Enter" || letter === " ";
    const again = event.repeat || held.has(event.code);
    held.add(event.code);
    if (again && !moves) {
      // A held Enter would press a button over and over.
      if (press) event.preventDefault();
      return;
    }
    const open = $("dialog[open]");
    const action = letter === "Backspace" ? "undo"
      : Object.keys(facts.keys).find((one) => facts.keys[one] === letter);
    if (open) {
      if (open.id === "zoom" && (press || letter === "v")) {
        event.preventDefault();
        open.close();
        return;
      }
      if (open.id !== "zoom" || !action || mode === "grid") return;
      open.close();
    }
    const control = on.closest("button, a, summary");
    const cell = on.closest(".cell");
    if (letter === "?") $("#help").showModal();
    else if (moves && mode === "grid" && grid.page && (cell || !control)) grid.move(letter);
    else if (letter === "Enter" && mode === "grid" && (cell || !control)) grid.commit();
    else if (letter === " " && cell) grid.mark(grid.page.cells[grid.at]);
    else if (letter === "v" || (press && !control && mode !== "grid")) work.zoom();
    else if (action) work.act(action);
    else return;
    event.preventDefault();
  });
  addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button || button.ariaDisabled === "true") return;
    if (button.dataset.action) {
      work.act(button.dataset.action);
      // Space would press it again.
      if (event.detail) button.blur();
    } else if ("zoom" in button.dataset) work.zoom();
    else if ("commit" in button.dataset) grid.commit();
    else if ("help" in button.dataset) $("#help").showModal();
    else if ("close" in button.dataset) $("#zoom").close();
    else if ("dismiss" in button.dataset) say("");
  });
  addEventListener("change", (event) => {
    const at = event.target;
    if (!at.dataset.change || !at.value) return;
    const rival = Number($(`option[value="rival"]`, at)?.dataset.rival);
    put("/api/decide", { candidate: Number(at.dataset.change), ...changed(at.value, { rival }) });
  });
  work.start();
})();
