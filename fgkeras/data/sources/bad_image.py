"""The error of an image that cannot be used, whatever found it out."""


class BadImage(ValueError):
    """An image that cannot be used, and why.

    Args:
        reason: String, a phrase that fits after a file's name and a colon.

    Example:

    >>> from fgkeras.data.images.image import inspect
    >>> try:
    ...     inspect(b"hello")
    ... except BadImage as error:
    ...     error.reason
    'it is text, not an image'
    """

    def __init__(self, reason):
        super().__init__(reason)
        self.reason = reason
