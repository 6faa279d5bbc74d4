"""Thins the pool before the first round: relevant, or not (2.2.1)."""

import csv
import hashlib
import io

import numpy as np

from fgkeras.bootstrap.ingest import ingest
from fgkeras.bootstrap.project import Project
from fgkeras.bootstrap.store.rounds import manifest_sha256
from fgkeras.config import Config
from fgkeras.data.open import open as open_source
from fgkeras.data.spec import absolute_spec
from fgkeras.evaluation import wilson_interval
from fgkeras.jobs.bootstrapping.pictures import pictures_of
from fgkeras.jobs.bootstrapping.scores import Scores
from fgkeras.jobs.bootstrapping.scores import answers_sha256
from fgkeras.jobs.bootstrapping.train import check_whole
from fgkeras.jobs.bootstrapping.train import starting_body
from fgkeras.runs.kept.predictions import read_predictions
from fgkeras.runs.predictor import Predictor
from fgkeras.runs.scoring.scores import scores_of
from fgkeras.runs.train import train as train_run
from fgkeras.storage import write_json
from fgkeras.storage import write_text
from fgkeras.training.freed_graphs import freed_graphs
from fgkeras.training.reporter import CONSOLE

RELEVANT, OTHER = "relevant", "other"
_HELD_BACK = 0.2
_LEAST = 5


def filter_pool(
    path,
    negatives,
    *,
    threshold=0.5,
    changes=None,
    skip_bad=False,
    reporter=CONSOLE,
):
    """Leaves out of the pool what is of no class at all.

    The coarse filter of the thesis: a classifier learns the seed's images
    against a small set of others, and what it holds to be relevant with a
    confidence above the threshold stays. A fifth of each kind is held back from
    its training; on them precision and recall are measured. Other negatives
    take the place of those of an earlier call.

    Args:
        path: Path of the project, before its first round.
        negatives: String that opens images of none of the classes, at least
            five.
        threshold: Float in [0, 1). Defaults to `0.5`.
        changes: Dict of dotted option to value, of the training; `None`
            (default) for none.
        skip_bad: Bool, whether pictures of the pool that cannot be read any
            more are left out for good instead of stopping. Defaults to
            `False`.
        reporter: Who is told how far it is. Defaults to `CONSOLE`.

    Returns:
        Dict `negatives` (what opens them), `kept`, `left_out`, `precision` and
        `recall` at the threshold, each with `low` and `high`, on `held_back`
        images, of which `held_back_of` are `"relevant"` and `"other"`.

    Raises:
        ValueError: If the project has not begun, its pool has been cut into
            parts, or the negatives or an option cannot be used.
    """
    if not 0 <= threshold < 1:
        raise ValueError(
            f"`threshold` must be in [0, 1). Received: threshold={threshold}."
        )
    check_whole(Config.read(changes=changes or {}))
    project = Project(path)
    with project.working(), freed_graphs():
        _check_moment(project)
        source = open_source(negatives, needs=("images",))
        split = source.split("*")
        spec = absolute_spec(negatives)
        _forget_others(project.store, spec, split.ids)
        with reporter.bar("looking at negatives") as bar:
            ingest(project.store, source, "negative", split, progress=bar)
        listed = _write_list(project, reporter)
        asked = {
            "method.name": "softmax",
            **starting_body(changes or {}, reporter),
            **(changes or {}),
            "data.source": f"csv:{listed}",
        }
        folder, _ = train_run(
            Config.read(changes=asked), project.path / "runs" / listed.stem,
            reporter=reporter,
        )  # fmt: skip
        predictor = Predictor(folder)
        scores = _scores(project, predictor, reporter)
        scores.left_out(project.store, skip_bad=skip_bad)
        return _thinned(project, predictor, scores, threshold, spec)


def _check_moment(project):
    """Refuses where filtering comes too early, or too late."""
    path = project.path
    if project.store.setting("kind") == "settle":
        raise ValueError(
            f"What is filtered is a pool. Received: {path}, where labels are "
            "settled. Begin a project with fgkeras bootstrap init."
        )
    if not project.store.setting("begun"):
        raise ValueError(
            "A pool is filtered once all of it was looked at. Received: "
            f"{path}, where that was not finished. Type fgkeras bootstrap init "
            f"{path} with the same --data and --pool once more."
        )
    if project.rounds():
        raise ValueError(
            "The pool is filtered before the first round. Received: "
            f"{path}, with {len(project.rounds())}. Begin another project."
        )
    with project.store.reading() as db:
        cut = db.execute(
            "SELECT 1 FROM image WHERE part IS NOT NULL LIMIT 1"
        ).fetchone()
    if cut:
        raise ValueError(
            "The pool is filtered before it is cut into parts. Received: "
            f"{path}, where a call of `score` has cut it: a filter would "
            "change nothing. Go on with fgkeras bootstrap score, or begin "
            "another project."
        )


