"""Lines of a training, epoch by epoch, on a terminal or in a log."""

import keras
import rich.markup
import rich.progress

from fgkeras.training.pace import Pace
from fgkeras.training.pace import plain_console


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
