"""The images a finished run is evaluated on: its own, or others."""

import dataclasses
import os

import numpy as np

from fgkeras.config import OPTIONS
from fgkeras.config.auto import FOLDS
from fgkeras.data.cuts.class_subset import select_classes
from fgkeras.data.cuts.relabel import relabel
from fgkeras.data.cuts.without_images import without_images
from fgkeras.data.open import open as open_source
from fgkeras.data.sources.boxes import boxed
from fgkeras.data.sources.file_names import Globs
from fgkeras.data.sources.source import ALL
from fgkeras.data.spec import parts_of
from fgkeras.data.spec import path_of
from fgkeras.data.spec import same_source
from fgkeras.runs.data_changes import differences
from fgkeras.runs.data_changes import in_words
from fgkeras.runs.run_data import NOT_COMPARED
from fgkeras.runs.run_data import RunData
from fgkeras.runs.run_data import as_recorded
from fgkeras.runs.run_data import part_of
from fgkeras.runs.start_checks import check_has_labels


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


def reading(config, skip_bad=False, ignore=(), groups=None):
    """Returns the config of a run, with what is to be left out now.

    Args:
        config: A `Config` of a run.
        skip_bad: Bool, whether what cannot be used is left out, also where
            the training did so. Defaults to `False`.
        ignore: Sequence of globs of what is passed over, beside those of the
            training. Defaults to none.
        groups: What is to be `evaluation.groups` now, or `None`.

    Raises:
        ValueError: If groups are asked of another run than a classifier.
    """
    if not skip_bad and not ignore and groups is None:
        return config
    tree = config.as_json()
    data = tree["resolved"]["data"]
    data["skip_bad"] = data["skip_bad"] or skip_bad
    data["ignore"] = [*data["ignore"], *ignore]
    if groups is not None:
        option = OPTIONS["evaluation.groups"]
        if not option.used(config):
            raise ValueError(
                f"--groups is used {option.used.words}. Received: --groups "
                f"{groups}, a run of --method {config.method.name}. Leave it "
                "out."
            )
        found = option.read("evaluation.groups", groups)
        tree["resolved"]["evaluation"]["groups"] = found
    return type(config).of_run(tree).seen_by(config.decoder)


