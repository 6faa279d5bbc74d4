"""The images that others are looked up among, and their vectors."""

import dataclasses

import numpy as np

from fgkeras.data.images.depth import notes_of
from fgkeras.data.sources.source import ALL
from fgkeras.runs.evaluation_sources import check_contents
from fgkeras.runs.evaluation_sources import data_of
from fgkeras.runs.evaluation_sources import opened_again
from fgkeras.runs.evaluation_sources import opened_under
from fgkeras.runs.evaluation_sources import recorded_source
from fgkeras.runs.evaluation_sources import source_of
from fgkeras.runs.inputs import SplitImages
from fgkeras.runs.run_data import NOT_COMPARED
from fgkeras.training.reporter import CONSOLE


@dataclasses.dataclass(frozen=True)
class GalleryImages:
    """Images of a source, as a run sees them.

    Args:
        predictor: `Predictor` of the run.
        images: `SplitImages`.
        source: `Source` that they are of.
        split: String, its split.
        role: String, which images of the run they are, or `None` of others.
        typed: String, the source as it was typed.
        notes: List of sentences on them.
    """

    predictor: object
    images: SplitImages
    source: object
    split: str
    role: str | None
    typed: str
    notes: list

    @classmethod
    def open(cls, predictor, config, spec=None, split=None, reporter=CONSOLE):
        """Opens and reads them.

        Args:
            predictor: `Predictor`.
            config: `Config` of the run, as its images are to be read.
            spec: Source spec, or `None` (default) for the run's own training
                images.
            split: String, or `None` (default) for the only one there is, or
                the training split.
            reporter: Who is told how far it is. Defaults to `CONSOLE`.

        Raises:
            ValueError: If they are missing or changed.
        """
        kept = data_of(predictor.folder)
        source, split, role, notes = _opened(kept, config, spec, split)
        typed = spec or source_of(kept, role)["typed"]
        images = SplitImages(source, split, config, reporter, once=True)
        if role is not None:
            check_contents(kept, role, images, source.spec)
        return cls(predictor, images, source, split, role, typed, notes)

    def vectors(self):
        """Returns their vectors, float32, kept by content for the next time.

        Raises:
            ValueError: If images of the run were changed since.
        """
        seen = self.images.under(self.predictor.view)
        found = seen.features(
            self.predictor.to_vectors(), f"{self.split} images"
        )
        if self.role is not None:
            # Those that stay on the disk are read by now.
            kept = data_of(self.predictor.folder)
            check_contents(kept, self.role, self.images, self.source.spec)
        return np.asarray(found, "float32")

    def all_notes(self):
        """Returns the sentences on them, once they were read."""
        return [*self.notes, *notes_of(self.source)]


def _opened(kept, config, spec, split):
    """Opens what is searched: source, split, role and what to say."""
    wanted = split or config.data.train_split
    if spec is not None:
        source, role = opened_under(kept, config, spec), None
    else:
        roles = {
            config.data.test_split: "test",
            config.data.train_split: "train",
        }
        role = roles.get(wanted)
        if role in kept.parts:
            source, notes = recorded_source(kept, config, role)
            return source, wanted, role, notes
        source, role = opened_again(kept, config, role), None
    if split is None and wanted not in source.splits:
        others = [name for name in source.splits if name != ALL]
        wanted = others[0] if len(others) == 1 else wanted
    source.split(wanted)
    return source, wanted, role, [] if kept.recorded else [NOT_COMPARED]
