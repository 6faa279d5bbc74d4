"""Draws the picture of an id of a flora."""

import numpy as np

from fgkeras.data.flora.render import render_distractor
from fgkeras.data.flora.render import render_flower
from fgkeras.data.flora.species import make_species

# Numbers the random streams; never reorder.
_SPLITS = ("train", "val", "test", "distractors")


class FloraPainter:
    """Pictures from `(seed, id)` alone, the same whoever draws them.

    Args:
        options: Dict of all options of a `FloraSource`.
    """

    def __init__(self, options):
        self.options = options
        self.species = make_species(
            options["species"], options["difficulty"], options["seed"]
        )
        names = [s.name.replace(" ", "_") for s in self.species]
        self._row = {name: i for i, name in enumerate(names)}

    def render(self, image_id):
        """Returns the JPEG bytes of one picture.

        Args:
            image_id: String, `SPLIT/Genus_epithet/NUMBER` or
                `distractors/NUMBER`.

        Raises:
            ValueError: If it is another.
        """
        split, *rest = image_id.split("/")
        known = split in _SPLITS and rest and rest[-1].isdigit()
        if split == "distractors":
            row, known = 0, known and len(rest) == 1
        else:
            row = self._row.get(rest[0]) if len(rest) == 2 else None
            known = known and row is not None
        options = self.options
        if not known:
            raise ValueError(
                "An id is SPLIT/Genus_epithet/NUMBER or distractors/NUMBER. "
                f"Received: image_id={image_id!r} for a flora of "
                f"species={options['species']}, seed={options['seed']}."
            )
        rng = np.random.default_rng(
            [options["seed"], _SPLITS.index(split), row, int(rest[-1])]
        )
        size, difficulty = options["size"], options["difficulty"]
        if split == "distractors":
            return render_distractor(size, difficulty, rng)
        return render_flower(self.species[row], size, difficulty, rng)
