"""A new version of an export: whole, or not there at all."""

import contextlib
import errno
import importlib.metadata
import json
import os
import pathlib
import shutil
import tempfile

import tensorflow as tf

from fgkeras.data.images.image import DECODER_VERSION
from fgkeras.export.card import card_facts
from fgkeras.export.card_text import card_text
from fgkeras.export.folder import publish
from fgkeras.export.folder import versions
from fgkeras.export.folder import write_checksums
from fgkeras.export.parity import check_tolerance
from fgkeras.export.parity import parity
from fgkeras.export.preprocessing import preprocessing
from fgkeras.export.served import output_facts
from fgkeras.models.parts import weight_bytes
from fgkeras.storage import DiskRefusal
from fgkeras.storage import FolderLock
from fgkeras.storage import is_full
from fgkeras.storage import remove_stale_lock

_UNFINISHED = ".unfinished-"


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
    size=0,
    inputs=("float32",),
    check=None,
):
    """Writes the next version of `directory/KIND`.

    It is written under a hidden name and renamed when complete. One process
    at a time does so; what one that was killed left goes.

    Args:
        directory: Path; made when it is missing.
        write_graph: Callable of a folder that writes the model there.
        class_names: List of strings; empty for an embedder.
        image_size: Int, in pixels.
        resize: Int or `None`.
        output: Dict of what the metadata say of the output.
        metadata: Dict for the model card, JSON values, or `None`.
        overwrite: Bool, whether a version may be there already.
        decoder: Int, how pictures are decoded, by the graph or by whoever
            gives it pixels; `None` (default) is as today.
        kind: String, the folder of the versions. Defaults to `"saved_model"`.
        size: Int, bytes that it needs at least, as of its weights, said where
            the disk is full. Defaults to 0.
        inputs: Sequence of strings, the types that it takes pictures as:
            `"bytes"`, `"uint8"`, `"float32"`. Defaults to `("float32",)`.
        check: Callable of the folder before it is published, that raises
            `ValueError` or returns a dict for the metadata's `parity`; `None`
            (default) for no check.

    Returns:
        `pathlib.Path` of the new version.

    Raises:
        ValueError: If a version exists and `overwrite` is false, or another
            process writes one, or `check` refuses what was written.
        DiskRefusal: If the disk is full, or the folder may not be written.
    """
    metadata = json.loads(json.dumps(metadata or {}))
    base = pathlib.Path(directory) / kind
    _refuse_existing(base, directory, overwrite)
    decoder = DECODER_VERSION if decoder is None else decoder
    info = {
        "input": {
            "size": image_size,
            "resize": resize,
            "range": [0, 255],
            "types": list(inputs),
            "decoder": decoder,
        },
        "preprocessing": preprocessing(
            image_size, resize, decoder, metadata.get("box_margin")
        ),
        "output": output,
        "versions": {name: _version(name) for name in ("fgkeras", "keras")},
    }
    info["versions"]["tensorflow"] = tf.__version__
    made = _new_folders(base)
    with contextlib.ExitStack() as stack:
        stack.callback(_remove_empty, made)
        stack.enter_context(FolderLock(base))
        # Again, since another process may have been at work.
        existing = _refuse_existing(base, directory, overwrite)
        target = base / str(existing[-1] + 1 if existing else 1)
        for left in base.glob(f"{_UNFINISHED}*"):
            if left.is_dir() and not left.is_symlink():
                shutil.rmtree(left, ignore_errors=True)
        temporary = pathlib.Path(tempfile.mkdtemp(prefix=_UNFINISHED, dir=base))
        try:
            write_graph(temporary)
            _write_text(temporary / "labels.json", _json(class_names))
            about = temporary / "model-metadata.json"
            _write_text(about, _json({**info, "metadata": metadata}))
            if check is not None:
                # As it will be read, before anyone may.
                info["parity"] = check(temporary)
                _write_text(about, _json({**info, "metadata": metadata}))
            card = card_facts(info, metadata, class_names)
            _write_text(temporary / "model_card.json", _json(card))
            _write_text(temporary / "MODEL_CARD.md", card_text(card))
            write_checksums(temporary)
            temporary.chmod(0o755)
            publish(temporary, target)
        except BaseException as error:
            needed = max(_size(temporary), size)
            shutil.rmtree(temporary, ignore_errors=True)
            # TensorFlow and HDF5 have errors of their own for it.
            if isinstance(error, Exception) and is_full(error):
                raise DiskRefusal(_as_full(error), target, needed) from error
            raise
    return target


def write_compared(
    served,
    directory,
    write_graph,
    opened,
    *,
    kind,
    inputs,
    overwrite,
    tolerance,
    output=None,
    temperature=1.0,
):
    """Writes the next version of what is served, if it answers as its model.

    Args:
        served: `Served`, as `fgkeras.export.served.checked` returns it.
        directory: Path; made when it is missing.
        write_graph: Callable of a folder that writes the model there.
        opened: Callable of that folder that returns what
            `fgkeras.export.parity.parity` asks: callables by kind of input.
        kind: String, the folder of the versions.
        inputs: Sequence of strings, as `write_version` takes them.
        overwrite: Bool, whether a version may be there already.
        tolerance: Float of at least 0, see `fgkeras.export.parity`.
        output: Dict of what else the metadata say of the output; `None`
            (default) for no more.
        temperature: Float, the logits are divided by it. Defaults to 1.

    Returns:
        `pathlib.Path` of the new version.

    Raises:
        ValueError: As `write_version`, and where the answers are further apart
            than `tolerance`.
    """
    check_tolerance(tolerance)
    return write_version(
        directory,
        write_graph,
        class_names=list(served.class_names),
        image_size=served.image_size,
        resize=served.resize,
        output={**output_facts(served), **(output or {})},
        metadata=served.metadata,
        overwrite=overwrite,
        decoder=served.decoder,
        kind=kind,
        size=weight_bytes(served.model),
        inputs=inputs,
        check=lambda folder: parity(
            served,
            opened(folder),
            temperature=temperature,
            tolerance=tolerance,
        ),
    )


def _refuse_existing(base, directory, overwrite):
    """Returns the versions that are there, or refuses to add one."""
    existing = versions(base)
    if existing and not overwrite:
        remove_stale_lock(base)
        raise ValueError(
            "`directory` must not hold an export yet. Pass `overwrite=True` "
            f"(--overwrite) to add version {existing[-1] + 1} beside it. "
            f"Received: directory={str(directory)!r}"
        )
    return existing


def _new_folders(base):
    """Makes a folder; returns those that were not there, the inner first."""
    places = (base, *base.parents)
    made = [place for place in places if not place.exists()]
    try:
        base.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DiskRefusal(error, base) from error
    return made


def _remove_empty(folders):
    """What was refused leaves no empty folder behind."""
    for folder in folders:
        with contextlib.suppress(OSError):
            folder.rmdir()


def _size(folder):
    """Bytes that were written: at least these are needed."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return sum(path.stat().st_size for path in files)


def _as_full(error):
    if isinstance(error, OSError) and error.errno:
        return error
    return OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _version(package):
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "not installed as a package"


def _json(value):
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"


def _write_text(path, text):
    path.write_text(text, encoding="utf-8", newline="\n")
