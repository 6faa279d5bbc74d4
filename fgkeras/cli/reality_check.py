"""Compare a metric method fairly: tuned by class-disjoint cross-validation.

Frozen features; the classes tested on are others than those trained on. Each
--try is a choice of options; the best on held-out training classes is trained
ten times and tested once. The same command goes on where it stopped.

  fgkeras reality-check --data zip:cars.zip --classes 0:98 \\
      --test-classes 98:196 --method multi-similarity \\
      --backbone mobilenet_v2 --weights imagenet --out runs/check \\
      --try train.learning_rate=1e-3 --try train.learning_rate=3e-3
"""

SHORT = {
    "data": "data.source",
    "classes": "data.classes",
    "test_data": "data.test_source",
    "test_classes": "data.test_classes",
    "method": "method.name",
    "backbone": "model.backbone",
    "weights": "model.weights",
    "epochs": "train.epochs",
    "size": "data.size",
    "dim": "method.dim",
    "seed": "seed",
}
RATES = ("3e-4", "1e-3", "3e-3", "1e-2")


def add_arguments(parser):
    """Adds the verb's options."""
    for name, target in SHORT.items():
        flag = "--" + name.replace("_", "-")
        parser.add_argument(flag, metavar="X", help=f"see train: {target}")
    parser.add_argument(
        "--set", action="append", default=[], metavar="A.B=C", dest="sets"
    )
    parser.add_argument(
        "--try",
        action="append",
        default=[],
        metavar="A.B=C[;A.B=C]",
        dest="trials",
        help="options to choose among; without it four learning rates",
    )
    parser.add_argument("--folds", type=int, default=4)
    parser.add_argument("--repeats", type=int, default=10)
    parser.add_argument("--out", required=True, metavar="FOLDER")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--quiet", action="store_true")
    parser.set_defaults(run=run)


def _pairs(texts):
    out = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals:
            raise ValueError(
                f"Options are written NAME=VALUE. Received: {text}. "
                "Write for example train.learning_rate=1e-3."
            )
        out[name.strip()] = value.strip()
    return out


def run(arguments):
    """Compares and prints."""
    import json

    from fgkeras.cli.show import print_rows
    from fgkeras.jobs.config import RunConfig
    from fgkeras.jobs.metric_features import metric_features
    from fgkeras.jobs.reality_check import reality_check
    from fgkeras.training.progress import progress_bar

    given = {
        target: getattr(arguments, name)
        for name, target in SHORT.items()
        if getattr(arguments, name) is not None
    }
    config = RunConfig.build(
        overrides={
            "method.name": "contrastive",
            "train.mode": "frozen",
            "data.train_split": "*",
            "data.test_split": "*",
            **given,
            **_pairs(arguments.sets),
        }
    )
    trials = [_pairs(text.split(";")) for text in arguments.trials]
    trials = trials or [{"train.learning_rate": rate} for rate in RATES]
    quiet = arguments.quiet or arguments.json
    train, test, data = metric_features(config, quiet)
    with progress_bar("trainings", quiet=quiet) as bar:
        result = reality_check(
            *train,
            *test,
            config,
            trials,
            out=arguments.out,
            folds=arguments.folds,
            repeats=arguments.repeats,
            data=data,
            progress=bar,
        )
    if arguments.json:
        print(json.dumps(result, indent=2))
        return 0
    print_rows(
        [
            {
                "%": name,
                **{
                    kind: f"{100 * found[name]['value']:.1f} "
                    f"({100 * found[name]['low']:.1f} to "
                    f"{100 * found[name]['high']:.1f})"
                    for kind, found in (
                        ("separate", result["separate"]),
                        ("concatenated", result["concatenated"]),
                    )
                },
            }
            for name in result["separate"]
        ]
    )
    print(f"best options: {result['best_trial']}")
    return 0
