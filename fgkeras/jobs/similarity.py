"""How near image sets are to each other."""

import hashlib
import pathlib

import numpy as np

from fgkeras.data.open import open as open_source
from fgkeras.jobs.image_sample import ImageSample
from fgkeras.jobs.image_sample import weights_name
from fgkeras.report.measures.similarity_page import similarity_page
from fgkeras.training.reporter import CONSOLE
from fgkeras.transfer import DistanceScale
from fgkeras.transfer import Domain
from fgkeras.transfer import domain_scale
from fgkeras.transfer import half_distance
from fgkeras.transfer import make_domain
from fgkeras.transfer import nearest_classes
from fgkeras.transfer import similarity_matrix


def similarity(
    source,
    targets,
    *,
    weights=None,
    backbone="mobilenet_v2",
    split=None,
    size=160,
    gamma=0.01,
    min_images=1,
    nearest=3,
    max_images=0,
    skip_bad=False,
    ignore=(),
    seed=0,
    html=None,
    reporter=CONSOLE,
):
    """Measures the domain similarity of a source to targets.

    Args:
        source: String that opens a source of images, or the path of a file
            written by `Domain.save` (`.npz`).
        targets: Sequence of the same.
        weights: `"imagenet"` or the path of a weights file; not needed where
            all are `.npz` files.
        backbone: String. Defaults to `"mobilenet_v2"`.
        split: String; `None` takes `train`, else the first split.
        size: Int, pixels. Defaults to `160`.
        gamma: Float above 0. Defaults to `0.01`.
        min_images: Int, source classes of fewer images are left out.
        nearest: Int, source classes listed per target class.
        max_images: Int, at most so many of each set; 0 for all.
        skip_bad: Bool. Defaults to `False`.
        ignore: Sequence of globs of what is passed over. Defaults to none.
        seed: Int.
        html: Path of a page to write, or `None`. Defaults to `None`.
        reporter: Who is told how far it is. Defaults to `CONSOLE`.

    Returns:
        Tuple of a JSON-ready dict (`source`, `gamma`, `scale`, `targets`: a
        list of `name`, `classes`, `images`, `size`, `distance`, `relative`,
        `similarity`, `nearest_classes`, most similar first) and a dict of name
        to `Domain`. `size` is the `domain_scale` of a set against the
        largest one here, which the similarity leaves out.
        `relative` is 0 at the distance between random halves of one set (the
        mean over the sets here whose images are at hand) and 1 at that of the
        farthest target; `None` where there is no such scale, and `scale` says
        why in `reason`.

    Raises:
        ValueError: if images are given without weights, or dimensions differ.

    Example:

    >>> import fgkeras.models
    >>> from fgkeras.training.reporter import SILENT
    >>> body = fgkeras.models.backbone("small_cnn", (32, 32, 3))
    >>> body.save_weights("body.weights.h5")
    >>> sets = ["flora:species=3,images=9,size=32,seed=" + s for s in "012"]
    >>> found, domains = similarity(
    ...     sets[0], sets[1:], weights="body.weights.h5", backbone="small_cnn",
    ...     size=32, reporter=SILENT,
    ... )
    >>> found["targets"][0]["distance"] <= found["targets"][1]["distance"]
    True
    >>> len(domains[sets[0]])
    3
    """
    targets = list(dict.fromkeys(targets))
    if not targets:
        raise ValueError("At least one target is needed. Received: targets=[].")
    check_places([source, *targets], skip_bad=skip_bad, ignore=ignore)
    domains, halves, images = {}, {}, {}
    for name in dict.fromkeys([source, *targets]):
        domains[name] = domain_of(
            name,
            weights,
            backbone,
            size,
            halves=halves,
            images=images,
            min_images=min_images if name == source else 1,
            split=split,
            max_images=max_images,
            skip_bad=skip_bad,
            ignore=ignore,
            seed=seed,
            reporter=reporter,
        )
    sizes = relative_sizes(images)
    matrix = similarity_matrix(
        {source: domains[source]},
        {name: domains[name] for name in targets},
        gamma=gamma,
    )
    rows = [
        {
            "name": name,
            "classes": len(domains[name]),
            "images": images[name],
            "size": sizes[name],
            "distance": float(matrix.distances[0, j]),
            "similarity": float(matrix.similarities[0, j]),
            "nearest_classes": nearest_classes(
                domains[source], domains[name], nearest
            ),
        }
        for j, name in enumerate(targets)
    ]
    rows.sort(key=lambda row: row["distance"])
    found = {
        "source": source,
        "source_classes": len(domains[source]),
        "source_images": images[source],
        "source_size": sizes[source],
        "weights": weights,
        "gamma": gamma,
        "scale": add_scale(rows, halves),
        "targets": rows,
    }
    if html is not None:
        similarity_page(html, found)
    return found, domains


