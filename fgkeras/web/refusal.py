"""A request that no handler sees."""


class Refusal(Exception):
    """Raised while a request is checked; becomes its answer.

    Args:
        status: Int, such as `403`.
        sentence: String: the rule and the way out, for the asking side.

    Example:

    >>> Refusal(413, "A body has at most 64000 bytes.").status
    413
    """

    def __init__(self, status, sentence):
        super().__init__(sentence)
        self.status = status
        self.sentence = sentence
