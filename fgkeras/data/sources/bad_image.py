"""The error of an image that cannot be used, whatever found it out."""


class BadImage(ValueError):
    """An image that cannot be used, and why.

    Args:
        reason: String, a phrase that fits after a file's name and a colon.
    """

    def __init__(self, reason):
        super().__init__(reason)
        self.reason = reason
