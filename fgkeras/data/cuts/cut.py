"""A source whose training images are cut by a short text."""

import inspect

import numpy as np

from fgkeras.data.cuts.exponential import largest_imbalance
from fgkeras.data.spec import parse_cut
from fgkeras.registries import CUTS


def cut_source(source, cut, *, split="train", seed=0, **options):
    """Cuts one split of a source; other splits stay as they are.

    `"exponential:100"` and `"pareto:6"` make class 0 the largest, as in
    long-tailed CIFAR; `"cap:50"` only trims what is larger and keeps the
    natural order; `"ids:FILE"` takes exactly the images that a file lists.

    Args:
        source: `Source`.
        cut: String: the name of a cut and its values, or the name alone with
            the values as options: `"exponential"` and `imbalance=100`.
        split: String, of several names too. Defaults to `"train"`.
        seed: Non-negative integer. Defaults to 0.
        **options: What else the cut takes, such as `max_count`, images of
            class 0, and `allow_fewer`, of `exponential_cut`.

    Returns:
        `Source` with the split reduced.

    Raises:
        ValueError: The cut is unknown or does not take an option, or a class
            has too few images.

    Example:

    >>> import fgkeras.data
    >>> flowers = fgkeras.data.open("flora:species=3,images=9,size=16")
    >>> cut_source(flowers, "cap:2").counts("train").tolist()
    [2, 1, 1]
    """
    kind, arguments = parse_cut(cut) if ":" in cut else (cut, {})
    function = CUTS.load(kind)
    arguments.update(options)
    try:
        inspect.signature(function).bind(
            source, split=split, seed=seed, **arguments
        )
    except TypeError as error:
        known = [*CUTS[kind].facts["arguments"], *_more(function)]
        raise ValueError(
            f"The cut {kind!r} takes {', '.join(known)}. Received: "
            f"cut={cut!r} with {options} ({error})."
        ) from None
    found = function(source, split=split, seed=seed, **arguments)
    before, after = source.counts(split), found.counts(split)
    emptied = np.flatnonzero((after == 0) & (before > 0))
    if len(emptied):
        text = _emptied(source, emptied, int(before.max()), kind, arguments)
        found.notes = (*source.notes, text)
    return found


def register_cut(name, target, **arguments):
    """Adds a cut, which `data.cut` (`--long-tail`) then takes by its name.

    It lasts as long as the process.

    Args:
        name: String, without `:`.
        target: `"package.module:function"` or the function: it takes a
            `Source`, the arguments, `split` and `seed`, and returns the
            `Source` with that split reduced.
        **arguments: Name and type of each value that follows the name, in
            their order, such as `step=int`. The first must be given.

    Raises:
        ValueError: If the name is taken, or holds a `:`.

    Example:

    >>> register_cut("every:2", "mymodule:every")
    Traceback (most recent call last):
    ...
    ValueError: `name` must hold no `:`. Received: 'every:2'.
    """
    if ":" in name or not name:
        raise ValueError(f"`name` must hold no `:`. Received: {name!r}.")
    CUTS.register(name, target, arguments=arguments)


def _emptied(source, emptied, largest, kind, arguments):
    """Says that a cut left classes without images, and which one would not."""
    names = [source.class_names[i] for i in emptied[:5]]
    more = ", ..." if len(emptied) > 5 else ""
    text = (
        f"The cut {kind} leaves {len(emptied)} of {source.num_classes} classes "
        f"without an image: {', '.join(names)}{more}."
    )
    asked = arguments.get("max_count")
    tail = f":{asked}" if asked else ""
    if kind == "exponential":
        best = largest_imbalance(source.num_classes, asked or largest)
        text += (
            " The largest imbalance that leaves none empty is "
            f"exponential:{best}{tail}."
        )
    elif kind == "pareto":
        alpha = arguments.get("alpha", 6.0)
        text += f" pareto:{alpha:g}:1{tail} keeps an image of each."
    return text


def _more(function):
    """Returns the names of what a cut takes by name alone."""
    return [
        name
        for name, parameter in inspect.signature(function).parameters.items()
        if parameter.kind is parameter.KEYWORD_ONLY
    ]
