"""Hashes of 64 bits as the signed whole numbers that SQLite holds."""


def signed(value):
    """Returns an unsigned number of 64 bits as a signed one.

    >>> signed(2**64 - 1), signed(5)
    (-1, 5)
    """
    return value - 2**64 if value >= 2**63 else value


def unsigned(value):
    """Returns what `signed` was given.

    >>> unsigned(signed(2**64 - 1)) == 2**64 - 1
    True
    """
    return value + 2**64 if value < 0 else value
