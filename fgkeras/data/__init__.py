"""Image sources, long-tail cuts, samplers, pipelines, records."""

import importlib

_WHERE = {
    "Augmentation": "augment",
    "BadImage": "image",
    "CATALOGUE": "catalogue",
    "EncodedImages": "pipeline",
    "RecordsSource": "records",
    "Source": "source",
    "Split": "source",
    "convert": "convert",
    "cut_source": "long_tail",
    "describe": "info",
    "evaluation_dataset": "pipeline",
    "holdout": "holdout",
    "load_encoded": "encoded",
    "make_sampler": "samplers",
    "open": "open",
    "training_dataset": "pipeline",
    "verify": "verify",
}
__all__ = sorted(_WHERE)


def __getattr__(name):
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = importlib.import_module(f"{__name__}.{_WHERE[name]}")
    # Some functions share their module's name and are put in its place.
    value = globals()[name] = getattr(module, name)
    return value
