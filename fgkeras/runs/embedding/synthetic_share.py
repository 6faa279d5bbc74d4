"""How much HDML trains on synthetic tuples, and whether it does at all."""

import keras

KEY = "synthetic_share"
LEAST = 0.1


class ShareWarning(keras.callbacks.Callback):
    """Says once that synthetic tuples hardly count, as soon as an epoch ends.

    The mean of J_gen is that of a block of steps: of epochs that begin before
    the first block is full it says nothing.

    Args:
        say: Function of a string, who is told.
        beta: What `beta` is, a number or `"scaled"`.
        block: Int, steps of a block.
    """

    def __init__(self, say, beta, block):
        super().__init__()
        self.say, self.beta, self.block = say, beta, block
        self.said = False

    def on_epoch_end(self, epoch, logs=None):
        share = (logs or {}).get(KEY)
        early = epoch * (self.params.get("steps") or 0) < self.block
        if share is None or share >= LEAST or self.said or early:
            return
        self.said = True
        self.say(f"After epoch {epoch + 1}: {share_text(share, self.beta)}")


def share_of(history, beta):
    """Returns what metrics say of synthetic tuples, a dict, or `None`.

    Args:
        history: List of dicts, one per epoch.
        beta: What `beta` is, a number or `"scaled"`.
    """
    shares = [float(row[KEY]) for row in history if row.get(KEY) is not None]
    if not shares:
        return None
    return {"last": shares[-1], "most": max(shares), "beta": beta}


def share_notes(found):
    """Returns what a report says of synthetic tuples, a list of strings.

    Args:
        found: What `share_of` returned.

    Example:
    >>> share_notes({"last": 0.25, "most": 0.3, "beta": "scaled"})
    ['Synthetic tuples weighed 25.0 % in the last epoch (beta=scaled).']
    """
    if not found:
        return []
    if found["last"] < LEAST:
        return [share_text(found["last"], found["beta"])]
    return [
        f"Synthetic tuples weighed {100 * found['last']:.1f} % in the last "
        f"epoch (beta={found['beta']})."
    ]


def share_text(share, beta):
    """Returns what a low share means and what may be done, a string."""
    text = (
        f"Synthetic tuples weigh {100 * share:.1f} % (1 - exp(-beta / J_gen), "
        f"beta={beta}), less than {100 * LEAST:.0f} %: HDML trains nearly as "
        "its metric loss alone. "
    )
    if beta == "scaled":
        return text + (
            "The generator does not rebuild the features yet: train longer, "
            "or give a larger beta (--set method.options=beta=1e5)."
        )
    return text + (
        "The published beta of 1e4 belongs to a J_gen summed over 1,024 "
        "features: --set method.options=beta=scaled fits it to the features "
        "and the batch in use."
    )
