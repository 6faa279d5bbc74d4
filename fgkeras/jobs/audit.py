"""One look at a set before training: what it is and what to do."""

import pathlib
import time

import numpy as np

from fgkeras.data.cuts.exponential import exponential_counts
from fgkeras.data.cuts.exponential import largest_imbalance
from fgkeras.data.info import describe
from fgkeras.data.open import open as open_source
from fgkeras.evaluation.unit_rows import unit_rows
from fgkeras.granularity import class_pairs
from fgkeras.granularity import rankm
from fgkeras.jobs.audit_advice import advise
from fgkeras.jobs.audit_advice import best_of
from fgkeras.jobs.audit_advice import find_problems
from fgkeras.jobs.audit_advice import first_size
from fgkeras.jobs.audit_commands import named_splits
from fgkeras.jobs.audit_commands import train_commands
from fgkeras.jobs.image_sample import ImageSample
from fgkeras.jobs.image_sample import box_options
from fgkeras.jobs.image_sample import named_weights
from fgkeras.jobs.page_folder import check_place
from fgkeras.jobs.page_folder import folder_name
from fgkeras.jobs.page_folder import other_source
from fgkeras.jobs.page_folder import picture_of
from fgkeras.jobs.similarity import add_scale
from fgkeras.jobs.similarity import domain_of
from fgkeras.jobs.similarity import network_name
from fgkeras.jobs.suspects import copies_apart
from fgkeras.jobs.suspects import look_at
from fgkeras.jobs.suspects import suspect_problems
from fgkeras.jobs.suspects import suspects_among
from fgkeras.ops import effective_number
from fgkeras.ops import effective_number_curves
from fgkeras.ops import nearest_class_means
from fgkeras.report.audit_page import audit_page
from fgkeras.runs.folder import environment
from fgkeras.storage import write_json
from fgkeras.training.reporter import CONSOLE
from fgkeras.transfer import half_distance
from fgkeras.transfer import make_domain
from fgkeras.transfer import nearest_classes
from fgkeras.transfer import similarity_matrix

BETAS = (0.9, 0.99, 0.999, 0.9999)
# Of the long tails that are drawn: those of long-tailed CIFAR.
IMBALANCES = (10, 20, 50, 100, 200)
_PAIRS = 12


