"""The report's numbers, counted once more from the decisions alone."""

import collections
import datetime
import json

import numpy as np
import pytest

from fgkeras.bootstrap.report import report_numbers
from fgkeras.bootstrap.store import accepted_and_rejected
from fgkeras.evaluation import wilson_interval
from tests.bootstrap.scripted_project import CLASSES
from tests.bootstrap.scripted_project import scripted_project
from tests.bootstrap.scripted_project import sha


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    folder = tmp_path_factory.mktemp("report")
    return scripted_project(folder / "p", rounds=3, overlap=2)


@pytest.fixture(scope="module")
def found(project):
    return report_numbers(project)


@pytest.fixture(scope="module")
def truth(project):
    return Recount(project)


class Recount:
    """All of it from the rows of candidates and decisions, by loops."""

    def __init__(self, project):
        with project.store.reading() as db:
            self.candidates = [
                dict(r) for r in db.execute("SELECT * FROM candidate")
            ]
            self.decisions = [
                dict(r) for r in db.execute("SELECT * FROM decision")
            ]
            self.seed = {
                (r["id"], r["class"])
                for r in db.execute("SELECT * FROM image WHERE origin = 'seed'")
            }
        undone = {
            d["supersedes"] for d in self.decisions if d["verdict"] == "undo"
        }
        self.votes = collections.defaultdict(dict)
        self.own = collections.defaultdict(dict)
        for d in self.decisions:
            if d["verdict"] != "undo" and d["id"] not in undone:
                if d["mode"] != "adjudicate":
                    self.own[d["candidate"]][d["labeller"]] = d["verdict"]
                self.votes[d["candidate"]].pop(d["labeller"], None)
                self.votes[d["candidate"]][d["labeller"]] = d
        for c in self.candidates:
            c["came"], c["named"] = self.outcome(c)

    def outcome(self, c):
        """What a candidate comes to when two votes are wanted."""
        given = list(self.votes[c["id"]].values())
        ends = [d for d in given if d["mode"] == "adjudicate"]
        if ends:
            return ends[-1]["verdict"], ends[-1]["instead"]
        given = [d for d in given if d["verdict"] != "skip"]
        verdicts = {d["verdict"] for d in given}
        if len(given) < c["wanted"] or len(verdicts) > 1:
            return None, None
        named = {d["instead"] for d in given}
        return verdicts.pop(), named.pop() if len(named) == 1 else None

    def of(self, number, kind):
        return [
            c
            for c in self.candidates
            if c["round"] == number and c["kind"] == kind
        ]


def assert_share(entry, part, whole):
    assert (entry["part"], entry["whole"]) == (part, whole)
    if whole:
        assert entry["value"] == part / whole
        np.testing.assert_allclose(
            (entry["low"], entry["high"]), wilson_interval(part, whole)
        )
    else:
        assert entry["value"] is entry["low"] is entry["high"] is None


def counts_of(some):
    came = collections.Counter(c["came"] for c in some)
    return {
        "offered": len(some), "right": came["tp"], "wrong": came["fp"],
        "undecided": came[None],
        **{key: came[key] for key in ("unsure", "skip", "bad", "dup")},
    }  # fmt: skip


def test_rounds_and_their_audit(found, truth):
    assert [row["round"] for row in found["rounds"]] == [1, 2, 3]
    for row in found["rounds"]:
        offers, audit = (
            counts_of(truth.of(row["round"], kind))
            for kind in ("offer", "audit")
        )
        assert {key: row[key] for key in offers} == offers
        assert row["audit"] == audit
        assert offers["right"] > 0
        assert sum(offers.values()) == 2 * offers["offered"]
        assert row["gold"] == len(truth.of(row["round"], "gold"))
        assert_share(
            row["precision"], offers["right"], offers["right"] + offers["wrong"]
        )
        assert (row["strategy"], row["threshold"]) == ("threshold", 0.5)


