"""Clusters that mix classes, the most wrong first, as rows of pictures."""

import collections

import numpy as np

from fgkeras.report.number import number


def mixed_clusters(
    embeddings, labels, clusters, *, class_names, pictures, count=8, top=6
):
    """Selects the clusters that most images are wrong in.

    Wrong are those that are not of the commonest class of their cluster: their
    share of all images is one less the purity, so that the order is that in
    which clusters cost it. Of each class in a cluster the image that is nearest
    to the cluster's mean is shown.

    Args:
        embeddings: real array `(num_images, dimensions)`, as it was clustered.
        labels: int array `(num_images,)`.
        clusters: int array `(num_images,)`.
        class_names: sequence of str, by label.
        pictures: function of an image's index that returns a `Picture` or None.
        count: int >= 0, clusters at most.
        top: int >= 1, classes of a cluster at most.

    Returns:
        Dict of `rows`, list of dicts as of `panel_rows`; `mixed`, how many
        clusters mix classes; `num_clusters`; and `wrong`, how many images are
        wrong in all.

    Example:

    >>> found = mixed_clusters(
    ...     [[0.0], [1.0], [1.0], [9.0]], [0, 0, 1, 1], [7, 7, 7, 8],
    ...     class_names=["elm", "oak"], pictures=lambda i: None,
    ... )
    >>> found["rows"][0]["note"], found["mixed"], found["wrong"]
    ('1 of 3 wrong', 1, 1)
    """
    embeddings = np.asarray(embeddings, np.float64)
    labels, clusters = np.asarray(labels), np.asarray(clusters)
    sizes = collections.Counter(labels.tolist())
    found = []
    for cluster in np.unique(clusters).tolist():
        rows = np.flatnonzero(clusters == cluster)
        held = collections.Counter(labels[rows].tolist())
        classes = sorted(held, key=lambda label: (-held[label], label))
        found.append((len(rows) - held[classes[0]], rows, held, classes))
    mixed = [entry for entry in found if entry[0]]
    # Of equal ones the smaller cluster is the more wrong.
    mixed.sort(key=lambda entry: (-entry[0], len(entry[1])))
    shown = []
    for wrong, rows, held, classes in mixed[:count]:
        away = embeddings[rows] - embeddings[rows].mean(axis=0)
        rows = rows[np.argsort(np.square(away).sum(axis=1), kind="stable")]
        cells = [
            {
                "name": str(class_names[label]),
                "picture": pictures(int(rows[labels[rows] == label][0])),
                "right": label == classes[0],
                "score": f"{number(held[label])} of {number(sizes[label])}",
            }
            for label in classes[:top]
        ]
        left = len(classes) - len(cells)
        shown.append(
            {
                "name": f"{number(len(rows))} images, {len(classes)} classes"
                + (f", {left} not shown" if left else ""),
                "picture": pictures(int(rows[0])),
                "note": f"{number(wrong)} of {number(len(rows))} wrong",
                "found": cells,
            }
        )
    return {
        "rows": shown,
        "mixed": len(mixed),
        "num_clusters": len(found),
        "wrong": sum(entry[0] for entry in mixed),
    }