def recorded_source(kept, config, role):
    """Opens a run's own images again, those it recorded, and no others.

    Args:
        kept: The run's `RunData`.
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
    part = kept.parts[role]
    names = kept.class_names if role == "train" else kept.test_class_names
    source = opened_again(kept, config, role)
    came = _compared(kept, role, source)
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
        `Source` under the run's labels.
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
    data = config.data
    source = _as_seen(place, data, data.ignore)
    if data.label_column:
        source = relabel(source, data.label_column)
    return source


def other_source(kept, config, spec, split=None):
    """Opens other images than a run recorded, without those it trained on.

    Args:
        kept: The run's `RunData`.
        config: Its `Config`.
        spec: Source spec; `None` means the run's own.
        split: String, or `None` for the run's test split where there is one,
            else the only one.

    Returns:
        Tuple of a `Source`, the name of its split, how many images of the
        split were left out, since the run was trained on images of this id in
        this source, and a list of sentences to say. Copies under other names
        are known by their contents, once they are read.

    Raises:
        ValueError: If there is no such split, or all were trained on.
    """
    notes = [] if kept.recorded else [NOT_COMPARED]
    own = source_of(kept, "train")
    if spec is None:
        source = opened_again(kept, config, "test")
        trained_here = source_of(kept, "test") == own
        if trained_here and "train" in kept.parts:
            # What lies there now may be another set of that name.
            _compared(kept, "train", source)
    else:
        source = opened_under(kept, config, spec)
        trained_here = same_source(spec, own["absolute"] or own["typed"])
    if split is None:
        split = config.data.test_split
        if split == FOLDS:
            split = "test"
        found = list(source.splits)
        if not source.has_split(split) and len(found) == 1:
            split = found[0]
    check_has_labels(source, split, "split")
    source, others = _of_its_classes(source, split, kept, config)
    if others:
        notes.append(others)
    count = len(source.split(split))
    if trained_here and "train" in kept.parts:
        trained = kept.parts["train"].ids
        way = "Name other images (--data) or another split (--split)."
        source = without_images(source, split, trained, way)
    elif "train" not in kept.parts:
        notes.append(
            "The run does not say which images it was trained on: any of them "
            "may be among those counted."
        )
    return source, split, count - len(source.split(split)), notes


def opened_under(kept, config, spec):
    """Opens a source under the run's labels.

    Args:
        kept: The run's `RunData`.
        config: Its `Config`.
        spec: Source spec.

    Returns:
        `Source`.

    Raises:
        ValueError: If the run's labels are a column that the source lacks,
            and its classes are not labels of the run.
    """
    data = config.data
    # Globs of the training, which come first, are of other images.
    ignore = Globs(data.ignore, quiet=len(config.asked.get("data.ignore", ())))
    source = _as_seen(spec, data, ignore)
    column = data.label_column
    known = {*kept.class_names, *kept.test_class_names}
    if column and not set(source.class_names) <= known:
        source = relabel(source, column)
    return source


def check_contents(kept, role, images, spec):
    """Refuses images of a run whose bytes are others than it recorded.

    Args:
        kept: The run's `RunData`.
        role: `"train"` or `"test"`.
        images: `SplitImages` of that role, read.
        spec: String, the source they were read from.

    Raises:
        ValueError: If one has other contents.
    """
    part = kept.parts[role]
    now = dataclasses.replace(part, stamps=None).with_hashes(images.sha256)
    _refuse(kept, role, spec, differences(part, now))


def _of_its_classes(source, split, kept, config):
    """Leaves classes out that a run of some has not; returns what to say.

    An embedding that was tested on classes it did not learn looks at any. Where
    there are no images but of others, or some without a class, who looks at
    them says whether they will do.
    """
    known = set(kept.class_names)
    if not config.data.classes or not known.issuperset(kept.test_class_names):
        return source, ""
    mine = [i for i, name in enumerate(source.class_names) if name in known]
    labels = source.split(split).labels
    others = labels[~np.isin(labels, mine)]
    nothing = len(others) == len(labels) or (labels < 0).any()
    if len(mine) == source.num_classes or nothing:
        return source, ""
    classes = len(np.unique(others))
    note = (
        f"{len(others)} images of {classes} classes that the run was not "
        f"trained on (--classes {config.data.classes}) were left out of "
        f"{source.spec}."
    )
    return select_classes(source, mine), note if classes else ""


def _as_seen(spec, data, ignore):
    """Opens a source, whose pictures have boxes where the run crops to them."""
    source = open_source(spec, skip_bad=data.skip_bad, ignore=ignore)
    if data.crop_to_box:
        # The run is trained: what it sees is no matter of choice any more.
        way = "list 0,0,1,1 as the box of whole pictures"
        source = boxed(source, skip_bad=data.skip_bad, way=way)
    return source


def _compared(kept, role, source):
    """Holds a source against what was recorded; returns the ids that came."""
    part = kept.parts[role]
    everything = source.split(ALL).ids
    wanted = set(part.ids)
    there = [i for i, name in enumerate(everything) if name in wanted]
    chosen = source.select(ALL, there)
    now = part_of(chosen, ALL, boxes=part.boxes is not None)
    _refuse(kept, role, source.spec, differences(part, now))
    return set(everything).difference(
        kept.others, *(p.ids for p in kept.parts.values())
    )


def _refuse(kept, role, spec, found):
    if found:
        typed = source_of(kept, role)["typed"]
        raise ValueError(
            "A run's own images are those that its data.json has. Received: "
            f"{spec}, where of {len(kept.parts[role])} {role} images "
            f"{in_words(found)}. Put them back, or take what there is now: "
            f"--data {typed} (evaluate), --gallery {typed} (retrieve)."
        )


def _is_gone(spec):
    try:
        paths = [path_of(part) for part in parts_of(spec)]
    except ValueError:
        return True  # A bare path of what is not there any more.
    return any(p is not None and not os.path.exists(p) for p in paths)


def source_of(kept, role):
    """Returns the recorded specs of the source that a role's images are of."""
    name = "test_source" if role == "test" else "source"
    return kept.sources.get(name, kept.sources["source"])
