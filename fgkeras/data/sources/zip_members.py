"""Members of a zip file, read in place by many threads."""

import os
import pathlib
import struct
import zipfile
import zlib

# No photograph is larger; a member that claims more is a trap or a mistake.
_MAX_MEMBER_BYTES = 1 << 30


class ZipMembers:
    """The files of a zip; nothing is extracted.

    Members are read with `pread` from one open file, so many threads can read
    at once, and checked against their CRC-32.

    Args:
        path: String or path of the zip file.
        kind: String, the kind of source that asks. Defaults to `"zip"`.

    Attributes:
        files: List of strings, names of all members but folders.

    Raises:
        ValueError: if the file is no zip, or holds encrypted members, members
            of one name or of a compression other than stored or deflated.
    """

    def __init__(self, path, kind="zip"):
        self.path = pathlib.Path(path)
        if not self.path.is_file():
            found = "a folder" if self.path.exists() else "nothing"
            raise ValueError(
                f"`{kind}:` needs an existing zip file. Received: "
                f"path={str(path)!r}, where there is {found}."
            )
        try:
            with zipfile.ZipFile(self.path) as archive:
                members = archive.infolist()
        except zipfile.BadZipFile as error:
            raise ValueError(
                f"`{kind}:` needs a whole zip file. Received: {path} ({error})."
            ) from error
        self.files, self._folders, self._members = [], [], {}
        for member in members:
            if member.is_dir():
                self._folders.append(member.filename.rstrip("/"))
                continue
            self.files.append(member.filename)
            _check_member(path, member, self._members)
            self._members[member.filename] = (
                member.header_offset,
                member.compress_size,
                member.file_size,
                member.compress_type,
                member.CRC,
            )
        self._file = _OpenFile(self.path)

    @property
    def folders(self):
        """Paths of all folders, sorted, also of those that have no member."""
        found = set(self._folders)
        for name in self.files:
            found.update(str(p) for p in pathlib.PurePosixPath(name).parents)
        return sorted(found - {"."})

    def text(self, name):
        """Returns the text of a small member, or `None` if there is none."""
        if name not in self._members:
            return None
        size = self._members[name][2]
        if size > 1 << 26:
            raise ValueError(
                f"`{name}` in {self.path} must be a small plain file. "
                f"Received: {size} bytes."
            )
        return self.read(name).decode("utf-8")

    def read(self, name):
        """Returns the bytes of one member. Thread-safe."""
        offset, stored, size, method, crc = self._members[name]
        header = self._file.read(offset, 30)
        if len(header) < 30 or header[:4] != b"PK\x03\x04":
            raise self._damaged(name, "its local header is missing")
        length, extra = struct.unpack_from("<HH", header, 26)
        data = self._file.read(offset + 30 + length + extra, stored)
        if method == zipfile.ZIP_DEFLATED:
            try:
                data = zlib.decompressobj(-15).decompress(data, size + 1)
            except zlib.error as error:
                raise self._damaged(name, error) from error
        if len(data) != size or zlib.crc32(data) != crc:
            raise self._damaged(name, "its size or CRC-32 is wrong")
        return data

    def stamps(self, names):
        """Returns size and CRC-32 of each member, from the directory."""
        members = (self._members[name] for name in names)
        return [f"{size} {crc:08x}" for _, _, size, _, crc in members]

    def _damaged(self, name, reason):
        return ValueError(
            f"Zip members must be whole. Received: {name} in {self.path}: "
            f"{reason}. Copy the zip again."
        )


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


def _check_member(path, member, seen):
    """Refuses a member that cannot be read in place."""
    if member.filename in seen:
        reason = "two members of that name"
    elif member.flag_bits & 1:
        reason = "it is encrypted"
    elif member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        reason = "its compression is neither `stored` nor `deflate`"
    elif member.file_size > _MAX_MEMBER_BYTES:
        reason = f"it claims {member.file_size} bytes"
    else:
        return
    raise ValueError(
        f"Members of a zip must be plain files. Received: {member.filename} "
        f"in {path}: {reason}. Pack the zip again."
    )
