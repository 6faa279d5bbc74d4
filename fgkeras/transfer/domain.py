"""A set of images as the transfer functions see it: its classes' features."""

import dataclasses
import zipfile

import numpy as np

_FIELDS = ("means", "counts", "class_names")
# What np.load raises for files that are none of its own, or cut.
_UNREADABLE = (
    OSError,
    EOFError,
    KeyError,
    TypeError,
    ValueError,
    zipfile.BadZipFile,
)


@dataclasses.dataclass(frozen=True)
class Domain:
    """Class means and class weights of one set of images.

    Make it with `make_domain`; every function of this package takes it. A
    domain holds one vector per class however many images there are, so
    domains can be kept for sets whose images are gone (`save`, `load`).

    Attributes:
        means: `float64` array of shape `(num_classes, dim)`, mean feature of
            each class.
        counts: `float64` array of shape `(num_classes,)`, images of each
            class, all above 0.
        class_names: Tuple of `num_classes` strings.
        network: String, what made the features, or "" if that is not known.
            Domains of two known and different networks are not compared.

    Example:

    >>> domain = Domain([[0.0], [4.0]], [30, 10], ["elm", "oak"])
    >>> domain.weights.tolist(), domain.subset([1]).class_names
    ([0.75, 0.25], ('oak',))
    """

    means: np.ndarray
    counts: np.ndarray
    class_names: tuple
    network: str = ""

    def __post_init__(self):
        means = np.asarray(self.means, np.float64)
        counts = np.asarray(self.counts, np.float64)
        names = tuple(str(name) for name in self.class_names)
        if means.ndim != 2 or not means.size or not np.isfinite(means).all():
            raise ValueError(
                "means must be finite, one row per class, for at least one "
                f"class. Received: means.shape={means.shape}. Look for NaN or "
                "overflow in the features."
            )
        if counts.shape != means.shape[:1] or len(names) != len(means):
            raise ValueError(
                "counts and class_names must have one entry per class. "
                f"Received: counts.shape={counts.shape}, "
                f"len(class_names)={len(names)} for {len(means)} classes."
            )
        if not (counts > 0).all() or not np.isfinite(counts).all():
            raise ValueError(
                "counts must be above 0. Received: counts from "
                f"{counts.min()} to {counts.max()}. Leave out classes without "
                "images."
            )
        object.__setattr__(self, "means", means)
        object.__setattr__(self, "counts", counts)
        object.__setattr__(self, "class_names", names)

    def __len__(self):
        return len(self.means)

    @property
    def weights(self):
        """Share of each class, float64 `(num_classes,)`, of sum 1."""
        return self.counts / self.counts.sum()

    def subset(self, classes):
        """Returns the domain of some of its classes, in the order given.

        Args:
            classes: Integer array, positions of the classes.
        """
        classes = np.asarray(classes, np.int64)
        names = tuple(self.class_names[i] for i in classes)
        return Domain(
            self.means[classes], self.counts[classes], names, self.network
        )

    def save(self, path):
        """Writes the domain as an `.npz` file."""
        with open(path, "wb") as file:
            np.savez(
                file,
                means=self.means,
                counts=self.counts,
                class_names=np.asarray(self.class_names, dtype=np.str_),
                network=np.asarray(self.network, dtype=np.str_),
            )

    @classmethod
    def load(cls, path):
        """Reads what `save` wrote.

        Raises:
            ValueError: if the file is another, or damaged.
        """
        try:
            with np.load(path, allow_pickle=False) as file:
                parts = [file[name] for name in _FIELDS]
                # Files of older versions do not say it.
                network = str(file["network"]) if "network" in file else ""
        except FileNotFoundError:
            raise FileNotFoundError(
                "A domain is read from the .npz file that Domain.save (fgkeras "
                f"similarity --save) wrote. Received: path={str(path)!r}, "
                "which does not exist."
            ) from None
        except _UNREADABLE as error:
            raise ValueError(
                "A domain is read from the .npz file that Domain.save wrote. "
                f"Received: path={str(path)!r}, which is another kind of file "
                "or damaged. Save it again."
            ) from error
        return cls(*parts, network)


def make_domain(
    features, labels, *, class_names=None, min_images=1, network=""
):
    """Summarizes features by class, for `domain_distance` and its relatives.

    The mean of a class of n images stands for it with weight n (relative to
    all images that are kept). Features of one network only can be compared;
    the published similarities use the training split and features that are not
    normalized.

    Args:
        features: Float array of shape `(num_images, dim)`.
        labels: Integer array of shape `(num_images,)`, 0-based.
        class_names: Sequence of strings, or `None` for the numbers as names.
        min_images: Int at least 1; classes of fewer images are left out and
            the weights of the others grow accordingly. The authors' code used
            200 for source sets of millions of images, to save time. Defaults
            to `1`.
        network: String, what made the features; domains of other networks are
            refused. Defaults to `""`, not known.

    Returns:
        `Domain` of the classes with enough images, in the order of the labels.

    Raises:
        ValueError: for arrays that do not fit, NaN, or if no class is left.

    Example:

    >>> domain = make_domain([[0.0], [2.0], [5.0]], [0, 0, 2])
    >>> domain.means.ravel().tolist(), domain.class_names
    ([1.0, 5.0], ('0', '2'))

    References:
        Cui, Song, Sun, Howard, Belongie, "Large Scale Fine-Grained
        Categorization and Domain-Specific Transfer Learning", 2018, section 4.
    """
    features, labels = check_features(features, labels)
    counts = np.bincount(labels)
    if class_names is not None and len(class_names) < len(counts):
        raise ValueError(
            "class_names must name every label. Received: "
            f"len(class_names)={len(class_names)} for labels up to "
            f"{len(counts) - 1}."
        )
    kept = np.flatnonzero(counts >= max(min_images, 1))
    if not len(kept):
        raise ValueError(
            "At least one class needs min_images images. Received: "
            f"min_images={min_images}; the largest class has "
            f"{counts.max()}. Lower min_images."
        )
    order = np.argsort(labels, kind="stable")
    ends = np.cumsum(counts)
    means = np.stack(
        [
            features[order[ends[c] - counts[c] : ends[c]]].mean(
                axis=0, dtype=np.float64
            )
            for c in kept
        ]
    )
    names = [str(c) if class_names is None else class_names[c] for c in kept]
    return Domain(means, counts[kept], names, network)


def check_features(features, labels):
    """Returns both as arrays, or says what does not fit."""
    features = np.asarray(features)
    labels = np.asarray(labels)
    if (
        features.ndim != 2
        or not features.size
        or features.dtype.kind not in "fiu"
    ):
        raise ValueError(
            "features must be a real matrix of one row per image. Received: "
            f"features.shape={features.shape}, dtype={features.dtype}. "
            "Features come first, labels second."
        )
    if labels.shape != features.shape[:1] or labels.dtype.kind not in "iu":
        raise ValueError(
            "labels must be one whole number per image. Received: "
            f"labels.shape={labels.shape}, dtype={labels.dtype} for "
            f"{len(features)} images."
        )
    if labels.min() < 0:
        raise ValueError(
            "labels must not be negative. Received: labels with "
            f"{labels.min()}. Leave out images without a label."
        )
    return features, labels.astype(np.int64)
