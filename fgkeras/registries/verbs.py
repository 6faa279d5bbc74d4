"""Verbs of the command line."""

from fgkeras.registry import Entry
from fgkeras.registry import Fact
from fgkeras.registry import Registry

# Name -> the function that adds the verb's options to its parser, and as `run`
# what it does; the text of its module is what `--help` says.
# help: a few words for the list of verbs.
# light: whether it does without a framework.
VERBS = Registry(
    "verb",
    {
        "demo": Entry(
            "fgkeras.cli.demo:add_arguments",
            (),
            {"help": "train, evaluate, report and export on built-in images"},
        ),
        "train": Entry(
            "fgkeras.cli.train:add_arguments",
            (),
            {"help": "train a classifier on your images"},
        ),
        "tune": Entry(
            "fgkeras.cli.tune:add_arguments",
            (),
            {"help": "try options, choose on validation images, test the best"},
        ),
        "evaluate": Entry(
            "fgkeras.cli.evaluate:add_arguments",
            (),
            {"help": "evaluate a run and write its report"},
        ),
        "compare": Entry(
            "fgkeras.cli.compare:add_arguments",
            (),
            {"help": "compare runs on the test images that they share"},
        ),
        "export": Entry(
            "fgkeras.cli.export:add_arguments",
            (),
            {"help": "write a run as a SavedModel or for LiteRT"},
        ),
        "serve": Entry(
            "fgkeras.cli.serving.serve:add_arguments",
            (),
            {"help": "answer over HTTP for a run or an export"},
        ),
        "predict": Entry(
            "fgkeras.cli.predict:add_arguments",
            (),
            {"help": "classify image files with a run or a SavedModel"},
        ),
        "retrieve": Entry(
            "fgkeras.cli.retrieve:add_arguments",
            (),
            {"help": "show the images nearest to query images"},
        ),
        "granularity": Entry(
            "fgkeras.cli.granularity:add_arguments",
            (),
            {"help": "measure how fine-grained a set is"},
        ),
        "similarity": Entry(
            "fgkeras.cli.similarity:add_arguments",
            (),
            {"help": "measure how near sets are to each other"},
        ),
        "audit": Entry(
            "fgkeras.cli.audit:add_arguments",
            (),
            {"help": "look at a set before training: faults, hardness, recipe"},
        ),
        "reality-check": Entry(
            "fgkeras.cli.reality_check:add_arguments",
            (),
            {"help": "compare a metric loss fairly, on unseen classes"},
        ),
        "bootstrap": Entry(
            "fgkeras.cli.bootstrap:add_arguments",
            (),
            {
                "help": "grow a set: a model proposes, people decide",
                # Its verbs see to that by themselves.
                "light": True,
            },
        ),
        "data": Entry(
            "fgkeras.cli.data:add_arguments",
            (),
            {"help": "look at, convert and verify image sets", "light": True},
        ),
        "backbones": Entry(
            "fgkeras.cli.backbones:add_arguments",
            (),
            {"help": "list the bodies that a run can have", "light": True},
        ),
        "cache": Entry(
            "fgkeras.cli.cache:add_arguments",
            (),
            {
                "help": "show what is kept to be fast, and make room",
                "light": True,
            },
        ),
    },
    options=(),
    facts={"help": Fact(""), "light": Fact(False, (True, False))},
)