def _forget_others(store, spec, names):
    """Makes room for these negatives, where there were others."""
    sources = store.setting("sources")
    same = sources.get("negatives") == spec
    with store.writing() as db:
        known = db.execute(
            "SELECT id, name FROM image WHERE origin = 'negative'"
        ).fetchall()
        listed = set(names)
        db.executemany(
            "DELETE FROM image WHERE id = ?",
            [
                (row["id"],)
                for row in known
                if not (same and row["name"] in listed)
            ],
        )
    store.set("sources", {**sources, "negatives": spec})


def _held_back(rows, rng):
    """Ids of a fifth of each kind, at least one."""
    held: set = set()
    for origin, name in (("seed", RELEVANT), ("negative", OTHER)):
        ids = [row["id"] for row in rows if row["origin"] == origin]
        if len(ids) < _LEAST:
            raise ValueError(
                f"A filter learns from at least {_LEAST} images of each kind "
                "that can be used, no two the same, and a fifth is held back "
                f"to measure it. Received: {len(ids)} {name}. Name a source "
                "with more: --negatives."
            )
        count = max(1, round(_HELD_BACK * len(ids)))
        held.update(rng.permutation(ids)[:count].tolist())
    return held


def _write_list(project, reporter):
    """Writes what the filter learns from, a fifth of each kind as a test."""
    pictures = pictures_of(project)
    with project.store.reading() as db:
        rows = db.execute(
            "SELECT id, origin, name, sha256 FROM image "
            "WHERE origin IN ('seed', 'negative') AND state = 'in' ORDER BY id"
        ).fetchall()
    first: dict = {}
    for row in rows:
        first.setdefault(row["sha256"], row)
    rows = list(first.values())
    rng = np.random.default_rng(project.store.setting("seed", 0))
    held = _held_back(rows, rng)
    file = io.StringIO()
    table = csv.writer(file, lineterminator="\n")
    table.writerow(["path", "label", "split"])
    with reporter.bar("keeping pictures") as bar:
        for i, row in enumerate(rows):
            bar(i + 1, len(rows))
            kept = pictures.keep(row)
            table.writerow(
                [
                    f"../images/{kept.parent.name}/{kept.name}",
                    RELEVANT if row["origin"] == "seed" else OTHER,
                    "test" if row["id"] in held else "train",
                ]
            )
    # Named by its content: a run of other images is another run.
    text = file.getvalue()
    digest = hashlib.sha256(text.encode()).hexdigest()
    path = project.path / "filter" / f"filter_{digest[:12]}.csv"
    path.parent.mkdir(exist_ok=True)
    write_text(path, text)
    return path


def _scores(project, predictor, reporter):
    """What the filter says of the pool, also of what it left out before."""
    with project.store.reading() as db:
        rows = db.execute(
            "SELECT id, origin, name, sha256 FROM image WHERE origin = 'pool' "
            "AND state IN ('in', 'filtered') ORDER BY id"
        ).fetchall()
    scores = Scores(
        project.path / "filter", "pool", answers_sha256(predictor), rows,
        predictor.view.batch_size,
    )  # fmt: skip
    with reporter.bar("filtering the pool") as bar:
        scores.make(predictor, pictures_of(project), bar)
    return scores


def _thinned(project, predictor, scores, threshold, spec):
    store = project.store
    relevant = predictor.class_names.index(RELEVANT)
    for part in scores:
        sound = part["reason"] == ""
        chance = np.where(
            part["top"] == relevant, part["score"], part["rival_score"]
        )
        with store.writing() as db:
            db.executemany(
                "UPDATE image SET relevance = ?, state = ?, reason = ? "
                "WHERE id = ?",
                [
                    (
                        float(p), *(
                            ("in", "") if p > threshold
                            else ("filtered", "not relevant")
                        ), int(image),
                    )
                    for p, image in zip(
                        chance[sound], part["image"][sound], strict=True
                    )
                ],
            )  # fmt: skip
    with store.reading() as db:
        counts = dict(
            db.execute(
                "SELECT state, count(*) FROM image WHERE origin = 'pool' "
                "GROUP BY state"
            ).fetchall()
        )
    found = {
        "negatives": spec,
        "threshold": threshold,
        "kept": counts.get("in", 0),
        "left_out": counts.get("filtered", 0),
        **_measured(predictor, threshold),
    }
    found["sha256"] = manifest_sha256(found)
    write_json(project.path / "filter" / "filter.json", found)
    store.set("filter", found)
    return found


def _measured(predictor, threshold):
    """Precision and recall on the images that were held back."""
    found = read_predictions(
        predictor.folder / "predictions.npz", len(predictor.class_names)
    )
    labels = found["labels"]
    scores = scores_of(found["logits"], predictor.activation)
    relevant = predictor.class_names.index(RELEVANT)
    true = labels == relevant
    above = scores[:, relevant] > threshold
    right = int((true & above).sum())
    out = {
        "held_back": len(labels),
        "held_back_of": {
            RELEVANT: int(true.sum()), OTHER: int((~true).sum()),
        },
    }  # fmt: skip
    for name, total in (("precision", above.sum()), ("recall", true.sum())):
        low, high = wilson_interval(right, int(total))
        out[name] = {
            "value": right / int(total) if total else None,
            "low": float(low) if total else None,
            "high": float(high) if total else None,
        }
    return out
