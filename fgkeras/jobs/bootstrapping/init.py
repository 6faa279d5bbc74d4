"""Begins a project: a seed of labelled images, and a pool without labels."""

from fgkeras.bootstrap.ingest import ingest
from fgkeras.bootstrap.ingest import mark_copies
from fgkeras.bootstrap.project import Project
from fgkeras.bootstrap.store import Labellers
from fgkeras.bootstrap.store.classes import set_classes
from fgkeras.data.open import open as open_source
from fgkeras.data.spec import absolute_spec
from fgkeras.jobs.bootstrapping.pictures import LENIENT
from fgkeras.training.reporter import CONSOLE

_HELD_OUT = ("val", "test")


def init(
    path,
    seed,
    pool,
    *,
    rounds=3,
    split=None,
    pool_split="*",
    random_seed=0,
    labeller="me",
    reporter=CONSOLE,
):
    """Begins a project, or goes on beginning one that was killed.

    Every picture is looked at once: by its content copies are found, within the
    pool, of the seed, and of test images, which are kept out of everything.

    Args:
        path: Path of the project's folder.
        seed: String that opens the labelled images. Its splits `val` and
            `test` are never trained on and never shown.
        pool: String that opens the candidates; labels of theirs are not
            looked at. `images:` takes any folder of pictures.
        rounds: Int at least 1, k: the pool is cut into so many parts.
            Defaults to `3`.
        split: String, the split of the seed that is trained on; `None`
            (default) takes `train`, else the only one.
        pool_split: String, the split of the pool. Defaults to `"*"`, all.
        random_seed: Int, of the parts and all that is drawn. Defaults to `0`.
        labeller: String, the name of the first labeller. Defaults to `"me"`.
        reporter: Who is told how far it is. Defaults to `CONSOLE`.

    Returns:
        Dict `project`, `classes`, `seed`, `test`, `pool` (how many images are
        used of each), `duplicates`, `leaks`, `seed_leaks`, and `refused`, a
        list of `(name, reason)`.

    Raises:
        ValueError: If the sources cannot be opened, the seed has a picture
            that cannot be used, or the folder is a project of something else.
    """
    if rounds < 1:
        raise ValueError(
            f"`rounds` must be at least 1. Received: rounds={rounds}."
        )
    seeds = open_source(seed)
    candidates = open_source(pool, **LENIENT)
    split = split or _split_of(seeds)
    trained = seeds.split(split)
    held = [n for n in _HELD_OUT if n in seeds.splits and n != split]
    project = Project.create(path)
    settings = {
        "kind": "bootstrap",
        "sources": {"seed": absolute_spec(seed), "pool": absolute_spec(pool)},
        "splits": {"seed": split, "held": held, "pool": pool_split},
        "rounds": rounds,
        "seed": random_seed,
        "hierarchy": {k: list(v) for k, v in seeds.hierarchy.items()},
        "descriptions": {k: v for k, v in seeds.descriptions.items() if v},
    }
    with project.working():
        _check_same(project, settings)
        store = project.store
        with store.writing() as db:
            set_classes(db, seeds.class_names, seeds.descriptions)
        for name, value in settings.items():
            store.set(name, value)
        numbers = range(seeds.num_classes)
        with reporter.bar("looking at the seed") as bar:
            found = ingest(
                store, seeds, "seed", trained, classes=numbers, progress=bar
            )
        if found.refused:
            name, reason = found.refused[0]
            raise ValueError(
                "Every image of a seed must decode. Received: "
                f"{len(found.refused)} that do not, such as {name!r}: "
                f"{reason}. Replace or remove them in {seed}, remove {path} "
                "and begin again."
            )
        for name in held:
            with reporter.bar(f"looking at {name} images") as bar:
                ingest(
                    store, seeds, "test", seeds.split(name), classes=numbers,
                    progress=bar,
                )  # fmt: skip
        with reporter.bar("looking at the pool") as bar:
            ingest(
                store, candidates, "pool", candidates.split(pool_split),
                progress=bar,
            )  # fmt: skip
        copies = mark_copies(store)
        Labellers(store).add(labeller)
        store.set("begun", True)
        found = _counts(store)
        found["refused"] = [*candidates.refused, *found["refused"]]
        return {"project": str(path), **found, **copies}


def _split_of(source):
    if "train" in source.splits:
        return "train"
    if len(source.splits) == 1:
        return next(iter(source.splits))
    raise ValueError(
        "A seed has a split to train on. Received: "
        f"{source.spec} with {sorted(source.splits)}. Name it: --split."
    )


def _check_same(project, settings):
    kind = project.store.setting("kind", "bootstrap")
    if kind != settings["kind"]:
        raise ValueError(
            "A project goes on with what it was begun for. Received: "
            f"{project.path}, where label errors are settled. Choose another "
            "folder."
        )
    for name in ("sources", "splits", "rounds", "seed"):
        known = project.store.setting(name)
        if name == "sources" and known is not None:
            known = {k: known.get(k) for k in settings[name]}
        if known is not None and known != settings[name]:
            raise ValueError(
                "A project goes on with what it was begun for. Received: "
                f"{project.path}, begun with {name} {known}, now "
                f"{settings[name]}. Choose another folder."
            )


def _counts(store):
    with store.reading() as db:
        rows = db.execute(
            "SELECT origin, count(*) FROM image WHERE state = 'in' "
            "GROUP BY origin"
        ).fetchall()
        refused = db.execute(
            "SELECT name, reason FROM image WHERE state = 'refused' "
            "ORDER BY name"
        ).fetchall()
        classes = db.execute("SELECT count(*) FROM class").fetchone()[0]
    counts = dict(map(tuple, rows))
    return {
        "classes": classes,
        "seed": counts.get("seed", 0),
        "test": counts.get("test", 0),
        "pool": counts.get("pool", 0),
        "refused": [tuple(row) for row in refused],
    }
