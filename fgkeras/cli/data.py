"""Look at, convert and verify image sets.

fgkeras data info folder:photos
fgkeras data suspects folder:photos
fgkeras data suspects folder:photos --detector both
fgkeras data subset zip:big.zip --nearest folder:birds --count 50
fgkeras data subset zip:birds.zip --hardest 10
fgkeras data convert zip:birds.zip records/birds
fgkeras data verify records/birds
fgkeras data catalogue cub200_2011
"""

import json
import sys

from fgkeras.cli.datasets import LISTED
from fgkeras.cli.datasets import subset
from fgkeras.cli.datasets import suspects
from fgkeras.cli.options import add_reading


def add_arguments(parser):
    """Adds the verbs below `data`."""
    verbs = parser.add_subparsers(dest="data_verb", metavar="VERB")
    verbs.required = True
    info = verbs.add_parser("info", help="counts, sizes, duplicates")
    info.add_argument("source", metavar="SOURCE")
    info.add_argument("--long-tail", metavar="CUT", help="exponential:100 ...")
    info.add_argument("--json", action="store_true", help="print JSON")
    add_reading(info)
    info.set_defaults(run=run_info)
    suspects.add_arguments(verbs)
    subset.add_arguments(verbs)
    convert = verbs.add_parser("convert", help="write sharded TFRecords")
    convert.add_argument("source", metavar="SOURCE")
    convert.add_argument("out", metavar="OUT")
    convert.add_argument("--shards", type=int, metavar="N", help="per split")
    convert.add_argument("--workers", type=int, metavar="N")
    add_reading(convert)
    convert.set_defaults(run=run_convert)
    verify = verbs.add_parser("verify", help="find damage in records")
    verify.add_argument("out", metavar="OUT")
    verify.add_argument("--json", action="store_true", help="print JSON")
    verify.set_defaults(run=run_verify)
    catalogue = verbs.add_parser("catalogue", help="public sets, how to get")
    catalogue.add_argument("name", nargs="?", metavar="NAME")
    catalogue.set_defaults(run=run_catalogue)


def run_info(arguments):
    """Describes a source."""
    from fgkeras.data.cuts.cut import cut_source
    from fgkeras.data.info import describe
    from fgkeras.data.open import open as open_source

    source = open_source(
        arguments.source,
        needs=("images",),
        skip_bad=arguments.skip_bad,
        ignore=arguments.ignore,
    )
    if arguments.long_tail:
        split = "train" if "train" in source.splits else None
        source = cut_source(
            source,
            arguments.long_tail,
            split=split or next(iter(source.splits)),
        )
    found = describe(source)
    if arguments.json:
        print(json.dumps(found, indent=2, ensure_ascii=False))
        return 0
    print_description(found)
    return 0


def print_description(found):
    """Prints what `describe` found, a line each."""
    from fgkeras.data.sources.file_names import printable
    from fgkeras.data.sources.problems import Problems

    balance, images = found["balance"], found["images"]
    rows = {"source": found["spec"], "classes": found["num_classes"]}
    for name, split in found["splits"].items():
        text = f"{split['images']} in {split['classes']} classes"
        if split["unlabelled"]:
            text += f", {split['unlabelled']} without one"
        rows[f"{name} images"] = text
        if split["columns"]:
            rows[f"{name} columns"] = ", ".join(split["columns"])
    if balance["largest"]:
        # `all` is the name of the split of a set that has none.
        whole = len(found["splits"]) == 1 and balance["split"] == "all"
        split = "" if whole else f"{balance['split']} "
        rows["class sizes"] = (
            f"{balance['smallest']} to {balance['largest']} {split}"
            f"images, imbalance factor {balance['imbalance_factor']:.4g}"
        )
        for group, rule in (
            ("head", "more than 100"),
            ("medium", "20 to 100"),
            ("tail", "fewer than 20"),
        ):
            rows[group] = f"{len(balance[group])} classes with {rule} images"
    if balance["absent"]:
        rows["absent"] = ", ".join(balance["absent"][:10])
    for column, parents in found["hierarchy"].items():
        rows[f"hierarchy {column}"] = f"{parents} parents"
    if images:
        rows["formats"] = ", ".join(
            f"{name} {count}" for name, count in images["formats"].items()
        )
        if images["transparent"]:
            rows["transparent"] = f"{images['transparent']}, laid on white"
        for side in ("width", "height"):
            size = images[side]
            if size:
                rows[side] = (
                    f"{size['min']} to {size['max']} px, "
                    f"median {size['median']:.4g}"
                )
        rows["bytes"] = f"{images['bytes'] / 1e6:.1f} MB"
        for name, groups in images["duplicates"].items():
            rows[f"duplicates {name.replace('_', ' ')}"] = len(groups)
    wide = max(map(len, rows))
    for name, value in rows.items():
        print(f"{name:{wide}s}  {printable(str(value))}")
    for note in found["notes"]:
        print(f"note: {printable(note)}")
    bad = [*found["refused"], *(images or {}).get("bad", [])]
    bad = Problems(
        (entry["file"] if "file" in entry else entry["id"], entry["reason"])
        for entry in bad
    )
    if len(bad) <= LISTED:
        for name, reason in bad:
            print(f"bad image: {printable(name)}: {reason}")
        return
    for line in bad.lines():
        print(f"bad images: {line} (all of them: --json)")


def run_convert(arguments):
    """Converts a source to records."""
    from fgkeras.data.images.depth import notes_of
    from fgkeras.data.images.screened import KEEP_BYTES
    from fgkeras.data.open import open as open_source
    from fgkeras.data.records.convert import convert
    from fgkeras.data.sources.file_names import printable

    source = open_source(
        arguments.source,
        skip_bad=arguments.skip_bad,
        ignore=arguments.ignore,
        keep_bytes=KEEP_BYTES,
    )
    manifest = convert(
        source,
        arguments.out,
        num_shards=arguments.shards,
        skip_bad=arguments.skip_bad,
        workers=arguments.workers,
        progress=_stderr_progress("writing records"),
    )
    for note in notes_of(source):
        print(f"note: {printable(note)}")
    for entry in manifest["refused"]:
        print(f"left out: {entry['file']}: {entry['reason']}")
    print(f"{arguments.out}: open it with records:{arguments.out}")
    return 0


def _stderr_progress(title):
    """Returns a callable of `(done, total)` drawing one line."""

    def show(done, total):
        if sys.stderr.isatty() or done == total:
            end = "\n" if done == total else "\r"
            print(f"{title}: {done} of {total}", end=end, file=sys.stderr)

    return show


def run_verify(arguments):
    """Verifies records; exit code 1 if anything is wrong."""
    from fgkeras.data.records.verify import verify

    report = verify(arguments.out)
    if arguments.json:
        problems = [str(p) for p in report.problems]
        print(json.dumps({"ok": report.ok, "problems": problems}, indent=2))
    else:
        for problem in report.problems:
            print(problem)
        print("ok" if report.ok else f"{len(report.problems)} problems")
    return 0 if report.ok else 1


def run_catalogue(arguments):
    """Prints the public sets, or one of them."""
    from fgkeras.data.catalogue import CATALOGUE
    from fgkeras.data.catalogue import describe_entry

    if arguments.name is None:
        for name, entry in CATALOGUE.items():
            print(f"{name:20s} {entry.num_classes:6d} classes  {entry.title}")
        return 0
    print(describe_entry(arguments.name))
    return 0
