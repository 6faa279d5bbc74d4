"""Image sources, long-tail cuts, samplers, pipelines, records.

Importing it does not import TensorFlow: what needs it imports it when called.
"""

import importlib
import sys
import types

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


class _Package(types.ModuleType):
    """Imports a public name when it is first asked for.

    Some are functions of modules that have their name: the function stays what
    the package shows when the module is imported.
    """

    def __getattr__(self, name):
        if name not in _PLACES:
            raise AttributeError(f"module {__name__!r} has no {name!r}")
        found = getattr(importlib.import_module(_PLACES[name]), name)
        self.__dict__[name] = found
        return found

    def __setattr__(self, name, value):
        if not (name in _PLACES and isinstance(value, types.ModuleType)):
            super().__setattr__(name, value)

    def __dir__(self):
        return sorted({*super().__dir__(), *_PLACES})


sys.modules[__name__].__class__ = _Package
