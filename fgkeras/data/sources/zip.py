"""Image zips: the layouts of an image folder, read in place."""

import os
import pathlib
import struct
import zipfile
import zlib

from fgkeras.data.sources.class_table import FILE_NAME
from fgkeras.data.sources.class_table import find_class_table
from fgkeras.data.sources.class_table import parse_class_table
from fgkeras.data.sources.layout import layout
from fgkeras.data.sources.source import Source

# No photograph is larger; a member that claims more is a trap or a mistake.
_MAX_MEMBER_BYTES = 1 << 30


class ZipSource(Source):
    """Opens a zip file of class folders; nothing is extracted.

    The layouts are those of `FolderSource`, also inside one outer folder. A
    `classes.csv` at the zip's root, or beside the zip, gives the classes'
    parents. Members are read with `pread` from one open file, so many threads
    can read at once, and checked against their CRC-32.

    Args:
        path: String or path of the zip file.
        skip_bad: Boolean, see `FolderSource`. Defaults to False.

    Raises:
        ValueError: if the file is no zip, holds encrypted members, members
            of one name or of a compression other than stored or deflated, or
            as `layout` says.
    """

    def __init__(self, path, *, skip_bad=False):
        self.path = pathlib.Path(path)
        if not self.path.is_file():
            found = "a folder" if self.path.exists() else "nothing"
            raise ValueError(
                "`zip:` needs an existing zip file. Received: "
                f"path={str(path)!r}, where there is {found}."
            )
        try:
            with zipfile.ZipFile(self.path) as archive:
                members = archive.infolist()
                text = _class_table_text(archive)
        except zipfile.BadZipFile as error:
            raise ValueError(
                f"`zip:` needs a whole zip file. Received: {path} ({error})."
            ) from error
        files, folders, self._members = [], [], {}
        for member in members:
            if member.is_dir():
                folders.append(member.filename.rstrip("/"))
                continue
            files.append(member.filename)
            _check_member(path, member, self._members)
            self._members[member.filename] = (
                member.header_offset,
                member.compress_size,
                member.file_size,
                member.compress_type,
                member.CRC,
            )
        for name in files:
            folders += (str(p) for p in pathlib.PurePosixPath(name).parents)
        folders = sorted(set(folders) - {"."})
        found = layout(str(path), files, folders, skip_bad=skip_bad)
        if text is None:
            table = find_class_table(self.path.absolute().parent)
        else:
            table = parse_class_table(text, f"{path}/{FILE_NAME}")
        self._file = _OpenFile(self.path)
        super().__init__(
            f"zip:{path}",
            found.class_names,
            found.splits,
            table.hierarchy(found.class_names) if table else None,
            found.refused,
        )

    def read(self, image_id):
        """Returns the encoded bytes of one image. Thread-safe."""
        offset, stored, size, method, crc = self._members[image_id]
        header = self._file.read(offset, 30)
        if len(header) < 30 or header[:4] != b"PK\x03\x04":
            raise self._damaged(image_id, "its local header is missing")
        name, extra = struct.unpack_from("<HH", header, 26)
        data = self._file.read(offset + 30 + name + extra, stored)
        if method == zipfile.ZIP_DEFLATED:
            try:
                data = zlib.decompressobj(-15).decompress(data, size + 1)
            except zlib.error as error:
                raise self._damaged(image_id, error) from error
        if len(data) != size or zlib.crc32(data) != crc:
            raise self._damaged(image_id, "its size or CRC-32 is wrong")
        return data

    def stamps(self, ids):
        """Returns size and CRC-32 of each member, from the directory."""
        members = (self._members[i] for i in ids)
        return [f"{size} {crc:08x}" for _, _, size, _, crc in members]

    def _damaged(self, image_id, reason):
        return ValueError(
            f"Zip members must be whole. Received: {image_id} in {self.path}: "
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


def _class_table_text(archive):
    """Returns the text of a class table at the zip's root, or `None`."""
    try:
        info = archive.getinfo(FILE_NAME)
    except KeyError:
        return None
    if info.file_size > 1 << 26 or info.flag_bits & 1:
        raise ValueError(
            f"`{FILE_NAME}` in {archive.filename} must be a small plain file. "
            f"Received: {info.file_size} bytes"
            + (", encrypted." if info.flag_bits & 1 else ".")
        )
    return archive.read(info).decode("utf-8")
