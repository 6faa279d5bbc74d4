"""What a run folder is made of, and how it is read and written."""

import json
import os
import pathlib
import platform


def write_text(path, text):
    """Writes a file whole or not at all."""
    path = pathlib.Path(path)
    temporary = path.with_name(path.name + ".writing")
    with open(temporary, "w", encoding="utf-8", newline="") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, path)


def write_json(path, value):
    """Writes JSON that a person can read, whole or not at all."""
    text = json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False)
    write_text(path, text + "\n")


_PARTS = (
    "metrics.json",
    "config.json",
    "classes.json",
    "environment.json",
    "history.csv",
    "training_ids.txt",
    "model.keras",
    "predictions.npz",
    "embeddings.npz",
    "report.html",
)


class RunFolder:
    """The folder of one run.

    | file | what |
    | --- | --- |
    | `config.json` | every option as it was used; `--config` takes it again |
    | `environment.json` | versions and machine |
    | `classes.json` | class names, hierarchy, training images per class |
    | `training_ids.txt` | ids of the training images, after any cut |
    | `history.csv` | one line per epoch |
    | `checkpoints/` | complete training states |
    | `model.keras` | the classifier, raw pixels to logits |
    | `predictions.npz` | labels and logits of the test images |
    | `embeddings.npz` | the same of a metric run, with embeddings |
    | `metrics.json` | the numbers of the evaluation |
    | `report.html` | all of it to look at |

    Args:
        path: Path of the folder.
    """

    def __init__(self, path):
        self.path = pathlib.Path(path)

    def __truediv__(self, name):
        return self.path / name

    @property
    def finished(self):
        """Whether the run has ended and was evaluated."""
        return (self / "metrics.json").exists()

    def start(self, config, restart=False):
        """Makes the folder, or checks that it belongs to the same config.

        Raises:
            ValueError: If it holds a run of another config, or other files.
        """
        wanted = config.flat()
        known = self / "config.json"
        if restart and known.exists():
            # Nothing of the old run may pass as a part of the new one.
            for file in sorted((self / "checkpoints").glob("*")):
                file.unlink()
            for name in _PARTS:
                (self / name).unlink(missing_ok=True)
        if known.exists():
            there = type(config).build(known).flat()
            differing = [
                f"{k}: {there.get(k)!r} there, {v!r} asked"
                for k, v in wanted.items()
                if there.get(k) != v
            ]
            begun = any((self / "checkpoints").glob("*"))
            if differing and (begun or self.finished):
                raise ValueError(
                    "A run folder continues only its own run. Received: "
                    f"{self.path}, which differs in {'; '.join(differing)}. "
                    "Choose another folder (--out), or --restart to replace "
                    "it."
                )
        elif self.path.exists() and any(self.path.iterdir()) and not restart:
            raise ValueError(
                "A run needs a new or empty folder. Received: "
                f"{self.path}, which holds other files. "
                "Choose another one (--out)."
            )
        (self / "checkpoints").mkdir(parents=True, exist_ok=True)
        write_json(known, config.as_dict())
        write_json(self / "environment.json", environment())

    @classmethod
    def open(cls, path):
        """Opens a finished run.

        Raises:
            ValueError: If there is none, or it has not finished.
        """
        folder = cls(path)
        if not (folder / "config.json").exists():
            raise ValueError(
                "RUN must be a folder made by `fgkeras train` or `fgkeras "
                f"demo`. Received: {path}, which has no config.json."
            )
        if not (folder / "model.keras").exists():
            raise ValueError(
                f"The run has not finished. Received: {path}. Run its "
                "training command again: it goes on where it stopped."
            )
        return folder

    def read_json(self, name):
        """Returns the content of one of its JSON files."""
        return json.loads((self / name).read_text("utf-8"))

    def write_classes(self, source, counts, **more):
        """Writes `classes.json`: names, parents, training images, and `more`.

        Args:
            source: The `Source` trained on.
            counts: Integer array, training images per class.
            **more: What else is ready for JSON.
        """
        write_json(
            self / "classes.json",
            {
                "class_names": list(source.class_names),
                "hierarchy": {k: list(v) for k, v in source.hierarchy.items()},
                "train_counts": counts.tolist(),
                **more,
            },
        )

    def write_history(self, history):
        """Writes `history.csv` from a list of dicts."""
        columns = list(dict.fromkeys(k for row in history for k in row))
        lines = [",".join(columns)]
        lines += [
            ",".join(str(row.get(k, "")) for k in columns) for row in history
        ]
        write_text(self / "history.csv", "\n".join(lines) + "\n")


def environment():
    """Returns versions and machine as a dict."""
    import keras
    import numpy

    import fgkeras

    versions = {"keras": keras.__version__, "numpy": numpy.__version__}
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        versions["tensorflow"] = tf.__version__
    return {
        "fgkeras": fgkeras.__version__,
        "python": platform.python_version(),
        "backend": keras.backend.backend(),
        **versions,
        "machine": platform.machine(),
        "system": platform.system(),
        "processors": os.cpu_count(),
    }
