"""The page of how fine-grained a set is."""

from fgkeras.report.granularity_chart import granularity_chart
from fgkeras.report.measures.page import Section
from fgkeras.report.measures.page import Table
from fgkeras.report.measures.page import measure_page
from fgkeras.report.number import number

_MEANINGS = {
    "rankm": "RankM: 1 - 1 / R, mean over the images, scaled to 0..1, where R "
    "counts the classes whose typical image (medoid) is as near as that of the "
    "own class. 0: every image is nearest to its own; 1: to all others.",
    "rank": "Rank: 1 less the average precision with which an image finds the "
    "others of its class, mean over the images.",
    "rsm": "RSM: distance to the typical image (medoid) of the own class over "
    "that to the nearest of another class, mean over the images.",
    "rs": "RS: mean distance to the images of the own class over that to the "
    "images of the nearest other class, mean over the images.",
}


def granularity_page(path, found):
    """Writes a measured granularity as one offline HTML file.

    Args:
        path: path of the file to write; an old one is replaced as a whole.
        found: dict, what `fgkeras.jobs.granularity` returns.

    Returns:
        pathlib.Path of the file.
    """
    drawn, names = found["drawn"], list(found["weights"])
    indices = [i for i in _MEANINGS if i in found["weights"][names[0]]]
    first = indices[0]
    names.sort(key=lambda name: found["weights"][name][first]["value"])
    best = found["weights"][names[0]]
    least, middle, most = drawn["images_of_a_class"]
    compared = found["compared"]
    notes = list(found["notes"])
    if compared["classes"] < compared["of_classes"]:
        notes.append(
            f"Measured over {number(compared['classes'])} of "
            f"{number(compared['of_classes'])} classes: the others have one "
            "image."
        )
    figures = []
    if first == "rankm":
        figures = [
            granularity_chart(
                [
                    {
                        "name": name,
                        "size": found["size"],
                        **found["weights"][name]["rankm"],
                    }
                    for name in names
                ]
            )
        ]
    sections = [
        Section(
            "numbers",
            "Granularity",
            figures=figures,
            tables=[
                _numbers("Numbers", indices, names, found["weights"]),
                _drawn_again(found, indices, names),
            ],
            lines=[
                f"{number(least)} to {number(most)} images a class, median "
                f"{middle:g}. Brackets: 95 % bootstrap over the images.",
                "Sets with other numbers of classes, or of few images a class, "
                "do not compare: measure both on the same number of classes, "
                "drawn again and again (--classes-drawn).",
            ],
        ),
        Section(
            "hardest",
            "Hardest to tell apart",
            tables=[
                Table(
                    "Pairs of classes",
                    ["Classes", "Nearer to the other"],
                    [
                        [" / ".join(pair["classes"]), _share(pair["rankm"])]
                        for pair in best["hardest_pairs"]
                    ],
                    "Share of both classes' images that are nearer to the "
                    f"typical image of the other, with {names[0]}.",
                ),
                Table(
                    "Classes",
                    ["Class", "RankM", "Nearest other"],
                    [
                        [row["class"], f"{row['rankm']:.3f}", row["rival"]]
                        for row in best["hardest_classes"]
                    ],
                ),
            ],
        ),
        Section(
            "method",
            "Method",
            meanings=[
                _MEANINGS[index].partition(": ")[::2] for index in indices
            ]
            + [
                (
                    "Features",
                    f"{found['backbone']} at {found['size']} px, before its "
                    f"last layer; distances: {found['metric']}; labels: "
                    f"{found['labels']}.",
                )
            ],
        ),
    ]
    return measure_page(
        path,
        kind="Granularity",
        title=found["source"],
        lead=f"{number(drawn['images'])} of {number(drawn['of_images'])} "
        f"images of {drawn['split']}, {number(drawn['classes'])} of "
        f"{number(drawn['of_classes'])} classes",
        sections=sections,
        notes=notes,
    )


def _numbers(title, indices, names, weights, note=""):
    columns = ["Pre-training", *(_short(index) for index in indices)]
    rows = [
        [name, *(_interval(weights[name][index]) for index in indices)]
        for name in names
    ]
    return Table(title, columns, rows, note)


def _drawn_again(found, indices, names):
    again = found["drawn_again"]
    if not again:
        return Table("", [], [])
    of_each = again["images_of_a_class"] or "All"
    return _numbers(
        f"Of {number(again['classes'])} classes, drawn {again['draws']} times",
        indices,
        names,
        {name: found["weights"][name]["drawn_again"] for name in names},
        f"{of_each} images of each class; mean, and in brackets where 95 % of "
        "the draws lie.",
    )


def _short(index):
    return _MEANINGS[index].partition(":")[0]


def _interval(entry):
    return f"{entry['value']:.3f} ({entry['low']:.3f} to {entry['high']:.3f})"


def _share(value):
    return f"{100 * value:.1f} %"
