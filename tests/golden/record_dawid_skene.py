"""Records what crowd-kit's Dawid-Skene says of drawn votes.

    python tests/golden/record_dawid_skene.py

with crowd-kit and pandas installed; it takes seconds. Writes
`dawid_skene.json` beside this file: the votes (item, labeller, answer), and
posteriors, shares of the classes and confusions at the end.
"""

import importlib.metadata
import json
import pathlib

import numpy as np
import pandas
from crowdkit.aggregation import DawidSkene

ITEMS, LABELLERS, CLASSES = 60, 6, 3


def votes_of(seed):
    """Votes of labellers of uneven skill, each on two thirds of the items."""
    rng = np.random.default_rng(seed)
    truth = rng.choice(CLASSES, ITEMS, p=[0.5, 0.3, 0.2])
    skill = rng.uniform(0.5, 0.95, LABELLERS)
    rows = []
    for item in range(ITEMS):
        for labeller in range(LABELLERS):
            if rng.random() < 1 / 3:
                continue
            right = rng.random() < skill[labeller]
            step = 0 if right else rng.integers(1, CLASSES)
            rows.append([item, labeller, int((truth[item] + step) % CLASSES)])
    return rows


def main():
    """Writes the file."""
    rows = votes_of(3)
    table = pandas.DataFrame(rows, columns=["task", "worker", "label"])
    model = DawidSkene(n_iter=5000, tol=1e-13).fit(table)
    classes = list(range(CLASSES))
    errors = np.zeros((LABELLERS, CLASSES, CLASSES))
    for (worker, answer), row in model.errors_.iterrows():
        errors[worker, :, answer] = row[classes]
    found = {
        "crowd-kit": importlib.metadata.version("crowd-kit"),
        "votes": rows,
        "posteriors": model.probas_.loc[range(ITEMS), classes].values.tolist(),
        "prior": model.priors_.loc[classes].tolist(),
        "confusions": errors.tolist(),
    }
    path = pathlib.Path(__file__).with_name("dawid_skene.json")
    path.write_text(json.dumps(found) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
