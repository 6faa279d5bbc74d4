"""Where each query itself stands in the gallery that it is searched in."""

import numpy as np


def own_places(embeddings, gallery=None, ids=None, gallery_ids=None):
    """Returns the gallery row that is the query itself, or -1.

    Use it before a search: a query that finds itself is always right. What is
    the same is told by identity, never by equal vectors: without a gallery, or
    where `gallery is embeddings`, row i is query i; else rows of the same id
    are, where ids are given.

    Args:
        embeddings: Sequence of `num_queries` vectors.
        gallery: `None`, or a sequence of `num_gallery` vectors.
        ids: `None`, or `num_queries` ids, such as strings.
        gallery_ids: `None`, or `num_gallery` ids, each once; goes with `ids`.

    Returns:
        `int64` array of shape `(num_queries,)`.

    Raises:
        ValueError: for another number of ids, `ids` without those of the
            gallery or the other way round, and ids that stand twice in what
            is searched.

    Example:

    >>> own_places([[1.0], [2.0]], [[2.0], [3.0]], ["a", "b"], ["b", "c"])
    array([-1,  0])
    """
    if gallery is embeddings:
        gallery = None
    for name, given, count in (
        ("ids", ids, len(embeddings)),
        (
            "gallery_ids",
            gallery_ids,
            len(embeddings if gallery is None else gallery),
        ),
    ):
        if given is not None and len(given) != count:
            raise ValueError(
                f"{name} must be one per image. Received: {len(given)} ids of "
                f"{count} images."
            )
    if gallery is None:
        _check_unique("ids", ids)
        _check_unique("gallery_ids", gallery_ids)
        return np.arange(len(embeddings))
    if (ids is None) != (gallery_ids is None):
        missing = "ids" if ids is None else "gallery_ids"
        raise ValueError(
            "ids and gallery_ids must be given together, to leave out a query "
            f"that stands in the gallery. Received: no {missing}."
        )
    if ids is None:
        return np.full(len(embeddings), -1)
    _check_unique("gallery_ids", gallery_ids)
    rows = {image: row for row, image in enumerate(gallery_ids)}
    return np.array([rows.get(image, -1) for image in ids], np.int64)


def _check_unique(name, ids):
    if ids is None or len(set(ids)) == len(ids):
        return
    seen = set()
    twice = next(x for x in ids if x in seen or seen.add(x))
    raise ValueError(
        "Every image must stand once in what is searched, or it finds its "
        f"copy. Received: {name} with {twice!r} twice."
    )
