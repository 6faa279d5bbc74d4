"""The whole jobs a user asks for, as functions that write a run folder."""

_WHERE = {
    "RunConfig": "config",
    "RunFolder": "run_folder",
    "demo": "demo",
    "evaluate": "evaluate",
    "export": "export",
    "predict": "export",
    "train": "train",
}
__all__ = sorted(_WHERE)


def __getattr__(name):
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import importlib

    module = importlib.import_module(f"{__name__}.{_WHERE[name]}")
    # A job and its module share a name, so the job is put in its place.
    value = globals()[name] = getattr(module, name)
    return value
