"""A map of the images: near in the embedding, near on the paper."""

import numpy as np

from fgkeras.report.canvas import Axis
from fgkeras.report.canvas import Canvas
from fgkeras.report.canvas import Figure

_SIDE = 44  # pixels of a thumbnail
_METHODS = {
    "pca": "Principal components",
    "t-sne": "t-SNE",
}


def embedding_map(
    embeddings,
    labels,
    *,
    class_names,
    pictures,
    method="pca",
    num_images=600,
    num_pictures=120,
    seed=0,
):
    """Draws images at their place in two dimensions, with thumbnails.

    Of images drawn by lot every one is a dot; in the order of the lot, those
    that have room get their picture. PCA keeps large distances and shows how
    much of the spread the plane holds; t-SNE keeps neighbours and nothing else.

    Args:
        embeddings: finite real array `(num_images, dimensions)`.
        labels: int array `(num_images,)`.
        class_names: sequence of str, by label.
        pictures: function of an image's index that returns a `Picture` or None.
        method: "pca" or "t-sne".
        num_images: int >= 1, drawn by lot at most.
        num_pictures: int >= 0, thumbnails at most.
        seed: int, of the lot and of t-SNE.

    Returns:
        `Figure`, or None for fewer than five images.

    Raises:
        ValueError: for an unknown method.

    References:
        van der Maaten and Hinton, "Visualizing Data using t-SNE", 2008.
    """
    if method not in _METHODS:
        raise ValueError(
            f"method must be one of {', '.join(_METHODS)}. Received: "
            f"method={method!r}. Use pca for a quick look."
        )
    embeddings, labels = np.asarray(embeddings), np.asarray(labels)
    if len(embeddings) < 5:
        return None
    lot = np.random.default_rng(seed).permutation(len(embeddings))[:num_images]
    x = embeddings[lot].astype(np.float64)
    if method == "pca":
        places, share = _principal(x)
        says = f"The plane holds {100 * share:.0f} % of the spread."
    else:
        places = _neighbouring(x, seed)
        says = "Distances between groups and their sizes mean nothing."
    low, high = places.min(axis=0), places.max(axis=0)
    room = np.where(high > low, (high - low) * 0.04, 1.0)
    axes = [
        Axis(a - m, b + m, []) for a, b, m in zip(low, high, room, strict=True)
    ]
    canvas = Canvas(940, 640, axes[0], axes[1], "", left=26)
    pixels = np.array([(canvas.x(a), canvas.y(b)) for a, b in places.tolist()])
    taken = np.empty((0, 2))
    shown = []
    for i, (at, image) in enumerate(zip(pixels, lot.tolist(), strict=True)):
        name = class_names[labels[image]]
        free = (np.abs(taken - at).max(axis=1) >= _SIDE).all()
        picture = None
        if free and len(shown) < num_pictures:
            picture = pictures(image)
        if picture is None:
            canvas.circle(float(at[0]), float(at[1]), 3.0, "dot a faint", name)
            continue
        taken = np.concatenate([taken, at[None]])
        shown.append((i, at, picture, name))
    for _, at, picture, name in shown:
        canvas.add(
            '<image href="{}" x="{}" y="{}" width="{}" height="{}">'
            "<title>{}</title></image>",
            picture.uri, float(at[0] - _SIDE / 2), float(at[1] - _SIDE / 2),
            _SIDE, _SIDE, name,
        )  # fmt: skip
    title = _METHODS[method]
    alt = (
        f"Map of {len(lot)} images by {title}, {len(shown)} of them as "
        "pictures. The table names the classes and places of these."
    )
    return Figure(
        title,
        canvas.svg(alt),
        alt,
        ["Class", "Across", "Up"],
        [
            [name, f"{places[i, 0]:.3g}", f"{places[i, 1]:.3g}"]
            for i, _, _, name in shown
        ],
        f"{len(lot)} of {len(embeddings)} images, drawn by lot; those with "
        f"room as pictures, the others as dots. {says}",
    )


def _principal(x):
    """Places in the plane of the most spread, and its share of all spread."""
    x = x - x.mean(axis=0)
    left, values, _ = np.linalg.svd(x, full_matrices=False)
    values = np.pad(values, (0, max(0, 2 - len(values))))
    left = np.pad(left, ((0, 0), (0, max(0, 2 - left.shape[1]))))
    places = left[:, :2] * values[:2]
    # The sign of a component is free: its largest entry shall be positive.
    top = np.abs(places).argmax(axis=0)
    places = places * np.where(places[top, [0, 1]] < 0, -1.0, 1.0)
    total = np.square(values).sum()
    share = np.square(values[:2]).sum() / total if total > 0 else 1.0
    return places, share


def _neighbouring(x, seed):
    from sklearn.manifold import TSNE

    start = _principal(x)[0]
    spread = start[:, 0].std()
    start = start * (1e-4 / spread if spread > 0 else 1.0)
    model = TSNE(
        perplexity=min(30.0, (len(x) - 1) / 3),
        init=start.astype(np.float32),
        random_state=seed,
    )
    return model.fit_transform(x).astype(np.float64)
