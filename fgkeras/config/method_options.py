"""Options of `method`: what an embedding is trained by."""

from fgkeras.config import when
from fgkeras.config.kinds import Choice
from fgkeras.config.kinds import Float
from fgkeras.config.kinds import Int
from fgkeras.config.kinds import ListOf
from fgkeras.config.kinds import OneOf
from fgkeras.config.kinds import Spec
from fgkeras.config.kinds import Text
from fgkeras.config.option import AUTO
from fgkeras.config.option import Option
from fgkeras.registries import METHODS

_HDML = when.of_kinds("hdml", words="by hdml-triplet and hdml-npair")

METHOD = {
    "name": Option(
        Choice(METHODS),
        "softmax",
        "softmax (a head, by --loss); ncm or knn (nearest class mean or "
        "neighbours, no training); or an embedding by its loss",
        "",
        "--method",
    ),
    "options": Option(
        Text(None, "margin=0.1,nearest=0.4"),
        "",
        "of its loss, sampling or head",
        "",
        "",
        when.OPTIONED,
    ),
    "dim": Option(
        Int(1),
        AUTO,
        "numbers of an embedding; auto: 512 where it starts at principal "
        "components, else 64; 128 per level of hdc",
        "",
        "--dim",
        when.EMBEDDING,
    ),
    "start": Option(
        Choice(("pca", "random")),
        AUTO,
        "first weights of an embedding: principal components of the training "
        "features, or random; auto: pca of a frozen or pretrained body",
        "",
        "",
        when.EMBEDDING,
    ),
    "images_per_class": Option(
        OneOf((Choice(("none",)), Int(1))),
        AUTO,
        "K of a batch of P x K; auto: the method's own",
        "images",
        "",
        when.of_kinds(
            "batch",
            "proxy",
            "hdml",
            "dvml",
            words="by an embedding that draws batches",
        ),
    ),
    "positives": Option(
        Text(None, "class, parent, graded or a column of classes.csv"),
        "class",
        "whose images are positives of each other: those of a class, of a "
        "parent (the finest column, or one by name), or all that have a level "
        "in common, counted by how many",
        "",
        "",
        when.PAIRED,
    ),
    "memory": Option(
        Int(0, 16384),
        0,
        "rows of earlier batches that each batch is compared with too; 0: none",
        "images",
        "",
        when.PAIRED,
    ),
    "triplets": Option(Int(1), 50, "per step", "triplets", "", when.LISTED),
    "resample_steps": Option(
        OneOf((Choice(("pass",)), Int(1))),
        "pass",
        "between two draws; pass: over the images, 1000 at most",
        "steps",
        "",
        when.LISTED,
    ),
    "omega": Option(
        Float(0, 1),
        0.1,
        "share of the triplet loss",
        "share",
        "",
        when.of_kinds("joint", words="by triplet-a and triplet-hn-a"),
    ),
    "anchors": Option(Int(1), 3, "per class", "", "", when.EMBEDDING),
    "gamma": Option(
        Float(0, None, "low"),
        5.0,
        "of the anchors' soft vote",
        "",
        "",
        when.EMBEDDING,
    ),
    "rejected": Option(
        Spec(),
        "",
        "source of images that people rejected from their class",
        "",
        "",
        when.LISTED,
    ),
    "levels": Option(
        ListOf(Text(None, "layer")),
        [],
        "inner layers that hdc embeds; none named: ends of three strides",
        "",
        "",
        when.CASCADED,
    ),
    "proxy_rate": Option(
        Float(0, None, "low"),
        10.0,
        "learning rate of the proxies, times the other",
        "",
        "",
        when.of_kinds("proxy", words="by a method with proxies"),
    ),
    "generator_rate": Option(
        Float(0, None, "low"), 1e-2, "rate of HDML's generator", "", "", _HDML
    ),
    "classifier_rate": Option(
        Float(0, None, "low"), 1e-3, "of its classifier", "", "", _HDML
    ),
    "body_rate": Option(
        Float(0, None, "low"),
        1.0,
        "learning rate of the body, times the other",
        "",
        "",
        when.EMBEDDING & when.FINETUNED,
    ),
}
