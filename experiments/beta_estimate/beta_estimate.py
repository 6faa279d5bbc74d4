"""Is the beta that is measured on features as good as the best of a sweep?

Command: python -m experiments.beta_estimate.beta_estimate --cache FEATURES
Time: see README.md.
Resumable: every (set, imbalance) is a row of `beta_estimate.json`.

The training images of a set are cut to an exponential tail as in
`experiments.audit.loss_weight`. On the features that are left
`fgkeras.granularity.unique_prototypes` makes two proposals, those of
`loss.beta=data` and `data-per-class`. A linear head with the class-balanced
softmax of either, and of each beta of a sweep, is trained as `fgkeras train
--mode frozen` trains it. Test images are not cut. The seed draws the start of
the head and the order of the images.

Regret: mean class accuracy of the best of the sweep less that of a proposal,
the means of the seeds. Its interval is the middle 95 % of paired resamples: of
the seeds, and of the test images of each class. The best of the sweep is chosen
on the very test images, which is more than a sweep could do. A proposal is
within noise of it where the interval reaches 0.
"""

import argparse
import json
import time

import numpy as np

from experiments import features
from experiments.audit.loss_weight import cut
from experiments.audit.probe import splits
from experiments.audit.probe import within_class_rank
from experiments.results import result_path
from experiments.stacked_heads import on_sphere
from experiments.stacked_heads import train_heads
from fgkeras.granularity import unique_prototypes

CELLS = (
    ("cub100", 10),
    ("cub100", 30),
    ("grocery", 10),
    ("grocery", 30),
    ("cars196", 10),
    ("cars196", 30),
    ("cifar100", 10),
    ("cifar100", 30),
    ("cifar10", 10),
    ("cifar10", 100),
)
SWEEP = (0.0, 0.9, 0.99, 0.999, 0.9999)
PROPOSALS = ("data", "data-per-class")
# Training images of the largest class, so that a cell takes a few minutes.
MOST = 500
RESAMPLES = 2000


def cell_of(cache, name, factor):
    """Returns features and labels to train on, and to test on."""
    train, test = splits(cache, name, "imagenet")
    few = within_class_rank(train[1]) < MOST
    train = train[0][few], train[1][few]
    kept = cut(train[1], factor)
    return (train[0][kept], train[1][kept]), test


def hits_of(train, test, classes, betas, seed):
    """Returns which test images a head of each beta tells right."""
    counts = np.bincount(train[1], minlength=classes)
    settings = [{"loss.beta": beta} for beta in betas]
    kernels, biases = train_heads(
        on_sphere(train[0]), train[1], counts, settings, seed
    )
    logits = on_sphere(test[0]) @ kernels + biases[:, None]
    return logits.argmax(axis=2) == test[1]


def resampled(labels, hits, rng):
    """Returns mean class accuracies of paired resamples.

    Args:
        labels: Integer array of shape `(num_images,)`.
        hits: Bool array of shape `(num_settings, num_seeds, num_images)`.
        rng: `numpy.random.Generator`.

    Returns:
        Array of shape `(RESAMPLES, num_settings)`.
    """
    settings, seeds, _ = hits.shape
    out = np.zeros((RESAMPLES, settings * seeds))
    present = np.unique(labels)
    for c in present:
        own = hits[:, :, labels == c].reshape(settings * seeds, -1).T
        count = len(own)
        times = rng.multinomial(count, np.full(count, 1 / count), RESAMPLES)
        out += times @ own / (count * len(present))
    out = out.reshape(RESAMPLES, settings, seeds)
    drawn = rng.integers(seeds, size=(RESAMPLES, 1, seeds))
    return np.take_along_axis(out, drawn, axis=2).mean(axis=2)


