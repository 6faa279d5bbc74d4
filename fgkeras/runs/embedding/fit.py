"""Trains an embedding by the method of a config."""

import math

import keras
import numpy as np

from fgkeras.config import when
from fgkeras.config.methods import method_named
from fgkeras.config.methods import method_options
from fgkeras.data.batches.samplers import make_sampler
from fgkeras.models.anchors import start_anchors
from fgkeras.runs.embedding.model import carry_over
from fgkeras.runs.embedding.model import compile_training
from fgkeras.runs.embedding.model import continue_training
from fgkeras.runs.embedding.model import training_model
from fgkeras.runs.embedding.relation import pair_relation_of
from fgkeras.runs.embedding.relation import sampled_parents
from fgkeras.runs.optimization import epochs_of
from fgkeras.runs.optimization import schedule_of
from fgkeras.training import Batches
from fgkeras.training import TripletRounds
from fgkeras.training import fit_resumable
from fgkeras.training.replica_batches import replicas_in_scope
from fgkeras.training.replica_batches import whole_shares


def fit_embedding(
    embedder,
    data,
    num_classes,
    stage,
    folder,
    *,
    class_loss=None,
    hierarchy=None,
    rejected_labels=None,
    callbacks=(),
    until=None,
    before=None,
    ended=None,
):
    """Trains an embedder, going on where a killed training stopped.

    Args:
        embedder: `keras.Model` made by `fgkeras.models.embedder`; trained in
            place.
        data: `TrainingFeatures` or `TrainingImages`.
        num_classes: Int, training classes; labels lie below.
        stage: The `Config` of the stage: `method`, `train`, `data.batch_size`,
            `seed`; it names the checkpoint.
        folder: Path of a folder for checkpoints; it must exist.
        class_loss: `None`, or the loss on logits where there are any.
        hierarchy: `None`, or dict of level name to the parent of each training
            class, where the config asks for parents.
        rejected_labels: `None`, or the class that each rejected image does
            not belong to.
        callbacks: Keras callbacks.
        until: Int, the epoch after which to stop, or `None`.
        before: Tuple of the embedder and the `keras.Model` that the stage
            before trained, or `None`.
        ended: As `fit_resumable` takes it. Defaults to `None`.

    Returns:
        Tuple of the trained `keras.Model` that holds `embedder`, and the
        history, a list of dicts.

    Raises:
        ValueError: If the data do not suit the method.
    """
    train, method = stage.train, method_named(stage.method.name)
    if when.PAIRED(stage) and stage.method.memory and replicas_in_scope() > 1:
        raise ValueError(
            "A memory of earlier batches is of one device. Received: "
            f"method.memory={stage.method.memory} on {replicas_in_scope()} "
            "devices. Leave one of them out."
        )
    model, settings = training_model(
        embedder,
        num_classes,
        stage,
        class_loss,
        np.bincount(data.labels, minlength=num_classes),
        pair_relation_of(stage, hierarchy),
    )
    if before is not None and before[0] is embedder:
        model = before[1]
    elif before is not None:
        carry_over(before[1], model)
    listed = method.kind in ("listed", "joint")
    file = folder / f"{stage.name}.npz"
    started, first = [], stage.stage.before
    if listed:
        usual = stage.name == "embedding"
        named = "triplets.npz" if usual else f"{stage.name}-triplets.npz"
        sampler = _triplets(
            lambda: started.pop() if started else data.embeddings(embedder),
            data,
            stage,
            folder / named,
            rejected_labels,
        )
        drawn = data.batches(sampler)

        def start(step, *shard):
            sampler.prepare(step)
            started.clear()
            return drawn.start(step, *shard)

        batches = Batches(start, sampler.steps_per_epoch, fresh=True)
        callbacks = [_Drawn(sampler, first), *callbacks]
    else:
        sampler = _batch_sampler(data.labels, stage, hierarchy)
        batches = data.batches(sampler)
    if method.kind == "joint" and before is None and not file.exists():
        # The first triplets are drawn from them too.
        started.append(data.embeddings(embedder))
        found = started[0][: len(data.labels)]
        start_anchors(model, found, data.labels, seed=stage.seed)
    steps = batches.steps_per_epoch
    if stage.stage.continues:
        continue_training(model, settings, train)
    else:
        schedule = schedule_of(stage, steps)
        compile_training(model, settings, stage, train, schedule)
    history = fit_resumable(
        model,
        batches.from_step(first * steps),
        epochs=train.epochs,
        until=until,
        checkpoint=file,
        callbacks=callbacks,
        save_seconds=train.save_seconds,
        ended=ended,
    )
    return model, history


def _triplets(features, data, config, file, rejected_labels):
    """Returns the sampler of quasi-online triplets."""
    chosen = config.method
    options = method_options(chosen.name, chosen.options)
    images = len(data.labels)
    steps = chosen.resample_steps
    if steps == "pass":
        steps = min(max(math.ceil(images / chosen.triplets), 1), 1000)
    return TripletRounds(
        features,
        data.labels,
        chosen.triplets,
        steps,
        file=file,
        seed=config.seed,
        rejected_labels=rejected_labels,
        **options,
    )


def _batch_sampler(labels, config, hierarchy):
    batch, replicas = config.data.batch_size, replicas_in_scope()
    k = config.method.images_per_class
    if k == "none":
        batch = whole_shares(min(batch, len(labels)), replicas)
        return make_sampler(
            config.data.sampler,
            labels,
            batch,
            seed=config.seed,
            num_epochs=epochs_of(config),
        )
    # At most all classes once, and whole groups of K.
    classes = min(max(batch // k, 1), len(np.unique(labels)))
    # Those whose images all devices divide evenly.
    classes -= classes % (replicas // math.gcd(k, replicas))
    if classes < 2:
        several = f", for {replicas} devices" if replicas > 1 else ""
        raise ValueError(
            f"A batch of {config.method.name} needs two classes or more. "
            f"Received: data.batch_size={batch} with {k} images of each"
            f"{several}."
        )
    parents = sampled_parents(config, hierarchy)
    return make_sampler(
        "pk" if parents is None else "pk_parents",
        labels,
        classes * k,
        seed=config.seed,
        images_per_class=k,
        parents=parents,
    )


class _Drawn(keras.callbacks.Callback):
    """Notes how many triplets violated the margin when they were drawn."""

    def __init__(self, rounds, first=0):
        super().__init__()
        self.rounds, self.first = rounds, first

    def on_epoch_end(self, epoch, logs=None):
        if logs is not None:
            logs["triplets"] = self.rounds.drawn[self.first + epoch]
