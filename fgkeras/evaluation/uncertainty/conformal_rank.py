"""Which of n held-back scores a new one keeps to, with a given probability."""

import fractions
import math


def conformal_rank(num_images, level):
    """Returns how many of n scores a threshold must keep for a guarantee.

    Use it for a threshold on any score, fitted to images that the model was
    not trained on. The threshold that keeps the k largest of them keeps a new
    one with probability at least `level`,

        k = ceil((n + 1) level)

    because the new score is as likely to stand at each of the n + 1 places:
    where it and the n come from one source, in any order. The scores may tie;
    then it is kept more often.

    Args:
        num_images: Int, number n of the scores.
        level: Float in (0, 1), the wanted probability.

    Returns:
        Int in `[1, num_images]`.

    Raises:
        ValueError: If there are too few images for the level, with how many
            it takes, or the level is out of range.

    Example:

    >>> conformal_rank(99, 0.9), conformal_rank(9, 0.9)
    (90, 9)

    Reference:
        Vovk, Gammerman, Shafer, "Algorithmic Learning in a Random World",
        2005. Lei et al., "Distribution-Free Predictive Inference for
        Regression", JASA 2018, theorem 2.2.
    """
    level = float(level)
    if not 0 < level < 1:
        raise ValueError(
            "level must lie between 0 and 1. Received: "
            f"level={level}. Usual is 0.9."
        )
    # As it is written: 0.29 * 100 in floats is a little less than 29.
    exact = fractions.Fraction(repr(level))
    rank = math.ceil((num_images + 1) * exact)
    if num_images < 1 or rank > num_images:
        needed = math.ceil(exact / (1 - exact))
        raise ValueError(
            f"A level of {level} needs at least {needed} images that the model "
            f"was not trained on. Received: {num_images}. Hold more images "
            "back (data.calibration_share), or ask for a lower level."
        )
    return rank
