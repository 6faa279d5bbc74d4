"""One page for all measures: words, cards, figures and tables by section."""

import dataclasses

from fgkeras.report.page import render_page
from fgkeras.report.page import write_page


@dataclasses.dataclass(frozen=True)
class Table:
    """A table with a heading above and a sentence below.

    Attributes:
        title: str.
        columns: list of str.
        rows: list of lists of str, the first names the row.
        note: str, may be empty.
    """

    title: str
    columns: list
    rows: list
    note: str = ""


@dataclasses.dataclass(frozen=True)
class Rows:
    """Rows of pictures, each beside what it is compared with.

    Attributes:
        title: str.
        rows: list of dicts, as `fgkeras.report.retrieval_panels.panel_rows`
            has them.
        first: str, what the first picture of a row is.
        others: str, what the others are.
        note: str, below the title; may be empty.
    """

    title: str
    rows: list
    first: str
    others: str
    note: str = ""


@dataclasses.dataclass(frozen=True)
class Section:
    """A part of a page that its contents line names.

    Attributes:
        key: str, the anchor.
        title: str.
        cards: list of dicts of `name, value, interval, text`.
        figures: list of `Figure`.
        gallery: list of tuples `(picture, name, text)`, pictures side by side:
            a `Picture` or None, and two str below, the second may be empty.
        rows: list of `Rows`; those without any are left out.
        tables: list of `Table`; those without rows are left out.
        lines: list of str, below all.
        meanings: list of pairs of a term and what it means.
    """

    key: str
    title: str
    cards: list = dataclasses.field(default_factory=list)
    figures: list = dataclasses.field(default_factory=list)
    gallery: list = dataclasses.field(default_factory=list)
    rows: list = dataclasses.field(default_factory=list)
    tables: list = dataclasses.field(default_factory=list)
    lines: list = dataclasses.field(default_factory=list)
    meanings: list = dataclasses.field(default_factory=list)


def measure_page(path, *, kind, title, lead, sections, notes=()):
    """Writes a measure as one offline HTML file.

    Args:
        path: path of the file to write; an old one is replaced as a whole.
        kind: str, what was measured.
        title: str, of what.
        lead: str, the sentence below the title.
        sections: list of `Section`.
        notes: sequence of str, shown first.

    Returns:
        pathlib.Path of the file.
    """
    data = render_page(
        "measure.html",
        kind=kind,
        title=str(title),
        lead=lead,
        notes=[str(note) for note in notes],
        sections=sections,
    )
    return write_page(path, data)
