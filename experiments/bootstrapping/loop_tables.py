"""The tables of `loop.py`, with intervals over its draws."""

import numpy as np
from scipy import stats

METHODS = ("triplet-a", "softmax")
CUTS = (0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8)


def interval(values, digits=1):
    """Returns the mean and the half width of its 95 % interval, as text."""
    values = np.array(values, float)
    text = f"{values.mean():.{digits}f}"
    if len(values) > 1:
        half = stats.sem(values) * stats.t.ppf(0.975, len(values) - 1)
        text += f" ± {half:.{digits}f}"
    return text


def recalls(row):
    """Returns the recall of the cut in %: true, estimated, corrected.

    Of the images whose class is named right, how many score above the
    threshold. The estimate weighs what was accepted of the audit slice; it is
    corrected by how the labeller answered known pictures (Rogan and Gladen).
    """
    (hits, positives), (false, negatives) = row["gold"]
    sensitivity = hits / positives if positives else 1.0
    acceptance = false / negatives if negatives else 0.0
    found = {"true": np.zeros(2), "estimated": np.zeros(2)}
    found["corrected"] = np.zeros(2)
    for r in row["rounds"]:
        found["true"] += r["right"], r["named right"]
        parts = []
        for count, accepted, weight in (
            (r["offered"], r["accepted"], 1.0),
            (r["audit"], r["audit accepted"], r["weight"]),
        ):
            right = (accepted - acceptance * count) / (sensitivity - acceptance)
            parts.append(
                (weight * accepted, weight * min(max(right, 0), count))
            )
        for place, name in enumerate(("estimated", "corrected")):
            above = parts[0][place]
            found[name] += above, above + parts[1][place]
    return {name: 100 * part / whole for name, (part, whole) in found.items()}


def tables(rows):
    """Returns the tables as Markdown."""
    groups: dict = {}
    for row in rows:
        groups.setdefault((row["method"], row["labeller"]), []).append(row)
    lines = [
        "| method | labeller | round | offered | of them right, % | found of "
        "the part's true, % | test accuracy, % |",
        "| --- " * 7 + "|",
    ]
    for (method, accuracy), some in groups.items():
        title = f"| {method} | {100 * accuracy:.0f} % "
        before = interval([r["accuracies"][0] for r in some])
        lines.append(f"{title}| seed | | | | {before} |")
        for i in range(len(some[0]["rounds"])):
            found = [row["rounds"][i] for row in some]
            cells = [
                interval([r["offered"] for r in found], 0),
                interval([100 * r["right"] / r["offered"] for r in found]),
                interval([100 * r["right"] / r["of a class"] for r in found]),
                interval([row["accuracies"][i + 1] for row in some]),
            ]
            lines.append(f"{title}| {i + 1} | " + " | ".join(cells) + " |")
    lines += [
        "",
        "| method | labeller | decisions, % of the pool | taken of all true, "
        "% | of those taken right, % | recall of the cut, % | estimated by the "
        "audit slice | corrected by known pictures |",
        "| --- " * 8 + "|",
    ]
    for (method, accuracy), some in groups.items():
        cells = [
            interval([100 * r["decisions"] / r["pool"] for r in some]),
            interval([100 * r["taken right"] / r["true"] for r in some]),
            interval([100 * r["taken right"] / r["taken"] for r in some]),
        ]
        found = [recalls(r) for r in some]
        cells += [interval([f[name] for f in found]) for name in found[0]]
        lines.append(
            f"| {method} | {100 * accuracy:.0f} % | " + " | ".join(cells) + " |"
        )
    lines += [
        "",
        "| grown by | labeller | seed alone, triplet-a | seed alone, softmax "
        "| as it was grown | triplet-a without H | softmax | all labelled |",
        "| --- " * 8 + "|",
    ]
    for (method, accuracy), some in groups.items():
        cells = [
            *(interval([r[f"seed {m}"] for r in some]) for m in METHODS),
            interval([r["accuracies"][-1] for r in some]),
            *(interval([r[f"then {m}"] for r in some]) for m in METHODS),
            interval([r["all"] for r in some]) if "all" in some[0] else "",
        ]
        lines.append(
            f"| {method} | {100 * accuracy:.0f} % | " + " | ".join(cells) + " |"
        )
    lines += [
        "",
        "| method | cut | offered | of them right, % | found of all true, % |",
        "| --- " * 5 + "|",
    ]
    # What other cuts would have offered of the first part, to the same model.
    for (method, accuracy), some in groups.items():
        if accuracy != max(key[1] for key in groups if key[0] == method):
            continue
        for k, cut in enumerate(CUTS):
            first = [row["rounds"][0] for row in some]
            counts = [r["cuts"][k] for r in first]
            cells = [
                interval([n for _, n, _ in counts], 0),
                interval([100 * right / max(n, 1) for _, n, right in counts]),
                interval(
                    [
                        100 * c[2] / r["of a class"]
                        for c, r in zip(counts, first, strict=True)
                    ]
                ),
            ]
            lines.append(f"| {method} | {cut} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"
