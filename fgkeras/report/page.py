"""One HTML file that needs nothing else, and cannot be half written."""

import base64
import hashlib
import importlib.resources
import pathlib

import jinja2
from markupsafe import Markup

from fgkeras.storage import whole_file


def render_page(template, **values):
    """Fills a template of this package.

    Values are escaped: a class name that looks like HTML is shown as it is
    written. The page's content security policy allows the package's own style
    and script by their hashes, pictures inside the page, and nothing else, so
    that nothing is ever requested.

    Args:
        template: str, file name in `templates/`.
        **values: what the template names.

    Returns:
        The page as bytes.
    """
    style, script = _read("style.css"), _read("script.js")
    policy = (
        "default-src 'none'; img-src data:; "
        f"style-src '{_hash(style)}'; script-src '{_hash(script)}'; "
        "base-uri 'none'; form-action 'none'"
    )
    text = (
        _environment()
        .get_template(template)
        .render(
            style=Markup(style), script=Markup(script), policy=policy, **values
        )
    )
    # Half a surrogate pair, as in a file name that is not UTF-8, has no bytes.
    return text.encode("utf-8", "replace")


def render_part(template, **values):
    """Fills a template that is a part of a page.

    Args:
        template: str, file name in `templates/`.
        **values: what the template names; escaped as in `render_page`.

    Returns:
        Markup, that `render_page` takes as a value without escaping it again.
    """
    return Markup(_environment().get_template(template).render(**values))


def write_page(path, data):
    """Writes a file whole or not at all.

    Args:
        path: path of the file; its folder is made.
        data: bytes.

    Returns:
        pathlib.Path.
    """
    path = pathlib.Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole_file(path, size=len(data)) as file:
        file.write(data)
    return path


def _environment():
    return jinja2.Environment(
        loader=jinja2.FunctionLoader(_read),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _read(name):
    folder = importlib.resources.files("fgkeras.report") / "templates"
    return (folder / name).read_text("utf-8")


def _hash(text):
    digest = hashlib.sha256(text.encode("utf-8")).digest()
    return f"sha256-{base64.b64encode(digest).decode('ascii')}"
