"""Which views of a picture there are, and the mean prediction over them."""

import dataclasses

import keras
from keras import ops

from fgkeras.layers.image_views import ImageViews
from fgkeras.layers.mean_prediction import MeanPrediction
from fgkeras.registries import VIEWS

# What an enlarged square has around its central crop of 0.875 of its side.
_BORDER = 1 / 14


@dataclasses.dataclass(frozen=True)
class ViewSet:
    """Some views of a picture.

    Args:
        side: Int, side in pixels of the square that they are cut from.
        windows: Tuple of `(top, left, side)` in that square; a larger one is
            scaled to the size of the first model that sees it.
        mirrored: Bool, whether each is seen mirrored too.
    """

    side: int
    windows: tuple
    mirrored: bool = False

    @property
    def count(self):
        """Int, views of one picture."""
        return len(self.windows) * (1 + self.mirrored)


def center(size):
    """Returns the one view that evaluation has: the crop as it is.

    Args:
        size: Int, side of the model's input in pixels.
    """
    return ViewSet(size, ((0, 0, size),))


def mirror(size):
    """Returns the crop as it is, and its left-right mirror image.

    Args:
        size: Int, side of the model's input in pixels.
    """
    return ViewSet(size, ((0, 0, size),), True)


def five_crop(size):
    """Returns the centre and the four corners of an enlarged square.

    The central square of the picture, scaled to a side of `size / 0.875`, to
    the pixel as many more on each side of the centre; each crop has `size`.
    None is mirrored.

    Args:
        size: Int, side of the model's input in pixels.

    Example:

    >>> five_crop(224).side, five_crop(224).windows[0]
    (256, (16, 16, 224))
    """
    border = max(1, round(size * _BORDER))
    last, side = 2 * border, size + 2 * border
    windows = [(border, border, size)]
    windows += [(y, x, size) for y in (0, last) for x in (0, last)]
    return ViewSet(side, tuple(windows))


def twelve_crop(size):
    """Returns the whole square, its centre and its corners, and all mirrored.

    The sources name twelve crops without saying which. Here they are: the
    central square of the picture whole, its centre and its four corners at
    0.875 of its side, each as it is and mirrored. The square is scaled as for
    `five_crop`, so that a crop has `size`; the whole of it is scaled down to
    that.

    Args:
        size: Int, side of the model's input in pixels.

    Example:

    >>> twelve_crop(224).count
    12
    """
    crops = five_crop(size)
    return ViewSet(crops.side, ((0, 0, crops.side), *crops.windows), True)


def view_averaging(classifier, views="mirror", activation="softmax"):
    """Returns a model whose probabilities are a mean over several views.

    A little more accurate, at as many times the time and memory as there are
    views. Mirrored ones are not for images in which left and right matter,
    such as text.

        p = mean_v p(view_v)

    Args:
        classifier: `keras.Model` from square images to logits, or to a list
            of logits and anything else, such as the embedding.
        views: String, one of `fgkeras.registries.VIEWS`: `"center"`,
            `"mirror"`, `"5-crop"` or `"12-crop"`. Defaults to `"mirror"`.
        activation: `"softmax"` or `"sigmoid"`, what the logits stand for.
            Defaults to `"softmax"`.

    Returns:
        `keras.Model` from images, of the side that the views are cut from, to
        logits of the mean probabilities, up to a constant per image for
        softmax. Other outputs follow as they are for the first view. The
        weights are shared. With one view it is the classifier itself.

    Raises:
        ValueError: If a name is unknown, or the images are no squares.

    Example:
    >>> from fgkeras.models.backbones import backbone
    >>> from fgkeras.models.classifiers import classifier
    >>> model = classifier(backbone("small_cnn", (32, 32, 3)), 7)
    >>> view_averaging(model, "12-crop").input_shape
    (None, 36, 36, 3)
    """
    size = classifier.input_shape[1]
    if classifier.input_shape[1:3] != (size, size) or size is None:
        raise ValueError(
            "Views are cut for a model of square images of one size. "
            f"Received: an input of shape {classifier.input_shape}."
        )
    found = VIEWS.load(views)(size)
    mean = MeanPrediction(found.count, activation, name="mean")
    if found.count == 1 and found.side == size:
        return classifier
    images = keras.Input((found.side, found.side, 3), name="images")
    cut = ImageViews(size, found.windows, found.mirrored, name="views")
    answers = classifier(cut(images))
    if len(classifier.outputs) == 1:
        return keras.Model(images, mean(answers), name="view_averaging")
    first = [_first(answer, found.count) for answer in answers[1:]]
    outputs = [mean(answers[0]), *first]
    return keras.Model(images, outputs, name="view_averaging")


def _first(answer, count):
    """What a model gives of the first view of each image."""
    shape = answer.shape[1:]
    return ops.reshape(answer, (count, -1, *shape))[0]
