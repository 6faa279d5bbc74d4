"""Image sources, long-tail cuts, samplers, pipelines, records.

Importing it does not import TensorFlow: what needs it imports it when called.
"""

from fgkeras.lazy import make_lazy

_PLACES = {
    "Augmentation": "fgkeras.data.images.augment",
    "BadImage": "fgkeras.data.sources.bad_image",
    "CATALOGUE": "fgkeras.data.catalogue",
    "EncodedImages": "fgkeras.data.batches.pipeline",
    "Source": "fgkeras.data.sources.source",
    "Split": "fgkeras.data.sources.split",
    "coarse_to_fine": "fgkeras.data.cuts.relabel",
    "convert": "fgkeras.data.records.convert",
    "cut_source": "fgkeras.data.cuts.cut",
    "describe": "fgkeras.data.info",
    "evaluation_dataset": "fgkeras.data.batches.pipeline",
    "holdout": "fgkeras.data.cuts.holdout",
    "joined": "fgkeras.data.sources.joined",
    "load_encoded": "fgkeras.data.images.encoded",
    "make_sampler": "fgkeras.data.batches.samplers",
    "open": "fgkeras.data.open",
    "register_cut": "fgkeras.data.cuts.cut",
    "register_source": "fgkeras.data.open",
    "relabel": "fgkeras.data.cuts.relabel",
    "training_dataset": "fgkeras.data.batches.pipeline",
    "verify": "fgkeras.data.records.verify",
}
__all__ = list(_PLACES)

make_lazy(__name__, _PLACES)
