"""Configs of tests that share their options, though not all use each."""

from fgkeras.config import OPTIONS
from fgkeras.config import Config


def fitting(changes):
    """Returns a resolved config of those changes that the run uses."""
    whole = Config.of_run({"resolved": dict(changes)})
    used = {n: v for n, v in changes.items() if OPTIONS[n].used(whole)}
    return Config.read(changes=used).resolved()
