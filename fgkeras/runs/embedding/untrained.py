"""What features tell without training, beside what the embedding tells."""

import hashlib

import keras
import numpy as np

from fgkeras.evaluation.bootstrap_interval import bootstrap_interval
from fgkeras.models.embedders import pooled_part
from fgkeras.models.parts import POOLING
from fgkeras.ops import principal_components
from fgkeras.runs.embedding.metrics import KS
from fgkeras.runs.embedding.metrics import embedding_ranks
from fgkeras.runs.embedding.network import make_embedder
from fgkeras.runs.folder import write_arrays
from fgkeras.runs.kept.files import AGAIN
from fgkeras.runs.kept.files import damaged
from fgkeras.training.saved_arrays import load_arrays

FILE = "untrained.npz"
_EARLIER = "the run is of a version that kept no start of its training"
RANDOM_BODY = (
    "the body was neither frozen nor pretrained: its features are random"
)


class Untrained:
    """The features that an embedding was made of, before anything was trained.

    Attributes:
        mean: Float array of shape `(channels,)`, of the training features.
        axes: Float array of shape `(channels, dim)`: their principal
            components, as many as the embedding has numbers.
        body: String, names the weights that made the features.
    """

    def __init__(self, mean, axes, body):
        self.mean = np.asarray(mean, "float32")
        self.axes = np.asarray(axes, "float32")
        self.body = str(body)

    @classmethod
    def measured(cls, features, dim, part, seed=0):
        """Takes what training features tell.

        Args:
            features: Float array of shape `(num_images, channels)`.
            dim: Int, numbers of the embedding; there are no more components
                than channels.
            part: `keras.Model` that made them.
            seed: Int, of components beyond their rank.
        """
        dim = min(dim, features.shape[1])
        mean, axes = principal_components(features, dim, seed=seed)
        return cls(mean, axes, weights_name(part))

    @classmethod
    def read(cls, folder):
        """Returns what a run kept, or `None`.

        Args:
            folder: `RunFolder`.

        Raises:
            ValueError: If it is damaged.
        """
        path = folder / FILE
        if not path.exists():
            return None
        found = load_arrays(path, AGAIN, ("mean", "axes", "body"))
        mean, axes = found["mean"], found["axes"]
        floats = mean.dtype.kind == axes.dtype.kind == "f"
        fits = floats and axes.ndim == 2 and mean.shape == axes.shape[:1]
        if not fits or not (
            np.isfinite(mean).all() and np.isfinite(axes).all()
        ):
            raise damaged(path, "`mean` and `axes` must be finite and fit")
        return cls(mean, axes, found["body"])

    def write(self, folder):
        """Keeps it for evaluations of other images.

        Args:
            folder: `RunFolder`.
        """
        write_arrays(
            folder / FILE, mean=self.mean, axes=self.axes, body=self.body
        )

    def ranks(self, features, labels, reporter):
        """Returns what features and their components retrieve, by name.

        Args:
            features: Float array of shape `(num_images, channels)` of the
                images that the embedding is tested on.
            labels: Integer array.
            reporter: Who is told how far it is.

        Returns:
            Dict of `features` and `components`, each a tuple of the length of
            the vectors and their `RelevantRanks`.
        """
        found = {
            "features": features,
            "components": (features - self.mean) @ self.axes,
        }
        out = {}
        for name, vectors in found.items():
            with reporter.bar(f"untrained {name}") as progress:
                ranks = embedding_ranks(vectors, labels, progress)
            out[name] = vectors.shape[1], ranks
        return out


def weights_name(part):
    """Returns a string that other weights of a model change."""
    digest = hashlib.sha256()
    for weights in part.get_weights():
        digest.update(f"{weights.shape}".encode() + weights.tobytes())
    return digest.hexdigest()[:32]


