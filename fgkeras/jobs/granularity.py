"""How fine-grained a source is under one or more pre-trainings."""

import numpy as np

from fgkeras.granularity import check_draw
from fgkeras.granularity import class_pairs
from fgkeras.granularity import drawn_granularity
from fgkeras.granularity import rank
from fgkeras.granularity import ranked_samples
from fgkeras.granularity import rankm
from fgkeras.granularity import rs
from fgkeras.granularity import rsm
from fgkeras.jobs.image_sample import ImageSample
from fgkeras.jobs.image_sample import named_weights
from fgkeras.report.measures.granularity_page import granularity_page
from fgkeras.report.picture import Thumbnails
from fgkeras.training.reporter import CONSOLE

_DRAWS = 50
_FEW = 10  # Below, RankM of three sets fell by more than .02.
INDICES = {"rankm": rankm, "rsm": rsm, "rs": rs, "rank": rank}


def granularity(
    source,
    *,
    weights,
    backbone="mobilenet_v2",
    split=None,
    size=160,
    indices=("rankm",),
    metric="unit_euclidean",
    by=None,
    count=10,
    max_images=0,
    classes_drawn=None,
    images_drawn=None,
    skip_bad=False,
    ignore=(),
    seed=0,
    html=None,
    reporter=CONSOLE,
):
    """Measures the granularity of a source.

    Use it before training: the lower, the easier the classes are told apart
    with these features.

    Args:
        source: String that opens a source, or a `Source`.
        weights: Sequence of `"imagenet"` or paths of weights files.
        backbone: String. Defaults to `"mobilenet_v2"`.
        split: String; `None` takes `train`, else the first split.
        size: Int, pixels. Defaults to `160`.
        indices: Sequence of `rankm`, `rsm`, `rs`, `rank`.
        metric: String, `unit_euclidean`, `euclidean` or `cosine`.
        by: Column of the source's label hierarchy to take the labels from;
            `None` takes the classes.
        count: Int, how many of the hardest classes, pairs and images.
        max_images: Int, at most so many, drawn evenly within all classes, two
            of each at least; 0 for all. Defaults to `0`.
        classes_drawn: Int at least 2, or `None`: the indices are also measured
            on so many classes, drawn 50 times, for sets of other numbers of
            classes to be compared with.
        images_drawn: Int at least 2, images of each class in these draws;
            `None` takes as many as are there.
        skip_bad: Bool. Defaults to `False`.
        ignore: Sequence of globs of what is passed over. Defaults to none.
        seed: Int.
        html: Path of a page to write, or `None`. Defaults to `None`.
        reporter: Who is told how far it is. Defaults to `CONSOLE`.

    Returns:
        JSON-ready dict: `source`, `drawn` (the sample), `size`, `backbone`,
        `metric`, `labels`, `compared` (how many classes have two images, on
        which the indices are measured, of how many), `notes` (sentences on what
        the numbers stand on), `drawn_again` (what was
        drawn from it, or `None`), and `weights`, a dict of name to `path`, one
        `{"value", "low", "high"}` per index, `drawn_again` (the same of the
        draws: mean, and where 95 % of them lie), `hardest_classes`,
        `hardest_pairs`, and `samples`: dict of `hardest` and `easiest`, the
        images whose own medoid comes last and first, as
        `fgkeras.granularity.ranked_samples` selects them, by ids and names.

    Raises:
        ValueError: for unknown indices or columns, fewer than two classes,
            images that do not decode, or more drawn than there is.

    Example:

    >>> import fgkeras.models
    >>> from fgkeras.training.reporter import SILENT
    >>> body = fgkeras.models.backbone("small_cnn", (32, 32, 3))
    >>> body.save_weights("body.weights.h5")
    >>> found = granularity(
    ...     "flora:species=4,images=6,imbalance=1,size=32",
    ...     weights=["body.weights.h5"], backbone="small_cnn", size=32,
    ...     classes_drawn=2, reporter=SILENT,
    ... )
    >>> numbers = found["weights"]["body"]
    >>> 0 <= numbers["rankm"]["low"] <= numbers["rankm"]["high"] <= 1
    True
    >>> numbers["drawn_again"]["rankm"]["value"] < 1, found["drawn"]["classes"]
    (True, 4)
    """
    unknown = [name for name in indices if name not in INDICES]
    if unknown or not indices:
        raise ValueError(
            f"indices must be among {', '.join(INDICES)}. Received: "
            f"indices={list(indices)}."
        )
    bodies = named_weights(weights)
    sample = ImageSample(
        source,
        split,
        max_images=max_images,
        skip_bad=skip_bad,
        ignore=ignore,
        seed=seed,
        reporter=reporter,
    )
    labels = sample.names
    if by is not None:
        columns = sample.source.hierarchy
        if by not in columns:
            raise ValueError(
                "by must be a column of the label hierarchy. Received: "
                f"by={by!r}; {sample.source.spec} has "
                f"{sorted(columns) or 'none'}."
            )
        labels = np.asarray(columns[by])[sample.labels]
    counts = np.unique(labels, return_counts=True)[1]
    if counts.max() < 2:
        raise ValueError(
            "Granularity compares the images of a class with one another. "
            f"Received: {len(labels)} images of {sample.source.spec}, one of "
            "each class. Add images, or raise max_images (--max-images)."
        )
    result = {
        "source": str(sample.source.spec),
        "drawn": sample.drawn,
        "labels": by or "classes",
        "backbone": backbone,
        "size": size,
        "metric": metric,
        "compared": {
            "classes": int((counts > 1).sum()),
            "of_classes": len(counts),
        },
        "notes": few_images(sample.drawn),
        "drawn_again": None,
        "weights": {},
    }
    if images_drawn is not None and classes_drawn is None:
        raise ValueError(
            "images_drawn is about classes that are drawn. Received: "
            f"images_drawn={images_drawn} without classes_drawn. Set it too "
            "(--classes-drawn)."
        )
    if classes_drawn is not None:
        # Before the features, which take long.
        check_draw(labels, classes_drawn, images_drawn)
        result["drawn_again"] = {
            "classes": classes_drawn,
            "images_of_a_class": images_drawn,
            "draws": _DRAWS,
        }
    for name, path in bodies.items():
        features = sample.features(backbone, path, size)
        if metric != "euclidean":
            sample.check_directions(features)
        result["weights"][name] = {
            "path": path,
            **granularity_numbers(features, labels, indices, metric, seed),
            "hardest_pairs": [
                {"classes": [first, second], "rankm": value}
                for first, second, value, _ in class_pairs(
                    features, labels, metric=metric
                ).hardest(count)
            ],
        }
        if classes_drawn is not None:
            with reporter.bar(f"drawing classes, {name}") as bar:
                result["weights"][name]["drawn_again"] = {
                    index: drawn_granularity(
                        INDICES[index], features, labels, classes_drawn,
                        images_drawn=images_drawn, num_draws=_DRAWS,
                        metric=metric, seed=seed, progress=bar,
                    ).summary
                    for index in indices
                }  # fmt: skip
        whole = rankm(features, labels, metric=metric)
        result["weights"][name]["samples"] = _samples(
            whole, sample.ids, count, seed
        )
        found = whole.compared()
        result["weights"][name]["hardest_classes"] = [
            {"class": label, "rankm": value, "rival": rival}
            for label, value, rival in found.hardest_classes(count)
        ]
    if html is not None:
        places = {image_id: i for i, image_id in enumerate(sample.ids)}
        granularity_page(
            html, result, Thumbnails(lambda i: sample.thumbnail(places[i]))
        )
    return result


