"""`stage_images.json` of a run: what stages with images of their own saw."""

from fgkeras.runs.kept.files import damaged
from fgkeras.runs.kept.files import is_names
from fgkeras.runs.kept.files import read_object
from fgkeras.storage import write_json

FILE = "stage_images.json"


def keep_stage_images(folder, stages):
    """Writes the contents of the images that stages had of their own.

    Args:
        folder: The `RunFolder`.
        stages: Dict of the name of a stage to its `SplitImages`, read.
    """
    found = {
        name: [images.sha256[i] for i in images.ids if i in images.sha256]
        for name, images in stages.items()
    }
    write_json(folder / FILE, found)


def read_stage_images(path):
    """Returns the contents of images that stages had of their own.

    Args:
        path: `pathlib.Path` of a `stage_images.json`.

    Returns:
        Frozen set of digests, as in `SplitImages.sha256`; empty where there is
        no such file.

    Raises:
        ValueError: If it is of another shape.
    """
    if not path.exists():
        return frozenset()
    found = read_object(path)
    for name, digests in found.items():
        if not is_names(digests):
            raise damaged(path, f"`{name}` must be a list of digests")
    return frozenset(d for digests in found.values() for d in digests)
