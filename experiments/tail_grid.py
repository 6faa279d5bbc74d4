"""The thesis' space of losses for long tails, and what came since, on features.

`grid_rows` trains every setting twice: without the validation images, which
choose, and on all training images, which is tested. The adjustments are of the
plain softmax. All have the same schedule, decay, start and order of images.
"""

import json

import numpy as np

from experiments import heads
from experiments.stacked_heads import on_sphere
from experiments.stacked_heads import train_heads
from fgkeras.data.cuts.validation import with_validation
from fgkeras.data.sources.source import Source
from fgkeras.data.sources.source import Split

BETAS = (0.0, 0.9, 0.99, 0.999, 0.9999)
GAMMAS = (0.5, 1.0, 2.0)
TAUS = (0.5, 1.0, 1.25, 1.5, 2.0)
SHARE = 0.2
PLAIN, BALANCED = "softmax 0.0", "logit-adjusted 1"


def grid():
    """Returns the options of every setting by its name."""
    out = {}
    for beta in BETAS:
        for name in ("softmax", "sigmoid"):
            out[f"{name} {beta}"] = {"loss.name": name, "loss.beta": beta}
        for gamma in GAMMAS:
            out[f"focal {gamma:g} {beta}"] = {
                "loss.name": "focal",
                "loss.gamma": gamma,
                "loss.beta": beta,
            }
    for tau in TAUS:
        # tau = 1 is the balanced softmax.
        out[f"logit-adjusted {tau:g}"] = {
            "loss.name": "logit-adjusted",
            "loss.tau": tau,
        }
    return out


def family(setting):
    """Returns what a setting is one of: a loss, without its numbers."""
    return setting.split(" ")[0]


def without_validation(labels, seed, name):
    """Returns positions to train on and to choose by, as `data.val_share`."""
    ids = tuple(str(i) for i in range(len(labels)))
    names = [f"{i:03d}" for i in range(labels.max() + 1)]
    source = Source(name, names, {"train": Split(ids, labels)})
    found, part = with_validation(source, "train", share=SHARE, seed=seed)
    return tuple(
        np.array([int(i) for i in found.split(s).ids]) for s in ("train", part)
    )


def missing(rows):
    """Returns the settings that are not among rows, by name."""
    out = {n: options for n, options in grid().items() if n not in rows}
    if any(f"adjusted {tau:g}" not in rows for tau in TAUS):
        out[PLAIN] = grid()[PLAIN]
    return out


def grid_rows(name, train, test, seed, common=None, settings=None):
    """Returns what every setting reaches, by its name.

    Args:
        name: String, of the set.
        train: Features and labels of the training images, cut.
        test: Features and labels of the test images.
        seed: Int, of the share, the start and the order of images.
        common: Options of all settings.
        settings: Dict of names to options, those to be trained. Defaults to
            all of them. The two softmaxes are trained in any case.

    Returns:
        Dict of setting to `val`, mean class accuracy on the validation images;
        `test`, the same on the test images; `thirds`, its means over head,
        middle and tail; `noise`, of the differences of `test` to the plain and
        to the balanced softmax.
    """
    x, y = on_sphere(train[0]), train[1]
    num = y.max() + 1
    fit, val = without_validation(y, seed, name)
    references = {key: grid()[key] for key in (PLAIN, BALANCED)}
    settings = references | (grid() if settings is None else settings)
    asked = list(settings.values())
    counts = [
        np.bincount(y[rows], minlength=num) for rows in (fit, slice(None))
    ]
    part = train_heads(x[fit], y[fit], counts[0], asked, seed, common)
    whole = train_heads(x, y, counts[1], asked, seed, common)
    seen, asked_of, labels = x[val], on_sphere(test[0]), test[1]
    found = {}
    for k, setting in enumerate(settings):
        chosen_by = seen @ part[0][k] + part[1][k]
        tested = asked_of @ whole[0][k] + whole[1][k]
        found[setting] = chosen_by, tested
        if setting == PLAIN:
            priors = [np.log(n / n.sum()) for n in counts]
            for tau in TAUS:
                found[f"adjusted {tau:g}"] = (
                    chosen_by - tau * priors[0],
                    tested - tau * priors[1],
                )
    hits = {s: out.argmax(axis=1) == labels for s, (_, out) in found.items()}
    masks, rows = heads.thirds(counts[1]), {}
    for setting, (chosen_by, tested) in found.items():
        each = heads.class_accuracies(labels, tested)
        on_val = heads.class_accuracies(y[val], chosen_by)
        rows[setting] = {
            "val": round(float(np.nanmean(on_val)), 4),
            "test": round(float(np.nanmean(each)), 4),
            "thirds": [round(float(np.nanmean(each[m])), 4) for m in masks],
            "noise": [
                noise(hits[setting], hits[other], labels)
                for other in (PLAIN, BALANCED)
            ],
        }
    return rows


def noise(hits, others, labels):
    """Returns half of the 95 % interval of a difference of class accuracies.

    Args:
        hits: Boolean array, which test images the one knows.
        others: The same of the other.
        labels: Their classes.

    Returns:
        Float: the images of each class are a sample, the classes are not.
    """
    each = hits.astype(float) - others
    classes = np.unique(labels)
    parts = [each[labels == c] for c in classes]
    spread = sum(p.var() / max(len(p) - 1, 1) for p in parts) ** 0.5
    return round(float(1.96 * spread / len(classes)), 4)


def as_lines(found):
    """Returns results as JSON with a line for each of them."""
    lines = [f"{json.dumps(key)}: {json.dumps(found[key])}" for key in found]
    return "{\n" + ",\n".join(lines) + "\n}\n"
