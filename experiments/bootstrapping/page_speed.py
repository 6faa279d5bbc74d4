"""How quick the labelling page is, and how many decisions a minute it allows.

Command: python -m experiments.bootstrapping.page_speed --data D --work FOLDER
Time: 14 minutes, most of it looking times that pass.
Not resumable, but for the pictures: it measures one machine, which must be
    otherwise quiet. Results in `page_speed.json` and `page_speed.md`.

Birds, enlarged to 1,024 px so that they are as costly as photographs, served by
a process of its own and looked at in Chromium at 1600 x 900. Times are taken in
the page, from the event of the key to the moment when the next picture, or all
pictures of the next page, are decoded and painted and keys are live again.
Goals: 100 ms a card, 500 ms a page at the 95th percentile.

A scripted labeller looks at each picture for some time and then says what is
true. What is right of the pictures is drawn at a yield of 4.6 % (the thesis'
own) and 50 %.
"""

import argparse
import hashlib
import io
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile

import numpy as np
from PIL import Image

from experiments.bootstrapping.sets import members
from experiments.bootstrapping.sets import write
from experiments.machine import processor
from experiments.results import result_path
from fgkeras.bootstrap.store import FILE
from fgkeras.bootstrap.store import Candidate
from fgkeras.bootstrap.store import Labellers
from fgkeras.bootstrap.store import Store
from fgkeras.bootstrap.store import open_round
from fgkeras.storage import whole_file
from fgkeras.web import entry_link

YIELDS = (0.046, 0.5)
LOOKS = (0.0, 0.1, 0.3)
CARD_LOOK = 1.6
PAGE = 36
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
# From a key to the moment when keys are live again, by the page's own clock.
TIMER = """
(() => {
  window.times = [];
  let pressed = 0;
  addEventListener("keydown", (event) => {
    if (event.key === "Enter" || event.key === "a" || event.key === "x") {
      pressed = event.timeStamp;
    }
  }, true);
  new MutationObserver(() => {
    if (document.body.dataset.live === "yes" && pressed) {
      times.push(performance.now() - pressed);
      pressed = 0;
    }
  }).observe(document, {
    subtree: true, attributes: true, attributeFilter: ["data-live"],
  });
})();
"""
# Functions, since the page lets nobody evaluate strings.
LIVE = "() => document.body.dataset.live === 'yes'"
DULL = "() => document.body.dataset.live !== 'yes'"
DONE = """() => document.body.dataset.live === 'yes' ||
  document.querySelector("[data-note]").textContent.startsWith("Nothing")"""


def pictures(data, folder, count, side):
    """Writes pictures as large as photographs, once; returns their names."""
    done = folder / f"done_{count}_{side}"
    archive = f"{data}/cub100/cub100.zip"
    names = [name for _, _, name in members(archive)][:count]
    if not done.is_file():
        with zipfile.ZipFile(archive) as file:
            for name in names:
                with Image.open(io.BytesIO(file.read(name))) as image:
                    scale = side / max(image.size)
                    large = image.convert("RGB").resize(
                        [round(scale * edge) for edge in image.size]
                    )
                content = io.BytesIO()
                large.save(content, "JPEG", quality=85)
                write(folder / name, content.getvalue())
        done.touch()
    return names


def classes_of(args):
    """Returns the classes: name, how many candidates, yield, their kind.

    One for each measurement, so that each begins afresh.
    """
    out = [
        ("cards", args.cards, 0.5, "card", 0.0),
        ("pages", PAGE * args.pages, 0.046, "grid", 0.0),
    ]
    for share in YIELDS:
        for look in LOOKS:
            name = f"pages {share} {look}"
            out.append((name, PAGE * args.few_pages, share, "grid", look))
        name = f"cards {share}"
        out.append((name, args.few_cards, share, "card", CARD_LOOK))
    return out