def test_sets_grow_by_their_definition(found, truth, project):
    inside, outside = dict.fromkeys(truth.seed, 0), {}
    expected = [(len(inside), 0)]
    for number in (1, 2, 3):
        asked = [
            c
            for c in truth.candidates
            if c["round"] == number and c["kind"] != "gold"
        ]
        joins = {(c["image"], c["class"]) for c in asked if c["came"] == "tp"}
        joins |= {
            (c["image"], c["named"])
            for c in asked
            if c["came"] == "fp" and c["named"] is not None
        }
        leaves = {(c["image"], c["class"]) for c in asked if c["came"] == "fp"}
        inside |= dict.fromkeys(joins - inside.keys(), number)
        outside = {k: v for k, v in outside.items() if k not in joins}
        for key in leaves - truth.seed:
            inside.pop(key, None)
            outside.setdefault(key, number)
        expected.append((len(inside), len(outside)))
    rows = found["growth"]
    assert [(r["accepted"], r["rejected"]) for r in rows] == expected
    with project.store.reading() as db:
        accepted, rejected = accepted_and_rejected(db)
    assert (len(accepted), len(rejected)) == expected[-1]
    assert {(m.image, m.of_class) for m in rejected} == outside.keys()
    for row in rows[1:]:
        assert row["new_accepted"] == sum(
            n == row["round"] for n in inside.values()
        )


def test_classes(found, truth):
    assert [row["name"] for row in found["classes"]] == list(CLASSES)
    for row in found["classes"]:
        mine = [
            c
            for c in truth.candidates
            if c["class"] == row["class"] and c["kind"] == "offer"
        ]
        counts = counts_of(mine)
        assert {key: row[key] for key in counts} == counts
        assert_share(
            row["precision"], counts["right"], counts["right"] + counts["wrong"]
        )
        for part in row["rounds"]:
            some = [c for c in mine if c["round"] == part["round"]]
            assert part["right"] == counts_of(some)["right"]
            assert part["precision"]["whole"] == sum(
                c["came"] in ("tp", "fp") for c in some
            )
        named = [
            c["named"]
            for c in mine
            if c["came"] == "fp" and c["named"] is not None
        ]
        expected = None
        if named:
            most = max(named.count(k) for k in named)
            expected = CLASSES[min(k for k in named if named.count(k) == most)]
        assert row["instead"] == expected
        assert row["seed"] == 4


def test_people(found, truth):
    gold = {
        c["id"]: c["truth"] for c in truth.candidates if c["kind"] == "gold"
    }
    assert len(found["labellers"]) == 2
    for person, row in enumerate(found["labellers"], 1):
        mine = [d for d in truth.decisions if d["labeller"] == person]
        given = [d for d in mine if d["verdict"] != "undo"]
        assert row["decisions"] == len(given)
        assert row["undone"] == len(mine) - len(given)
        standing = {c: v[person] for c, v in truth.votes.items() if person in v}
        own = collections.Counter(
            d["verdict"] for c, d in standing.items() if c not in gold
        )
        assert (row["right"], row["wrong"]) == (own["tp"], own["fp"])
        assert row["other"] == sum(own.values()) - own["tp"] - own["fp"]
        known = [
            (gold[c], d["verdict"])
            for c, d in standing.items()
            if c in gold and d["verdict"] in ("tp", "fp")
        ]
        assert_share(row["gold"], sum(a == b for a, b in known), len(known))
        for key, kind in (("right", "tp"), ("wrong", "fp")):
            some = [b for a, b in known if a == kind]
            assert_share(row[f"gold_{key}_found"], some.count(kind), len(some))
        for key, modes in (
            ("card_seconds", ("card",)),
            ("page_seconds", ("grid_marked", "grid_rest")),
        ):
            dwell = [
                d["dwell_ms"] / 1000
                for d in given
                if d["mode"] in modes and d["dwell_ms"] is not None
            ]
            assert row[key] == pytest.approx(np.median(dwell))
        # All of it was answered within seconds: one session.
        moments = sorted(
            datetime.datetime.fromisoformat(d["time"]).timestamp() for d in mine
        )
        first = min(mine, key=lambda d: d["id"])
        dwell = sum(
            d["dwell_ms"] or 0 for d in mine if d["request"] == first["request"]
        )
        assert row["sessions"] == 1
        assert 3600 * row["hours"] == pytest.approx(
            moments[-1] - moments[0] + dwell / 1000, abs=0.05
        )
        assert row["per_minute"] == pytest.approx(
            len(given) / row["hours"] / 60
        )
    assert found["work"]["decisions"] == sum(
        row["decisions"] for row in found["labellers"]
    )


