"""Damaged pictures: what the check passes, training and serving read.

    python -m experiments.hostile_inputs.pictures [--count 5000] [--seed 0]

Every flavour of JPEG, PNG, GIF, BMP, WebP and TIFF of `tests/data/flavours.py`
is damaged at random: some bytes changed, the end cut off, a part taken out, or
bytes put in. What `normalize` refuses is counted by its reason. What it passes
goes through all that looks at it: the crop by Pillow, the crop by TensorFlow,
a training window, and the decoder of a SavedModel. Wrong are

- any other error than `BadImage` of the check,
- any error afterwards,
- crops of Pillow and TensorFlow that differ by more than 1 of 255,
- files that the SavedModel decodes to other pixels,
- more than 10 seconds for one file (the graphs are made first),
- more than 1 GB above what the process holds before the first damaged file.

About a minute and a half on 2 CPU cores; what it found is in `pictures.md`.
"""

import argparse
import collections
import pathlib
import resource
import time
import warnings

import numpy as np

_SIZE = 24
_SECONDS, _BYTES = 10, 1 << 30


def damaged(data, kind, rng):
    """Returns bytes with damage of one of four kinds."""
    data = bytearray(data)
    at = int(rng.integers(1, len(data)))
    if kind == 0:
        for _ in range(rng.integers(1, 4)):
            data[rng.integers(len(data))] = rng.integers(256)
    elif kind == 1:
        data = data[:at]
    elif kind == 2:
        data = data[:at] + data[at + int(rng.integers(1, 20)) :]
    else:
        more = rng.integers(0, 256, rng.integers(1, 20)).astype("uint8")
        data = data[:at] + more.tobytes() + data[at:]
    return bytes(data)


def lookers():
    """Returns a dict of name to what makes a crop of checked bytes."""
    import tensorflow as tf

    from fgkeras.data.images.augment import Augmentation
    from fgkeras.runs.views import View

    augmentation = Augmentation("random_crop", size=16)

    @tf.function(input_signature=[tf.TensorSpec((), tf.string)])
    def window(encoded):
        return augmentation(encoded, [1, 2])

    return {
        "Pillow": View(_SIZE, _SIZE, arrays=True).crop,
        "TensorFlow": View(_SIZE, _SIZE).crop,
        "window": window,
    }


def served():
    """Returns the decoder of a SavedModel."""
    import tensorflow as tf

    from fgkeras.data.images.decode import decode_batch_guarded

    return tf.function(
        lambda data: decode_batch_guarded(data, _SIZE),
        [tf.TensorSpec((None,), tf.string)],
    )


def held():
    """Returns the bytes of memory that this process holds."""
    pages = pathlib.Path("/proc/self/statm").read_text().split()[1]
    return int(pages) * resource.getpagesize()


def most_held():
    """Returns the most bytes of memory that it ever held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def look_at(data, ways, graph):
    """Returns what was wrong with one file, a list, and why it was refused."""
    from fgkeras.data.images import image

    crops, wrong = {}, []
    reason = None
    try:
        good = image.normalize(data)
    except image.BadImage as error:
        reason = error.reason.partition(" (")[0]
    except Exception as error:
        return [f"the check: {error!r}"[:200]], None
    if reason is None:
        for name, way in ways.items():
            try:
                crops[name] = np.asarray(way(good)).astype("float32")
            except Exception as error:
                wrong.append(f"{name}: {error!r}"[:200])
    found, valid = (part.numpy()[0] for part in graph([data]))
    if len(crops) == len(ways):
        seen = [crops["TensorFlow"], *([found] if valid else [])]
        apart = max(np.abs(crops["Pillow"] - other).max() for other in seen)
        if apart > 1:
            wrong.append(f"crops that differ by {apart:.0f}")
    return wrong, reason


def main(arguments=None):
    """Damages, looks and prints a table."""
    from tests.data.flavours import flavours
    from tests.data.flavours import unserved

    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args(arguments)
    warnings.simplefilter("ignore")
    rng = np.random.default_rng(args.seed)
    pictures = {**flavours(), **unserved()}
    names, ways, graph = list(pictures), lookers(), served()
    for data in pictures.values():
        look_at(data, ways, graph)
    reasons, faults, slowest = collections.Counter(), [], 0.0
    idle = held()
    limit = max(idle + _BYTES, most_held())
    for number in range(args.count):
        name = names[number % len(names)]
        kind = number // len(names) % 4
        data = damaged(pictures[name], kind, rng)
        start = time.perf_counter()
        wrong, reason = look_at(data, ways, graph)
        seconds = time.perf_counter() - start
        slowest = max(slowest, seconds)
        if seconds > _SECONDS:
            wrong.append(f"{seconds:.0f} seconds")
        if most_held() > limit:
            limit = most_held()
            wrong.append(f"{(limit - idle) >> 20} MB above idle")
        reasons[reason or "passed"] += 1
        faults += [f"{number}, {name}, kind {kind}: {one}" for one in wrong]
    for reason, count in reasons.most_common(12):
        print(f"{count:6}  {reason}")
    print(
        f"slowest {slowest:.2f} s; at most {(most_held() - idle) >> 20} MB "
        f"above idle; wrong: {len(faults)}"
    )
    print("\n".join(faults))
    return 1 if faults else 0


if __name__ == "__main__":
    raise SystemExit(main())