def project(folder, photographs, names, args):
    """Makes a store with a round; returns it, and what is right."""
    store = Store(folder / FILE, create=True)
    rng = np.random.default_rng(0)
    classes = classes_of(args)
    candidates, right, unseen = [], {}, 0
    with store.writing() as db:
        for number, name in enumerate(names, 1):
            content = (photographs / name).read_bytes()
            with Image.open(io.BytesIO(content)) as image:
                size = image.size
            db.execute(
                "INSERT INTO image (id, origin, name, sha256, width, height) "
                "VALUES (?, 'pool', ?, ?, ?, ?)",
                (number, name, hashlib.sha256(content).hexdigest(), *size),
            )
        for k, (name, *_) in enumerate(classes):
            db.execute("INSERT INTO class VALUES (?, ?, '')", (k, name))
            for i, image in enumerate(names[-6:]):
                db.execute(
                    "INSERT INTO image (origin, name, sha256, class, width, "
                    "height) SELECT 'seed', ?, sha256, ?, width, height "
                    "FROM image WHERE name = ? AND origin = 'pool'",
                    (f"{k} {i} {image}", k, image),
                )
    for k, (_, count, share, *_) in enumerate(classes):
        # The first two see pictures that nobody has seen; looking times rule
        # the others.
        start, unseen = (unseen, unseen + count) if k < 2 else (0, unseen)
        truths = rng.random(count) < share
        for n in range(count):
            image = 1 + (start + n) % len(names)
            rival = (k + 1) % len(classes)
            candidates.append(Candidate(image, k, rival, 0.7, 0.2, n))
            right[image, k] = bool(truths[n])
    rates = {k: share for k, (_, _, share, *_) in enumerate(classes)}
    open_round(store, 1, {}, candidates, rates=rates)
    with store.reading() as db:
        rows = db.execute("SELECT id, image, class FROM candidate").fetchall()
    return store, {r["id"]: right[r["image"], r["class"]] for r in rows}


def serve_page(folder, photographs):
    """Serves the page; says where on the first line."""
    from fgkeras.bootstrap.page import label_app
    from fgkeras.bootstrap.page.ahead import tiles_ahead
    from fgkeras.bootstrap.page.pictures import Pictures
    from fgkeras.web import serve

    def read(row):
        name = row["name"]
        if row["origin"] == "seed":
            name = name.split(" ", 2)[2]
        return (photographs / name).read_bytes()

    store = Store(folder / FILE)
    # As `fgkeras bootstrap score` does when it opens a round.
    tiles_ahead(store, Pictures(read, folder / "small"), 1)
    app = label_app(store, read, title="Birds", thumbnails=folder / "small")
    serve(app, ready=lambda url: print(url, flush=True))


def by_cards(page, truth, look):
    """Decides all cards of the class that is shown."""
    while True:
        page.wait_for_function(DONE)
        if not page.evaluate(LIVE):
            return
        shown = page.get_attribute(".picture img", "src")
        if look:
            time.sleep(look)
        candidate = int(shown.split("?")[0].rsplit("/", 1)[1])
        page.keyboard.press("a" if truth[candidate] else "x")
        page.wait_for_function(
            "before => document.querySelector('.picture img')"
            "?.getAttribute('src') !== before",
            arg=shown,
        )


def by_pages(page, truth, look):
    """Commits all pages of the class that is shown."""
    while True:
        page.wait_for_function(DONE)
        if not page.evaluate(LIVE):
            return
        marks_right = "not" not in page.inner_text("[data-slot=task]")
        cells = page.query_selector_all("[data-cells] button")
        numbers = page.eval_on_selector_all(
            "[data-cells] button img",
            "all => all.map((img) => img.getAttribute('src'))",
        )
        for cell, source in zip(cells, numbers, strict=True):
            if look:
                time.sleep(look)
            candidate = int(source.split("?")[0].rsplit("/", 1)[1])
            if truth[candidate] == marks_right:
                cell.click()
        page.keyboard.press("Enter")
        page.wait_for_function(DULL)


