"""A run's model against its classes, before it answers."""

import numpy as np

from fgkeras.runs.kept.files import damaged


def check_model(folder, model, num_classes, view):
    """Checks that a model can answer for the classes of its run.

    Args:
        folder: The `RunFolder`.
        model: `keras.Model`, from its `model.keras`.
        num_classes: Int, the classes that it names; `None` of an embedding
            for others than it was trained on.
        view: `View`, what pictures are cut to.

    Raises:
        ValueError: If it has other inputs or outputs, or weights that are no
            numbers.
    """
    path = folder / "model.keras"
    sides = [d for d in tuple(model.inputs[0].shape)[1:3] if d is not None]
    if any(d != view.size for d in sides) or view.resize < view.size:
        raise damaged(
            folder / "config.json",
            f"model.keras sees {' x '.join(map(str, sides))} pixels, and it "
            f"has data.size {view.size} and data.resize {view.resize}",
        )
    if len(model.outputs) > 1:
        raise damaged(path, f"it has {len(model.outputs)} outputs, not one")
    shape = tuple(model.outputs[0].shape)
    if num_classes is not None and shape[1:] != (num_classes,):
        raise damaged(
            path,
            f"it answers with {shape[1:]} numbers for the {num_classes} "
            "classes of classes.json",
        )
    for weight in model.weights:
        values = np.asarray(weight)
        if values.dtype.kind == "f" and not np.isfinite(values).all():
            raise damaged(path, f"its weights {weight.path} are not finite")


def check_names(folder, classes):
    """Checks the class names of a run against what it recorded of its data.

    Runs of earlier versions recorded nothing of it.

    Args:
        folder: The `RunFolder`.
        classes: Dict, what `classes.json` says.

    Raises:
        ValueError: If they are others, or in another order.
    """
    # It reads by this package.
    from fgkeras.runs.run_data import RunData

    known = RunData.read(folder)
    if known is None or not known.recorded:
        return
    named = tuple(classes["class_names"])
    if named != known.class_names:
        pairs = zip(named, known.class_names, strict=False)
        other = next(
            (f"{a!r} for {b!r}" for a, b in pairs if a != b),
            f"{len(named)} classes for {len(known.class_names)}",
        )
        raise damaged(
            folder / "classes.json",
            f"its classes are not those of data.json: {other}",
        )
