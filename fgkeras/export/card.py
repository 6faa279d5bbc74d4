"""What a model card says: for whom, of what data, how good, where it ends."""

import datetime
import os

from fgkeras.export.preprocessing import box_note

# What a person may say of a model, and the card's word for it.
TEXTS = ("name", "purpose", "limits", "licence", "contact")
_NAMED = {"description": "purpose"}
# What is known of a model by its name; all else is shown as it is.
_KNOWN = (
    *TEXTS,
    *_NAMED,
    "data",
    "train_counts",
    "metrics",
    "calibration",
    "sets",
    "known",
    "training",
    "views",
    "adjustment",
    "hierarchy",
    "licences",
    "box_margin",
)
_FEW = 10


def card_facts(info, metadata, class_names=()):
    """Returns what stands in `model_card.json`, from what was measured.

    Nothing is made up: what was not given is `None`, and the card says so.

    Args:
        info: Dict, what `model-metadata.json` says of the exported model.
        metadata: Dict, JSON values. The texts `name`, `purpose`
            (`description`), `limits`, `licence` and `contact`; `data`, dict of
            `source`, `images` (role to a number) and `sha256`; `metrics`, as
            `fgkeras.evaluation.classification_report` has them; `calibration`,
            `sets` and `known`; `training`, dict of options; `licences`, list of
            texts that the images have; `train_counts`; `box_margin`, see
            `fgkeras.export.preprocessing.box_note`. What else there is stands
            under `more`.
        class_names: Sequence of strings, in label order; empty (default) for
            an embedder.

    Returns:
        Dict ready for JSON.

    Example:

    >>> card = card_facts({"input": {"size": 96}}, {"name": "Birds"}, ["tit"])
    >>> card["name"], card["classes"]["count"], card["metrics"]
    ('Birds', 1, None)
    """
    said = {_NAMED.get(key, key): value for key, value in metadata.items()}
    names = [str(name) for name in class_names]
    counts = said.get("train_counts")
    kind = "image classifier" if names else "image embedder"
    licences = [*said.get("licences", ())]
    return {
        "name": said.get("name") or kind.capitalize(),
        "kind": kind,
        "date": _today(),
        "purpose": said.get("purpose"),
        "contact": said.get("contact"),
        "licence": said.get("licence"),
        "classes": {
            "count": len(names),
            "names": names,
            "train_images": None if counts is None else list(counts),
        },
        "data": said.get("data"),
        "data_licences": licences or None,
        "metrics": said.get("metrics") or None,
        "calibration": said.get("calibration"),
        "prediction_sets": said.get("sets"),
        "unknown_pictures": said.get("known"),
        "limits": _limits(said, names),
        "training": said.get("training"),
        "answers": {
            "views": said.get("views"),
            "adjustment": said.get("adjustment"),
        },
        "model": info,
        "more": {k: v for k, v in said.items() if k not in _KNOWN} or None,
    }


def _today():
    """The date, or that which builds are told to have."""
    fixed = os.environ.get("SOURCE_DATE_EPOCH")
    moment = datetime.datetime.now(datetime.UTC)
    if fixed and fixed.isdigit():
        moment = datetime.datetime.fromtimestamp(int(fixed), datetime.UTC)
    return moment.strftime("%Y-%m-%d")


def _limits(said, names):
    """Sentences: what was said, and what the numbers do not cover."""
    found = [said["limits"]] if said.get("limits") else []
    if said.get("box_margin") is not None:
        found.append(box_note(said["box_margin"]))
    if names:
        found.append(_of_unknown(said.get("known"), len(names)))
    metrics, data = said.get("metrics") or {}, said.get("data")
    if metrics.get("num_images"):
        source = data.get("source") if isinstance(data, dict) else data
        where = f" of {source}" if source else ""
        found.append(
            f"Measured on {metrics['num_images']:,} images{where}. Other "
            "cameras, places and times were not tried."
        )
    else:
        found.append("Nothing was measured of it as it is exported.")
    few = [
        row["name"]
        for row in metrics.get("per_class") or ()
        if row.get("n", 0) < _FEW
    ]
    if few:
        shown = ", ".join(few[:5]) + (", ..." if len(few) > 5 else "")
        found.append(
            f"{len(few)} of {len(names)} classes have fewer than {_FEW} test "
            f"images, which say little of them ({shown})."
        )
    if names and not said.get("calibration"):
        found.append(
            "Its scores were not calibrated: they rank the classes, and are "
            "no probabilities."
        )
    sets = said.get("sets")
    if sets:
        found.append(_of_sets(sets))
    return found


def _of_sets(sets):
    share = f"the class of {100 * sets['level']:g} % of pictures"
    average = "on average over all of them, not over those of each class"
    if not sets.get("guaranteed"):
        return (
            f"Its prediction sets are made to hold {share}, {average}; that "
            "was measured and is not guaranteed, since the calibration images "
            "had scores of other heads than the one that answers."
            + _of_coverage(sets)
        )
    return (
        f"Its prediction sets hold {share} that are drawn as the calibration "
        f"images were, {average}: elsewhere they may hold fewer."
        + _of_coverage(sets)
    )


def _of_coverage(sets):
    """What to say where the test images were not as the others."""
    expected, coverage = sets.get("expected"), sets.get("coverage")
    if not expected or not coverage or expected.get("inside", True):
        return ""
    return (
        f" On the test images it was {100 * coverage['value']:.1f} %, where "
        f"{100 * expected['low']:.1f} to {100 * expected['high']:.1f} % were "
        "to be expected: they are not as the calibration images."
    )


def _of_unknown(known, count):
    start = f"It has {count} classes"
    if known:
        return (
            f"{start}, and says with known = false that a picture is unlike "
            f"the training's. {100 * known['keep']:g} % of images of its "
            "classes were to pass; what passes is not thereby of its classes."
        )
    return (
        f"{start} and names one for any picture, also for one that shows "
        "none of them."
    )
