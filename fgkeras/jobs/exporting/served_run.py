"""What a run is exported as, and what its model card says."""

import numpy as np

from fgkeras.config import when
from fgkeras.export.answers import KnownRule
from fgkeras.export.answers import SetRule
from fgkeras.export.card import TEXTS
from fgkeras.export.served import Served
from fgkeras.runs.evaluate import measured
from fgkeras.runs.kept.parity_pictures import kept_pictures
from fgkeras.runs.run_data import RunData
from fgkeras.storage import read_json

_WAY_OUT = f"It holds some of {', '.join(TEXTS)}, each a text."
_METRICS = (
    "split",
    "num_images",
    "num_classes_evaluated",
    "top1",
    "top5",
    "mean_per_class",
    "macro_f1",
    "retrieval",
    "groups",
)
_PER_CLASS = ("name", "n", "accuracy", "low", "high")
_OF_SETS = (
    "coverage",
    "expected",
    "macro_coverage",
    "allowed",
    "size",
    "groups",
)


def served_run(predictor, about=None):
    """Returns all that is served of a run.

    Args:
        predictor: `fgkeras.runs.predictor.Predictor`.
        about: Dict of texts for the card, as `read_about` returns it, or
            `None` (default).

    Returns:
        `fgkeras.export.served.Served`.
    """
    shared = {
        "image_size": predictor.size,
        "resize": predictor.resize,
        "decoder": predictor.view.decoder,
        "pictures": kept_pictures(predictor.folder),
    }
    facts = {**_facts(predictor), **(about or {})}
    if not predictor.class_names:
        return Served(predictor.graph(), (), metadata=facts, **shared)
    trust = predictor.trust
    sets = known = None
    if trust is not None and trust.sets is not None:
        sets = SetRule(
            trust.sets.level,
            trust.sets.score,
            np.asarray(trust.sets.thresholds, "float32"),
        )
    if trust is not None and trust.known is not None:
        known = KnownRule(
            trust.known.kind, float(trust.known.threshold), trust.known.vectors
        )
    return Served(
        predictor.graph(),
        predictor.class_names,
        activation=predictor.activation,
        metadata=facts,
        sets=sets,
        known=known,
        **shared,
    )


def read_about(path):
    """Returns what a person says of a model, from a JSON file.

    Args:
        path: Path of an object of texts: `name`, `purpose`, `limits`,
            `licence` and `contact`.

    Raises:
        ValueError: If it is damaged, or holds something else.
    """
    found = read_json(path, _WAY_OUT)
    wrong = [
        key
        for key, value in found.items()
        if key not in TEXTS or not isinstance(value, str)
    ]
    if wrong:
        raise ValueError(
            f"--about is a JSON file of texts. Received: {path} with "
            f"{', '.join(map(repr, wrong[:5]))}. {_WAY_OUT}"
        )
    return found


def _facts(predictor):
    """What the card says, all of it from the run's own files."""
    config, folder = predictor.config, predictor.folder
    classes = folder.classes()
    metrics = measured(predictor)
    facts = predictor.facts()
    if predictor.adjustment is not None:
        # Not all that was tried.
        chosen = dict(predictor.adjustment.chosen_on or {})
        chosen.pop("tried", None)
        facts["adjustment"]["chosen_on"] = chosen or "typed"
    temperature = facts.pop("temperature", None)
    images = facts.pop("calibration_images", None)
    found = {
        "name": folder.path.absolute().name,
        "data": _data(predictor),
        "training": _training(config),
        "metrics": {k: metrics[k] for k in _METRICS if metrics.get(k)},
        **facts,
    }
    if predictor.box_margin is not None:
        found["box_margin"] = predictor.box_margin
    if not predictor.class_names:
        return found
    found["train_counts"] = classes["train_counts"]
    found["metrics"]["per_class"] = [
        {key: row.get(key) for key in _PER_CLASS}
        for row in metrics.get("per_class", ())
    ]
    if classes.get("hierarchy"):
        found["hierarchy"] = classes["hierarchy"]
    if temperature is not None:
        before = metrics.get("calibration_before") or {}
        after = metrics.get("calibration") or {}
        found["calibration"] = {
            "temperature": temperature,
            "calibration_images": images,
            "error_before": before.get("ece"),
            "error_after": after.get("ece"),
        }
    if predictor.trust is not None:
        found |= _trust(predictor.trust.facts(), metrics)
    return found


def _trust(facts, metrics):
    """What was asked of sets and unknown pictures, and what was measured."""
    for key, names in (("sets", _OF_SETS), ("known", ("test_kept",))):
        there = metrics.get(key)
        if key not in facts or not isinstance(there, dict):
            continue
        if facts[key].items() <= there.items():
            # Of these and no others.
            facts[key] |= {n: there[n] for n in names if n in there}
    return facts


def _data(predictor):
    kept = RunData.read(predictor.folder)
    # Runs of earlier versions do not say what was in their images.
    if kept is None or not kept.recorded:
        return {"source": predictor.config.data.source}
    return {
        "source": kept.sources["source"]["typed"],
        "images": {role: len(part) for role, part in kept.parts.items()},
        "sha256": kept.digest(),
    }


def _training(config):
    """The options that a reader of a card looks for."""
    loss = {"loss": config.loss.name} if when.CLASS_LOSS(config) else {}
    return {
        "method": config.method.name,
        **loss,
        "backbone": config.model.backbone,
        "weights": str(config.model.weights or "none: trained from scratch"),
        "pooling": config.model.pooling,
        "mode": config.train.mode,
        "epochs": config.train.epochs,
        "image size": config.data.size,
        "seed": config.seed,
    }
