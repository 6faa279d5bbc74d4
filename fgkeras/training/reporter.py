"""Who is told how far a job is: the person at the terminal, or nobody."""

import contextlib

import rich.progress

from fgkeras.training.pace import Pace
from fgkeras.training.pace import plain_console


class Reporter:
    """Says nothing; where a job runs without a person.

    A reporter of your own has these methods.

    Example:

    >>> class Lines(Reporter):
    ...     def say(self, text):
    ...         print("-", text)
    >>> reporter = Lines()
    >>> with reporter.bar("reading", total=2) as progress:
    ...     progress(1, 2)
    >>> reporter.say("2 images were left out.")
    - 2 images were left out.
    """

    @contextlib.contextmanager
    def bar(self, title, total=None):
        """Yields a callable of `(done, total)`, told as the work goes on.

        Args:
            title: String.
            total: Int or `None`.
        """
        del title, total
        yield lambda done, total=None: None

    def say(self, text):
        """Says a sentence."""

    def epochs(self, title, epochs, every=1):
        """Returns Keras callbacks that tell of a training, a list.

        Args:
            title: String.
            epochs: Int, the total number of epochs.
            every: Int, each how many epochs, and the last. Defaults to `1`.
        """
        del title, epochs, every
        return []


class Console(Reporter):
    """Tells a person: bars and lines on standard error.

    On a terminal a bar is one live line; otherwise a line every half a minute
    says how far it is, how fast it goes and what time is left, and one at the
    end the title and the count.
    """

    @contextlib.contextmanager
    def bar(self, title, total=None):
        console = plain_console()
        if not console.is_terminal:
            last, pace = [0, total], Pace()

            def note(done, total=None):
                last[:] = [done, total or last[1]]
                words = pace.line(*last)
                if words and done != last[1]:
                    console.print(f"{title}: {words}", highlight=False)

            yield note
            if last[0]:
                line = f"{title}: {last[0]} of {last[1]}"
                console.print(line, highlight=False)
            return
        columns = (
            rich.progress.TextColumn("{task.description}", markup=False),
            rich.progress.BarColumn(),
            rich.progress.MofNCompleteColumn(),
            rich.progress.TimeRemainingColumn(),
        )
        with rich.progress.Progress(*columns, console=console) as bar:
            task = bar.add_task(title, total=total)
            yield lambda done, total=None: bar.update(
                task, completed=done, **({"total": total} if total else {})
            )

    def say(self, text):
        console = plain_console()
        console.print(text, highlight=False, soft_wrap=True)

    def epochs(self, title, epochs, every=1):
        # Here, since who shows a bar needs no framework.
        from fgkeras.training.callbacks.epoch_lines import EpochLines

        return [EpochLines(title, epochs, every)]


CONSOLE, SILENT = Console(), Reporter()
