"""Exports a run as a SavedModel, and predicts with either of them."""

import pathlib

import keras
import numpy as np

from fgkeras.data.batches import arrays
from fgkeras.data.images import image
from fgkeras.data.sources.file_names import PICTURES
from fgkeras.data.sources.file_names import is_clutter
from fgkeras.data.sources.file_names import is_picture
from fgkeras.models import embedding_model
from fgkeras.models import load_model
from fgkeras.runs.classifier.network import prediction_model
from fgkeras.runs.folder import RunFolder
from fgkeras.runs.outcome import activation_of
from fgkeras.runs.outcome import scores_of

_NO_CLASSES = (
    "A class is predicted by a model that knows it. Received: {}, an embedding "
    "for classes that it was not trained on. Look for like images with "
    "`fgkeras retrieve RUN IMAGES`."
)


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
    from fgkeras.export.signatures import with_embedding

    folder = RunFolder.open(run)
    config = folder.config()
    classes = folder.read_json("classes.json")
    metrics = {}
    if folder.finished:
        metrics = folder.read_json("metrics.json")
    model = load_model(folder / "model.keras")
    out = pathlib.Path(out or folder.path)
    if _is_embedder(model, classes):
        return export_embedder(
            embedding_model(getattr(model, "embedder", model)),
            out,
            image_size=config.data.size,
            resize=config.data.resize,
            metadata={
                "data": config.data.source,
                "backbone": config.model.backbone,
            },
            overwrite=overwrite,
        )
    return export_classifier(
        prediction_model(with_embedding(model), config),
        out,
        class_names=classes["class_names"],
        image_size=config.data.size,
        resize=config.data.resize,
        top_k=min(top_k, len(classes["class_names"])),
        activation=activation_of(config),
        metadata={
            "data": config.data.source,
            "backbone": config.model.backbone,
            "loss": config.loss.name,
            "mirror_test": config.data.mirror_test,
            "metrics": {
                k: metrics[k] for k in ("top1", "groups") if k in metrics
            },
        },
        overwrite=overwrite,
    )


def _is_embedder(model, classes):
    """Whether a run's model is one of images whose classes it never saw."""
    model = getattr(model, "embedder", model)
    unseen = not classes.get("closed_set", True)
    return unseen or model.layers[-1].name == "embedding"


def _is_found(path, folder):
    """Whether a file in a folder is a picture by its name, and no clutter."""
    name = path.relative_to(folder).as_posix()
    return is_picture(name) and not is_clutter(name)


def picture_files(paths):
    """Returns the image files among paths, looking into folders.

    Raises:
        ValueError: If a path does not exist or a folder has no image.
    """
    out = []
    for path in map(pathlib.Path, paths):
        if path.is_dir():
            inside = sorted(p for p in path.rglob("*") if _is_found(p, path))
            if not inside:
                raise ValueError(
                    "A folder of images needs files ending in one of "
                    f"{', '.join(sorted(PICTURES))}. Received: {path}, which "
                    "has none."
                )
            out += inside
        elif path.exists():
            out.append(path)
        else:
            raise ValueError(
                "IMAGES must be files or folders. "
                f"Received: {path}, which does not exist."
            )
    return out


def predict(model, images, *, top_k=5, trust=False):
    """Predicts the classes of image files.

    Args:
        model: Path of a run folder or of an exported SavedModel.
        images: List of paths of files or folders.
        top_k: Int at least 1. Defaults to `5`.
        trust: Bool, whether a SavedModel without checksums is loaded: it is
            a program. Defaults to `False`.

    Returns:
        List of dicts `{"image", "valid", "classes", "scores"}`; an image
        that can't be decoded has `valid` False, no classes and a `reason`.

    Raises:
        ValueError: If `top_k` is below 1, there is no such model or image, or
            the model is an embedder, which names no class.
    """
    if top_k < 1:
        raise ValueError(
            f"`top_k` must be at least 1. Received: top_k={top_k}."
        )
    files = picture_files(images)
    data = [path.read_bytes() for path in files]
    root = pathlib.Path(model)
    if (root / "config.json").exists():
        rows = _predict_run(RunFolder.open(root), data, top_k)
    else:
        from fgkeras.export import load_exported

        exported = load_exported(root, trust=trust)
        if not exported.class_names:
            raise ValueError(_NO_CLASSES.format(root))
        rows = exported.predict(data)
    out = []
    for path, encoded, row in zip(files, data, rows, strict=True):
        valid = bool(row["valid"])
        classes = list(row["classes"])[:top_k] if valid else []
        scores = [float(s) for s in row["scores"]][:top_k] if valid else []
        entry = {
            "image": str(path),
            "valid": valid,
            "classes": classes,
            "scores": scores,
        }
        if not valid:
            entry["reason"] = _why(encoded)
        out.append(entry)
    return out


def _why(encoded):
    try:
        image.decode(encoded)
    except image.BadImage as error:
        return str(error)
    return "the model's decoder refused it"


def _predict_run(folder, data, top_k):
    config = folder.config()
    classes = folder.read_json("classes.json")
    names = classes["class_names"]
    model = load_model(folder / "model.keras")
    if _is_embedder(model, classes):
        raise ValueError(_NO_CLASSES.format(folder.path))
    model = prediction_model(model, config)
    size, resize = config.data.size, config.data.resize
    pixels = np.zeros((len(data), size, size, 3), "float32")
    valid = np.zeros(len(data), bool)
    for i, encoded in enumerate(data):
        try:
            pixels[i] = evaluation_crop(image.normalize(encoded), size, resize)
            valid[i] = True
        except image.BadImage:
            continue
    logits = model.predict(pixels, verbose=0)
    scores = scores_of(logits, activation_of(config))
    # By logits, since scores near 1 round to the same number.
    order = np.argsort(-logits, axis=1, kind="stable")[:, :top_k]
    return [
        {
            "valid": valid[i],
            "classes": [names[c] for c in order[i]],
            "scores": scores[i, order[i]],
        }
        for i in range(len(data))
    ]


def evaluation_crop(encoded, size, resize):
    """Returns the evaluation crop, by the decoder that the training used."""
    if keras.backend.backend() != "tensorflow":
        return arrays.evaluation_crop(encoded, size, resize)
    import tensorflow as tf

    from fgkeras.data.images.decode import decode_for_evaluation

    try:
        return decode_for_evaluation(tf.constant(encoded), size, resize).numpy()
    except tf.errors.InvalidArgumentError as error:
        raise image.BadImage(error.message) from error
