"""Public sets of `tensorflow_datasets` as image sources."""

import dataclasses
import urllib.parse

import numpy as np

from fgkeras.data.sources.source import Source
from fgkeras.data.sources.split import Split

# A source reads by id, tfds in order: the encoded images stay in memory.
MAX_GIB = 4.0

_SPLITS = {"validation": "val"}
_LABELS = ("label", "class_id")
_OPTIONS = ("data_dir", "label", "image", "download", "max_gib")


class TfdsSource(Source):
    """Opens a set of `tensorflow_datasets`, its images still encoded.

    Use it for public sets that fit in memory; the files of larger ones are
    opened as `folder:` and converted to records.

    Other class labels of the set (`coarse_label`, `supercategory`) become the
    hierarchy where every class has one value. Those that differ within a
    class, texts and single numbers (`file_name`, `license`) are columns of the
    images. Boxes are taken from `bbox` or `objects/bbox`; several of one image
    give the box around them all. A split whose labels are all -1 (hidden test
    labels) is left out and listed in `refused`.

    Args:
        builder: `tfds.core.DatasetBuilder`, prepared.
        spec: String, as the user typed it.
        label: String, the feature that holds the label. Defaults to `label`,
            else `class_id`, else the only class label there is.
        image: String, the feature that holds the image. Defaults to `image`,
            else the only image there is.
        max_gib: Float above 0, largest size in GiB. Defaults to 4.

    Raises:
        ValueError: if the set has no such features, exceeds `max_gib`, or
            lacks some of a split's labels.

    Reference:
        [TensorFlow Datasets](https://www.tensorflow.org/datasets).
    """

    def __init__(
        self, builder, spec, *, label=None, image=None, max_gib=MAX_GIB
    ):
        import tensorflow_datasets as tfds

        features = builder.info.features
        label = _feature(
            spec, "label", label, features, tfds.features.ClassLabel, _LABELS
        )
        image = _feature(
            spec, "image", image, features, tfds.features.Image, ("image",)
        )
        _check_size(spec, builder.info.dataset_size, max_gib)
        parents = {
            name: feature
            for name, feature in features.items()
            if isinstance(feature, tfds.features.ClassLabel) and name != label
        }
        columns = [
            name
            for name, feature in features.items()
            if getattr(feature, "shape", None) == () and name != label
        ]
        wanted = {name: True for name in [image, label, *columns]}
        wanted.update(_box_features(features))
        decoders = tfds.decode.PartialDecoding(
            wanted, decoders={image: tfds.decode.SkipDecoding()}
        )
        self._data, splits, refused, total = {}, {}, [], 0
        found = {}
        seen = {name: {} for name in parents}
        for name in builder.info.splits:
            dataset = builder.as_dataset(
                split=name,
                shuffle_files=False,
                decoders=decoders,
                read_config=tfds.ReadConfig(interleave_cycle_length=1),
            )
            split = _SPLITS.get(name, name)
            ids, labels, boxes = [], [], []
            values_of = {column: [] for column in columns}
            for row in tfds.as_numpy(dataset):
                image_id = f"{split}/{len(ids):07d}"
                ids.append(image_id)
                labels.append(int(row[label]))
                boxes.append(_box(row))
                for column, values in values_of.items():
                    values.append(row[column])
                self._data[image_id] = row[image]
                total += len(row[image])
                _check_size(spec, total, max_gib)
                for parent, known in seen.items():
                    known.setdefault(labels[-1], set()).add(int(row[parent]))
            if not ids or set(labels) == {-1}:
                refused.append((split, "it has no labels" if ids else "empty"))
                for image_id in ids:
                    del self._data[image_id]
                continue
            if min(labels) < 0:
                raise ValueError(
                    f"Every image needs a label. Received: label={min(labels)} "
                    f"for {ids[labels.index(min(labels))]} of {spec}."
                )
            has_boxes = any(box is not None for box in boxes)
            none = np.full(4, np.nan)
            found[split] = values_of
            splits[split] = Split(
                tuple(ids),
                np.array(labels, dtype="int64"),
                np.array([none if b is None else b for b in boxes], "float32")
                if has_boxes
                else None,
            )
        if not splits:
            raise ValueError(
                f"A source needs a split with labels. Received: {spec} with "
                f"{refused}."
            )
        names = features[label].names
        hierarchy = _hierarchy(parents, seen, len(names))
        for split, part in splits.items():
            more = {
                column: _column(features[column], values)
                for column, values in found[split].items()
                if column not in hierarchy
            }
            splits[split] = dataclasses.replace(part, columns=more)
        super().__init__(spec, names, splits, hierarchy, refused)

    def stamps(self, ids):
        """Returns the size of each image, in bytes."""
        return [str(len(self._data[i])) for i in ids]

    @classmethod
    def from_spec(cls, text, *, skip_bad=False, ignore=()):
        """Opens `NAME[/CONFIG][:VERSION][?OPTION=VALUE&...]`.

        Args:
            text: String: the set as `tfds.load` names it (also
                `NAME:CONFIG/VERSION`), then options: `data_dir=DIR` where
                prepared sets lie, `label=NAME` and `image=NAME` of the
                features, `download=false` to use only what is prepared,
                `max_gib=N`.
            skip_bad: Boolean, no matter here: what cannot be decoded is left
                out when the images are run through.
            ignore: Sequence of globs of what is left out. Defaults to none.

        Returns:
            `TfdsSource`.

        Raises:
            ValueError: if an option or the set is unknown, or the set is not
                prepared and `download=false`.
        """
        import tensorflow_datasets as tfds

        del skip_bad
        name, _, query = text.partition("?")
        spec = f"tfds:{text}"
        options = dict(urllib.parse.parse_qsl(query, keep_blank_values=True))
        unknown = sorted(set(options) - set(_OPTIONS))
        if unknown or options.get("download", "true") not in ("true", "false"):
            raise ValueError(
                f"The options of `tfds:` are {', '.join(_OPTIONS)}, with "
                f"download=true or false. Received: spec={spec!r}."
            )
        max_gib = float(options.get("max_gib", MAX_GIB))
        base, _, version = name.partition(":")
        if "/" in version:
            config, version = version.rsplit("/", 1)
            name = f"{base}/{config}:{version}"
        try:
            builder = tfds.builder(name, data_dir=options.get("data_dir"))
        except tfds.core.registered.DatasetNotFoundError as error:
            raise ValueError(
                "The set must be one of `tfds.list_builders()` or lie in "
                "`data_dir`, in the version that is asked for. Received: "
                f"spec={spec!r}."
            ) from error
        except (ValueError, AssertionError) as error:
            # What tfds says of a version or config that is not there.
            raise ValueError(
                "The set must have the config and the version that are asked "
                f"for. Received: spec={spec!r} ({error}). Leave the version "
                "out for the newest."
            ) from error
        if not builder.data_path.exists():
            _check_size(spec, builder.info.dataset_size, max_gib)
            if options.get("download") == "false":
                raise ValueError(
                    "With download=false the set must be prepared. Received: "
                    f"spec={spec!r}, nothing at {builder.data_path}. Run "
                    f"`tfds build {name}`, or drop the option."
                )
            builder.download_and_prepare()
        source = cls(
            builder,
            spec,
            label=options.get("label"),
            image=options.get("image"),
            max_gib=max_gib,
        )
        return source.without(ignore)

    def read(self, image_id):
        """Returns the encoded bytes of one image. Thread-safe."""
        return self._data[image_id]


