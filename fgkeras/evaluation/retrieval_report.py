"""All retrieval numbers of an embedding, ready to be written as JSON."""

import numpy as np

from fgkeras.evaluation.bootstrap_interval import bootstrap_interval
from fgkeras.evaluation.relevant_ranks import relevant_ranks

_LEVEL = 0.95
_DEFINITIONS = {
    "queries": "Every image asks for the images of its class. Where query and "
    "gallery are one set, or have ids in common, the query itself is left out. "
    "Queries whose class "
    "has no other image in the gallery count in num_without_match and in no "
    "mean. R: number of gallery images of the query's class.",
    "recall_at": "Share of the queries with at least one image of their class "
    "among the K nearest.",
    "r_precision": "Mean over the queries of the share of their class among "
    "the R nearest.",
    "map_at_r": "Mean over the queries of 1/R times the sum over the first R "
    "places of the precision there, where the image there is of the class.",
    "mrr": "Mean over the queries of 1 over the place of the nearest image of "
    "their class.",
    "class_mean": "The same after a mean within each class, so that large "
    "classes do not decide.",
    "ties": "An image of another class that is exactly as near comes first. "
    "Scores that float32 cannot tell apart are compared in float64.",
    "intervals": "low and high: 95 % percentile bootstrap over the queries. "
    "They do not include the spread between training runs, nor that of the "
    "gallery.",
}


def retrieval_report(
    embeddings,
    labels,
    *,
    gallery=None,
    gallery_labels=None,
    ids=None,
    gallery_ids=None,
    ks=(1, 2, 4, 8),
    metric="cosine",
    num_bootstrap=1000,
    seed=0,
    ranks=None,
    progress=None,
):
    """Evaluates an embedding by retrieval, in one pass over the gallery.

    Use it for unseen classes, where no classifier applies; what each number
    means is in the result's `definitions`. Exact, without an index library,
    and blockwise: see `relevant_ranks`.

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
        ks: Sequence of ints at least 1, the K of Recall@K. Defaults to
            `(1, 2, 4, 8)`.
        metric: `"cosine"` or `"euclidean"`. Defaults to `"cosine"`.
        num_bootstrap: Int at least 0, resamples; with 0 `low` and `high` are
            `None`. Defaults to `1000`.
        seed: Int, of the resamples. Defaults to `0`.
        ranks: `RelevantRanks` of the same arguments if known, else `None`.
        progress: `None`, or callable of `(done, total)`.

    Returns:
        Dict with `recall_at` (by str(K)), `r_precision`, `map_at_r` and `mrr`,
        each `{"value", "low", "high"}`; `class_mean`, `num_queries`,
        `num_gallery`, `num_classes`, `num_without_match`, `metric`,
        `bootstrap`, `definitions`.

    Raises:
        ValueError: for options outside their range, what `relevant_ranks`
            refuses, and where no query has an image of its class.

    Example:

    >>> report = retrieval_report([[0.0], [1.0], [5.0], [7.0]], [0, 0, 1, 1],
    ...     metric="euclidean", ks=(1,))
    >>> report["recall_at"]["1"]["value"], report["map_at_r"]["value"]
    (1.0, 1.0)

    References:
        Musgrave et al., "A Metric Learning Reality Check", 2020.
        Jegou et al., "Product Quantization for Nearest Neighbor Search", 2011
        (Recall@K).
    """
    ks = [int(k) for k in ks]
    if not ks or min(ks) < 1 or num_bootstrap < 0:
        raise ValueError(
            "ks must be whole numbers of at least 1 and num_bootstrap at "
            f"least 0. Received: ks={ks}, num_bootstrap={num_bootstrap}. "
            "Usual are (1, 2, 4, 8) and 1000."
        )
    if ranks is None:
        ranks = relevant_ranks(
            embeddings,
            labels,
            gallery=gallery,
            gallery_labels=gallery_labels,
            ids=ids,
            gallery_ids=gallery_ids,
            metric=metric,
            progress=progress,
        )
    kept = ranks.answerable
    if not kept.any():
        raise ValueError(
            "At least one query must have an image of its class to find. "
            f"Received: {len(kept)} queries and none in the gallery. Use a "
            "split with two images of a class."
        )
    first = ranks.first_rank[kept]
    values = {
        **{f"recall_at_{k}": first <= k for k in ks},
        "r_precision": ranks.r_precision[kept],
        "map_at_r": ranks.average_precision_at_r[kept],
        "mrr": 1.0 / first,
    }

    def interval(name):
        low = high = None
        if num_bootstrap:
            low, high = bootstrap_interval(
                values[name],
                num_resamples=num_bootstrap,
                level=_LEVEL,
                seed=seed,
            )
        return {"value": float(values[name].mean()), "low": low, "high": high}

    index = np.unique(ranks.labels[kept], return_inverse=True)[1]
    sizes = np.bincount(index)
    searched = embeddings if gallery is None else gallery
    return {
        "recall_at": {str(k): interval(f"recall_at_{k}") for k in ks},
        "r_precision": interval("r_precision"),
        "map_at_r": interval("map_at_r"),
        "mrr": interval("mrr"),
        "class_mean": {
            name: float((np.bincount(index, v) / sizes).mean())
            for name, v in values.items()
        },
        "num_queries": len(kept),
        "num_gallery": len(searched),
        "num_classes": len(np.unique(ranks.labels)),
        "num_without_match": int((~kept).sum()),
        "separate_gallery": gallery is not None and gallery is not embeddings,
        "metric": metric,
        "bootstrap": {
            "num_resamples": num_bootstrap,
            "level": _LEVEL,
            "seed": seed,
        },
        "definitions": dict(_DEFINITIONS),
    }
