"""The pictures among files and folders that a person names."""

import pathlib

from fgkeras.data.sources.file_names import PICTURES
from fgkeras.data.sources.file_names import is_clutter
from fgkeras.data.sources.file_names import is_picture


def _is_found(path, folder):
    """Whether a file in a folder is a picture by its name, and no clutter."""
    name = path.relative_to(folder).as_posix()
    named = is_picture(name) and not is_clutter(name)
    return named and not path.is_dir()


def picture_files(paths):
    """Returns the image files among paths, looking into folders.

    Raises:
        ValueError: If a path does not exist or a folder has no image.
    """
    out = []
    for path in map(pathlib.Path, paths):
        if path.is_dir():
            inside = sorted(p for p in path.rglob("*") if _is_found(p, path))
            if not inside:
                raise ValueError(
                    "A folder of images needs files ending in one of "
                    f"{', '.join(sorted(PICTURES))}. Received: {path}, which "
                    "has none."
                )
            out += inside
        elif path.exists():
            out.append(path)
        else:
            raise ValueError(
                "IMAGES must be files or folders. "
                f"Received: {path}, which does not exist."
            )
    return out
