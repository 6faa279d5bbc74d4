"""What the answers of a round come to together, with the model's scores."""

import dataclasses

import numpy as np

from fgkeras.bootstrap.agreement import model_consensus
from fgkeras.bootstrap.store import Answer
from fgkeras.bootstrap.store import Labellers
from fgkeras.bootstrap.store import adjudicate
from fgkeras.bootstrap.store.cards import current_round

BY = "consensus"
_ALONE = 2000


@dataclasses.dataclass(frozen=True)
class RoundConsensus:
    """Candidates of a round that somebody answered yes or no.

    Of those that one person answered there are some 2,000 at most.

    Attributes:
        candidates: `int64 (num_answered,)`.
        right: `float64 (num_answered,)`, the chance of each to be of its class.
        risks: `float64 (num_answered,)`, the expected error of the likelier
            answer.
        conflict: `bool (num_answered,)`, whether some say yes and others no,
            and none that it cannot be said.
    """

    candidates: np.ndarray
    right: np.ndarray
    risks: np.ndarray
    conflict: np.ndarray


def round_consensus(store, number=None):
    """Weighs the answers of a round by what labellers and scores are worth.

    Both are estimated together (`agreement.model_consensus`); hidden gold and
    what an expert decided are taken as known.

    Args:
        store: `Store`.
        number: Int, the round; `None` (default) is the one that is labelled.

    Returns:
        `RoundConsensus`.
    """
    with store.reading() as db:
        number = current_round(db) if number is None else number
        rows = db.execute(
            "SELECT v.candidate, v.labeller, v.verdict, v.mode, c.score, "
            "c.truth, c.state = 'conflict' AND NOT EXISTS ("
            # Between yes and unsure, or a bad picture, people decide.
            "SELECT 1 FROM vote AS o WHERE o.candidate = c.id "
            "AND o.verdict NOT IN ('tp', 'fp', 'skip')) AS conflict "
            "FROM vote AS v JOIN candidate AS c ON c.id = v.candidate "
            "JOIN labeller AS l ON l.id = v.labeller "
            "WHERE c.round = ? AND v.verdict IN ('tp', 'fp') "
            "AND c.kind <> 'unseen' AND l.name <> ? "
            "ORDER BY v.candidate, v.decision",
            (number, BY),
        ).fetchall()
    rows = _worth_weighing(rows)
    items: dict = {}
    people: dict = {}
    votes, scores, known, gold, conflict = [], [], [], [], []
    for row in rows:
        item = items.setdefault(row["candidate"], len(items))
        if item == len(scores):
            score = row["score"]
            scores.append(0.5 if score is None else min(max(score, 0.0), 1.0))
            known.append({"tp": 1, "fp": 0}.get(row["truth"], -1))
            gold.append(row["truth"] is not None)
            conflict.append(bool(row["conflict"]))
        answer = int(row["verdict"] == "tp")
        if row["mode"] == "adjudicate":
            known[item] = answer
            continue
        person = people.setdefault(row["labeller"], len(people))
        votes.append((item, person, answer))
    if not items:
        nothing = np.zeros(0)
        return RoundConsensus(
            nothing.astype(np.int64), nothing, nothing, nothing.astype(bool)
        )
    found = model_consensus(
        np.array(votes, np.int64).reshape(-1, 3),
        np.array(scores),
        num_labellers=max(len(people), 1),
        known=np.array(known, np.int64),
    )
    shown = ~np.array(gold, bool)
    return RoundConsensus(
        np.array(list(items), np.int64)[shown],
        found.posteriors[shown, 1],
        found.risks[shown],
        np.array(conflict, bool)[shown],
    )


def _worth_weighing(rows):
    """Answers that say something of each other, and some of the others.

    Where one person answered alone, only the worth of scores is learned.
    """
    counts: dict = {}
    for row in rows:
        counts[row["candidate"]] = counts.get(row["candidate"], 0) + 1
    alone = [
        row["candidate"]
        for row in rows
        if counts[row["candidate"]] == 1
        and row["truth"] is None
        and row["mode"] != "adjudicate"
    ]
    step = -(-len(alone) // _ALONE) or 1
    dropped = set(alone) - set(alone[::step])
    return [row for row in rows if row["candidate"] not in dropped]


def note_risks(store, number=None):
    """Notes the risk of each disagreement, so that experts see it first.

    Args:
        store: `Store`.
        number: Int, the round; `None` (default) is the one that is labelled.

    Returns:
        Int, how many disagreements there are.
    """
    found = round_consensus(store, number)
    places = np.flatnonzero(found.conflict)
    with store.writing() as db:
        db.executemany(
            "UPDATE candidate SET risk = ? WHERE id = ?",
            [(float(found.risks[i]), int(found.candidates[i])) for i in places],
        )
    return len(places)


def end_disagreements(store, least=0.95):
    """Ends disagreements of which the consensus is sure enough.

    They are those of yes and no. Where somebody was unsure, or called the
    picture bad or a copy, people decide.

    Args:
        store: `Store`.
        least: Float in (0.5, 1), the chance that an answer must have. Defaults
            to `0.95`.

    Returns:
        Tuple of ints, how many were ended and how many are left for people.

    Raises:
        ValueError: If `least` is out of range.
    """
    if not 0.5 < least < 1:
        raise ValueError(
            f"`least` must be in (0.5, 1). Received: least={least}. Usual is "
            "0.95."
        )
    found = round_consensus(store)
    labeller, ended = None, 0
    places = np.flatnonzero(found.conflict)
    for i in places:
        chance = found.right[i]
        if max(chance, 1 - chance) < least:
            continue
        if labeller is None:
            labeller = Labellers(store).add(BY)
        candidate = int(found.candidates[i])
        verdict = "tp" if chance > 0.5 else "fp"
        adjudicate(
            store, labeller, f"{BY}-{candidate}-{verdict}",
            Answer(candidate, verdict),
        )  # fmt: skip
        ended += 1
    return ended, len(places) - ended
