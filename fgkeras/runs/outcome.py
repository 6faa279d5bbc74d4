"""What a run's answers are worth: predictions, numbers and the report."""

import numpy as np

from fgkeras.config import when
from fgkeras.evaluation import classification_report
from fgkeras.evaluation.frequency_group import AUTO
from fgkeras.evaluation.frequency_group import LIMITS
from fgkeras.ops import effective_number_curves
from fgkeras.report import run_report
from fgkeras.runs.chance import chance_notes
from fgkeras.runs.classifier.measured_beta import beta_notes
from fgkeras.runs.classifier.measured_beta import beta_of
from fgkeras.runs.embedding.synthetic_share import share_notes
from fgkeras.runs.folder import write_arrays
from fgkeras.runs.kept.answer_table import FILE as ANSWERS
from fgkeras.runs.kept.answer_table import write_answers
from fgkeras.runs.loss import activation_of
from fgkeras.runs.pooling import kernel_notes
from fgkeras.runs.scoring.comparison import comparison_rows
from fgkeras.runs.scoring.scores import scores_of
from fgkeras.storage import write_json
from fgkeras.training.batch_statistics import statistics_notes

_VAL = (
    "num_images",
    "num_classes_evaluated",
    "top1",
    "top5",
    "mean_per_class",
    "groups",
)


def write_validation(
    folder, config, images, logits, *, class_names, train_counts
):
    """Writes `val_predictions.npz` of a run.

    Args:
        folder: The `RunFolder`.
        config: Its `Config`.
        images: `SplitImages` that are chosen by.
        logits: Array of shape `(num_images, num_classes)`.
        class_names: Sequence of strings.
        train_counts: Integer array of shape `(num_classes,)`.

    Returns:
        The numbers on them, a JSON-ready dict.
    """
    write_arrays(
        folder / "val_predictions.npz",
        labels=images.labels,
        logits=np.asarray(logits, "float32"),
        ids=np.asarray(images.ids),
    )
    report = classification_report(
        images.labels,
        logits,
        train_counts=train_counts,
        class_names=class_names,
        num_bootstrap=config.evaluation.resamples,
        seed=config.seed,
        activation=activation_of(config),
        group_limits=config.evaluation.groups,
    )
    return {"split": images.split, **{name: report[name] for name in _VAL}}


def write_classification(
    folder,
    config,
    images,
    logits,
    *,
    class_names,
    train_counts,
    history=(),
    extra=None,
    directory=None,
    sample_sheet=None,
    trained=None,
    comparison=None,
    sections=None,
    answered=None,
    changes="",
    earlier=None,
    title=None,
    options=None,
    trust=None,
    known_scores=None,
):
    """Writes predictions, metrics and report of one set of images.

    Args:
        folder: The `RunFolder`.
        config: Its `Config`.
        images: `SplitImages` that the logits belong to.
        logits: Array of shape `(num_images, num_classes)`.
        class_names: Sequence of strings.
        train_counts: Integer array of shape `(num_classes,)`.
        history: List of dicts, one per epoch. Defaults to none.
        extra: Dict put into the metrics, or `None`.
        directory: Where to write; `None` means the run folder itself.
        sample_sheet: `PIL.Image` for the report, or `None`.
        trained: `SplitImages` of the training, from which the report shows a
            class without a test image of its own; or `None`.
        comparison: Rows of a table for the report, or `None`.
        sections: Markup for the report, or `None`.
        answered: Dict for the metrics, how the logits came about: `views` and
            `adjustment`; or `None`.
        changes: String, the name of these answers beside `earlier` ones.
        earlier: Dict of name to metrics of other answers to the same images,
            for the report's comparison; or `None`.
        title: String for the report; `None` means the folder's name.
        options: Dict that the report shows instead of the config, or `None`.
        trust: The `Trust` of the answers, or `None`.
        known_scores: Float array of shape `(num_images,)`, what its `known`
            makes of the images, or `None`.

    Returns:
        The metrics, a JSON-ready dict.
    """
    directory = folder.path if directory is None else directory
    directory.mkdir(parents=True, exist_ok=True)
    metrics = classification_report(
        images.labels,
        logits,
        train_counts=train_counts,
        class_names=class_names,
        num_bootstrap=config.evaluation.resamples,
        seed=config.seed,
        activation=activation_of(config),
        group_limits=_limits_of(config, folder),
    )
    metrics = {**metrics, **(answered or {}), **(extra or {})}
    if trust is not None:
        metrics.update(trust.measured(images.labels, logits, known_scores))
    if earlier:
        comparison = comparison_rows({**earlier, changes: metrics})
    write_arrays(
        directory / "predictions.npz",
        labels=images.labels,
        logits=np.asarray(logits, "float32"),
        ids=np.asarray(images.ids),
    )
    activation = activation_of(config)
    if len(class_names) > 1:
        scores = scores_of(logits, activation)
        table = images.ids, images.labels, logits, scores, list(class_names)
        write_answers(directory / ANSWERS, *table)
    run_report(
        directory / "report.html",
        title=title or folder.path.name,
        config=options or config.as_dict(),
        environment=folder.read_json("environment.json"),
        metrics=metrics,
        history=list(history),
        class_names=list(class_names),
        train_counts=train_counts,
        labels=images.labels,
        logits=logits,
        activation=activation,
        thumbnail=images.thumbnail,
        sample_sheet=sample_sheet,
        examples=_examples(trained, config.seed),
        comparison=comparison,
        notes=[
            *metrics.get("notes", ()),
            *kernel_notes(metrics.get("kernel")),
            *beta_notes(metrics.get("beta")),
            *statistics_notes(metrics.get("batch_statistics")),
            *share_notes(metrics.get("synthetic_share")),
            *chance_notes(metrics.get("at_chance")),
        ],
        sections=sections,
        worth=_worth(config, folder, train_counts),
        seed=config.seed,
    )
    # Last of all, since its presence says that the run is complete.
    write_json(directory / "metrics.json", metrics)
    return metrics


def _examples(images, seed):
    """Returns what shows an image of a class, drawn by lot, or `None`."""
    if images is None:
        return None

    def example(label):
        own = np.flatnonzero(images.labels == label)
        if not len(own):
            return None
        return images.thumbnail(
            int(np.random.default_rng([seed, label]).choice(own))
        )

    return example


def _limits_of(config, folder):
    """Limits of head and tail: an embedding has no option for them."""
    if when.CLASSIFIER(config):
        return config.evaluation.groups
    if folder.finished:
        # Those of its training, also of an earlier version.
        return folder.metrics().get("group_limits", LIMITS) or AUTO
    return AUTO


def _worth(config, folder, train_counts):
    """Effective numbers by beta where a run weights its classes by them."""
    weighted = when.weights_classes(config) and when.EFFECTIVE(config)
    if train_counts is None or not weighted:
        return None
    beta = beta_of(config, folder)
    if beta is None:
        return None
    betas = sorted(set(beta)) if isinstance(beta, list) else [beta]
    # A beta per class may be as many: the least, the middle and the greatest.
    betas = sorted({betas[0], betas[len(betas) // 2], betas[-1]} - {0, 1})
    return effective_number_curves(betas, int(np.max(train_counts)))
