"""A source of ids and labels alone, with so many images of each class."""

import numpy as np

from fgkeras.data.sources.source import Source
from fgkeras.data.sources.split import Split


def make_source(counts, seed=0):
    labels = np.repeat(np.arange(len(counts)), counts)
    labels = np.random.default_rng(seed).permutation(labels)
    ids = tuple(f"{c}/{i}" for i, c in enumerate(labels))
    names = [f"class {c}" for c in range(len(counts))]
    test = Split(("t0", "t1"), np.array([0, 1]))
    return Source("test:", names, {"train": Split(ids, labels), "test": test})
