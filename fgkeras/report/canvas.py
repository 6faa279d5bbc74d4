"""An SVG chart's frame: axes, ticks and marks, styled by the page's CSS.

Nothing here writes a `style` attribute, since the page's content security
policy forbids them; colours come from classes and follow light and dark mode.
"""

import dataclasses
import math

from markupsafe import Markup


@dataclasses.dataclass(frozen=True)
class Figure:
    """A drawing with the words and the table that say the same.

    Attributes:
        title: str, shown above.
        svg: Markup, a whole `<svg>` element.
        alt: str, what the picture shows, for those who cannot see it.
        columns: list of str, heads of the data table.
        rows: list of lists of str or numbers, the data table.
        note: str, shown below; may be empty.
        legend: list of `(names of CSS classes, text)`; may be empty.
    """

    title: str
    svg: Markup
    alt: str
    columns: list
    rows: list
    note: str = ""
    legend: list = dataclasses.field(default_factory=list)


@dataclasses.dataclass(frozen=True)
class Axis:
    """Maps values to pixels, linear or logarithmic.

    Attributes:
        low: float, value at the axis' start (> 0 where `log`).
        high: float, value at its end, above `low`.
        ticks: list of `(value, text)`.
        log: bool.
    """

    low: float
    high: float
    ticks: list
    log: bool = False

    def fraction(self, value):
        """Position of a value, 0 at the start and 1 at the end.

        >>> Axis(1, 100, [], log=True).fraction(10)
        0.5
        """
        if self.log:
            return math.log(value / self.low) / math.log(self.high / self.low)
        return (value - self.low) / (self.high - self.low)


def linear_axis(low, high, num_ticks=5):
    """An axis from `low` to `high`, widened to round ticks.

    Args:
        low: float.
        high: float >= low.
        num_ticks: int, about how many.

    Example:

    >>> [text for _, text in linear_axis(0.13, 2.2).ticks]
    ['0', '0.5', '1', '1.5', '2', '2.5']
    """
    if high <= low:
        pad = abs(low) * 0.5 or 0.5
        low, high = low - pad, high + pad
    rough = (high - low) / num_ticks
    power = 10.0 ** math.floor(math.log10(rough))
    step = power * min((1, 2, 5, 10), key=lambda m: abs(m * power - rough))
    first, last = math.floor(low / step), math.ceil(high / step)
    ticks = [(k * step, f"{k * step:.6g}") for k in range(first, last + 1)]
    return Axis(first * step, last * step, ticks)


def log_axis(low, high):
    """A logarithmic axis that holds `low` and `high`, both above 0.

    Example:

    >>> [text for _, text in log_axis(3, 150).ticks]
    ['2', '5', '10', '20', '50', '100', '200']
    """
    start, stop = math.floor(math.log10(low)), math.ceil(math.log10(high))
    marks = (1,) if stop - start > 4 else (1, 2, 5)
    stop = max(stop, start + 1)
    values = [m * 10.0**k for k in range(start, stop) for m in marks]
    values.append(10.0**stop)
    first = max([v for v in values if v <= low * (1 + 1e-9)], default=low)
    last = min(v for v in values if v > first and v >= high * (1 - 1e-9))
    ticks = [(v, f"{v:.6g}") for v in values if first <= v <= last]
    return Axis(first, last, ticks, log=True)


def percent_axis():
    """An axis for shares, 0 to 1, with ticks in percent."""
    return Axis(0, 1, [(k / 5, f"{20 * k} %") for k in range(6)])


class Canvas:
    """Collects the elements of one chart.

    Args:
        width: int, units of the drawing, pixels at full size.
        height: int.
        x: `Axis`, left to right.
        y: `Axis`, bottom to top, or None for rows without a scale.
        x_label: str.
        y_label: str.
        left: int, room for the labels of `y`.
        right: int, room beside the drawing.
    """

    def __init__(
        self, width, height, x, y, x_label, y_label="", left=58, right=26
    ):
        self.width, self.height = width, height
        self.left, self.right, self.top = left, right, 24
        self.bottom = 46
        self.x_axis, self.y_axis = x, y
        self.parts = []
        base = height - self.bottom
        for value, text in x.ticks:
            position = self.x(value)
            self.line(position, self.top, position, base, "grid")
            self.text(position, base + 17, text, "tick middle")
        middle = (self.left + width - self.right) / 2
        self.text(middle, height - 8, x_label, "label middle")
        for value, text in y.ticks if y else ():
            position = self.y(value)
            self.line(self.left, position, width - self.right, position, "grid")
            self.text(self.left - 7, position + 4, text, "tick end")
        if y_label:
            self.text(4, 14, y_label, "label")

    def x(self, value):
        """Pixel column of a value."""
        room = self.width - self.left - self.right
        return self.left + room * self.x_axis.fraction(value)

    def y(self, value):
        """Pixel row of a value."""
        room = self.height - self.top - self.bottom
        return self.top + room * (1 - self.y_axis.fraction(value))

    def line(self, x1, y1, x2, y2, kind):
        """Adds a straight line of CSS class `kind`."""
        self.add(
            '<line class="{}" x1="{}" y1="{}" x2="{}" y2="{}"/>',
            kind, x1, y1, x2, y2,
        )  # fmt: skip

    def text(self, x, y, text, kind):
        """Adds text with its baseline at `(x, y)`."""
        self.add('<text class="{}" x="{}" y="{}">{}</text>', kind, x, y, text)

    def rect(self, x, y, width, height, kind, title="", opacity=None):
        """Adds a rectangle, with a tooltip if there is a title."""
        self.add(
            '<rect class="{}" x="{}" y="{}" width="{}" height="{}"{}>{}</rect>',
            kind, x, y, max(width, 0.0), max(height, 0.0),
            _opacity(opacity), _title(title),
        )  # fmt: skip

    def circle(self, x, y, radius, kind, title=""):
        """Adds a dot, with a tooltip if there is a title."""
        self.add(
            '<circle class="{}" cx="{}" cy="{}" r="{}">{}</circle>',
            kind, x, y, radius, _title(title),
        )  # fmt: skip

    def path(self, points, kind):
        """Adds an open line through `(x, y)` pixels."""
        steps = " ".join(f"{_short(x)},{_short(y)}" for x, y in points)
        self.add('<polyline class="{}" points="{}"/>', kind, steps)

    def add(self, template, *values):
        """Adds an element; the values are shortened and escaped."""
        values = [_short(v) if isinstance(v, float) else v for v in values]
        self.parts.append(Markup(template).format(*values))

    def svg(self, alt):
        """The whole picture as Markup."""
        return Markup(
            '<svg viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>'
        ).format(self.width, self.height, alt, Markup("").join(self.parts))


def _short(value):
    return f"{value:.1f}".removesuffix(".0")


def _title(text):
    return Markup("<title>{}</title>").format(text) if text else ""


def _opacity(value):
    if value is None:
        return ""
    return Markup(' fill-opacity="{}"').format(f"{value:.2f}")
