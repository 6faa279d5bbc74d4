"""CRC-32C (Castagnoli), the checksum of the TFRecord framing."""

import numpy as np

_POLYNOMIAL = 0x82F63B78  # bit-reflected
_CHUNK = 128  # bytes
_CHUNKS = 256  # per block
_BLOCK = _CHUNK * _CHUNKS


def _append_zero(states, table):
    return table[states & 0xFF] ^ (states >> np.uint32(8))


def _tables():
    """Returns the register after `byte, zeros...` for every place it may have.

    The CRC register is linear over GF(2): the register of a message is the
    exclusive or of the registers of its bytes, each followed by zeros. One
    table holds the places in a chunk, a second the places of the four bytes of
    a chunk's register in a block, a third those of a block's register before
    another block.
    """
    table = np.arange(256, dtype="uint32")
    for _ in range(8):
        odd = (table & 1).astype(bool)
        table = np.where(odd, (table >> 1) ^ _POLYNOMIAL, table >> 1)
        table = table.astype("uint32")
    in_chunk = np.empty((_CHUNK, 256), "uint32")
    row = table
    for place in reversed(range(_CHUNK)):
        in_chunk[place] = row
        row = _append_zero(row, table)
    # Register byte k holds the value `b << 8k`.
    row = np.arange(256, dtype="uint32") << (
        8 * np.arange(4, dtype="uint32")[:, None]
    )
    in_block = np.empty((_CHUNKS, 4, 256), "uint32")
    for place in reversed(range(_CHUNKS)):
        in_block[place] = row
        for _ in range(_CHUNK):
            row = _append_zero(row, table)
    return table.tolist(), in_chunk.ravel(), in_block, row.tolist()


_BYTES, _IN_CHUNK, _IN_BLOCK, _AFTER_BLOCK = _tables()
_CHUNK_PLACES = np.arange(_CHUNK) * 256
_REGISTER_PLACES = np.arange(_CHUNKS * 4) * 256
_IN_BLOCK = _IN_BLOCK.ravel()


def crc32c(data):
    """Returns the CRC-32C of `data`, about 0.5 GB/s in pure NumPy.

    Args:
        data: Bytes-like.

    Returns:
        Int in `[0, 2**32)`.

    Example:

    >>> hex(crc32c(b"123456789"))
    '0xe3069283'

    Reference: RFC 3720, appendix B.4 (test vectors).
    """
    size = len(data)
    if size < 64:
        register = 0xFFFFFFFF
        for byte in bytes(data):
            register = _BYTES[(register ^ byte) & 0xFF] ^ (register >> 8)
        return register ^ 0xFFFFFFFF
    # Leading zeros leave a zero register alone, and starting from all ones is
    # the same as inverting the first four bytes.
    padding = -size % _CHUNK
    padded = np.zeros(padding + size, "uint8")
    padded[padding:] = np.frombuffer(data, "uint8")
    padded[padding : padding + 4] ^= 0xFF
    register = 0
    end = padded.size % _BLOCK or _BLOCK
    start = 0
    while start < padded.size:
        register = (
            _AFTER_BLOCK[0][register & 0xFF]
            ^ _AFTER_BLOCK[1][(register >> 8) & 0xFF]
            ^ _AFTER_BLOCK[2][(register >> 16) & 0xFF]
            ^ _AFTER_BLOCK[3][register >> 24]
            ^ _block(padded[start:end])
        )
        start, end = end, end + _BLOCK
    return register ^ 0xFFFFFFFF


def _block(padded):
    places = padded.reshape(-1, _CHUNK) + _CHUNK_PLACES
    registers = np.bitwise_xor.reduce(_IN_CHUNK.take(places), axis=1)
    octets = registers.astype("<u4").view("uint8")
    places = octets + _REGISTER_PLACES[_CHUNKS * 4 - octets.size :]
    return int(np.bitwise_xor.reduce(_IN_BLOCK.take(places)))
