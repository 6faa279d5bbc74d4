"""The report of a project as one HTML file."""

from fgkeras.bootstrap.report.class_section import class_section
from fgkeras.bootstrap.report.class_section import class_table_rows
from fgkeras.bootstrap.report.people_section import people_section
from fgkeras.bootstrap.report.round_sections import growth_section
from fgkeras.bootstrap.report.round_sections import run_section
from fgkeras.bootstrap.report.threshold_section import filter_section
from fgkeras.bootstrap.report.threshold_section import threshold_section
from fgkeras.bootstrap.report.work_hours import PAUSE_SECONDS
from fgkeras.report.measures.page import Section
from fgkeras.report.number import DASH
from fgkeras.report.number import interval
from fgkeras.report.number import number
from fgkeras.report.number import percent
from fgkeras.report.page import render_page
from fgkeras.report.page import write_page
from fgkeras.report.picture import Thumbnails


def report_page(path, found, *, title, read_picture):
    """Writes the report of a project as one offline HTML file.

    The same numbers and pictures give the same bytes.

    Args:
        path: Path of the file; an old one is replaced as a whole.
        found: Dict of `report_numbers`.
        title: String, the project's name.
        read_picture: Callable of an image's id that returns a `PIL.Image`, or
            `None` where it cannot be read.

    Returns:
        `pathlib.Path` of the file.

    Example:

    >>> import pathlib, tempfile
    >>> from fgkeras.bootstrap.project import Project
    >>> from fgkeras.bootstrap.report import report_numbers
    >>> folder = pathlib.Path(tempfile.mkdtemp())
    >>> found = report_numbers(Project.create(folder / "p"))
    >>> report_page(
    ...     folder / "report.html", found, title="p", read_picture=None).name
    'report.html'
    """
    pictures = Thumbnails(read_picture)
    negatives = found["negatives"]
    sections = [
        Section("overview", "Overview", cards=_cards(found)),
        growth_section(found),
        class_section(found),
        people_section(found),
        threshold_section(found),
        run_section(found),
        Section(
            "negatives",
            "Hard negatives",
            lines=[
                "Framed in dashes the candidate, beside it examples of the "
                "class that it is not. It may be of any other class: it is a "
                "negative of this one alone."
            ],
        )
        if negatives["random"]
        else None,
        filter_section(found),
        Section("method", "Method", meanings=_meanings()),
    ]
    data = render_page(
        "bootstrap.html",
        title=str(title),
        lead=_lead(found),
        notes=_notes(found),
        sections=[section for section in sections if section],
        classes=class_table_rows(found),
        by=negatives["by"],
        **{
            key: [_negative(row, pictures) for row in negatives[key]]
            for key in ("random", "nearest")
        },
    )
    return write_page(path, data)


def _negative(row, pictures):
    words = [f"round {row['round']}"]
    if row["score"] is not None:
        words.append(f"score {row['score']:.2f}")
    if row["cosine"] is not None:
        words.append(f"cosine {row['cosine']:.2f}")
    return {
        "picture": pictures(row["image"]),
        "class": row["class"],
        "instead": row["instead"],
        "words": ", ".join(words),
        "exemplars": [pictures(image) for image in row["exemplars"]],
    }


def _lead(found):
    pool = sum(found["images"].get("pool", {}).values())
    return (
        f"{number(len(found['classes']))} classes, "
        f"{number(pool)} candidates in the pool, "
        f"{number(len(found['rounds']))} of {found['planned'] or DASH} rounds"
    )


def _cards(found):
    first, last = found["growth"][0], found["growth"][-1]
    cut = found["cuts"][-1] if found["cuts"] else None
    runs = [run for run in found["runs"] if run["top1"]]
    cards = [
        {
            "name": "Accepted (S)",
            "value": number(last["accepted"]),
            "interval": "",
            "text": f"{number(first['accepted'])} of them the seed",
        },
        {
            "name": "Hard negatives (H)",
            "value": number(last["rejected"]),
            "interval": "",
            "text": "each against one class",
        },
        {
            "name": "Decisions",
            "value": number(found["work"]["decisions"]),
            "interval": "",
            "text": f"in {found['work']['hours']:.1f} hours of work",
        },
    ]
    if cut:
        cards += [
            {
                "name": name,
                "value": percent(cut[key]["value"]),
                "interval": interval(cut[key]),
                "text": text,
            }
            for name, key, text in (
                ("Precision", "precision", "of what is above the threshold"),
                ("Recall", "recall", "of right ones that are above it"),
            )
        ]
    if runs:
        cards.append(
            {
                "name": "Accuracy",
                "value": percent(runs[-1]["top1"]["value"]),
                "interval": interval(runs[-1]["top1"]),
                "text": f"of the last model, on {number(runs[-1]['images'])} "
                "test images",
            }
        )
    return cards


def _notes(found):
    notes = []
    undecided = sum(
        row["undecided"] + row["audit"]["undecided"] for row in found["rounds"]
    )
    if undecided:
        notes.append(
            f"{number(undecided)} candidates are open or disputed: they are in "
            "no set, and the numbers below go by the others."
        )
    for person in found["labellers"]:
        if person["paused"]:
            notes.append(f"{person['name']} is paused: {person['paused']}")
    return notes


def _meanings():
    return [
        ("S", "The images that are of their class: the seed, what people "
              "called right, and what they named instead."),
        ("H", "Hard negatives: what the model took for a class and people "
              "rejected, each against that class alone."),
        ("Intervals", "95 %: Wilson’s of shares, a percentile bootstrap over "
                      "the candidates of kappa."),
        ("Precision", "Right ones among the decided ones above the threshold. "
                      "Unsure, skipped, bad pictures and copies count for "
                      "neither."),
        ("Recall", "Right ones above the threshold among all right ones of the "
                   "pool, those below estimated from the audit slice "
                   "(Horvitz-Thompson), a random part that people looked at "
                   "too."),
        ("Hours", "Gaps between answers of up to "
                  f"{PAUSE_SECONDS / 60:.0f} minutes, and how long the first "
                  "of each session was looked at. A longer gap ends a "
                  "session. What was imported took no time here."),
        ("Gold", "Pictures of the seed whose answer is known, hidden among the "
                 "candidates; they are in none of the other numbers but "
                 "those of how much and how fast."),
        ("Kappa", "Cohen’s: agreement of two people on what both saw, less "
                  "that of chance; the mean over pairs by what they share. 1 "
                  "is full agreement, 0 chance."),
    ]  # fmt: skip
