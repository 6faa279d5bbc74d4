"""What a local server needs to be safe beside the rest of a browser.

`serve(Guard(Access(app, sessions)))` is a server for people with a link,
`serve(Guard(Bearer(app, tokens)))` one for scripts.
"""

from fgkeras.web.access import Access
from fgkeras.web.access import entry_link
from fgkeras.web.answers import SECURITY_HEADERS
from fgkeras.web.bearer import Bearer
from fgkeras.web.file_sessions import FileSessions
from fgkeras.web.guard import Guard
from fgkeras.web.listening import is_loopback
from fgkeras.web.listening import remote_warning
from fgkeras.web.machine_addresses import is_wildcard
from fgkeras.web.machine_addresses import machine_addresses
from fgkeras.web.package_files import PackageFiles
from fgkeras.web.picture_response import picture_response
from fgkeras.web.picture_response import picture_type
from fgkeras.web.server import serve
from fgkeras.web.sessions import MemorySessions
from fgkeras.web.sessions import Sessions
from fgkeras.web.sessions import digest

__all__ = [
    "SECURITY_HEADERS",
    "Access",
    "Bearer",
    "FileSessions",
    "Guard",
    "MemorySessions",
    "PackageFiles",
    "Sessions",
    "digest",
    "entry_link",
    "is_loopback",
    "is_wildcard",
    "machine_addresses",
    "picture_response",
    "picture_type",
    "remote_warning",
    "serve",
]
