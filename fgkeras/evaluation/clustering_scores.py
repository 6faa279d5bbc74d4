"""How well clusters agree with classes: NMI, AMI, pairwise F1, purity."""

import numpy as np
from scipy import sparse
from scipy.special import gammaln

from fgkeras.evaluation.similarity import check_integers

_BLOCK_VALUES = 2**21
_DEFINITIONS = {
    "nmi": "Normalized mutual information, 2 I(C; Y) / (H(C) + H(Y)). It grows "
    "with the number of clusters even for random ones: compare it only at one "
    "number of clusters.",
    "ami": "The same with what random clusters of these sizes would reach "
    "taken off, and 1 for a perfect clustering: 0 is chance.",
    "f1": "Harmonic mean of precision and recall over the pairs of images: a "
    "pair is found where both are in one cluster, and right where both are of "
    "one class.",
    "purity": "Share of the images that are of the commonest class of their "
    "cluster. 1 where every image is its own cluster.",
}


def clustering_scores(labels, clusters):
    """Compares a clustering with the classes, whatever both are numbered.

    With n_ck images of class c in cluster k, a_c and b_k the sizes and N all:

        NMI    = 2 I / (H(a) + H(b))
        AMI    = (I - E[I]) / ((H(a) + H(b)) / 2 - E[I])
        F1     = 2 sum C(n_ck, 2) / (sum C(a_c, 2) + sum C(b_k, 2))
        purity = 1/N sum_k max_c n_ck

    E[I] is that of random clusters with the same sizes. Where one class meets
    one cluster, or nothing is paired anywhere, the agreement is perfect: 1.

    Args:
        labels: Integer array of shape `(num_images,)`.
        clusters: Integer array of shape `(num_images,)`.

    Returns:
        Dict of the floats `nmi`, `ami`, `f1`, `precision` and `recall` of the
        pairs, `purity`, and `num_classes`, `num_clusters`, `definitions`.

    Raises:
        ValueError: for shapes that differ, no images, or fractions.

    Example:

    >>> scores = clustering_scores([0, 0, 1, 1], [5, 5, 5, 2])
    >>> round(scores["f1"], 3), scores["purity"]
    (0.4, 0.75)

    References:
        Song et al., "Deep Metric Learning via Lifted Structured Feature
        Embedding", 2016 (NMI and F1 of an embedding).
        Vinh et al., "Information Theoretic Measures for Clusterings
        Comparison", 2010 (AMI).
    """
    clusters = np.asarray(clusters)
    if clusters.ndim != 1 or not clusters.size:
        raise ValueError(
            "clusters must be one number per image, for at least one image. "
            f"Received: clusters.shape={clusters.shape}. Use "
            "`kmeans(...).clusters`."
        )
    labels = check_integers("labels", labels, len(clusters))
    clusters = check_integers("clusters", clusters, len(clusters))
    table = _contingency(labels, clusters)
    both = table.data.astype(np.float64)
    a = np.asarray(table.sum(axis=1), np.float64).ravel()
    b = np.asarray(table.sum(axis=0), np.float64).ravel()
    shared = _information(table, both, a, b)
    entropies = _entropy(a) + _entropy(b)
    expected = _expected_information(a, b)
    right, found, wanted = (float((x * (x - 1)).sum()) for x in (both, b, a))
    return {
        "nmi": _ratio(2 * shared, entropies),
        "ami": _ami(shared, entropies / 2, expected),
        "f1": _ratio(2 * right, found + wanted),
        "precision": _ratio(right, found),
        "recall": _ratio(right, wanted),
        "purity": float(table.max(axis=0).sum() / len(labels)),
        "num_classes": len(a),
        "num_clusters": len(b),
        "definitions": dict(_DEFINITIONS),
    }


def _contingency(labels, clusters):
    rows = np.unique(labels, return_inverse=True)[1]
    columns = np.unique(clusters, return_inverse=True)[1]
    table = sparse.coo_matrix(
        (np.ones(len(rows), np.int64), (rows, columns))
    ).tocsr()
    table.sum_duplicates()
    return table


def _information(table, both, a, b):
    rows, columns = table.nonzero()
    total = a.sum()
    ratio = np.log(both) + np.log(total) - np.log(a[rows]) - np.log(b[columns])
    return max(float((both * ratio).sum() / total), 0.0)


def _entropy(sizes):
    share = sizes / sizes.sum()
    return max(float(-(share * np.log(share)).sum()), 0.0)


def _ratio(part, whole):
    # Rounding must not make a perfect score more than perfect.
    return min(part / whole, 1.0) if whole > 0 else 1.0


def _ami(shared, mean, expected):
    if mean - expected <= 1e-15 * max(mean, 1.0):
        # One class and one cluster, or only singletons in both.
        return 1.0 if mean - shared <= 1e-12 * max(mean, 1.0) else 0.0
    return min((shared - expected) / (mean - expected), 1.0)


def _expected_information(a, b):
    """E[I] over random clusters of the same sizes (hypergeometric counts).

    Classes of one size have the same terms, so only pairs of different sizes
    are summed, each as often as it occurs.
    """
    total = int(a.sum())
    first, times = np.unique(a.astype(np.int64), return_counts=True)
    second, also = np.unique(b.astype(np.int64), return_counts=True)
    log_factorial = gammaln(np.arange(total + 1) + 1.0)
    expected = 0.0
    for size, count in zip(first, times, strict=True):
        low = np.maximum(1, size + second - total)
        widths = np.minimum(size, second) - low + 1
        step = max(1, _BLOCK_VALUES // int(widths.max()))
        for start in range(0, len(second), step):
            part = slice(start, start + step)
            width = widths[part]
            other = np.repeat(second[part], width)
            begin = np.repeat(np.cumsum(width) - width, width)
            n = np.arange(len(other)) - begin + np.repeat(low[part], width)
            log_probability = (
                log_factorial[size]
                + log_factorial[other]
                + log_factorial[total - size]
                + log_factorial[total - other]
                - log_factorial[total]
                - log_factorial[n]
                - log_factorial[size - n]
                - log_factorial[other - n]
                - log_factorial[total - size - other + n]
            )
            term = (n / total) * np.log(total * n / (size * other))
            weight = count * np.repeat(also[part], width)
            expected += float((weight * term * np.exp(log_probability)).sum())
    return expected
