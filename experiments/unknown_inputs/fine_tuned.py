"""The same scores of a body that was fine-tuned to the known classes.

Command: python -m experiments.unknown_inputs.fine_tuned --data DATA
Time: see README.md.
Resumable: every seed is a line of `fine_tuned.jsonl`; a training goes on.

MobileNetV2 from ImageNet, every layer trained on four fifths of the birds of
cub100 by `fgkeras train` with its own defaults and a share of the training
images held back; the scores are of its logits and of its own vectors.
"""

import argparse
import pathlib
import zipfile

import keras
import numpy as np

from experiments import features
from experiments.prediction_sets.cells import probabilities
from experiments.prediction_sets.cells import rounded
from experiments.results import keep_row
from experiments.results import kept_rows
from experiments.results import result_path
from experiments.unknown_inputs import scores
from fgkeras.config import Config
from fgkeras.data import open as open_source
from fgkeras.evaluation import energy_scores
from fgkeras.evaluation import fit_temperature
from fgkeras.evaluation import largest_probability_scores
from fgkeras.evaluation import nearest_scores
from fgkeras.models import embedding_model
from fgkeras.runs.inputs import SplitImages
from fgkeras.runs.predictor import Predictor
from fgkeras.runs.train import train

SET, SIZE, EPOCHS = "cub100", 128, 4
WEIGHTS = "mobilenet_v2_imagenet.weights.h5"


def two_folders(data, folder, seed):
    """Unpacks the birds into `known` and `unknown`, class by class."""
    path = pathlib.Path(data) / SET / f"{SET}.zip"
    with zipfile.ZipFile(path) as file:
        members = [n for n in file.namelist() if n.endswith(".jpg")]
        classes = sorted({n.split("/")[1] for n in members})
        order = np.random.default_rng(seed).permutation(len(classes))
        number = int(scores.UNKNOWN * len(classes))
        unknown = {classes[i] for i in order[:number]}
        for member in members:
            part = "unknown" if member.split("/")[1] in unknown else "known"
            if not (folder / part / member).exists():
                file.extract(member, folder / part)


def train_run(args, folder, seed):
    """Trains a classifier of the known birds, or goes on with it."""
    config = Config.read(
        changes={
            "data.source": f"folder:{folder / 'known'}",
            "data.size": SIZE,
            "data.calibration_share": scores.SHARE,
            "model.backbone": "mobilenet_v2",
            "model.weights": f"{args.data}/weights/{WEIGHTS}",
            "train.epochs": args.epochs,
            "train.validate_every": args.epochs,
            "seed": seed,
        }
    )
    train(config, folder / "run")
    return folder / "run"


def answers(predictor, source, split, most=None, seed=0):
    """Returns ids, labels, logits and vectors of images."""
    if most:
        count = len(source.split(split).ids)
        rows = np.random.default_rng(seed).permutation(count)[:most]
        source = source.select(split, np.sort(rows))
    images = SplitImages(source, split, predictor.config).under(predictor.view)
    model = predictor.model
    both = keras.Model(
        model.inputs[0], [model.outputs[0], embedding_model(model).output]
    )
    logits, vectors = both.predict(images.evaluation(), verbose=0)
    labels = np.asarray(images.labels)
    return np.asarray(images.ids), labels, logits, vectors


def measured(args, run, seed):
    """Returns the numbers of every score."""
    predictor = Predictor(run)
    source = open_source(f"folder:{run.parent / 'known'}")
    ids, labels, logits, vectors = answers(predictor, source, "train")
    with np.load(run / "calibration_predictions.npz") as file:
        held = np.isin(ids, file["ids"])
    _, test_y, test_logits, test_vectors = answers(predictor, source, "test")
    near = open_source(f"folder:{run.parent / 'unknown'}")
    others = {scores.NEAR: answers(predictor, near, "test")[2:]}
    for name in args.others:
        far = open_source(f"zip:{args.data}/{name}/{name}.zip")
        others[name] = answers(predictor, far, "test", args.most, seed)[2:]
    temperature = fit_temperature(labels[held], logits[held])

    def score(name, z, x):
        if name.startswith("nearest"):
            k = int(name.partition(" ")[2] or 1)
            return nearest_scores(x, vectors[~held], k=k)
        if name == "energy":
            return energy_scores(z)
        return largest_probability_scores(probabilities(z, temperature))

    return {
        "accuracy": float((test_logits.argmax(axis=1) == test_y).mean()),
        "known": len(test_y),
        "calibration": int(held.sum()),
        "scores": {
            name: scores.told(
                score(name, logits[held], vectors[held]),
                score(name, test_logits, test_vectors),
                {k: score(name, *pair) for k, pair in others.items()},
            )
            for name in scores.SCORES
        },
    }


def main():
    """Measures what is missing, and prints the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", default="../shared/data", help="image sets")
    parser.add_argument(
        "--runs",
        default=str(pathlib.Path(features.CACHE) / "unknown_inputs"),
        help="run folders",
    )
    parser.add_argument(
        "--others", nargs="+", default=[n for n in scores.SETS if n != SET]
    )
    parser.add_argument("--most", type=int, default=500, help="far images")
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    args = parser.parse_args()
    path = result_path(__file__, ".jsonl")
    for seed in range(args.seeds):
        name = f"{SET}/fine-tuned/{seed}"
        if name in kept_rows(path):
            continue
        folder = (
            pathlib.Path(args.runs).resolve() / f"{args.epochs}" / str(seed)
        )
        two_folders(args.data, folder, seed)
        run = train_run(args, folder, seed)
        row = {"name": name, "cell": f"{SET}, fine-tuned", "seed": seed}
        keep_row(path, {**row, **rounded(measured(args, run, seed))})
        print(name, flush=True)
    scores.tables(kept_rows(path))


if __name__ == "__main__":
    main()
