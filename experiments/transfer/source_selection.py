"""Pre-training on classes chosen by similarity, against random and full sets.

Command: python -m experiments.transfer.source_selection --data ../shared/data
    --cache FEATURES
Time: about 15 minutes on 2 CPU cores with other programs running.
Resumable: every finished network is a row of `source_selection.json`.

A small CNN (`small_cnn`, 32 px) is pre-trained on 10,000 images of CIFAR-100:

- selected: the 20 classes nearest to the target (closed form of the transport
  distance, class means of ImageNet features of CIFAR-100's test images), 500
  images each;
- farthest: the 20 classes farthest from it, 500 images each;
- random: 20 classes by lot, 500 images each;
- full: all 100 classes, 100 images each.

Then a linear probe (logistic regression on standardized pooled features) is
trained on the target's training split at 32 px and tested on its test split.
"""

import argparse
import json

import numpy as np

from experiments import features
from experiments.results import result_path
from fgkeras.transfer import make_domain
from fgkeras.transfer import select_source_classes

TARGETS = ("cub100", "cars196", "grocery")
CLASSES, PER_CLASS, SIZE = 20, 500, 32


def pixels_of(data, name, split):
    """Returns uint8 pixels at 32 px and labels of one split."""
    from fgkeras.data import open as open_source
    from fgkeras.data.batches import arrays
    from fgkeras.data.images.encoded import load_encoded

    source = open_source(f"zip:{data}/{name}/{name}.zip")
    encoded, part, _ = load_encoded(source, split)
    return arrays.decode_split(encoded, SIZE), part.labels


def domain_of(cache, name, split):
    """Returns the class means of ImageNet features."""
    found = features.load(cache, name, split, "imagenet")
    return make_domain(
        found.features, found.labels, class_names=found.class_names
    )


def choose(kind, target, cache, labels, seed):
    """Returns the images of CIFAR-100 to pre-train on."""
    rng = np.random.default_rng(seed)
    count = PER_CLASS
    if kind == "random":
        classes = rng.choice(100, CLASSES, replace=False)
    elif kind == "full":
        classes, count = np.arange(100), CLASSES * PER_CLASS // 100
    else:
        chosen = select_source_classes(
            domain_of(cache, "cifar100", "test"),
            {target: domain_of(cache, target, "train")},
            100,
        ).per_target[target]
        classes = chosen[:CLASSES] if kind == "selected" else chosen[-CLASSES:]
    return np.concatenate(
        [
            rng.permutation(np.flatnonzero(labels == c))[:count]
            for c in sorted(classes)
        ]
    )


def pre_train(pixels, labels, seed, epochs):
    """Returns the body of a small CNN trained on the images."""
    import keras

    from fgkeras.layers import RandomPadCropFlip
    from fgkeras.models.backbones import backbone

    keras.utils.set_random_seed(seed)
    body = backbone("small_cnn", (SIZE, SIZE, 3))
    inputs = keras.Input((SIZE, SIZE, 3))
    x = RandomPadCropFlip(4, seed=seed)(inputs)
    x = keras.layers.GlobalAveragePooling2D()(body(x))
    classes, ids = np.unique(labels, return_inverse=True)
    model = keras.Model(inputs, keras.layers.Dense(len(classes))(x))
    steps = epochs * (len(pixels) // 128)
    model.compile(
        keras.optimizers.Adam(
            keras.optimizers.schedules.CosineDecay(2e-3, steps)
        ),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    fitted = model.fit(
        pixels.astype("float32"), ids, batch_size=128, epochs=epochs, verbose=0
    )
    pooled = keras.layers.GlobalAveragePooling2D()(body.output)
    return keras.Model(body.input, pooled), fitted.history["accuracy"][-1]


def probe(body, train, test):
    """Returns the test accuracy of a linear probe."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import StandardScaler

    x, z = (
        body.predict(part[0].astype("float32"), batch_size=256, verbose=0)
        for part in (train, test)
    )
    scale = StandardScaler().fit(x)
    fitted = LogisticRegression(C=0.1, max_iter=300)
    fitted.fit(scale.transform(x), train[1])
    return float(fitted.score(scale.transform(z), test[1]))


def main():
    """Runs what is missing and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    features.add_arguments(parser)
    parser.add_argument("--targets", nargs="+", default=TARGETS)
    parser.add_argument("--epochs", type=int, default=15)
    parser.add_argument("--seeds", type=int, default=3)
    args = parser.parse_args()
    path = result_path(__file__)
    rows = json.loads(path.read_text()) if path.exists() else {}
    wanted = [
        (kind, target, seed)
        for seed in range(args.seeds)
        for kind, targets in (
            ("selected", args.targets),
            ("farthest", args.targets),
            ("random", (None,)),
            ("full", (None,)),
        )
        for target in targets
    ]
    missing = [w for w in wanted if "/".join(map(str, w)) not in rows]
    if missing:
        pixels, labels = pixels_of(args.data, "cifar100", "train")
        sets = {
            name: [pixels_of(args.data, name, s) for s in ("train", "test")]
            for name in args.targets
        }
    for kind, target, seed in missing:
        index = choose(kind, target, args.cache, labels, seed)
        body, fitted = pre_train(
            pixels[index], labels[index], seed, args.epochs
        )
        found = {
            name: probe(body, *sets[name])
            for name in ([target] if target else args.targets)
        }
        key = f"{kind}/{target}/{seed}"
        rows[key] = {"training accuracy": fitted, "probe": found}
        path.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
        print(key, {k: round(v, 4) for k, v in found.items()}, flush=True)
    for target in args.targets:
        for kind in ("selected", "farthest", "random", "full"):
            values = [
                row["probe"][target]
                for key, row in rows.items()
                if key.startswith(kind) and target in row["probe"]
            ]
            print(
                f"{target:8s} {kind:9s} {100 * np.mean(values):.1f} "
                f"+- {100 * np.std(values, ddof=1):.1f}  ({len(values)} seeds)"
            )


if __name__ == "__main__":
    main()
