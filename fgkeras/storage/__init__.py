"""Files that are whole, logs that survive, locks that die with a process.

Standard library only: every other package may stand on it.
"""

from fgkeras.storage.byte_sizes import read_size
from fgkeras.storage.byte_sizes import size_in_words
from fgkeras.storage.cache_folder import cache_folder
from fgkeras.storage.cached_files import CachedFile
from fgkeras.storage.cached_files import cached_files
from fgkeras.storage.cached_files import note_use
from fgkeras.storage.cached_files import trim_cache
from fgkeras.storage.disk_refusal import DiskRefusal
from fgkeras.storage.disk_refusal import is_full
from fgkeras.storage.folder_lock import FolderLock
from fgkeras.storage.folder_lock import FolderTaken
from fgkeras.storage.folder_lock import remove_stale_lock
from fgkeras.storage.journal import Journal
from fgkeras.storage.read_json import damaged_file
from fgkeras.storage.read_json import read_json
from fgkeras.storage.scratch_folder import scratch_folder
from fgkeras.storage.sync_path import sync_path
from fgkeras.storage.whole_file import leftover_parts
from fgkeras.storage.whole_file import whole_file
from fgkeras.storage.whole_file import whole_path
from fgkeras.storage.whole_file import write_json
from fgkeras.storage.whole_file import write_text

__all__ = [
    "CachedFile",
    "DiskRefusal",
    "FolderLock",
    "FolderTaken",
    "Journal",
    "cache_folder",
    "cached_files",
    "damaged_file",
    "is_full",
    "leftover_parts",
    "note_use",
    "read_json",
    "read_size",
    "remove_stale_lock",
    "size_in_words",
    "scratch_folder",
    "sync_path",
    "trim_cache",
    "whole_file",
    "whole_path",
    "write_json",
    "write_text",
]
