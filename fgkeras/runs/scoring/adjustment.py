"""What is done to a run's logits after training, and how it is chosen."""

import dataclasses

import numpy as np

from fgkeras.config import when
from fgkeras.evaluation import best_adjustment
from fgkeras.evaluation import logit_adjustment
from fgkeras.evaluation import tau_normalization
from fgkeras.models import parts
from fgkeras.runs.kept.adjustment import FILE
from fgkeras.runs.kept.adjustment import KINDS
from fgkeras.runs.kept.adjustment import read_adjustment
from fgkeras.runs.kept.predictions import read_predictions
from fgkeras.storage import write_json

CHOSEN_ON = "val_predictions.npz"
# Tried by `auto`, from what changes least on.
TAUS = tuple(k / 10 for k in range(21))
_FORMS = "logit:TAU, tau-norm:TAU, auto or none"


@dataclasses.dataclass(frozen=True)
class Adjustment:
    """A factor and an offset for the logits of every class, by two numbers.

    It is kept in `adjustment.json` of a run; evaluate, predict and export
    apply it to the logits of each view, before they are averaged. The shares of
    the classes are those of all training images, whatever a stage cut away.

    Args:
        kind: `"logit"` (`fgkeras.evaluation.logit_adjustment`) or
            `"tau-norm"` (`fgkeras.evaluation.tau_normalization`).
        tau: Float at least 0.
        chosen_on: Dict that says which images it was chosen on and how well
            it did there, or `None` where it was typed. Defaults to `None`.
    """

    kind: str
    tau: float
    chosen_on: dict | None = None

    def __str__(self):
        return f"{self.kind}:{self.tau:g}"

    def facts(self):
        """Returns what metrics, report and card say of it, a dict."""
        return dataclasses.asdict(self)

    def affine(self, model, train_counts, activation):
        """Returns factors and offsets of the classes.

        Args:
            model: The run's `keras.Model`, made by `classifier`.
            train_counts: Integer array, training images per class.
            activation: `"softmax"` or `"sigmoid"`, what the logits are of.

        Returns:
            Tuple of two float arrays of shape `(num_classes,)`.

        Raises:
            ValueError: If the model cannot be adjusted so.
        """
        if self.kind == "logit":
            return logit_adjustment(
                train_counts, self.tau, activation=activation
            )
        why = no_tau_norm(model, activation)
        if why:
            raise ValueError(
                "tau-norm is of a linear head trained with softmax. Received: "
                f"--adjust {self}, but {why}. Take logit:{self.tau:g}."
            )
        kernel, *bias = model.get_layer(parts.HEAD).get_weights()
        return tau_normalization(kernel, bias[0] if bias else None, self.tau)


def no_tau_norm(model, activation):
    """Returns why a model's weights cannot be normalized, or `None`.

    Args:
        model: `keras.Model` to logits.
        activation: `"softmax"` or `"sigmoid"`.
    """
    if activation == "sigmoid":
        return (
            "without its bias a one-vs-all logit no longer says whether the "
            "class is there"
        )
    head = model.get_layer(parts.HEAD)
    # Dense itself: what derives from it may use its kernel in another way.
    name = type(head).__name__
    if name != "Dense" or head.activation.__name__ != "linear":
        return f"the head is {name}, whose logits are no plain products"
    return None


def kept_adjustment(folder):
    """Returns the `Adjustment` that a run keeps, or `None`.

    Args:
        folder: The `RunFolder`.

    Raises:
        ValueError: If the file is damaged.
    """
    found = read_adjustment(folder / FILE)
    return found and Adjustment(**found)


def asked_adjustment(predictor, text):
    """Returns the adjustment that was typed, checked; nothing is written.

    Args:
        predictor: The run's `Predictor`.
        text: `"logit:TAU"`, `"tau-norm:TAU"`, `"auto"`, which chooses kind
            and tau by the logits of validation images that the training kept,
            of its own views, or `"none"`.

    Returns:
        `Adjustment`, or `None` for `"none"`.

    Raises:
        ValueError: If the text means nothing, the run has no class logits or
            no validation images, or its model cannot be adjusted so.
    """
    folder, model = predictor.folder, predictor.model
    if not when.CLASSIFIER(predictor.config):
        raise ValueError(
            "An adjustment is of a classifier's logits. Received: --adjust "
            f"{text}, a run of --method {predictor.config.method.name}. Leave "
            "it out."
        )
    counts = np.asarray(folder.classes()["train_counts"])
    if text == "auto":
        return _chosen(folder, model, counts, predictor.activation)
    found = read(text)
    if found is not None:
        found.affine(model, counts, predictor.activation)
    return found


def keep_adjustment(folder, adjustment):
    """Writes an adjustment into a run, or removes what is there.

    Args:
        folder: The `RunFolder`.
        adjustment: `Adjustment` or `None`.
    """
    if adjustment is None:
        (folder / FILE).unlink(missing_ok=True)
    else:
        write_json(folder / FILE, adjustment.facts())


def read(text):
    """Reads what was typed.

    Returns:
        An `Adjustment`; `None` for `"none"`.

    Raises:
        ValueError: If it is neither.

    Example:

    >>> read("logit:1.5")
    Adjustment(kind='logit', tau=1.5, chosen_on=None)
    """
    if text == "none":
        return None
    kind, _, number = text.partition(":")
    try:
        tau = float(number)
    except ValueError:
        tau = -1.0
    if kind not in KINDS or not 0 <= tau < np.inf:
        raise ValueError(
            f"--adjust is {_FORMS}, TAU at least 0. Received: --adjust {text}. "
            "Usual is logit:1."
        )
    return Adjustment(kind, tau)


def _chosen(folder, model, counts, activation):
    """The best of a grid on the validation images."""
    if not (folder / CHOSEN_ON).exists():
        raise ValueError(
            "--adjust auto chooses by validation images, never by those that "
            f"are tested. Received: {folder.path}, which has no {CHOSEN_ON}. "
            "Train with --set data.val_share=0.2, or name tau yourself: "
            "--adjust logit:1."
        )
    val = read_predictions(folder / CHOSEN_ON, len(counts))
    if not len(val["labels"]):
        raise ValueError(
            "--adjust auto needs validation images. Received: "
            f"{folder / CHOSEN_ON}, which has none. Raise data.val_share."
        )
    kinds = [KINDS[0]] if no_tau_norm(model, activation) else KINDS
    tried = [Adjustment(kind, tau) for kind in kinds for tau in TAUS]
    best, means = best_adjustment(
        val["labels"],
        val["logits"],
        [a.affine(model, counts, activation) for a in tried],
    )
    chosen_on = {
        "images": CHOSEN_ON,
        "num_images": len(val["labels"]),
        "num_classes": len(np.unique(val["labels"])),
        "class_mean": means[best],
        "class_mean_before": means[0],
        "tried": {
            str(a): round(m, 6) for a, m in zip(tried, means, strict=True)
        },
    }
    return dataclasses.replace(tried[best], chosen_on=chosen_on)
