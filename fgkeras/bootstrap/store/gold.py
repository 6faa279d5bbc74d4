"""Hidden gold: candidates whose answer is known, to see who answers well."""

import json

from fgkeras.bootstrap.store.outcome import settle

LEAST_ACCURACY = 0.8
LEAST_ANSWERS = 20


def gold_counts(db, labeller):
    """Returns how somebody answered hidden gold.

    Args:
        db: Connection of a `Store`.
        labeller: Int.

    Returns:
        Tuple `(right, answered)`; unsure and the like count for neither.
    """
    row = db.execute(
        # From the few known ones on: the votes of somebody may be 100,000.
        "SELECT coalesce(sum(v.verdict = c.truth), 0) AS right, "
        "count(*) AS answered FROM candidate AS c "
        "CROSS JOIN vote AS v ON v.candidate = c.id AND v.labeller = ? "
        "WHERE c.kind = 'gold' "
        "AND v.verdict IN ('tp', 'fp') AND v.decision > coalesce("
        "(SELECT json_extract(value, ?) FROM setting "
        "WHERE name = 'resumed'), 0)",
        (labeller, f'$."{labeller}"'),
    ).fetchone()
    return row["right"], row["answered"]


def pause_where_wrong(db, labeller, candidates):
    """Pauses somebody who answers too little of the gold right.

    What the person rejected by leaving it unmarked on a page is opened for a
    second vote: what was overlooked there would be a false hard negative. So is
    what comes in late from somebody who is paused.

    Args:
        db: Connection of a `Store` that is writing.
        labeller: Int.
        candidates: Sequence of ints, what was just answered.
    """
    answered = json.dumps(list(candidates))
    paused = db.execute(
        "SELECT paused <> '' FROM labeller WHERE id = ?", (labeller,)
    ).fetchone()[0]
    if paused:
        _look_again(db, labeller, answered)
    elif _answers_badly(db, labeller, answered):
        _look_again(db, labeller, None)


def _answers_badly(db, labeller, answered):
    """Pauses, if so."""
    if not db.execute(
        "SELECT 1 FROM candidate WHERE kind = 'gold' "
        "AND id IN (SELECT value FROM json_each(?))",
        (answered,),
    ).fetchone():
        return False
    right, count = gold_counts(db, labeller)
    if count < LEAST_ANSWERS or right >= LEAST_ACCURACY * count:
        return False
    db.execute(
        "UPDATE labeller SET paused = ? WHERE id = ?",
        (
            f"{right} of {count} known pictures were answered right, fewer "
            f"than {LEAST_ACCURACY:.0%}. Talk to whoever runs this project.",
            labeller,
        ),
    )
    return True


def _look_again(db, labeller, answered):
    """Opens what nobody else looked at, of some answers or of all."""
    rest = db.execute(
        "SELECT v.candidate FROM vote AS v "
        "JOIN candidate AS c ON c.id = v.candidate "
        "WHERE v.labeller = ? AND v.mode = 'grid_rest' "
        "AND v.verdict = 'fp' AND c.kind <> 'gold' AND c.wanted <= c.votes "
        "AND (? IS NULL OR c.id IN (SELECT value FROM json_each(?))) "
        "AND NOT EXISTS (SELECT 1 FROM vote AS o "
        "WHERE o.candidate = v.candidate AND o.labeller <> v.labeller "
        "AND o.verdict <> 'skip')",
        (labeller, answered, answered),
    ).fetchall()
    for row in rest:
        db.execute(
            "UPDATE candidate SET wanted = votes + 1 WHERE id = ?",
            (row["candidate"],),
        )
        settle(db, row["candidate"])
