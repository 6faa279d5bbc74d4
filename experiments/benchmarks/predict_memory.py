"""Peak memory of `fgkeras predict` over ever more pictures.

python -m experiments.benchmarks.predict_memory
python -m experiments.benchmarks.predict_memory --sizes 96 --counts 1500 20000

Draws pictures of 64 pixels, trains MobileNetV2 with random weights on frozen
features for an epoch, and asks the command line for their classes.
"""

import argparse
import json
import pathlib
import subprocess
import sys
import tempfile
import time

import numpy as np
from PIL import Image

DATA = "flora:species=4,images=8,test=4,size=64"
LIMIT = 1_000_000


def draw(folder, count, seed=0):
    """Writes `count` JPEGs and returns their paths, in order."""
    rng = np.random.default_rng(seed)
    paths = []
    for i in range(count):
        path = folder / f"{i // 500:03d}" / f"{i:05d}.jpg"
        path.parent.mkdir(exist_ok=True, parents=True)
        # Smooth pictures: noise would be files of another size.
        pixels = rng.integers(0, 256, (8, 8, 3), "uint8")
        Image.fromarray(pixels).resize((64, 64)).save(path)
        paths.append(path)
    return paths


def fgkeras(*words):
    """Runs the command line; returns its peak memory in kB, and seconds."""
    start = time.time()
    code = (
        "import resource, sys\n"
        "from fgkeras.cli.main import main\n"
        "status = main(sys.argv[1:])\n"
        "peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "print(peak, file=sys.stderr)\n"
        "sys.exit(status)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, words)],
        capture_output=True,
        text=True,
        check=True,
    )
    return int(done.stderr.split()[-1]), time.time() - start


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[96, 160, 224])
    parser.add_argument(
        "--counts", type=int, nargs="+", default=[1500, 5000, 20000]
    )
    parser.add_argument("--out", type=pathlib.Path)
    arguments = parser.parse_args()
    rows = []
    with tempfile.TemporaryDirectory() as root:
        root = pathlib.Path(root)
        paths = draw(root / "pictures", max(arguments.counts))
        folders = sorted({path.parent for path in paths})
        for size in arguments.sizes:
            fgkeras(
                "train", "--data", DATA, "--backbone", "mobilenet_v2",
                "--set", f"data.size={size}", "--mode", "frozen",
                "--epochs", "1", "--out", root / f"run{size}", "--quiet",
            )  # fmt: skip
            for count in arguments.counts:
                asked = [f for f in folders if int(f.name) * 500 < count]
                peak, seconds = fgkeras("predict", root / f"run{size}", *asked)
                rows.append(
                    {
                        "size": size,
                        "pictures": count,
                        "peak_kb": peak,
                        "seconds": round(seconds, 1),
                    }
                )
                print(rows[-1], flush=True)
    if arguments.out:
        arguments.out.write_text(json.dumps(rows, indent=1) + "\n")
    if max(row["peak_kb"] for row in rows) >= LIMIT:
        sys.exit(f"more than {LIMIT} kB")


if __name__ == "__main__":
    main()
