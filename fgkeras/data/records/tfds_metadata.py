"""The files by which `tensorflow_datasets` opens a directory of shards."""

from fgkeras.data.records.manifest import to_json

LABELS = "image.class.label.labels.txt"
BOX_KEYS = tuple(
    f"image/object/bbox/{side}" for side in ("ymin", "xmin", "ymax", "xmax")
)
# Columns of the images, as text.
COLUMN = "image/column/{}"

_FEATURES = "tensorflow_datasets.core.features"
_TEXT = {"pythonClassName": f"{_FEATURES}.text_feature.Text", "text": {}}
_IMAGE = {
    "pythonClassName": f"{_FEATURES}.image_feature.Image",
    "image": {"dtype": "uint8", "shape": {"dimensions": ["-1", "-1", "3"]}},
}
_INTEGER = {
    "pythonClassName": f"{_FEATURES}.scalar.Scalar",
    "tensor": {"dtype": "int64", "encoding": "none", "shape": {}},
}
_FLOATS = {
    "pythonClassName": f"{_FEATURES}.tensor_feature.Tensor",
    "tensor": {
        "dtype": "float32",
        "encoding": "none",
        "shape": {"dimensions": ["-1"]},
    },
}


def tfds_metadata(name, class_names, splits, boxes, columns=()):
    """Returns the files that `builder_from_directory` reads.

    The features' names hold slashes, so a TFDS example has the flat keys of
    the records: `example["image/encoded"]` is the decoded image. With
    `as_supervised=True` an example is `(image, label)`.

    Args:
        name: String, the data set's name.
        class_names: Sequence of strings.
        splits: Dict as in the manifest: name to `shards`.
        boxes: Whether the records have boxes.
        columns: Sequence of strings, keys of further texts. Defaults to none.

    Returns:
        Dict of file name to bytes.

    Reference: TFDS, "External tfrecord"
    (https://www.tensorflow.org/datasets/external_tfrecord).
    """
    features = {
        "image/encoded": _IMAGE,
        "image/format": _TEXT,
        "image/height": _INTEGER,
        "image/width": _INTEGER,
        "image/filename": _TEXT,
        "image/class/text": _TEXT,
        "image/class/label": {
            "pythonClassName": f"{_FEATURES}.class_label_feature.ClassLabel",
            "classLabel": {"numClasses": str(len(class_names))},
        },
    }
    if boxes:
        features.update(dict.fromkeys(BOX_KEYS, _FLOATS))
    features.update(dict.fromkeys(columns, _TEXT))
    info = {
        "name": name,
        "version": "1.0.0",
        "fileFormat": "tfrecord",
        "splits": [
            {
                "name": split_name,
                "filepathTemplate": (
                    "{DATASET}-{SPLIT}.{FILEFORMAT}-{SHARD_X_OF_Y}"
                ),
                "numBytes": str(sum(s["bytes"] for s in split["shards"])),
                "shardLengths": [str(s["records"]) for s in split["shards"]],
            }
            for split_name, split in splits.items()
        ],
        "supervisedKeys": {
            "tuple": {
                "items": [
                    {"featureKey": "image/encoded"},
                    {"featureKey": "image/class/label"},
                ]
            }
        },
    }
    labels = "".join(f"{class_name}\n" for class_name in class_names).encode()
    return {
        "dataset_info.json": to_json(info),
        "features.json": to_json(
            {
                "pythonClassName": f"{_FEATURES}.features_dict.FeaturesDict",
                "featuresDict": {"features": features},
            }
        ),
        LABELS: labels,
        "labels.txt": labels,
    }
