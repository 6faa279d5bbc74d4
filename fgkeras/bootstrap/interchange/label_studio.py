"""Votes as tasks of Label Studio, and its exports as votes."""

import itertools
import json
import pathlib
import urllib.parse

from fgkeras.bootstrap.interchange.json_items import json_items
from fgkeras.bootstrap.interchange.label_studio_votes import TASK_FIELDS
from fgkeras.bootstrap.interchange.label_studio_votes import votes_of_task
from fgkeras.bootstrap.interchange.vote import checked_vote
from fgkeras.bootstrap.interchange.vote import in_file
from fgkeras.storage import whole_file

# The labelling interface that fits the tasks, for the project's settings.
LABELLING_INTERFACE = """<View>
  <Header value="Is it $class?"/>
  <Image name="image" value="$image"/>
  <Choices name="verdict" toName="image" choice="single" required="true">
    <Choice value="tp"/>
    <Choice value="fp"/>
    <Choice value="unsure"/>
    <Choice value="skip"/>
    <Choice value="bad"/>
    <Choice value="dup"/>
    <Choice value="undo"/>
  </Choices>
  <TextArea name="instead" toName="image" maxSubmissions="1"/>
</View>
"""


def write_label_studio(path, votes, *, image_prefix="", emails=None):
    """Writes votes as JSON tasks that Label Studio imports.

    A task is an image, a class and a round; votes on it that follow one another
    are its annotations. `data` holds what is known of the image (Label Studio
    shows it in columns), `predictions` the score and the model, and an
    annotation the verdict as a choice, `lead_time` and `created_at`. What
    Label Studio has no place for (the labeller's name, the mode, the time as it
    was written) stands in the `meta` of its first result, so that
    `read_label_studio` gives back the same votes. A skipped vote is cancelled.

    Set up the project with `LABELLING_INTERFACE`. One task is held at a time.

    Args:
        path: Path of the file; an old one is replaced as a whole.
        votes: Iterable of dicts, see `checked_vote`.
        image_prefix: String before each file's name, which makes it an address
            that Label Studio can open, such as
            `"/data/local-files/?d=photos/"`. Defaults to nothing.
        emails: Dict of labellers to the addresses of members of the project;
            annotations of others belong to whoever imports them. Defaults to
            none.

    Returns:
        Int, how many votes there were.

    Raises:
        ValueError: For a vote that is none; there is no file then.

    Example:

    >>> import tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp(), "tasks.json")
    >>> write_label_studio(path, []), list(read_label_studio(path))
    (0, [])
    """
    path, counter = pathlib.Path(path), itertools.count(1)
    checked = (
        checked_vote(vote, f"{path.name}, vote {next(counter)}")
        for vote in votes
    )
    count = 0
    with whole_file(path, "w") as file:
        file.write("[")
        for number, (task, group) in enumerate(
            itertools.groupby(checked, lambda v: [v[n] for n in TASK_FIELDS])
        ):
            known = dict(zip(TASK_FIELDS, task, strict=True))
            annotations = [_annotation(vote, emails or {}) for vote in group]
            count += len(annotations)
            address = image_prefix + urllib.parse.quote(known["file"])
            made = {
                "data": {"image": address, **_data(known)},
                "annotations": annotations,
                "predictions": _predictions(known),
            }
            file.write(",\n" if number else "\n")
            file.write(json.dumps(made, ensure_ascii=False, allow_nan=False))
        file.write("\n]\n")
    return count


def read_label_studio(path, *, verdicts=None, fill=None):
    """Reads the votes of a JSON export of Label Studio.

    Every annotation is a vote: its first choice is the
    verdict, a skipped task `skip`, and the text of `instead` the class that it
    is. Files of `write_label_studio` come back as the votes that they were. Of
    other projects, `file` is the last part of `image`, the labeller the
    address or number in `completed_by`, `dwell_ms` the `lead_time`, score and
    model those of the first prediction if they are such; what the data does not
    say is asked of `fill`.

    All tasks are checked before the first vote is given; then one is held at a
    time.

    Args:
        path: Path of the file, exported as JSON (not JSON-MIN).
        verdicts: Dict of choices to verdicts, where they differ, such as
            `{"True positive": "tp"}`. Defaults to none.
        fill: Callable of a task's `data` that returns a dict of fields of the
            vote that it lacks, such as `image`, `class` and `round`. Defaults
            to none.

    Returns:
        Iterator of dicts, see `checked_vote`.

    Raises:
        ValueError: For a task that is none, with its number in the file.

    Example:

    >>> import tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp(), "export.json")
    >>> _ = path.write_text('[{"data": {"image": "a.jpg"}}, {"id": 2}]')
    >>> read_label_studio(path)
    Traceback (most recent call last):
    ...
    ValueError: export.json, task 2: data must be an object. Received: \
data=None.
    """

    def votes(path):
        for number, task in json_items(path):
            where = f"{path.name}, task {number}"
            yield from votes_of_task(task, where, verdicts or {}, fill)

    return in_file(pathlib.Path(path), votes)


def _data(known):
    """What a task says of its image; the score stands in its prediction."""
    left = ("image", "score", "model")
    own = {name: known[name] for name in TASK_FIELDS if name not in left}
    return {"sha256": known["image"], **own}


def _predictions(known):
    if known["score"] is None and known["model"] is None:
        return []
    return [
        {
            "model_version": known["model"] or "",
            "score": known["score"],
            "result": [_result("verdict", "choices", "choices", "tp")],
        }
    ]


def _annotation(vote, emails):
    first = _result("verdict", "choices", "choices", vote["verdict"])
    first["meta"] = {
        "fgkeras": {
            name: vote[name]
            for name in ("labeller", "time", "dwell_ms", "mode")
        }
    }
    results = [first]
    if vote["instead"] is not None:
        results.append(_result("instead", "textarea", "text", vote["instead"]))
    dwell = vote["dwell_ms"]
    made = {
        "result": results,
        "was_cancelled": vote["verdict"] == "skip",
        "ground_truth": False,
        "created_at": vote["time"],
        "lead_time": None if dwell is None else dwell / 1000,
    }
    if vote["labeller"] in emails:
        made["completed_by"] = {"email": emails[vote["labeller"]]}
    return made


def _result(control, kind, key, value):
    return {
        "id": control,
        "from_name": control,
        "to_name": "image",
        "type": kind,
        "value": {key: [value]},
    }