def test_agreement(found, truth):
    gold = {c["id"] for c in truth.candidates if c["kind"] == "gold"}
    both = []
    for candidate, votes in truth.own.items():
        said = [votes[p] for p in (1, 2) if votes.get(p) in ("tp", "fp")]
        if candidate not in gold and len(said) == 2:
            both.append(said)
    agreement = found["agreement"]
    assert agreement["shared"] == len(both) > 5
    observed = np.mean([a == b for a, b in both])
    assert_share(agreement["alike"], round(observed * len(both)), len(both))
    first, second = np.array(both).T
    chance = sum(
        np.mean(first == v) * np.mean(second == v) for v in ("tp", "fp")
    )
    kappa = (observed - chance) / (1 - chance)
    assert agreement["kappa"]["value"] == pytest.approx(kappa)
    assert agreement["kappa"]["low"] < kappa < agreement["kappa"]["high"]
    (pair,) = agreement["pairs"]
    assert (pair["shared"], pair["kappa"]) == (len(both), pytest.approx(kappa))
    ended = {
        d["candidate"] for d in truth.decisions if d["mode"] == "adjudicate"
    }
    assert agreement["ended"] == len(ended) > 0
    assert agreement["open_conflicts"] == 0


def test_precision_and_recall_of_the_threshold(found, truth):
    everything = [np.zeros(2), np.zeros(2)]
    for number, row in zip((1, 2, 3), found["cuts"], strict=False):
        totals = []
        for kind in ("offer", "audit"):
            some = [
                c
                for c in truth.of(number, kind)
                if c["came"] not in ("bad", "dup")
            ]
            decided = [c for c in some if c["came"] in ("tp", "fp")]
            weight = some[0]["weight"] * len(some) / len(decided)
            right = sum(c["came"] == "tp" for c in decided)
            totals.append(np.array([right, len(decided)]) * weight)
        (found_, offered), (missed, _) = totals
        assert row["precision"]["value"] == pytest.approx(found_ / offered)
        assert row["missed"]["value"] == pytest.approx(missed)
        assert row["recall"]["value"] == pytest.approx(
            found_ / (found_ + missed)
        )
        assert row["recall"]["low"] <= row["recall"]["value"]
        assert row["recall"]["value"] <= row["recall"]["high"]
        everything[0] += totals[0]
        everything[1] += totals[1]
        # What is above has scores above, and the bins hold all.
        assert sum(b["n"] for b in row["bins"]) == row["above"] + row["below"]
    whole = found["cuts"][-1]
    assert whole["round"] is None
    assert whole["precision"]["value"] == pytest.approx(
        everything[0][0] / everything[0][1]
    )
    assert whole["missed"]["value"] == pytest.approx(everything[1][0])


def test_the_numbers_are_json_and_the_same_again(found, project):
    text = json.dumps(found, allow_nan=False, sort_keys=True)
    again = json.dumps(report_numbers(project), sort_keys=True)
    assert text == again
    assert "nan" not in text.lower().replace("nance", "")


