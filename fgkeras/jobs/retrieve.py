"""Finds the images nearest to query images, in the embedding of a run."""

import collections
import functools
import os
import pathlib

import numpy as np

from fgkeras.data.batches import arrays
from fgkeras.data.images import image
from fgkeras.data.sources.plain_file import read_plain
from fgkeras.evaluation import nearest_neighbors
from fgkeras.export.preprocessing import box_note
from fgkeras.jobs.exporting.gallery_images import GalleryImages
from fgkeras.jobs.picture_files import picture_files
from fgkeras.report import neighbor_page
from fgkeras.report.picture import Thumbnails
from fgkeras.report.retrieval_panels import panel_rows
from fgkeras.runs.evaluation_sources import reading
from fgkeras.runs.predictor import Predictor
from fgkeras.training.reporter import CONSOLE


def retrieve(
    run,
    queries,
    *,
    gallery=None,
    split=None,
    top=5,
    html=None,
    reporter=CONSOLE,
    skip_bad=False,
    ignore=(),
):
    """Looks up the nearest images of a gallery for image files.

    The gallery's embeddings are kept by content under `$FGKERAS_CACHE`, so
    the second call with the same run and gallery is quick.

    Args:
        run: Path of the run folder.
        queries: List of paths of files or folders.
        gallery: Source spec such as `"folder:photos"`; `None` means the
            images that the run was trained on.
        split: Split of the gallery; `None` means the only one, or its
            training split.
        top: Int at least 1, neighbours per query. Defaults to `5`.
        html: Path of a page to write with the pictures, or `None`.
        reporter: Who is told how far it is. Defaults to `CONSOLE`.
        skip_bad: Bool, whether images of the gallery that cannot be used are
            left out. Defaults to `False`.
        ignore: Sequence of globs of what is passed over. Defaults to none.

    Returns:
        Dict `{"run", "gallery", "split", "notes", "num_gallery", "queries"}`:
        sentences on gallery and queries in `notes`, and
        a list of `{"image", "valid", "neighbors", "vote"}` with neighbours of
        `{"id", "class", "similarity"}`, nearest first by cosine, and the class
        that most of them are of, the nearest one's of equals, as
        `{"class", "count"}`. A file that can't be decoded has `valid` False,
        no neighbours, no vote and a `reason`.

    Raises:
        ValueError: If a file, the run or the split is missing, or `top` is
            below 1.

    Example:

    >>> import pathlib
    >>> import fgkeras.data
    >>> from fgkeras.jobs import Config
    >>> from fgkeras.jobs import train
    >>> spec = "flora:species=3,images=8,test=2,size=32"
    >>> config = Config.read(changes={
    ...     "data.source": spec, "data.size": 32, "model.backbone": "small_cnn",
    ...     "train.mode": "frozen", "train.epochs": 1,
    ... })
    >>> _ = train(config, "runs/flowers")
    >>> source = fgkeras.data.open(spec)
    >>> known = source.split("train").ids[0]
    >>> _ = pathlib.Path("known.jpg").write_bytes(source.read(known))
    >>> found = retrieve("runs/flowers", ["known.jpg"], top=2)
    >>> (row,) = found["queries"]
    >>> row["neighbors"][0]["id"] == known, found["num_gallery"]
    (True, 10)
    """
    if top < 1:
        raise ValueError(
            f"`top` must be at least 1. Received: top={top}. Usual is 5."
        )
    files = picture_files(queries)
    predictor = Predictor(run)
    folder = predictor.folder
    config = reading(predictor.config, skip_bad, ignore)
    answers = predictor.stream_vectors(
        functools.partial(read_plain, path) for path in files
    )
    rows, asked = [], []
    for path, (vector, reason) in zip(files, answers, strict=True):
        row = {"image": str(path), "valid": reason is None, "neighbors": []}
        rows.append(row if reason is None else {**row, "reason": reason})
        if reason is None:
            asked.append(vector)
    images = GalleryImages.open(predictor, config, gallery, split, reporter)
    on_queries = []
    if predictor.box_margin is not None:
        on_queries.append(box_note(predictor.box_margin))
    found = {
        "run": str(run),
        "gallery": images.typed,
        "split": images.split,
        "notes": [*images.notes, *on_queries],
        "queries": rows,
        "num_gallery": len(images.images),
    }
    valid = [i for i, row in enumerate(rows) if row["valid"]]
    if not valid:
        return found
    asked = np.stack(asked)
    known = images.vectors()
    found["notes"] = [*images.all_notes(), *on_queries]
    source, images = images.source, images.images
    indices, scores = nearest_neighbors(asked, known, k=min(top, len(known)))
    for i, near, values in zip(valid, indices, scores, strict=True):
        rows[i]["neighbors"] = [
            {
                "id": images.ids[j],
                "class": source.class_names[images.labels[j]],
                "similarity": float(value),
            }
            for j, value in zip(near, values, strict=True)
        ]
        rows[i]["vote"] = _vote(rows[i]["neighbors"])
    if html is not None:
        neighbor_page(
            html,
            title=folder.path.name,
            gallery="{:,} images, {split} of {gallery}".format(
                len(images), **found
            ),
            rows=panel_rows(
                np.arange(len(valid)),
                asked,
                None,
                known,
                images.labels,
                class_names=query_names([files[i] for i in valid]),
                notes=[vote_line(rows[i]) for i in valid],
                gallery_names=source.class_names,
                pictures=Thumbnails(
                    lambda i: arrays.thumbnail(
                        image.normalize(read_plain(files[valid[i]]))
                    )
                ),
                gallery_pictures=Thumbnails(images.thumbnail),
                top=top,
            ),
        )
    return found


def _vote(neighbors):
    """The class of most neighbours; the first of equals is the nearest."""
    counts = collections.Counter(entry["class"] for entry in neighbors)
    name, count = counts.most_common(1)[0]
    return {"class": name, "count": count}


def vote_line(row):
    """Returns the vote over the neighbours of a query, as text.

    Args:
        row: Dict of a query that was answered, as `retrieve` returns it.
    """
    vote = row["vote"]
    return f"{vote['count']} of {len(row['neighbors'])}: {vote['class']}"


def query_names(files):
    """Returns what tells files apart: paths from the folder that all are in.

    Args:
        files: List of `pathlib.Path`.
    """
    whole = [pathlib.Path(os.path.abspath(path)) for path in files]
    try:
        root = pathlib.Path(os.path.commonpath([p.parent for p in whole]))
    except ValueError:  # On several drives.
        return [path.as_posix() for path in whole]
    return [path.relative_to(root.parent).as_posix() for path in whole]
