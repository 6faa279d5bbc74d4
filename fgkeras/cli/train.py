"""Train a classifier: fgkeras train --data folder:photos

Every option of a run has a dotted name: --set train.epochs=20. The named
options below are short for the ones used most. A run that was killed goes on
when the same command is typed again.

  fgkeras train --data folder:photos --backbone mobilenet_v2 --weights imagenet
  fgkeras train --data zip:birds.zip --mode frozen --weights body.weights.h5
  fgkeras train --data flora: --loss focal --beta 0.999

With --method other than softmax an embedding is trained, and tested by
retrieval and clustering; test classes may be others than those trained on.

  fgkeras train --data zip:birds.zip --method triplet-a --mode frozen ...
  fgkeras train --data zip:cars.zip --method multi-similarity \\
      --classes 0:98 --test-classes 98:196 --test-split '*' ...
"""

SHORT = {
    "data": "data.source",
    "label_column": "data.label_column",
    "backbone": "model.backbone",
    "weights": "model.weights",
    "method": "method.name",
    "pooling": "model.pooling",
    "loss": "loss.name",
    "beta": "loss.beta",
    "gamma": "loss.gamma",
    "mode": "train.mode",
    "epochs": "train.epochs",
    "batch_size": "data.batch_size",
    "size": "data.size",
    "learning_rate": "train.learning_rate",
    "optimizer": "train.optimizer",
    "schedule": "train.schedule",
    "sampler": "data.sampler",
    "long_tail": "data.long_tail",
    "strategy": "train.strategy",
    "precision": "train.precision",
    "classes": "data.classes",
    "test_data": "data.test_source",
    "test_classes": "data.test_classes",
    "test_split": "data.test_split",
    "dim": "method.dim",
    "seed": "seed",
}
HELP = {
    "data": "folder:PATH zip:PATH csv:PATH tfds:NAME records:PATH flora:",
    "label_column": "a column of classes.csv: train on parents, as family",
    "backbone": "small_cnn, mobilenet_v2, resnet50, cifar_resnet32, ...",
    "weights": "imagenet, the path of an .h5 file, or a run for its body",
    "method": "softmax (a linear head, by --loss) or an embedding: "
    "triplet-naive, triplet-hn, triplet-m, triplet-a, contrastive, lifted, "
    "n-pair, multi-similarity, proxy-anchor, hdml-npair, dvml-triplet, ...",
    "pooling": "average, max, kernel, compact_bilinear, bilinear",
    "loss": "softmax, sigmoid or focal",
    "beta": "class-balanced weights, in [0, 1); 0 turns them off",
    "mode": "frozen (features once, then a head) or finetune",
    "long_tail": "exponential:100, pareto:6 or cap:50",
    "sampler": "uniform, class_balanced, square_root, progressive, pk",
    "strategy": "none or mirrored",
    "classes": "train on these: 0:98, or 0:3,7",
    "test_data": "source of the test images, if another",
    "test_classes": "test on these, such as 98:196 of the same source",
    "test_split": "a split, or '*' for all images",
    "dim": "numbers of an embedding",
}


def add_arguments(parser):
    """Adds the verb's options."""
    for name, target in SHORT.items():
        flag = "--" + name.replace("_", "-")
        text = HELP.get(name, f"short for --set {target}=...")
        parser.add_argument(flag, metavar="X", help=text)
    parser.add_argument("--config", metavar="FILE", help="TOML (or JSON)")
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="A.B=C",
        help="set any option of the run; see --list-options",
    )
    parser.add_argument("--out", metavar="RUN", help="the run folder")
    parser.add_argument(
        "--skip-bad", action="store_true", help="leave out bad images"
    )
    parser.add_argument(
        "--restart", action="store_true", help="replace the run in --out"
    )
    parser.add_argument(
        "--list-options", action="store_true", help="print every option"
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--quiet", action="store_true")
    parser.set_defaults(run=run)


def overrides_of(arguments):
    """Returns the dotted overrides that a command line asks for."""
    out = {}
    for name, target in SHORT.items():
        value = getattr(arguments, name)
        if value is None:
            continue
        if value == "0" and name in ("epochs", "batch_size", "size"):
            raise ValueError(
                f"--{name.replace('_', '-')} must be at least 1. Received: 0. "
                "Leave it out for the default."
            )
        out[target] = value
    if arguments.skip_bad:
        out["data.skip_bad"] = True
    for text in arguments.set:
        key, equals, value = text.partition("=")
        if not equals:
            raise ValueError(
                f"--set takes NAME=VALUE. Received: --set {text}. "
                "Write for example --set train.epochs=20."
            )
        out[key.strip()] = value.strip()
    return out


def run(arguments):
    """Trains and prints the result."""
    from fgkeras.jobs.config import RunConfig

    overrides = overrides_of(arguments)
    named = arguments.config or "data.source" in overrides
    if not named and not arguments.list_options:
        raise ValueError(
            "A training needs images. Received: no --data. Write for example "
            "--data folder:photos, or --data flora: for the built-in flowers."
        )
    config = RunConfig.build(arguments.config, overrides)
    if arguments.list_options:
        for name, value in config.flat().items():
            print(f"{name} = {value!r}")
        return 0
    from fgkeras.cli.show import print_metrics
    from fgkeras.jobs.train import train

    folder, metrics = train(
        config,
        arguments.out,
        restart=arguments.restart,
        quiet=arguments.quiet or arguments.json,
    )
    print_metrics(metrics, folder.path, arguments.json)
    return 0
