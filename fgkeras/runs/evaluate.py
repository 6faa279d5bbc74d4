"""Evaluates a run: numbers, predictions and the report."""

import pathlib
import re

from fgkeras.runs.chosen_images import chosen_images
from fgkeras.runs.evaluation_sources import reading
from fgkeras.runs.folder import RunFolder
from fgkeras.runs.kept.metrics import read_metrics
from fgkeras.runs.old_run import RESULTS
from fgkeras.runs.old_run import is_evaluation
from fgkeras.runs.old_run import is_run
from fgkeras.runs.predictor import Predictor
from fgkeras.runs.scoring.adjustment import asked_adjustment
from fgkeras.runs.scoring.adjustment import keep_adjustment
from fgkeras.runs.scoring.asked_trust import keep_asked
from fgkeras.runs.scoring.asked_trust import no_calibration
from fgkeras.runs.scoring.asked_trust import read_asked
from fgkeras.runs.tasks import task_of
from fgkeras.training.reporter import CONSOLE


def evaluate(
    run,
    data=None,
    split=None,
    *,
    out=None,
    reporter=CONSOLE,
    skip_bad=False,
    ignore=(),
    adjust=None,
    sets=None,
    known=None,
    views=None,
    groups=None,
    sample_sheet=None,
    comparison=None,
):
    """Evaluates a finished run on its own images or on others.

    Its own are those that it recorded, however the source has grown since. On
    all others, images that it was trained on are left out and counted. The
    results stand beside those of the training, which stay as they were.

    Args:
        run: Path of the run folder.
        data: Source spec such as `"folder:photos"`; `None` means the run's
            own. A classifier's class names must be among the run's, in any
            order; a run of chosen classes (`data.classes`), tested on them,
            leaves images of others out and says how many.
        split: Split of that source; `None` means the run's test split, or
            the only one there is.
        out: Path for the results, a new or empty folder or one of an earlier
            evaluation; `None` means a folder in `RUN/evaluations` that is
            named after the data.
        reporter: Who is told how far it is. Defaults to `CONSOLE`.
        skip_bad: Bool, whether other images that cannot be used are left out,
            and listed in the metrics; also where the training did so. Defaults
            to `False`.
        ignore: Sequence of globs of what is passed over, beside those of the
            training. Defaults to none.
        adjust: What is done to a classifier's logits from now on, also by
            predict and export: `"logit:TAU"`, `"tau-norm:TAU"`, `"auto"`,
            which chooses by the run's validation images, or `"none"`. `None`
            (default) leaves it as it is.
        sets: Prediction sets from now on, also of predict and export: a level
            such as `"0.9"`, with `":plain"` or `":prevalence"` for the score,
            or `"none"`. They need calibration images. `None` (default) leaves
            them as they are: of 0.9, where there are such images.
        known: How unknown pictures are told from now on: `"nearest"`,
            `"energy"`, `"auto"` or `"none"`. `None` (default) leaves it.
        views: String, one of `fgkeras.registries.VIEWS`, what the answers are
            the mean over this time; `None` (default) means the run's.
        groups: Limits of the groups of classes in training images, such as
            `"100"`, this time; `None` (default) means the run's.
        sample_sheet: `PIL.Image` for the report, or `None`.
        comparison: Rows of a table for the report, or `None`.

    Returns:
        Tuple `(metrics, path)`: a JSON-ready dict, and where it was written.

    Raises:
        ValueError: If the run's own images are missing or changed, the source
            has classes that the run has not, `out` holds something else, or
            the run cannot be adjusted or looked at so.

    Example:

    >>> from fgkeras.config import Config
    >>> from fgkeras.jobs import train
    >>> config = Config.read(changes={
    ...     "data.source": "flora:species=3,images=8,test=2,size=32",
    ...     "data.size": 32, "model.backbone": "small_cnn",
    ...     "train.mode": "frozen", "train.epochs": 1,
    ... })
    >>> _ = train(config, "runs/flowers")
    >>> metrics, path = evaluate("runs/flowers", views="mirror")
    >>> metrics["num_images"], path.parent.name
    (6, 'evaluations')
    """
    folder = RunFolder.open(run)
    config = reading(folder.config(), skip_bad, ignore, groups)
    predictor = Predictor(folder, views=views)
    if adjust is not None:
        asked = asked_adjustment(predictor, adjust)
        predictor = predictor.adjusted_by(asked)
    trusts = sets is not None or known is not None
    if trusts:
        predictor = _asked_for(predictor, sets, known)
    chosen = chosen_images(folder, config, data, split, reporter)
    others = "" if groups is None else f"groups {groups}"
    target = place_of(folder, chosen, out, f"{predictor.changes} {others}")
    own, earlier = chosen.role == "test", {}
    facts = folder.training_facts() if own else {}
    if own and predictor.changes and folder.finished:
        earlier["as trained"] = folder.metrics()
    metrics = task_of(config).evaluate(
        predictor,
        config,
        chosen,
        target,
        history=folder.history() if own else [],
        extra={**facts, "own_test_images": own},
        sample_sheet=sample_sheet,
        comparison=comparison,
        earlier=earlier,
    )
    if adjust is not None:
        # Kept once it was measured: what fails leaves the run as it was.
        keep_adjustment(folder, predictor.adjustment)
    if trusts:
        keep_asked(folder, predictor.asked)
    return metrics, target


