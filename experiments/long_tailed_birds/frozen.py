"""Losses, stages and adjustments for the long tail, on frozen features.

Command: python -m experiments.long_tailed_birds.frozen --cache FEATURES
Time: see README.md.
Resumable: every (set, imbalance, seed, method) is a row of `frozen.json`.

The training images of cub100 are cut to an exponential tail; grocery is uneven
as it is. A method has five settings. Each is trained on the training images
without a validation share (`data.val_share=0.2`, its rule), the setting of the
best mean class accuracy there is trained again on all training images, and
that is tested once. Classes of one or two images have no validation image.
Adjustments are of the plain softmax: trained on the same images, their tau is
chosen on the same validation images; tau 1, which theory says, is not chosen.
Nor is anything of the rows of `FIXED`. The seed draws the share, the start of
the head and the order of the images.
"""

import argparse
import json
import time

import numpy as np

from experiments import features
from experiments import heads
from experiments.audit.loss_weight import cut
from experiments.results import result_path
from fgkeras.data.cuts.validation import with_validation
from fgkeras.data.sources.source import Source
from fgkeras.data.sources.source import Split

CELLS = (("cub100", 10), ("cub100", 30), ("grocery", 1))
SHARE = 0.2


def loss(name, **options):
    """Options of a run with a loss."""
    more = {f"loss.{k}": v for k, v in options.items()}
    return {"loss.name": name, **more}


def stages(second, **more):
    """Options of a run in two stages, the first as usual."""
    first = {"stages.first.tune": "head", "stages.first.train.epochs": 60}
    own = {f"stages.second.{k}": v for k, v in {**second, **more}.items()}
    return {**first, **own}


def deferred(margin, beta, epochs=20):
    """LDAM, whose last epochs weight the classes."""
    return {
        **loss("ldam", max_margin=margin),
        "stages.first.tune": "head",
        "stages.first.train.epochs": 60 - epochs,
        "stages.second.tune": "head",
        "stages.second.continues": True,
        "stages.second.train.epochs": epochs,
        "stages.second.loss.beta": beta,
    }


_CRT = {"tune": "head", "restart": True, "data.sampler": "class_balanced"}
_LWS = {"tune": "scale", "data.sampler": "class_balanced"}
METHODS = {
    "softmax": [
        {"train.weight_decay": d} for d in (3e-5, 1e-4, 3e-4, 1e-3, 3e-3)
    ],
    "class-balanced softmax": [
        loss("softmax", beta=b) for b in (0.9, 0.99, 0.999, 0.9999, 0.99999)
    ],
    "class-balanced sigmoid": [
        loss("sigmoid", beta=b) for b in (0.0, 0.9, 0.99, 0.999, 0.9999)
    ],
    "class-balanced focal": [
        loss("focal", beta=b, gamma=g)
        for b, g in (
            (0.99, 0.5),
            (0.99, 1),
            (0.999, 0.5),
            (0.999, 1),
            (0.9999, 2),
        )
    ],
    "inverse square root": [
        {**loss("softmax", weighting="inverse-sqrt"), "train.weight_decay": d}
        for d in (3e-5, 1e-4, 3e-4, 1e-3, 3e-3)
    ],
    "label smoothing": [
        loss("softmax", smoothing=s) for s in (0.02, 0.05, 0.1, 0.2, 0.3)
    ],
    "balanced softmax": [
        {**loss("balanced-softmax"), "train.weight_decay": d}
        for d in (3e-5, 1e-4, 3e-4, 1e-3, 3e-3)
    ],
    "logit-adjusted loss": [
        loss("logit-adjusted", tau=t) for t in (0.5, 0.75, 1.0, 1.5, 2.0)
    ],
    "cosine head, class-mean start, logit-adjusted": [
        {
            **loss("logit-adjusted", tau=t),
            "model.head": "cosine:25",
            "model.head_start": "class-mean",
        }
        for t in (0.5, 0.75, 1.0, 1.5, 2.0)
    ],
    "LDAM, deferred weights": [
        deferred(*pair)
        for pair in (
            (0.2, 0.99),
            (0.2, 0.999),
            (0.5, 0.9),
            (0.5, 0.99),
            (0.5, 0.999),
        )
    ],
    "classifier re-training": [
        stages(_CRT, **{"train.epochs": e, "train.weight_decay": d})
        for e, d in ((10, 3e-4), (30, 3e-4), (60, 3e-4), (30, 1e-3), (30, 3e-3))
    ],
    "learnable weight scaling": [
        stages(_LWS, **{"train.epochs": e, "train.learning_rate": r})
        for e, r in (
            (10, 0.01),
            (30, 0.01),
            (60, 0.01),
            (30, 0.003),
            (30, 0.03),
        )
    ],
}
TAUS = (0.5, 0.75, 1.0, 1.25, 1.5)
ADJUSTED = ("logits - tau log prior", "tau-normalized")
WITHOUT = "nearest class mean"
# What theory says, without choosing.
PLAIN = "logits - log prior (tau 1)"
# Without choosing too; the second is what the audit says.
FIXED = {
    "balanced softmax, not tuned": loss("balanced-softmax"),
    "logit-adjusted loss, tau 1.25": loss("logit-adjusted", tau=1.25),
}


