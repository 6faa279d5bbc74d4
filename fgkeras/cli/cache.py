"""Show what the cache holds, and make room.

The cache keeps what can be made again: features of images, the pictures of
flora:. It is $FGKERAS_CACHE, or ~/.cache/fgkeras where that is not set or
empty.

fgkeras cache
fgkeras cache --trim 2GB    # what was not used for longest goes first
fgkeras cache --clear
"""

import datetime
import json


def add_arguments(parser):
    """Adds the verb's options."""
    either = parser.add_mutually_exclusive_group()
    either.add_argument(
        "--trim",
        metavar="SIZE",
        help="delete what was not used for longest until at most SIZE is left",
    )
    either.add_argument(
        "--clear", action="store_true", help="delete all that is cached"
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.set_defaults(run=run)


def run(arguments):
    """Trims if asked, and prints; exit code 1 if something did not go."""
    from fgkeras.storage import cache_folder
    from fgkeras.storage import cached_files
    from fgkeras.storage import read_size
    from fgkeras.storage import trim_cache

    deleted = kept = ()
    if arguments.clear or arguments.trim is not None:
        size = 0 if arguments.clear else read_size(arguments.trim)
        deleted, kept = trim_cache(size)
    found = {
        "folder": str(cache_folder()),
        "kinds": summary(cached_files()),
        "deleted": summary(deleted),
        "not_deleted": [str(file.path) for file in kept],
    }
    if arguments.json:
        print(json.dumps(found, indent=2, ensure_ascii=False))
    else:
        print_cache(found)
    return 1 if kept else 0


def summary(files):
    """Returns by kind the number of files, bytes and last use.

    Args:
        files: Sequence of `CachedFile`.

    Returns:
        Dict of kind to a dict ready for JSON.
    """
    out = {}
    for file in files:
        row = out.setdefault(
            file.kind, {"files": 0, "bytes": 0, "last_use": 0.0}
        )
        row["files"] += 1
        row["bytes"] += file.size
        row["last_use"] = max(row["last_use"], file.used)
    for row in out.values():
        when = datetime.datetime.fromtimestamp(row["last_use"]).astimezone()
        row["last_use"] = when.isoformat(" ", "minutes")
    return out


def print_cache(found):
    """Prints what `run` found, a line each."""
    from fgkeras.storage import size_in_words

    for kind, row in found["deleted"].items():
        print(
            f"deleted: {row['files']} of {kind}, {size_in_words(row['bytes'])}"
        )
    for path in found["not_deleted"]:
        print(f"could not be deleted: {path}")
    print(f"cache: {found['folder']}")
    for kind, row in found["kinds"].items():
        size = size_in_words(row["bytes"])
        print(
            f"{kind:10s} {row['files']:8,d} files {size:>9s}   "
            f"last use {row['last_use']}"
        )
    total = sum(row["bytes"] for row in found["kinds"].values())
    print(f"in all {size_in_words(total)}" if total else "it is empty")
