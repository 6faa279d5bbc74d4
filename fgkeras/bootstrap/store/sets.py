"""What the decisions so far make of the sets S and H."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Member:
    """An image of a set, with the class it stands for there.

    Args:
        image: Int, its id in the store.
        of_class: Int: in S and T what it is, in H and F what it is not.
        round: Int, 0 of the seed.
    """

    image: int
    of_class: int
    round: int


@dataclasses.dataclass(frozen=True)
class RoundSets:
    """What people made of the candidates of a round.

    Attributes:
        number: Int.
        offered: Int, |D_i| with the audit slice, without gold.
        right: Tuple of `Member`, T_i: of the predicted class.
        wrong: Tuple of `Member`, F_i: not of the predicted class.
        renamed: Tuple of `Member`, those of F_i whose class was named.
        neither: Dict of `unsure`, `skip`, `bad` and `dup` to how many.
        undecided: Int, how many are open or in conflict.
    """

    number: int
    offered: int
    right: tuple
    wrong: tuple
    renamed: tuple
    neither: dict
    undecided: int


def round_sets(db, number):
    """Returns the `RoundSets` of a round, of one moment.

    Always |T_i| + |F_i| + neither + undecided = offered.

    Args:
        db: Connection of a `Store`.
        number: Int.
    """
    right, wrong, renamed = [], [], []
    neither = dict.fromkeys(("unsure", "skip", "bad", "dup"), 0)
    offered = undecided = 0
    for row in db.execute(
        "SELECT image, class, state, outcome, instead FROM candidate "
        "WHERE round = ? AND kind <> 'gold' ORDER BY image, class",
        (number,),
    ):
        offered += 1
        if row["state"] != "settled":
            undecided += 1
        elif row["outcome"] == "tp":
            right.append(Member(row["image"], row["class"], number))
        elif row["outcome"] == "fp":
            wrong.append(Member(row["image"], row["class"], number))
            if row["instead"] is not None:
                renamed.append(Member(row["image"], row["instead"], number))
        else:
            neither[row["outcome"]] += 1
    return RoundSets(
        number,
        offered,
        tuple(right),
        tuple(wrong),
        tuple(renamed),
        neither,
        undecided,
    )


def sets_by_round(db):
    """Yields S and H after each round, first those of the seed.

    S is the seed with every T_i and what was named instead, H every F_i. An
    image that is in S as a class is never in H against the same class: the
    later round counts, and the seed stays. Copies of test images, also those
    that were found late, are in neither.

    Args:
        db: Connection of a `Store`.

    Yields:
        Tuples of the round, 0 for the seed, and two dicts of `(image, class)`
        to the round that brought it; they are changed later.
    """
    inside = {
        (row["id"], row["class"]): 0
        for row in db.execute(
            "SELECT id, class FROM image WHERE origin = 'seed' "
            "AND state = 'in' ORDER BY id"
        )
    }
    leaks = {
        row["id"]
        for row in db.execute("SELECT id FROM image WHERE state = 'leak'")
    }
    outside: dict = {}
    yield 0, inside, outside
    numbers = [r[0] for r in db.execute("SELECT number FROM round ORDER BY 1")]
    for number in numbers:
        found = round_sets(db, number)
        for member in (*found.right, *found.renamed):
            key = (member.image, member.of_class)
            if member.image not in leaks:
                inside.setdefault(key, number)
                outside.pop(key, None)
        for member in found.wrong:
            key = (member.image, member.of_class)
            if inside.get(key) != 0 and member.image not in leaks:
                inside.pop(key, None)
                outside.setdefault(key, number)
        yield number, inside, outside


def accepted_and_rejected(db):
    """Returns S and H as the decisions of all rounds make them.

    Args:
        db: Connection of a `Store`.

    Returns:
        Tuple of two lists of `Member`, see `sets_by_round`.
    """
    *_, (_, inside, outside) = sets_by_round(db)
    return (
        [Member(i, k, number) for (i, k), number in inside.items()],
        [Member(i, k, number) for (i, k), number in outside.items()],
    )
