"""What the page reads of the store beside the store's own questions."""

import secrets
import statistics

from fgkeras.bootstrap.store.cards import current_round

_PROJECT = "page_project"
_PACE = 200


def project_id(store):
    """Returns a random name of the project, the same for all time.

    Browsers share cookies and pictures between the servers of a machine: it
    tells those of one project from those of the next on the same port.
    """
    if not store.setting(_PROJECT):
        store.set(_PROJECT, secrets.token_hex(8))
    return store.setting(_PROJECT)


def class_facts(db, of_class):
    """Returns `(name, description)` of a class, or `None`."""
    row = db.execute(
        "SELECT name, description FROM class WHERE id = ?", (of_class,)
    ).fetchone()
    return None if row is None else tuple(row)


def class_name(db, of_class):
    """Returns the name of a class, `None` of `None`."""
    found = None if of_class is None else class_facts(db, of_class)
    return None if found is None else found[0]


def class_names(db):
    """Returns a dict of all classes to their names."""
    return dict(db.execute("SELECT id, name FROM class").fetchall())


def current_class(db, labeller):
    """Returns the class somebody is at, or that with most left, or `None`."""
    number = current_round(db)
    row = db.execute(
        "SELECT t.class FROM tally AS t LEFT JOIN labeller AS l "
        "ON l.id = ? AND l.class = t.class WHERE t.round = ? "
        "AND t.state = 'open' AND t.kind <> 'gold' AND t.count > 0 "
        "ORDER BY l.id IS NULL, t.count DESC, t.class LIMIT 1",
        (labeller, number),
    ).fetchone()
    return None if row is None else row["class"]


def candidate_image(db, candidate):
    """Returns the row of a candidate's image, or `None`."""
    return db.execute(
        "SELECT i.* FROM candidate AS c JOIN image AS i ON i.id = c.image "
        "WHERE c.id = ?",
        (candidate,),
    ).fetchone()


def candidate_class(db, candidate):
    """Returns `(class, rival)` of a candidate, or `None`."""
    row = db.execute(
        "SELECT class, rival FROM candidate WHERE id = ?", (candidate,)
    ).fetchone()
    return None if row is None else tuple(row)


def pace_ms(db, labeller):
    """Returns how long somebody looks at a picture, or `None`.

    The median of the last two hundred.
    """
    times = [
        row[0]
        for row in db.execute(
            "SELECT dwell_ms FROM decision WHERE labeller = ? "
            "AND dwell_ms IS NOT NULL ORDER BY id DESC LIMIT ?",
            (labeller, _PACE),
        )
    ]
    return statistics.median(times) if times else None


def upcoming_images(db, labeller, of_class, count):
    """Returns rows of images that somebody is likely to see next.

    Hidden gold is among them, so that no picture is slower than another.
    """
    number = current_round(db)
    at = db.execute(
        "SELECT rank FROM cursor WHERE labeller = ? AND round = ? "
        "AND class = ?",
        (labeller, number, of_class),
    ).fetchone()
    rows = db.execute(
        "SELECT i.* FROM candidate AS c JOIN image AS i ON i.id = c.image "
        "WHERE c.round = ? AND c.class = ? AND c.state = 'open' "
        "AND c.kind <> 'gold' AND c.rank > ? ORDER BY c.rank LIMIT ?",
        (number, of_class, at["rank"] if at else -1, count),
    ).fetchall()
    return (
        rows
        + db.execute(
            "SELECT i.* FROM candidate AS c JOIN image AS i ON i.id = c.image "
            "WHERE c.round = ? AND c.class = ? AND c.kind = 'gold' "
            "AND NOT EXISTS (SELECT 1 FROM vote AS v "
            "WHERE v.candidate = c.id AND v.labeller = ?) "
            "ORDER BY c.id LIMIT ?",
            (number, of_class, labeller, count),
        ).fetchall()
    )
