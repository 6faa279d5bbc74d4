"""Files that are whole, logs that survive, locks that die with a process.

Standard library only: every other package may stand on it.
"""

from fgkeras.storage.cache_folder import cache_folder
from fgkeras.storage.folder_lock import FolderLock
from fgkeras.storage.folder_lock import FolderTaken
from fgkeras.storage.journal import Journal
from fgkeras.storage.whole_file import whole_file
from fgkeras.storage.whole_file import write_json
from fgkeras.storage.whole_file import write_text

__all__ = [
    "FolderLock",
    "FolderTaken",
    "Journal",
    "cache_folder",
    "whole_file",
    "write_json",
    "write_text",
]