def adjusted(kind, tau, model, logits, counts):
    """Returns logits of a linear head after an adjustment."""
    if kind == ADJUSTED[0]:
        return logits - tau * np.log(counts / counts.sum())
    kernel, bias = model.get_layer("head").get_weights()
    return (logits - bias) / np.linalg.norm(kernel, axis=0) ** tau


class Cell:
    """One set of training images, and what was chosen on a part of it."""

    def __init__(self, cache, name, factor, seed):
        train = features.load(cache, name, "train", "imagenet")
        test = features.load(cache, name, "test", "imagenet")
        kept = np.flatnonzero(cut(train.labels, factor))
        self.seed, self.classes = seed, len(train.class_names)
        self.x, self.y = train.features[kept], train.labels[kept]
        self.test = test.features, test.labels
        self.counts = np.bincount(self.y, minlength=self.classes)
        ids = tuple(train.ids[kept].tolist())
        source = Source(
            name, list(train.class_names), {"train": Split(ids, self.y)}
        )
        found, part = with_validation(source, "train", share=SHARE, seed=seed)
        place = {image: i for i, image in enumerate(ids)}
        self.fit = np.array([place[i] for i in found.split("train").ids])
        self.val = np.array([place[i] for i in found.split(part).ids])

    def train(self, changes, rows=None):
        """Trains a head on some of the images; all of them by default."""
        x, y = self.x, self.y
        if rows is not None:
            x, y = x[rows], y[rows]
        return heads.train_head(x, y, self.classes, changes, self.seed)

    def on_val(self, logits):
        """Mean class accuracy over the classes with validation images."""
        found = heads.class_accuracies(self.y[self.val], logits)
        return float(np.nanmean(found))

    def tested(self, logits):
        """All numbers on the test images."""
        found = heads.class_accuracies(self.test[1], logits)
        parts = [float(found[m].mean()) for m in heads.thirds(self.counts)]
        top1 = float(np.mean(logits.argmax(axis=1) == self.test[1]))
        return {"mean": float(found.mean()), "thirds": parts, "top1": top1}

    def choose(self, settings):
        """Returns the place of the best setting, its model and scores."""
        scores, models = [], []
        for changes in settings:
            model = self.train(changes, self.fit)
            scores.append(self.on_val(heads.logits_of(model, self.x[self.val])))
            models.append((model.get_layer("head").get_weights(), changes))
        best = int(np.argmax(scores))
        return best, models[best], scores


