"""How near image sets are to each other."""

import hashlib
import pathlib

import numpy as np

from fgkeras.jobs.image_sample import ImageSample
from fgkeras.jobs.image_sample import weights_name
from fgkeras.training.reporter import CONSOLE
from fgkeras.transfer import Domain
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
        reporter: Who is told how far it is. Defaults to `CONSOLE`.

    Returns:
        Tuple of a JSON-ready dict (`source`, `gamma`, `targets`: a list of
        `name`, `classes`, `distance`, `similarity`, `nearest_classes`, most
        similar first) and a dict of name to `Domain`.

    Raises:
        ValueError: if images are given without weights, or dimensions differ.
    """
    targets = list(targets)
    if not targets:
        raise ValueError("At least one target is needed. Received: targets=[].")
    domains = {}
    for name in dict.fromkeys([source, *targets]):
        domains[name] = domain_of(
            name,
            weights,
            backbone,
            size,
            min_images=min_images if name == source else 1,
            split=split,
            max_images=max_images,
            skip_bad=skip_bad,
            ignore=ignore,
            seed=seed,
            reporter=reporter,
        )
    matrix = similarity_matrix(
        {source: domains[source]},
        {name: domains[name] for name in targets},
        gamma=gamma,
    )
    rows = [
        {
            "name": name,
            "classes": len(domains[name]),
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
        "weights": weights,
        "gamma": gamma,
        "targets": rows,
    }
    return found, domains


def domain_of(name, weights, backbone, size, *, min_images=1, **options):
    """Returns the `Domain` of a source of images or of an `.npz` file.

    Args:
        name: String that opens a source, or the path of a `Domain.save`.
        weights: `"imagenet"` or the path of a weights file.
        backbone: String.
        size: Int, pixels.
        min_images: Int, classes of fewer images are left out.
        **options: Of `ImageSample`.
    """
    if str(name).endswith(".npz"):
        domain = Domain.load(name)
        kept = np.flatnonzero(domain.counts >= min_images)
        if not kept.size:
            raise ValueError(
                "At least one class needs min_images images. Received: "
                f"min_images={min_images}; the largest class of {name} has "
                f"{domain.counts.max():g}. Lower min_images (--min-images)."
            )
        return domain.subset(kept)
    if not weights:
        raise ValueError(
            "Images need weights to be compared. Received: weights=None for "
            f"{name}. Give --weights imagenet, or a weights file."
        )
    sample = ImageSample(name, **options)
    return make_domain(
        sample.features(backbone, weights, size),
        sample.labels,
        class_names=sample.source.class_names,
        min_images=min_images,
        network=network_name(backbone, weights, size),
    )


def network_name(backbone, weights, size):
    """Says which network made the features, by the content of its weights."""
    name, path = weights_name(weights), pathlib.Path(weights)
    if path.is_file():
        name += " " + hashlib.sha256(path.read_bytes()).hexdigest()[:8]
    return f"{backbone} {name} at {size} px"
