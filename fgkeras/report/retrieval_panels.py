"""Queries beside what was found for them: drawn by lot, and the worst."""

import numpy as np

from fgkeras.evaluation import nearest_neighbors
from fgkeras.evaluation import relevant_ranks
from fgkeras.report.number import number


def retrieval_panels(
    embeddings,
    labels,
    *,
    class_names,
    pictures,
    gallery=None,
    gallery_labels=None,
    gallery_pictures=None,
    gallery_names=None,
    ranks=None,
    metric="cosine",
    count=8,
    top=6,
    seed=0,
):
    """Selects queries and looks up their neighbours.

    Never the best ones: half of the rows are drawn by lot, the others are the
    queries whose class was found latest. Queries without an image of their
    class in the gallery are left out.

    Args:
        embeddings: real array `(num_queries, dimensions)`.
        labels: int array `(num_queries,)`.
        class_names: sequence of str, by label of a query.
        pictures: function of a query's index that returns a `Picture` or None.
        gallery: array `(num_gallery, dimensions)`; None searches among the
            queries, each without itself.
        gallery_labels: int array `(num_gallery,)`; needed with a gallery.
        gallery_pictures: as `pictures`, of the gallery; needed with one.
        gallery_names: sequence of str, None for `class_names`.
        ranks: `RelevantRanks` if known, else None.
        metric: "cosine" or "euclidean".
        count: int >= 0, rows of each kind at most.
        top: int >= 1, neighbours in a row at most.
        seed: int, of the lot.

    Returns:
        dict of "random" and "worst": lists of rows as from `panel_rows`; the
        worst first.
    """
    if ranks is None:
        ranks = relevant_ranks(
            embeddings,
            labels,
            gallery=gallery,
            gallery_labels=gallery_labels,
            metric=metric,
        )
    possible = np.flatnonzero(ranks.answerable)
    lot = np.random.default_rng(seed).permutation(possible)
    order = np.lexsort(
        (
            lot.argsort(),
            ranks.average_precision_at_r[possible],
            -ranks.first_rank[possible],
        )
    )
    late = possible[order]
    late = late[ranks.first_rank[late] > 1]
    same = gallery is None
    if same:
        gallery, gallery_labels = embeddings, labels
    return {
        name: panel_rows(
            chosen[:count],
            embeddings,
            labels,
            gallery,
            gallery_labels,
            class_names=class_names,
            gallery_names=class_names if same else gallery_names or class_names,
            pictures=pictures,
            gallery_pictures=pictures if same else gallery_pictures,
            first_ranks=ranks.first_rank,
            same=same,
            metric=metric,
            top=top,
        )
        for name, chosen in (("worst", late), ("random", lot))
    }


def panel_rows(
    chosen,
    embeddings,
    labels,
    gallery,
    gallery_labels,
    *,
    class_names,
    gallery_names,
    pictures,
    gallery_pictures,
    first_ranks=None,
    notes=None,
    same=False,
    metric="cosine",
    top=6,
):
    """Looks up the neighbours of chosen queries.

    Args:
        chosen: int array, rows of `embeddings`.
        embeddings: real array `(num_queries, dimensions)`.
        labels: int array `(num_queries,)`, or None where they are not known.
        gallery: real array `(num_gallery, dimensions)`.
        gallery_labels: int array `(num_gallery,)`.
        class_names: sequence of str, by label of a query; without labels the
            name of each query.
        gallery_names: sequence of str, by label of the gallery.
        pictures: function of a query's index that returns a `Picture` or None.
        gallery_pictures: the same for the gallery.
        first_ranks: int array `(num_queries,)` or None.
        notes: sequence of str, what is said below each query, or None.
        same: bool, the gallery is the queries: each is left out of its own row.
        metric: "cosine" or "euclidean".
        top: int >= 1, neighbours in a row at most.

    Returns:
        List of dicts `name, picture, note, found`, and `found` of dicts
        `name, picture, right (bool or None), score`.
    """
    if not len(chosen):
        return []
    asked = np.asarray(embeddings)[chosen]
    most = min(top + same, len(gallery))
    indices, scores = nearest_neighbors(asked, gallery, k=most, metric=metric)
    rows = []
    for query, near, values in zip(chosen, indices, scores, strict=True):
        kept = near != query if same else np.ones(len(near), bool)
        found = []
        for i, score in list(zip(near[kept], values[kept], strict=True))[:top]:
            label = gallery_labels[i]
            found.append(
                {
                    "name": gallery_names[label],
                    "picture": gallery_pictures(int(i)),
                    "right": None
                    if labels is None
                    else gallery_names[label] == class_names[labels[query]],
                    "score": f"{score:.3f}",
                }
            )
        name = class_names[query if labels is None else labels[query]]
        note = "" if notes is None else notes[query]
        if first_ranks is not None:
            note = f"first right one: place {number(int(first_ranks[query]))}"
        rows.append(
            {
                "name": name,
                "picture": pictures(int(query)),
                "note": note,
                "found": found,
            }
        )
    return rows
