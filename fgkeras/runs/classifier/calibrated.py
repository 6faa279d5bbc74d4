"""Temperature, sets and thresholds of a classifier that was just trained."""

import dataclasses

from fgkeras.runs.classifier.known_vectors import keep_known_vectors
from fgkeras.runs.classifier.known_vectors import vectors_of
from fgkeras.runs.loss import activation_of
from fgkeras.runs.scoring.temperature import keep_calibration
from fgkeras.runs.scoring.trust import Trust


@dataclasses.dataclass(frozen=True)
class Calibrated:
    """What calibration images tell of a run; nothing where it has none.

    Args:
        temperature: Dict for the metrics: what the temperature is, and of how
            many images.
        trust: `Trust`, or `None`.
    """

    temperature: dict = dataclasses.field(default_factory=dict)
    trust: Trust | None = None

    def answers(self, logits):
        """Returns logits as they are answered."""
        if not self.temperature:
            return logits
        return logits / self.temperature["temperature"]

    def known_scores(self, task, logits):
        """Returns what tells known test images from others, or `None`.

        Args:
            task: `ClassifierTask`.
            logits: Float array, its answers to the test images.
        """
        known = self.trust and self.trust.known
        if not known:
            return None
        vectors = None
        if known.vectors is not None:
            vectors = vectors_of(task, task.test, "test images")
        return known.scores(logits, vectors)


def calibrated(task, answers, folds=()):
    """Writes what a run is calibrated by, and returns what comes of it.

    Args:
        task: `ClassifierTask`, trained.
        answers: Logits of its calibration images, or `None` without them.
        folds: Tuple of places among the training images and their logits by
            heads that were not trained on them; empty (default) without.

    Returns:
        `Calibrated`.
    """
    if answers is not None:
        images, places = task.calibration, None
    elif folds:
        images, (places, answers) = task.train, folds
    else:
        return Calibrated()
    kept = keep_calibration(task.folder, images, answers, places)
    near = keep_known_vectors(task, images, places)
    trust, notes = Trust(kept, task.config, task.counts, near).usual()
    for text in notes:
        task.reporter.say(text)
    return Calibrated(kept.of(activation_of(task.config)), trust)
