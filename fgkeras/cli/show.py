"""How results look on a terminal."""

import json


def print_metrics(metrics, folder, as_json=False):
    """Prints the evaluation of a run, as a table or as JSON."""
    if as_json:
        print(json.dumps(metrics, indent=2, ensure_ascii=False))
        return
    import rich.console
    import rich.table

    table = rich.table.Table("accuracy", "%", "95 % interval", "images")
    overall = metrics["overall"]
    for name in ("top1", "top5", "mean_per_class"):
        entry = overall.get(name) or metrics.get(name)
        if isinstance(entry, dict) and entry.get("value") is not None:
            table.add_row(name, *_numbers(entry), str(metrics["num_images"]))
    for name, group in (metrics.get("groups") or {}).items():
        if group and group.get("accuracy") is not None:
            table.add_row(
                f"{name} ({group['num_classes']} classes)",
                *_numbers({**group, "value": group["accuracy"]}),
                str(group["num_images"]),
            )
    console = rich.console.Console()
    console.print(table)
    console.print(f"run: {folder}", highlight=False, soft_wrap=True)
    console.print(
        f"report: {folder}/report.html", highlight=False, soft_wrap=True
    )


def _numbers(entry):
    interval = entry.get("interval")
    text = ""
    if interval:
        text = f"{100 * interval[0]:.1f} to {100 * interval[1]:.1f}"
    return f"{100 * entry['value']:.1f}", text


def print_rows(rows):
    """Prints a list of dicts with the same keys as a table."""
    import rich.console
    import rich.table

    table = rich.table.Table(*rows[0])
    for row in rows:
        table.add_row(*("-" if v is None else str(v) for v in row.values()))
    rich.console.Console().print(table)
