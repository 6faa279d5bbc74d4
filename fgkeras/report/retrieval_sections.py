"""Sections about an embedding, for the report of a run and for others."""

import numpy as np

from fgkeras.evaluation import relevant_ranks
from fgkeras.evaluation import retrieval_report
from fgkeras.evaluation.unit_rows import unit_rows
from fgkeras.report.embedding.mixed_clusters import mixed_clusters
from fgkeras.report.embedding_map import embedding_map
from fgkeras.report.number import interval
from fgkeras.report.number import percent
from fgkeras.report.page import render_page
from fgkeras.report.page import render_part
from fgkeras.report.page import write_page
from fgkeras.report.picture import Thumbnails
from fgkeras.report.retrieval_panels import retrieval_panels


def retrieval_sections(
    embeddings,
    labels,
    *,
    class_names,
    thumbnail,
    clustering=None,
    retrieval=None,
    metric="cosine",
    count=8,
    top=6,
    num_bootstrap=1000,
    seed=0,
    ranks=None,
    untrained=None,
    clusters=None,
):
    """Returns the sections of an embedding as HTML for a page of this package.

    Numbers with intervals, the clusters that mix most classes, rows of queries
    and what was found for them (the worst and some drawn by lot, never the
    best), and maps by t-SNE, PCA and, with the means of the classes taken off,
    t-SNE again. Every image is a query among all others.

    Args:
        embeddings: finite real array `(num_images, dimensions)`.
        labels: int array `(num_images,)`.
        class_names: sequence of str, by label.
        thumbnail: function of an image's index that returns a PIL.Image, or
            None where there is no picture.
        clustering: dict from `clustering_scores`, or None.
        retrieval: dict from `retrieval_report` if known, else None.
        metric: "cosine" or "euclidean".
        count: int >= 0, rows of each kind at most.
        top: int >= 1, neighbours in a row at most.
        num_bootstrap: int >= 0, resamples, where `retrieval` is None.
        seed: int.
        ranks: `RelevantRanks` of the same if known, else None.
        untrained: dict of what features without training retrieve, as
            `metrics.json` has it, or None.
        clusters: int array `(num_images,)`, the clustering that `clustering` is
            about (of vectors of unit length by cosine), or None.

    Returns:
        `Markup`, to be given to `run_report(..., sections=...)`.

    Example:

    >>> sections = retrieval_sections(
    ...     [[0.0, 1.0], [0.1, 1.0], [1.0, 0.0], [1.0, 0.2]], [0, 0, 1, 1],
    ...     class_names=["elm", "oak"], thumbnail=lambda i: None,
    ... )
    >>> "Recall@1" in sections, "100.0 %" in sections
    (True, True)
    """
    embeddings, labels = np.asarray(embeddings), np.asarray(labels)
    class_names = [str(name) for name in class_names]
    images = Thumbnails(thumbnail)
    if ranks is None:
        ranks = relevant_ranks(embeddings, labels, metric=metric)
    if retrieval is None:
        retrieval = retrieval_report(
            embeddings,
            labels,
            metric=metric,
            ranks=ranks,
            num_bootstrap=num_bootstrap,
            seed=seed,
        )
    maps = [
        embedding_map(
            embeddings,
            labels,
            class_names=class_names,
            pictures=images,
            method=method,
            centered=centered,
            seed=seed,
        )
        for method, centered in (
            ("t-sne", False),
            ("pca", False),
            ("t-sne", True),
        )
    ]
    wrong = None
    if clusters is not None:
        wrong = mixed_clusters(
            unit_rows(embeddings) if metric == "cosine" else embeddings,
            labels,
            clusters,
            class_names=class_names,
            pictures=images,
            count=count,
            top=top,
        )
    return render_part(
        "retrieval.html",
        report=retrieval,
        cards=_cards(retrieval),
        untrained=_untrained_rows(untrained, retrieval),
        clustering=_cluster_rows(clustering),
        clusters=wrong,
        panels=retrieval_panels(
            embeddings,
            labels,
            class_names=class_names,
            pictures=images,
            ranks=ranks,
            metric=metric,
            count=count,
            top=top,
            seed=seed,
        ),
        maps=[figure for figure in maps if figure is not None],
        seed=seed,
    )


def neighbor_page(path, *, title, rows, gallery):
    """Writes the neighbours of query images as one offline HTML file.

    Args:
        path: path of the file.
        title: str.
        rows: list of dicts as from `panel_rows`.
        gallery: str, what was searched.

    Returns:
        pathlib.Path.

    Example:

    >>> from fgkeras.report.retrieval_panels import panel_rows
    >>> rows = panel_rows(
    ...     [0], [[0.0, 1.0]], None, [[1.0, 0.0], [0.1, 1.0]], [0, 1],
    ...     class_names=["a.jpg"], gallery_names=["elm", "oak"],
    ...     pictures=lambda i: None, gallery_pictures=lambda i: None, top=1,
    ... )
    >>> path = neighbor_page("near.html", title="Trees", rows=rows, gallery="2")
    >>> "oak" in path.read_text("utf-8"), "elm" in path.read_text("utf-8")
    (True, False)
    """
    return write_page(
        path,
        render_page("neighbors.html", title=title, rows=rows, gallery=gallery),
    )


def _cards(report):
    named = [
        (f"Recall@{k}", value, f"one of its class among the {k} nearest")
        for k, value in report["recall_at"].items()
    ]
    named[0] = (named[0][0], named[0][1], "the nearest is of its class")
    named.append(
        ("R-precision", report["r_precision"], "right among the R nearest")
    )
    named.append(("MAP@R", report["map_at_r"], "their order counts too"))
    return [
        {
            "name": name,
            "value": percent(value["value"]),
            "interval": interval(value),
            "text": text,
        }
        for name, value, text in named
    ]


def _untrained_rows(found, trained):
    """The embedding beside what was there before, or why that is unknown."""
    if not found:
        return None
    if "reason" in found:
        return {
            "rows": [["No training", "-", "-", "-"]],
            "why": found["reason"],
        }
    rows = [["This embedding", *_retrieval_cells(trained), ""]]
    names = {
        "features": "The features, untrained",
        "components": "Their PCA, untrained",
    }
    for name, text in names.items():
        row = found[name]
        gain = row["gain"]["recall_at_1"]
        shown = f"{100 * gain['value']:+.1f}"
        if gain["low"] is not None:
            shown += f" ({100 * gain['low']:+.1f} to {100 * gain['high']:+.1f})"
        title = f"{text} ({row['length']:,})"
        rows.append([title, *_retrieval_cells(row), shown])
    return {"rows": rows, "why": None}


def _retrieval_cells(found):
    values = found["recall_at"]["1"], found["map_at_r"]
    return [
        percent(value["value"])
        + (f" ({interval(value).removesuffix(' %')})" * bool(interval(value)))
        for value in values
    ]


def _cluster_rows(scores):
    if scores is None:
        return None
    names = {
        "nmi": "NMI",
        "ami": "AMI",
        "f1": "F1 over pairs",
        "purity": "Purity",
    }
    kept = {name: text for name, text in names.items() if name in scores}
    return {
        "rows": [[text, percent(scores[name])] for name, text in kept.items()],
        "definitions": [
            (text, scores["definitions"][name]) for name, text in kept.items()
        ],
    }