def test_a_project_where_nothing_was_decided(tmp_path):
    empty = report_numbers(scripted_project(tmp_path / "p", rounds=0))
    assert empty["rounds"] == empty["cuts"] == empty["runs"] == []
    assert empty["agreement"]["shared"] == 0
    assert empty["growth"] == [
        {"round": 0, "accepted": 12, "rejected": 0, "new_accepted": 12,
         "new_rejected": 0}
    ]  # fmt: skip


def test_runs_are_those_of_applied_sets(project, tmp_path):
    copy = scripted_project(tmp_path / "p", rounds=1)
    metrics = {
        "num_images": 9, "top1": {"value": 0.5, "low": 0.3, "high": 0.7},
        "mean_per_class": None,
        "retrieval": {"map_at_r": {"value": 0.2, "low": 0.1, "high": 0.3}},
    }  # fmt: skip
    with copy.store.writing() as db:
        for number in (1, 2):
            facts = {"accepted": 5 * number, "rejected": 1, "rounds": [{}]}
            db.execute(
                "INSERT INTO applied VALUES (?, 0, ?, '')",
                (number, json.dumps(facts)),
            )
    copy.run(2).mkdir(parents=True)
    (copy.run(2) / "metrics.json").write_text(json.dumps(metrics))
    (copy.run(2) / "config.json").write_text(
        json.dumps({"resolved": {"method": {"name": "triplet-a"}}})
    )
    (row,) = report_numbers(copy)["runs"]
    assert row == {
        "sets": 2, "rounds": 1, "accepted": 10, "rejected": 1,
        "method": "triplet-a", "images": 9, "top1": metrics["top1"],
        "mean_per_class": None, "map_at_r": metrics["retrieval"]["map_at_r"],
    }  # fmt: skip


def test_hard_negatives_are_drawn_and_the_nearest(project, truth):
    with project.store.reading() as db:
        _, rejected = accepted_and_rejected(db)
        seeds = [
            r["id"]
            for r in db.execute("SELECT id FROM image WHERE origin = 'seed'")
        ]
        part = [r["id"] for r in db.execute("SELECT id FROM image")]
    rng = np.random.default_rng(0)
    vectors = {i: rng.normal(size=4).astype(np.float16) for i in part}
    for number in (1, 2, 3):
        folder = project.round(number)
        for name, ids in (("seed", seeds), ("part", part)):
            for at, some in enumerate((ids[:9], ids[9:])):
                np.savez(
                    folder / f"{name}-{at:05d}.npz", image=np.array(some),
                    vector=np.stack([vectors[i] for i in some]),
                )  # fmt: skip
    shown = report_numbers(project)["negatives"]
    assert shown["by"] == "vectors"
    keys = {(m.image, CLASSES[m.of_class], m.round) for m in rejected}
    for kind in ("random", "nearest"):
        mine = [(r["image"], r["class"], r["round"]) for r in shown[kind]]
        assert len(set(mine)) == len(mine) == min(12, len(keys))
        assert set(mine) <= keys
    first = {k: [i for i, c in truth.seed if c == k][:99] for k in range(3)}
    first = {k: sorted(ids)[:3] for k, ids in first.items()}

    def cosine(member):
        return max(
            float(vectors[i].astype(np.float32)
                  @ vectors[member.image].astype(np.float32))
            for i in first[member.of_class]
        )  # fmt: skip

    best = sorted(map(cosine, rejected), reverse=True)[:12]
    np.testing.assert_allclose(
        [row["cosine"] for row in shown["nearest"]], best, rtol=1e-6
    )
    assert shown["random"] != shown["nearest"]
    for row in shown["random"]:
        assert row["exemplars"] == first[CLASSES.index(row["class"])]
    for number in (1, 2, 3):
        for path in project.round(number).glob("*.npz"):
            path.unlink()
    by_score = report_numbers(project)["negatives"]
    assert by_score["by"] == "score"
    scores = [row["score"] for row in by_score["nearest"]]
    assert scores == sorted(scores, reverse=True)
    assert by_score["random"][0]["image"] == shown["random"][0]["image"]
    assert sha("x") not in json.dumps(by_score)
