"""The model that is trained for an embedding, compiled for its method."""

import keras

from fgkeras import layers
from fgkeras import losses
from fgkeras.config import when
from fgkeras.config.methods import method_named
from fgkeras.config.methods import method_options
from fgkeras.mining import RememberingModel
from fgkeras.models import parts
from fgkeras.models.anchors import JointModel
from fgkeras.models.anchors import anchor_classifier
from fgkeras.models.learning_rates import part_learning_rates
from fgkeras.registries import METHODS
from fgkeras.registry import imported
from fgkeras.runs.loss import weighted
from fgkeras.runs.optimization import decay_weights
from fgkeras.runs.optimization import optimizer_of
from fgkeras.runs.optimization import pooling_factors
from fgkeras.training import GlobalBatchLoss


def feature_embedder(embedder):
    """Returns the embedder behind the pooling, for features made before.

    Args:
        embedder: `keras.Model` made by `fgkeras.models.embedder`.

    Returns:
        `keras.Model` from pooled features to embeddings, sharing weights.
    """
    shape = embedder.get_layer(parts.POOLING).output.shape[1:]
    features = keras.Input(shape, name="features")
    x = keras.layers.Identity(name=parts.POOLING)(features)
    return keras.Model(
        features, embedder.get_layer(parts.EMBEDDING)(x), name="embedder"
    )


def training_model(
    embedder,
    num_classes,
    config,
    class_loss=None,
    class_counts=None,
    relation=None,
):
    """Puts on an embedder what its method needs to train it.

    Args:
        embedder: `keras.Model` made by `fgkeras.models.embedder`, from images
            or from features, with the `unit_norm` and `batch_norm` of the
            method. It is part of the result.
        num_classes: Int, training classes.
        config: A `Config`; `method` counts.
        class_loss: `None` for softmax, or the loss on logits where there are
            any.
        class_counts: Training images per class, where the config weights
            them.
        relation: `None`, or the `fgkeras.mining.PairRelation` by which pairs
            are told apart.

    Returns:
        Tuple of the `keras.Model` and a dict for its `compile`: `loss` and
        `loss_weights` where there are any.
    """
    chosen = config.method
    method = method_named(chosen.name)
    options = method_options(chosen.name, chosen.options)
    class_loss = class_loss or keras.losses.SparseCategoricalCrossentropy(
        from_logits=True
    )
    inputs, embedding = embedder.inputs[0], embedder.outputs[0]
    if method.kind == "classes":
        head = keras.layers.Dense(num_classes, name=parts.HEAD, dtype="float32")
        return keras.Model(inputs, head(embedding)), {"loss": class_loss}
    if method.kind in ("listed", "joint"):
        given = {"margin": options["margin"]} if "margin" in options else {}
        triplets = METHODS.load(chosen.name)(**given)
        triplets = weighted(triplets, config, class_counts)
        if method.kind == "listed":
            return embedder, {"loss": triplets}
        head = anchor_classifier(
            embedder,
            num_classes,
            num_anchors=chosen.anchors,
            gamma=chosen.gamma,
        )
        # Not `joint_model`: the layers of an embedder may be used twice, on
        # images and on features.
        outputs = {"embedding": embedding, "logits": head.outputs[0]}
        return JointModel(inputs, outputs, name="joint_model"), {
            "loss": {
                "embedding": triplets,
                "logits": losses.OfAnchors(class_loss),
            },
            "loss_weights": {
                "embedding": chosen.omega,
                "logits": 1.0 - chosen.omega,
            },
        }
    if method.kind == "hdml":
        model = METHODS.load(chosen.name)(
            embedder, num_classes, loss=method.loss, **options
        )
        return model, {}
    if method.kind == "dvml":
        loss = method.loss
        loss = imported(loss)() if ":" in loss else loss
        options.setdefault("seed", config.seed)
        return METHODS.load(chosen.name)(embedder, loss=loss, **options), {}
    if method.kind == "proxy":
        proxies = layers.ClassProxies(
            num_classes,
            per_class=options.pop("per_class", None),
            merging=options.pop("merging", 0.0),
            name="proxies",
        )
        loss = _batch_loss(options, config, class_counts)
        return keras.Model(inputs, proxies(embedding)), {"loss": loss}
    if method.levels:
        options["num_levels"] = when.num_levels(config)
    if method.lots:
        options["num_lots"] = method.lots
    if relation is not None:
        options["positives"] = relation
    model = _with_columns(embedder, options, config.seed)
    if when.PAIRED(config) and chosen.memory:
        loss = METHODS.load(chosen.name)(**options)
        loss = weighted(loss, config, class_counts)
        return RememberingModel(model, chosen.memory), {"loss": loss}
    return model, {"loss": _batch_loss(options, config, class_counts)}


