"""Errors that are left after so many decisions an item, by who weighs them.

Command: python -m experiments.bootstrapping.consensus --cache FEATURES
    (features: python -m experiments.features --sets cub100 cub100b
    --bodies imagenet)
Time: see README.md.
Resumable: every (pool, labellers, seed) is a row of `consensus.json`.

A model is trained on ten images of each class of cub100 (logistic regression on
frozen features); its pool is the rest of cub100 and all of cub100b, a hundred
other birds; in "rare" pools one in 20 of the images of its own classes is left.
What it gives more than 0.5 is offered, and labellers say true or
false positive. The scores are what the model says, on birds it never saw too;
the labellers are drawn:

- good: of 12, positives are seen in 90 % and negatives in 95 %, in the mean
  (Beta of 20 and 30 votes)
- mixed: 75 % and 80 % (Beta of 8 and 10 votes), and two guess
- alike: as good ones, but where the model is far off they are too: the
  log-odds of an error grow by 4 |score - truth| - 1

An item gets its votes from different labellers, the same ones for every
method; the next vote is added to those before. Ties of the majority are half an
error each. "Score as it is" is Bayes' rule of the raw score and votes that are
right in 9 of 10. "Where it is unsure" spends the same number of decisions
another way: one on each item, then, a fifth of the items at a time, on those of
the highest risk, at most one of a labeller.
"""

import argparse
import itertools
import json
import time

import numpy as np
from scipy import stats
from sklearn.linear_model import LogisticRegression

from experiments import features as stored
from experiments.results import result_path
from fgkeras.bootstrap.agreement import dawid_skene
from fgkeras.bootstrap.agreement import majority
from fgkeras.bootstrap.agreement import model_consensus

POOLS = {"common": 1, "rare": 20}
KINDS = ("good", "mixed", "alike")
LABELLERS = 12
MOST = 5
PER_CLASS = 10
METHODS = (
    "majority",
    "Dawid-Skene",
    "score as it is",
    "model as prior",
    "taught by all",
    "where it is unsure",
)


