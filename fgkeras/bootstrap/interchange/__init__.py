"""Votes to and from the files of other programs."""

from fgkeras.bootstrap.interchange.csv_votes import read_csv_votes
from fgkeras.bootstrap.interchange.csv_votes import write_csv_votes
from fgkeras.bootstrap.interchange.fiftyone import read_fiftyone
from fgkeras.bootstrap.interchange.fiftyone import write_fiftyone
from fgkeras.bootstrap.interchange.json_items import json_items
from fgkeras.bootstrap.interchange.label_studio import LABELLING_INTERFACE
from fgkeras.bootstrap.interchange.label_studio import read_label_studio
from fgkeras.bootstrap.interchange.label_studio import write_label_studio
from fgkeras.bootstrap.interchange.vote import MODES
from fgkeras.bootstrap.interchange.vote import VERDICTS
from fgkeras.bootstrap.interchange.vote import VOTE_FIELDS
from fgkeras.bootstrap.interchange.vote import checked_vote

__all__ = [
    "LABELLING_INTERFACE",
    "MODES",
    "VERDICTS",
    "VOTE_FIELDS",
    "checked_vote",
    "json_items",
    "read_csv_votes",
    "read_fiftyone",
    "read_label_studio",
    "write_csv_votes",
    "write_fiftyone",
    "write_label_studio",
]
