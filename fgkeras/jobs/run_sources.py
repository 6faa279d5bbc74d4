"""The opened sources of a run, held against what the run recorded."""

import dataclasses

from fgkeras.data.source import Source
from fgkeras.jobs.data_changes import changes
from fgkeras.jobs.metric_sources import metric_sources
from fgkeras.jobs.metric_sources import rejected_source
from fgkeras.jobs.run_data import RunData
from fgkeras.jobs.run_data import as_recorded
from fgkeras.jobs.sources import training_source


@dataclasses.dataclass(frozen=True)
class RunSources:
    """What a run trains on and is tested on.

    Args:
        train: `Source` with `data.train_split`.
        test: `Source` with `data.test_split`; a classifier's is `train`.
        closed: Bool, whether the classes tested on are trained on.
        rejected: `Source` of rejected images, or `None`.
        data: `RunData` that describes them.
    """

    train: Source
    test: Source
    closed: bool
    rejected: Source | None
    data: RunData

    @classmethod
    def opened(cls, config, kept=None):
        """Opens the sources that a config names.

        Args:
            config: A `Config`.
            kept: The `RunData` of a run that goes on, or `None`.

        Raises:
            ValueError: As `training_source` or `metric_sources`.
        """
        rejected = None
        if config.method.name == "softmax":
            train = test = training_source(config)
            closed = True
        else:
            train, test, closed = metric_sources(config, kept)
            rejected = rejected_source(config, train)
        data = RunData.of(config, train, test, rejected)
        return cls(train, test, closed, rejected, data)

    def continuing(self, folder, kept):
        """Returns the sources in the order a run recorded.

        Args:
            folder: The `RunFolder` of a run that goes on or has ended.
            kept: Its `RunData`, or `None`.

        Raises:
            ValueError: If they hold other images or classes.
        """
        _compare(folder, kept, self.data)
        if kept is None or not {"train", "test"} <= set(kept.parts):
            return self
        train = as_recorded(self.train, kept.parts["train"], kept.class_names)
        test = as_recorded(self.test, kept.parts["test"], kept.test_class_names)
        if self.test is self.train:
            train = test = train.with_splits({**test.splits, **train.splits})
        rejected = self.rejected
        if "rejected" in kept.parts:
            rejected = as_recorded(
                rejected, kept.parts["rejected"], kept.class_names
            )
        return dataclasses.replace(
            self, train=train, test=test, rejected=rejected, data=kept
        )

    def note(self, folder, kept, run):
        """Writes `data.json`, with what reading the images has told.

        Args:
            folder: The `RunFolder`.
            kept: The `RunData` of a run that goes on, or `None`.
            run: The `ClassifierRun` or `MetricRun`, its images read.

        Raises:
            ValueError: If images of a run that goes on have other contents.
        """
        read = {"train": run.train, "test": run.test}
        if self.rejected is not None:
            read["rejected"] = run.rejected
        data = self.data.with_hashes(
            {role: images.sha256 for role, images in read.items()}
        )
        _compare(folder, kept, data)
        if kept is None or not kept.recorded:
            data.write(folder)


def _compare(folder, kept, now):
    found = "" if kept is None else changes(kept, now)
    if found:
        raise ValueError(
            "A run folder continues only its own run, on the same images. "
            f"Received: {folder.path}, whose data changed since: {found}. "
            "Choose another folder (--out), or --restart to replace it."
        )
