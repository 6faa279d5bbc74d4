"""Configurations of TensorFlow Serving, beside an export."""

import pathlib
import re

from fgkeras.storage import write_text

FOLDER = "tf_serving"
_MODELS = """\
# tensorflow_model_server --rest_api_port=8501 \\
#   --model_config_file={folder}/models.config \\
#   --enable_batching --batching_parameters_file={folder}/batching.config
#
# Where the server runs elsewhere, such as in a container, base_path is the
# place that it sees the versions at: absolute.
model_config_list {{
  config {{
    name: "{name}"
    base_path: "{base}"
    model_platform: "tensorflow"
    # The newest is served; for two at once, num_versions: 2.
    model_version_policy {{ latest {{ num_versions: 1 }} }}
  }}
}}
"""
_BATCHING = """\
# Pictures of several requests go through the model together: as many as it may
# hold, or as have come within the time. Take num_batch_threads as the server
# has cores, and measure with your requests.
max_batch_size {{ value: {most} }}
batch_timeout_micros {{ value: 2000 }}
max_enqueued_batches {{ value: 64 }}
num_batch_threads {{ value: 4 }}
{sizes}"""


def write_serving_config(version, name=None, *, batch_size=32):
    """Writes `tf_serving/models.config` and `batching.config`.

    They are a start, to be changed: what was changed stays as it is. The place
    of the versions is written anew where the folder was moved.

    Args:
        version: Path of a version, such as `runs/birds/saved_model/1`; they
            stand beside `saved_model`.
        name: String, what the model is asked by; `None` (default) for the name
            of the folder.
        batch_size: Int at least 1, most pictures that go through at once.
            Defaults to `32`.

    Returns:
        `pathlib.Path` of their folder.

    Example:

    >>> import tempfile
    >>> place = pathlib.Path(tempfile.mkdtemp()) / "birds" / "saved_model" / "1"
    >>> folder = write_serving_config(place)
    >>> 'name: "birds"' in (folder / "models.config").read_text()
    True

    Reference:

    - [TensorFlow Serving's configuration](
      https://github.com/tensorflow/serving/blob/master/tensorflow_serving/g3doc/serving_config.md).
    """
    base = pathlib.Path(version).absolute().parent
    folder = base.parent / FOLDER
    name = name or re.sub(r"[^A-Za-z0-9_.-]+", "_", base.parent.name) or "model"
    sizes = [1]
    while sizes[-1] * 2 < batch_size:
        sizes.append(sizes[-1] * 2)
    sizes = [*dict.fromkeys([*sizes, batch_size])]
    batching = _BATCHING.format(
        most=batch_size,
        sizes="".join(f"allowed_batch_sizes: {n}\n" for n in sizes),
    )
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "batching.config").exists():
        write_text(folder / "batching.config", batching)
    models = folder / "models.config"
    if not models.exists() or _is_as_written(models.read_text("utf-8")):
        write_text(models, _models(name, base))
    return folder


def _models(name, base):
    folder = base.parent / FOLDER
    return _MODELS.format(name=name, base=_quoted(base), folder=_quoted(folder))


def _is_as_written(text):
    """Whether nobody changed it: of a folder that was moved it is of old."""
    found = re.search(r'name: "(.*)"\n    base_path: "(.*)"\n', text)
    if not found:
        return False
    base = pathlib.Path(re.sub(r"\\(.)", _meant, found[2]))
    return text == _models(found[1], base)


def _meant(escape):
    return {"n": "\n"}.get(escape[1], escape[1])


def _quoted(path):
    """A path within a text of theirs, on one line."""
    text = str(path).replace("\\", "\\\\").replace('"', '\\"')
    return text.replace("\n", "\\n")
