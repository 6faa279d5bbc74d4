"""Omniglot (1,623 handwritten characters) to TFRecord.

DATA holds images_background.zip and images_evaluation.zip, unpacked:

    images_background/Alphabet_of_the_Magi/character01/0709_01.png
    images_evaluation/Angelic/character01/0965_01.png

Gives train (the background, 964 characters of 30 alphabets, 19,280 images) and
test (659 others of 20, 13,180), with the column `alphabet`. The 1-bit drawings
are stored as 8-bit gray:

    python -m tfrecords.omniglot omniglot records/omniglot
"""

import sys

from tfrecords._listed import ListedSource
from tfrecords._listed import need
from tfrecords._run import run

_SPLITS = {"train": "images_background", "test": "images_evaluation"}


def source(root):
    """Returns the set as a source."""
    names, alphabets, rows = [], [], {}
    for split, folder in _SPLITS.items():
        rows[split] = []
        for character in sorted(need(root, folder).glob("*/character*")):
            alphabet = character.parent.name
            for path in sorted(character.glob("*.png")):
                file = f"{folder}/{alphabet}/{character.name}/{path.name}"
                rows[split].append((file, len(names)))
            alphabets.append(alphabet.replace("_", " "))
            number = character.name.removeprefix("character")
            names.append(f"{alphabets[-1]} {number}")
    return ListedSource(
        root, names, rows, name="omniglot", hierarchy={"alphabet": alphabets}
    )


if __name__ == "__main__":
    sys.exit(run(source, __doc__))
