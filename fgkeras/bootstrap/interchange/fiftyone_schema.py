"""What FiftyOne has to know of a dataset of votes before it reads one."""

# Of the documents below; FiftyOne brings those of earlier versions up to date.
VERSION = "1.0.0"
_FIELDS = "fiftyone.core.fields."
_LABELS = "fiftyone.core.labels."


def dataset_document(name):
    """Returns the description of a dataset of votes, `metadata.json`.

    Args:
        name: String.

    Returns:
        JSON-ready dict.

    Example:

    >>> found = dataset_document("birds")
    >>> found["media_type"], [f["name"] for f in found["sample_fields"]][:3]
    ('image', ['id', 'filepath', 'tags'])

    Source:
        FiftyOne 1.22.1, whose `DatasetDocument` reads it.
    """
    texts = ("sha256", "file", "source", "licence", "author", "url")
    return {
        "name": name,
        "version": VERSION,
        "created_at": None,
        "last_loaded_at": None,
        "sample_collection_name": "samples.votes",
        "persistent": False,
        "media_type": "image",
        "group_media_types": {},
        "tags": [],
        "info": {},
        "app_config": {},
        "classes": {},
        "default_classes": [],
        "mask_targets": {},
        "default_mask_targets": {},
        "skeletons": {},
        "sample_fields": [
            _field("id", "ObjectIdField", db_field="_id"),
            _field("filepath", "StringField"),
            _field("tags", "ListField", subfield="StringField"),
            _field(
                "metadata",
                "EmbeddedDocumentField",
                document="fiftyone.core.metadata.ImageMetadata",
                fields=[
                    _field("size_bytes", "IntField"),
                    _field("mime_type", "StringField"),
                    _field("width", "IntField"),
                    _field("height", "IntField"),
                    _field("num_channels", "IntField"),
                ],
            ),
            _field("created_at", "DateTimeField", read_only=True),
            _field("last_modified_at", "DateTimeField", read_only=True),
            *(_field(text, "StringField") for text in texts),
            _votes(),
        ],
        "frame_fields": [],
        "saved_views": [],
        "workspaces": [],
        "annotation_runs": {},
        "brain_methods": {},
        "evaluations": {},
        "runs": {},
    }


def _votes():
    texts = ("rival", "labeller", "instead", "time", "mode", "model")
    label = [
        _field("id", "ObjectIdField", db_field="_id"),
        _field("tags", "ListField", subfield="StringField"),
        _field("label", "StringField"),
        _field("confidence", "FloatField"),
        _field("logits", "VectorField"),
        _field("round", "IntField"),
        _field("dwell_ms", "IntField"),
        *(_field(text, "StringField") for text in texts),
    ]
    return _field(
        "votes",
        "EmbeddedDocumentField",
        document=_LABELS + "Classifications",
        fields=[
            _field(
                "classifications",
                "ListField",
                subfield="EmbeddedDocumentField",
                document=_LABELS + "Classification",
                fields=label,
            ),
            _field("logits", "VectorField"),
        ],
    )


def _field(
    name, kind, *, subfield=None, document=None, fields=(), db_field=None,
    read_only=False,
):  # fmt: skip
    return {
        "name": name,
        "ftype": _FIELDS + kind,
        "embedded_doc_type": document,
        "subfield": subfield and _FIELDS + subfield,
        "fields": list(fields),
        "db_field": db_field or name,
        "description": None,
        "info": None,
        "read_only": read_only,
        "created_at": None,
    }