def audit(
    source,
    *,
    sources=(),
    source_sets=(),
    backbone="mobilenet_v2",
    size=160,
    sizes=(),
    max_images=None,
    out=None,
    skip_bad=False,
    ignore=(),
    box_margin=None,
    seed=0,
    reporter=CONSOLE,
):
    """Audits a source and writes a page to read before training.

    Args:
        source: String that opens a source.
        sources: Sequence of `"imagenet"` or paths of weights files, the
            pre-trainings to choose from; none leaves granularity out.
        source_sets: Sequence of other image sources or `.npz` files of
            `Domain.save`, whose similarity to this one is measured.
        backbone: String. Defaults to `"mobilenet_v2"`.
        size: Int, pixels. Defaults to `160`.
        sizes: Sequence of int, further sizes to try with the best
            pre-training.
        max_images: Int, images that features are computed of, drawn evenly
            within all classes, two of each at least; 0 for all. Of all images
            of the split a training with frozen features finds them, of a
            sample it does not. `None` (default) is 3000, or two of each class
            where that is more.
        out: Path of the folder; `None` means `audits/NAME`.
        skip_bad: Bool, whether unusable files are listed instead of stopping.
        ignore: Sequence of globs of what is passed over. Defaults to none.
        box_margin: Float at least 0: features are of images cropped to their
            boxes, with so much more on each side, as a share of its height and
            width. `None` (default) takes images as they are.
        seed: Int.
        reporter: Who is told how far it is. Defaults to `CONSOLE`.

    Returns:
        Tuple `(found, path)`: a JSON-ready dict, and the folder that holds
        `audit.html` and `audit.json`.

    Raises:
        ValueError: If the source cannot be opened or images do not decode.

    Example:

    >>> from fgkeras.training.reporter import SILENT
    >>> found, folder = audit(
    ...     "flora:species=3,images=6,size=32", reporter=SILENT
    ... )
    >>> found["description"]["num_classes"], (folder / "audit.html").exists()
    (3, True)
    """
    start = time.time()
    spec = str(source)
    source = open_source(
        source, skip_bad=skip_bad, ignore=ignore, boxes=box_margin is not None
    )
    out = pathlib.Path(out or f"audits/{folder_name(spec)}")
    check_place(out, "audit", "An audit", other_source(spec, "train_split"))
    description = describe(source)
    train = description["balance"]["split"]
    counts = np.asarray(description["splits"][train]["counts"])
    found = {
        "source": spec,
        "train_split": train,
        "description": description,
        "classes_without_training": _overlap(source, train),
        "effective_numbers": [_effective(counts, beta) for beta in BETAS],
        "sample": None,
        "granularity": [],
        "hardest_pairs": [],
        "class_scores": {},
        "told_by_class_means": None,
        "similarity": [],
        "similarity_scale": None,
    }
    found["problems"] = find_problems(
        description, found["classes_without_training"]
    )
    sample = ImageSample(
        source,
        train,
        max_images=max_images,
        skip_bad=skip_bad,
        box_margin=box_margin,
        seed=seed,
        reporter=reporter,
    )
    compared = np.unique(sample.labels, return_counts=True)[1] > 1
    found["sample"] = {
        **sample.drawn,
        "backbone": backbone,
        "metric": "unit_euclidean",
        "box_margin": box_margin,
        "compared": int(compared.sum()),
    }
    pictures, features, named = [], None, named_weights(sources)
    if not compared.any():
        found["problems"].insert(
            0,
            "One image of each class: nothing says how alike the images of a "
            "class are, so granularity is not measured.",
        )
    elif sources and found["sample"]["classes"] > 1:
        if not compared.all():
            alone = int((~compared).sum())
            found["problems"].append(
                f"{alone} of {len(compared)} classes looked at "
                f"{'has' if alone == 1 else 'have'} one image: nothing says "
                "how alike theirs are. Granularity is measured over the other "
                f"{len(compared) - alone}."
            )
        pictures, features = _measure_granularity(
            found, sample, named, backbone, [size, *sizes],
        )  # fmt: skip
        told = nearest_class_means(features, sample.labels)
        found["told_by_class_means"] = float(np.mean(told == sample.labels))
    looked = look_at(source, reporter=reporter)
    found["suspects"] = copies_apart(
        suspects_among(looked, sample.ids, features, reporter=reporter),
        description["images"]["duplicates"],
    )
    found["problems"] += suspect_problems(found["suspects"])
    if source_sets:
        _measure_similarity(
            found, sample, sources, source_sets, backbone, size, max_images,
            skip_bad, ignore, seed, reporter,
        )  # fmt: skip
    found["recipe"] = advise(found["granularity"], counts)
    found["images_a_second"] = sample.rates
    found["commands"] = _commands(
        found, source, backbone, sources, size, skip_bad, ignore
    )
    found["environment"] = environment()
    found["seconds"] = round(time.time() - start, 1)
    out.mkdir(parents=True, exist_ok=True)
    audit_page(
        out / "audit.html",
        found,
        title=folder_name(spec),
        thumbnail=sample.thumbnail,
        pair_pictures=pictures,
        read_picture=lambda image_id: picture_of(source, image_id),
        worth=effective_number_curves(BETAS, int(counts.max())),
        tails=_tails(counts),
    )
    write_json(out / "audit.json", found)
    return found, out


def _measure_granularity(found, sample, bodies, backbone, sizes):
    """Adds granularity to `found`; returns pictures of pairs, and features."""
    labels = sample.names
    best = None
    plan = [(name, path, sizes[0]) for name, path in bodies.items()]
    results = {}
    for name, path, size in plan:
        features = sample.features(backbone, path, size)
        results[name, size] = (features, rankm(features, labels))
        found["granularity"].append(
            _granularity_row(
                name, path, size, results[name, size][1].compared()
            )
        )
    best = best_of(found["granularity"])
    for size in sizes[1:]:
        features = sample.features(backbone, best["path"], size)
        measured = rankm(features, labels).compared()
        found["granularity"].append(
            _granularity_row(best["name"], best["path"], size, measured)
        )
    features, measured = results[best["name"], best["size"]]
    part = measured.compared()
    for row in part.hardest_classes(len(part.class_names)):
        label, score, rival = row
        found["class_scores"][label] = {"rankm": score, "rival": rival}
    pairs = class_pairs(features, labels, medoids=measured.medoids)
    pictures = []
    alone = set(measured.class_names[part.class_counts == 0].tolist())
    for first, second, value, _ in pairs.hardest(_PAIRS):
        if {first, second} <= alone:
            continue
        row, shown = _pair(features, measured, first, second)
        found["hardest_pairs"].append({**row, "rankm": value})
        pictures.append(shown)
    found["mean_class_rankm"] = float(np.nanmean(part.class_scores))
    return pictures, features


def _granularity_row(name, path, size, measured):
    low, high = measured.interval()
    return {
        "name": name,
        "path": path,
        "size": size,
        "value": measured.value,
        "low": low,
        "high": high,
    }


