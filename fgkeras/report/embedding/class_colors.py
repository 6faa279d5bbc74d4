"""Colours that tell classes apart, as names of CSS classes."""

import collections

# So many are in the page's style, as `.k0`; each once plain, once dashed.
NUM_COLORS = 10
OTHER = "k"


def class_colors(labels, class_names):
    """Gives the commonest classes a colour each, and the others none.

    Ten colours that are seen on light and dark ground, first plain and then
    dashed, are for twenty classes: more colours are not told apart.

    Args:
        labels: sequence of int, of the images that are shown.
        class_names: sequence of str, by label.

    Returns:
        Tuple of a dict of label to the names of CSS classes, and of the legend:
        list of `(names of CSS classes, text)`, the commonest class first.

    Example:

    >>> colors, legend = class_colors([1, 1, 0], ["elm", "oak"])
    >>> colors, legend
    ({1: 'k0', 0: 'k1'}, [('k0', 'oak'), ('k1', 'elm')])
    """
    counts = collections.Counter(int(label) for label in labels)
    order = sorted(counts, key=lambda label: (-counts[label], label))
    shown = order[: 2 * NUM_COLORS]
    colors, legend = dict.fromkeys(order, OTHER), []
    for place, label in enumerate(shown):
        dashed = " dashed" if place >= NUM_COLORS else ""
        colors[label] = f"k{place % NUM_COLORS}{dashed}"
        legend.append((colors[label], str(class_names[label])))
    left = len(order) - len(shown)
    if left:
        other = "1 other class" if left == 1 else f"{left:,} other classes"
        legend.append((OTHER, other))
    return colors, legend
