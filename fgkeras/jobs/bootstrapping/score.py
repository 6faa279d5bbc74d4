"""Scores the next part of the pool and opens a round for people."""

import dataclasses
import hashlib

import numpy as np

import fgkeras
from fgkeras.bootstrap.page.ahead import tiles_ahead
from fgkeras.bootstrap.page.pictures import Pictures
from fgkeras.bootstrap.project import Project
from fgkeras.bootstrap.store import Answer
from fgkeras.bootstrap.store import Labellers
from fgkeras.bootstrap.store import open_round
from fgkeras.bootstrap.store import partition
from fgkeras.bootstrap.store.answers import adopt
from fgkeras.bootstrap.store.rounds import check_round_options
from fgkeras.jobs.bootstrapping.candidates import asked_candidates
from fgkeras.jobs.bootstrapping.candidates import gold_candidates
from fgkeras.jobs.bootstrapping.candidates import ranked
from fgkeras.jobs.bootstrapping.exemplars import exemplars_and_gold
from fgkeras.jobs.bootstrapping.exemplars import rival_classes
from fgkeras.jobs.bootstrapping.forecast import forecast
from fgkeras.jobs.bootstrapping.next_step import last_trained
from fgkeras.jobs.bootstrapping.next_step import next_step
from fgkeras.jobs.bootstrapping.next_step import refuse_before
from fgkeras.jobs.bootstrapping.offers import Strategy
from fgkeras.jobs.bootstrapping.offers import offers
from fgkeras.jobs.bootstrapping.pictures import pictures_of
from fgkeras.jobs.bootstrapping.scores import Scores
from fgkeras.jobs.bootstrapping.scores import answers_sha256
from fgkeras.jobs.bootstrapping.scores import body_of
from fgkeras.jobs.bootstrapping.scores import weights_sha256
from fgkeras.jobs.bootstrapping.vector_copies import mark_vector_copies
from fgkeras.runs.predictor import Predictor
from fgkeras.storage import write_json
from fgkeras.training.freed_graphs import freed_graphs
from fgkeras.training.reporter import CONSOLE

ACCEPTED_BY = "the upper threshold"
# Cosine of the body's vectors from which pictures are copies: right eight times
# of nine (`experiments/bootstrapping/copies.py`).
COPIES = 0.92


def score(
    path,
    *,
    strategy=None,
    overlap=1,
    gold=0.05,
    skip="others",
    copies=COPIES,
    skip_bad=False,
    reporter=CONSOLE,
):
    """Scores part C_i of the pool and opens round i.

    D_i are the images of the part whose top score is above the threshold; a
    random share of the others is asked about too, so that what the threshold
    leaves behind is known. A call that was killed goes on; once a round is open
    it stays as it is, and is described again.

    Args:
        path: Path of the project.
        strategy: `Strategy`; `None` (default) is the threshold at 0.5.
        overlap: Int at least 1, how many people are asked about each. Defaults
            to `1`.
        gold: Float in [0, 0.5], the share of pictures with a known answer
            among what is handed out. Defaults to `0.05`.
        skip: String, what becomes of what somebody skips: `"others"` (default)
            are asked, `"me"`: the same person at the end, or `"drop"`.
        copies: Float in [0, 1], pictures whose vectors, of the body, have at
            least this cosine count as copies; 0 looks for none. Not looked for
            without a pretrained body. Defaults to `0.92`.
        skip_bad: Bool, whether pictures that cannot be read any more are left
            out for good instead of stopping. Defaults to `False`.
        reporter: Who is told how far it is. Defaults to `CONSOLE`.

    Returns:
        Dict `round`, `part` (how many images were scored), `offered`, `audit`,
        `gold`, `copies`, `leaks`, `refused` (a list of `(name, reason)`), and
        `classes`, a list with `name`, `offered`, `expected` (the share of
        right ones), `card_minutes` and `grid_minutes`.

    Raises:
        ValueError: If it is another verb's turn, a picture cannot be read, or
            an option is out of range.
    """
    strategy = strategy or Strategy()
    if overlap < 1:
        raise ValueError(
            f"`overlap` must be at least 1. Received: overlap={overlap}."
        )
    check_round_options(skip, gold)
    if not 0 <= copies <= 1:
        raise ValueError(
            f"`copies` must be in [0, 1]. Received: copies={copies}. Usual is "
            f"{COPIES}; 0 looks for none."
        )
    project = Project(path)
    with project.working():
        step = next_step(project)
        said = project.store.setting(f"scored_{step.round}")
        if step.verb in ("label", "apply") and said is not None:
            _accept(project.store, step.round)  # A kill may have come between.
            return said
        if step.verb != "score":
            refuse_before(project, "score", step)
        with freed_graphs():
            options = _Options(strategy, overlap, gold, skip, copies, skip_bad)
            return _Scoring(project, step.round + 1, options, reporter).open()