def _asked_for(predictor, sets, known):
    """The predictor with other sets, or knowing unknown pictures so."""
    asked = read_asked(sets, known, predictor.asked)
    predictor = predictor.asked_for(asked)
    trust = predictor.trust_as_asked()
    if trust is None:
        typed = {"--sets": sets, "--known": known}
        text = " ".join(f"{k} {v}" for k, v in typed.items() if v is not None)
        views = predictor.views if predictor.has_calibration else "center"
        raise ValueError(no_calibration(text, predictor.folder.path, views))
    # What was typed is there, or refused for too few images.
    if sets is not None:
        _ = trust.sets
    if known is not None:
        _ = trust.known
    return predictor


def place_of(folder, chosen, out, changes=""):
    """Makes and returns the folder of an evaluation's results.

    Args:
        folder: The `RunFolder`.
        chosen: `ChosenImages`.
        out: Path, or `None` for a folder of the run, of a name that no other
            images have.
        changes: String, in what the answers are not those of the training, for
            the name. Defaults to nothing.

    Raises:
        ValueError: If `out` holds something else than an evaluation.
    """
    if out is None:
        names = [_plain(chosen.title)[-40:].strip("_")]
        names += [_plain(changes)] if _plain(changes) else []
        name = "-".join([*names, chosen.digest])
        target = folder / "evaluations" / name
    else:
        target = pathlib.Path(out)
        check_place(target)
    target.mkdir(parents=True, exist_ok=True)
    return target


def _plain(text):
    return re.sub(r"[^A-Za-z0-9.]+", "_", text).strip("_")


def check_place(path):
    """Checks that the results of an evaluation may go into a folder.

    Args:
        path: `pathlib.Path`.

    Raises:
        ValueError: If it is a file, or holds something else of these names.
    """
    there = [n for n in RESULTS if (path / n).exists()]
    links = [n for n in RESULTS if (path / n).is_symlink()]
    if path.exists() and not path.is_dir():
        found = "which is a file"
    elif links:
        found = f"whose {links[0]} is a link"
    elif is_run(path):
        found = "which is a run"
    elif there and not is_evaluation(path):
        found = f"whose {there[0]} is something else"
    else:
        return
    raise ValueError(
        "An evaluation goes into a new or empty folder, or replaces an "
        f"evaluation. Received: out={path}, {found}. Choose another folder "
        "(--out)."
    )


def measured(predictor):
    """Returns the metrics of a run's own test images, answered as it does now.

    Args:
        predictor: `Predictor`.

    Returns:
        Dict; empty where nothing was measured with these views and this
        adjustment.
    """
    folder = predictor.folder
    if not predictor.changes:
        return folder.metrics() if folder.finished else {}
    best, most = {}, -1
    asked = predictor.trust.facts() if predictor.trust else {}
    for path in sorted((folder / "evaluations").glob("*/metrics.json")):
        found = read_metrics(path)
        alike = predictor.facts().items() <= found.items()
        if not alike or not found.get("own_test_images"):
            continue
        # Of several the one with these sets, told from unknowns so.
        same = sum(
            isinstance(found.get(key), dict)
            and facts.items() <= found[key].items()
            for key, facts in asked.items()
        )
        if same > most:
            best, most = found, same
    return best
