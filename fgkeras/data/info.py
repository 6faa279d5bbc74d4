"""Descriptions of sources: counts, sizes, duplicates, unusable images."""

import collections
import concurrent.futures
import hashlib

import numpy as np

from fgkeras.data.images.depth import depth_notes
from fgkeras.data.images.image import MAX_PIXELS
from fgkeras.data.images.image import BadImage
from fgkeras.data.images.image import verify
from fgkeras.data.images.screened import map_in_order
from fgkeras.data.sources.file_names import printable

# Classes of more training images are the head, of fewer the tail.
HEAD_ABOVE = 100
TAIL_BELOW = 20


def describe(
    source, check_images=True, *, max_pixels=MAX_PIXELS, num_threads=4
):
    """Describes a source, so that its faults show before training.

    Args:
        source: `Source`.
        check_images: Boolean, whether to read every image: sizes, formats,
            bytes, duplicates and bad images are known only then. Defaults to
            True.
        max_pixels: Integer, largest allowed size. Defaults to 64 million.
        num_threads: Integer at least 1, threads that read. Defaults to 4.

    Returns:
        Dict that `json.dumps` takes:

        - `spec`, `num_classes`, `class_names`;
        - `splits`: dict of split to `images`, `classes` (with images),
          `counts` (a list, one number per class), `unlabelled` (images without
          a class) and `columns` (names of what is known of each image, `boxes`
          among them);
        - `hierarchy`: dict of column to its number of parents;
        - `balance`: of the split `train` (else the first one): `split`,
          `largest`, `smallest` (above 0), `imbalance_factor`
          (`largest / smallest`), `head`, `medium`, `tail` (lists of class
          names with more than 100, 20 to 100 and 1 to 19 images), `absent`
          (class names without an image);
        - `refused`: list of `{"file", "reason"}` of what opening left out;
        - `notes`: list of sentences on the source as a whole, such as that
          its 16-bit pictures use 12 bits;
        - `images`: `None` without `check_images`, else `bytes`, `formats`
          and `modes` (dicts of name to number), `rotated` (number with an
          EXIF orientation), `transparent` (number with a pixel that is not
          opaque: what lies under it is seen as white), `width` and `height`
          (upright; dicts of `min`, `median`, `max`; `None` if no image is
          good), `bad` (list of
          `{"id", "split", "reason"}`), `duplicates`: dict of
          `within_splits`, `between_splits`, `with_different_labels`. Each is
          a list of groups of byte-identical images, a group a list of
          `{"id", "split", "class"}`. A group may be in several lists.

    Example:

    >>> from fgkeras.data.sources.source import Source, Split
    >>> labels = np.array([0, 0, 1])
    >>> source = Source("x", ["elm", "oak"],
    ...     {"all": Split(("a", "b", "c"), labels)})
    >>> describe(source, check_images=False)["balance"]["imbalance_factor"]
    2.0
    """
    splits = {}
    for name in source.splits:
        counts, part = source.counts(name), source.split(name)
        boxes = () if part.boxes is None else ("boxes",)
        splits[name] = {
            "images": len(part),
            "classes": int((counts > 0).sum()),
            "counts": counts.tolist(),
            "unlabelled": len(part) - int(counts.sum()),
            "columns": [*part.columns, *boxes],
        }
    images, bits = None, []
    if check_images:
        images, bits = _images(source, max_pixels, num_threads)
    return {
        "spec": str(source.spec),
        "num_classes": source.num_classes,
        "class_names": list(source.class_names),
        "splits": splits,
        "hierarchy": {k: len(set(v)) for k, v in source.hierarchy.items()},
        "balance": _balance(source),
        "refused": [
            {"file": printable(str(file)), "reason": str(reason)}
            for file, reason in source.refused
        ],
        "notes": [*source.notes, *depth_notes(bits)],
        "images": images,
    }


def _balance(source):
    """Returns how uneven the training split's classes are."""
    if not source.splits:
        return None
    split = "train" if "train" in source.splits else next(iter(source.splits))
    counts = source.counts(split)
    present = counts[counts > 0]
    largest = int(present.max()) if len(present) else 0
    smallest = int(present.min()) if len(present) else 0

    def names(mask):
        return [source.class_names[i] for i in np.flatnonzero(mask)]

    return {
        "split": split,
        "largest": largest,
        "smallest": smallest,
        "imbalance_factor": largest / smallest if smallest else None,
        "head": names(counts > HEAD_ABOVE),
        "medium": names((counts >= TAIL_BELOW) & (counts <= HEAD_ABOVE)),
        "tail": names((counts > 0) & (counts < TAIL_BELOW)),
        "absent": names(counts == 0),
    }


def _images(source, max_pixels, num_threads):
    """Returns what reading every image shows, and bits that are used."""

    def look(image_id):
        try:
            data = source.read(image_id)
        except BadImage as error:
            return 0, None, error.reason
        digest = hashlib.sha256(data).digest()
        try:
            found = verify(data, max_pixels=max_pixels)
        except BadImage as error:
            found = error.reason
        return len(data), digest, found

    formats, modes = collections.Counter(), collections.Counter()
    total, rotated, transparent, sizes, bad = 0, 0, 0, [], []
    bits = []
    groups = collections.defaultdict(list)
    with concurrent.futures.ThreadPoolExecutor(num_threads) as pool:
        for name, split in source.splits.items():
            for image_id, label, (size, digest, found) in zip(
                split.ids,
                split.labels,
                map_in_order(pool, look, split.ids, 4 * num_threads),
                strict=True,
            ):
                total += size
                if digest is not None:
                    groups[digest].append((name, image_id, int(label)))
                if isinstance(found, str):
                    bad.append({"id": image_id, "split": name, "reason": found})
                    continue
                formats[found.format] += 1
                modes[found.mode] += 1
                rotated += found.orientation != 1
                transparent += found.transparent
                sizes.append(found.upright_size)
                if found.used_bits is not None:
                    bits.append(found.used_bits)
    widths, heights = zip(*sizes, strict=True) if sizes else ((), ())
    found = {
        "bytes": total,
        "formats": dict(sorted(formats.items())),
        "modes": dict(sorted(modes.items())),
        "rotated": rotated,
        "transparent": transparent,
        "width": _spread(widths),
        "height": _spread(heights),
        "bad": bad,
        "duplicates": _duplicates(source.class_names, groups.values()),
    }
    return found, bits


def _duplicates(class_names, groups):
    """Returns the groups of identical images, by what is wrong with them."""
    lists = {
        "within_splits": [],
        "between_splits": [],
        "with_different_labels": [],
    }
    for group in groups:
        # Splits that share an image by design repeat its id, not its content.
        if len({image_id for _, image_id, _ in group}) < 2:
            continue
        rows = [
            {
                "id": image_id,
                "split": name,
                "class": class_names[label] if label >= 0 else None,
            }
            for name, image_id, label in group
        ]
        names = [name for name, _, _ in group]
        if len(set(names)) < len(names):
            lists["within_splits"].append(rows)
        if len(set(names)) > 1:
            lists["between_splits"].append(rows)
        if len({label for _, _, label in group} - {-1}) > 1:
            lists["with_different_labels"].append(rows)
    return lists


def _spread(values):
    """Returns minimum, median and maximum, or `None` for no values."""
    if not values:
        return None
    return {
        "min": int(min(values)),
        "median": float(np.median(values)),
        "max": int(max(values)),
    }
