"""What a run is: its options, declared once, and their values."""

from fgkeras.config.config import OPTIONS
from fgkeras.config.config import Config
from fgkeras.config.option import AUTO
from fgkeras.config.option import Option

__all__ = ["AUTO", "OPTIONS", "Config", "Option"]
