"""How good embeddings are: by retrieval and by clustering."""

import numpy as np

from fgkeras.evaluation import clustering_scores
from fgkeras.evaluation import retrieval_report
from fgkeras.ops import kmeans

KS = (1, 2, 4, 8)


def embedding_metrics(
    embeddings, labels, *, ks=KS, num_bootstrap=1000, seed=0, clustering=True
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

    Returns:
        Dict of `retrieval` and, where asked for, `clustering`, ready for JSON.

    Example:
    >>> x = np.array([[0.0, 1.0], [0.1, 1.0], [1.0, 0.0], [1.0, 0.1]])
    >>> found = embedding_metrics(x, [0, 0, 1, 1], num_bootstrap=0)
    >>> found["retrieval"]["map_at_r"]["value"], found["clustering"]["purity"]
    (1.0, 1.0)
    """
    embeddings = np.asarray(embeddings, "float32")
    labels = np.asarray(labels)
    length = np.linalg.norm(embeddings, axis=1, keepdims=True)
    unit = embeddings / np.maximum(length, 1e-12)
    out = {
        "retrieval": retrieval_report(
            unit, labels, ks=ks, num_bootstrap=num_bootstrap, seed=seed
        )
    }
    if clustering:
        found = kmeans(unit, len(np.unique(labels)), seed=seed)
        out["clustering"] = clustering_scores(labels, found.clusters)
    return out
