"""Sources of images, and cuts of them."""

from fgkeras.registry import Entry
from fgkeras.registry import Registry

# Kind of a source -> the class whose `from_spec` opens what follows the colon.
# Facts: `form` and `meaning`, as they are listed; `path`, whether it is one;
# `options`, those of `PATH?NAME=VALUE`; `path_options`, those of
# `?NAME=VALUE` that are paths; `ending` of a file, or file `inside` of a
# folder, by which a bare path is known for one of the kind.
SOURCES = Registry(
    "source",
    {
        "folder": Entry(
            "fgkeras.data.sources.folder:FolderSource",
            facts={
                "form": "PATH",
                "meaning": "`CLASS/*.jpg` or `{train,val,test}/CLASS/*.jpg`",
                "path": True,
                "inside": "",
            },
        ),
        "zip": Entry(
            "fgkeras.data.sources.zip:ZipSource",
            facts={
                "form": "PATH",
                "meaning": "the same inside a zip file, read in place",
                "path": True,
                "ending": ".zip",
            },
        ),
        "csv": Entry(
            "fgkeras.data.sources.csv:CsvSource",
            facts={
                "form": "PATH",
                "meaning": "a list `path,label[,split]` and other columns",
                "path": True,
                "options": ("path", "label", "split"),
                "ending": ".csv",
            },
        ),
        "tfds": Entry(
            "fgkeras.data.sources.tfds:TfdsSource",
            facts={
                "form": "NAME[:VERSION][?data_dir=DIR]",
                "meaning": "a set of `tensorflow_datasets`",
                "path_options": ("data_dir",),
            },
        ),
        "records": Entry(
            "fgkeras.data.records.source:RecordsSource",
            facts={
                "form": "PATH",
                "meaning": "converted TFRecord shards",
                "path": True,
                "inside": "manifest.json",
            },
        ),
        "flora": Entry(
            "fgkeras.data.flora.source:FloraSource",
            facts={
                "form": "OPTIONS",
                "meaning": "synthetic flowers, such as `flora:species=40`",
            },
        ),
        "images": Entry(
            "fgkeras.data.sources.images:ImagesSource",
            facts={
                "form": "PATH",
                "meaning": "pictures without classes, at any depth",
                "path": True,
            },
        ),
    },
)

# Kind of a cut -> a function of a source and what follows the colon. Facts:
# `arguments`, their names and types in order; the first must be given.
CUTS = Registry(
    "cut",
    {
        "exponential": Entry(
            "fgkeras.data.cuts.exponential:exponential_cut",
            facts={"arguments": {"imbalance": float, "max_count": int}},
        ),
        "pareto": Entry(
            "fgkeras.data.cuts.pareto:pareto_cut",
            facts={
                "arguments": {
                    "alpha": float,
                    "min_count": int,
                    "max_count": int,
                }
            },
        ),
        "cap": Entry(
            "fgkeras.data.cuts.cap:cap_cut", facts={"arguments": {"cap": int}}
        ),
        "ids": Entry(
            "fgkeras.data.cuts.ids:ids_cut", facts={"arguments": {"file": str}}
        ),
    },
)
