"""Small pictures made before anybody labels."""

import concurrent.futures

from fgkeras.data.images.screened import map_in_order

_THREADS = 4


def tiles_ahead(store, pictures, number, *, most=5000, progress=None):
    """Makes the tiles of a round's candidates, so that pages come at once.

    A page of 36 photographs takes a third of a second to be made small; from
    files it is there. Of larger rounds the rest is made while people look.

    Args:
        store: `Store`.
        pictures: `Pictures`.
        number: Int, the round.
        most: Int, at most so many. Defaults to `5000`.
        progress: `None`, or callable of `(done, total)`.

    Returns:
        Int, how many candidates were seen to.
    """
    with store.reading() as db:
        rows = [
            dict(row)
            for row in db.execute(
                "SELECT i.* FROM candidate AS c JOIN image AS i "
                "ON i.id = c.image WHERE c.round = ? "
                "ORDER BY c.rank, c.class LIMIT ?",
                (number, most),
            )
        ]
    with concurrent.futures.ThreadPoolExecutor(_THREADS) as pool:
        made = map_in_order(
            pool, lambda row: pictures.prepare(row, "tile"), rows, 4 * _THREADS
        )
        for done, _ in enumerate(made, 1):
            if progress:
                progress(done, len(rows))
    return len(rows)
