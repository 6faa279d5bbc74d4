"""Test images without those that were trained on."""

WAY = (
    "Choose another split or other classes to test on (--test-split, "
    "--test-classes)."
)


def without_images(source, split, trained, way=WAY):
    """Returns the source whose split has none of the images trained on.

    Args:
        source: `Source`.
        split: String, the split tested on.
        trained: Ids of the images trained on.
        way: String, what to do where no image is left.

    Raises:
        ValueError: If no image is left.

    Example:

    >>> from fgkeras.data.sources.source import Source, Split
    >>> whole = Split(("a", "b"), np.array([0, 1]))
    >>> source = Source("x", "yz", {"*": whole})
    >>> without_images(source, "*", ["a"]).split("*").ids
    ('b',)
    """
    trained = set(trained)
    part = source.split(split)
    kept = [i for i, name in enumerate(part.ids) if name not in trained]
    if not kept and len(part):
        raise ValueError(
            "Images that were trained on say nothing about others. Received: "
            f"the split {split!r} of {source.spec}, whose {len(part)} images "
            f"are all trained on. {way}"
        )
    return source if len(kept) == len(part) else source.select(split, kept)
