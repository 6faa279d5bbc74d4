"""What a run was trained and tested on, kept to know it again."""

import hashlib
import json

import numpy as np

from fgkeras.data.sources.split import joined_splits
from fgkeras.data.spec import absolute_spec
from fgkeras.runs.kept.files import AGAIN
from fgkeras.runs.kept.files import PARENTS
from fgkeras.runs.kept.files import are_parents
from fgkeras.runs.kept.files import damaged
from fgkeras.runs.kept.files import is_names
from fgkeras.runs.kept.files import read_object
from fgkeras.runs.kept.part import Part
from fgkeras.runs.kept.part import are_places
from fgkeras.runs.kept.part import part_in
from fgkeras.runs.kept.part import part_of
from fgkeras.storage import write_text
from fgkeras.training.saved_arrays import load_arrays

FILE = "data.json"
FORMAT = 1
NOT_COMPARED = (
    "The run keeps no data.json, as of an earlier version: its images are "
    "known by their ids; their contents, and the classes of those trained on, "
    "were not compared."
)


class RunData:
    """The data of one run: sources, class names and images by role.

    | key of `data.json` | what |
    | --- | --- |
    | `sources` | by role, the spec as `typed` and its `absolute` form |
    | `class_names` | classes trained on, in label order |
    | `test_class_names` | classes tested on, in label order |
    | `images` | by role (`train`, `val`, `calibration`, `test`, `rejected`, \
`copies`, not tested on since they are copies of training images): `split`, \
`ids`, `classes` (places in `names`), `stamps`, `sha256` (its first 16 \
digits), and `boxes` where pictures are cropped to them |
    | `others` | ids of images of these sources that have no role |
    | `parents` | of an embedding that is trained by parents, by column: that \
of each class of `class_names` |
    | `sha256` | of all of this but `sources` |

    Args:
        sources: Dict of role (`source`, `test_source`, `rejected`) to a dict
            of `typed` and `absolute`.
        class_names: Sequence of strings.
        test_class_names: Sequence of strings.
        parts: Dict of role to `Part`.
        others: Sequence of strings. Defaults to none.
        recorded: Bool, whether a `data.json` says so, with contents. Defaults
            to `True`.
        parents: Dict of column to the parents of `class_names` that are
            trained by. Defaults to none; runs of earlier versions have none.
    """

    def __init__(
        self,
        sources,
        class_names,
        test_class_names,
        parts,
        others=(),
        recorded=True,
        parents=None,
    ):
        self.recorded = recorded
        self.sources = sources
        self.class_names = tuple(class_names)
        self.test_class_names = tuple(test_class_names)
        self.parts = parts
        self.others = tuple(others)
        self.parents = {k: tuple(v) for k, v in (parents or {}).items()}

    @classmethod
    def of(
        cls, config, train, test=None, rejected=None, held=None, parents=None
    ):
        """Describes opened sources; no image is read.

        Args:
            config: A `Config`.
            train: `Source` with `data.train_split`.
            test: `Source` with `data.test_split`; `None` means `train`.
            rejected: `Source` of rejected images, or `None`.
            held: Dict of role to a split of `train` that is not trained on.
            parents: As the class has it.
        """
        test = train if test is None else test
        data = config.data
        specs = {"source": data.source}
        if test is not train and data.test_source:
            specs["test_source"] = data.test_source
        boxes = data.crop_to_box
        parts = {
            "train": part_of(train, data.train_split, boxes=boxes),
            "test": part_of(test, data.test_split, boxes=boxes),
        }
        for role, split in (held or {}).items():
            if split is not None:
                parts[role] = part_of(train, split, boxes=boxes)
        if rejected is not None:
            specs["rejected"] = config.method.rejected
            split = next(iter(rejected.splits))
            parts["rejected"] = part_of(rejected, split, boxes=boxes)
        taken = {i for part in parts.values() for i in part.ids}
        return cls(
            {
                role: {"typed": str(spec), "absolute": absolute_spec(spec)}
                for role, spec in specs.items()
            },
            train.class_names,
            test.class_names,
            parts,
            dict.fromkeys(
                i for i in (*train.listed, *test.listed) if i not in taken
            ),
            parents=parents,
        )

    def with_hashes(self, sha256):
        """Returns the same, with the SHA-256 of images that were read.

        Args:
            sha256: Dict of role to a dict of id to digest.
        """
        parts = {
            role: part.with_hashes(sha256.get(role))
            for role, part in self.parts.items()
        }
        return self._with(parts)

    def without_copies(self, copies):
        """Returns the data with some of the test images as `copies`.

        Args:
            copies: Container of ids; empty leaves the data alone.
        """
        if not copies:
            return self
        test = self.parts["test"]
        places = {True: [], False: []}
        for place, image_id in enumerate(test.ids):
            places[image_id in copies].append(place)
        parts = {
            **self.parts,
            "test": test.take(places[False]),
            "copies": test.take(places[True]),
        }
        return self._with(parts)

    def _with(self, parts):
        return RunData(
            self.sources,
            self.class_names,
            self.test_class_names,
            parts,
            self.others,
            parents=self.parents,
        )

    @property
    def num_hashes(self):
        """How many images have their SHA-256 noted."""
        return sum(
            x is not None for p in self.parts.values() for x in p.sha256 or ()
        )

    def digest(self):
        """Returns a string that names classes, images and contents."""
        value = [
            [
                role,
                sorted(
                    zip(
                        part.ids,
                        part.classes,
                        part.sha256 or part.stamps or part.ids,
                        *([part.boxes] if part.boxes else ()),
                        strict=True,
                    )
                ),
            ]
            for role, part in self.parts.items()
        ]
        text = json.dumps([self.class_names, self.test_class_names, value])
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def write(self, folder):
        """Writes `data.json` of a run folder."""
        names = sorted({c for p in self.parts.values() for c in p.classes})
        number = {name: i for i, name in enumerate(names)}
        value = {
            "format": FORMAT,
            "sources": self.sources,
            "class_names": list(self.class_names),
            "test_class_names": list(self.test_class_names),
            "names": names,
            "images": {
                role: {
                    "split": part.split,
                    "ids": list(part.ids),
                    "classes": [number[name] for name in part.classes],
                    "stamps": part.stamps,
                    "sha256": part.sha256,
                    **({"boxes": part.boxes} if part.boxes else {}),
                }
                for role, part in self.parts.items()
            },
            "others": list(self.others),
        }
        if self.parents:
            value["parents"] = {k: list(v) for k, v in self.parents.items()}
        value["sha256"] = _sum(value)
        write_text(folder / FILE, json.dumps(value, ensure_ascii=False) + "\n")

    @classmethod
    def read(cls, folder):
        """Returns what the folder of a run says of its data, or `None`.

        Folders of earlier versions have no `data.json`: the classes come from
        `classes.json` then, training images from `training_ids.txt` and test
        images from the predictions, all without their contents.

        Raises:
            ValueError: If `data.json` is damaged.
        """
        path = folder / FILE
        if not path.exists():
            return _of_earlier_version(folder)
        value = read_object(path)
        try:
            for key in ("names", "class_names", "test_class_names", "others"):
                if not is_names(value[key]):
                    raise ValueError(f"{key!r} must be texts")
            if value["format"] != FORMAT:
                raise ValueError(
                    f"its format is {value['format']!r}, not {FORMAT}: it may "
                    "be of a later version of fgkeras"
                )
            if "source" not in value["sources"]:
                raise ValueError("it names no source")
            for role, spec in value["sources"].items():
                if not isinstance(spec["typed"], str) or not isinstance(
                    spec["absolute"], str | None
                ):
                    raise ValueError(f"the source {role!r} must be text")
            parts = {
                role: part_in(part, value["names"])
                for role, part in value["images"].items()
            }
            parents = value.get("parents", {})
            if not are_parents(parents, len(value["class_names"])):
                raise ValueError(PARENTS.format("parents"))
            lost = {"train", "test"} - set(parts)
            if lost:
                raise ValueError(f"it has no images to {min(lost)}")
            # Folders of the first ones of this version have none.
            if value.get("sha256", _sum(value)) != _sum(value):
                raise ValueError("it was changed since it was written")
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise damaged(path, error) from error
        return cls(
            value["sources"],
            value["class_names"],
            value["test_class_names"],
            parts,
            value["others"],
            parents=parents,
        )