def measure(train, test, seeds):
    """Returns the row of a cell."""
    classes = int(max(train[1].max(), test[1].max())) + 1
    start = time.monotonic()
    found = unique_prototypes(*train, classes)
    seconds = time.monotonic() - start
    counts = np.bincount(train[1], minlength=classes)
    betas = {
        PROPOSALS[0]: found.beta,
        PROPOSALS[1]: found.class_betas.tolist(),
        **{str(beta): beta for beta in SWEEP},
    }
    tried = list(betas.values())
    hits = np.stack(
        [hits_of(train, test, classes, tried, s) for s in range(seeds)], axis=1
    )
    right = [
        [np.nanmean(np.bincount(test[1], h) / np.bincount(test[1])) for h in of]
        for of in hits
    ]
    means = 100 * np.mean(right, axis=1)
    draws = 100 * resampled(test[1], hits, np.random.default_rng(0))
    best = len(PROPOSALS) + int(np.argmax(means[len(PROPOSALS) :]))
    names = list(betas)
    regret = {}
    for i, name in enumerate(names):
        low, high = np.quantile(draws[:, best] - draws[:, i], [0.025, 0.975])
        value = means[best] - means[i]
        regret[name] = [round(float(v), 3) for v in (value, low, high)]
    quartiles = np.quantile(found.class_numbers, [0.25, 0.5, 0.75])
    return {
        "images": int(counts.sum()),
        "largest": int(counts.max()),
        "smallest": int(counts.min()),
        "beta": round(found.beta, 6),
        "prototypes": round(found.number, 2),
        "class_prototypes": [round(float(q), 2) for q in quartiles],
        "radius": round(found.radius, 4),
        "at_least": found.at_least,
        "measured_seconds": round(seconds, 1),
        "accuracy": {
            name: [round(100 * float(a), 3) for a in of]
            for name, of in zip(names, right, strict=True)
        },
        "best": names[best],
        "regret": regret,
        "seconds": round(time.monotonic() - start, 1),
    }


def within(row, name):
    """Whether a setting is within noise of the best of the sweep."""
    return row["regret"][name][1] <= 0


def table(rows):
    """Prints what was proposed, what it costs, and what else would have."""
    print("| set, imbalance | sizes | N (of classes) | beta | best of sweep |")
    print("| --- | --- | --- | --- | --- |")
    for key, row in rows.items():
        low, _, high = row["class_prototypes"]
        score = np.mean(row["accuracy"][row["best"]])
        print(
            f"| {key} | {row['largest']}-{row['smallest']} | "
            f"{row['prototypes']:.0f} ({low:.0f}-{high:.0f}) | "
            f"{row['beta']:.4f} | {row['best']}: {score:.1f} |"
        )
    names = [*PROPOSALS, *map(str, SWEEP)]
    print(f"\n| set, imbalance | {' | '.join(names)} |")
    print(f"| --- {'| --- ' * len(names)}|")
    for key, row in rows.items():
        cells = []
        for name in names:
            value, low, high = row["regret"][name]
            text = f"{value:.2f} ({low:.2f}, {high:.2f})"
            cells.append(text if within(row, name) else f"**{text}**")
        print(f"| {key} | {' | '.join(cells)} |")
    total = [sum(within(row, n) for row in rows.values()) for n in names]
    mean = [np.mean([r["regret"][n][0] for r in rows.values()]) for n in names]
    print(f"| within noise | {' | '.join(f'{t}/{len(rows)}' for t in total)} |")
    print(f"| mean regret | {' | '.join(f'{m:.2f}' for m in mean)} |")


def main():
    """Measures what is missing and prints the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    features.add_arguments(parser)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument(
        "--cells", nargs="+", default=[f"{n}/{f}" for n, f in CELLS]
    )
    args = parser.parse_args()
    path = result_path(__file__)
    rows = json.loads(path.read_text()) if path.exists() else {}
    for cell in args.cells:
        if cell in rows:
            continue
        name, factor = cell.split("/")
        train, test = cell_of(args.cache, name, int(factor))
        rows[cell] = measure(train, test, args.seeds)
        path.write_text(json.dumps(rows, indent=1) + "\n", "utf-8")
        print(f"{cell}: {rows[cell]['seconds']} s", flush=True)
    table(rows)


if __name__ == "__main__":
    main()
