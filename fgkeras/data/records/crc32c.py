"""CRC-32C (Castagnoli), the checksum of the TFRecord framing."""

import google_crc32c


def crc32c(data):
    """Returns the CRC-32C of `data`, several GB/s.

    Args:
        data: Bytes-like.

    Returns:
        Int in `[0, 2**32)`.

    Example:

    >>> hex(crc32c(b"123456789"))
    '0xe3069283'

    Reference: RFC 3720, appendix B.4 (test vectors).
    """
    # It takes no view; `bytes` of bytes is no copy.
    return google_crc32c.value(bytes(data))
