"""A fair comparison of metric losses: classes never seen, tuning apart."""

import hashlib
import json
import pathlib

import numpy as np
from scipy import stats

from fgkeras.config import earlier
from fgkeras.ops import principal_components
from fgkeras.report.measures.reality_page import reality_page
from fgkeras.runs.embedding.feature_training import train_on_features
from fgkeras.runs.embedding.metrics import embedding_metrics
from fgkeras.storage import Journal
from fgkeras.storage import write_json

NAMES = ("recall_at_1", "r_precision", "map_at_r", "nmi", "f1")

# What features are made by, and what of it is of trainings all the same.
_OF_FEATURES = ("data.", "model.", "pooling.")
_OF_BATCHES = ("data.batch_size", "data.sampler")


def reality_check(
    features,
    labels,
    test_features,
    test_labels,
    config,
    trials,
    *,
    out,
    folds=4,
    repeats=10,
    data=None,
    lengths=None,
    progress=None,
):
    """Tunes a method by class-disjoint cross-validation, then tests it.

    The protocol of "A Metric Learning Reality Check" on frozen features:

    1. The training classes are cut into `folds` parts. Each trial (a choice
       of options) trains once without each part, keeps its best epoch by the
       MAP@R of that part, and scores the mean over the parts.
    2. The best trial is trained anew, `repeats` times with other seeds, once
       without each part. The test classes are looked at here for the first
       time.
    3. Every repeat gives the mean of its models' scores ("separate") and the
       scores of their embeddings side by side ("concatenated"); reported are
       means over the repeats with 95 % intervals (Student's t). Beside them
       stands what the features give without any training.

    What is done is written at once; the same call goes on where it stopped.

    Args:
        features: Float array of shape `(num_images, channels)`.
        labels: Integer array; classes are cut in the order of their numbers.
        test_features: The same of classes that `labels` has not.
        test_labels: Integer array.
        config: A `Config`: method, epochs, `train.validate_every`.
        trials: List of dicts of dotted names to values set over the config.
        out: Path of the folder to write into.
        folds: Int at least 2. Defaults to `4`.
        repeats: Int at least 2. Defaults to `10`.
        data: JSON-ready value that names the images, such as the one of
            `embedding_features`; the labels count too. Defaults to `None`.
        lengths: As `train_on_features` takes them. Defaults to `None`.
        progress: `None`, or a callable of `(done, total)` trainings.

    Returns:
        Dict of `method`, `best_trial`, `validation` (scores of the trials),
        `separate` and `concatenated`, each a dict of `{"value", "low",
        "high"}`, and `untrained`, the scores of the test `features` as they
        are and of their `components`, the first `dim` of the training
        features; also written to `result.json`, and as a page to
        `report.html`.

    Raises:
        ValueError: If there are too few classes, trials or repeats, or `out`
            holds another comparison; also what `check_trials` refuses.

    Example:

    >>> from fgkeras.config import Config
    >>> config = Config.read(changes={
    ...     "method.name": "contrastive", "method.dim": 2,
    ...     "train.mode": "frozen", "train.epochs": 1, "data.batch_size": 8,
    ... })
    >>> rng = np.random.default_rng(0)
    >>> labels = np.repeat(np.arange(4), 4)
    >>> found = reality_check(
    ...     rng.normal(size=(16, 6)), labels, rng.normal(size=(16, 6)), labels,
    ...     config, [{"train.learning_rate": 0.01}], out="checks/contrastive",
    ...     folds=2, repeats=2,
    ... )
    >>> found["best_trial"], len(found["validation"])
    ({'train.learning_rate': 0.01}, 1)

    Reference:

    - [Musgrave et al., 2020](https://arxiv.org/abs/2003.08505): 4 folds, 50
      trials by Bayesian optimization, 10 repeats.
    """
    labels = np.unique(labels, return_inverse=True)[1]
    classes = int(labels.max()) + 1
    if not 2 <= folds <= classes // 2 or repeats < 2 or not trials:
        raise ValueError(
            "`folds` must be at least 2 with two classes each, `repeats` at "
            f"least 2, and `trials` not empty. Received: folds={folds} of "
            f"{classes} classes, repeats={repeats}, {len(trials)} trials."
        )
    check_trials(config, trials)
    numbers = {
        "folds": folds,
        "repeats": repeats,
        "labels": _digest(labels, test_labels),
        "data": data,
    }
    config = _begun(pathlib.Path(out), config)
    rows = _Rows(pathlib.Path(out), config, trials, numbers)
    part = np.arange(classes) * folds // classes
    total = (len(trials) + repeats) * folds
    done = 0

    def run(fold, options, seed):
        nonlocal done
        chosen = config.with_options({**options, "seed": seed})
        held = part[labels] == fold
        numbers = np.unique(labels[~held], return_inverse=True)[1]
        trained = train_on_features(
            features[~held],
            numbers,
            chosen,
            validation=(features[held], labels[held]),
            lengths=lengths,
        )
        done += 1
        if progress:
            progress(done, total)
        return trained

    for number, options in enumerate(trials):
        for fold in range(folds):
            rows.get(
                f"trial {number} fold {fold}",
                lambda fold=fold, options=options: {
                    "map_at_r": run(fold, options, config.seed).best
                },
            )
    scores = [
        float(
            np.mean(
                [
                    rows.found[f"trial {i} fold {f}"]["map_at_r"]
                    for f in range(folds)
                ]
            )
        )
        for i in range(len(trials))
    ]
    best = trials[int(np.argmax(scores))]
    for repeat in range(repeats):

        def test(repeat=repeat):
            seed = config.seed + 1 + repeat
            found = [
                run(fold, best, seed).embed(test_features)
                for fold in range(folds)
            ]
            alone = [_scores(x, test_labels) for x in found]
            joined = _scores(np.concatenate(found, axis=1), test_labels)
            return {
                "separate": {
                    k: float(np.mean([x[k] for x in alone])) for k in NAMES
                },
                "concatenated": joined,
            }

        rows.get(f"repeat {repeat}", test)
    tested = [rows.found[f"repeat {i}"] for i in range(repeats)]
    dim = config.with_options(best).resolved().method.dim
    dim = min(dim, np.shape(features)[1])

    def untrained():
        mean, axes = principal_components(features, dim, seed=config.seed)
        return {
            "features": _scores(test_features, test_labels),
            "components": _scores((test_features - mean) @ axes, test_labels),
        }

    rows.get("untrained", untrained)
    result = {
        "method": config.method.name,
        "best_trial": best,
        "validation": scores,
        **{
            kind: {k: t_interval([x[kind][k] for x in tested]) for k in NAMES}
            for kind in ("separate", "concatenated")
        },
        "untrained": {"dim": dim, **rows.found["untrained"]},
    }
    out = pathlib.Path(out)
    write_json(out / "result.json", result)
    reality_page(out / "report.html", result, trials, out.name)
    return result


