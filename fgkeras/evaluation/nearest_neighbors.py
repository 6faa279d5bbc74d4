"""The nearest gallery images of each query, exactly and in blocks."""

import numpy as np

from fgkeras.evaluation.own_places import own_places
from fgkeras.evaluation.similarity import Similarity
from fgkeras.evaluation.similarity import check_embeddings
from fgkeras.evaluation.similarity import slices

_BLOCK_VALUES = 2**26  # float32 scores held at a time: 256 MB
_MAX_ROWS = 2048


def nearest_neighbors(
    embeddings,
    gallery=None,
    *,
    k,
    ids=None,
    gallery_ids=None,
    metric="cosine",
    progress=None,
):
    """Returns the `k` nearest gallery rows of each query, nearest first.

    Use it to show neighbours or to mine triplets; `retrieval_report` needs no
    neighbours. The order is that of float64 scores; equally near ones come in
    the order of the gallery.

    Args:
        embeddings: Float array of shape `(num_queries, dim)`, finite.
        gallery: Float array of shape `(num_gallery, dim)`; `None` searches
            among the queries, each without itself. So does
            `gallery=embeddings`, the same object; of any other array no image
            is taken for the query unless `ids` say so, and a query finds its
            copy.
        k: Int at least 1 and at most the number of images to choose from.
        ids: `None`, or one id per query, such as strings. A gallery image of
            the query's id is left out.
        gallery_ids: `None`, or one id per gallery image, each once.
        metric: `"cosine"` or `"euclidean"`. Defaults to `"cosine"`.
        progress: `None`, or callable of `(done, total)`.

    Returns:
        `(indices, scores)`, int64 and float64 of shape `(num_queries, k)`.
        Scores are the cosine, or the Euclidean distance with "euclidean".

    Raises:
        ValueError: for a `k` outside its range, and what `Similarity` and
            `own_places` refuse.

    Example:

    >>> indices, distances = nearest_neighbors([[0.0], [1.0], [4.0]], k=1,
    ...     metric="euclidean")
    >>> indices.ravel().tolist(), distances.ravel().tolist()
    ([1, 0, 1], [1.0, 1.0, 3.0])
    """
    queries = check_embeddings("embeddings", embeddings)
    own = own_places(embeddings, gallery, ids, gallery_ids)
    one_set = gallery is None or gallery is embeddings
    similarity = Similarity(queries if one_set else gallery, metric)
    gallery = similarity.gallery
    if gallery.shape[1] != queries.shape[1]:
        raise ValueError(
            "embeddings and gallery must have the same dimensions. Received: "
            f"{queries.shape[1]} and {gallery.shape[1]}. Use one model."
        )
    others = len(gallery) - bool((own >= 0).any())
    if not 1 <= k <= others:
        raise ValueError(
            f"k must lie in 1..{others}, the images to choose from. Received: "
            f"k={k}. Ask for fewer neighbours."
        )
    indices = np.empty((len(queries), k), np.int64)
    scores = np.empty((len(queries), k))
    rows = int(np.clip(_BLOCK_VALUES // len(gallery), 1, _MAX_ROWS))
    for part in slices(len(queries), rows):
        block = similarity.block(queries[part])
        slack = similarity.slack(queries[part])
        (rows_in,) = np.nonzero(own[part] >= 0)
        block[rows_in, own[part][rows_in]] = -np.inf
        last = len(gallery) - k
        for i, row in enumerate(block):
            lowest = row[np.argpartition(row, last)[last]]
            near = np.flatnonzero(row >= lowest - np.float32(2 * slack[i]))
            query = queries[part.start + i]
            exact = similarity.exact(
                np.broadcast_to(query, (len(near), len(query))), near
            )
            order = np.argsort(-exact, kind="stable")[:k]
            indices[part.start + i] = near[order]
            scores[part.start + i] = exact[order]
        if progress:
            progress(part.stop, len(queries))
    if metric == "euclidean":
        for i in range(len(queries)):
            gap = gallery[indices[i]].astype(np.float64) - queries[i]
            scores[i] = np.sqrt(np.square(gap).sum(axis=1))
    return indices, scores
