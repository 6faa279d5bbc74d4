import pathlib
import tempfile

from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from fgkeras.bootstrap.store import Answer
from fgkeras.bootstrap.store import accepted_and_rejected
from fgkeras.bootstrap.store import round_sets
from fgkeras.bootstrap.store.answers import adopt
from tests.bootstrap.store.projects import add_images
from tests.bootstrap.store.projects import add_round
from tests.bootstrap.store.projects import new_store
from tests.bootstrap.store.projects import people
from tests.bootstrap.store.projects import rows_of
from tests.bootstrap.store.projects import unsynced

VERDICT = st.sampled_from(("tp", "fp", "fp2", "unsure", "skip", "bad", "dup"))


@settings(derandomize=True, deadline=None, max_examples=25)
@given(
    st.lists(
        st.lists(st.none() | VERDICT, min_size=8, max_size=8),
        min_size=1,
        max_size=4,
    )
)
def test_sets_of_rounds(rounds):
    with tempfile.TemporaryDirectory() as folder:
        store = unsynced(new_store(pathlib.Path(folder)))
        (ada,) = people(store)
        seed = add_images(store, "seed", 3, of_class=1)
        add_images(store, "seed", 1, of_class=1, state="leak")
        tests = add_images(store, "test", 2, of_class=0)
        # As the thesis says: S_i = S_{i-1} + T_i, H_i = H_{i-1} + F_i.
        inside, outside = {(i, 1) for i in seed}, set()
        offered = []
        for number, verdicts in enumerate(rounds, 1):
            facts = add_round(store, number, offers=3, audits=1, gold=1)
            asked = [c for c in facts if facts[c]["kind"] != "gold"]
            gold = [c for c in facts if facts[c]["kind"] == "gold"]
            inside |= {(facts[c]["image"], facts[c]["class"]) for c in gold}
            answers = [Answer(c, "fp") for c in gold]
            right, wrong, undecided = set(), set(), 0
            neither = dict.fromkeys(("unsure", "skip", "bad", "dup"), 0)
            for c, verdict in zip(asked, verdicts, strict=True):
                key = facts[c]["image"], facts[c]["class"]
                offered.append(key[0])
                if verdict is None or verdict == "skip":
                    undecided += 1
                elif verdict == "tp":
                    right.add(key)
                elif verdict in ("fp", "fp2"):
                    wrong.add(key)
                else:
                    neither[verdict] += 1
                if verdict == "fp2":
                    answers.append(Answer(c, "fp", 2))
                    inside.add((key[0], 2))
                elif verdict is not None:
                    answers.append(Answer(c, verdict))
            adopt(store, ada, f"r{number}", answers)
            inside |= right
            outside |= wrong
            with store.reading() as db:
                sets = round_sets(db, number)
                accepted, rejected = accepted_and_rejected(db)
            assert {(m.image, m.of_class) for m in sets.right} == right
            assert {(m.image, m.of_class) for m in sets.wrong} == wrong
            assert sets.neither == neither
            assert (sets.offered, sets.undecided) == (8, undecided)
            pairs = [(m.image, m.of_class) for m in accepted]
            against = [(m.image, m.of_class) for m in rejected]
            assert set(pairs) == inside
            assert set(against) == outside
            # A set has each once, and none in both for one class.
            assert len(set(pairs)) == len(pairs)
            assert len(set(against)) == len(against)
            assert not set(pairs) & set(against)
            assert not set(tests) & {i for i, _ in (*pairs, *against)}
        assert len(set(offered)) == len(offered)
        store.close()


def two_rounds(tmp_path, first, second):
    """One image, asked about as class 0 in two rounds."""
    store = unsynced(new_store(tmp_path))
    (ada,) = people(store)
    facts = add_round(store, 1, offers=1, classes=(0,))
    (one,) = facts
    add_round(store, 2, offers=1, classes=(0,))
    with store.writing() as db:
        db.execute(
            "UPDATE candidate SET image = ? WHERE round = 2",
            (facts[one]["image"],),
        )
    two = rows_of(store, "SELECT id FROM candidate WHERE round = 2")[0][0]
    adopt(store, ada, "r", [Answer(one, first), Answer(two, second)])
    with store.reading() as db:
        inside, outside = accepted_and_rejected(db)
    store.close()
    return inside, outside


def test_the_later_round_counts(tmp_path):
    (tmp_path / "1").mkdir()
    inside, outside = two_rounds(tmp_path / "1", "tp", "fp")
    assert [m.round for m in outside] == [2]
    assert inside == []
    (tmp_path / "2").mkdir()
    inside, outside = two_rounds(tmp_path / "2", "fp", "tp")
    assert [m.round for m in inside] == [2]
    assert outside == []


def test_the_seed_is_never_rejected(tmp_path):
    store = unsynced(new_store(tmp_path))
    (ada,) = people(store)
    (image,) = add_images(store, "seed", 1, of_class=0)
    facts = add_round(store, 1, offers=1, classes=(0,))
    with store.writing() as db:
        db.execute("UPDATE candidate SET image = ?", (image,))
    adopt(store, ada, "r", [Answer(next(iter(facts)), "fp")])
    with store.reading() as db:
        inside, outside = accepted_and_rejected(db)
    assert [(m.image, m.of_class, m.round) for m in inside] == [(image, 0, 0)]
    assert outside == []
    store.close()
