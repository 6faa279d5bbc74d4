"""Docstrings as Markdown.

They are Markdown but for their sections: `Args:` and the like become lists,
examples become code.
"""

import inspect
import re

_SECTION = re.compile(
    r"(Args|Attributes|Call arguments|Returns|Yields|Raises|Input shape"
    r"|Output shape|Note|Examples?|References?):$"
)
_ENTRY = re.compile(r"(\*{0,2}\w[\w, *.]*|`[^`]+`): (.*)", re.DOTALL)
_LISTS = ("Args", "Attributes", "Call arguments", "Raises")


def markdown(text):
    """Returns a docstring as Markdown.

    >>> print(markdown("Adds.\\n\\nArgs:\\n    a: Int.\\n        Not 0."))
    Adds.
    <BLANKLINE>
    **Args**
    <BLANKLINE>
    - `a`: Int. Not 0.
    """
    blocks, title = [], None
    for lines in _sections(inspect.cleandoc(text).splitlines()):
        found = _SECTION.match(lines[0]) if lines else None
        if found:
            title, lines = found[1], lines[1:]
            blocks.append(f"**{title}**")
            body = inspect.cleandoc("\n" + "\n".join(lines))
            blocks.append(_listed(body) if title in _LISTS else _code(body))
        else:
            blocks.append(_code("\n".join(lines)))
    return "\n\n".join(block.strip("\n") for block in blocks if block.strip())


def _sections(lines):
    """Yields the lines of the text before the sections, then of each."""
    part = []
    for line in lines:
        if _SECTION.match(line):
            yield part
            part = []
        part.append(line)
    yield part


def _listed(body):
    """`name: text`, with deeper lines that go on, as a list."""
    out = []
    for entry in re.split(r"\n(?=\S)", body):
        entry = re.sub(r"\n +", " ", entry.strip())
        found = _ENTRY.fullmatch(entry)
        if found:
            name = found[1].strip("`")
            entry = f"`{name}`: {found[2]}"
        out.append(f"- {entry}")
    return "\n".join(out)


def _code(text):
    """Fences examples, each up to the next empty line."""
    out, inside = [], False
    for line in text.splitlines():
        if line.startswith(">>>") and not inside:
            inside = True
            out += ["", "```pycon"]
        if inside and not line.strip():
            inside = False
            out.append("```")
        out.append(line)
    return "\n".join([*out, "```"] if inside else out)
