"""Images a second that `records:` reads, every checksum compared.

Writes a set of records of the sizes of photographs scaled for training (drawn
bytes; nothing is decoded), reads all of them once so that the disk is out of
the way, then times random reads through `RecordsSource.read`.

    python experiments/benchmarks/records_reading.py --folder /tmp/records
"""

import argparse
import json
import pathlib
import time

import numpy as np

from fgkeras.data.records import tfrecord
from fgkeras.data.records.example import encode_example
from fgkeras.data.records.source import RecordsSource

CLASSES = 100


def write_set(folder, records, mean_size, shard=5000):
    """Writes the records, sizes drawn around their mean."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(0)
    names = "".join(f"class {i}\n" for i in range(CLASSES))
    (folder / "labels.txt").write_text(names)
    shards = -(-records // shard)
    for number in range(shards):
        rows = range(number * shard, min(records, (number + 1) * shard))
        tfrecord.write(
            folder / f"train_{number:05d}-of-{shards:05d}.tfrecord",
            (
                encode_example(
                    {
                        "image/encoded": rng.bytes(
                            int(mean_size * rng.uniform(0.5, 1.5))
                        ),
                        "image/filename": f"{row}.jpg",
                        "image/class/label": row % CLASSES,
                    }
                )
                for row in rows
            ),
        )


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=pathlib.Path, required=True)
    parser.add_argument("--records", type=int, default=50_000)
    parser.add_argument("--mean-size", type=int, default=20_000)
    arguments = parser.parse_args()
    if not (arguments.folder / "labels.txt").exists():
        write_set(arguments.folder, arguments.records, arguments.mean_size)
    source = RecordsSource(arguments.folder)
    ids = source.split("train").ids
    order = np.random.default_rng(1).permutation(len(ids))
    for shard in source.shards("train"):
        shard.read_bytes()
    started = time.perf_counter()
    total = sum(len(source.read(ids[i])) for i in order)
    seconds = time.perf_counter() - started
    print(
        json.dumps(
            {
                "records": len(ids),
                "megabytes": round(total / 1e6),
                "seconds": round(seconds, 2),
                "images_per_second": round(len(ids) / seconds),
            }
        )
    )


if __name__ == "__main__":
    main()
