"""The page of a choice of classes: who was taken, with pictures."""

from fgkeras.report.measures.page import Section
from fgkeras.report.measures.page import Table
from fgkeras.report.measures.page import measure_page
from fgkeras.report.number import number
from fgkeras.report.picture import Thumbnails

# Classes of a target with a picture, as in Figure 4.5 of the thesis.
SHOWN = 10
_ROWS = 200
_WORDS = {
    "nearest": "The classes nearest to each target",
    "hardest": "The classes that are hardest to tell apart",
    "easiest": "The classes that are easiest to tell apart",
}
_CARDS = {
    "chosen": ("The chosen classes", "95 % interval over images"),
    "random": ("As many at random", "where 95 % of 50 draws lie"),
    "all": ("All classes", "95 % interval over images; more classes, so it "
            "does not compare"),
}  # fmt: skip


def subset_page(path, found, *, title, read_picture):
    """Writes the page of `fgkeras data subset`.

    Args:
        path: path of the file; an old one is replaced as a whole.
        found: dict that `fgkeras.jobs.subset` returns.
        title: str.
        read_picture: function of a class name that returns a PIL.Image of it,
            or None.

    Returns:
        pathlib.Path of the file.
    """
    pictures = Thumbnails(read_picture)
    classes = found["classes"]
    nearest = found["rule"] == "nearest"
    return measure_page(
        path,
        kind="Choice of classes",
        title=title,
        lead=f"{_WORDS[found['rule']]}: {number(len(classes))} of "
        f"{number(found['of_classes'])} classes, {number(found['images'])} of "
        f"{number(found['of_images'])} images",
        sections=[
            *(
                _of_targets(found, pictures)
                if nearest
                else _of_granularity(found, pictures)
            ),
            _method(found),
        ],
    )


def _of_targets(found, pictures):
    return [
        Section(
            f"target-{i}",
            f"Nearest to {target['title']}",
            gallery=[
                (pictures(row["name"]), row["name"], f"{row['distance']:.3f}")
                for row in target["classes"][:SHOWN]
            ],
            tables=[
                Table(
                    "All that were taken for it",
                    ["Class", "Distance", "Images"],
                    [
                        [
                            row["name"],
                            f"{row['distance']:.3f}",
                            number(row["images"]),
                        ]
                        for row in target["classes"][:_ROWS]
                    ],
                    _more(len(target["classes"]) - _ROWS),
                )
            ],
        )
        for i, target in enumerate(found["targets"], 1)
    ]


def _of_granularity(found, pictures):
    cards = []
    for key, (name, text) in _CARDS.items():
        entry = found["granularity"][key]
        cards.append(
            {
                "name": f"RankM, {name[0].lower()}{name[1:]}",
                "value": f"{entry['value']:.3f}",
                "interval": f"{entry['low']:.3f} to {entry['high']:.3f}",
                "text": text,
            }
        )
    order = found["order"]
    return [
        Section("numbers", "Granularity", cards=cards),
        Section(
            "classes",
            "In the order of choice",
            gallery=[(pictures(n), n, "") for n in order[:_ROWS]],
            lines=[_more(len(order) - _ROWS)] if len(order) > _ROWS else [],
        ),
    ]


def _method(found):
    how = {
        "nearest": (
            "Distance",
            "How far the class mean lies from the class means of the target, "
            "each weighing as its class has images: the earth mover’s "
            "distance of this class alone. The classes of least distance are "
            "taken for each target, and the union is kept.",
        ),
        "hardest": (
            "Hardest",
            "Starts with the pair of classes of highest RankM, and adds the "
            "class of highest RankM against those taken.",
        ),
        "easiest": (
            "Easiest",
            "Starts with the pair of classes of lowest RankM, and adds the "
            "class of lowest RankM against those taken.",
        ),
    }
    return Section(
        "method",
        "Method",
        meanings=[
            how[found["rule"]],
            ("Pictures", "Of each class the image nearest to its mean."),
            (
                "Features",
                f"{found['backbone']} with {found['weights']} at "
                f"{found['size']} px, {number(found['drawn']['images'])} "
                f"images of {found['split']}.",
            ),
            ("Train on them", found["command"]),
        ],
    )


def _more(count):
    return f"{number(count)} more are in the JSON file." if count > 0 else ""
