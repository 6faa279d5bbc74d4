"""What there is by name, one line per entry; reading it imports nothing.

To add one, write its module and its test, and add its line here.
"""

from fgkeras.registry import Entry
from fgkeras.registry import Registry

# Kind of a source -> the class that opens what follows the colon.
SOURCES = Registry(
    "source",
    {
        "folder": Entry("fgkeras.data.sources.folder:FolderSource"),
        "zip": Entry("fgkeras.data.sources.zip:ZipSource"),
        "csv": Entry("fgkeras.data.sources.csv:CsvSource"),
        "tfds": Entry("fgkeras.data.sources.tfds:TfdsSource"),
        "records": Entry("fgkeras.data.records.source:RecordsSource"),
        "flora": Entry("fgkeras.data.flora.source:FloraSource"),
    },
)
