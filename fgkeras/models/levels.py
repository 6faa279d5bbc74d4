"""Levels of a body: inner maps of rising depth."""

import math

import keras

from fgkeras.models import parts

_PADS = (keras.layers.ZeroPadding2D, keras.layers.Cropping2D)


def default_levels(backbone, count=3):
    """Returns the layers in which each of the last strides of a body ends.

    Use it where features of several depths are taken and nobody named any: of
    each of the last `count` sizes of the map the last layer that all of the
    image passes through, which is the end of a stage in a body of stages. What
    is followed by nothing that learns before the next level, such as a last
    pooling, is no level of its own; a stage without such a layer, as NASNet
    has them, ends in the last of its widest.

    Args:
        backbone: Functional `keras.Model` of a fixed size, from images to a
            feature map.
        count: Int at least 2. Defaults to `3`.

    Returns:
        Tuple of the names of `count` layers, shallow to deep.

    Raises:
        ValueError: If the body has fewer sizes, or they are not known.

    Example:
    >>> from fgkeras.models.backbones import backbone
    >>> default_levels(backbone("small_cnn", (64, 64, 3)))
    ('block3_relu', 'block4_relu', 'block5_relu')
    """
    height = backbone.inputs[0].shape[1]
    steps = list(backbone.operations)
    place = {id(step): i for i, step in enumerate(steps)}
    # The farthest step that takes something from before or at each step.
    reach, learned = [0] * len(steps), []
    for i, step in enumerate(steps):
        for source in _sources(step, place):
            reach[source] = max(reach[source], i)
        learned.append(len(getattr(step, "weights", ())))
    for i in range(1, len(steps)):
        reach[i] = max(reach[i], reach[i - 1])
    by_stride: dict = {}
    for i, step in enumerate(steps):
        shape = getattr(step.output, "shape", ())
        if len(shape) != 4 or isinstance(step, _PADS):
            continue
        if None in (height, shape[1]) or not any(learned[: i + 1]):
            continue
        if shape[1] < backbone.outputs[0].shape[1]:
            continue  # Of a branch that weighs channels.
        whole = reach[i - 1] <= i
        stride = round(math.log2(height / shape[1]))
        by_stride.setdefault(stride, []).append((whole, shape[-1], i))
    ends = [max(_ends(found))[-1] for found in by_stride.values()]
    levels: list = []
    for end in sorted(ends):
        if levels and not any(learned[levels[-1] + 1 : end + 1]):
            levels.pop()
        levels.append(end)
    if len(levels) < count:
        raise ValueError(
            f"Levels by themselves are the ends of the last {count} sizes of "
            f"a body's map. Received: {backbone.name}, with {len(levels)} "
            f"known sizes for images of {tuple(backbone.inputs[0].shape[1:])}. "
            "Name the layers (method.levels)."
        )
    return tuple(steps[i].name for i in levels[-count:])


def check_levels(backbone, levels):
    """Refuses levels that a body does not have.

    Args:
        backbone: Functional `keras.Model`.
        levels: Sequence of strings.

    Raises:
        ValueError: If there are fewer than two, one is no layer with a map, or
            they do not come shallow to deep.
    """
    names = [step.name for step in backbone.operations]
    unknown = [level for level in levels if level not in names]
    if unknown:
        raise ValueError(
            f"Levels must be layers of {backbone.name}. Received: levels="
            f"{list(levels)}, with {unknown[0]!r}. Its last layers are "
            f"{', '.join(names[-8:])}; `backbone.summary()` shows all."
        )
    places = [names.index(level) for level in levels]
    if len(levels) < 2 or places != sorted(set(places)):
        raise ValueError(
            "Levels are two layers or more, each once, shallow to deep. "
            f"Received: levels={list(levels)}."
        )
    for level in levels:
        shape = level_map(backbone, level).shape
        if len(shape) != 4:
            raise ValueError(
                "A level must give a feature map (batch, height, width, "
                f"channels). Received: {level!r}, which gives {tuple(shape)}."
            )


def level_map(backbone, level):
    """Returns the map of a level, of a layer or of a plain operation.

    Args:
        backbone: Functional `keras.Model` that has it.
        level: String.
    """
    steps = {step.name: step for step in backbone.operations}
    return steps[level].output


def pooled_maps(model):
    """Returns the maps that a model pools, a list: one, or that of each level.

    Args:
        model: `keras.Model` made by `classifier` or `embedder`.
    """
    return [layer.input for layer in pooling_layers(model)]


def pooling_layers(model):
    """Returns the layers that pool, a list: one, or that of each level.

    Args:
        model: `keras.Model` made by `classifier` or `embedder`.
    """
    names = parts.layer_names(model)
    levels = [name for name in names if name.startswith(parts.LEVEL_POOLING)]
    return [model.get_layer(n) for n in levels or [parts.POOLING]]


def _sources(step, place):
    """Places of the steps that a step takes its inputs from."""
    if isinstance(step, keras.layers.InputLayer):
        return []
    sources = [
        x._keras_history.operation for x in keras.tree.flatten(step.input)
    ]
    return [place[id(s)] for s in sources if id(s) in place]


def _ends(found):
    """Of a stage's layers those that it may end in, best last."""
    if any(whole for whole, _, _ in found):
        return [(i,) for whole, _, i in found if whole]
    return [(width, i) for _, width, i in found]
