"""Image sources, long-tail cuts, samplers, pipelines, records.

Importing it does not import TensorFlow: what needs it imports it when called.
"""

from fgkeras.data.augment import Augmentation
from fgkeras.data.catalogue import CATALOGUE
from fgkeras.data.convert import convert
from fgkeras.data.encoded import load_encoded
from fgkeras.data.holdout import holdout
from fgkeras.data.image import BadImage
from fgkeras.data.info import describe
from fgkeras.data.long_tail import cut_source
from fgkeras.data.open import open
from fgkeras.data.pipeline import EncodedImages
from fgkeras.data.pipeline import evaluation_dataset
from fgkeras.data.pipeline import training_dataset
from fgkeras.data.relabel import coarse_to_fine
from fgkeras.data.relabel import relabel
from fgkeras.data.samplers import make_sampler
from fgkeras.data.source import Source
from fgkeras.data.source import Split
from fgkeras.data.verify import verify

__all__ = [
    "CATALOGUE",
    "Augmentation",
    "BadImage",
    "EncodedImages",
    "Source",
    "Split",
    "coarse_to_fine",
    "convert",
    "cut_source",
    "describe",
    "evaluation_dataset",
    "holdout",
    "load_encoded",
    "make_sampler",
    "open",
    "relabel",
    "training_dataset",
    "verify",
]
