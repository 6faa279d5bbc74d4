"""Members of a zip file, read in place by many threads."""

import os
import pathlib
import struct
import zipfile
import zlib

from fgkeras.data.sources.bad_image import BadImage
from fgkeras.data.sources.plain_file import MAX_BYTES

# What is packed more tightly, and is large, is a trap: no picture is.
_MOST_PACKED, _LARGE = 200, 1 << 26
_LOCAL_HEADER = 30
_LEVELS = 6


class ZipMembers:
    """The files of a zip; nothing is extracted.

    Members are read with `pread` from one open file, so many threads can read
    at once, and checked against their CRC-32.

    Args:
        path: String or path of the zip file.
        kind: String, the kind of source that asks. Defaults to `"zip"`.

    Attributes:
        files: List of strings, names of all members but folders.
        faults: Dict of name to why a member cannot be read: it is encrypted,
            of a compression other than stored or deflated, too large, one of
            two of its name, or its name is no path.

    Raises:
        ValueError: if the file is no zip, is cut, or its members overlap.
    """

    def __init__(self, path, kind="zip"):
        self.path = pathlib.Path(path)
        if not self.path.is_file():
            found = "a folder" if self.path.exists() else "nothing"
            raise ValueError(
                f"`{kind}:` needs an existing zip file. Received: "
                f"path={str(path)!r}, where there is {found}."
            )
        members = _directory(kind, self.path)
        self.files, self._folders, self._members = [], [], {}
        self.faults = {}
        for member in members:
            name = member.filename
            if name.endswith("/"):
                if not _is_path(name[:-1]):
                    self.files.append(name)
                    self.faults[name] = "its name is no path"
                    continue
                self._folders.append(name[:-1])
                continue
            fault = _fault(member, self._members)
            if fault:
                self.faults[name] = fault
            if name not in self._members:
                self.files.append(name)
            self._members[name] = (
                member.header_offset,
                member.compress_size,
                member.file_size,
                member.compress_type,
                member.CRC,
            )
        _check_apart(kind, self.path, members)
        self._file = _OpenFile(self.path)

    @property
    def folders(self):
        """Paths of all folders, sorted, also of those that have no member.

        Of those above files no more than six levels, as `walk` looks at.
        """
        found = set(self._folders)
        for name in filter(_is_path, self.files):
            above = name.split("/", _LEVELS)[:_LEVELS]
            above = above[: name.count("/")]
            found.update("/".join(above[: i + 1]) for i in range(len(above)))
        return sorted(found)

    def small(self, name):
        """Returns the bytes of a small member, or `None` if there is none.

        Raises:
            ValueError: If it is not small, or damaged.
        """
        if name not in self._members:
            return None
        size = self._members[name][2]
        try:
            if size > 1 << 26:
                raise BadImage(f"it claims {size} bytes")
            return self.read(name)
        except BadImage as error:
            raise ValueError(
                f"`{name}` in {self.path} must be a small plain file. "
                f"Received: {error}. Pack the zip again."
            ) from error

    def read(self, name):
        """Returns the bytes of one member. Thread-safe.

        Raises:
            BadImage: If it is damaged, or one of `faults`.
        """
        if name in self.faults:
            raise BadImage(self.faults[name])
        offset, stored, size, method, crc = self._members[name]
        header = self._file.read(offset, _LOCAL_HEADER)
        if len(header) < _LOCAL_HEADER or header[:4] != b"PK\x03\x04":
            raise BadImage("its local header is missing in the zip")
        length, extra = struct.unpack_from("<HH", header, 26)
        start = offset + _LOCAL_HEADER + length + extra
        data = self._file.read(start, stored)
        if method == zipfile.ZIP_DEFLATED:
            try:
                data = zlib.decompressobj(-15).decompress(data, size + 1)
            except zlib.error as error:
                raise BadImage(f"it is damaged in the zip ({error})") from error
        if len(data) != size or zlib.crc32(data) != crc:
            raise BadImage(
                "its size or CRC-32 in the zip is wrong; copy the zip again"
            )
        return data

    def stamps(self, names):
        """Returns size and CRC-32 of each member, from the directory."""
        members = (self._members[name] for name in names)
        return [f"{size} {crc:08x}" for _, _, size, _, crc in members]


class _OpenFile:
    """A file open for reading at offsets; reopens itself when unpickled."""

    def __init__(self, path):
        self.path = path
        self.descriptor = os.open(path, os.O_RDONLY)

    def read(self, offset, size):
        data = os.pread(self.descriptor, size, offset)
        while len(data) < size:  # the kernel may return less than asked for
            at = len(data)
            more = os.pread(self.descriptor, size - at, offset + at)
            if not more:
                break
            data += more
        return data

    def __reduce__(self):
        return _OpenFile, (self.path,)

    def __del__(self):
        descriptor = getattr(self, "descriptor", None)
        if descriptor is not None and os is not None:  # None at exit
            os.close(descriptor)


def _directory(kind, path):
    """Returns the members that the zip's directory lists."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except (
        # All that the standard library raises of directories made by chance.
        zipfile.BadZipFile,
        ValueError,
        NotImplementedError,
        IndexError,
        OverflowError,
        struct.error,
        EOFError,
        OSError,
    ) as error:
        raise ValueError(
            f"`{kind}:` needs a whole zip file. Received: {path} ({error})."
        ) from error
    return members


def _fault(member, seen):
    """Returns why a member cannot be read in place, or `None`."""
    packed = member.file_size > _MOST_PACKED * member.compress_size
    if not _is_path(member.filename):
        return "its name is no path"
    if member.filename in seen:
        return "there are two members of that name"
    if member.flag_bits & 1:
        return "it is encrypted"
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return "its compression is neither `stored` nor `deflate`"
    if member.file_size > MAX_BYTES or packed and member.file_size > _LARGE:
        return f"it claims {member.file_size} bytes"
    return None


def _is_path(name):
    """Whether a name is a path that leads nowhere but down."""
    return all(part not in ("", ".", "..") for part in name.split("/"))


def _check_apart(kind, path, members):
    """Refuses a zip that is cut, or whose members share their bytes."""
    end, before = 0, ""
    for member in sorted(members, key=lambda m: m.header_offset):
        if member.header_offset < end:
            found = f"{member.filename!r} begins inside of {before!r}"
            break
        end = member.header_offset + _LOCAL_HEADER + member.compress_size
        before = member.filename
    else:
        size = os.path.getsize(path)
        if end <= size:
            return
        found = f"{before!r} ends at byte {end} of {size}"
    raise ValueError(
        f"`{kind}:` needs a whole zip file, whose members lie apart. "
        f"Received: {path}, where {found}. Copy or pack it again."
    )