def check_places(names, *, skip_bad=False, ignore=()):
    """Opens sources and files of domains, before the first takes long.

    Args:
        names: Sequence of strings, see `domain_of`.
        skip_bad: Bool. Defaults to `False`.
        ignore: Sequence of globs. Defaults to none.

    Raises:
        ValueError: As who opens them later.
    """
    for name in names:
        if str(name).endswith(".npz"):
            Domain.load(name)
        else:
            open_source(name, skip_bad=skip_bad, ignore=ignore)


def relative_sizes(images):
    """Returns `domain_scale` of each set against the largest of all.

    Args:
        images: Dict of name to the number of images.

    Returns:
        Dict of name to a float, `None` for one image, which has no logarithm
        above 0.
    """
    largest = max(images.values())
    return {
        name: domain_scale(number, largest) if number > 1 else None
        for name, number in images.items()
    }


def add_scale(rows, halves):
    """Adds `relative` to rows of distances, and returns what it is relative to.

    Args:
        rows: List of dicts with `name` and `distance`.
        halves: Dict of name to the distance between halves of that set.

    Returns:
        Dict of `near` (distance between halves), `halves` (of each set), `far`,
        `farthest` (its name), and `reason`: `None`, or why there is no scale.

    Example:

    >>> rows = [{"name": "b", "distance": 3.0}, {"name": "c", "distance": 6.0}]
    >>> add_scale(rows, {"a": 2.0})["farthest"], rows[0]["relative"]
    ('c', 0.25)
    """
    far = max(rows, key=lambda row: row["distance"])
    near = float(np.mean([*halves.values()])) if halves else None
    reason = None
    if near is None:
        reason = "no set here has images, of which halves could be compared"
    elif len(rows) < 2:
        reason = "one set alone is the nearest and the farthest: add others"
    elif far["distance"] <= near:
        reason = "the farthest set is as near as halves of one set"
    scale = None if reason else DistanceScale(near, far["distance"])
    for row in rows:
        row["relative"] = scale and float(scale.relative(row["distance"]))
    return {
        "near": near,
        "halves": halves,
        "far": far["distance"],
        "farthest": far["name"],
        "reason": reason,
    }


def domain_of(
    name,
    weights,
    backbone,
    size,
    *,
    halves=None,
    images=None,
    min_images=1,
    **options,
):
    """Returns the `Domain` of a source of images or of an `.npz` file.

    Args:
        name: String that opens a source, or the path of a `Domain.save`.
        weights: `"imagenet"` or the path of a weights file.
        backbone: String.
        size: Int, pixels.
        halves: Dict that is told the distance between halves of this set,
            where its images are at hand; or `None`.
        images: Dict that is told the number of images of its classes, also of
            those that are not looked at; or `None`.
        min_images: Int, classes of fewer images are left out.
        **options: Of `ImageSample`.
    """
    if str(name).endswith(".npz"):
        domain = Domain.load(name)
        domain = domain.subset(large_enough(domain.counts, min_images, name))
        if images is not None:
            images[name] = int(domain.counts.sum())
        return domain
    if not weights:
        raise ValueError(
            "Images need weights to be compared. Received: weights=None for "
            f"{name}. Give --weights imagenet, or a weights file."
        )
    sample = ImageSample(name, **options)
    kept = large_enough(sample.class_sizes, min_images, name)
    features = sample.features(backbone, weights, size)
    if halves is not None and np.bincount(sample.labels).max() > 1:
        halves[name] = half_distance(features, sample.labels)
    if images is not None:
        images[name] = int(sample.class_sizes[kept].sum())
    return sample_domain(sample, features, kept, backbone, weights, size)


def large_enough(sizes, min_images, name):
    """Returns the classes that have images enough, and one at least.

    Args:
        sizes: Images of each class.
        min_images: Int.
        name: String, the set.

    Returns:
        Integer array, positions of the classes.

    Raises:
        ValueError: If no class has so many.
    """
    kept = np.flatnonzero(np.asarray(sizes) >= max(min_images, 1))
    if not kept.size:
        raise ValueError(
            "At least one class needs min_images images. Received: "
            f"min_images={min_images}; the largest class of {name} has "
            f"{max(sizes):g}. Lower min_images (--min-images)."
        )
    return kept


def sample_domain(sample, features, kept, backbone, weights, size):
    """Returns the `Domain` of classes of an `ImageSample`.

    Args:
        sample: `ImageSample`.
        features: Its features, as of `sample.features`.
        kept: Integer array, the classes.
        backbone, weights, size: What made the features.
    """
    rows = np.isin(sample.labels, kept)
    return make_domain(
        features[rows],
        sample.labels[rows],
        class_names=sample.source.class_names,
        network=network_name(backbone, weights, size),
    )


def network_name(backbone, weights, size):
    """Says which network made the features, by the content of its weights."""
    name, path = weights_name(weights), pathlib.Path(weights)
    if path.is_file():
        name += " " + hashlib.sha256(path.read_bytes()).hexdigest()[:8]
    return f"{backbone} {name} at {size} px"
