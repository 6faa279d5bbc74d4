"""Images into a project: looked at once, by content, copies found."""

from fgkeras.bootstrap.ingest.copies import mark_copies
from fgkeras.bootstrap.ingest.ingest import Ingested
from fgkeras.bootstrap.ingest.ingest import ingest
from fgkeras.bootstrap.ingest.kept_pictures import KeptPictures

__all__ = ["Ingested", "KeptPictures", "ingest", "mark_copies"]
