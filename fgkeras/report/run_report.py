"""The report of a run: one HTML file to look at, send and keep."""

import pathlib

import numpy as np
from PIL import Image

from fgkeras.evaluation import score_images
from fgkeras.evaluation.frequency_group import LIMITS
from fgkeras.report.class_scatter import class_scatter
from fgkeras.report.curves import training_curves
from fgkeras.report.effective_chart import effective_chart
from fgkeras.report.interval_chart import interval_chart
from fgkeras.report.number import percent
from fgkeras.report.page import render_page
from fgkeras.report.page import write_page
from fgkeras.report.picture import Thumbnails
from fgkeras.report.picture import encode_picture
from fgkeras.report.rows import answer_lines
from fgkeras.report.rows import class_rows
from fgkeras.report.rows import comparison_table
from fgkeras.report.rows import first_lines
from fgkeras.report.rows import flat_options
from fgkeras.report.rows import fold_lines
from fgkeras.report.rows import fold_rows
from fgkeras.report.rows import group_rows
from fgkeras.report.rows import headline_cards
from fgkeras.report.rows import stage_table
from fgkeras.report.rows import tried_rows
from fgkeras.report.selection import select_images
from fgkeras.report.selection import select_pair
from fgkeras.report.sureness.reliability import reliability_diagram
from fgkeras.report.sureness.sets_rows import known_lines
from fgkeras.report.sureness.sets_rows import sets_lines
from fgkeras.report.sureness.sets_rows import sets_table
from fgkeras.report.sureness.sets_rows import temperature_lines

# From all of it to the least, until the page fits.
_AMOUNTS = (
    {"gallery": 16, "pairs": 20, "classes": 10_000, "sheet": 1600},
    {"gallery": 8, "pairs": 12, "classes": 10_000, "sheet": 1000},
    {"gallery": 4, "pairs": 6, "classes": 1000, "sheet": 600},
    {"gallery": 0, "pairs": 6, "classes": 200, "sheet": 0},
    {"gallery": 0, "pairs": 0, "classes": 20, "sheet": 0},
)


