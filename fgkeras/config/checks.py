"""Options that must go together."""

from fgkeras.config import when
from fgkeras.config.methods import method_named
from fgkeras.config.methods import method_options
from fgkeras.registries import LOSSES

_CLASSIFIERS = ("data.source", "data.size", "data.resize")
# What makes features of a stage others than those of the run.
_OF_IMAGES = (*_CLASSIFIERS, "data.cut")


def check_together(config):
    """Checks what no option can check alone.

    Args:
        config: A resolved `Config`.

    Raises:
        ValueError: If options contradict each other.
    """
    method_options(config["method.name"], config["method.options"])
    if when.CASCADED(config):
        _check_levels(config)
    _check_sampler(config)
    _check_positives(config)
    _check_memory(config)
    size, resize = config["data.size"], config["data.resize"]
    if resize < size:
        raise ValueError(
            f"`data.resize` must be at least {size}, the size of the crop cut "
            f"from it. Received: data.resize={resize}, data.size={size}."
        )
    if config["train.keep"] == "best" and not config["data.val_share"]:
        raise ValueError(
            "The best epoch is chosen on validation images, never on the "
            "test. Received: train.keep='best' with data.val_share=0. Leave "
            "`data.val_share` out, or set a share."
        )
    views, folds = config["evaluation.views"], config["data.calibration_folds"]
    if folds != "none" and config["data.calibration_share"]:
        raise ValueError(
            "The temperature is by images kept out, or by folds. Received: "
            f"data.calibration_share={config['data.calibration_share']} and "
            f"data.calibration_folds={folds}. Leave one of them out."
        )
    if folds != "none" and len(config.stages()) > 1:
        raise ValueError(
            "Heads without a fold are trained in one stage. Received: "
            f"data.calibration_folds={folds} with "
            f"{len(config.stages())} stages. Keep images out "
            "(data.calibration_share)."
        )
    if folds != "none":
        _check_folded(config.stages()[0].stage, folds)
    if config["evaluation.folds"] != "none":
        _check_tested_by_folds(config)
    calibrated = config["data.calibration_share"] or folds != "none"
    if calibrated and views != "center":
        raise ValueError(
            "The temperature of scores is of one view of a picture. Received: "
            f"data.calibration_share={config['data.calibration_share']}, "
            f"data.calibration_folds={folds} with evaluation.views={views!r}. "
            "Leave one of them out."
        )
    solver = config["train.head_solver"]
    if solver == "logistic" and config["loss.name"] != "softmax":
        raise ValueError(
            "Logistic regression is of the softmax. Received: "
            f"train.head_solver='logistic', loss.name={config['loss.name']!r}. "
            "Leave `train.head_solver` out."
        )
    if when.measures_beta(config):
        _check_measured_beta(config)
    if not when.TRAINED(config):
        return
    head, start = config["model.head"], config["model.head_start"]
    sigmoid = LOSSES.fact(config["loss.name"], "activation") == "sigmoid"
    if start != "none" and sigmoid:
        raise ValueError(
            "Heads begin with logits of a softmax. Received: "
            f"model.head_start={start!r}, loss.name={config['loss.name']!r}, "
            "which has one sigmoid per class. Leave `model.head_start` out."
        )
    if head == "linear":
        return
    if start == "linear-probe":
        raise ValueError(
            "Logistic regression fits a linear head. Received: "
            f"model.head_start={start!r}, model.head={head!r}. Start from "
            "class-mean."
        )
    if solver == "logistic":
        raise ValueError(
            "Logistic regression fits a linear head. Received: "
            f"train.head_solver='logistic', model.head={head!r}. Leave one of "
            "them out."
        )
    if sigmoid:
        raise ValueError(
            "Cosines have no bias, from which losses of one sigmoid per class "
            f"start. Received: model.head={head!r}, "
            f"loss.name={config['loss.name']!r}. Leave `model.head` out."
        )


def _check_levels(config):
    """Refuses a cascade whose parts do not fit each other."""
    levels, dim = config["method.levels"], config["method.dim"]
    if levels and len(set(levels)) < max(len(levels), 2):
        raise ValueError(
            "A cascade has two levels or more, each another layer. Received: "
            f"method.levels={','.join(levels)}."
        )
    count = when.num_levels(config)
    if dim % count:
        raise ValueError(
            f"The {count} levels of {config['method.name']} have equal parts "
            f"of the embedding. Received: method.dim={dim}, no multiple of "
            f"{count}. Set for example --dim {128 * count}."
        )
    options = method_options(config["method.name"], config["method.options"])
    shares = options.get("fraction")
    if isinstance(shares, list) and len(shares) != count - 1:
        raise ValueError(
            "A cascade passes pairs on from every level but the last. "
            f"Received: fraction={':'.join(map(str, shares))} for {count} "
            f"levels. Give one number, or {count - 1}."
        )
    if config["pooling.gamma"] == "data":
        raise ValueError(
            "A kernel is measured on one map, and a cascade pools several. "
            "Received: pooling.gamma='data' with --method "
            f"{config['method.name']}. Give `pooling.gamma` as a number."
        )


