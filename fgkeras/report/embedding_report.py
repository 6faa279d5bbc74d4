"""The report of an embedding tested on classes it was not trained on."""

from fgkeras.report.curves import training_curves
from fgkeras.report.page import render_page
from fgkeras.report.page import write_page
from fgkeras.report.rows import flat_options


def embedding_report(
    path, *, title, config, environment, history, sections, tested, notes=()
):
    """Writes what retrieval and clustering say of a run, as one HTML file.

    Use it where there is no accuracy: the classes of the images are others
    than those of the model.

    Args:
        path: path of the file to write; an old one is replaced as a whole.
        title: str, such as the run's name.
        config: dict, nested or not, the resolved options of the run.
        environment: dict, versions and machine.
        history: list of dicts, one per epoch; may be empty.
        sections: Markup from `retrieval_sections`.
        tested: str, which images these are.
        notes: sequence of str, shown at the top.

    Returns:
        pathlib.Path of the file.

    Example:

    >>> from fgkeras.report import retrieval_sections
    >>> sections = retrieval_sections(
    ...     [[0.0, 1.0], [0.1, 1.0], [1.0, 0.0], [1.0, 0.2]], [0, 0, 1, 1],
    ...     class_names=["elm", "oak"], thumbnail=lambda i: None,
    ... )
    >>> path = embedding_report(
    ...     "embedding.html", title="Trees", config={"seed": 0}, environment={},
    ...     history=[], sections=sections, tested="4 images of 2 new classes",
    ... )
    >>> "4 images of 2 new classes" in path.read_text("utf-8")
    True
    """
    data = render_page(
        "embedding.html",
        title=str(title),
        tested=str(tested),
        notes=[str(note) for note in notes],
        sections=sections,
        curves=training_curves(history),
        config=list(flat_options(config)),
        environment=list(flat_options(environment)),
    )
    return write_page(path, data)