def offered(pool, cache, body, seed):
    """Returns scores of what the model offers, and whether it is right."""
    rng = np.random.default_rng([seed, 0])
    parts = [
        stored.load(cache, name, split, body)
        for name in ("cub100", "cub100b")
        for split in ("train", "test")
    ]
    x = np.concatenate([part.features for part in parts])
    x = x / np.linalg.norm(x, axis=1, keepdims=True)
    # Birds of the other set are none of the classes.
    y = np.concatenate([parts[0].labels, parts[1].labels])
    y = np.concatenate([y, np.full(len(x) - len(y), -1)])
    first = np.arange(len(parts[0].labels))
    chosen = np.concatenate(
        [
            rng.choice(first[y[first] == c], PER_CLASS, replace=False)
            for c in np.unique(parts[0].labels)
        ]
    )
    rest = np.setdiff1d(np.arange(len(x)), chosen)
    own = rest[y[rest] >= 0]
    gone = rng.permutation(own)[len(own) // POOLS[pool] :]
    rest = np.setdiff1d(rest, gone)
    model = LogisticRegression(C=100.0, max_iter=1000)
    model.fit(x[chosen], y[chosen])
    shares = model.predict_proba(x[rest])
    top = shares.max(axis=1)
    shown = top > 0.5
    right = model.classes_[shares.argmax(axis=1)] == y[rest]
    return top[shown], right[shown].astype(int), len(rest)


def skills_of(kind, rng):
    """Returns how often each labeller sees negatives and positives."""
    if kind == "mixed":
        negative, positive = (
            rng.beta(8, 2, LABELLERS),
            rng.beta(6, 2, LABELLERS),
        )
        negative[:2] = positive[:2] = 0.5
    else:
        negative = rng.beta(28.5, 1.5, LABELLERS)
        positive = rng.beta(18, 2, LABELLERS)
    return np.stack([negative, positive])


def said_by_all(kind, scores, truth, rng):
    """Returns what every labeller would say of every item."""
    skill = skills_of(kind, rng)[truth]
    odds = np.log((1 - skill) / skill)
    if kind == "alike":
        odds += (4 * np.abs(scores - truth) - 1)[:, None]
    wrong = rng.random(odds.shape) < 1 / (1 + np.exp(-odds))
    return np.where(wrong, 1 - truth[:, None], truth[:, None])


def rows(said, who):
    """Votes as rows of item, labeller and answer."""
    items = np.repeat(np.arange(len(who)), who.shape[1])
    labellers = who.ravel()
    return np.stack([items, labellers, said[items, labellers]], axis=1)


def share_wrong(answers, truth):
    """Errors of all items; a tie is half of one."""
    return float(np.where(answers < 0, 0.5, answers != truth).mean())


def as_it_is(votes, scores):
    """Answers by Bayes' rule of the raw score and votes right in 9 of 10."""
    odds = np.log(np.maximum(scores, 1e-6) / np.maximum(1 - scores, 1e-6))
    step = np.log(9) * (2 * votes[:, 2] - 1)
    np.add.at(odds, votes[:, 0], step)
    return (odds > 0).astype(int)


def asked_where_unsure(said, scores, order, truth):
    """Errors of 1 to `MOST` decisions an item, given to the riskiest."""
    count = len(truth)
    asked = np.ones(count, int)
    found, per_step = [], max(1, count // 5)
    for budget in range(1, MOST + 1):
        while True:
            votes = np.concatenate(
                [
                    rows(said, order[:, k : k + 1])[asked > k]
                    for k in range(LABELLERS)
                ]
            )
            got = model_consensus(votes, scores)
            left = budget * count - asked.sum()
            if left <= 0:
                break
            risks = np.where(asked < LABELLERS, got.risks, -1.0)
            chosen = np.argsort(-risks, kind="stable")[: min(per_step, left)]
            asked[chosen] += 1
        found.append(share_wrong(got.posteriors.argmax(axis=1), truth))
    return found


def measure(pool, kind, cache, body, seed):
    """Returns the errors of one cell, ready for JSON."""
    start = time.monotonic()
    scores, truth, size = offered(pool, cache, body, seed)
    rng = np.random.default_rng([seed, 1, KINDS.index(kind)])
    said = said_by_all(kind, scores, truth, rng)
    order = np.argsort(rng.random(said.shape), axis=1)
    sizes = {"num_items": len(truth), "num_classes": 2}
    errors = {method: [] for method in METHODS}
    for count in range(1, MOST + 1):
        votes = rows(said, order[:, :count])
        skene = dawid_skene(votes, **sizes)
        prior = model_consensus(votes, scores)
        bold = model_consensus(votes, scores, taught_by="posteriors")
        for method, answers in (
            ("majority", majority(votes, **sizes)),
            ("Dawid-Skene", skene.posteriors.argmax(axis=1)),
            ("score as it is", as_it_is(votes, scores)),
            ("model as prior", prior.posteriors.argmax(axis=1)),
            ("taught by all", bold.posteriors.argmax(axis=1)),
        ):
            errors[method].append(share_wrong(answers, truth))
    errors["where it is unsure"] = asked_where_unsure(
        said, scores, order, truth
    )
    return {
        "pool": size,
        "offered": len(truth),
        "true": float(truth.mean()),
        "mean_score": float(scores.mean()),
        "labeller_error": float((said != truth[:, None]).mean()),
        "errors": errors,
        "seconds": round(time.monotonic() - start, 1),
    }


def with_interval(values):
    """Mean of the seeds and Student's 95 % interval, as text."""
    values = np.asarray(values)
    if len(values) < 2:
        return f"{values.mean():.1f}"
    half = stats.t.ppf(0.975, len(values) - 1) * stats.sem(values)
    return f"{values.mean():.1f} ± {half:.1f}"


def tables(found):
    """Returns the tables of the README."""
    lines = []
    for name in itertools.product(POOLS, KINDS):
        start = "/".join(name) + "/"
        cells = [cell for key, cell in found.items() if key.startswith(start)]
        if not cells:
            continue
        offers = np.mean([cell["offered"] for cell in cells])
        true = 100 * np.mean([cell["true"] for cell in cells])
        wrong = 100 * np.mean([cell["labeller_error"] for cell in cells])
        lines += [
            "",
            f"**{name[0]}, {name[1]}**: {len(cells)} seeds, {offers:.0f} "
            f"items, {true:.0f} % true; one answer is wrong in {wrong:.1f} %.",
            "",
            "| decisions an item | "
            + " | ".join(METHODS)
            + " | of majority's errors gone: prior | where unsure |",
            "| --- |" + " --- |" * (len(METHODS) + 2),
        ]
        for k in range(MOST):
            errors = {
                m: 100 * np.array([cell["errors"][m][k] for cell in cells])
                for m in METHODS
            }
            row = [with_interval(errors[m]) for m in METHODS]
            for method in ("model as prior", "where it is unsure"):
                # Of the seeds together: one alone may have no error left.
                left = errors[method].sum() / errors["majority"].sum()
                row.append(f"{100 * (1 - left):.0f} %")
            lines.append(f"| {k + 1} | " + " | ".join(row) + " |")
    return "\n".join(lines[1:]) + "\n"


def main():
    """Measures what is missing and prints the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    stored.add_arguments(parser)
    parser.add_argument("--body", default="imagenet")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--pools", nargs="+", default=[*POOLS], choices=POOLS)
    parser.add_argument("--kinds", nargs="+", default=KINDS, choices=KINDS)
    args = parser.parse_args()
    path = result_path(__file__)
    found = json.loads(path.read_text()) if path.exists() else {}
    for seed in range(args.seeds):
        for pool, kind in itertools.product(args.pools, args.kinds):
            key = f"{pool}/{kind}/{seed}"
            if key not in found:
                found[key] = measure(pool, kind, args.cache, args.body, seed)
                path.write_text(json.dumps(found, indent=1) + "\n", "utf-8")
                print(f"{key}: {found[key]['seconds']} s", flush=True)
    result_path(__file__, ".md").write_text(tables(found), "utf-8")
    print(tables(found))


if __name__ == "__main__":
    main()
