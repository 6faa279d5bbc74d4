"""The page of how near a set is to others."""

from fgkeras.report.canvas import linear_axis
from fgkeras.report.comparison.dot_chart import dot_chart
from fgkeras.report.measures.page import Section
from fgkeras.report.measures.page import Table
from fgkeras.report.measures.page import measure_page
from fgkeras.report.number import DASH
from fgkeras.report.number import number

_MOST = 60


def similarity_page(path, found):
    """Writes measured similarities as one offline HTML file.

    Args:
        path: path of the file to write; an old one is replaced as a whole.
        found: dict, what `fgkeras.jobs.similarity` returns.

    Returns:
        pathlib.Path of the file.
    """
    scale, targets = found["scale"], found["targets"]
    if scale["reason"]:
        told = f"Near and far are not said: {scale['reason']}."
    else:
        told = (
            "Near 0, far 1: a distance of 0 on this scale is that between "
            f"random halves of one set ({scale['near']:.3f}, the mean of "
            f"{len(scale['halves'])}), 1 is that of the farthest set here, "
            f"{scale['farthest']} ({scale['far']:.3f})."
        )
    sections = [
        Section(
            "distances",
            "Distances",
            figures=[_chart(targets)],
            tables=[
                Table(
                    "Numbers",
                    [
                        "Target",
                        "Classes",
                        "Distance",
                        "Near 0, far 1",
                        "Similarity",
                        "Images",
                        "Size",
                    ],
                    [
                        [
                            row["name"],
                            number(row["classes"]),
                            f"{row['distance']:.3f}",
                            DASH
                            if row["relative"] is None
                            else f"{row['relative']:.2f}",
                            f"{row['similarity']:.4f}",
                            number(row["images"]),
                            DASH
                            if row["size"] is None
                            else f"{row['size']:.2f}",
                        ]
                        for row in targets
                    ],
                )
            ],
            lines=[told],
        ),
        Section(
            "classes",
            "Nearest classes",
            tables=[_nearest(row) for row in targets],
        ),
        Section(
            "method",
            "Method",
            meanings=[
                (
                    "Distance",
                    "Earth mover’s distance between the two sets’ class means, "
                    "each weighing as its class has images: how far the "
                    "features of one must be moved to become the other’s.",
                ),
                (
                    "Similarity",
                    f"exp(-{found['gamma']:g} × distance). Sets that have "
                    "little in common still differ in the third decimal "
                    "only: read the distances.",
                ),
                (
                    "Size",
                    "The logarithm of the number of images against that of "
                    "the largest set here. Accuracy after transfer grows with "
                    "it; distance and similarity leave it out.",
                ),
            ],
        ),
    ]
    return measure_page(
        path,
        kind="Domain similarity",
        title=found["source"],
        lead=f"{number(found['source_classes'])} classes, "
        f"{number(found['source_images'])} images, beside "
        f"{number(len(targets))} other set{'s' * (len(targets) > 1)}",
        sections=sections,
    )


def _chart(targets):
    values = [row["distance"] for row in targets]
    return dot_chart(
        "Distance to each set",
        [
            (
                "Nearest first",
                [
                    (
                        row["name"],
                        {"value": row["distance"], "low": None, "high": None},
                    )
                    for row in targets
                ],
            )
        ],
        linear_axis(0.0, max(values)),
        label="Distance",
        columns=["Of", "Distance"],
        say=lambda entry: (f"{entry['value']:.3f}",),
    )


def _nearest(row):
    shown = row["nearest_classes"][:_MOST]
    more = len(row["nearest_classes"]) - len(shown)
    return Table(
        row["name"],
        ["Class there", "Nearest classes here"],
        [
            [entry["target"], ", ".join(s["name"] for s in entry["sources"])]
            for entry in shown
        ],
        f"{number(more)} more classes are in the JSON (--json)."
        if more
        else "",
    )
