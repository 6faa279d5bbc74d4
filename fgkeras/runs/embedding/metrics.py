"""How good embeddings are: by retrieval and by clustering."""

import numpy as np

from fgkeras.evaluation import clustering_scores
from fgkeras.evaluation import relevant_ranks
from fgkeras.evaluation import retrieval_report
from fgkeras.evaluation.unit_rows import unit_rows
from fgkeras.ops import kmeans

KS = (1, 2, 4, 8)


def embedding_metrics(
    embeddings,
    labels,
    *,
    ks=KS,
    num_bootstrap=1000,
    seed=0,
    clustering=True,
    ranks=None,
    clusters=None,
):
    """Evaluates embeddings of images whose classes need not be known.

    Every image is a query among all others, by cosine; then k-means finds as
    many clusters as there are classes.

    Args:
        embeddings: Float array of shape `(num_images, dim)`.
        labels: Integer array of shape `(num_images,)`.
        ks: Ints, the K of Recall@K.
        num_bootstrap: Int, resamples behind each interval.
        seed: Int, of the resamples and of k-means.
        clustering: Bool, whether k-means is run. Defaults to `True`.
        ranks: What `embedding_ranks` gives if known, else `None`.
        clusters: What `embedding_clusters` gives if known, else `None`.

    Returns:
        Dict of `retrieval` and, where asked for, `clustering`, ready for JSON.

    Example:
    >>> x = np.array([[0.0, 1.0], [0.1, 1.0], [1.0, 0.0], [1.0, 0.1]])
    >>> found = embedding_metrics(x, [0, 0, 1, 1], num_bootstrap=0)
    >>> found["retrieval"]["map_at_r"]["value"], found["clustering"]["purity"]
    (1.0, 1.0)
    """
    labels = np.asarray(labels)
    unit = _unit(embeddings)
    if ranks is None:
        ranks = relevant_ranks(unit, labels)
    out = {
        "retrieval": retrieval_report(
            unit,
            labels,
            ks=ks,
            num_bootstrap=num_bootstrap,
            seed=seed,
            ranks=ranks,
        )
    }
    if clustering:
        if clusters is None:
            clusters = embedding_clusters(embeddings, labels, seed=seed)
        out["clustering"] = clustering_scores(labels, clusters)
    return out


def embedding_clusters(embeddings, labels, *, seed=0):
    """Returns the cluster of each image, of as many as there are classes.

    K-means of vectors of unit length.

    Args:
        embeddings: Float array of shape `(num_images, dim)`.
        labels: Integer array of shape `(num_images,)`.
        seed: Int.
    """
    count = len(np.unique(labels))
    return kmeans(_unit(embeddings), count, seed=seed).clusters


def embedding_ranks(embeddings, labels, progress=None):
    """Returns the `RelevantRanks` of embeddings by cosine.

    Args:
        embeddings: Float array of shape `(num_images, dim)`.
        labels: Integer array of shape `(num_images,)`.
        progress: `None`, or callable of `(done, total)`.
    """
    return relevant_ranks(_unit(embeddings), labels, progress=progress)


def _unit(embeddings):
    return unit_rows(np.asarray(embeddings, "float32"))
