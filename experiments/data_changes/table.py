"""Writes the table of what every verb says after every change of the data."""

import argparse
import json
import os
import pathlib
import tempfile

from experiments.data_changes import sets
from experiments.data_changes import verbs
from experiments.results import result_path


def cell(said, fault):
    """One cell of the table."""
    if fault:
        return f"**WRONG** {fault}"
    if said.status:
        rule = said.text.removeprefix("fgkeras: ").partition(". Received")[0]
        return f"refused: {rule}"
    notes = " ".join((said.found or {}).get("notes", ()))
    left = ", trained on left out" if "were left out" in notes else ""
    came = ", what came is named" if " came (" in notes else ""
    if said.number is None:
        return f"{said.images} images{came}"
    return f"{said.number} % of {said.images}{came}{left}"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--forms", default=",".join(sets.FORMS))
    parser.add_argument("--tasks", default=",".join(verbs.TASKS))
    options = parser.parse_args()
    file = result_path(__file__, ".jsonl")
    rows = []
    if file.exists():
        rows = [json.loads(line) for line in file.read_text().splitlines()]
    done = {(r["form"], r["task"]) for r in rows}
    with tempfile.TemporaryDirectory() as root:
        os.environ["FGKERAS_CACHE"] = f"{root}/cache"
        for form in options.forms.split(","):
            for task in options.tasks.split(","):
                if (form, task) not in done:
                    rows += _rows(pathlib.Path(root, form, task), form, task)
                    text = "".join(json.dumps(r) + "\n" for r in rows)
                    file.write_text(text)
    _write(rows)
    wrong = sum("WRONG" in c for r in rows for c in r["cells"].values())
    print(f"{sum(len(r['cells']) for r in rows)} cells, {wrong} wrong")
    return wrong > 0


def _rows(root, form, task):
    bench = verbs.Bench(root / "bench", form, task)
    print(f"{form}, {task}: {bench.trained.number} %", flush=True)
    for change in (*sets.CHANGES, *verbs.MOVES):
        yield {
            "form": form,
            "task": task,
            "change": change,
            "cells": {
                verb: cell(said, bench.fault(change, verb, said))
                for verb, said in bench.after(change)
            },
        }


def _write(rows):
    lines = []
    for form, task in dict.fromkeys((r["form"], r["task"]) for r in rows):
        lines += ["", f"## {form}, {task}", ""]
        lines.append(f"| change | {' | '.join(verbs.VERBS)} |")
        lines.append("| --- " * (len(verbs.VERBS) + 1) + "|")
        for r in rows:
            if (r["form"], r["task"]) == (form, task):
                cells = [r["cells"][verb] for verb in verbs.VERBS]
                lines.append(f"| {r['change']} | {' | '.join(cells)} |")
    text = "\n".join(["# What every verb says after a change", *lines, ""])
    result_path(__file__, ".md").write_text(text)


if __name__ == "__main__":
    raise SystemExit(main())