def _feature(spec, option, name, features, kind, usual):
    """Returns the name of the feature to use."""
    found = [key for key, value in features.items() if isinstance(value, kind)]
    if name is None:
        choices = [key for key in usual if key in found]
        choices = choices or (found if len(found) == 1 else [])
        name = choices[0] if choices else None
    if name not in found:
        raise ValueError(
            f"`{option}` must name a feature of kind {kind.__name__}, one of "
            f"{found}. Received: {option}={name!r} for {spec}. Say which with "
            f"`?{option}=NAME`."
        )
    return name


def _check_size(spec, size, max_gib):
    """Refuses what does not fit in memory."""
    if size and size > max_gib * (1 << 30):
        raise ValueError(
            "`tfds:` keeps the encoded images in memory, `max_gib` at most. "
            f"Received: max_gib={max_gib:g} for {spec} of "
            f"{size / (1 << 30):.3g} GiB or more. Raise it with "
            "`?max_gib=N`, or lay its files out as CLASS folders, convert "
            "`folder:PATH` to records once, and open `records:PATH`."
        )


def _box_features(features):
    """Returns the features that hold boxes, for partial decoding."""
    if "bbox" in features:
        return {"bbox": True}
    if "objects" in features and "bbox" in _inner(features["objects"]):
        return {"objects": {"bbox": True}}
    return {}


def _inner(feature):
    """Returns the names of the features inside a sequence, or none."""
    inner = getattr(feature, "feature", feature)
    return list(inner) if hasattr(inner, "keys") else []


def _box(row):
    """Returns one box `ymin, xmin, ymax, xmax` of an example, or `None`."""
    box = row["objects"]["bbox"] if "objects" in row else row.get("bbox")
    if box is None or np.size(box) == 0:
        return None
    box = np.reshape(box, (-1, 4))
    return np.concatenate([box[:, :2].min(axis=0), box[:, 2:].max(axis=0)])


def _column(feature, values):
    """Returns what a feature says of each image: numbers, or text."""
    if hasattr(feature, "names"):
        names = [*(feature.names or ()), ""]  # The last is that of -1.
        return np.array([names[int(value)] for value in values], object)
    if values and isinstance(values[0], (bytes, str)):
        return np.array(
            [
                v.decode("utf-8", "replace") if isinstance(v, bytes) else v
                for v in values
            ],
            object,
        )
    return np.array(values)


def _hierarchy(parents, seen, num_classes):
    """Returns the labels that are one per class, as parents."""
    hierarchy = {}
    for name, feature in parents.items():
        values = [seen[name].get(label, {-1}) for label in range(num_classes)]
        values = [min(value) for value in values if len(value) == 1]
        if len(values) == num_classes and min(values) >= 0:
            hierarchy[name] = tuple(feature.names[value] for value in values)
    return hierarchy
