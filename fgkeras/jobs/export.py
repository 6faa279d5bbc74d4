"""Exports a run as a SavedModel."""

import pathlib

from fgkeras.runs.predictor import Predictor


def export(run, out=None, *, top_k=5, overwrite=False):
    """Writes `saved_model/1/` of a run, for TF Serving or `predict`.

    What is served is what was measured: with `data.mirror_test` the mean over
    both views; of a run tested on unseen classes its embedder, without
    classes.

    Args:
        run: Path of the run folder.
        out: Path of the folder to write into; `None` means the run folder.
        top_k: Int at least 1, classes returned per image. Reduced to the
            number of classes where there are fewer. Defaults to `5`.
        overwrite: Bool, whether to write the next version number beside an
            existing export. Defaults to `False`.

    Returns:
        Path of the version folder.

    Raises:
        ValueError: If the run has not finished or an export is there.
    """
    from fgkeras.export import export_classifier
    from fgkeras.export import export_embedder

    predictor = Predictor(run)
    folder, config = predictor.folder, predictor.config
    metrics = {}
    if folder.finished:
        metrics = folder.read_json("metrics.json")
    out = pathlib.Path(out or folder.path)
    about = {"data": config.data.source, "backbone": config.model.backbone}
    if not predictor.class_names:
        return export_embedder(
            predictor.graph(),
            out,
            image_size=predictor.size,
            resize=predictor.resize,
            metadata=about,
            overwrite=overwrite,
        )
    return export_classifier(
        predictor.graph(),
        out,
        class_names=predictor.class_names,
        image_size=predictor.size,
        resize=predictor.resize,
        top_k=min(top_k, len(predictor.class_names)),
        activation=predictor.activation,
        metadata={
            **about,
            "loss": config.loss.name,
            "mirror_test": config.data.mirror_test,
            "metrics": {
                k: metrics[k] for k in ("top1", "groups") if k in metrics
            },
        },
        overwrite=overwrite,
    )