def untrained_report(ranks, trained, *, num_bootstrap, seed):
    """Returns what was there without training, and what training adds.

    Args:
        ranks: What `Untrained.ranks` gave; or a string, why there is none.
        trained: `RelevantRanks` of the embedding, of the same images.
        num_bootstrap: Int, resamples behind each interval.
        seed: Int, of the resamples.

    Returns:
        Dict ready for JSON: `features` and `components`, each with the
        `length` of its vectors, `recall_at` and `map_at_r`, and `gain`:
        trained less untrained `recall_at_1` and `map_at_r`, with intervals
        over the queries; or `reason`.
    """
    if isinstance(ranks, str):
        return {"reason": ranks}

    def interval(values):
        values = np.asarray(values, "float64")
        low = high = None
        if num_bootstrap:
            low, high = bootstrap_interval(
                values, num_resamples=num_bootstrap, seed=seed
            )
        return {"value": float(values.mean()), "low": low, "high": high}

    out = {}
    for name, (length, found) in ranks.items():
        before, after = _per_query(found), _per_query(trained)
        out[name] = {
            "length": int(length),
            "recall_at": {str(k): interval(before[k]) for k in KS},
            "map_at_r": interval(before["map_at_r"]),
            "gain": {
                "recall_at_1": interval(after[1] - before[1]),
                "map_at_r": interval(after["map_at_r"] - before["map_at_r"]),
            },
        }
    return out


def _per_query(ranks):
    """Numbers of each query that has something to find, floats by name."""
    kept = ranks.answerable
    first = ranks.first_rank[kept]
    recalls = {k: (first <= k).astype("float64") for k in KS}
    return {**recalls, "map_at_r": ranks.average_precision_at_r[kept]}


def untrained_notes(found):
    """Returns what is to be said first of an embedding, a list of strings.

    Args:
        found: What `untrained_report` returned, or `None`.
    """
    if not found or "reason" in found:
        return []
    names = {"features": "the raw features", "components": "their PCA"}
    rows = {
        name: found[name]["gain"]["recall_at_1"]
        for name in names
        if name in found
    }
    worse = [n for n, gain in rows.items() if gain["value"] < 0]
    if not worse:
        return []
    sure = [n for n in worse if (rows[n]["high"] or 0.0) < 0]
    named = sure or worse
    parts = []
    for name in named:
        gain, row = rows[name], found[name]
        interval = ""
        if gain["low"] is not None:
            interval = f" ({100 * gain['low']:.1f} to {100 * gain['high']:.1f})"
        parts.append(
            f"{100 * gain['value']:.1f} points{interval} against {names[name]} "
            f"({row['length']:,} numbers, "
            f"{100 * row['recall_at']['1']['value']:.1f} %)"
        )
    verdict = (
        "Training lost to doing nothing"
        if sure
        else "Training gained nothing that is sure"
    )
    return [f"{verdict}: Recall@1 {' and '.join(parts)}."]


def untrained_ranks(predictor, chosen):
    """Returns what a run's start retrieves of images, or why it is not known.

    Args:
        predictor: `Predictor` of the run.
        chosen: `ChosenImages`, before they are settled.

    Returns:
        As `Untrained.ranks`; or a string.
    """
    kept = Untrained.read(predictor.folder)
    part = start_part(predictor, kept)
    if isinstance(part, str):
        return part
    features = chosen.images.features(part, "images, untrained")
    chosen, features = chosen.settled(features)
    images = chosen.images
    return kept.ranks(features, images.labels, images.reporter)


def start_part(predictor, kept):
    """Returns the model that made a run's features before it was trained.

    Args:
        predictor: `Predictor` of the run.
        kept: Its `Untrained`, or `None`.

    Returns:
        `keras.Model` from raw pixels to pooled features; or a string, why
        there is none.
    """
    config = predictor.config
    if kept is None:
        made = config.train.mode == "frozen" or config.model.weights
        return _EARLIER if made else RANDOM_BODY
    if all(stage.stage.tune == "head" for stage in config.stages()):
        embedder = getattr(predictor.model, "embedder", predictor.model)
        pooled = embedder.get_layer(POOLING).output
        part = keras.Model(embedder.inputs[0], pooled, name="pooled")
    else:
        try:
            part = pooled_part(make_embedder(config))
        except (ValueError, OSError) as error:
            return f"the weights it started from are not found: {error}"
    if weights_name(part) != kept.body:
        return "the weights it started from are others today"
    return part
