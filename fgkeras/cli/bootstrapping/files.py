"""What a project is written as, and read from."""

from fgkeras.cli.bootstrapping.sayings import printed
from fgkeras.cli.bootstrapping.sayings import say_next
from fgkeras.cli.reporting import reporter_of


def add_files(add):
    """Adds `report`, `export` and `import`.

    Args:
        add: Callable of a name, its help and what runs, that returns a parser.
    """
    report = add(
        "report",
        "one page of what people and models did",
        run_report,
        light=True,
    )
    report.add_argument("--out", metavar="FOLDER", help="else PROJECT/report")
    export = add("export", "write a project as files", run_export, light=True)
    export.add_argument(
        "--format", default="jsonl", metavar="F",
        help="jsonl (all but the pictures, default), csv, label-studio or "
        "fiftyone (every decision), sets or records (to train on)",
    )  # fmt: skip
    export.add_argument(
        "--out", required=True, metavar="PLACE",
        help="a file; of fiftyone, sets and records a folder",
    )  # fmt: skip
    import_ = add(
        "import",
        "make a project of a file, or add votes",
        run_import,
        light=True,
    )
    import_.add_argument("file", metavar="FILE")
    import_.add_argument(
        "--format", default="jsonl", metavar="F",
        help="jsonl (a new project, default), csv, label-studio or fiftyone "
        "(votes into a project)",
    )  # fmt: skip
    import_.add_argument(
        "--labeller", metavar="NAME", help="whose votes they are instead"
    )


def run_report(arguments):
    """Writes the report."""
    from fgkeras.jobs.bootstrapping.report import report

    found, page = report(
        arguments.project, out=arguments.out, reporter=reporter_of(arguments)
    )
    if printed(arguments, found):
        return 0
    total = found["growth"][-1]
    print(
        f"{total['accepted']} accepted, {total['rejected']} rejected, "
        f"{found['work']['decisions']} decisions in "
        f"{found['work']['hours']:.1f} hours"
    )
    print(f"report: {page}")
    return 0


def run_export(arguments):
    """Writes files."""
    from fgkeras.jobs.bootstrapping.export import export

    found = export(
        arguments.project,
        arguments.out,
        arguments.format,
        reporter=reporter_of(arguments),
    )
    if printed(arguments, found):
        return 0
    print(f"{found['out']}: {_counted(found)}")
    if found["format"] == "sets":
        print(f"train on it: {_training_on(found)}")
    return 0


def _training_on(found):
    """How a folder of sets is trained on."""
    import shlex

    listed = "training.csv" if found["test"] else "accepted.csv"
    words = ["fgkeras", "train", "--data", f"csv:{found['out']}/{listed}"]
    if found["rejected"]:
        rejected = f"method.rejected=csv:{found['out']}/rejected.csv"
        words += ["--method", "triplet-a", "--set", rejected]
    return shlex.join(words)


def run_import(arguments):
    """Reads files."""
    from fgkeras.jobs.bootstrapping.import_ import import_

    found = import_(
        arguments.project,
        arguments.file,
        arguments.format,
        labeller=arguments.labeller,
        reporter=reporter_of(arguments),
    )
    if printed(arguments, found):
        return 0
    print(f"{found['file']}: {_counted(found)}")
    return say_next(arguments)


def _counted(found):
    """What there is of each, in words."""
    return ", ".join(
        f"{count} {name.replace('_', ' ')}"
        for name, count in found.items()
        if name not in ("format", "file", "out", "number")
    )
