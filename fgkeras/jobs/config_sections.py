"""The parts of a run's config: every option, its unit and its default."""

import dataclasses


@dataclasses.dataclass
class DataConfig:
    """Where images come from and how batches are made."""

    source: str = "flora:"  # folder: zip: csv: tfds: records: flora:
    label_column: str = ""  # parents as classes, such as "family"; "": classes
    train_split: str = "train"
    test_split: str = "test"
    holdout: float = 0.2  # share held back where there is no test split
    long_tail: str = ""  # "exponential:100", "pareto:6", "cap:50"
    sampler: str = "uniform"  # class_balanced square_root progressive pk
    batch_size: int = 0  # images; 0: 128 for frozen features, else 32
    size: int = 0  # input pixels; 0: 32 for cifar_*, 64 from scratch, else 160
    resize: int = 0  # shorter side before the evaluation crop; 0: whole square
    augmentation: str = "random_crop"  # random_resized_crop pad_crop none
    train_resize: int = 0  # shorter side before random_crop; 0: 8/7 of size
    flip: bool = True
    color: float = 0.0  # strength in [0, 1]
    min_area: float = 0.25  # smallest window of random_resized_crop
    input: str = "auto"  # "tfdata", "arrays" (no TensorFlow), "disk" (no copy)
    classes: str = ""  # of those trained on: "0:98", "0:3,7"; "" means all
    test_source: str = ""  # of the test images, if not `source`
    test_classes: str = ""  # of those tested on
    mirror_test: bool = False  # average over a test image and its mirror
    skip_bad: bool = False


@dataclasses.dataclass
class ModelConfig:
    """Backbone, pooling, embedding and head."""

    backbone: str = "small_cnn"
    weights: str = ""  # "", "imagenet", the path of an .h5 file, or a run
    pooling: str = "average"  # max kernel compact_bilinear bilinear ...
    pooled_layer: str = ""  # inner layer of the backbone to pool
    embedding: str = "auto"  # "none", units, "unit:SCALE"; auto: with weights
    dropout: float = 0.0
    freeze_batch_norm: str = "auto"  # "yes", "no"; auto: with weights


@dataclasses.dataclass
class PoolingConfig:
    """The pooling that `model.pooling` names, and what stands around it."""

    order: int = 4  # highest order of kernel pooling
    dim: int = 0  # per order; 0: 4096, and 8192 for compact_bilinear
    gamma: str = "0.5"  # start of the kernel; "data": 1 / the mean product
    coefficients: list = dataclasses.field(default_factory=list)  # or these
    learn: bool = True  # the kernel's coefficients are trained
    normalize: bool = True  # descriptors to unit length before
    transform: str = "hadamard"  # or "fourier"
    units: int = 4096  # of each layer of fully_connected
    projection: int = 0  # channels of a learned 1x1 convolution before
    square_root: str = "auto"  # "yes", "no"; auto: after higher orders


@dataclasses.dataclass
class LossConfig:
    """The loss; `beta` above 0 weights classes by effective numbers."""

    name: str = "softmax"  # sigmoid, focal
    beta: float = 0.0  # in [0, 1); 0 weights all classes alike
    gamma: float = 1.0  # focusing exponent of focal


@dataclasses.dataclass
class MethodConfig:
    """What is trained: a linear head by `loss`, or an embedding."""

    name: str = "softmax"  # triplet-a contrastive proxy-anchor hdml-npair ...
    options: str = ""  # of its loss and sampling: "margin=0.1,nearest=0.4"
    dim: int = 64  # numbers of an embedding
    images_per_class: int = 0  # K of a batch of P x K; 0: the method's own
    triplets: int = 50  # per step, of the triplet-naive, -hn, -m, -a
    resample_steps: int = 0  # steps between two draws; 0: a pass, 1000 at most
    omega: float = 0.1  # share of the triplet loss in triplet-a
    anchors: int = 3  # per class
    gamma: float = 5.0  # of the anchors' soft vote
    rejected: str = ""  # source of images people rejected from their class
    proxy_rate: float = 10.0  # learning rate of proxies, times the other
    body_rate: float = 1.0  # learning rate of the body, times the other


@dataclasses.dataclass
class TrainConfig:
    """How weights are found."""

    mode: str = "finetune"  # or "frozen": features once, then the head
    epochs: int = 0  # 0: 60 for frozen features, else 10
    head_epochs: int = 0  # frozen-feature epochs of the head before
    head_solver: str = "adam"  # "logistic": logistic regression by L-BFGS
    head_c: float = 1.0  # its inverse regularization
    head_learning_rate: float = 0.01  # Adam, cosine, for those epochs
    optimizer: str = "adam"  # sgd, rmsprop
    learning_rate: float = 0.0  # 0: 0.01 frozen, 2e-4 with weights, else 1e-3
    momentum: float = 0.9
    schedule: str = "cosine"  # constant, step, exponential
    warmup_epochs: float = 0.0
    boundaries: list = dataclasses.field(default_factory=list)  # epochs
    factors: list = dataclasses.field(default_factory=list)
    decay: float = 0.94  # exponential
    decay_epochs: float = 2.0  # exponential, in epochs
    weight_decay: float = (
        -1.0
    )  # times half squares; below 0: 3e-4 frozen, else 0
    decay_kind: str = "all"  # or "no_batch_norm"
    clip: float = 0.0  # every gradient entry to [-clip, clip]
    precision: str = "float32"  # mixed_float16, mixed_bfloat16
    strategy: str = "none"  # mirrored
    replicas: int = 0  # 0: every GPU
    validate_every: int = 1  # epochs
    save_seconds: float = 60.0  # longest time between checkpoints
    jit: bool = False  # compile with XLA (JAX always does)
