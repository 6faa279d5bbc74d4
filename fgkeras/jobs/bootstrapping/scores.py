"""What a model says of a project's pictures, part by part on the disk."""

import functools
import hashlib
import itertools
import json

import numpy as np

from fgkeras.models import parts
from fgkeras.storage import read_json
from fgkeras.storage import whole_file
from fgkeras.storage import write_json

_CHUNK = 1000
_PLAN = "plan.json"


class Scores:
    """Answers of a model to some pictures, made once and resumed.

    About a thousand pictures are a file, so that memory stays the same however
    many there are, and a kill costs a thousand at most.

    Args:
        folder: Path of the folder; what another model left in it is removed.
        name: String, what the files are called.
        model: String, the checksum of the model.
        rows: Sequence of mappings with `id`, `origin`, `name`, `sha256`.
        batch: Int, how many pictures the model is asked of at once; files hold
            whole batches, so that a kill changes no answer. Defaults to `1`.
    """

    def __init__(self, folder, name, model, rows, batch=1):
        self.folder, self.name = folder, name
        self.rows = rows
        self.chunk = max(1, _CHUNK // batch) * batch
        digest = hashlib.sha256()
        for row in rows:
            digest.update(f"{row['id']} {row['sha256']}\n".encode())
        plan = {
            "model": model, "images": digest.hexdigest(), "chunk": self.chunk,
        }  # fmt: skip
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{name}-{_PLAN}"
        if not path.is_file() or read_json(path, "Remove it.") != plan:
            for old in folder.glob(f"{name}-*.npz"):
                old.unlink()
            write_json(path, plan)

    def make(self, predictor, pictures, progress=None):
        """Asks the model for what is not there yet.

        Args:
            predictor: `Predictor`.
            pictures: `KeptPictures`.
            progress: `None`, or callable of `(done, total)`.
        """
        starts = [
            start
            for start in range(0, len(self.rows), self.chunk)
            if not self._path(start).is_file()
        ]
        done = len(self.rows) - sum(len(self._rows(s)) for s in starts)
        answers = predictor.stream_answers(
            functools.partial(pictures.read, row)
            for start in starts
            for row in self._rows(start)
        )
        for start in starts:
            rows = self._rows(start)
            self._write(start, rows, itertools.islice(answers, len(rows)))
            done += len(rows)
            if progress:
                progress(done, len(self.rows))

    def __iter__(self):
        """Yields dicts of arrays, a chunk at a time, in the order of rows.

        `image`, `top`, `rival`, `score`, `rival_score`, `entropy`, the unit
        vectors `vector` (of the run) and `body` (its body's mean over places),
        and `reason`: why there is no answer, `""` where there is.
        """
        yield from self._parts()

    def _parts(self, names=None):
        """Dicts of some arrays, of all by default, a chunk at a time."""
        for start in range(0, len(self.rows), self.chunk):
            with np.load(self._path(start)) as file:
                yield {name: file[name] for name in names or file.files}

    def left_out(self, store, *, skip_bad):
        """Stops at what could not be read, or takes it out for good.

        Args:
            store: `Store`.
            skip_bad: Bool, whether it is taken out.

        Returns:
            List of `(name, reason)` of what was taken out.

        Raises:
            ValueError: If there is any, and it is not taken out. The next
                `make` asks for it again.
        """
        reasons = self.columns("reason")["reason"]
        bad = np.flatnonzero(reasons != "").tolist()
        if bad and not skip_bad:
            for start in {i // self.chunk * self.chunk for i in bad}:
                self._path(start).unlink(missing_ok=True)
            raise ValueError(
                "Pictures of a project stay where they were looked at. "
                f"Received: {len(bad)} of {len(self.rows)} that cannot be read "
                f"now, such as {self.rows[bad[0]]['name']!r}: "
                f"{reasons[bad[0]]}. Bring them back (a link at the old place "
                "will do) and type the same again, or leave them out for "
                "good: --skip-bad."
            )
        with store.writing() as db:
            db.executemany(
                "UPDATE image SET state = 'refused', reason = ? WHERE id = ?",
                [(str(reasons[i]), self.rows[i]["id"]) for i in bad],
            )
        return [(self.rows[i]["name"], str(reasons[i])) for i in bad]

    def columns(self, *names):
        """Returns some of the arrays, of all pictures."""
        found = list(self._parts(names))
        if not found:
            empty = _arrays([], [], [], [])
            return {name: empty[name] for name in names}
        return {
            name: np.concatenate([part[name] for part in found])
            for name in names
        }

    def vectors(self, places):
        """Returns `vector` and `body` of some pictures, by their places.

        Args:
            places: `int64 (num_wanted,)`, ascending.
        """
        found = []
        for number, part in enumerate(self._parts(("vector", "body"))):
            start = number * self.chunk
            mine = places[(places >= start) & (places < start + self.chunk)]
            found.append(
                (part["vector"][mine - start], part["body"][mine - start])
            )
        if not found:
            empty = _arrays([], [], [], [])
            return empty["vector"], empty["body"]
        return tuple(np.concatenate(some) for some in zip(*found, strict=True))

    def _rows(self, start):
        return self.rows[start : start + self.chunk]

    def _path(self, start):
        return self.folder / f"{self.name}-{start // self.chunk:05d}.npz"

    def _write(self, start, rows, answers):
        found = list(answers)
        arrays = _arrays(
            [scores for scores, _, _, _ in found],
            [vector for _, vector, _, _ in found],
            [body for _, _, body, _ in found],
            [reason or "" for _, _, _, reason in found],
        )
        arrays["image"] = np.array([row["id"] for row in rows], np.int64)
        with whole_file(self._path(start)) as file:
            np.savez(file, **arrays)


def _arrays(scores, vectors, bodies, reasons):
    count = len(reasons)
    out = {
        "image": np.zeros(count, np.int64),
        "top": np.zeros(count, np.int64),
        "rival": np.zeros(count, np.int64),
        "score": np.zeros(count),
        "rival_score": np.zeros(count),
        "entropy": np.zeros(count),
        "vector": _units(vectors),
        "body": _units(bodies),
        "reason": np.array(reasons, "U80"),
    }
    for i, found in enumerate(scores):
        if found is None:
            continue
        if not np.isfinite(found).all():
            out["reason"][i] = "the model's scores are not finite"
            continue
        order = np.argsort(-found, kind="stable")
        out["top"][i], out["rival"][i] = order[0], order[min(1, len(order) - 1)]
        out["score"][i] = found[order[0]]
        out["rival_score"][i] = found[order[1]] if len(order) > 1 else 0.0
        safe = np.clip(found.astype(np.float64), 1e-12, 1)
        out["entropy"][i] = -np.sum(safe * np.log(safe))
    return out


def _units(vectors):
    """Vectors of length one, half as long in memory; 0 where there is none."""
    width = next((len(v) for v in vectors if v is not None), 1)
    out = np.zeros((len(vectors), width), np.float16)
    for i, vector in enumerate(vectors):
        if vector is not None and np.isfinite(vector).all():
            out[i] = vector / max(np.linalg.norm(vector), 1e-12)
    return out


def answers_sha256(predictor):
    """Returns the checksum of all that the answers of a run depend on.

    Args:
        predictor: `Predictor`.
    """
    # An adjustment is chosen after the training, with the same weights.
    text = f"{weights_sha256(predictor.model)} {predictor.changes}"
    return hashlib.sha256(text.encode()).hexdigest()


def weights_sha256(model):
    """Returns the checksum of a model's weights, whatever file they are in.

    Args:
        model: `keras.Model`.
    """
    digest = hashlib.sha256()
    for weight in model.weights:
        value = np.ascontiguousarray(weight.numpy())
        shape = json.dumps([str(value.dtype), *value.shape])
        digest.update(shape.encode())
        digest.update(value.tobytes())
    return digest.hexdigest()


def body_of(model):
    """Returns the body of a model, or all of it where none is named.

    Args:
        model: `keras.Model` of a run.
    """
    inner = getattr(model, "embedder", model)
    if parts.BACKBONE in parts.layer_names(inner):
        return inner.get_layer(parts.BACKBONE)
    return inner
