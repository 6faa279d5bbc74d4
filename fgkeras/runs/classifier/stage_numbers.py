"""What each stage of a training was worth on the test images."""

from fgkeras.evaluation import frequency_groups
from fgkeras.evaluation import mean_per_class_accuracy
from fgkeras.evaluation import score_images
from fgkeras.evaluation.frequency_group import AUTO
from fgkeras.evaluation.frequency_group import group_limits


def stage_numbers(labels, logits, counts, activation, limits=AUTO):
    """Returns head and tail, top-1 and top-5 of one stage.

    Args:
        labels: Integer array of shape `(num_images,)`.
        logits: Float array of shape `(num_images, num_classes)`.
        counts: Integer array of shape `(num_classes,)`, training images.
        activation: What `activation_of` returns.
        limits: Sequence of one or two rising whole numbers, as
            `frequency_groups` takes them, or `"auto"`, see `group_limits`.
            Defaults to `"auto"`.

    Returns:
        Dict of `top1`, `top5` (shares of the images), `mean_per_class`, and
        `groups`: of each group of classes the means of their classes'
        `top1` and `top5`, `None` without images. `top5` is `None` with five
        classes or fewer.

    Example:

    >>> found = stage_numbers([0, 1], [[2, 1], [3, 1]], [200, 5], "softmax")
    >>> found["top1"], found["groups"]["tail"]["top1"]
    (0.5, 0.0)
    """
    scored = score_images(labels, logits, activation=activation)
    hits = {"top1": scored.correct, "top5": scored.rank < 5}
    if scored.num_classes <= 5:
        hits["top5"] = None
    limits = group_limits(counts, limits)
    masks = frequency_groups(counts, limits) if limits else {}
    groups = {
        name: _of_classes(scored, hits, mask[scored.labels])
        for name, mask in masks.items()
    }
    out = {
        name: None if values is None else float(values.mean())
        for name, values in hits.items()
    }
    everywhere = scored.labels >= 0
    mean = _of_classes(scored, hits, everywhere)["top1"]
    return {**out, "mean_per_class": mean, "groups": groups}


def _of_classes(scored, hits, inside):
    """Means of the classes' shares over some of the images."""
    labels = scored.labels[inside]
    return {
        name: None
        if values is None or not len(labels)
        else mean_per_class_accuracy(labels, values[inside], scored.num_classes)
        for name, values in hits.items()
    }
