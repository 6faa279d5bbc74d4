import dataclasses

import numpy as np

from fgkeras.jobs.bootstrapping.candidates import asked_candidates
from fgkeras.jobs.bootstrapping.candidates import gold_candidates
from fgkeras.jobs.bootstrapping.candidates import ranked
from fgkeras.jobs.bootstrapping.offers import Offers

FOUND = {
    "image": np.array([10, 11, 12, 13]),
    "top": np.array([0, 1, 0, 1]),
    "rival": np.array([1, 0, 2, 2]),
    "score": np.array([0.9, 0.8, 0.4, 0.3]),
    "rival_score": np.array([0.05, 0.1, 0.3, 0.2]),
}


def asked(unseen=(), overlap=2):
    chosen = Offers(
        np.array([0, 1]), np.array([2, 3]), 50.0, np.array(list(unseen), int)
    )
    vectors = {i: np.full(2, i) for i in range(4)}
    return asked_candidates(FOUND, vectors, chosen, set(unseen), overlap)


def test_each_is_what_the_model_said_of_it():
    pairs = asked()
    for place, (candidate, vector) in enumerate(pairs):
        for name, key in (
            ("image", "image"), ("of_class", "top"), ("rival", "rival"),
            ("score", "score"), ("rival_score", "rival_score"),
        ):  # fmt: skip
            assert getattr(candidate, name) == FOUND[key][place], name
        assert vector.tolist() == [place, place]
        assert candidate.wanted == 2
        assert candidate.truth is None


def test_audits_stand_for_others_and_offers_for_themselves():
    kinds = [(c.kind, c.weight) for c, _ in asked()]
    assert kinds == [
        ("offer", 1.0), ("offer", 1.0), ("audit", 50.0), ("audit", 50.0),
    ]  # fmt: skip
    assert [c.kind for c, _ in asked(unseen=[1])][:2] == ["offer", "unseen"]


def test_gold_is_of_the_class_or_of_its_rival():
    known = {"image": np.arange(20, 26), "vector": np.eye(6)}
    classes = np.array([0, 0, 1, 1, 2, 2])
    gold = {0: [21], 1: [23], 2: [25]}
    pairs = gold_candidates(known, classes, gold, {0: 1, 1: 2}, {0, 2})
    found = [(c.of_class, c.image, c.truth, c.rival) for c, _ in pairs]
    # Of class 1 nothing is asked; class 2 has no rival.
    assert found == [
        (0, 21, "tp", 1), (0, 23, "fp", 1), (2, 25, "tp", None),
    ]  # fmt: skip
    assert all(c.score is None and c.kind == "gold" for c, _ in pairs)
    for candidate, vector in pairs:
        assert vector.argmax() == candidate.image - 20
    assert gold_candidates(known, classes, {}, {0: 1}, {0}) == []


def test_neighbours_stand_together_class_by_class():
    rng = np.random.default_rng(0)
    centres = np.eye(8)[:3] * 5
    pairs = []
    for i in rng.permutation(60):
        (candidate, _) = asked()[i % 2]
        vector = centres[i % 3] + rng.normal(0, 0.1, 8)
        candidate = dataclasses.replace(candidate, image=int(i))
        pairs.append((candidate, vector))
    out = ranked(pairs)
    for k in (0, 1):
        mine = [c for c in out if c.of_class == k]
        assert [c.rank for c in mine] == list(range(len(mine)))
        clusters = [c.image % 3 for c in mine]
        changes = np.count_nonzero(np.diff(clusters))
        assert changes == 2
    assert {c.image for c in out} == set(range(60))
