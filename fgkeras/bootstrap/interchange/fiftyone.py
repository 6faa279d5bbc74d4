"""Votes as a dataset of FiftyOne on the disk, and back."""

import datetime
import hashlib
import json
import pathlib

from fgkeras.bootstrap.interchange.fiftyone_schema import dataset_document
from fgkeras.bootstrap.interchange.json_items import json_items
from fgkeras.bootstrap.interchange.vote import VERDICTS
from fgkeras.bootstrap.interchange.vote import VOTE_FIELDS
from fgkeras.bootstrap.interchange.vote import checked_vote
from fgkeras.bootstrap.interchange.vote import in_file
from fgkeras.bootstrap.interchange.vote import shortened
from fgkeras.storage import whole_file
from fgkeras.storage import write_json

# What the votes on one sample have in common; the rest stands in each label.
_SAMPLE = ("image", "file", "source", "licence", "author", "url")
_LABEL = (
    "round", "rival", "labeller", "instead", "time", "dwell_ms", "mode",
    "model",
)  # fmt: skip


def write_fiftyone(folder, votes, *, name="votes"):
    """Writes votes as a dataset that FiftyOne opens.

    A sample is an image, with its provenance as fields; `votes` holds a
    classification for each vote: the predicted class as label, the score as
    confidence, the verdict as tag, and the rest as attributes. Open it with

        fiftyone.Dataset.from_dir(
            FOLDER, dataset_type=fiftyone.types.FiftyOneDataset,
            rel_dir=PHOTOS,
        )

    where `PHOTOS` is the folder that the files' names start from. Votes on one
    image come together: all of them are held, as text of about 300 bytes each.

    Args:
        folder: Path of a folder, made if it is not there; `metadata.json` and
            `samples.json` in it are replaced.
        votes: Iterable of dicts, see `checked_vote`.
        name: String, of the dataset. Defaults to `"votes"`.

    Returns:
        Int, how many votes there were.

    Raises:
        ValueError: For a vote that is none; nothing is written then.

    Example:

    >>> import tempfile
    >>> folder = tempfile.mkdtemp()
    >>> write_fiftyone(folder, []), list(read_fiftyone(folder))
    (0, [])
    """
    folder, groups, count = pathlib.Path(folder), {}, 0
    for vote in votes:
        count += 1
        vote = checked_vote(vote, f"{folder.name}, vote {count}")
        key = tuple(vote[field] for field in _SAMPLE)
        labels = groups.setdefault(key, [])
        labels.append(_encoded(_label(vote, _object_id(*key, len(labels)))))
    folder.mkdir(parents=True, exist_ok=True)
    with whole_file(folder / "samples.json", "w") as file:
        file.write('{"samples": [')
        for number, (key, labels) in enumerate(groups.items()):
            file.write(",\n" if number else "\n")
            file.write(_sample(key, labels))
        file.write("\n]}\n")
    write_json(folder / "metadata.json", dataset_document(name))
    return count


def read_fiftyone(folder, *, field="votes", fill=None):
    """Reads votes of a dataset that FiftyOne exported.

    Every classification of a field is a vote, its tag the verdict. What
    `write_fiftyone` wrote comes back as the votes that it was given, image by
    image; so does what FiftyOne exports of it, with the tags as they are by
    then. Of other datasets `fill` says what they do not hold.

    All samples are checked before the first vote is given; then one is held at
    a time.

    Args:
        folder: Path of the folder with `samples.json`, exported as
            `fiftyone.types.FiftyOneDataset`.
        field: String, the field of classifications, or of one. Defaults to
            `"votes"`.
        fill: Callable of a sample and a label, both dicts, that returns a dict
            of fields of the vote that they lack. Defaults to none.

    Returns:
        Iterator of dicts, see `checked_vote`.

    Raises:
        ValueError: For a sample that holds no votes, with its number.

    Example:

    >>> import tempfile
    >>> folder = pathlib.Path(tempfile.mkdtemp())
    >>> _ = (folder / "samples.json").write_text('{"samples": [{"tags": []}]}')
    >>> read_fiftyone(folder)
    Traceback (most recent call last):
    ...
    ValueError: samples.json, sample 1: filepath must be a name. Received: \
filepath=None.
    """

    def votes(path):
        for number, sample in json_items(path, "samples"):
            where = f"{path.name}, sample {number}"
            yield from _votes(sample, field, fill, where)

    path = pathlib.Path(folder) / "samples.json"
    if not path.is_file():
        raise ValueError(
            "There must be a samples.json, as FiftyOne exports a dataset. "
            f"Received: {folder}. Export it as fiftyone.types.FiftyOneDataset."
        )
    return in_file(path, votes)