def _with_columns(embedder, options, seed):
    """Returns an embedder with what its loss reads behind each embedding."""
    lots = options.get("num_lots", 0)
    boundaries = options.get("num_boundaries", 0)
    if lots:
        row = layers.UniformLots(lots, seed=seed, name="lots")
    elif boundaries:
        row = layers.DistanceBoundary(
            boundaries, initial=options.get("boundary", 1.2), name="boundary"
        )
    else:
        return embedder
    return keras.Model(embedder.inputs[0], row(embedder.outputs[0]))


def compile_training(model, settings, config, train, schedule):
    """Compiles what `training_model` returned.

    Proxies and the parts of HDML learn faster than the embedding.

    Args:
        model: The model.
        settings: The dict that came with it.
        config: A `Config`.
        train: The `TrainConfig` of the stage.
        schedule: Learning rate or schedule of the embedding.
    """
    decay_weights(model, train)
    optimizer = optimizer_of(train, schedule)
    kind = method_named(config.method.name).kind
    factors = {}
    if kind == "proxy":
        factors = {"proxies": config.method.proxy_rate}
    elif kind == "hdml":
        # Rates of their own, whatever that of the embedding is.
        rate = train.learning_rate
        factors = {
            "generator": config.method.generator_rate / rate,
            "classifier": config.method.classifier_rate / rate,
        }
    if train.mode == "finetune" and config.method.body_rate != 1.0:
        factors["backbone"] = config.method.body_rate
    factors.update(pooling_factors(model, config))
    if factors:
        optimizer = part_learning_rates(optimizer, model, factors)
    model.compile(
        optimizer=optimizer,
        jit_compile=train.jit or keras.backend.backend() == "jax",
        **settings,
    )


def continue_training(model, settings, train):
    """Compiles a model anew whose optimizer goes on.

    Args:
        model: The model, compiled before.
        settings: The dict that `training_model` returned.
        train: The section `train` of the stage.
    """
    model.compile(
        optimizer=model.optimizer,
        jit_compile=train.jit or keras.backend.backend() == "jax",
        **settings,
    )


def carry_over(before, model):
    """Gives the model of a stage what earlier stages have learned.

    Proxies, anchors and boundaries belong to the training, not to the
    embedder, which is part of both.

    Args:
        before: What the stage before trained, from another input.
        model: What `training_model` returned for this one.
    """
    # A memory of another input's embeddings is of no use.
    before, model = (getattr(m, "model", m) for m in (before, model))
    shared = {id(layer) for layer in model.layers}
    for layer in before.layers:
        names = {other.name for other in model.layers}
        if layer.weights and id(layer) not in shared and layer.name in names:
            model.get_layer(layer.name).set_weights(layer.get_weights())


def unit_embedder(embedder):
    """Returns `embedder` with length 1 made sure of, named as exports want it.

    Args:
        embedder: `keras.Model` made by `fgkeras.models.embedder`.

    Returns:
        `keras.Model` whose layer `embedding` gives vectors of length 1.
    """
    head = embedder.get_layer(parts.EMBEDDING)
    if isinstance(head.layers[-1], keras.layers.UnitNormalization):
        return embedder
    unit = keras.Sequential(
        [
            *head.layers,
            keras.layers.UnitNormalization(dtype="float32", name="unit"),
        ],
        name=parts.EMBEDDING,
    )
    pooled = embedder.get_layer(parts.POOLING).output
    return keras.Model(embedder.inputs[0], unit(pooled), name="embedder")


def _batch_loss(options, config, class_counts):
    loss = METHODS.load(config.method.name)(**options)
    return GlobalBatchLoss(weighted(loss, config, class_counts))
