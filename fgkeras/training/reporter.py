"""Who is told how far a job is: the person at the terminal, or nobody."""

import contextlib
import time

import keras
import rich.console
import rich.markup
import rich.progress


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
        return [EpochLines(title, epochs, every)]


class EpochLines(keras.callbacks.Callback):
    """Prints one line per epoch, and a live bar of steps on a terminal.

    Without a terminal a line every half a minute says how fast it goes and
    what time is left for all epochs.

    Args:
        title: String put before each line.
        epochs: Int, the total number of epochs.
        every: Int, print each `every`-th epoch and the last. Defaults to `1`.
    """

    def __init__(self, title, epochs, every=1):
        super().__init__()
        self.title = title
        self.epochs = epochs
        self.every = every
        self.console = plain_console()
        self.bar = None
        self.pace, self.epoch, self.step = Pace("steps"), 0, 0
        self.known = False

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch, self.step = epoch, 0
        if self.console.is_terminal and self.every == 1:
            self.bar = rich.progress.Progress(
                transient=True, console=self.console
            )
            total = self.params.get("steps")
            self.task = self.bar.add_task(
                rich.markup.escape(
                    f"{self.title} epoch {epoch + 1}/{self.epochs}"
                ),
                total=total,
            )
            self.bar.start()

    def on_train_batch_end(self, batch, logs=None):
        if self.bar:
            self.bar.advance(self.task)
        self.step += 1
        steps = self.params.get("steps")
        if self.console.is_terminal or not steps:
            return
        done = self.epoch * steps + self.step
        if not self.known:
            # The first step compiles, which says nothing of the pace.
            self.known = True
            self.pace.start(done)
        words = self.pace.line(done, self.epochs * steps)
        if words:
            place = f"epoch {self.epoch + 1}/{self.epochs}"
            self.console.print(
                f"{self.title} {place}  step {words}",
                highlight=False,
                soft_wrap=True,
            )

    def on_epoch_end(self, epoch, logs=None):
        if self.bar:
            self.bar.stop()
            self.bar = None
        if (epoch + 1) % self.every and epoch + 1 != self.epochs:
            return
        numbers = "  ".join(f"{k} {v:.4g}" for k, v in (logs or {}).items())
        self.console.print(
            f"{self.title} epoch {epoch + 1}/{self.epochs}  {numbers}",
            highlight=False,
            soft_wrap=True,
        )


CONSOLE, SILENT = Console(), Reporter()
