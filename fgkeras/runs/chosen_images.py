"""The images of an evaluation, read and held against the training's."""

import dataclasses
import hashlib
import json

import numpy as np

from fgkeras.config import when
from fgkeras.config.auto import FOLDS
from fgkeras.data.images.depth import notes_of
from fgkeras.data.sources.source import Source
from fgkeras.data.spec import absolute_spec
from fgkeras.runs.evaluation_sources import check_contents
from fgkeras.runs.evaluation_sources import data_of
from fgkeras.runs.evaluation_sources import other_source
from fgkeras.runs.evaluation_sources import recorded_source
from fgkeras.runs.inputs import SplitImages
from fgkeras.runs.kept.stage_images import FILE
from fgkeras.runs.kept.stage_images import read_stage_images
from fgkeras.runs.run_data import RunData
from fgkeras.runs.tasks import task_of
from fgkeras.training.reporter import CONSOLE


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
        kept: `RunData` of the run.
        spec: String, the source that was opened.
        own_roles: Roles of images of the run that may be among them.
        source: `Source` that was opened, or `None`.
        also: Frozen set of the contents of images that stages trained on
            beside those of the run.
    """

    images: SplitImages
    class_names: tuple
    closed: bool
    role: str | None
    title: str
    digest: str
    facts: dict
    kept: RunData
    spec: str
    own_roles: tuple = ()
    source: Source | None = None
    also: frozenset = frozenset()

    def settled(self, outputs=None):
        """Returns itself and outputs, once every image was read.

        Those of other data whose bytes the run was trained on are left out
        of both.

        Args:
            outputs: Array, first axis the images, or `None`.

        Raises:
            ValueError: If images of the run have other contents than it
                recorded, or all others are copies of those.
        """
        for role in (self.role,) if self.role else self.own_roles:
            check_contents(self.kept, role, self.images, self.spec)
        if self.role is not None:
            return self, outputs
        part = self.kept.parts.get("train")
        trained = self.also.union((part and part.sha256) or ()) - {None}
        fresh = self.images.without(trained)
        left = len(self.images) - len(fresh)
        if not left:
            return self, outputs
        if not fresh:
            raise ValueError(
                "Images that were trained on say nothing about others. "
                f"Received: {self.spec}, whose {len(self.images)} images are "
                "all copies of images that the run was trained on. Name other "
                "images (--data)."
            )
        facts = dict(self.facts)
        facts["trained_on_left_out"] = (
            facts.get("trained_on_left_out", 0) + left
        )
        out = dataclasses.replace(
            self, images=self.images.take(fresh), facts=facts
        )
        return out, None if outputs is None else outputs[np.asarray(fresh)]

    @property
    def noted(self):
        """The facts for the metrics, with sentences to say as `notes`."""
        facts = dict(self.facts)
        left = facts.get("trained_on_left_out")
        notes = list(facts.pop("notes", ()))
        if self.source is not None:
            # Images that stay on the disk are read by now.
            notes += notes_of(self.source)
        if left:
            notes.append(
                f"{left} images that the run was trained on were left out of "
                f"{facts['data']}."
            )
        return {**facts, "notes": notes} if notes else facts


def chosen_images(folder, config, data=None, split=None, reporter=CONSOLE):
    """Opens and reads the images that a finished run is evaluated on.

    Args:
        folder: The `RunFolder`.
        config: Its `Config`.
        data: Source spec, or `None` for the run's own.
        split: String, or `None` for the run's test split.
        reporter: Who is told how far it is. Defaults to `CONSOLE`.

    Returns:
        `ChosenImages`.

    Raises:
        ValueError: As `fgkeras.jobs.evaluate`.
    """
    kept = data_of(folder)
    if data is None and when.tested_by_folds(config) and split in (None, FOLDS):
        raise ValueError(
            "A run that was tested by folds was trained on all of its images, "
            "and says nothing new about them. Received: "
            f"{folder.path}, with evaluation.folds={config.evaluation.folds}, "
            "whose metrics.json has what the folds said. Name other images "
            "(--data)."
        )
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
    left_out = 0
    if role in kept.parts:
        source, notes = recorded_source(kept, config, role)
        split = kept.parts[role].split
        closed = set(source.class_names) <= set(kept.class_names)
    else:
        role = None
        source, split, left_out, notes = other_source(kept, config, data, split)
        source, closed = task_of(config).renumbered(source, split, kept)
    images = SplitImages(source, split, config, reporter)
    facts = {"data": str(typed), "split": split}
    if role is None:
        facts["refused"] = [*source.refused, *images.refused]
    if left_out:
        facts["trained_on_left_out"] = left_out
    if notes:
        facts["notes"] = notes
    chosen = ChosenImages(
        images,
        source.class_names,
        closed,
        role,
        f"{typed} {split}",
        _digest(source.spec, split, images),
        facts,
        kept,
        source.spec,
        tuple(r for r in ("test",) if data is None and r in kept.parts),
        source,
        read_stage_images(folder / FILE),
    )
    return chosen.settled()[0]


def _digest(spec, split, images):
    """Names the images: where they lie, which they are, what they hold."""
    content = [images.sha256.get(i) for i in images.ids]
    text = json.dumps([absolute_spec(spec), split, list(images.ids), content])
    return hashlib.sha256(text.encode()).hexdigest()[:8]
