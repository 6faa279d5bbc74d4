"""What a project refuses a labeller."""


class Refused(ValueError):
    """An answer or a question that was refused.

    Args:
        status: Int, as of HTTP: 400 for what breaks a rule, 401 for who is
            not known, 403 for who is paused, 409 for what was not handed out
            or for a request's id used twice.
        sentence: String, why.

    Example:

    >>> Refused(403, "Paused.").status
    403
    """

    def __init__(self, status, sentence):
        super().__init__(sentence)
        self.status = status
