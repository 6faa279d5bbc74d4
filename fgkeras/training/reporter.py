"""Who is told how far a job is: the person at the terminal, or nobody."""

import contextlib

import keras
import rich.console
import rich.markup
import rich.progress


def plain_console():
    """Returns the console of what is said: names of files are no markup."""
    return rich.console.Console(stderr=True, markup=False, emoji=False)


class Reporter:
    """Says nothing; where a job runs without a person.

    A reporter of your own has these methods.
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

    On a terminal a bar is one live line; otherwise nothing is drawn until the
    end, when one line states the title and the count.
    """

    @contextlib.contextmanager
    def bar(self, title, total=None):
        console = plain_console()
        if not console.is_terminal:
            last = [0, total]

            def note(done, total=None):
                last[:] = [done, total or last[1]]

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

    def on_epoch_begin(self, epoch, logs=None):
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