def _sum(value):
    """SHA-256 of what `data.json` holds, but for where the sources lie."""
    apart = ("sources", "sha256")
    held = {k: v for k, v in value.items() if k not in apart}
    text = json.dumps(held, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def as_recorded(source, part, class_names):
    """Returns a source that holds the images of a part, as they were.

    Classes are known by name, images by id; both get the order they had, so
    that a training goes on, or is evaluated, as it began.

    Args:
        source: `Source` whose splits hold all ids of the part.
        part: `Part`.
        class_names: Sequence of strings, the classes in label order.

    Returns:
        `Source` with the split `part.split` alone.
    """
    number = {name: i for i, name in enumerate(class_names)}
    wanted = set(part.ids)
    # Those alone that have some of them: others may lack boxes.
    there = joined_splits(
        [s for s in source.splits.values() if not wanted.isdisjoint(s.ids)]
    )
    place = {image_id: i for i, image_id in enumerate(there.ids)}
    there = there.take([place[i] for i in part.ids])
    classes = part.classes
    if classes is None:
        classes = [source.class_names[label] for label in there.labels]
    labels = np.array([number.get(c, -1) for c in classes], "int64")
    twin = source.with_splits({part.split: there.with_labels(labels)})
    twin.hierarchy = _reordered(source, class_names)
    twin.class_names = tuple(class_names)
    return twin


def _reordered(source, class_names):
    """The label hierarchy for another order of the same classes, or fewer."""
    place = {name: i for i, name in enumerate(source.class_names)}
    if not all(name in place for name in class_names):
        return {}
    return {
        column: tuple(values[place[name]] for name in class_names)
        for column, values in source.hierarchy.items()
    }


def _of_earlier_version(folder):
    """What a folder without `data.json` says of its data, or `None`."""
    if not (folder / "classes.json").exists():
        return None
    classes = folder.classes()
    names = classes["class_names"]
    tested = classes.get("test_class_names", names)
    data = folder.config().data
    parts = {}
    listed = folder / "training_ids.txt"
    if listed.exists():
        ids = [i for i in listed.read_text("utf-8").split("\n") if i]
        parts["train"] = Part(data.train_split, tuple(ids))
    for file, of in (("embeddings.npz", tested), ("predictions.npz", names)):
        if (folder / file).exists() and "test" not in parts:
            saved = load_arrays(folder / file, AGAIN, ["ids", "labels"])
            labels = saved["labels"]
            if not are_places(labels, len(saved["ids"]), len(of)):
                raise damaged(folder / file, "a label has no class")
            parts["test"] = Part(
                data.test_split,
                tuple(str(i) for i in saved["ids"]),
                tuple(of[label] for label in labels),
            )
    specs = {"source": data.source}
    if data.test_source:
        specs["test_source"] = data.test_source
    return RunData(
        {role: {"typed": s, "absolute": None} for role, s in specs.items()},
        names,
        tested,
        {role: part.without_doubles() for role, part in parts.items()},
        recorded=False,
    )
