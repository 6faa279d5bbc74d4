"""The page of a fair comparison of a metric method with no training."""

from fgkeras.report.canvas import percent_axis
from fgkeras.report.comparison.dot_chart import dot_chart
from fgkeras.report.measures.page import Section
from fgkeras.report.measures.page import Table
from fgkeras.report.measures.page import measure_page
from fgkeras.report.number import DASH
from fgkeras.report.number import interval
from fgkeras.report.number import percent

_NAMES = {
    "recall_at_1": "Recall@1",
    "r_precision": "R-precision",
    "map_at_r": "MAP@R",
    "nmi": "NMI",
    "f1": "F1 over pairs",
}


def reality_page(path, result, trials, title):
    """Writes a reality check as one offline HTML file.

    Args:
        path: path of the file to write; an old one is replaced as a whole.
        result: dict, what `fgkeras.jobs.reality_check` returns.
        trials: list of dicts, the options that were tried.
        title: str, such as the folder's name.

    Returns:
        pathlib.Path of the file.
    """
    dim = result["untrained"]["dim"]
    rows = {
        "Trained": result["separate"],
        "Trained, folds joined": result["concatenated"],
        "Features, untrained": _plain(result["untrained"]["features"]),
        f"PCA to {dim}, untrained": _plain(result["untrained"]["components"]),
    }
    blocks = [
        (text, [(kind, found[name]) for kind, found in rows.items()])
        for name, text in _NAMES.items()
    ]
    chart = dot_chart(
        "On classes that were not trained on",
        blocks,
        percent_axis(),
        label="Percent",
        columns=["Of", "Value", "95 % interval"],
        say=lambda entry: (
            percent(entry["value"]),
            interval(entry) or DASH,
        ),
        note="Whiskers: Student’s t over the repeats. They do not include the "
        "choice of the test images.",
    )
    numbers = Table(
        "Numbers",
        ["Measure", *rows],
        [
            [text, *(_cell(found[name]) for found in rows.values())]
            for name, text in _NAMES.items()
        ],
    )
    tried = Table(
        "Options tried",
        ["Options", "MAP@R on held-back classes"],
        [
            [_options(trial), percent(score)]
            for trial, score in zip(trials, result["validation"], strict=True)
        ],
        f"Tested: {_options(result['best_trial'])}.",
    )
    sections = [
        Section("results", "Results", figures=[chart], tables=[numbers]),
        Section("trials", "Choice", tables=[tried]),
        Section(
            "method",
            "Method",
            meanings=[
                (
                    "Choice",
                    "The training classes are cut into folds; each choice of "
                    "options trains without each of them and is scored on it.",
                ),
                (
                    "Trained",
                    "The best choice, trained anew with other seeds; the mean "
                    "over the models that leave out one fold each.",
                ),
                (
                    "Folds joined",
                    "The embeddings of these models side by side, as one.",
                ),
                (
                    "Untrained",
                    "The frozen features as they are, and their first "
                    "principal components on the training classes.",
                ),
            ],
        ),
    ]
    return measure_page(
        path,
        kind="Reality check",
        title=title,
        lead=f"{result['method']} beside no training",
        sections=sections,
        notes=below_untrained(result),
    )


def below_untrained(result):
    """What is said first where training gives less than doing nothing.

    Args:
        result: dict, what `fgkeras.jobs.reality_check` returns.

    Returns:
        List of sentences, empty where training is not below.
    """
    trained = result["separate"]["recall_at_1"]
    found = result["untrained"]
    names = {
        "features": "the features as they are",
        "components": f"their PCA to {found['dim']} numbers",
    }
    below = [
        f"{text} ({percent(found[kind]['recall_at_1'])})"
        for kind, text in names.items()
        if trained["high"] < found[kind]["recall_at_1"]
    ]
    if not below:
        return []
    return [
        f"{result['method']} retrieves less than without training: Recall@1 "
        f"{percent(trained['value'])}, below {' and '.join(below)}."
    ]


def _plain(scores):
    return {
        name: {"value": value, "low": None, "high": None}
        for name, value in scores.items()
    }


def _cell(entry):
    bounds = interval(entry)
    return percent(entry["value"]) + (f" ({bounds})" if bounds else "")


def _options(trial):
    return ", ".join(f"{name}={value}" for name, value in trial.items()) or DASH
