"""A finished classifier on images that were chosen for it."""

import numpy as np

from fgkeras.runs.outcome import write_classification


def evaluate_classifier(predictor, config, chosen, target, **facts):
    """Evaluates a finished run, as `fgkeras.jobs.evaluate` has it.

    Args:
        predictor: The `Predictor` of the run.
        config: Its `Config`.
        chosen: `ChosenImages`.
        target: Path of the folder to write into.
        **facts: As `write_classification` takes them.

    Returns:
        The metrics.
    """
    folder = predictor.folder
    classes = folder.classes()
    logits, scores = predictor.logits_and_known(chosen.images)
    chosen, rows = chosen.settled(np.arange(len(logits)))
    logits, scores = logits[rows], scores if scores is None else scores[rows]
    facts["extra"] = {**facts["extra"], **chosen.noted}
    return write_classification(
        folder,
        config,
        chosen.images,
        logits,
        class_names=classes["class_names"],
        train_counts=np.asarray(classes["train_counts"]),
        directory=target,
        answered=predictor.facts(),
        changes=predictor.changes,
        trust=predictor.trust,
        known_scores=scores,
        **facts,
    )
