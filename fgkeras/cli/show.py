"""How results look on a terminal."""

import json
import os


def add_page(parser):
    """Adds where a page is written."""
    parser.add_argument(
        "--html", metavar="FILE", help="write a page to look at"
    )


def check_output(flag, path, ending):
    """Refuses a file to write whose name says that it is something else.

    Args:
        flag: String, the option that names it.
        path: String, or `None`.
        ending: String, such as `".html"`.
    """
    if path is not None and not path.lower().endswith(ending):
        raise ValueError(
            f"{flag} names a file that ends in {ending}, which is written "
            f"over. Received: {flag} {path}."
        )
    if path is not None and os.path.isdir(path):
        raise ValueError(
            f"{flag} names a file. Received: {flag} {path}, which is a folder."
        )


def print_metrics(metrics, folder, as_json=False):
    """Prints the evaluation of a run, as a table or as JSON."""
    if as_json:
        print(json.dumps(metrics, indent=2, ensure_ascii=False))
        return
    import rich.console
    import rich.table

    from fgkeras.report.rows import answer_lines
    from fgkeras.report.rows import classes_tested
    from fgkeras.report.rows import first_lines
    from fgkeras.report.rows import fold_lines
    from fgkeras.runs.embedding.untrained import untrained_notes

    table = rich.table.Table("accuracy", "%", "95 % interval", "images")
    for name in ("top1", "top5", "mean_per_class", "macro_f1"):
        if metrics.get(name):
            table.add_row(
                name.replace("_", " ").replace("f1", "F1"),
                *_numbers(metrics[name]),
                str(metrics["num_images"]),
            )
    for name, value in ((metrics.get("folds") or {}).get("mean") or {}).items():
        folds = metrics["folds"]
        table.add_row(
            f"{name.replace('_', ' ')}, mean of {folds['count']} folds",
            *_numbers({"value": value}),
            ", ".join(str(row["num_images"]) for row in folds["each"]),
        )
    for name, group in (metrics.get("groups") or {}).items():
        if group["class_mean"]:
            table.add_row(
                f"{name} ({classes_tested(group)} classes, class mean)",
                *_numbers(group["class_mean"]),
                str(group["num_images"]),
            )
    for member in metrics.get("ensemble", ()):
        table.add_row(
            f"top1 of {member['run']} alone",
            *_numbers(member["top1"]),
            str(metrics["num_images"]),
        )
    for name, value in _embedding_rows(metrics):
        table.add_row(name, *_numbers(value), str(metrics["num_images"]))
    console = rich.console.Console(markup=False, emoji=False)
    first = first_lines(metrics)
    for note in (*first, *untrained_notes(metrics.get("untrained"))):
        console.print(note, highlight=False, soft_wrap=True)
    console.print(table)
    said = [*answer_lines(metrics), *fold_lines(metrics)]
    for note in (*said, *metrics.get("notes", ())):
        console.print(note, highlight=False, soft_wrap=True)
    console.print(f"run: {folder}", highlight=False, soft_wrap=True)
    console.print(
        f"report: {folder}/report.html", highlight=False, soft_wrap=True
    )


def _embedding_rows(metrics):
    """Yields `(name, value with interval)` of retrieval and clustering."""
    found = metrics.get("retrieval")
    if found:
        for k, value in found["recall_at"].items():
            yield f"recall at {k}", value
        yield "MAP at R", found["map_at_r"]
    names = {"features": "the features", "components": "their PCA"}
    for name, text in names.items():
        row = (metrics.get("untrained") or {}).get(name)
        if row:
            text = f"no training, {text} ({row['length']}): recall at 1"
            yield text, row["recall_at"]["1"]
    for name in ("nmi", "f1"):
        if name in metrics.get("clustering", {}):
            yield (
                f"{name.upper()} of k-means",
                {"value": metrics["clustering"][name]},
            )


def _numbers(entry):
    interval = ""
    if entry.get("low") is not None:
        interval = f"{100 * entry['low']:.1f} to {100 * entry['high']:.1f}"
    return f"{100 * entry['value']:.1f}", interval


def with_interval(entry):
    """Returns a value with its interval, such as `0.1200 (0.1000 to 0.1400)`.

    Args:
        entry: Dict of `value`, `low` and `high`.
    """
    return f"{entry['value']:.4f} ({entry['low']:.4f} to {entry['high']:.4f})"


def print_rows(rows):
    """Prints a list of dicts with the same keys as a table."""
    import rich.console
    import rich.table

    table = rich.table.Table(*rows[0])
    for row in rows:
        table.add_row(*("-" if v is None else str(v) for v in row.values()))
    rich.console.Console(markup=False, emoji=False).print(table)


def print_comparison(found, folder):
    """Prints a comparison of runs: their numbers, differences and cost.

    Args:
        found: Dict, what `fgkeras.jobs.compare` returns.
        folder: Path of the folder that it was written into.
    """
    import rich.box
    import rich.console
    import rich.table

    from fgkeras.report.comparison.compare_page import cost_rows
    from fgkeras.report.comparison.compare_page import measured_rows

    console = rich.console.Console(markup=False, emoji=False)
    for note in found["notes"]:
        console.print(note, highlight=False, soft_wrap=True)
    first = found["runs"][0]["name"]
    heads = ("run", "%", "95 % interval", "difference", "95 % interval", "p")
    table = rich.table.Table(*heads, box=rich.box.SIMPLE)
    table.columns[0].overflow = "fold"
    for name, rows in measured_rows(found).items():
        table.add_row(name.upper())
        for row in rows:
            table.add_row(*row, end_section=row is rows[-1])
    console.print(table)
    heads = ("run", "trained by", "seconds", "parameters")
    table = rich.table.Table(*heads, box=rich.box.SIMPLE)
    for row in cost_rows(found):
        table.add_row(*row)
    console.print(table)
    text = (
        f"{found['num_images']:,} images of {found['num_classes']:,} classes; "
        f"differences from {first} in points, on the same images; p: "
        "McNemar's exact test"
    )
    console.print(text, highlight=False, soft_wrap=True)
    console.print(
        f"page: {folder}/compare.html", highlight=False, soft_wrap=True
    )