def _pair(features, measured, first, second):
    """The two medoids and the image that stands deepest on the wrong side."""
    names = list(measured.class_names)
    a, b = names.index(first), names.index(second)
    unit = unit_rows(features)
    to = unit @ unit[measured.medoids[[a, b]]].T
    side = np.full(len(unit), -np.inf)
    for own, column in ((a, 0), (b, 1)):
        rows = measured.class_ids == own
        side[rows] = to[rows, 1 - column] - to[rows, column]
    side[measured.medoids] = -np.inf
    worst = int(side.argmax())
    owner = str(names[measured.class_ids[worst]])
    row = {"classes": [str(first), str(second)], "shown": owner}
    return row, (int(measured.medoids[a]), worst, int(measured.medoids[b]))


def _measure_similarity(
    found, sample, sources, sets, backbone, size, max_images, skip_bad, ignore,
    seed, reporter,
):  # fmt: skip
    """Adds the similarity of other image sets to `found`."""
    if not sources:
        raise ValueError(
            "Image sets are compared by features. Received: source_sets="
            f"{list(sets)} without sources. Give weights too (--sources)."
        )
    best = best_of(found["granularity"], first_size(found["granularity"]))
    weights = best["path"] if best else sources[0]
    features, halves = sample.features(backbone, weights, size), {}
    if np.bincount(sample.labels).max() > 1:
        halves[found["source"]] = half_distance(features, sample.labels)
    target = make_domain(
        features,
        sample.labels,
        class_names=sample.source.class_names,
        network=network_name(backbone, weights, size),
    )
    domains = {
        spec: domain_of(
            spec, weights, backbone, size, halves=halves,
            max_images=max_images, skip_bad=skip_bad, ignore=ignore,
            seed=seed, reporter=reporter,
        )
        for spec in map(str, sets)
    }  # fmt: skip
    matrix = similarity_matrix(domains, {"target": target})
    order = np.argsort(matrix.distances[:, 0], kind="stable")
    found["similarity"] = [
        {
            "name": matrix.sources[i],
            "classes": len(domains[matrix.sources[i]]),
            "distance": float(matrix.distances[i, 0]),
            "similarity": float(matrix.similarities[i, 0]),
            "weights": str(weights),
            "nearest_classes": nearest_classes(
                domains[matrix.sources[i]], target, 3
            )[:10],
        }
        for i in order
    ]
    found["similarity_scale"] = add_scale(found["similarity"], halves)


def _overlap(source, train):
    """Classes of every other split without a training image, and of all."""
    known = source.counts(train) > 0
    result = {}
    for name in source.splits:
        if name != train:
            present = source.counts(name) > 0
            missing = int((present & ~known).sum())
            result[name] = (missing, int(present.sum()))
    return result


def _tails(counts):
    """Sizes of exponential tails that leave an image in every class."""
    there = int((counts > 0).sum())
    if there < 2:
        return {}
    most = largest_imbalance(there, int(counts.max()))
    return {
        factor: exponential_counts(there, int(counts.max()), factor)
        for factor in IMBALANCES
        if factor <= most
    }


def _effective(counts, beta):
    """How one beta sees the class sizes."""
    counts = counts[counts > 0]
    numbers = effective_number(counts, beta)
    return {
        "beta": beta,
        "largest": float(numbers.max()),
        "smallest": float(numbers.min()),
        "weight_ratio": float(numbers.max() / numbers.min()),
    }


def _commands(found, source, backbone, sources, size, skip_bad, ignore):
    """What to start with, of what was found."""
    box_margin = found["sample"]["box_margin"]
    for row in found["recipe"]:
        size = row.get("size", size)
    train = found["train_split"]
    named = named_splits(list(source.splits), train)
    if named is None:
        found["problems"].append(
            f"There is one split, {train}: a training looks for train and "
            "test. Without splits it holds a share of every class back."
        )
        return []
    options, test = named
    missing, of = found["classes_without_training"].get(test, (0, 0))
    unseen = 0 < missing == of
    absent = (source.counts(train) == 0).any() and not unseen
    if found["description"]["num_classes"] < 2 or absent:
        return []  # What is wrong stands among the problems.
    return train_commands(
        found["source"],
        backbone,
        found["recipe"],
        sources,
        size=size,
        splits=[
            *options,
            *(f"{k}={v}" for k, v in box_options(box_margin).items()),
        ],
        skip_bad=skip_bad,
        ignore=ignore,
        images=(
            len(source.split(train)),
            len(source.split(test)) if test else 0,
        ),
        rate=found["images_a_second"].get(size),
        told=found["told_by_class_means"],
        unseen=unseen,
    )
