"""`tf.train.Example` as bytes, written and read without TensorFlow."""

import struct

import numpy as np

# Field numbers of tensorflow/core/example/feature.proto, shifted to wire tags
# with type 2, length-delimited.
_FEATURES = 1 << 3 | 2
_ENTRY = 1 << 3 | 2
_KEY = 1 << 3 | 2
_VALUE = 2 << 3 | 2
_BYTES, _FLOATS, _INTS = (n << 3 | 2 for n in (1, 2, 3))


def encode_example(features):
    """Returns the serialised `tf.train.Example`, always the same bytes.

    Keys are written in sorted order and numbers packed, so equal features give
    equal bytes, whatever the order of the dict.

    Args:
        features: Dict of string to bytes, string, a list of bytes, or numbers
            (Python or NumPy, scalar or one axis): integers become `int64_list`,
            floats `float_list` in float32.

    Returns:
        Bytes.

    Raises:
        ValueError: a value of another type.

    Example:

    >>> data = encode_example({"label": 3, "name": b"wren"})
    >>> decode_example(data)["name"]
    [b'wren']
    """
    entries = []
    for key in sorted(features):
        value = _field(_VALUE, _feature(key, features[key]))
        entries.append(_field(_ENTRY, _field(_KEY, key.encode()) + value))
    return _field(_FEATURES, b"".join(entries))


def decode_example(data, keys=None):
    """Returns the features of a serialised `tf.train.Example`.

    Args:
        data: Bytes-like.
        keys: `None` for all, or a set of the strings wanted.

    Returns:
        Dict of string to a list of bytes, a NumPy `int64` array or a NumPy
        `float32` array.

    Raises:
        ValueError: the bytes are no Example.
    """
    data = memoryview(data)
    result = {}
    try:
        for field, features in _fields(data):
            if field != _FEATURES:
                continue
            for _, entry in _fields(features):
                parts = dict(_fields(entry))
                key = bytes(parts.get(_KEY, b"")).decode()
                if keys is None or key in keys:
                    result[key] = _values(parts.get(_VALUE, b""))
    except (IndexError, TypeError, struct.error, UnicodeDecodeError) as error:
        raise ValueError(
            "A record must hold a serialised tf.train.Example. Received: "
            f"{len(data)} bytes that are none ({error})."
        ) from error
    return result


def _varint(value):
    value &= 0xFFFFFFFFFFFFFFFF  # negative numbers as two's complement
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _field(tag, data):
    return bytes((tag,)) + _varint(len(data)) + data


def _feature(key, value):
    if isinstance(value, str):
        value = value.encode()
    if isinstance(value, bytes):
        return _field(_BYTES, _field(_KEY, value))
    if isinstance(value, (list, tuple)) and all(
        isinstance(item, bytes) for item in value
    ):
        return _field(_BYTES, b"".join(_field(_KEY, item) for item in value))
    array = np.atleast_1d(np.asarray(value))
    if array.dtype.kind in "iub" and array.ndim == 1:
        packed = b"".join(_varint(int(item)) for item in array)
        return _field(_INTS, _field(_KEY, packed) if packed else b"")
    if array.dtype.kind == "f" and array.ndim == 1:
        packed = array.astype("<f4").tobytes()
        return _field(_FLOATS, _field(_KEY, packed) if packed else b"")
    raise ValueError(
        "A feature must be bytes, a string, or numbers of at most one axis. "
        f"Received: {key}={value!r}."
    )


def _read_varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7


def _fields(data):
    """Yields `(tag, content)` of a message, the content as an int or view."""
    data = memoryview(data)
    at = 0
    while at < len(data):
        tag, at = _read_varint(data, at)
        kind = tag & 7
        if kind == 0:
            value, at = _read_varint(data, at)
            yield tag, value
            continue
        if kind == 2:
            length, at = _read_varint(data, at)
        elif kind in (1, 5):
            length = 8 if kind == 1 else 4
        else:
            raise IndexError(f"wire type {kind}")
        if at + length > len(data):
            raise IndexError("a field runs past the end")
        yield tag, data[at : at + length]
        at += length


def _values(feature):
    for tag, content in _fields(feature):
        if tag == _BYTES:
            return [bytes(item) for _, item in _fields(content)]
        if tag == _FLOATS:
            packed = b"".join(bytes(item) for _, item in _fields(content))
            return np.frombuffer(packed, "<f4").astype("float32")
        if tag == _INTS:
            numbers = []
            for kind, item in _fields(content):
                if kind & 7 == 0:
                    numbers.append(item)
                    continue
                at = 0
                while at < len(item):
                    number, at = _read_varint(item, at)
                    numbers.append(number)
            return np.array(numbers, "uint64").astype("int64")
    return []