def _samples(found, ids, count, seed):
    """Images at both ends of RankM, by ids and names, ready for JSON."""
    named = ("image", "medoid", "rival_medoid")
    ends = ranked_samples(found, count, seed=seed)
    for rows in ends.values():
        for row in rows:
            row.update({key: ids[row[key]] for key in named})
            for key in ("class", "rival"):
                row[key] = found.class_names[row[key]].item()
    return ends


def few_images(drawn):
    """Returns what is to be said of a sample of few images a class.

    Args:
        drawn: Dict of `ImageSample.drawn`.

    Returns:
        List of sentences, empty where there are enough.

    Example:

    >>> len(few_images({"images_of_a_class": [2, 2.0, 3]}))
    1
    >>> few_images({"images_of_a_class": [9, 30.0, 90]})
    []
    """
    middle = drawn["images_of_a_class"][1]
    if middle >= _FEW:
        return []
    return [
        f"Most classes have {middle:g} images or fewer here: RankM is low "
        "where images are few, since of n images of a class one, the typical "
        "one, counts as right."
    ]


def granularity_numbers(features, labels, indices, metric, seed=0):
    """Returns `{index: {"value", "low", "high"}}`.

    Over the images whose class has another image; see `Granularity.compared`.
    """
    numbers = {}
    for name in indices:
        found = INDICES[name](features, labels, metric=metric).compared()
        low, high = found.interval(seed=seed)
        numbers[name] = {"value": found.value, "low": low, "high": high}
    return numbers
