"""What a run says of how far its answers go: sets, and what is unknown."""

import dataclasses
import functools

import numpy as np

from fgkeras.config import Config
from fgkeras.config import when
from fgkeras.evaluation.scored import score_images
from fgkeras.evaluation.similarity import Similarity
from fgkeras.evaluation.similarity import slices
from fgkeras.evaluation.uncertainty.calibration import (
    expected_calibration_error,
)
from fgkeras.evaluation.uncertainty.prediction_set_report import (
    prediction_set_report,
)
from fgkeras.evaluation.uncertainty.prediction_sets import fit_prediction_sets
from fgkeras.evaluation.uncertainty.unknown_inputs import energy_scores
from fgkeras.evaluation.uncertainty.unknown_inputs import fit_known_threshold
from fgkeras.evaluation.wilson_interval import wilson_interval
from fgkeras.registries import LOSSES
from fgkeras.runs.kept.known_vectors import KnownVectors
from fgkeras.runs.kept.trust import USUAL
from fgkeras.runs.loss import activation_of
from fgkeras.runs.scoring.scores import scores_of
from fgkeras.runs.scoring.temperature import Calibration

# Share of calibration images that are to be known.
KEEP = 0.95
# Images whose likeness to all vectors is in memory at once.
_ROWS = 256


@dataclasses.dataclass(frozen=True)
class KnownThreshold:
    """When a picture is taken for one of the classes.

    Args:
        kind: `"energy"` or `"nearest"`.
        threshold: Float: it is where its score is at least that.
        vectors: Float32 array of unit training vectors; `None` (default) of
            `"energy"`.
    """

    kind: str
    threshold: float
    vectors: np.ndarray | None = None

    def scores(self, logits, vectors):
        """Returns the scores of images, by what the model gives of them.

        Args:
            logits: Float array of shape `(num_images, num_classes)`, as they
                are answered: adjusted, and divided by the temperature.
            vectors: Float array of shape `(num_images, dim)`, or `None` where
                the kind needs none.
        """
        if self.vectors is None:
            return energy_scores(logits)
        return np.concatenate(
            [
                self._similarity.block(vectors[part]).max(axis=1)
                for part in slices(len(vectors), _ROWS)
            ]
        )

    @functools.cached_property
    def _similarity(self):
        """The cosines to all vectors, which are prepared once."""
        return Similarity(self.vectors)


