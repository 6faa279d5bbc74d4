"""How far HDML's synthetic tuples come into play within a short training.

Command: python -m experiments.metric_learning.hardness --cache FEATURES
    --steps 300
Time: some 15 seconds a row over triplets, minutes over N-pairs, one CPU core.
Resumable: every (set, method) is a row of `hardness.json`.

The trainings of `unseen_classes` at the rate that was best there, seed 0, and
at their end the two numbers that switch the method on: the weight of the loss
of synthetic tuples, 1 - exp(-beta / J_gen), and lambda = exp(-alpha / J_avg),
the share of a negative's distance beyond the positive's that pulling leaves (1
leaves all of it: no negative gets harder).
"""

import argparse
import json
import math
import pathlib

from experiments.metric_learning import protocol
from experiments.metric_learning import unseen_classes


def best_rate(rows, name, method):
    """Returns the rate of the highest MAP@R on the held-back classes."""
    found = {
        rate: rows.found[f"{name} {method} tune {rate}"]["MAP@R"]
        for rate in protocol.RATES
    }
    return max(found, key=found.get)


def main():
    """Trains what is not there yet and prints the numbers."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    protocol.add_arguments(parser)
    parser.add_argument("--sets", nargs="*", default=unseen_classes.SETS)
    args = parser.parse_args()
    rows = protocol.Rows(f"{args.out}/unseen_classes.jsonl", args)
    path = pathlib.Path(args.out) / "hardness.json"
    found = json.loads(path.read_text()) if path.exists() else {}
    for name in args.sets:
        for method in args.methods or ("hdml-triplet", "hdml-npair"):
            key = f"{name} {method}"
            if key in found:
                continue
            (x, y), _ = unseen_classes.data_of(
                name, args.data, args.cache, args.body
            )
            rate = best_rate(rows, name, method)
            trained, _ = protocol.trained_embedding(x, y, method, rate, 0, args)
            model = trained.model
            generator = float(model.mean_generator.value)
            metric = float(model.mean_metric.value)
            found[key] = {
                "rate": rate,
                "steps": args.steps,
                "generator loss": generator,
                "metric loss": metric,
                "synthetic weight": 1 - math.exp(-model.beta / generator),
                "lambda": math.exp(-model.alpha / metric),
            }
            path.write_text(json.dumps(found, indent=1) + "\n", "utf-8")
            print(key, found[key], flush=True)


if __name__ == "__main__":
    main()