def run_report(
    path,
    *,
    title,
    config,
    environment,
    metrics,
    history,
    class_names,
    train_counts,
    labels,
    logits,
    thumbnail,
    activation="softmax",
    sample_sheet=None,
    examples=None,
    comparison=None,
    sections=None,
    worth=None,
    notes=(),
    seed=0,
    max_bytes=10_000_000,
):
    """Writes the report of an evaluated run as one offline HTML file.

    The file needs no network and no other file, and the same arguments give
    the same bytes. Every figure has a text and a data table beside it. Images
    are drawn by lot, and the most confident errors are always among them.

    Args:
        path: path of the file to write; an old one is replaced as a whole.
        title: str, such as the run's name.
        config: dict, nested or not, the resolved options of the run.
        environment: dict, versions and machine.
        metrics: dict from `fgkeras.evaluation.classification_report`; entries
            of other names are ignored.
        history: list of dicts, one per epoch (see `training_curves`); may be
            empty.
        class_names: sequence of str.
        train_counts: int array `(num_classes,)` or None.
        labels: int array `(num_images,)`.
        logits: float array `(num_images, num_classes)`, of the same images as
            `metrics`. They rank the classes, since probabilities near 1 round
            to the same number.
        thumbnail: function of an image's index that returns a PIL.Image, or
            None where there is no picture.
        activation: "softmax" or "sigmoid", what turns the logits into the
            probabilities that are shown.
        sample_sheet: PIL.Image or path of one, samples of the training data.
        examples: function of a class' index that returns a PIL.Image of it
            from the training, or None; shown where no test image of a class is
            left to be shown. None shows no picture there.
        comparison: list of dicts, one row each, such as `{"method": "softmax",
            "overall": 71.3, "head": 80.0}`: numbers in percent, texts, or None.
        sections: Markup shown before the run's options, such as that of
            `retrieval_sections`, or None.
        worth: dict of beta to images and their effective numbers, see
            `effective_chart`, where classes are weighted by them, or None.
        notes: sequence of str, shown at the top.
        seed: int, of the lot.
        max_bytes: int. A page that would be larger shows fewer images and
            classes, and says so.

    Returns:
        pathlib.Path of the file.

    Raises:
        ValueError: for arrays whose sizes differ from those of `metrics`,
            logits that are not finite, and a page that cannot be made small
            enough.

    Example:

    >>> from fgkeras.evaluation import classification_report
    >>> labels, names, counts = [0, 1, 1], ["elm", "oak"], np.array([30, 10])
    >>> logits = np.array([[2.0, 0.0], [0.0, 1.0], [1.0, 0.0]])
    >>> metrics = classification_report(
    ...     labels, logits, train_counts=counts, class_names=names
    ... )
    >>> path = run_report(
    ...     "report.html", title="Trees", config={"seed": 0}, environment={},
    ...     metrics=metrics, history=[], class_names=names, train_counts=counts,
    ...     labels=labels, logits=logits, thumbnail=lambda i: None,
    ... )
    >>> "66.7 %" in path.read_text("utf-8")
    True
    """
    class_names = [str(name) for name in class_names]
    logits = np.asarray(logits)
    _check(metrics, class_names, train_counts, logits)
    scored = score_images(labels, logits, activation=activation)
    predicted, confidence = scored.predicted, scored.confidence
    # The probability of a sigmoid rises with its logit, which never rounds.
    certainty = logits.max(axis=1) if activation == "sigmoid" else confidence
    images = Thumbnails(thumbnail)
    trained = Thumbnails(examples or (lambda label: None))
    per_class = [
        {**row, "name": name}
        for row, name in zip(metrics["per_class"], class_names, strict=True)
    ]
    limits = metrics.get("group_limits", LIMITS)
    fixed = {
        "title": str(title),
        "notes": [*first_lines(metrics), *(str(note) for note in notes)],
        "metrics": metrics,
        "cards": headline_cards(metrics),
        "groups": group_rows(metrics),
        "answers": [*fold_lines(metrics), *answer_lines(metrics)],
        "folds": fold_rows(metrics),
        "tried": tried_rows(metrics),
        "stages": stage_table(metrics),
        "frequency": interval_chart(metrics),
        "curves": training_curves(history),
        "scatter": class_scatter(per_class, limits),
        "worth": effective_chart(worth, train_counts) if worth else None,
        "reliability": reliability_diagram(metrics["calibration"]),
        "sureness": {
            "temperature": temperature_lines(metrics),
            "sets": sets_lines(metrics),
            "groups": sets_table(metrics),
            "known": known_lines(metrics),
        },
        "comparison": comparison_table(comparison),
        "sections": sections,
        "config": list(flat_options(config)),
        "environment": list(flat_options(environment)),
        "seed": seed,
        "trained_on": examples is not None,
    }
    if isinstance(sample_sheet, str | pathlib.Path):
        with Image.open(sample_sheet) as file:
            sample_sheet = file.convert("RGB")

    def card(index):
        return {
            "picture": images(index),
            "true": class_names[scored.labels[index]],
            "predicted": class_names[predicted[index]],
            "right": bool(scored.correct[index]),
            "score": percent(float(confidence[index])),
        }

    for amount in _AMOUNTS:
        chosen = select_images(
            scored.labels,
            predicted,
            certainty,
            count=amount["gallery"],
            seed=seed,
        )
        sheet = None
        if sample_sheet is not None and amount["sheet"]:
            sheet = encode_picture(
                sample_sheet, max_side=amount["sheet"], quality=85
            )
        data = render_page(
            "run.html",
            reduced=amount is not _AMOUNTS[0],
            galleries={k: [card(i) for i in v] for k, v in chosen.items()},
            pairs=_pairs(
                metrics["confused_pairs"],
                class_names,
                lambda true, guess: select_pair(
                    scored.labels, predicted, true, guess, seed=seed
                ),
                images,
                trained,
                amount["pairs"],
            ),
            sheet=sheet,
            classes=class_rows(
                per_class, train_counts, amount["classes"], limits
            ),
            **fixed,
        )
        if len(data) <= max_bytes:
            return write_page(path, data)
    raise ValueError(
        "The smallest report must fit in max_bytes. Received: "
        f"max_bytes={max_bytes}; it needs {len(data)}. Raise max_bytes."
    )


def _check(metrics, class_names, train_counts, logits):
    expected = (metrics["num_images"], metrics["num_classes"])
    if logits.shape != expected:
        raise ValueError(
            "logits must be of the images and classes of metrics. Received: "
            f"logits.shape={logits.shape}, metrics of {expected}. Compute the "
            "metrics from the same predictions."
        )
    for name, values in (
        ("class_names", class_names),
        ("train_counts", train_counts),
    ):
        if values is not None and len(values) != expected[1]:
            raise ValueError(
                f"{name} must have one entry per class. Received: "
                f"len({name})={len(values)} for {expected[1]} classes. Give "
                "those of the model."
            )


def _pairs(pairs, class_names, select, images, examples, count):
    result = []
    for pair in pairs[:count]:
        true, guess = pair["true"], pair["predicted"]
        first, mistake, last = select(true, guess)
        pictures = [
            examples(true) if first is None else images(first),
            images(mistake),
            examples(guess) if last is None else images(last),
        ]
        result.append(
            {
                **pair,
                "true_name": class_names[pair["true"]],
                "predicted_name": class_names[pair["predicted"]],
                "percent": percent(pair["rate"]),
                "pictures": pictures,
            }
        )
    return result
