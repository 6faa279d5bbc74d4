"""The classes of a project, whose numbers never change."""


def set_classes(db, names, descriptions):
    """Notes the classes of a seed, or holds it against those noted before.

    Decisions name classes by their numbers, so that a class that was renamed,
    added or taken away would turn them into decisions on other classes.

    Args:
        db: Connection of a `Store` that is writing.
        names: Sequence of strings, in label order.
        descriptions: Dict of name to words for people.

    Raises:
        ValueError: If there are other classes already.
    """
    known = [
        row["name"] for row in db.execute("SELECT name FROM class ORDER BY id")
    ]
    if known and known != list(names):
        new = sorted(set(names) - set(known))
        gone = sorted(set(known) - set(names))
        raise ValueError(
            "The classes of a project stay as they were when it was begun. "
            f"Received: {len(names)} classes; new are {new[:5]}, gone are "
            f"{gone[:5]}. Name the folders as they were, or begin another "
            "project."
        )
    db.executemany(
        "INSERT INTO class VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE "
        "SET description = excluded.description",
        [(k, name, descriptions.get(name, "")) for k, name in enumerate(names)],
    )
