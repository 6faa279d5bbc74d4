"""What a stage trains in place of the whole run's: head, size, images."""

import keras
import numpy as np

from fgkeras.data.cuts.class_subset import select_classes
from fgkeras.data.cuts.relabel import relabel
from fgkeras.data.cuts.renumbered import renumbered
from fgkeras.data.cuts.without_images import without_images
from fgkeras.data.open import open as open_source
from fgkeras.data.spec import same_source
from fgkeras.layers import ClassScale
from fgkeras.models import parts
from fgkeras.runs.classifier.network import make_classifier
from fgkeras.runs.inputs import SplitImages
from fgkeras.runs.start_checks import check_columns
from fgkeras.runs.start_checks import check_has_labels

_WAY = "Name other images for this stage (data.source)."


class StageParts:
    """Images and classifiers of stages that have others than the run.

    Args:
        config: The `Config` of the run.
        train: `SplitImages` that the run trains on.
    """

    def __init__(self, config, train):
        self._config, self._train = config, train
        # By name of a stage, and by side of the input; each is made once.
        self._sources: dict = {}
        self._classifiers: dict = {}

    def images(self, stage, run, others, reporter):
        """Returns what a stage trains on in place of the run's images.

        Args:
            stage: The `Config` of the stage.
            run: The `Source` of the run.
            others: List of `SplitImages` that are not trained on.
            reporter: Who is told how far it is.

        Returns:
            Tuple of a `Source`, the name of a split and its `SplitImages`.
        """
        if stage.name not in self._sources:
            source, split = stage_source(self._config, stage, run)
            images = stage_images(source, split, stage, others, reporter)
            self._sources[stage.name] = (source, split, images)
        return self._sources[stage.name]

    def classifier(self, stage, whole):
        """Returns a classifier of a stage's size, with the weights of another.

        Args:
            stage: The `Config` of the stage.
            whole: `keras.Model`, that of the run; itself where the size is
                the run's.
        """
        size = stage.data.size
        if size == self._config.data.size:
            return whole
        if size not in self._classifiers:
            classes = whole.output_shape[-1]
            # A kernel measured on data needs crops that its body takes.
            images = self._train.of_stage(stage)
            self._classifiers[size] = make_classifier(
                self._config, classes, images, size
            )
        self._classifiers[size].set_weights(whole.get_weights())
        return self._classifiers[size]


def fresh_classifier(config, whole, images, head):
    """Returns a copy of a classifier, whose head is as it began.

    Args:
        config: The `Config` of the run.
        whole: `keras.Model`, that of the run.
        images: `SplitImages` that it is trained on.
        head: List of arrays, the head's weights; `None` of a head that is
            made of images, and has no weights before.
    """
    twin = make_classifier(config, whole.output_shape[-1], images)
    if head is not None:
        twin.set_weights(whole.get_weights())
        restart_head(twin, head)
        return twin
    for layer in twin.layers:
        if layer.name != parts.HEAD:
            layer.set_weights(whole.get_layer(layer.name).get_weights())
    return twin


def restart_head(classifier, weights):
    """Gives the head the weights that it began with.

    Args:
        classifier: `keras.Model` made by `make_classifier`.
        weights: List of arrays, its head's before any training.
    """
    classifier.get_layer(parts.HEAD).set_weights(weights)


def scaled(head):
    """Returns the model of a head that stays, and a scale of its logits.

    Args:
        head: `keras.Model` from features to logits.

    Returns:
        `keras.Model` of which the scale alone is trained, see `fold`.
    """
    fixed = keras.models.clone_model(head)
    fixed.set_weights(head.get_weights())
    fixed.trainable = False
    scale = ClassScale(name="scale")
    return keras.Model(fixed.input, scale(fixed.output))


def fold(model, head):
    """Multiplies a head's weights by the scale that was learned of it.

    Args:
        model: What `scaled` returned, trained.
        head: The `keras.Model` from features to logits that it is of.
    """
    scale = np.asarray(model.get_layer("scale").get_weights()[0])
    last = head.get_layer(parts.HEAD)
    # A kernel has a column, a bias a number, of each class.
    last.set_weights([w * scale for w in last.get_weights()])


def stage_source(config, stage, run):
    """Opens the images that one stage trains on in place of the run's.

    Args:
        config: The `Config` of the run.
        stage: The `Config` of the stage, with its `data.source`.
        run: The `Source` of the run, with the images that are tested on and
            chosen by in splits of their own.

    Returns:
        Tuple of the `Source`, with the classes of the run, and the name of its
        split.

    Raises:
        ValueError: If its classes are others, or all its images are tested on.
    """
    data = stage.data
    source = open_source(
        data.source,
        skip_bad=data.skip_bad,
        ignore=data.ignore,
        boxes=data.crop_to_box,
    )
    if data.label_column:
        source = relabel(source, data.label_column)
    check_columns(source)
    if data.classes:
        known = np.isin(source.class_names, run.class_names)
        source = select_classes(source, np.flatnonzero(known))
    if set(source.class_names) != set(run.class_names):
        came = sorted(set(source.class_names) - set(run.class_names))
        went = sorted(set(run.class_names) - set(source.class_names))
        raise ValueError(
            "A stage trains on the classes of the run. Received: "
            f"stages.{stage.name}.data.source={data.source!r}, which "
            + " and ".join(
                f"{word} {len(names)} ({', '.join(names[:3])})"
                for word, names in (("has others,", came), ("lacks", went))
                if names
            )
            + f" of the {run.num_classes} classes of {run.spec}. Lay out the "
            "same folders."
        )
    source = renumbered(source, run.class_names)
    split = data.train_split
    if not source.has_split(split) and len(source.splits) == 1:
        split = next(iter(source.splits))
    source = source.with_split(split)
    check_has_labels(source, split, f"stages.{stage.name}.data.source")
    if same_source(data.source, config.data.source):
        trained = config.data.train_split
        kept_out = [
            name
            for part in run.splits
            if part not in (trained, *trained.split("+"))
            for name in run.split(part).ids
        ]
        source = without_images(source, split, kept_out, _WAY)
    return source, split


def stage_images(source, split, stage, others, reporter):
    """Reads the images of a stage's own source.

    Args:
        source: `Source`, as of `stage_source`.
        split: String.
        stage: The `Config` of the stage.
        others: List of `SplitImages` that are not trained on: copies of them
            are left out.
        reporter: Who is told how far it is.

    Raises:
        ValueError: If no image is left.
    """
    images = SplitImages(source, split, stage, reporter)
    if stage.data.input == "disk":
        # Copies are known once all were read.
        for part in (images, *others):
            part.content()
    known = {d for part in others for d in part.sha256.values()}
    fresh = images.without(known)
    if not fresh:
        raise ValueError(
            "Images that are tested on or chosen by are not trained on. "
            f"Received: stages.{stage.name}.data.source={stage.data.source!r}"
            f", whose images are all copies of them. {_WAY}"
        )
    return images.take(fresh) if len(fresh) < len(images) else images
