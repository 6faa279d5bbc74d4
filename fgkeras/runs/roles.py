"""The opened sources of a run, held against what the run recorded."""

import dataclasses

from fgkeras.config import when
from fgkeras.data.cuts.validation import CALIBRATION
from fgkeras.data.cuts.validation import SHARE
from fgkeras.data.images.depth import notes_of
from fgkeras.data.images.screened import forget_bytes
from fgkeras.data.sources.source import Source
from fgkeras.runs.classifier.folds import tested_images
from fgkeras.runs.data_changes import changes
from fgkeras.runs.embedding.relation import used_parents
from fgkeras.runs.inputs import SplitImages
from fgkeras.runs.run_data import RunData
from fgkeras.runs.run_data import as_recorded
from fgkeras.runs.tasks import task_of
from fgkeras.training.reporter import CONSOLE


@dataclasses.dataclass(frozen=True)
class Roles:
    """What a run trains on and is tested on.

    Args:
        train: `Source` with `data.train_split`.
        test: `Source` with `data.test_split`; a classifier's is `train`.
        closed: Bool, whether the classes tested on are trained on.
        rejected: `Source` of rejected images, or `None`.
        data: `RunData` that describes them.
        val: String, the split of `train` that is chosen by, or `None`.
        calibration: String, its split for the temperature, or `None`.
    """

    train: Source
    test: Source
    closed: bool
    rejected: Source | None
    data: RunData
    val: str | None = None
    calibration: str | None = None

    @classmethod
    def opened(cls, config, kept=None):
        """Opens the sources that a config names.

        Args:
            config: A `Config`.
            kept: The `RunData` of a run that goes on, or `None`.

        Raises:
            ValueError: If they don't suit the task, or classes that are
                trained by their parents have none.
        """
        train, test, closed, rejected = task_of(config).sources(config, kept)
        val = None
        if when.CLASSIFIER(config) and config.data.val_share:
            val = SHARE if SHARE in train.splits else "val"
        kept_out = CALIBRATION if CALIBRATION in train.splits else None
        held = {"val": val, "calibration": kept_out}
        parents = used_parents(config, train.hierarchy)
        data = RunData.of(config, train, test, rejected, held, parents)
        return cls(train, test, closed, rejected, data, **held)

    @property
    def _held(self):
        """Splits of `train` that are held back, by their role."""
        held = {"val": self.val, "calibration": self.calibration}
        return {role: split for role, split in held.items() if split}

    def continuing(self, folder, kept):
        """Returns the sources in the order a run recorded.

        Args:
            folder: The `RunFolder` of a run that goes on or has ended.
            kept: Its `RunData`, or `None`.

        Raises:
            ValueError: If they hold other images or classes.
        """
        copies = kept and kept.parts.get("copies")
        data = self.data.without_copies(set(copies.ids) if copies else ())
        _compare(folder, kept, data)
        if kept is None or not {"train", "test"} <= set(kept.parts):
            return self
        train = as_recorded(self.train, kept.parts["train"], kept.class_names)
        test = as_recorded(self.test, kept.parts["test"], kept.test_class_names)
        if self.test is self.train:
            splits = {**test.splits, **train.splits}
            for role in self._held:
                part, names = kept.parts[role], kept.class_names
                splits.update(as_recorded(self.train, part, names).splits)
            train = test = train.with_splits(splits)
        rejected = self.rejected
        if "rejected" in kept.parts:
            rejected = as_recorded(
                rejected, kept.parts["rejected"], kept.class_names
            )
        return dataclasses.replace(
            self, train=train, test=test, rejected=rejected, data=kept
        )

    @property
    def notes(self):
        """What there is to say of the sources, as far as they were read."""
        sources = [self.train, self.test, self.rejected]
        notes = [n for s in sources if s is not None for n in notes_of(s)]
        return list(dict.fromkeys(notes))

    def read(self, config, reporter=CONSOLE):
        """Reads the images, before anything of a folder is replaced.

        Test images of another source whose bytes are those of training
        images are left out.

        Args:
            config: A `Config`.
            reporter: Who is told how far it is. Defaults to `CONSOLE`.

        Returns:
            Dict of role to `SplitImages`.

        Raises:
            ValueError: If an image is bad, or no test image is left.
        """
        parts = {
            "train": (self.train, config.data.train_split),
            "test": (self.test, config.data.test_split),
        }
        for role, split in self._held.items():
            parts[role] = (self.train, split)
        if self.rejected is not None:
            split = next(iter(self.rejected.splits))
            parts["rejected"] = (self.rejected, split)
        folded = when.tested_by_folds(config)
        out = {
            role: SplitImages(source, split, config, reporter)
            for role, (source, split) in parts.items()
            if not (folded and role == "test")
        }
        if folded:
            out["test"] = tested_images(config, out["train"])
        for source, _ in parts.values():
            # Of splits that this run does not look at.
            forget_bytes(source)
        if self.test is not self.train and config.data.test_source:
            trained = set(out["train"].sha256.values())
            fresh = out["test"].without(trained)
            if not fresh and trained:
                raise ValueError(
                    "Images that were trained on say nothing about others. "
                    f"Received: data.test_source={config.data.test_source!r}, "
                    "whose images are all copies of training images. Name "
                    "other images (--test-data)."
                )
            if len(fresh) < len(out["test"]):
                left = len(out["test"]) - len(fresh)
                out["test"] = out["test"].take(fresh)
                out["test"].left_out = left
        return out

    def note(self, folder, kept, images):
        """Writes `data.json`, with what reading the images has told.

        Args:
            folder: The `RunFolder`.
            kept: The `RunData` of a run that goes on, or `None`.
            images: What `read` gave.

        Raises:
            ValueError: If images of a run that goes on have other contents.
        """
        data = self.data.with_hashes(
            {role: part.sha256 for role, part in images.items()}
        )
        if images["test"].left_out:
            left = set(data.parts["test"].ids) - set(images["test"].ids)
            data = data.without_copies(left)
        _compare(folder, kept, data)
        known = kept is not None and kept.recorded
        if not known or data.num_hashes > kept.num_hashes:
            data.write(folder)


def _compare(folder, kept, now):
    found = "" if kept is None else changes(kept, now)
    if found:
        raise ValueError(
            "A run folder continues only its own run, on the images of its "
            f"data.json. Received: {folder.path}, whose data changed since: "
            f"{found}. "
            "Choose another folder (--out), or --restart to replace it."
        )
