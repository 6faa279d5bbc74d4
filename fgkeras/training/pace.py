"""How fast work goes on, and the console that it is said on."""

import time

import rich.console


def plain_console():
    """Returns the console of what is said: names of files are no markup."""
    return rich.console.Console(stderr=True, markup=False, emoji=False)


# Without a terminal a line comes at least as often, in seconds.
_OFTEN = 30.0


class Pace:
    """How fast work goes on, said now and then.

    Args:
        unit: String, what is counted, such as `"steps"`; may be empty.
            Defaults to `""`.
    """

    def __init__(self, unit=""):
        self.unit = f" {unit}" if unit else ""
        self.began = self.said = time.monotonic()
        self.first = 0

    def start(self, done):
        """Begins to count from what was done before."""
        self.first = done
        self.began = self.said = time.monotonic()

    def line(self, done, total):
        """Returns words once they are due, else `None`.

        Args:
            done: Int, of `total`.
            total: Int, or `None` if nobody knows.
        """
        now = time.monotonic()
        if now - self.said < _OFTEN or done <= self.first:
            return None
        self.said = now
        rate = (done - self.first) / (now - self.began)
        words = f"{done}{f' of {total}' if total else ''}"
        words += f", {rate:.3g}{self.unit} a second"
        if total:
            words += f", {_in_minutes((total - done) / rate)} left"
        return words


def _in_minutes(seconds):
    """A time as minutes and seconds.

    >>> _in_minutes(65.2), _in_minutes(3700)
    ('1:05', '1:01:40')
    """
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours}:{minutes:02}:{seconds:02}"
    return f"{minutes}:{seconds:02}"
