"""The page of how fine-grained a set is."""

from fgkeras.report.granularity_chart import granularity_chart
from fgkeras.report.measures.page import Rows
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


def granularity_page(path, found, pictures=None):
    """Writes a measured granularity as one offline HTML file.

    Args:
        path: path of the file to write; an old one is replaced as a whole.
        found: dict, what `fgkeras.jobs.granularity` returns.
        pictures: function of an image's id that returns a `Picture` or None;
            None (default) for a page without samples.

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
        *(
            [_samples(best["samples"], names[0], found, pictures)]
            if pictures
            else []
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


def _samples(samples, name, found, pictures):
    """Images at both ends of RankM, beside the medoids that it counts."""
    of = found["compared"]["of_classes"]
    titles = {
        "hardest": "Samples whose own medoid comes last",
        "easiest": "Samples whose own medoid comes first",
    }
    notes = {
        "hardest": "RankM is the mean over the images of 1 - 1 / R, where R is "
        "the place of the medoid (the typical image) of an image’s own class "
        f"among those of all classes, nearest first, with {name}. Left a "
        "sample, then its own medoid and the nearest other one. Of each class "
        "there is at most one sample, drawn by lot among equals; medoids "
        "themselves are left out. After figure 6.3 of the thesis, whose "
        "samples are read here as the two ends of R.",
        "easiest": "",
    }
    rows = [
        Rows(
            title,
            [
                {
                    "name": row["class"],
                    "picture": pictures(row["image"]),
                    "note": row["image"],
                    "found": [
                        _medoid(
                            row["class"], pictures(row["medoid"]), True,
                            f"own medoid, place {number(row['rank'])} of "
                            f"{number(of)}",
                        ),
                        _medoid(
                            row["rival"], pictures(row["rival_medoid"]), False,
                            "nearest other medoid, place "
                            f"{1 if row['rank'] > 1 else 2}",
                        ),
                    ],
                }
                for row in samples[end]
            ],
            "Sample",
            "Medoid",
            notes[end],
        )
        for end, title in titles.items()
    ]  # fmt: skip
    return Section(
        "samples",
        "Samples",
        rows=rows,
    )


def _medoid(name, picture, right, text):
    return {"name": name, "picture": picture, "right": right, "score": text}


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
