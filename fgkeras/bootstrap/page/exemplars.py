"""Pictures that show what a class looks like, pinned beside a candidate."""

from fgkeras.bootstrap.store.cards import current_round

COUNT = 9

_SHOWN = """
    SELECT i.* FROM image AS i
    WHERE i.class = ? AND i.origin = 'seed' AND i.state = 'in'
        AND NOT EXISTS (
            SELECT 1 FROM candidate AS c
            WHERE c.image = i.id AND c.kind = 'gold' AND c.round = ?
        )
    ORDER BY i.id
"""


def exemplars(store, of_class, count=COUNT):
    """Returns images of the seed that stand for a class.

    Those that the project names come first (setting `exemplars`, a dict of
    classes to lists of images), then others of the seed. What is hidden gold
    of the round is never among them: a candidate that also hangs on the wall
    would give itself away.

    Args:
        store: `Store`.
        of_class: Int.
        count: Int, how many at most. Defaults to `9`.

    Returns:
        List of rows of the table `image`.
    """
    named = (store.setting("exemplars") or {}).get(str(of_class), [])
    place = {image: i for i, image in enumerate(named)}
    with store.reading() as db:
        rows = db.execute(_SHOWN, (of_class, current_round(db))).fetchall()
    rows.sort(key=lambda row: place.get(row["id"], len(place)))
    return rows[:count]


def exemplar_image(store, image):
    """Returns the row of an image that is shown as exemplar, or `None`."""
    with store.reading() as db:
        row = db.execute(
            "SELECT class FROM image WHERE id = ? AND origin = 'seed'", (image,)
        ).fetchone()
    if row is None:
        return None
    shown = {r["id"]: r for r in exemplars(store, row["class"])}
    return shown.get(image)
