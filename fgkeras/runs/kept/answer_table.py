"""`predictions.csv` of a run: what it answered, for a spreadsheet."""

import csv
import io

import numpy as np

from fgkeras.storage import write_text

FILE = "predictions.csv"
COLUMNS = ("file", "class", "answer", "score", "next_best", "next_score")


def write_answers(path, ids, labels, logits, scores, class_names):
    """Writes one line for each image: its class, the answer and the next best.

    Use it beside `predictions.npz`, which has all logits, for people.

    Args:
        path: `pathlib.Path` of the file.
        ids: Sequence of strings, such as paths of files.
        labels: Integer array of shape `(num_images,)`.
        logits: Float array of shape `(num_images, num_classes)`, with two
            classes or more. They rank the classes, since scores near 1 round
            to the same number.
        scores: Float array of that shape, what is written.
        class_names: Sequence of strings.

    Example:

    >>> import pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp(), FILE)
    >>> write_answers(path, ["a.jpg"], [1], [[1.1, 0.0]], [[0.75, 0.25]],
    ...     ["oak", "elm"])
    >>> path.read_text().splitlines()[1]
    'a.jpg,elm,oak,0.7500,elm,0.2500'
    """
    best = np.argsort(-np.asarray(logits), axis=1, kind="stable")[:, :2]
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(COLUMNS)
    for image, label, row, (first, second) in zip(
        ids, labels, scores, best, strict=True
    ):
        table.writerow(
            [
                image,
                class_names[label],
                class_names[first],
                f"{row[first]:.4f}",
                class_names[second],
                f"{row[second]:.4f}",
            ]
        )
    write_text(path, text.getvalue())
