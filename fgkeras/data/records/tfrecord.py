"""TFRecord files without TensorFlow: framing, checksums, random access."""

import os
import pathlib
import struct

import numpy as np

from fgkeras.data.records.crc32c import crc32c
from fgkeras.storage import whole_file

_HEADER = struct.Struct("<QI")
_CHECKSUM = struct.Struct("<I")
OVERHEAD = _HEADER.size + _CHECKSUM.size  # bytes a record adds to its payload


class RecordError(ValueError):
    """A record that cannot be read.

    Args:
        path: Path of the file.
        record: Int, the record's number in the file, from 0.
        reason: String.
    """

    def __init__(self, path, record, reason):
        self.path = pathlib.Path(path)
        self.record = int(record)
        self.reason = reason
        super().__init__(f"{self.path}, record {self.record}: {reason}")


def masked_crc(data):
    """Returns TFRecord's checksum: CRC-32C rotated by 15, plus a constant."""
    crc = crc32c(data)
    return (((crc >> 15) | (crc << 17)) + 0xA282EAD8) & 0xFFFFFFFF


def frame(payload):
    """Returns one record: length, its checksum, payload, its checksum.

    Args:
        payload: Bytes.

    Returns:
        Bytes, `OVERHEAD` longer than `payload`.

    Example:

    >>> len(frame(b"abc"))
    19
    """
    length = len(payload).to_bytes(8, "little")
    return b"".join(
        (
            length,
            _CHECKSUM.pack(masked_crc(length)),
            payload,
            _CHECKSUM.pack(masked_crc(payload)),
        )
    )


def write(path, payloads):
    """Writes the payloads as one TFRecord file.

    The file appears under its name only once it is complete.

    Args:
        path: Path.
        payloads: Iterable of bytes.

    Returns:
        Int, the number of records.
    """
    count = 0
    with whole_file(path) as file:
        for payload in payloads:
            file.write(frame(payload))
            count += 1
    return count


def scan(path, *, check=False):
    """Walks a file's framing as far as it is sound.

    Args:
        path: Path.
        check: Whether to read the payloads and compare their checksums too.
            Without it only the 12 bytes before each payload are read.

    Returns:
        `(offsets, lengths, problem)`: two NumPy `int64` arrays, where each
        sound record's payload starts and how many bytes it has, and `None` or
        the `RecordError` at which the walk ended. A file that was cut exactly
        between two records is sound: compare the count.
    """
    offsets = []
    lengths = []
    problem = None
    with open(path, "rb") as file:
        size = os.fstat(file.fileno()).st_size
        at = 0
        while at < size:
            reason = None
            head = os.pread(file.fileno(), _HEADER.size, at)
            start = at + _HEADER.size
            if len(head) < _HEADER.size:
                reason = f"cut inside the header, {len(head)} of 12 bytes"
            else:
                length, checksum = _HEADER.unpack(head)
                end = start + length + _CHECKSUM.size
                if masked_crc(head[:8]) != checksum:
                    reason = "the length's checksum is wrong"
                elif end > size:
                    reason = f"cut inside the record, {end - size} bytes short"
                elif check:
                    body = os.pread(file.fileno(), end - start, start)
                    reason = _payload_problem(body[:length], body[length:])
            if reason is not None:
                problem = RecordError(path, len(offsets), reason)
                break
            offsets.append(start)
            lengths.append(length)
            at = end
    return np.array(offsets, "int64"), np.array(lengths, "int64"), problem


def index(path):
    """Returns where the payloads of a sound file are.

    Args:
        path: Path.

    Returns:
        `(offsets, lengths)`, NumPy `int64` arrays in bytes.

    Raises:
        RecordError: the file is cut or its framing is damaged.
    """
    offsets, lengths, problem = scan(path)
    if problem is not None:
        raise problem
    return offsets, lengths


def read_payload(path, offset, length, record=0):
    """Returns one payload, its checksum compared. Thread-safe.

    Args:
        path: Path.
        offset: Int, where the payload starts in bytes, from `index`.
        length: Int, its bytes, from `index`.
        record: Int, the record's number for the error message.

    Raises:
        RecordError: the payload is cut or does not fit its checksum.
    """
    descriptor = os.open(path, os.O_RDONLY)
    try:
        body = os.pread(descriptor, length + _CHECKSUM.size, offset)
    finally:
        os.close(descriptor)
    if len(body) < length + _CHECKSUM.size:
        raise RecordError(path, record, "cut inside the record")
    # Copied once, for the checksum and for the caller.
    payload = body[:length]
    reason = _payload_problem(payload, body[length:])
    if reason is not None:
        raise RecordError(path, record, reason)
    return payload


def read(path):
    """Yields the payloads of a file in order, checksums compared.

    Args:
        path: Path.

    Raises:
        RecordError: after the sound records, where the file is damaged.

    Example:

    >>> import tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp(), "a.tfrecord")
    >>> write(path, [b"one", b"two"])
    2
    >>> list(read(path))
    [b'one', b'two']
    """
    offsets, lengths, problem = scan(path)
    for record, (offset, length) in enumerate(
        zip(offsets, lengths, strict=True)
    ):
        yield read_payload(path, int(offset), int(length), record)
    if problem is not None:
        raise problem


def _payload_problem(payload, checksum):
    if _CHECKSUM.pack(masked_crc(payload)) != checksum:
        return "the payload's checksum is wrong"
    return None
