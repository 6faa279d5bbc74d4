"""Train, evaluate, report and export on built-in images, in a few minutes.

Draws a long-tailed set of look-alike flowers, trains a small network with
softmax and with two class-balanced losses, compares them, writes the report,
exports a SavedModel and predicts held-back images with it.
"""


def add_arguments(parser):
    """Adds the verb's options."""
    parser.add_argument("--out", default="runs/demo", metavar="FOLDER")
    parser.add_argument("--epochs", type=int, default=12, metavar="N")
    parser.add_argument("--seed", type=int, default=0, metavar="N")
    parser.add_argument(
        "--restart", action="store_true", help="replace earlier demo runs"
    )
    parser.set_defaults(run=run)


def run(arguments):
    """Runs the demo and prints what came out."""
    from fgkeras.cli.predict import print_predictions
    from fgkeras.cli.show import print_rows
    from fgkeras.jobs.demo import demo

    result = demo(
        arguments.out,
        seed=arguments.seed,
        epochs=arguments.epochs,
        restart=arguments.restart,
    )
    print("\nAccuracy in %, by how many training images a class has:")
    print_rows(result["rows"])
    print("Held-back images, by the SavedModel (file names tell the truth):")
    print_predictions(result["predictions"])
    print(f"\nreport:      {result['report']}")
    print(f"comparison:  {result['comparison']}")
    print(f"saved model: {result['saved_model']}")
    print("next:        fgkeras train --data folder:YOUR_PHOTOS --help")
    return 0
