// A picture is shown, sent, and what the model says of it is listed.
const $ = (id) => document.getElementById(id);
const drop = $("drop");
const file = $("file");
let last = null;
let turn = 0;

const kept = () => sessionStorage.getItem("token") || "";
const percent = (value) => `${(100 * value).toFixed(value < 0.0995 ? 1 : 0)} %`;
function make(tag, text = "", kind = "") {
  const made = document.createElement(tag);
  made.textContent = text;
  if (kind) made.className = kind;
  return made;
}
function say(text, bad = false) {
  $("say").textContent = text;
  $("say").hidden = !text;
  $("say").classList.toggle("bad", bad);
}
function clear() {
  for (const id of ["unknown", "classes-part", "set-part", "near-part"]) $(id).hidden = true;
}
async function draw(canvas, blob, side) {
  const picture = await createImageBitmap(blob);
  const scale = Math.min(1, side / Math.max(picture.width, picture.height));
  canvas.width = Math.max(1, Math.round(picture.width * scale));
  canvas.height = Math.max(1, Math.round(picture.height * scale));
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
}
async function base64(blob) {
  const url = await new Promise((done, failed) => {
    const reader = new FileReader();
    reader.onload = () => done(reader.result);
    reader.onerror = () => failed(reader.error);
    reader.readAsDataURL(blob);
  });
  return url.slice(url.indexOf(",") + 1);
}
function ask(path, body) {
  const headers = { accept: "application/json" };
  if (body) headers["content-type"] = "application/json";
  if (kept()) headers.authorization = `Bearer ${kept()}`;
  return fetch(path, { method: body ? "POST" : "GET", headers, body });
}
function list(found) {
  $("version").textContent = `Version ${found.model_version}`;
  if (!found.valid) {
    say("The model does not read this file. It takes whole JPEG, PNG, GIF or BMP pictures of at most 64 megapixels.", true);
    return;
  }
  say("");
  $("unknown").hidden = found.known !== false;
  $("classes").replaceChildren(...found.classes.map((row) => {
    const line = make("tr");
    const name = make("th", row.name);
    name.scope = "row";
    const cell = make("td");
    const bar = make("progress");
    bar.max = 1;
    bar.value = row.score;
    bar.setAttribute("aria-hidden", "true");
    cell.append(bar);
    line.append(name, cell, make("td", percent(row.score), "n"));
    return line;
  }));
  $("classes-part").hidden = !found.classes.length;
  if (found.set) {
    const more = found.set_size - found.set.length;
    $("set-title").textContent = `Prediction set: ${found.set_size} ${found.set_size === 1 ? "class" : "classes"}`;
    $("set").replaceChildren(...found.set.map((name) => make("li", name)));
    if (more > 0) $("set").append(make("li", `and ${more} more`, "soft"));
    $("set-part").hidden = false;
  }
  if (found.neighbours) {
    $("near").replaceChildren(...found.neighbours.map((row) => {
      const line = make("li");
      line.append(make("b", row.class), make("span", `${row.similarity.toFixed(3)}`, "n"), make("small", row.id.startsWith("added-") ? "added here" : row.id, "soft"));
      if (row.id.startsWith("added-")) thumbnail(line, row.id);
      return line;
    }));
    $("near-part").hidden = !found.neighbours.length;
  }
}
async function thumbnail(line, id) {
  try {
    const found = await ask(`/gallery/pictures/${encodeURIComponent(id)}`);
    if (!found.ok) return;
    const canvas = make("canvas");
    await draw(canvas, await found.blob(), 160);
    canvas.setAttribute("aria-hidden", "true");
    line.prepend(canvas);
  } catch { /* It stays a line of text. */ }
}
async function answer(blob) {
  last = blob;
  const mine = ++turn;
  clear();
  say("Asking the model");
  $("told").setAttribute("aria-busy", "true");
  try {
    await draw($("shown"), blob, 900);
    $("shown").hidden = false;
    $("hint").textContent = "Drop, paste or choose another";
  } catch {
    $("shown").hidden = true;
    $("hint").textContent = blob.name || "This file";
  }
  try {
    const body = JSON.stringify({ image: { b64: await base64(blob) } });
    const response = await ask("/page/answer", body);
    const found = await response.json();
    if (mine !== turn) return;
    $("enter").hidden = response.status !== 401;
    if (response.ok) {
      list(found);
    } else {
      say(found.error, true);
      if (response.status === 401) $("token").focus();
    }
  } catch {
    if (mine === turn) say("The server does not answer. Is it still running?", true);
  } finally {
    if (mine === turn) $("told").setAttribute("aria-busy", "false");
  }
}

async function begin() {
  try {
    const name = document.querySelector("main").dataset.model;
    const response = await ask(`/v2/models/${name}`);
    $("enter").hidden = response.status !== 401;
    if (response.ok && !last) $("version").textContent = `Version ${(await response.json()).versions.at(-1)}`;
  } catch { /* The first picture says that nobody answers. */ }
}

begin();
file.onchange = () => { if (file.files[0]) answer(file.files[0]); };
drop.ondragover = (event) => { event.preventDefault(); drop.classList.add("over"); };
drop.ondragleave = () => drop.classList.remove("over");
drop.ondrop = (event) => {
  event.preventDefault();
  drop.classList.remove("over");
  if (event.dataTransfer.files[0]) answer(event.dataTransfer.files[0]);
};
// A picture that misses its place must not replace the page.
addEventListener("dragover", (event) => event.preventDefault());
addEventListener("drop", (event) => event.preventDefault());
addEventListener("paste", (event) => {
  const found = [...event.clipboardData.files][0];
  if (found) answer(found);
});
$("enter").onsubmit = (event) => {
  event.preventDefault();
  sessionStorage.setItem("token", $("token").value.trim());
  $("token").value = "";
  if (last) answer(last);
  else begin();
};
