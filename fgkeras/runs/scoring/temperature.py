"""The temperature of a run's scores, by images that it never saw."""

import dataclasses

import numpy as np

from fgkeras.evaluation import fit_temperature
from fgkeras.runs.folder import write_arrays
from fgkeras.runs.kept.predictions import read_predictions

FILE = "calibration_predictions.npz"


@dataclasses.dataclass(frozen=True)
class Calibration:
    """Logits of images that no head that gives them has seen.

    They are kept in `calibration_predictions.npz` of a run, as the model gives
    them. The temperature is fitted to them whenever it is asked for, after the
    adjustment of that time: it is always that of the scores that are given.
    With many classes a fit takes minutes: it is made once for each adjustment.

    Args:
        labels: Integer array of shape `(num_images,)`.
        logits: Float array of shape `(num_images, num_classes)`.
    """

    labels: np.ndarray
    logits: np.ndarray
    _fitted: dict = dataclasses.field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def of(self, activation, affine=None):
        """Returns the temperature and where it is from, ready for JSON.

        Args:
            activation: `"softmax"` or `"sigmoid"`, what makes scores.
            affine: Tuple of factors and offsets of the logits that come
                first, or `None`.
        """
        asked = affine and tuple(np.asarray(a).tobytes() for a in affine)
        key = activation, asked
        if key not in self._fitted:
            logits = np.asarray(self.logits, "float64")
            if affine is not None:
                logits = logits * affine[0] + affine[1]
            self._fitted[key] = fit_temperature(
                self.labels, logits, activation=activation
            )
        images = len(self.labels)
        return {
            "temperature": self._fitted[key],
            "calibration_images": images,
        }


def keep_calibration(folder, images, logits, places=None):
    """Writes the logits of a run's calibration images.

    Args:
        folder: The `RunFolder`.
        images: `SplitImages`.
        logits: Float array of shape `(num_images, num_classes)`.
        places: Integer array, those of the images that have logits; `None`
            for all.

    Returns:
        The `Calibration`.
    """
    logits = np.asarray(logits, "float32")
    images = images if places is None else images.take(places)
    write_arrays(
        folder / FILE,
        labels=images.labels,
        logits=logits,
        ids=np.asarray(images.ids),
    )
    return Calibration(images.labels, logits)


def kept_calibration(folder, num_classes):
    """Returns the `Calibration` that a run keeps, or `None`.

    Args:
        folder: The `RunFolder`.
        num_classes: Int, classes of the run.

    Raises:
        ValueError: If the file is damaged.
    """
    if not (folder / FILE).exists():
        return None
    found = read_predictions(folder / FILE, num_classes)
    return Calibration(found["labels"], found["logits"])