@dataclasses.dataclass(frozen=True)
class _Options:
    strategy: Strategy
    overlap: int
    gold: float
    skip: str
    copies: float
    skip_bad: bool


class _Scoring:
    """One round from the pictures of a part to the candidates."""

    def __init__(self, project, number, options, reporter):
        self.project, self.number = project, number
        self.options, self.reporter = options, reporter
        self.store = project.store
        self.seed = self.store.setting("seed", 0)
        self.pictures = pictures_of(project)
        self.trained = last_trained(project)
        self.predictor = Predictor(project.run(self.trained))
        self.names = project.class_names()
        _check_classes(self.predictor, self.names)
        self.model = answers_sha256(self.predictor)

    def open(self):
        """Scores, chooses and opens the round; returns what is printed."""
        parts = self.store.setting("rounds", 1)
        counts = partition(self.store, parts, self.seed)
        part = self._scores(
            "part", "part = ? AND state NOT IN ('filtered', 'refused')",
            self.number,
        )  # fmt: skip
        seeds = self._scores("seed", "origin = 'seed' AND state = 'in'")
        tests = self._tests()
        found = part.columns(
            "image", "top", "rival", "score", "rival_score", "entropy", "reason"
        )
        known = seeds.columns("image", "vector", "body")
        refused = part.left_out(self.store, skip_bad=self.options.skip_bad)
        places = np.flatnonzero(found.pop("reason") == "")
        found = {key: values[places] for key, values in found.items()}
        chosen = offers(
            found["score"], found["rival_score"], found["top"],
            found["entropy"], self.options.strategy,
            answered=self._answered(), seed=(self.seed, self.number),
        )  # fmt: skip
        asked = np.sort(np.concatenate([chosen.offered, chosen.audited]))
        vectors, bodies = part.vectors(places[asked])
        copied, leaked = mark_vector_copies(
            self.store, {"image": found["image"][asked], "body": bodies},
            known, tests, self._limit(),
        )  # fmt: skip
        left = ~(copied | leaked)
        asked, vectors = asked[left], vectors[left]
        chosen = chosen.among(asked)
        if len(found["image"]) and not len(asked):
            best, copies = float(found["score"].max()), int((~left).sum())
            raise ValueError(
                "A round needs something to ask about. Received: "
                f"threshold={self.options.strategy.threshold}, and "
                f"{len(found['image'])} images that score {best:.3f} at most"
                + (f", {copies} of them copies by their vectors" * (copies > 0))
                + ". Take a lower --threshold, or train longer"
                + (", or look for no copies (--copies 0)" * (copies > 0))
                + "."
            )
        classes = _classes_of(self.store, known["image"])
        shown, gold = exemplars_and_gold(
            known["image"], classes, known["vector"], seed=self.seed
        )
        rivals = rival_classes(classes, known["vector"], len(self.names))
        if not self.options.gold:
            gold = {}
        # What is taken unseen is looked at by somebody in a random share.
        lots = np.random.default_rng((self.seed, self.number, 1))
        unseen = lots.random(len(chosen.accepted))
        unseen = chosen.accepted[unseen >= self.options.strategy.audit]
        candidates = [
            *asked_candidates(
                found, dict(zip(asked.tolist(), vectors, strict=True)), chosen,
                set(unseen.tolist()), self.options.overlap,
            ),
            *gold_candidates(
                known, classes, gold, rivals, set(found["top"][asked].tolist())
            ),
        ]  # fmt: skip
        candidates = ranked(candidates)
        expected = forecast(
            self.store, self.names, found["score"][asked], found["top"][asked]
        )
        manifest = self._manifest(chosen, candidates, found)
        self.store.set("exemplars", {str(k): ids for k, ids in shown.items()})
        said = {
            "round": self.number,
            "part": counts[self.number - 1],
            "offered": len(chosen.offered),
            "audit": len(chosen.audited),
            "gold": sum(c.kind == "gold" for c in candidates),
            "accepted": len(chosen.accepted),
            "copies": int(copied.sum()),
            "leaks": int(leaked.sum()),
            "refused": refused,
            "classes": expected,
        }
        self.store.set(f"scored_{self.number}", said)
        write_json(self.project.round(self.number) / "manifest.json", manifest)
        rates = {row["class"]: row["expected"] for row in expected}
        open_round(
            self.store, self.number, manifest, candidates, rates=rates,
            skip=self.options.skip, gold=self.options.gold,
        )  # fmt: skip
        _accept(self.store, self.number)
        small = Pictures(self.pictures.read, self.project.thumbnails)
        with self.reporter.bar("making small pictures") as bar:
            tiles_ahead(self.store, small, self.number, progress=bar)
        return said

    def _limit(self):
        """The cosine of copies; of a body trained from nothing none."""
        pretrained = self.predictor.config.model.weights
        return self.options.copies if pretrained else 0.0

    def _tests(self):
        """Test images as the body sees them; a frozen body looks once."""
        if not self._limit():
            return ()
        folder = self.project.path / "rounds"
        body = body_of(self.predictor.model)
        where = "origin = 'test' AND state = 'in'"
        return self._made(folder, "test", weights_sha256(body), where)

    def _scores(self, name, where, *values):
        folder = self.project.round(self.number)
        return self._made(folder, name, self.model, where, *values)

    def _made(self, folder, name, model, where, *values):
        with self.store.reading() as db:
            rows = db.execute(
                "SELECT id, origin, name, sha256 FROM image "
                f"WHERE {where} ORDER BY id",
                values,
            ).fetchall()
        scores = Scores(
            folder, name, model, rows, self.predictor.view.batch_size
        )
        title = {
            "part": f"scoring part {self.number}",
            "seed": "looking at the seed",
            "test": "looking at test images",
        }[name]
        with self.reporter.bar(title) as bar:
            scores.make(self.predictor, self.pictures, bar)
        if name != "part":  # Of these none is left out.
            scores.left_out(self.store, skip_bad=False)
        return scores

    def _answered(self):
        """What people said of offers and audits so far, with their scores."""
        with self.store.reading() as db:
            rows = db.execute(
                "SELECT outcome, score FROM candidate "
                "WHERE kind IN ('offer', 'audit') "
                "AND outcome IN ('tp', 'fp') AND score IS NOT NULL ORDER BY id"
            ).fetchall()
        return (
            np.array([row["outcome"] == "tp" for row in rows], bool),
            np.array([row["score"] for row in rows], np.float64),
        )

    def _manifest(self, chosen, candidates, found):
        options = self.options
        _, facts = self.project.last_applied()
        digest = hashlib.sha256()
        for c in candidates:
            digest.update(repr(dataclasses.astuple(c)).encode())
        with self.store.reading() as db:
            pool = hashlib.sha256()
            for row in db.execute(
                "SELECT sha256 FROM image WHERE part = ? ORDER BY sha256",
                (self.number,),
            ):
                pool.update(row["sha256"].encode())
        names = "\n".join(self.names).encode()
        return {
            "round": self.number,
            "model": self.model,
            "sets": facts["sha256"],
            "vocabulary": hashlib.sha256(names).hexdigest(),
            "pool": pool.hexdigest(),
            "strategy": dataclasses.asdict(options.strategy),
            "thresholds": chosen.thresholds,
            "overlap": options.overlap,
            "gold": options.gold,
            "skip": options.skip,
            "copies": options.copies,
            "seed": self.seed,
            "below": len(found["image"]) - len(chosen.offered),
            "candidates": digest.hexdigest(),
            "version": fgkeras.__version__,
        }


def _accept(store, number):
    """Answers what is taken unseen, in the name of the threshold."""
    with store.reading() as db:
        numbers = [
            row["id"]
            for row in db.execute(
                "SELECT id FROM candidate WHERE round = ? "
                "AND kind = 'unseen' AND state = 'open' ORDER BY id",
                (number,),
            )
        ]
    if numbers:
        labeller = Labellers(store).add(ACCEPTED_BY)
        answers = [Answer(candidate, "tp") for candidate in numbers]
        adopt(store, labeller, f"accepted-{number}", answers)


def _check_classes(predictor, names):
    if predictor.class_names != names:
        raise ValueError(
            "A model scores the classes of the project. Received: "
            f"{predictor.folder.path}, which answers "
            f"{len(predictor.class_names)} of {len(names)} classes. Train it "
            "with `fgkeras bootstrap train`."
        )


def _classes_of(store, images):
    with store.reading() as db:
        known = dict(
            db.execute(
                "SELECT id, class FROM image WHERE origin = 'seed'"
            ).fetchall()
        )
    return np.array([known[int(image)] for image in images], np.int64)
