"""Compare a metric method fairly: tuned by class-disjoint cross-validation.

Frozen features; the classes tested on are others than those trained on. Each
--try is a choice of options; the best on held-out training classes is trained
ten times and tested once. The same command goes on where it stopped.

  fgkeras reality-check --data zip:cars.zip --classes 0:98 \\
      --test-classes 98:196 --method multi-similarity \\
      --backbone mobilenet_v2 --weights imagenet --out runs/check \\
      --try train.learning_rate=1e-3 --try train.learning_rate=3e-3
"""

from fgkeras.cli.options import add_options
from fgkeras.cli.options import changes_of
from fgkeras.cli.options import pairs
from fgkeras.cli.reporting import add_quiet
from fgkeras.cli.reporting import reporter_of

NAMES = (
    "data.source",
    "data.classes",
    "data.test_source",
    "data.test_classes",
    "method.name",
    "model.backbone",
    "model.weights",
    "train.epochs",
    "data.size",
    "data.skip_bad",
    "data.ignore",
    "method.dim",
    "seed",
)
RATES = ("1e-4", "3e-4", "1e-3", "3e-3")


def add_arguments(parser):
    """Adds the verb's options."""
    add_options(parser, NAMES)
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
    add_quiet(parser)
    parser.set_defaults(run=run)


def run(arguments):
    """Compares and prints."""
    import json

    from fgkeras.cli.show import print_rows
    from fgkeras.config import Config
    from fgkeras.jobs.reality_check import check_trials
    from fgkeras.jobs.reality_check import reality_check
    from fgkeras.report.measures.reality_page import below_untrained
    from fgkeras.runs.embedding.features import embedding_features
    from fgkeras.runs.embedding.features import level_lengths

    config = Config.read(
        changes={
            "method.name": "contrastive",
            "train.mode": "frozen",
            "data.train_split": "*",
            "data.test_split": "*",
            **changes_of(arguments, NAMES),
        }
    )
    trials = [pairs(text.split(";")) for text in arguments.trials]
    trials = trials or [{"train.learning_rate": rate} for rate in RATES]
    check_trials(config, trials)
    reporter = reporter_of(arguments)
    train, test, data = embedding_features(config, reporter)
    with reporter.bar("trainings") as bar:
        result = reality_check(
            *train,
            *test,
            config,
            trials,
            out=arguments.out,
            folds=arguments.folds,
            repeats=arguments.repeats,
            data=data,
            lengths=level_lengths(config),
            progress=bar,
        )
    if arguments.json:
        print(json.dumps(result, indent=2))
        return 0
    for text in below_untrained(result):
        print(text)
    untrained = result["untrained"]
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
                "features, untrained": _percent(untrained["features"][name]),
                f"PCA to {untrained['dim']}, untrained": _percent(
                    untrained["components"][name]
                ),
            }
            for name in result["separate"]
        ]
    )
    print(f"best options: {result['best_trial']}")
    print(f"page: {arguments.out}/report.html")
    return 0


def _percent(value):
    return f"{100 * value:.1f}"