@dataclasses.dataclass(frozen=True)
class Trust:
    """Prediction sets and unknown pictures of a run with calibration images.

    All is fitted to logits of images that the model never saw, after the
    adjustment and the temperature of the moment, as the scores are.

    Args:
        calibration: `Calibration` of the run.
        config: Its `Config`.
        train_counts: Integer array, training images per class.
        near: `KnownVectors`, or `None` of a run of an earlier version.
        affine: Factors and offsets of an adjustment, or `None`.
        adjusted: Bool, whether that gave rare classes more. Defaults to
            `False`.
        asked: Dict, as `fgkeras.runs.kept.trust.read_trust` returns it.
    """

    calibration: Calibration
    config: Config
    train_counts: np.ndarray
    near: KnownVectors | None = None
    affine: tuple | None = None
    adjusted: bool = False
    asked: dict = dataclasses.field(default_factory=lambda: dict(USUAL))

    @property
    def activation(self):
        """`"softmax"` or `"sigmoid"`, what makes scores of logits."""
        return activation_of(self.config)

    @property
    def guaranteed(self):
        """Whether the calibration's logits are those of the model itself."""
        return self.config.data.calibration_folds == "none"

    @functools.cached_property
    def temperature(self):
        """The temperature of the scores, a float."""
        found = self.calibration.of(self.activation, self.affine)
        return found["temperature"]

    @functools.cached_property
    def _logits(self):
        """The calibration images' logits, as they would be answered."""
        logits = np.asarray(self.calibration.logits, "float64")
        if self.affine is not None:
            logits = logits * self.affine[0] + self.affine[1]
        return logits / self.temperature

    def calibration_scores(self):
        """Returns labels and scores of the calibration images, as answered."""
        scores = scores_of(self._logits, self.activation)
        return self.calibration.labels, scores

    @property
    def score(self):
        """By which score sets are made.

        Of itself the one divided by prevalence, unless loss, sampling or
        adjustment gave rare classes more already.
        """
        if self.asked["score"] != "auto":
            return self.asked["score"]
        favoured = self.adjusted or favours_rare(self.config)
        return "plain" if favoured else "prevalence"

    @functools.cached_property
    def sets(self):
        """The `PredictionSets`, or `None` where none were asked for.

        Raises:
            ValueError: If there are too few images for the level.
        """
        if not self.asked["level"]:
            return None
        more = {}
        if self.score == "prevalence":
            more = {"prevalence": self.train_counts}
        return fit_prediction_sets(
            self.calibration.labels,
            scores_of(self._logits, self.activation),
            level=self.asked["level"],
            score=self.score,
            **more,
        )

    @functools.cached_property
    def known(self):
        """The `KnownThreshold`, or `None` where none was asked for.

        Raises:
            ValueError: If there are too few images, or vectors are asked for
                that an earlier version did not keep.
        """
        kind = self.asked["known"]
        if kind == "none":
            return None
        if kind == "auto":
            kind = "energy" if self.near is None else "nearest"
        if kind == "energy":
            scores = energy_scores(self._logits)
            return KnownThreshold(kind, fit_known_threshold(scores, keep=KEEP))
        if self.near is None:
            raise ValueError(
                "--known nearest is by vectors of training images. Received: a "
                "run of an earlier version, which kept none. Take --known "
                "energy, or train again."
            )
        threshold = fit_known_threshold(self.near.calibration, keep=KEEP)
        return KnownThreshold(kind, threshold, self.near.vectors)

    def usual(self):
        """Returns the same without what too few images do not allow.

        That is left out of what is usual alone: anything else was typed, and
        is refused when it is used.

        Returns:
            Tuple of the `Trust` and a list of sentences, why not all is there.
        """
        asked, notes = dict(self.asked), []
        for key, none in (("level", 0), ("known", "none")):
            if asked[key] != USUAL[key]:
                continue
            try:
                _ = self.sets if key == "level" else self.known
            except ValueError as error:
                asked[key] = none
                notes.append(str(error))
        if not notes:
            return self, notes
        return dataclasses.replace(self, asked=asked), notes

    def facts(self):
        """Returns what metrics and card say of it, ready for JSON."""
        found = {}
        if self.sets is not None:
            found["sets"] = {
                "level": self.sets.level,
                "score": self.sets.score,
                "calibration_images": self.sets.num_images,
                "guaranteed": self.guaranteed,
            }
        if self.known is not None:
            found["known"] = {
                "kind": self.known.kind,
                "threshold": float(self.known.threshold),
                "keep": KEEP,
            }
        return found

    def measured(self, labels, logits, scores=None):
        """Returns what it was worth on images that it was not fitted to.

        Args:
            labels: Integer array of shape `(num_images,)`.
            logits: Float array, as they are answered.
            scores: Float array of shape `(num_images,)`, those of `known`, or
                `None` where they are not at hand.

        Returns:
            Dict ready for JSON: `sets` and `known`, with what `facts` has of
            them, and `calibration_before`, the error of calibration without
            the temperature.
        """
        found = self.facts()
        evaluation, activation = self.config.evaluation, self.activation
        if self.sets is not None:
            inside = self.sets.in_set(scores_of(logits, activation))
            found["sets"] = prediction_set_report(
                labels,
                inside,
                sets=self.sets,
                train_counts=self.train_counts,
                guaranteed=self.guaranteed,
                group_limits=evaluation.groups,
                num_bootstrap=evaluation.resamples,
                seed=self.config.seed,
            )
        if self.known is not None and scores is not None:
            kept = np.asarray(scores) >= self.known.threshold
            low, high = wilson_interval(kept.sum(), len(kept))
            found["known"]["test_kept"] = {
                "value": float(kept.mean()),
                "low": float(low),
                "high": float(high),
            }
        before = score_images(
            labels,
            np.asarray(logits, "float64") * self.temperature,
            activation=activation,
        )
        found["calibration_before"] = {
            "ece": expected_calibration_error(
                before.correct, before.confidence
            ),
            "nll": float(before.nll.mean()),
        }
        return found


def favours_rare(config):
    """Whether a training gave rare classes more than their images would.

    Args:
        config: A `Config`.
    """
    if not when.TRAINED(config):
        # Means and neighbours of a class are as strong as another's.
        return config.method.name == "ncm"
    drawn = when.DRAWN(config) and config.data.sampler != "uniform"
    own = LOSSES.fact(config.loss.name, "around")
    return bool(drawn or own or when.weights_classes(config))
