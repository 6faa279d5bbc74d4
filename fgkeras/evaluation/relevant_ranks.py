"""Where the images of its own class stand in the order of each query."""

import concurrent.futures
import dataclasses
import os

import numpy as np

from fgkeras.evaluation.own_places import own_places
from fgkeras.evaluation.similarity import Similarity
from fgkeras.evaluation.similarity import check_embeddings
from fgkeras.evaluation.similarity import check_integers
from fgkeras.evaluation.similarity import slices
from fgkeras.evaluation.symmetric_ranks import symmetric_ranks

_BLOCK_VALUES = 2**26  # float32 scores held at a time: 256 MB
_MAX_ROWS = 2048
_MANY = 8192  # images from which on half the products are worth the care
_SMALL_CLASS = 32


@dataclasses.dataclass(frozen=True)
class RelevantRanks:
    """Per-query results of a retrieval, each of shape `(num_queries,)`.

    Attributes:
        labels: `int64` array, class of the query.
        num_relevant: `int64` array, R: gallery images of its class, itself
            left out (see `own_places`).
        first_rank: `int64` array, place of the nearest of them, from 1; 0
            where R = 0.
        r_precision: `float64` array, share of its class among the R nearest;
            NaN where R = 0.
        average_precision_at_r: `float64` array, MAP@R before the mean; NaN
            where R = 0.

    Example:

    >>> ranks = relevant_ranks([[0.0], [3.0], [4.0], [1.0]], [0, 0, 1, 2],
    ...     metric="euclidean")
    >>> ranks.num_relevant.tolist(), ranks.answerable.tolist()
    ([1, 1, 0, 0], [True, True, False, False])
    """

    labels: np.ndarray
    num_relevant: np.ndarray
    first_rank: np.ndarray
    r_precision: np.ndarray
    average_precision_at_r: np.ndarray

    @property
    def answerable(self):
        """Bool of shape `(num_queries,)`: the gallery has its class."""
        return self.num_relevant > 0