def measure(cell, rows, note):
    """Fills the rows of one cell, each as soon as it is known."""
    for name, settings in METHODS.items():
        if name in rows and (
            name != "softmax" or {*ADJUSTED, PLAIN} <= set(rows)
        ):
            continue
        start = time.monotonic()
        best, _, scores = cell.choose(settings)
        model = cell.train(settings[best])
        logits = heads.logits_of(model, cell.test[0])
        found = {"setting": best, "validation": scores, **cell.tested(logits)}
        found["seconds"] = round(time.monotonic() - start, 1)
        rows[name] = found
        if name == "softmax":
            part = cell.train(settings[best], cell.fit)
            for kind in ADJUSTED:
                rows[kind] = adjust(cell, kind, part, model, logits)
            out = adjusted(ADJUSTED[0], 1.0, model, logits, cell.counts)
            rows[PLAIN] = cell.tested(out)
        note()
    for name, changes in FIXED.items():
        if name not in rows:
            logits = heads.logits_of(cell.train(changes), cell.test[0])
            rows[name] = cell.tested(logits)
            note()
    if WITHOUT not in rows:
        means = heads.class_mean_directions(cell.x, cell.y, cell.classes)
        units = cell.test[0]
        rows[WITHOUT] = cell.tested(units @ means.T)
        note()


def adjust(cell, kind, part, model, logits):
    """Chooses tau on validation images, and tests the model of all images."""
    seen = heads.logits_of(part, cell.x[cell.val])
    counts = np.bincount(cell.y[cell.fit], minlength=cell.classes)
    scores = [
        cell.on_val(adjusted(kind, tau, part, seen, counts)) for tau in TAUS
    ]
    best = int(np.argmax(scores))
    out = adjusted(kind, TAUS[best], model, logits, cell.counts)
    return {"setting": best, "validation": scores, **cell.tested(out)}


def table(found):
    """Prints, for every cell, means over seeds and 95 % intervals."""
    for cell in dict.fromkeys(key.rsplit("/", 1)[0] for key in found):
        seeds = [
            rows for key, rows in found.items() if key.startswith(f"{cell}/")
        ]
        names = [n for n in seeds[0] if all(n in rows for rows in seeds)]
        plain = np.array([100 * rows["softmax"]["mean"] for rows in seeds])
        print(f"\n{cell}, {len(seeds)} seeds\n")
        print("| method | mean class % | thirds | above softmax |")
        print("| --- | --- | --- | --- |")
        order = sorted(
            names, key=lambda n: -np.mean([rows[n]["mean"] for rows in seeds])
        )
        for name in order:
            means = np.array([100 * rows[name]["mean"] for rows in seeds])
            parts = np.mean([rows[name]["thirds"] for rows in seeds], axis=0)
            gain = means - plain
            # Student's t for three seeds; none for fewer.
            half = (
                4.303 * gain.std(ddof=1) / 3**0.5 if len(gain) == 3 else np.nan
            )
            shown = " / ".join(f"{100 * p:.0f}" for p in parts)
            print(
                f"| {name} | {means.mean():.1f} | {shown} | "
                f"{gain.mean():+.1f} ± {half:.1f} |"
            )


def main():
    """Measures what is missing and prints the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    features.add_arguments(parser)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument(
        "--cells", nargs="+", default=[f"{n}/{f}" for n, f in CELLS]
    )
    parser.add_argument("--methods", nargs="+", default=list(METHODS))
    args = parser.parse_args()
    for name in [n for n in METHODS if n not in args.methods]:
        METHODS.pop(name)
    path = result_path(__file__)
    found = json.loads(path.read_text()) if path.exists() else {}

    def note():
        path.write_text(json.dumps(found, indent=1) + "\n", "utf-8")

    for seed in range(args.seeds):
        for cell in args.cells:
            name, factor = cell.split("/")
            rows = found.setdefault(f"{cell}/{seed}", {})
            measure(Cell(args.cache, name, int(factor), seed), rows, note)
            print(f"{cell}/{seed} done", flush=True)
    table(found)


if __name__ == "__main__":
    main()
