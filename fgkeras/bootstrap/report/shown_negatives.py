"""Which hard negatives a page shows: drawn by lot, and the nearest."""

import numpy as np

from fgkeras.bootstrap.store import accepted_and_rejected

EXEMPLARS = 3


def shown_negatives(project, *, count=12, seed=0):
    """Chooses hard negatives to look at, each with what its class looks like.

    Half is drawn by lot, so that the page does not show the striking ones
    alone; the others are the nearest to an exemplar of the class that they are
    not, by the vectors of the model that proposed them. Where no vectors are
    kept, those with the highest score take their place.

    Args:
        project: `Project`.
        count: Int at least 1, of each half at most. Defaults to `12`.
        seed: Int, of the lot. Defaults to `0`.

    Returns:
        Dict of `"random"` and `"nearest"` to lists of dicts `image` (its id),
        `class` and `instead` (names; the second may be `None`), `round`,
        `score`, `cosine` (or `None`) and `exemplars`, ids of images of the
        class; and `by`: `"vectors"` or `"score"`.

    Raises:
        ValueError: If `count` is below 1.

    Example:

    >>> import tempfile
    >>> from fgkeras.bootstrap.project import Project
    >>> shown_negatives(Project.create(tempfile.mkdtemp()))["random"]
    []
    """
    if count < 1:
        raise ValueError(
            f"`count` must be at least 1. Received: count={count}. Usual is 12."
        )
    with project.store.reading() as db:
        _, rejected = accepted_and_rejected(db)
        names = dict(db.execute("SELECT id, name FROM class").fetchall())
        exemplars = _exemplars(db, project.store.setting("exemplars") or {})
        scores = _scores(db)
        cosines = _cosines(project, rejected, exemplars)
        rng = np.random.default_rng(seed)
        order = rng.permutation(len(rejected))[:count]
        drawn = [rejected[i] for i in order.tolist()]
        by = "vectors" if cosines else "score"

        def close(member):
            key = (member.image, member.of_class)
            score = scores.get((*key, member.round), (None, None))[0]
            value = cosines.get(key, -2.0) if cosines else score
            return -(value or 0.0), member.image, member.of_class

        nearest = sorted(rejected, key=close)[:count]

        def row(member):
            key = (member.image, member.of_class)
            score, instead = scores.get((*key, member.round), (None, None))
            return {
                "image": member.image,
                "class": names[member.of_class],
                "instead": names.get(instead),
                "round": member.round,
                "score": score,
                "cosine": cosines.get(key),
                "exemplars": exemplars.get(member.of_class, [])[:EXEMPLARS],
            }

        return {
            "random": list(map(row, drawn)),
            "nearest": list(map(row, nearest)),
            "by": by,
        }


def _exemplars(db, named):
    """Ids of what people saw of each class; else its first seed images."""
    found: dict = {}
    for row in db.execute(
        "SELECT id, class FROM image WHERE origin = 'seed' AND state = 'in' "
        "AND class IS NOT NULL ORDER BY class, id"
    ):
        of = found.setdefault(row["class"], [])
        if len(of) < EXEMPLARS:
            of.append(row["id"])
    return found | {int(k): ids for k, ids in named.items() if ids}


def _scores(db):
    return {
        (row["image"], row["class"], row["round"]): (
            row["score"], row["instead"],
        )
        for row in db.execute(
            "SELECT image, class, round, score, instead FROM candidate "
            "WHERE kind <> 'gold' AND outcome = 'fp'"
        )
    }  # fmt: skip


def _cosines(project, rejected, exemplars):
    """Of each rejected one the largest cosine with an exemplar."""
    rounds: dict = {}
    for member in rejected:
        of = rounds.setdefault(member.round, {})
        of.setdefault(member.image, []).append(member.of_class)
    found = {}
    for number, wanted in sorted(rounds.items()):
        folder = project.path / "rounds" / f"{number:02d}"
        shown = {image for ids in exemplars.values() for image in ids}
        seen = dict(_vectors(folder, "seed", shown))
        for image, vector in _vectors(folder, "part", wanted):
            for k in wanted[image]:
                others = [seen[i] for i in exemplars.get(k, ()) if i in seen]
                if others:
                    found[image, k] = float(np.max(np.stack(others) @ vector))
    return found


def _vectors(folder, name, wanted):
    """Yields images and their vectors, of the files that scoring left."""
    for path in sorted(folder.glob(f"{name}-*.npz")):
        with np.load(path) as file:
            images, vectors = file["image"], file["vector"]
        for i in np.flatnonzero(np.isin(images, list(wanted))):
            yield int(images[i]), vectors[i].astype(np.float32)