def relevant_ranks(
    embeddings,
    labels,
    *,
    gallery=None,
    gallery_labels=None,
    ids=None,
    gallery_ids=None,
    metric="cosine",
    progress=None,
):
    """Finds the ranks that every retrieval metric is made of, exactly.

    Use `retrieval_report` for the numbers; use this for values per query. With
    R the gallery images of the query's class and P(i) the share of them among
    the i nearest:

        R-precision = P(R)
        AP@R        = 1 / R sum_{i <= R} P(i) [the i-th nearest is one of them]

    Nothing is sorted: images nearer than a relevant one are counted, and only
    those relevant images are looked up that can stand among the first R. It
    reads blocks of the score matrix and needs 256 MB besides the embeddings.

    Ties are counted pessimistically: an image of another class that is exactly
    as near comes first, so a model that maps all images to one point never
    finds anything. Scores that float32 cannot tell apart are compared in
    float64.

    Args:
        embeddings: Float array of shape `(num_queries, dim)`, finite.
        labels: Integer array of shape `(num_queries,)`.
        gallery: Float array of shape `(num_gallery, dim)`; `None` searches
            among the queries, each without itself. So does
            `gallery=embeddings`, the same object; of any other array no image
            is taken for the query unless `ids` say so, and a query finds its
            copy.
        gallery_labels: Integer array of shape `(num_gallery,)`; needed with a
            gallery.
        ids: `None`, or one id per query, such as strings. A gallery image of
            the query's id is left out.
        gallery_ids: `None`, or one id per gallery image, each once.
        metric: `"cosine"` or `"euclidean"`. Defaults to `"cosine"`.
        progress: `None`, or callable of `(done, total)`.

    Returns:
        `RelevantRanks`.

    Raises:
        ValueError: for shapes that do not fit, NaN, a gallery without labels,
            and what `own_places` refuses.

    Example:

    >>> ranks = relevant_ranks([[0.0], [3.0], [4.0], [1.0]], [0, 0, 1, 1],
    ...     metric="euclidean")
    >>> ranks.first_rank.tolist()
    [2, 3, 2, 3]

    References:
        Musgrave et al., "A Metric Learning Reality Check", 2020
        (R-precision, MAP@R).
    """
    queries = check_embeddings("embeddings", embeddings)
    labels = check_integers("labels", labels, len(queries))
    if (gallery is None) != (gallery_labels is None):
        missing = gallery_labels is None
        raise ValueError(
            "gallery and gallery_labels must be given together. Received: "
            f"gallery {'given' if missing else 'missing'}, gallery_labels "
            f"{'missing' if missing else 'given'}. Leave out both to search "
            "among the queries."
        )
    own = own_places(embeddings, gallery, ids, gallery_ids)
    one_set = gallery is None or gallery is embeddings
    if gallery is None:
        gallery_labels = labels
    gallery = queries if one_set else check_embeddings("gallery", gallery)
    gallery_labels = check_integers(
        "gallery_labels", gallery_labels, len(gallery)
    )
    if gallery.shape[1] != queries.shape[1]:
        raise ValueError(
            "embeddings and gallery must have the same dimensions. Received: "
            f"{queries.shape[1]} and {gallery.shape[1]}. Use one model."
        )
    # In the order of the classes, the images of a class are one slice.
    order = np.argsort(gallery_labels, kind="stable")
    sorted_labels = gallery_labels[order]
    place = np.append(np.argsort(order), -1)[own]
    search = _Search(
        Similarity(gallery[order], metric),
        np.searchsorted(sorted_labels, labels, "left"),
        np.searchsorted(sorted_labels, labels, "right"),
        place,
    )
    relevant = search.stop - search.start
    relevant -= (search.start <= place) & (place < search.stop)
    if (
        one_set
        and np.array_equal(labels, gallery_labels)
        and metric == "cosine"
        and len(queries) >= _MANY
        and 0 < relevant.max() <= _SMALL_CLASS
    ):
        by_class = symmetric_ranks(
            search.similarity, sorted_labels, relevant[order], progress
        )
        if by_class is not None:
            found = np.empty((3, len(queries)))
            found[:, order] = by_class
            found[1:, relevant == 0] = np.nan
            return RelevantRanks(
                labels, relevant, found[0].astype(np.int64), found[1], found[2]
            )
    found = np.zeros((3, len(queries)))
    rows = int(np.clip(_BLOCK_VALUES // len(gallery), 1, _MAX_ROWS))
    threads = min(os.cpu_count() or 1, 16)
    scores = np.empty((min(rows, len(queries)), len(gallery)), np.float32)
    with concurrent.futures.ThreadPoolExecutor(threads) as pool:
        for part in slices(len(queries), rows):
            block = search.similarity.block(
                queries[part], out=scores[: part.stop - part.start]
            )
            slack = search.similarity.slack(queries[part])

            def one(inner, part=part, block=block, slack=slack):
                for i in range(inner.start, inner.stop):
                    k = part.start + i
                    found[:, k] = search(k, queries[k], block[i], slack[i])

            share = -(-len(block) // (4 * threads))
            list(pool.map(one, slices(len(block), share)))
            if progress:
                progress(part.stop, len(queries))
    found[1:, relevant == 0] = np.nan
    return RelevantRanks(
        labels, relevant, found[0].astype(np.int64), found[1], found[2]
    )


class _Search:
    """Counts for one query at a time, on its row of the score matrix."""

    def __init__(self, similarity, start, stop, place):
        self.similarity, self.place = similarity, place
        self.start, self.stop = start, stop

    def __call__(self, k, query, row, slack):
        """Returns first rank, R-precision and AP@R of query `k`."""
        start, stop = self.start[k], self.stop[k]
        wanted = row[start:stop]
        if self.place[k] >= 0:
            row[self.place[k]] = -np.inf
            wanted = wanted[wanted > -np.inf]
        total = len(wanted)
        if not total:
            return 0, 0.0, 0.0
        # Two scores are each off by up to one slack; float32 steps add one.
        wide = np.float32(2.0 * slack + 2.0**-23)
        wanted = np.sort(wanted)[::-1]
        before = np.count_nonzero(row > wanted[0] + wide)
        if before >= total:
            # None is among the first R: only the place of the first matters.
            near = row >= wanted[0] - wide
            if np.count_nonzero(near) == before + 1:
                return before + 1, 0.0, 0.0
            near &= row <= wanted[0] + wide
            ranks = self._ranks(query, np.flatnonzero(near), start, stop)
            return before + ranks[0], 0.0, 0.0
        # The last of them that can be among the first R, by bisection.
        low, high = 0, total
        while high - low > 1:
            middle = (low + high) // 2
            if np.count_nonzero(row > wanted[middle] + wide) < total:
                low = middle
            else:
                high = middle
        near = np.flatnonzero(row >= wanted[low] - wide)
        ranks = self._ranks(query, near, start, stop)
        inside = ranks[ranks <= total]
        precision = np.arange(1, len(inside) + 1) / inside
        return ranks[0], len(inside) / total, precision.sum() / total

    def _ranks(self, query, near, start, stop):
        """Places of the relevant ones among the candidates, from 1."""
        relevant = (near >= start) & (near < stop)
        if relevant.all():
            return np.arange(1, len(near) + 1)
        exact = self.similarity.exact(
            np.broadcast_to(query, (len(near), len(query))), near
        )
        order = np.lexsort((relevant, -exact))
        return np.flatnonzero(relevant[order]) + 1
