"""The images of an evaluation, read and held against the training's."""

import dataclasses
import hashlib
import json

import numpy as np

from fgkeras.data.class_subset import select_classes
from fgkeras.data.spec import absolute_spec
from fgkeras.jobs.data_changes import differences
from fgkeras.jobs.data_changes import in_words
from fgkeras.jobs.evaluation_sources import data_of
from fgkeras.jobs.evaluation_sources import other_source
from fgkeras.jobs.evaluation_sources import recorded_source
from fgkeras.jobs.evaluation_sources import with_class_names
from fgkeras.jobs.inputs import SplitImages
from fgkeras.jobs.metric_sources import renumbered


@dataclasses.dataclass(frozen=True)
class ChosenImages:
    """What a run is evaluated on.

    Args:
        images: `SplitImages`, read.
        class_names: Tuple of strings, behind their labels.
        closed: Bool, whether these are classes that the run was trained on.
        role: `"test"` or `"train"` for the images that the run recorded, else
            `None`.
        title: String, spec and split as they were typed.
        digest: String of 8 characters, others for other images.
        facts: Dict for the metrics.
    """

    images: SplitImages
    class_names: tuple
    closed: bool
    role: str | None
    title: str
    digest: str
    facts: dict


def chosen_images(folder, config, data=None, split=None, quiet=False):
    """Opens and reads the images that a finished run is evaluated on.

    Args:
        folder: The `RunFolder`.
        config: Its `Config`.
        data: Source spec, or `None` for the run's own.
        split: String, or `None` for the run's test split.
        quiet: Bool. Defaults to `False`.

    Returns:
        `ChosenImages`.

    Raises:
        ValueError: As `fgkeras.jobs.evaluate`.
    """
    kept = data_of(folder)
    role = None
    if data is None:
        splits = {
            config.data.train_split: "train",
            config.data.test_split: "test",
        }
        role = splits.get(split or config.data.test_split)
    typed = data or config.data.test_source or config.data.source
    if role == "train":
        typed = config.data.source
    left_out, notes = 0, []
    if role in kept.parts:
        source, notes = recorded_source(folder, config, role)
        split = kept.parts[role].split
        closed = set(source.class_names) <= set(kept.class_names)
    else:
        role = None
        source, split, left_out = other_source(folder, config, data, split)
        source, closed = _numbered(source, split, config, kept)
    images = SplitImages(source, split, config, quiet)
    if role is not None:
        part = kept.parts[role]
        now = dataclasses.replace(part, stamps=None).with_hashes(images.sha256)
        found = differences(part, now)
        if found:
            raise ValueError(
                "A run's own images are those that it recorded. Received: "
                f"{source.spec}, where of {len(part)} {role} images "
                f"{in_words(found)}. Put them back, or take what there is now: "
                f"--data {typed}."
            )
    else:
        count = len(images)
        images = _without_copies(images, kept, source.spec)
        left_out += count - len(images)
    if left_out:
        notes.append(
            f"{left_out} images that the run was trained on were left out of "
            f"{typed}."
        )
    facts = {"data": str(typed), "split": split}
    if role is None:
        facts["refused"] = [*source.refused, *images.refused]
    if left_out:
        facts["trained_on_left_out"] = left_out
    if notes:
        facts["notes"] = notes
    return ChosenImages(
        images,
        source.class_names,
        closed,
        role,
        f"{typed} {split}",
        _digest(source.spec, split, images),
        facts,
    )


def _numbered(source, split, config, kept):
    """Gives other images the run's class numbers, where it knows them."""
    if config.method.name == "softmax":
        return with_class_names(source, kept.class_names), True
    part = source.split(split)
    source = source.with_splits({split: part})
    used = np.unique(part.labels)
    if len(used) < source.num_classes:
        source = select_classes(source, used)
    closed = set(source.class_names) <= set(kept.class_names)
    if closed:
        return renumbered(source, kept.class_names), True
    return source, False


def _without_copies(images, kept, spec):
    """Leaves out images whose bytes the run was trained on."""
    part = kept.parts.get("train")
    trained = set(part.sha256 or ()) - {None} if part else set()
    fresh = [
        i
        for i, image_id in enumerate(images.ids)
        if images.sha256.get(image_id) not in trained
    ]
    if len(fresh) == len(images):
        return images
    if not fresh:
        raise ValueError(
            "Images that were trained on say nothing about others. Received: "
            f"{spec}, whose {len(images)} images are all copies of images "
            "that the run was trained on. Name other images (--data)."
        )
    return images.take(fresh)


def _digest(spec, split, images):
    """Names the images: where they lie, which they are, what they hold."""
    content = [images.sha256.get(i) for i in images.ids]
    text = json.dumps([absolute_spec(spec), split, list(images.ids), content])
    return hashlib.sha256(text.encode()).hexdigest()[:8]
