"""One file with all pictures of a flora, drawn by several processes."""

import hashlib
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import threading

import numpy as np
import PIL

from fgkeras.data.flora.painter import FloraPainter
from fgkeras.data.flora.render import RENDERER_VERSION
from fgkeras.storage import DiskRefusal
from fgkeras.storage import cache_folder
from fgkeras.storage import is_full
from fgkeras.storage import note_use
from fgkeras.storage import whole_file

_MAGIC = b"FLORA001"


class FloraCache:
    """Bytes by id in one file: a header, the offsets, then all pictures.

    The name of the file is a digest of the options, the version of the
    renderer and of Pillow, so a stale file is never read.

    Args:
        options: Dict of the options of a `FloraSource`.
        ids: Sequence of all its ids.
    """

    def __init__(self, options, ids):
        self.options, self.ids = dict(options), tuple(ids)
        key = [RENDERER_VERSION, PIL.__version__, sorted(options.items())]
        digest = hashlib.sha256(json.dumps(key).encode()).hexdigest()
        self.path = cache_folder() / f"flora-{digest[:20]}.bin"
        self._lock = threading.Lock()
        self._looked, self._data = False, None

    def __getstate__(self):
        return {"options": self.options, "ids": self.ids}

    def __setstate__(self, state):
        self.__init__(**state)

    def _open(self):
        with self._lock:
            if self._looked:
                return
            self._looked = True
            start = len(_MAGIC) + 8 * (len(self.ids) + 1)
            if not self.path.is_file() or self.path.stat().st_size < start:
                return
            data = np.memmap(self.path, dtype="uint8", mode="r")
            offsets = np.frombuffer(data[len(_MAGIC) : start], "<i8")
            whole = offsets[-1] == data.size - start
            if data[: len(_MAGIC)].tobytes() != _MAGIC or not whole:
                return
            self._offsets = offsets + start
            self._row = {name: i for i, name in enumerate(self.ids)}
            self._data = data
            note_use(self.path)

    def get(self, image_id):
        """Returns the bytes of a picture, or `None` where not cached."""
        if not self._looked:
            self._open()
        if self._data is None or image_id not in self._row:
            return None
        row = self._row[image_id]
        return self._data[self._offsets[row] : self._offsets[row + 1]].tobytes()

    def fill(self, progress=None, workers=None):
        """Writes the file unless it is there; returns its path."""
        self._open()
        if self._data is not None:
            return self.path
        workers = max(1, min(workers or os.cpu_count() or 1, len(self.ids)))
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=self.path.parent) as folder:
            parts = [pathlib.Path(folder) / f"{k}" for k in range(workers)]
            self._run(parts, progress)
            sizes = np.concatenate(
                [np.fromfile(f"{part}.sizes", "<i8") for part in parts]
            )
            offsets = np.concatenate([[0], np.cumsum(sizes)]).astype("<i8")
            with whole_file(self.path) as file:
                file.write(_MAGIC + offsets.tobytes())
                for part in parts:
                    file.write(part.read_bytes())
        self._looked = False
        self._open()
        return self.path

    def _run(self, parts, progress):
        # Own interpreters: a fork of a process with TensorFlow may hang, and
        # spawned workers would import the user's script again.
        paths = os.pathsep.join(p or os.getcwd() for p in sys.path)
        bounds = [len(self.ids) * k // len(parts) for k in range(len(parts))]
        for part, start, stop in zip(
            parts, bounds, [*bounds[1:], len(self.ids)], strict=True
        ):
            task = {"options": self.options, "ids": self.ids[start:stop]}
            pathlib.Path(f"{part}.json").write_text(json.dumps(task))
        processes = [
            subprocess.Popen(
                [sys.executable, "-m", __name__, f"{part}.json", str(part)],
                stdout=subprocess.PIPE,
                env={**os.environ, "PYTHONPATH": paths},
            )
            for part in parts
        ]
        done, lock = [0], threading.Lock()

        def follow(process):
            for line in process.stdout:
                with lock:
                    done[0] += int(line)
                    if progress is not None:
                        progress(done[0], len(self.ids))

        threads = [threading.Thread(target=follow, args=[p]) for p in processes]
        try:
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        finally:
            for process in processes:
                if process.poll() is None and sys.exc_info()[0] is not None:
                    process.kill()
                process.wait()
        failed = [p.returncode for p in processes if p.returncode]
        full = [n for n in failed if is_full(OSError(n, ""))]
        if full:
            error = OSError(full[0], os.strerror(full[0]))
            raise DiskRefusal(error, self.path)
        if failed:
            raise RuntimeError(
                f"{len(failed)} of {len(processes)} drawing processes failed "
                f"with status {failed[0]}; their message is above."
            )


def _draw_part(options, ids, path):
    """Draws some pictures into `path`."""
    painter = FloraPainter(options)
    sizes, told = [], 0
    with open(path, "wb") as file:
        for image_id in ids:
            sizes.append(file.write(painter.render(image_id)))
            if len(sizes) - told == 50 or len(sizes) == len(ids):
                print(len(sizes) - told, flush=True)
                told = len(sizes)
    data = np.array(sizes, dtype="<i8").tobytes()
    pathlib.Path(f"{path}.sizes").write_bytes(data)


if __name__ == "__main__":
    task = json.loads(pathlib.Path(sys.argv[1]).read_text())
    try:
        _draw_part(task["options"], task["ids"], sys.argv[2])
    except OSError as error:
        # The process that waits for this one says it.
        if not is_full(error):
            raise
        sys.exit(error.errno)