def _check_sampler(config):
    """Refuses samplers of single images for groups, and of groups for those."""
    sampler = config["data.sampler"]
    if when.GROUPED(config):
        used, other = sampler in ("uniform", "pk_parents"), "pk_parents"
    else:
        used, other = sampler != "pk_parents", "another sampler"
    if when.SAMPLED(config) and not used:
        groups = config["method.images_per_class"]
        raise ValueError(
            "`data.sampler` does nothing in this run, whose batches are "
            f"drawn with method.images_per_class={groups}. Received: "
            f"data.sampler={sampler!r}. Leave it out, or take {other}."
        )


def _check_positives(config):
    """Refuses grades, and columns of classes, where they mean nothing."""
    name, asked = config["method.name"], config["method.positives"]
    if not when.PAIRED(config) or asked == "class":
        return
    if asked == "graded" and method_named(name).positives != "graded":
        raise ValueError(
            f"{name} chooses its positives: a grade, which says how often a "
            f"pair counts, means nothing there. Received: method.positives="
            f"{asked!r}. Take a level (parent, or a column of classes.csv), or "
            "another --method."
        )


def _check_memory(config):
    """Refuses a memory that does not hold a batch."""
    size, batch = config["method.memory"], config["data.batch_size"]
    if when.PAIRED(config) and 0 < size < batch:
        raise ValueError(
            "A memory holds one batch or more. Received: "
            f"method.memory={size} with data.batch_size={batch}. Set a few "
            "times the batch, or lower `data.batch_size`."
        )


def _check_measured_beta(config):
    """Refuses to measure a beta where no features tell near duplicates."""
    asked = f"loss.beta={config['loss.beta']!r}"
    if not when.TRAINED(config):
        raise ValueError(
            "A beta is measured on the features that a classifier begins "
            f"with. Received: {asked} with --method {config['method.name']}. "
            "Give `loss.beta` as a number."
        )
    if not config["model.weights"]:
        raise ValueError(
            "A beta is measured on features of pretrained weights: those of a "
            "body that begins at random do not tell near duplicates. Received: "
            f"{asked} without --weights. Name weights (--weights imagenet), or "
            "give `loss.beta` as a number."
        )


def _check_folded(stage, folds):
    """Refuses folds of another head, or of other images, than the run's."""
    own = [f"{n}={stage.changes[n]!r}" for n in _OF_IMAGES if n in stage.own]
    if stage.tune != "head":
        own = [f"tune={stage.tune!r}"]
    if own:
        raise ValueError(
            "Heads without a fold are trained on the images of the run, at "
            f"its size. Received: data.calibration_folds={folds} with the "
            f"stage {stage.name!r}, which sets {own[0]}. Keep images out "
            "(data.calibration_share)."
        )


def _check_tested_by_folds(config):
    """Refuses what heads without a fold, and the run itself, do not share."""
    asked = f"evaluation.folds={config['evaluation.folds']}"
    others = []
    if config["data.calibration_folds"] != "none":
        folds = config["data.calibration_folds"]
        others.append(f"data.calibration_folds={folds}, whose images it tests")
    if config["evaluation.views"] != "center":
        others.append(f"evaluation.views={config['evaluation.views']!r}")
    stages = config.stages()
    if len(stages) > 1:
        others.append(f"{len(stages)} stages")
    kept = stages[0].stage
    others += [f"{n}={kept.changes[n]!r}" for n in _OF_IMAGES if n in kept.own]
    if kept.tune != "head":
        others.append(f"tune={kept.tune!r}")
    if others:
        raise ValueError(
            "Folds test heads of one stage, on the features of one view of "
            f"the run's images. Received: {asked} with {others[0]}. Leave one "
            "of them out."
        )


def check_stage(stage, options):
    """Refuses what a stage sets and does not use.

    Args:
        stage: The `Config` of the stage.
        options: Dict of dotted name to `Option`.

    Raises:
        ValueError: If it sets such an option, or one of classifiers alone, or
            its options contradict each other.
    """
    kind = stage.stage
    if when.CLASSIFIER(stage) and not when.TRAINED(stage):
        raise ValueError(
            "Nearest class means and neighbours train nothing, in stages "
            f"neither. Received: --method {stage['method.name']} with the "
            f"stage {stage.name!r}. Leave out one of them."
        )
    if not when.CLASSIFIER(stage):
        asked = [f"tune={kind.tune!r}"] if kind.tune == "scale" else []
        asked += ["restart=True"] if kind.restart else []
        asked += [f"{n}={stage[n]!r}" for n in kind.own if n in _CLASSIFIERS]
        if asked:
            raise ValueError(
                "Stages of an embedding train one head on the images of the "
                "run, at its size; other heads, images and sizes are of a "
                f"classifier's (--method softmax). Received: stage "
                f"{stage.name!r} with {', '.join(asked)}. Leave it out."
            )
    if kind.tune == "scale" and stage["model.head"] != "linear":
        raise ValueError(
            "A scale of logits becomes part of the weights of a linear head; "
            "cosines do not see how long weights are. Received: stage "
            f"{stage.name!r} with tune='scale', model.head="
            f"{stage['model.head']!r}. Set model.head=linear."
        )
    for name in kind.own:
        used, value = options[name].used, stage[name]
        if value != options[name].default and not used(stage):
            raise ValueError(
                f"`{name}` does nothing in the stage {stage.name!r}: it is "
                f"used {used.unmet(stage)}. Received: "
                f"stages.{stage.name}.{name}={value!r}. Leave it out."
            )
    check_together(stage)
