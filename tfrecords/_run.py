"""What the converters share: arguments, progress, summary."""

import argparse
import sys
import time

from fgkeras.data.records.convert import convert


def run(open_source, doc, *, screens=False, argv=None):
    """Parses the command line of a converter and converts.

    Args:
        open_source: Callable of the first argument, returning a `Source`.
        doc: String, the converter's docstring, shown by `--help`.
        screens: Whether `open_source` takes `skip_bad` too.
        argv: Sequence of strings, or `None` for the process's own.

    Returns:
        Int, the exit status.
    """
    parser = argparse.ArgumentParser(
        description=doc, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", help="what was downloaded, unpacked")
    parser.add_argument("out", help="folder to write; the same call resumes")
    parser.add_argument("--name", help="name in the file names")
    parser.add_argument(
        "--shard-size", type=int, default=1024, help="images per file (1024)"
    )
    parser.add_argument("--num-shards", type=int, help="files per split")
    parser.add_argument("--seed", type=int, default=0, help="of the order (0)")
    parser.add_argument("--workers", type=int, help="threads (CPU cores)")
    parser.add_argument(
        "--skip-bad", action="store_true", help="leave out bad images, listed"
    )
    args = vars(parser.parse_args(argv))
    try:
        kept = {"skip_bad": args["skip_bad"]} if screens else {}
        source = open_source(args.pop("data"), **kept)
        manifest = convert(
            source, args.pop("out"), progress=_Progress(), **args
        )
    except (ValueError, OSError) as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    print(file=sys.stderr)
    for split, found in manifest["splits"].items():
        files = len(found["shards"])
        size = sum(shard["bytes"] for shard in found["shards"]) / 1e6
        images = found["images"]
        print(f"{split}: {images} images, {files} files, {size:.1f} MB")
    print(f"{len(manifest['class_names'])} classes")
    for entry in manifest["refused"]:
        print(f"left out: {entry['file']}: {entry['reason']}")
    return 0


class _Progress:
    """Shows a counter on standard error, five times a second at most."""

    def __init__(self):
        self.start = time.monotonic()
        self.shown = 0.0

    def __call__(self, done, total):
        now = time.monotonic()
        if now - self.shown < 0.2 and done < total:
            return
        self.shown = now
        speed = done / max(now - self.start, 1e-3)
        text = f"\r{done}/{total} images, {speed:.0f} images/s "
        print(text, end="", file=sys.stderr, flush=True)
