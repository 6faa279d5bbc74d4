"""`loss.beta=data`: a beta measured on features of the training images."""

from fgkeras.config import when
from fgkeras.granularity.unique_prototypes import unique_prototypes
from fgkeras.runs.kept.beta import FILE
from fgkeras.runs.kept.beta import read_beta
from fgkeras.storage import write_json


class MeasuredBeta:
    """The beta of a run that asks for one, measured once and kept.

    A run that goes on uses the numbers that it began with. They are of the
    images that the whole run trains on, also in stages that have others.

    Args:
        config: The `Config` of the run.
        folder: The `RunFolder`, in which it is kept.
    """

    def __init__(self, config, folder):
        configs = (config, *config.stages())
        asked = {c.loss.beta for c in configs if when.measures_beta(c)}
        self._asked = [w for w in when.MEASURED_BETAS if w in asked]
        self._path = folder / FILE
        self._found: dict = {}
        if self._asked and folder.begun:
            self._found = read_beta(self._path) or {}

    @property
    def missing(self):
        """Whether it is asked for, and has to be measured."""
        return bool(self._asked) and not self._found

    def measure(self, features, labels, num_classes):
        """Measures what is missing, and keeps it.

        Args:
            features: Float array, features of the training images, first axis
                the images.
            labels: Integer array of shape `(num_images,)`.
            num_classes: Int.

        Raises:
            ValueError: If no class has two images, or features are none.
        """
        if not self.missing:
            return
        try:
            found = unique_prototypes(
                features.reshape(len(features), -1), labels, num_classes
            )
        except ValueError as error:
            raise ValueError(
                f"`loss.beta` cannot be measured. {error} Received: "
                f"loss.beta={self._asked[0]!r}. Give it as a number."
            ) from error
        self._found = {
            "beta": found.beta,
            "class_betas": found.class_betas.tolist(),
            "radius": found.radius,
            "at_least": found.at_least,
        }
        write_json(self._path, self._found)

    def of(self, config):
        """Returns a config with the measured number in place of the word.

        Args:
            config: The `Config` of the run or of a stage.
        """
        if not when.measures_beta(config):
            return config
        return config.with_measured("loss.beta", _number(config, self._found))

    def metrics(self):
        """Returns `{"beta": ...}` for the metrics, or nothing."""
        if not self._found:
            return {}
        beta, each = self._found["beta"], self._found["class_betas"]
        found = {
            "asked": self._asked,
            "beta": beta,
            "prototypes": 1.0 / (1.0 - beta),
            "radius": self._found["radius"],
            "at_least": self._found["at_least"],
        }
        if when.MEASURED_BETAS[1] in self._asked:
            found["class_betas"] = each
        return {"beta": found}


def beta_of(config, folder):
    """Returns the beta of a run that has ended: typed, or as it was measured.

    Args:
        config: Its `Config`.
        folder: The `RunFolder`.

    Returns:
        Float, or a list of one for each class; `None` where what was measured
        is not there any more.
    """
    if not when.measures_beta(config):
        return config.loss.beta
    found = read_beta(folder / FILE)
    return found and _number(config, found)


def _number(config, found):
    """What was measured, for all classes or for each, as a config asks."""
    all_alike = config.loss.beta == when.MEASURED_BETAS[0]
    return found["beta" if all_alike else "class_betas"]


def beta_notes(found):
    """Returns what a person is told of a measured beta, as sentences.

    Args:
        found: What `MeasuredBeta.metrics` has, or `None`.

    Example:

    >>> beta_notes({"beta": 0.98, "prototypes": 50.0, "radius": 0.1,
    ...             "at_least": False, "asked": ["data"]})
    ['loss.beta was measured on features of the training images: 0.98, as of \
50 unique prototypes a class (near duplicates: cosine distance below 0.1).']
    >>> beta_notes(None)
    []
    """
    if not found:
        return []
    each = found.get("class_betas")
    least = "at least " if found["at_least"] else ""
    text = (
        "loss.beta was measured on features of the training images: "
        f"{found['beta']:.4g}, as of {least}{found['prototypes']:.3g} unique "
        f"prototypes a class (near duplicates: cosine distance below "
        f"{found['radius']:.2g})"
    )
    if each:
        text += f"; by class {min(each):.4g} to {max(each):.4g}"
    return [f"{text}."]
