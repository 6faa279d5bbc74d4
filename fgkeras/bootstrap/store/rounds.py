"""Rounds: the parts of the pool, and what of one part is shown to people."""

import contextlib
import dataclasses
import hashlib
import json
import math

from fgkeras.bootstrap.store.people import now

SKIP = ("others", "me", "drop")
# While a round is opened: candidates are numbered by lot, so that each of a
# million touches pages all over the indices.
_CACHE_KIB = 256 * 1024


@dataclasses.dataclass(frozen=True)
class Candidate:
    """An image that people are asked about.

    Args:
        image: Int, its id in the store.
        of_class: Int, the class that the model names.
        rival: Int, the class it names second, or `None`.
        score: Float, of the class, or `None` of gold.
        rival_score: Float, of the rival, or `None`.
        rank: Int, its place among those of its class.
        kind: String: `"offer"` (above the threshold), `"unseen"` (far above it,
            and taken without being looked at), `"audit"` (drawn from
            below) or `"gold"` (its answer is known). Defaults to `"offer"`.
        weight: Float, how many images of the pool it stands for. Defaults to
            `1.0`.
        truth: String, of gold: `"tp"` or `"fp"`.
        wanted: Int, how many people are asked. Defaults to `1`.

    Raises:
        ValueError: If a score is no finite number.
    """

    image: int
    of_class: int
    rival: int | None
    score: float | None
    rival_score: float | None
    rank: int
    kind: str = "offer"
    weight: float = 1.0
    truth: str | None = None
    wanted: int = 1

    def __post_init__(self):
        for name in ("score", "rival_score"):
            value = getattr(self, name)
            if value is not None and not math.isfinite(value):
                raise ValueError(
                    f"A score is a finite number. Received: {name}={value} of "
                    f"image {self.image}. Look at the model's answers."
                )


def manifest_sha256(manifest):
    """Returns the checksum of a manifest, by its content alone.

    >>> manifest_sha256({"a": 1, "b": 2}) == manifest_sha256({"b": 2, "a": 1})
    True
    """
    text = json.dumps(manifest, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def check_round_options(skip, gold):
    """Refuses options of a round that are out of range.

    Args:
        skip: String, as `open_round`.
        gold: Float, as `open_round`.

    Raises:
        ValueError: If one is.
    """
    if skip not in SKIP:
        raise ValueError(
            f"`skip` must be one of {list(SKIP)}. Received: skip={skip!r}."
        )
    if not 0 <= gold <= 0.5:
        raise ValueError(
            f"`gold` must be in [0, 0.5]. Received: gold={gold}. Usual is 0.05."
        )


def open_round(
    store, number, manifest, candidates, *, rates=None, skip="others", gold=0.0
):
    """Opens a round for labelling, whole or not at all.

    The candidates are numbered by lot, so that neither the number nor the
    address of a picture says which are gold.

    Args:
        store: `Store`.
        number: Int, from 1 on.
        manifest: Dict ready for JSON: all that the round follows from.
        candidates: Sequence of `Candidate`.
        rates: Dict of class to the expected share of right ones, or `None`
            (default).
        skip: String, what becomes of what is skipped; see `outcome_of`.
            Defaults to `"others"`.
        gold: Float in [0, 0.5], the share of gold among what is handed out.
            Defaults to `0.0`.

    Returns:
        String, the checksum of the manifest.

    Raises:
        ValueError: If the round was opened for another manifest, is not the
            next one, or an option is out of range.
    """
    check_round_options(skip, gold)
    checksum = manifest_sha256(manifest)
    candidates = sorted(
        candidates, key=lambda c: _lot(checksum, c.image, c.of_class, c.kind)
    )
    with _large_cache(store), store.writing() as db:
        row = db.execute(
            "SELECT sha256 FROM round WHERE number = ?", (number,)
        ).fetchone()
        if row is not None and row["sha256"] != checksum:
            raise ValueError(
                "A round stays what it was opened as. Received: round "
                f"{number} of another model, pool or threshold. Go on with it, "
                "or begin another project."
            )
        if row is not None:
            return checksum
        last = db.execute("SELECT max(number) FROM round").fetchone()[0] or 0
        if number != last + 1:
            raise ValueError(
                "Rounds follow one another. Received: round "
                f"{number} after {last}."
            )
        db.execute(
            "INSERT INTO round VALUES (?, ?, ?, ?, ?, ?)",
            (
                number,
                json.dumps(manifest, sort_keys=True),
                checksum,
                skip,
                gold,
                now(),
            ),
        )
        db.executemany(
            "INSERT INTO candidate (round, image, class, rival, score, "
            "rival_score, rank, kind, weight, truth, wanted) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                (
                    number, c.image, c.of_class, c.rival, c.score,
                    c.rival_score, c.rank, c.kind, c.weight, c.truth, c.wanted,
                )
                for c in candidates
            ),
        )  # fmt: skip
        db.executemany(
            "INSERT INTO expectation VALUES (?, ?, ?)",
            [(number, k, float(rate)) for k, rate in (rates or {}).items()],
        )
    return checksum


def partition(store, parts, seed=0):
    """Cuts the candidate set into parts, once.

    Args:
        store: `Store`.
        parts: Int at least 1, k.
        seed: Int. Defaults to `0`.

    Returns:
        List of ints, the images of each part. A later call cuts no part anew;
        what has come into the pool since goes into those that are not scored.
    """
    with store.writing() as db:
        cut = db.execute(
            "SELECT count(*) FROM image WHERE part IS NOT NULL"
        ).fetchone()[0]
        if not cut:
            rows = db.execute(
                "SELECT id, sha256 FROM image "
                "WHERE origin = 'pool' AND state = 'in'"
            ).fetchall()
            # By content, so that the names of files decide nothing.
            order = sorted(rows, key=lambda r: (_lot(seed, r["sha256"]), r[0]))
            db.executemany(
                "UPDATE image SET part = ? WHERE id = ?",
                [
                    (1 + place * parts // len(order), row["id"])
                    for place, row in enumerate(order)
                ],
            )
        else:
            _add_late(db, parts, seed)
        counts = dict(
            db.execute(
                "SELECT part, count(*) FROM image WHERE part IS NOT NULL "
                "GROUP BY part"
            ).fetchall()
        )
    return [counts.get(part, 0) for part in range(1, parts + 1)]


def _add_late(db, parts, seed):
    """Gives what came into the pool later a part that is not scored yet."""
    last = db.execute("SELECT max(number) FROM round").fetchone()[0] or 0
    free = range(last + 1, parts + 1)
    rows = db.execute(
        "SELECT id, sha256 FROM image WHERE origin = 'pool' "
        "AND state = 'in' AND part IS NULL"
    ).fetchall()
    if free:
        db.executemany(
            "UPDATE image SET part = ? WHERE id = ?",
            [
                (free[_lot(seed, r["sha256"])[0] % len(free)], r["id"])
                for r in rows
            ],
        )


@contextlib.contextmanager
def _large_cache(store):
    with store.reading() as db:
        (before,) = db.execute("PRAGMA cache_size").fetchone()
        db.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
    try:
        yield
    finally:
        with store.reading() as db:
            db.execute(f"PRAGMA cache_size = {before}")


def _lot(*what):
    text = "/".join(map(str, what))
    return hashlib.sha256(text.encode()).digest()