def check_trials(config, trials):
    """Refuses choices that features made once before them do not allow.

    Args:
        config: A `Config`.
        trials: List of dicts of dotted names to values set over the config.

    Raises:
        ValueError: If pairs are told apart by parents, or a trial asks for
            images, a body or levels of its own.

    Example:

    >>> from fgkeras.config import Config
    >>> check_trials(Config(), [{"train.learning_rate": 0.01}])
    """
    for options in ({}, *trials):
        chosen = config.with_options(options)
        relation = chosen.asked.get("method.positives", "class")
        if relation != "class":
            raise ValueError(
                "A reality check is of classes without parents: some are held "
                "back in turn. Received: method.positives="
                f"{relation!r}. Leave it out."
            )
        for name, value in options.items():
            of_images = (
                name.startswith(_OF_FEATURES) and name not in _OF_BATCHES
            )
            if of_images or name == "method.levels":
                raise ValueError(
                    "All trials have the same features, which are made once "
                    f"before them. Received: a trial with {name}={value}. Set "
                    "it for all (--set), and compare others in a check of "
                    "their own."
                )


def t_interval(values, level=0.95):
    """Returns mean and Student's t interval of repeated runs.

    Example:
    >>> {k: round(v, 3) for k, v in t_interval([1.0, 2.0, 3.0]).items()}
    {'value': 2.0, 'low': -0.484, 'high': 4.484}
    """
    values = np.asarray(values, "float64")
    error = values.std(ddof=1) / np.sqrt(len(values))
    half = float(stats.t.ppf(0.5 + level / 2, len(values) - 1) * error)
    mean = float(values.mean())
    return {"value": mean, "low": mean - half, "high": mean + half}


def _scores(embeddings, labels):
    found = embedding_metrics(embeddings, labels, ks=(1,), num_bootstrap=0)
    retrieval, clustering = found["retrieval"], found["clustering"]
    return {
        "recall_at_1": retrieval["recall_at"]["1"]["value"],
        "r_precision": retrieval["r_precision"]["value"],
        "map_at_r": retrieval["map_at_r"]["value"],
        "nmi": clustering["nmi"],
        "f1": clustering["f1"],
    }


def _digest(*arrays):
    """Names arrays of labels by their content."""
    digest = hashlib.sha256()
    for array in arrays:
        array = np.asarray(array, "int64")
        digest.update(f"{array.shape}".encode() + array.tobytes())
    return digest.hexdigest()[:16]


def _begun(folder, config):
    """The config with the defaults that the folder's version had."""
    known = folder / "config.json"
    if not known.exists() or "defaults" in json.loads(known.read_text("utf-8")):
        return config
    # Of the version that did not note them.
    kept = {
        name: value
        for name, value in earlier.DEFAULTS.items()
        if name in config.used() and name not in config.asked
    }
    return config.with_options(kept)


def _defaults(config):
    """What a check rests on though nobody asked for it."""
    whole = config.resolved()
    return {
        name: whole[name] for name in earlier.DEFAULTS if name in whole.used()
    }


class _Rows:
    """Results by name, one line of a file each, kept as they come."""

    def __init__(self, folder, config, trials, numbers):
        wanted = {
            "config": config.asked,
            "defaults": _defaults(config),
            "trials": trials,
            **numbers,
        }
        known = folder / "config.json"
        if known.exists():
            there = json.loads(known.read_text("utf-8"))
            wanted = json.loads(json.dumps(wanted))
            if "defaults" not in there:
                there["config"] = {**wanted["defaults"], **there["config"]}
                wanted["config"] |= wanted.pop("defaults")
            differing = [k for k in wanted if there.get(k) != wanted[k]]
            if differing:
                what = "options"
                if differing == ["labels"] or "data" in differing:
                    what = "images"
                raise ValueError(
                    "A folder continues only its own comparison. Received: "
                    f"out={folder}, begun with other {what}. Choose another."
                )
        elif folder.is_dir() and any(folder.iterdir()):
            raise ValueError(
                "A comparison needs a new or empty folder. Received: "
                f"out={folder}, which holds other files. Choose another."
            )
        folder.mkdir(parents=True, exist_ok=True)
        write_json(known, wanted)
        self.journal = Journal(folder / "rows.jsonl", "a comparison's rows")
        self.found = {r["name"]: r["found"] for r in self.journal.events()}

    def get(self, name, make):
        """Returns the result of a name, made if it is not there yet."""
        if name not in self.found:
            found = make()
            self.journal.append({"name": name, "found": found})
            self.found[name] = found
        return self.found[name]
