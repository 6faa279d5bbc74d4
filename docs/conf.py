"""Sphinx: pages written by hand, and pages that are made of the code."""

import pathlib
import sys

HERE = pathlib.Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

project = "fgkeras"
author = "the fgkeras authors"
extensions = ["myst_parser"]
myst_enable_extensions = ["deflist"]
myst_heading_anchors = 3
html_theme = "furo"
html_title = "fgkeras"
html_static_path = ["static"]
html_css_files = ["style.css"]
html_copy_source = False
html_show_sphinx = False
html_show_copyright = False
smartquotes = False
# Signatures of more than a line have an argument on each.
maximum_signature_line_length = 72
# Names of packages are long; their own part says enough.
toc_object_entries_show_parents = "hide"


def setup(app):
    """Writes the pages of the code before anything is read."""
    app.connect("builder-inited", write_pages)


def write_pages(app):
    import api
    import reference

    pages = {
        "options": reference.options_page(),
        "verbs": reference.verbs_page(),
        **{f"api/{name}": api.page(name) for name in api.packages()},
    }
    folder = HERE / "generated"
    for name, text in pages.items():
        path = folder / f"{name}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        # A page that is as it was is not built again.
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
    known = {folder / f"{name}.md" for name in pages}
    for path in set(folder.rglob("*.md")) - known:
        path.unlink()
