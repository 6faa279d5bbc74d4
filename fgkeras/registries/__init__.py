"""What there is by name, one line per entry; reading it imports nothing.

To add one, write its module and its test, and add its line here. For as long
as a process lives, `register` adds one of your own.

>>> LOSSES.names()[:3]
('softmax', 'sigmoid', 'focal')
>>> LOSSES.fact("focal", "activation")
'sigmoid'
"""

from fgkeras.registries.backbones import BACKBONES
from fgkeras.registries.data import CUTS
from fgkeras.registries.data import SOURCES
from fgkeras.registries.exports import EXPORTS
from fgkeras.registries.losses import LOSSES
from fgkeras.registries.methods import KINDS
from fgkeras.registries.methods import METHODS
from fgkeras.registries.poolings import POOLINGS
from fgkeras.registries.samplers import SAMPLERS
from fgkeras.registries.verbs import VERBS
from fgkeras.registries.views import VIEWS

__all__ = [
    "BACKBONES",
    "CUTS",
    "EXPORTS",
    "KINDS",
    "LOSSES",
    "METHODS",
    "POOLINGS",
    "SAMPLERS",
    "SOURCES",
    "VERBS",
    "VIEWS",
]