def measure(page, url, store, truth, k, row):
    """Works through one class; returns what it took and what went wrong."""
    name, count, share, mode, look = row
    page.goto(f"{url}/{mode}?class={k}")
    page.wait_for_function(LIVE)
    start = time.perf_counter()
    (by_cards if mode == "card" else by_pages)(page, truth, look)
    seconds = time.perf_counter() - start
    page.wait_for_selector("#state[data-state=saved]")
    times = page.evaluate("window.times")
    with store.reading() as db:
        votes = db.execute(
            "SELECT c.id, v.verdict FROM vote AS v "
            "JOIN candidate AS c ON c.id = v.candidate WHERE c.class = ?",
            (k,),
        ).fetchall()
    wrong = sum((v["verdict"] == "tp") != truth[v["id"]] for v in votes)
    return {
        "class": name,
        "mode": mode,
        "yield": share,
        "look": look,
        "asked": count,
        "decisions": len(votes),
        "wrong": wrong,
        "a minute": 60 * len(votes) / seconds,
        "times": len(times),
        "p50 ms": float(np.percentile(times, 50)) if times else None,
        "p95 ms": float(np.percentile(times, 95)) if times else None,
        "p99 ms": float(np.percentile(times, 99)) if times else None,
        "max ms": max(times) if times else None,
    }


def table(found):
    """Returns the tables as Markdown."""
    lines = [
        f"{found['processor']}, load {found['load'][0]:.1f} at the start and "
        f"{found['load'][1]:.1f} at the end.",
        "",
        "| from | to | goal, p95 | p50 | p95 | p99 | largest | of |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for row, words, goal in zip(
        found["rows"],
        ("key | next picture, decoded", "commit | next page, decoded"),
        (100, 500),
        strict=False,
    ):
        cells = [f"{row[f'{p} ms']:.0f}" for p in ("p50", "p95", "p99", "max")]
        lines.append(
            f"| {words} | {goal} ms | " + " | ".join(cells)
            + f" | {row['times']} |"
        )  # fmt: skip
    lines += [
        "",
        "| yield | by | looking, s a picture | decisions a minute | wrong | "
        "decisions |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for row in found["rows"][2:]:
        lines.append(
            f"| {100 * row['yield']:.1f} % | "
            f"{'pages of 36' if row['mode'] == 'grid' else 'cards'} | "
            f"{row['look']} | {row['a minute']:.0f} | {row['wrong']} | "
            f"{row['decisions']} |"
        )
    return "\n".join(lines) + "\n"


def load():
    """Returns how many processes want a processor, in the last minute."""
    return os.getloadavg()[0]


def main():
    """Measures, and writes the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", default="../shared/data", help="image sets")
    parser.add_argument("--work", required=True, type=pathlib.Path)
    parser.add_argument("--cards", type=int, default=300)
    parser.add_argument("--pages", type=int, default=40)
    parser.add_argument("--few-cards", type=int, default=60)
    parser.add_argument("--few-pages", type=int, default=8)
    parser.add_argument("--side", type=int, default=1024, help="pixels")
    parser.add_argument("--serve", type=pathlib.Path, help=argparse.SUPPRESS)
    args = parser.parse_args()
    photographs = args.work / "photographs"
    if args.serve:
        serve_page(args.serve, photographs)
        return
    from playwright.sync_api import sync_playwright

    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        raise SystemExit(f"None of {', '.join(BROWSERS)} is installed.")
    count = args.cards + PAGE * args.pages
    names = pictures(args.data, photographs, count, args.side)
    rows, loads = [], [load()]
    with tempfile.TemporaryDirectory(dir=args.work) as folder:
        folder = pathlib.Path(folder)
        store, truth = project(folder, photographs, names, args)
        server = subprocess.Popen(
            [sys.executable, "-m", "experiments.bootstrapping.page_speed",
             "--work", str(args.work), "--serve", str(folder)],
            stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        try:
            url = server.stdout.readline().strip()
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(
                    executable_path=path, args=["--no-sandbox"]
                )
                page = browser.new_page(viewport={"width": 1600, "height": 900})
                page.set_default_timeout(60_000)
                page.add_init_script(TIMER)
                token = Labellers(store).invite("Ada")
                page.goto(entry_link(url, token))
                for k, row in enumerate(classes_of(args)):
                    rows.append(measure(page, url, store, truth, k, row))
                    print(rows[-1], flush=True)
                browser.close()
        finally:
            server.terminate()
            server.wait()
            store.close()
    loads.append(load())
    found = {"processor": processor(), "load": loads, "rows": rows}
    with whole_file(result_path(__file__)) as file:
        file.write(json.dumps(found, indent=1).encode())
    with whole_file(result_path(__file__, ".md")) as file:
        file.write(table(found).encode("utf-8"))
    print(table(found))


if __name__ == "__main__":
    main()