def _votes(sample, field, fill, where):
    path = sample.get("filepath")
    if not isinstance(path, str) or not path:
        raise ValueError(
            f"{where}: filepath must be a name. Received: "
            f"filepath={shortened(path)}."
        )
    labels = sample.get(field)
    if labels is None:
        return
    kind = labels.get("_cls") if isinstance(labels, dict) else None
    found = labels.get("classifications") if kind == "Classifications" else None
    found = [labels] if kind == "Classification" else found
    if not isinstance(found, list) or not all(
        isinstance(label, dict) for label in found
    ):
        raise ValueError(
            f"{where}: {field} must be classifications. Received: "
            f"{field}={shortened(labels)}."
        )
    of_sample = dict.fromkeys(("source", "licence", "author", "url"), "")
    of_sample["file"] = path.replace("\\", "/").rpartition("/")[2]
    of_sample |= _known(sample, {n: n for n in _SAMPLE} | {"image": "sha256"})
    for number, label in enumerate(found, 1):
        place = f"{where}, label {number}"
        vote = dict.fromkeys(("rival", "score", "instead", "dwell_ms", "model"))
        vote |= {"mode": "import"} | of_sample
        names = {n: n for n in _LABEL} | {"class": "label"}
        vote |= _known(label, names | {"score": "confidence"})
        tags = label.get("tags") or []
        held = tags if isinstance(tags, list) else []
        verdicts = [tag for tag in VERDICTS if tag in held]
        if len(verdicts) == 1:
            vote["verdict"] = verdicts[0]
        if fill is not None:
            more = fill(sample, label)
            vote |= {n: v for n, v in more.items() if vote.get(n) in (None, "")}
        if "verdict" not in vote:
            raise ValueError(
                f"{place}: one of its tags must be one of "
                f"{', '.join(VERDICTS)}. Received: tags={shortened(tags)}."
            )
        missing = [n for n in VOTE_FIELDS if n not in vote]
        if missing:
            raise ValueError(
                f"{place}: a vote needs {', '.join(missing)}, which it does "
                f"not have. Received: {shortened(label)}. Give them by fill."
            )
        yield checked_vote(vote, place)


def _known(document, names):
    """What a document says, by the names that it has there."""
    found = {name: document.get(there) for name, there in names.items()}
    return {name: value for name, value in found.items() if value is not None}


def _label(vote, label_id):
    return {
        "_id": {"$oid": label_id},
        "_cls": "Classification",
        "tags": [vote["verdict"]],
        "label": vote["class"],
        "confidence": vote["score"],
        "logits": None,
        **{name: vote[name] for name in _LABEL},
    }


def _sample(key, labels):
    """The text of a sample, whose labels are text already."""
    known = dict(zip(_SAMPLE, key, strict=True))
    times = [json.loads(label)["time"] for label in labels]
    sample_id = _object_id(*key)
    head = {
        "_id": {"$oid": sample_id},
        "filepath": known["file"],
        "tags": [],
        "metadata": None,
        "created_at": _date(times[0]),
        "last_modified_at": _date(times[-1]),
        "_media_type": "image",
        "_rand": int(sample_id, 16) / 16**24,
        "sha256": known.pop("image"),
        **known,
    }
    votes = '{"_cls": "Classifications", "classifications": ['
    votes += ", ".join(labels) + '], "logits": null}'
    return f'{_encoded(head)[:-1]}, "votes": {votes}}}'


def _encoded(document):
    return json.dumps(document, ensure_ascii=False, allow_nan=False)


def _object_id(*key):
    """The 24 hexadecimal digits of an id, the same for the same votes."""
    return hashlib.sha256(json.dumps(key).encode()).hexdigest()[:24]


def _date(time):
    try:
        time = datetime.datetime.fromisoformat(time).astimezone(datetime.UTC)
    except OverflowError:
        return None
    text = time.replace(tzinfo=None).isoformat(timespec="milliseconds")
    return {"$date": f"{text}Z"}
