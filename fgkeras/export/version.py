"""A new version of an export: whole, or not there at all."""

import importlib.metadata
import json
import pathlib
import shutil
import tempfile

import tensorflow as tf

from fgkeras.export.card import model_card
from fgkeras.export.folder import publish
from fgkeras.export.folder import versions
from fgkeras.export.folder import write_checksums


def write_version(
    directory,
    write_graph,
    *,
    class_names,
    image_size,
    resize,
    output,
    metadata,
    overwrite,
    decoder=None,
    kind="saved_model",
):
    """Writes the next version of `directory/KIND`.

    It is written under a hidden name and renamed when complete.

    Args:
        directory: Path; made when it is missing.
        write_graph: Callable of a folder that writes the model there.
        class_names: List of strings; empty for an embedder.
        image_size: Int, in pixels.
        resize: Int or `None`.
        output: Dict of what the metadata say of the output.
        metadata: Dict for the model card, JSON values, or `None`.
        overwrite: Bool, whether a version may be there already.
        decoder: Int, how pictures are decoded; `None` (default) where the
            graph takes pixels.
        kind: String, the folder of the versions. Defaults to `"saved_model"`.

    Returns:
        `pathlib.Path` of the new version.

    Raises:
        ValueError: If a version exists and `overwrite` is false.
    """
    metadata = json.loads(json.dumps(metadata or {}))
    base = pathlib.Path(directory) / kind
    existing = versions(base)
    if existing and not overwrite:
        raise ValueError(
            "`directory` must not hold an export yet. Pass `overwrite=True` "
            f"(--overwrite) to add version {existing[-1] + 1} beside it. "
            f"Received: directory={str(directory)!r}"
        )
    target = base / str(existing[-1] + 1 if existing else 1)
    base.mkdir(parents=True, exist_ok=True)
    temporary = pathlib.Path(tempfile.mkdtemp(prefix=".unfinished-", dir=base))
    info = {
        "input": {"size": image_size, "resize": resize, "range": [0, 255]},
        "output": output,
        "versions": {name: _version(name) for name in ("fgkeras", "keras")},
    }
    if decoder is not None:
        info["input"]["decoder"] = decoder
    info["versions"]["tensorflow"] = tf.__version__
    try:
        write_graph(temporary)
        _write_text(temporary / "labels.json", _json(class_names))
        _write_text(
            temporary / "model-metadata.json",
            _json({**info, "metadata": metadata}),
        )
        _write_text(temporary / "MODEL_CARD.md", model_card(info, metadata))
        write_checksums(temporary)
        temporary.chmod(0o755)
        publish(temporary, target)
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        raise
    return target


def _version(package):
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "not installed as a package"


def _json(value):
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"


def _write_text(path, text):
    path.write_text(text, encoding="utf-8", newline="\n")
