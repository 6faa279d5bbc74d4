"""Schedule, optimizer and weight decay of a stage, as its config says."""

from fgkeras import models
from fgkeras.config import when
from fgkeras.data.batches.samplers import make_sampler
from fgkeras.layers import KernelCoefficients
from fgkeras.models import parts
from fgkeras.models.learning_rates import inner_layers
from fgkeras.training import make_optimizer
from fgkeras.training import make_schedule
from fgkeras.training.replica_batches import replicas_in_scope
from fgkeras.training.replica_batches import whole_shares


def epochs_of(stage):
    """Returns the epochs of a stage and of those that go on with it.

    Args:
        stage: The `Config` of the stage.
    """
    return stage.stage.total or stage.train.epochs


def schedule_of(stage, steps_per_epoch):
    """Returns the learning rate of a stage, a float or a Keras schedule.

    It is made for all stages that continue each other.

    Args:
        stage: The `Config` of the stage.
        steps_per_epoch: Int.
    """
    train, more = stage.train, {}
    if train.schedule == "step":
        more = {"boundaries": train.boundaries, "factors": train.factors}
    elif train.schedule == "exponential":
        more = {"decay": train.decay, "decay_epochs": train.decay_epochs}
    return make_schedule(
        train.schedule,
        train.learning_rate,
        total_epochs=epochs_of(stage),
        steps_per_epoch=steps_per_epoch,
        warmup_epochs=train.warmup_epochs,
        **more,
    )


def optimizer_of(train, schedule):
    """Returns the Keras optimizer of a stage.

    Args:
        train: The section `train` of the stage's `Config`.
        schedule: What `schedule_of` returns.
    """
    more = {} if train.optimizer == "adam" else {"momentum": train.momentum}
    return make_optimizer(train.optimizer, schedule, clip=train.clip, **more)


def stage_optimizer(model, stage, schedule):
    """Returns the optimizer of a classifier, its pooling at its own rate.

    Args:
        model: Built `keras.Model` that the stage trains.
        stage: The `Config` of the stage.
        schedule: What `schedule_of` returns.
    """
    optimizer = optimizer_of(stage.train, schedule)
    factors = pooling_factors(model, stage)
    if factors:
        optimizer = models.part_learning_rates(optimizer, model, factors)
    return optimizer


def pooling_factors(model, stage):
    """Returns what `part_learning_rates` gives the pooling of a stage.

    Args:
        model: Built `keras.Model` that the stage trains.
        stage: The `Config` of the stage.

    Returns:
        Dict from the name of a layer to `train.pooling_rate`; empty where that
        is 1, or `model` has no pooling that is trained, as behind frozen
        features.
    """
    if not when.POOLING_TRAINED(stage) or stage.train.pooling_rate == 1.0:
        return {}
    return {
        layer.name: stage.train.pooling_rate
        for layer in inner_layers(model)
        if (
            parts.pools(layer)
            # Alone behind sketches that are kept.
            or isinstance(layer, KernelCoefficients)
        )
        and layer.trainable_variables
    }


def decay_weights(model, train, exclude=()):
    """Puts the weight decay of a stage on a model, or takes it off.

    Args:
        model: Built `keras.Model`.
        train: The section `train` of the stage's `Config`.
        exclude: Variables that do not decay. Defaults to none.
    """
    decay = train.weight_decay
    more = {"kind": train.decay_kind} if decay else {}
    models.apply_weight_decay(model, decay, exclude=exclude, **more)


def sampler_of(stage, images):
    """Returns the sampler that draws the images of a stage.

    Args:
        stage: The `Config` of the stage.
        images: `SplitImages`.
    """
    batch = min(stage.data.batch_size, len(images))
    return make_sampler(
        stage.data.sampler,
        images.labels,
        whole_shares(batch, replicas_in_scope()),
        seed=stage.seed,
        num_epochs=epochs_of(stage),
    )
