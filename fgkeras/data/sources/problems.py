"""What a source cannot use: all of it at once, counted by kind."""

import collections
import re

from fgkeras.data.sources.file_names import printable

WAY = (
    "Remove them, name what to ignore (--ignore GLOB, `ignore`), or leave out "
    "all that cannot be used (--skip-bad, `skip_bad`)."
)
# Names shown of a kind, and kinds shown in one message.
_NAMES, _KINDS = 3, 20
_LONGEST = 200


class Problems(list):
    """Pairs of a file and why it cannot be used, as a list.

    Args:
        pairs: Iterable of `(file, reason)`. Defaults to none.

    Example:

    >>> found = Problems([("a.mov", "films are not read")])
    >>> found.append(("b.mov", "films are not read"))
    >>> found.kinds()
    {'films are not read': ['a.mov', 'b.mov']}
    """

    def kinds(self):
        """Returns a dict of reason to its files; most frequent first.

        Reasons that differ only by the row of a table are of one kind.
        """
        files = collections.defaultdict(list)
        for file, reason in self:
            files[re.sub(r"^row \d+: ", "", reason)].append(file)
        return dict(sorted(files.items(), key=lambda item: -len(item[1])))

    def lines(self):
        """Returns a line for each kind: how many, why, and some of them."""
        kinds = self.kinds()
        lines = [
            f"{len(files)} x {reason}: "
            + ", ".join(map(_shown, files[:_NAMES]))
            + (", ..." if len(files) > _NAMES else "")
            for reason, files in list(kinds.items())[:_KINDS]
        ]
        if len(kinds) > _KINDS:
            lines.append(f"and {len(kinds) - _KINDS} kinds more")
        return lines

    def refuse(self, rule, *, expected=""):
        """Raises an error that lists all of them, if there is one.

        Args:
            rule: String, a sentence: what each file must be.
            expected: String, a sentence before the way out. Defaults to none.

        Raises:
            ValueError: If there is a problem.
        """
        if not self:
            return
        expected = f" {expected}" if expected else ""
        if len(self) == 1:
            file, reason = self[0]
            raise ValueError(
                f"{rule} Received: {_shown(file)}: {reason}.{expected} {WAY}"
            )
        raise ValueError(
            f"{rule} Received: {len(self)} that are not:\n"
            + "\n".join(f"  {line}" for line in self.lines())
            + f"\n{expected.lstrip()}{' ' if expected else ''}{WAY}"
        )


def _shown(file):
    """Returns a name on one line; the middle of a very long one is left out."""
    text = printable(file) or "''"
    if len(text) > _LONGEST:
        return f"{text[: _LONGEST // 2]}...{text[-_LONGEST // 2 :]}"
    return text
