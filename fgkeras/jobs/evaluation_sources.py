"""The images a finished run is evaluated on: its own, or others."""

import os

import numpy as np

from fgkeras.data.class_subset import ALL
from fgkeras.data.class_subset import with_all_images
from fgkeras.data.open import open as open_source
from fgkeras.data.relabel import relabel
from fgkeras.data.source import Split
from fgkeras.data.spec import absolute_spec
from fgkeras.data.spec import kind_of
from fgkeras.jobs.data_changes import differences
from fgkeras.jobs.data_changes import in_words
from fgkeras.jobs.run_data import NOT_COMPARED
from fgkeras.jobs.run_data import RunData
from fgkeras.jobs.run_data import as_recorded
from fgkeras.jobs.run_data import part_of
from fgkeras.jobs.sources import without_images


def data_of(folder):
    """Returns the `RunData` of a finished run.

    Raises:
        ValueError: If the folder does not say what the run was trained on.
    """
    kept = RunData.read(folder)
    if kept is None:
        raise ValueError(
            "The folder of a run says in data.json or classes.json what it was "
            f"trained on. Received: {folder.path}, which has neither. Train "
            "again into another folder."
        )
    return kept


def recorded_source(folder, config, role):
    """Opens a run's own images again, those it recorded, and no others.

    Args:
        folder: The `RunFolder`.
        config: Its `Config`.
        role: `"train"` or `"test"`.

    Returns:
        Tuple of a `Source` with the recorded images as one split, in their
        order and under the class numbers they had; and a list of sentences to
        say.

    Raises:
        ValueError: If images are missing, have another class or other
            contents than they had.
    """
    kept = data_of(folder)
    part = kept.parts[role]
    names = kept.class_names if role == "train" else kept.test_class_names
    source = opened_again(kept, config, role)
    everything = source.split(ALL).ids
    wanted = set(part.ids)
    there = [i for i, name in enumerate(everything) if name in wanted]
    found = differences(part, part_of(source.select(ALL, there), ALL))
    came = set(everything).difference(
        kept.others, *(p.ids for p in kept.parts.values())
    )
    if found:
        typed = source_of(kept, role)["typed"]
        raise ValueError(
            "A run's own images are those that it recorded. Received: "
            f"{source.spec}, where of {len(part)} {role} images "
            f"{in_words(found)}. Put them back, or take what there is now: "
            f"--data {typed} (evaluate), --gallery {typed} (retrieve)."
        )
    notes = [] if kept.recorded else [NOT_COMPARED]
    if came and kept.recorded:
        text = in_words({"came": sorted(came)})
        notes.append(
            f"Since the training, of {source.spec}: {text}. "
            f"The {len(part)} {role} images recorded then are counted."
        )
    return as_recorded(source, part, names), notes


def opened_again(kept, config, role):
    """Opens a source of a run: where it was, else as it was typed.

    Args:
        kept: The run's `RunData`.
        config: Its `Config`.
        role: `"test"` for the source of the test images, else that of the
            training images.

    Returns:
        `Source` with the split `"*"` of all images, under the run's labels.
    """
    spec = source_of(kept, role)
    place = spec["absolute"]
    if place is None or _is_gone(place):
        place = spec["typed"]
        if _is_gone(place):
            raise ValueError(
                "The images of a run must lie where they were. Received: "
                f"{spec['absolute'] or place}, where there is nothing now"
                f"{'' if spec['absolute'] is None else f', nor at {place}'}. "
                "Name the place they have now (--data of `fgkeras evaluate`, "
                "--gallery of `fgkeras retrieve`)."
            )
    source = open_source(place, skip_bad=config.data.skip_bad)
    if config.data.label_column:
        source = relabel(source, config.data.label_column)
    return with_all_images(source)


def other_source(folder, config, spec, split=None):
    """Opens other images than a run recorded, without those it trained on.

    Args:
        folder: The `RunFolder`.
        config: Its `Config`.
        spec: Source spec; `None` means the run's own.
        split: String, or `None` for the run's test split where there is one,
            else the only one.

    Returns:
        Tuple of a `Source`, the name of its split, and how many images of the
        split were left out, since the run was trained on images of this id in
        this source. Copies under other names are known by their contents
        later.

    Raises:
        ValueError: If there is no such split, or all were trained on.
    """
    kept = data_of(folder)
    if spec is None:
        source = opened_again(kept, config, "test")
    else:
        source = open_source(spec, skip_bad=config.data.skip_bad)
        column = config.data.label_column
        if column in source.hierarchy:
            source = relabel(source, column)
        source = with_all_images(source)
    if split is None:
        split = config.data.test_split
        found = [name for name in source.splits if name != ALL]
        if split not in source.splits and len(found) == 1:
            split = found[0]
    count = len(source.split(split))
    if "train" in kept.parts and _is_own(kept, source.spec):
        source = without_images(source, split, kept.parts["train"].ids)
    return source, split, count - len(source.split(split))


def with_class_names(source, class_names):
    """Gives a source's labels the numbers of a run's classes.

    Raises:
        ValueError: If it has classes that the run has not.
    """
    number = {name: i for i, name in enumerate(class_names)}
    unknown = [n for n in source.class_names if n not in number]
    if unknown:
        raise ValueError(
            "The classes must be among those of the run. Received: "
            f"{len(unknown)} others in {source.spec}: "
            f"{', '.join(unknown[:5])}. The run knows {len(number)}, such as "
            f"{', '.join(class_names[:3])}."
        )
    table = np.array([number[n] for n in source.class_names], "int64")
    twin = source.with_splits(
        {
            name: Split(part.ids, table[part.labels], part.boxes)
            for name, part in source.splits.items()
            if not len(part) or part.labels.min() >= 0
        }
    )
    twin.class_names = tuple(class_names)
    twin.hierarchy = {}
    return twin


def _is_gone(spec):
    kind, rest = kind_of(spec)
    return kind not in ("tfds", "flora") and not os.path.exists(rest)


def _is_own(kept, spec):
    """Whether a source is the one trained on."""
    own = kept.sources["source"]
    return absolute_spec(spec) == (
        own["absolute"] or absolute_spec(own["typed"])
    )


def source_of(kept, role):
    """Returns the recorded specs of the source that a role's images are of."""
    name = "test_source" if role == "test" else "source"
    return kept.sources.get(name, kept.sources["source"])
