"""What an embedding is worth: retrieval, clustering, and classes it knows."""

import numpy as np

from fgkeras.data.sources.source import ALL
from fgkeras.report import embedding_report
from fgkeras.report import retrieval_sections
from fgkeras.runs.embedding.metrics import embedding_clusters
from fgkeras.runs.embedding.metrics import embedding_metrics
from fgkeras.runs.embedding.metrics import embedding_ranks
from fgkeras.runs.embedding.synthetic_share import share_notes
from fgkeras.runs.embedding.untrained import untrained_notes
from fgkeras.runs.embedding.untrained import untrained_report
from fgkeras.runs.folder import write_arrays
from fgkeras.runs.outcome import write_classification
from fgkeras.storage import write_json
from fgkeras.training.batch_statistics import statistics_notes


def write_embeddings(
    folder,
    config,
    images,
    embeddings,
    *,
    classifier,
    closed,
    class_names,
    test_names,
    train_counts,
    history=(),
    extra=None,
    directory=None,
    sample_sheet=None,
    trained=None,
    comparison=None,
    untrained=None,
):
    """Writes predictions, metrics and report of one set of images.

    Args:
        folder: The `RunFolder`.
        config: Its `Config`.
        images: `SplitImages` that the embeddings belong to.
        embeddings: Float array of shape `(num_images, dim)`.
        classifier: The run's `keras.Model`, with layer `head`.
        closed: Bool, whether the labels are those of training classes: only
            then is there an accuracy.
        class_names: Names of the training classes.
        test_names: Names behind the labels of `images`.
        train_counts: Integer array, training images per class.
        history: List of dicts, one per epoch.
        extra: Dict put into the metrics, or `None`.
        directory: Where to write; `None` means the run folder.
        sample_sheet: `PIL.Image` for the report, or `None`.
        trained: As `write_classification` takes it.
        comparison: Rows of a table for the report, or `None`.
        untrained: What the features retrieve that the embedding was made of,
            as `Untrained.ranks` has it, or why that is not known; `None` where
            `extra` says it, or nothing does.

    Returns:
        The metrics, a JSON-ready dict.
    """
    directory = folder.path if directory is None else directory
    directory.mkdir(parents=True, exist_ok=True)
    resampled = {
        "num_bootstrap": config.evaluation.resamples,
        "seed": config.seed,
    }
    ranks = embedding_ranks(embeddings, images.labels)
    clusters = embedding_clusters(embeddings, images.labels, seed=config.seed)
    found = embedding_metrics(
        embeddings, images.labels, ranks=ranks, clusters=clusters, **resampled
    )
    if untrained is not None:
        found["untrained"] = untrained_report(untrained, ranks, **resampled)
    extra = {**found, **(extra or {}), "closed_set": bool(closed)}
    write_arrays(
        directory / "embeddings.npz",
        labels=images.labels,
        embeddings=np.asarray(embeddings, "float32"),
        ids=np.asarray(images.ids),
        class_names=np.asarray(test_names),
    )
    shown = {
        "class_names": list(test_names),
        "thumbnail": images.thumbnail,
        "clustering": found["clustering"],
        "clusters": clusters,
        "retrieval": found["retrieval"],
        "ranks": ranks,
        "untrained": extra.get("untrained"),
        "seed": config.seed,
    }
    sections = retrieval_sections(embeddings, images.labels, **shown)
    if closed:
        logits = classifier.get_layer("head")(embeddings)
        return write_classification(
            folder,
            config,
            images,
            np.asarray(logits, "float32"),
            class_names=class_names,
            train_counts=train_counts,
            history=history,
            extra=extra,
            directory=directory,
            sample_sheet=sample_sheet,
            trained=trained,
            comparison=comparison,
            sections=sections,
        )
    metrics = {
        "num_images": len(images),
        "num_classes": len(test_names),
        **extra,
    }
    embedding_report(
        directory / "report.html",
        title=folder.path.name,
        config=config.as_dict(),
        environment=folder.read_json("environment.json"),
        history=list(history),
        sections=sections,
        tested=f"{len(images):,} images of {len(test_names):,} classes, "
        f"{'all' if images.split == ALL else metrics.get('split')} of "
        f"{metrics.get('data')}",
        notes=[
            *untrained_notes(metrics.get("untrained")),
            *metrics.get("notes", ()),
            *statistics_notes(metrics.get("batch_statistics")),
            *share_notes(metrics.get("synthetic_share")),
        ],
    )
    write_json(directory / "metrics.json", metrics)
    return metrics
