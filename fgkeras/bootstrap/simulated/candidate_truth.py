"""What the candidates of a project are in truth."""


def candidate_truth(store, truths):
    """Returns a callable from a candidate to the class that it truly is.

    Use it with `SimulatedLabeller`, which has to know. Pictures of the seed,
    such as hidden gold, are what the seed says, unless `truths` knows better.

    Args:
        store: `Store`.
        truths: Mapping of a picture of the pool, by the SHA-256 of its bytes
            in hexadecimal or by its name in the source, to the name of its
            class, or to `None` where it is of no class.

    Returns:
        Callable of an int, the id of a candidate, that returns a string or
        `None`, and raises `ValueError` where the truth is not known.

    Example:

    >>> import pathlib, tempfile
    >>> from fgkeras.bootstrap.store import FILE, Store
    >>> store = Store(pathlib.Path(tempfile.mkdtemp(), FILE), create=True)
    >>> candidate_truth(store, {})(7)
    Traceback (most recent call last):
    ...
    ValueError: A truth is of a candidate of the project. Received: \
candidate=7.
    """

    def truth(candidate):
        with store.reading() as db:
            row = db.execute(
                "SELECT i.sha256, i.name, i.origin, k.name AS class "
                "FROM candidate AS c JOIN image AS i ON i.id = c.image "
                "LEFT JOIN class AS k ON k.id = i.class WHERE c.id = ?",
                (candidate,),
            ).fetchone()
        if row is None:
            raise ValueError(
                "A truth is of a candidate of the project. Received: "
                f"candidate={candidate}."
            )
        for key in (row["sha256"], row["name"]):
            if key in truths:
                return truths[key]
        if row["origin"] == "seed":
            return row["class"]
        raise ValueError(
            "A simulated labeller knows every picture. Received: "
            f"{row['name']!r}, of which the truth is not given. Give None for "
            "what is of no class."
        )

    return truth
