"""A map of the images: near in the embedding, near on the paper."""

import numpy as np
from threadpoolctl import threadpool_limits

from fgkeras.report.canvas import Axis
from fgkeras.report.canvas import Canvas
from fgkeras.report.canvas import Figure
from fgkeras.report.embedding.class_colors import class_colors

_SIDE, _APART = 44, 50  # pixels of a thumbnail, and of two, with their frames
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
    centered=False,
    num_images=600,
    num_pictures=120,
    seed=0,
):
    """Draws images at their place in two dimensions, with thumbnails.

    Of images drawn by lot every one is a dot in the colour of its class; in the
    order of the lot, those that have room get their picture, framed by that
    colour. PCA keeps large distances and shows how much of the spread the plane
    holds; t-SNE keeps neighbours and nothing else.

    Args:
        embeddings: finite real array `(num_images, dimensions)`.
        labels: int array `(num_images,)`.
        class_names: sequence of str, by label.
        pictures: function of an image's index that returns a `Picture` or None.
        method: "pca" or "t-sne".
        centered: bool, whether the mean of its class is taken off each image:
            the central latent space, where images are near that differ from
            their classes alike, such as by pose or light. Classes of one image
            are left out.
        num_images: int >= 1, drawn by lot at most.
        num_pictures: int >= 0, thumbnails at most.
        seed: int, of the lot and of t-SNE.

    Returns:
        `Figure`, or None for fewer than five images. Twenty classes have a
        colour, the commonest in the lot; those of others are gray.

    Raises:
        ValueError: for an unknown method.

    References:
        van der Maaten and Hinton, "Visualizing Data using t-SNE", 2008.
        Lin et al., "Deep Variational Metric Learning", ECCV 2018, figure 1,
        for the central latent space.
    """
    if method not in _METHODS:
        raise ValueError(
            f"method must be one of {', '.join(_METHODS)}. Received: "
            f"method={method!r}. Use pca for a quick look."
        )
    embeddings, labels = np.asarray(embeddings), np.asarray(labels)
    title = _METHODS[method]
    says = ""
    if centered:
        embeddings, labels, pictures, share = _around_centers(
            embeddings, labels, pictures
        )
        title += ", class means taken off"
        says = f" {100 * share:.0f} % of the spread are within classes."
    if len(embeddings) < 5:
        return None
    lot = np.random.default_rng(seed).permutation(len(embeddings))[:num_images]
    x = embeddings[lot].astype(np.float64)
    if method == "pca":
        places, share = _principal(x)
        says = f"The plane holds {100 * share:.0f} % of the spread.{says}"
    else:
        places = _neighbouring(x, seed)
        says = f"Distances between groups and their sizes mean nothing.{says}"
    low, high = places.min(axis=0), places.max(axis=0)
    room = np.where(high > low, (high - low) * 0.04, 1.0)
    axes = [
        Axis(a - m, b + m, []) for a, b, m in zip(low, high, room, strict=True)
    ]
    canvas = Canvas(940, 760, axes[0], axes[1], "", left=26)
    pixels = np.array([(canvas.x(a), canvas.y(b)) for a, b in places.tolist()])
    colors, legend = class_colors(labels[lot], class_names)
    taken = np.empty((0, 2))
    shown = []
    for i, (at, image) in enumerate(zip(pixels, lot.tolist(), strict=True)):
        name = class_names[labels[image]]
        free = (np.abs(taken - at).max(axis=1) >= _APART).all()
        picture = None
        if free and len(shown) < num_pictures:
            picture = pictures(image)
        if picture is None:
            kind = f"dot {colors[int(labels[image])]}"
            canvas.circle(float(at[0]), float(at[1]), 3.5, kind, name)
            continue
        taken = np.concatenate([taken, at[None]])
        shown.append((i, at, picture, name))
    for i, at, picture, name in shown:
        longer = max(picture.width, picture.height)
        wide, high = (
            _SIDE * n / longer for n in (picture.width, picture.height)
        )
        corner = float(at[0] - wide / 2), float(at[1] - high / 2)
        canvas.add(
            '<image href="{}" x="{}" y="{}" width="{}" height="{}">'
            "<title>{}</title></image>",
            picture.uri, *corner, wide, high, name,
        )  # fmt: skip
        kind = f"edge {colors[int(labels[lot[i]])]}"
        canvas.rect(*corner, wide, high, kind, name)
    alt = (
        f"Map of {len(lot)} images by {title}, {len(shown)} of them as "
        "pictures in frames of the colours of their classes. The table names "
        "the classes and places of these."
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
        legend,
    )


def _around_centers(embeddings, labels, pictures):
    """Images less the means of their classes, those of classes of several.

    Returns:
        Tuple of embeddings, labels, the function of pictures, and the share
        of all spread that is within classes.
    """
    classes, own, counts = np.unique(
        labels, return_inverse=True, return_counts=True
    )
    kept = np.flatnonzero(counts[own] > 1)
    x = embeddings.astype(np.float64)
    centers = np.zeros((len(classes), x.shape[1]))
    np.add.at(centers, own, x)
    centers /= counts[:, None]
    inside = (x - centers[own])[kept]
    whole = x[kept] - x[kept].mean(axis=0) if len(kept) else inside
    total = np.square(whole).sum()
    share = float(np.square(inside).sum() / total) if total > 0 else 1.0
    return inside, labels[kept], lambda i: pictures(int(kept[i])), share


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
    # Of so few images several threads take longer than one, and where other
    # programs run they wait for one another: 42 s for 6 of 600 images.
    with threadpool_limits(1):
        return model.fit_transform(x).astype(np.float64)
