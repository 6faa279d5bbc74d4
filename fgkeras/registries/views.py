"""Views: what a classifier sees of a picture when it answers."""

from fgkeras.registry import Entry
from fgkeras.registry import Registry

# Name -> what takes the side of the model's input and returns a `ViewSet`.
_PLACE = "fgkeras.models.view_averaging_model"
VIEWS = Registry(
    "view",
    {
        "center": Entry(f"{_PLACE}:center"),
        "mirror": Entry(f"{_PLACE}:mirror"),
        "5-crop": Entry(f"{_PLACE}:five_crop"),
        "12-crop": Entry(f"{_PLACE}:twelve_crop"),
    },
    options=(),
    facts={},
)
