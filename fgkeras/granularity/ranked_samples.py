"""Images by the place of their own medoid: the last and the first ones."""

import numpy as np

ENDS = ("hardest", "easiest")


def ranked_samples(found, count=10, *, seed=0):
    """Selects images whose own medoid comes last, and some where it is first.

    Use it to look at what RankM counts: `R_i` is the place of the medoid of an
    image's own class among those of all classes, nearest first. Medoids
    themselves, and images of classes of one, say nothing and are left out; of
    a class there is at most one image at each end; images of equal places, as
    are most at the easy end, are in the order of a lot.

    Args:
        found: `Granularity` of `rankm`, before `compared`.
        count: Int at least 0, images at each end at most. Defaults to `10`.
        seed: Int, of the lot. Defaults to `0`.

    Returns:
        Dict of `hardest` and `easiest`, each a list of dicts of ints: `image`,
        `rank` (`R_i`), `class` and `rival` (positions in `found.class_names`;
        the rival is the other class whose medoid is nearest), `medoid` and
        `rival_medoid` (images).

    Raises:
        ValueError: If the index knows no places of medoids.

    Example:

    >>> from fgkeras.granularity import rankm
    >>> x = [[0.0], [2.0], [4.0], [1.0], [3.0], [5.0]]
    >>> found = rankm(x, [0, 0, 0, 1, 1, 1], metric="euclidean")
    >>> [row["rank"] for row in ranked_samples(found)["hardest"]]
    [2, 2]

    References:
        Cui, "Learning from Fine-Grained and Long-Tailed Visual Data", Cornell
        2019, eq. 6.5.
    """
    if found.index != "RankM":
        raise ValueError(
            "Places of medoids are of RankM. Received: an index "
            f"{found.index!r}. Use rankm(...)."
        )
    k = len(found.class_names)
    ranks = np.rint(1 / (1 - found.scores * (k - 1) / k)).astype(int)
    several = found.class_counts[found.class_ids] > 1
    several[found.medoids] = False
    lot = np.random.default_rng(seed).permutation(np.flatnonzero(several))
    out = {}
    for name, sign in zip(ENDS, (-1, 1), strict=True):
        order = lot[np.argsort(sign * ranks[lot], kind="stable")]
        _, first = np.unique(found.class_ids[order], return_index=True)
        out[name] = [
            {
                "image": int(i),
                "rank": int(ranks[i]),
                "class": int(found.class_ids[i]),
                "rival": int(found.rivals[i]),
                "medoid": int(found.medoids[found.class_ids[i]]),
                "rival_medoid": int(found.medoids[found.rivals[i]]),
            }
            for i in order[np.sort(first)[:count]]
        ]
    return out
