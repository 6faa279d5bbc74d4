"""Colours of classes: enough of them, and seen on light and dark ground."""

import importlib.resources
import re

import numpy as np

from fgkeras.report.embedding.class_colors import NUM_COLORS
from fgkeras.report.embedding.class_colors import class_colors

STYLE = (
    importlib.resources.files("fgkeras.report") / "templates/style.css"
).read_text("utf-8")


def light_of(color):
    """Relative luminance as WCAG 2 defines it."""
    values = np.array([int(color[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    linear = np.where(
        values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4
    )
    return float(linear @ [0.2126, 0.7152, 0.0722])


def contrast(one, other):
    low, high = sorted((light_of(one), light_of(other)))
    return (high + 0.05) / (low + 0.05)


def test_every_colour_is_seen_on_both_grounds():
    found = dict(re.findall(r"\.(k\d+) { --c: (#[0-9a-f]{6}); }", STYLE))
    assert sorted(found) == sorted(f"k{i}" for i in range(NUM_COLORS))
    assert len(set(found.values())) == NUM_COLORS
    grounds = set(re.findall(r"--ground: (#[0-9a-f]{6})", STYLE))
    assert len(grounds) == 2
    for color in found.values():
        for ground in grounds:
            # What WCAG asks of graphics.
            assert contrast(color, ground) >= 3


def test_the_commonest_classes_have_a_colour_and_the_others_none():
    sizes = {label: 40 - label for label in range(23)}
    labels = [label for label, n in sizes.items() for _ in range(n)]
    np.random.default_rng(0).shuffle(labels)
    names = [f"class {i}" for i in range(30)]
    colors, legend = class_colors(labels, names)
    assert set(colors) == set(range(23))
    kinds = [colors[label] for label in range(20)]
    assert len(set(kinds)) == 20
    assert kinds[0] == "k0"
    assert kinds[10] == "k0 dashed"
    assert [colors[label] for label in (20, 21, 22)] == ["k"] * 3
    assert legend[:20] == list(zip(kinds, names[:20], strict=True))
    assert legend[20:] == [("k", "3 other classes")]
    assert class_colors(labels[::-1], names)[0] == colors
    assert class_colors([0] * 2 + [*range(21)], names)[1][-1] == (
        "k",
        "1 other class",
    )
