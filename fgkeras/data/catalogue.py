"""Public fine-grained and long-tailed sets: sizes, terms, how to open them."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Entry:
    """What is known about a public set.

    Args:
        name: String, the key in `CATALOGUE`.
        title: String, its usual name.
        what: String, what the images show.
        num_classes: Integer.
        splits: Dict of split name to number of images. Splits without public
            labels are left out.
        reference: String, the publication.
        terms: String, terms of use as its authors state them, shortened; they
            bind, not this line.
        get: String, how to get it.
        spec: String, an example for `fgkeras.data.open`.
        tfds: String, name in `tensorflow_datasets`, or `None`.
        note: String, what to know before comparing numbers.
    """

    name: str
    title: str
    what: str
    num_classes: int
    splits: dict
    reference: str
    terms: str
    get: str
    spec: str
    tfds: str | None = None
    note: str = ""


_BY_TFDS = "`tensorflow_datasets` downloads it."
_BY_HAND = (
    "Too large to keep in memory. Download it from its authors, lay it out as "
    "train/CLASS/*.jpg and val/CLASS/*.jpg, convert it to records."
)
_NON_COMMERCIAL = "Non-commercial research and education only."
_NO_TERMS = "None stated by its authors; treat as research only."

_ENTRIES = (
    Entry(
        "cub200_2011",
        "CUB-200-2011",
        "birds, photographs, with boxes",
        200,
        {"train": 5994, "test": 5794},
        "Wah et al., The Caltech-UCSD Birds-200-2011 Dataset, CNS-TR-2011-001",
        _NON_COMMERCIAL,
        _BY_TFDS,
        "tfds:caltech_birds2011",
        "caltech_birds2011",
        "Its images overlap with ImageNet, as its authors warn. Retrieval on "
        "unseen classes: the first 100 classes against the last 100.",
    ),
    Entry(
        "nabirds",
        "NABirds",
        "North American birds, by species, sex, age and plumage",
        555,
        {"train": 23929, "test": 24633},
        "Van Horn et al., Building a bird recognition app and large scale "
        "dataset with citizen scientists, CVPR 2015",
        _NON_COMMERCIAL + " To be agreed to before the download.",
        "Ask for it at the Cornell Lab of Ornithology; lay its files out as "
        "train/CLASS/*.jpg and test/CLASS/*.jpg by train_test_split.txt.",
        "folder:nabirds",
    ),
    Entry(
        "fgvc_aircraft",
        "FGVC-Aircraft (2013b)",
        "aircraft, by variant",
        100,
        {"train": 3334, "val": 3333, "test": 3333},
        "Maji et al., Fine-grained visual classification of aircraft, "
        "arXiv:1306.5151",
        "Non-commercial research only; photographers keep their rights.",
        "Download it from the Visual Geometry Group, Oxford; lay it out as "
        "{train,val,test}/CLASS/*.jpg. Cut the 20-pixel banner at the bottom.",
        "folder:fgvc_aircraft",
        note="Papers usually train on train and val together (6,667).",
    ),
    Entry(
        "oxford_flowers102",
        "Oxford Flowers 102",
        "flowers",
        102,
        {"train": 1020, "val": 1020, "test": 6149},
        "Nilsback and Zisserman, Automated flower classification over a large "
        "number of classes, ICVGIP 2008",
        _NO_TERMS,
        _BY_TFDS,
        "tfds:oxford_flowers102",
        "oxford_flowers102",
        "Papers usually train on train and val together (2,040).",
    ),
    Entry(
        "food101",
        "Food-101",
        "dishes; training labels are noisy on purpose",
        101,
        {"train": 75750, "val": 25250},
        "Bossard et al., Food-101: mining discriminative components with "
        "random forests, ECCV 2014",
        "Scientific fair use; the pictures are not its authors' property.",
        _BY_TFDS + " It needs about 5 GiB of memory; convert it once.",
        "tfds:food101?max_gib=6",
        "food101",
        "What `tensorflow_datasets` calls validation is the test set.",
    ),
    Entry(
        "cars196",
        "Stanford Cars",
        "cars, by make, model and year, with boxes",
        196,
        {"train": 8144, "test": 8041},
        "Krause et al., 3D object representations for fine-grained "
        "categorization, 3dRR 2013",
        _NON_COMMERCIAL,
        _BY_TFDS,
        "tfds:cars196",
        "cars196",
        "Retrieval on unseen classes: the first 98 classes against the last "
        "98. Its authors' server has been down: the download may fail.",
    ),
    Entry(
        "stanford_dogs",
        "Stanford Dogs",
        "dog breeds, from ImageNet, with boxes",
        120,
        {"train": 12000, "test": 8580},
        "Khosla et al., Novel dataset for fine-grained image categorization, "
        "FGVC workshop, CVPR 2011",
        "Those of ImageNet, whose images it uses.",
        _BY_TFDS,
        "tfds:stanford_dogs",
        "stanford_dogs",
        "Its images are part of ImageNet: an ImageNet extractor has seen them.",
    ),
    Entry(
        "inat2017",
        "iNaturalist 2017",
        "species of plants, animals and fungi, long-tailed",
        5089,
        {"train": 579184, "val": 95986},
        "Van Horn et al., The iNaturalist species classification and detection "
        "dataset, CVPR 2018",
        _NON_COMMERCIAL + " Photographers keep their rights.",
        _BY_HAND,
        "records:inat2017",
        "i_naturalist2017",
        "The transfer paper (Cui et al., CVPR 2018) trains on train and nine "
        "tenths of val (665,473) and tests on the rest (9,697).",
    ),
    Entry(
        "inat2018",
        "iNaturalist 2018",
        "species of plants, animals and fungi, long-tailed",
        8142,
        {"train": 437513, "val": 24426},
        "iNaturalist 2018 competition, FGVC5 workshop, CVPR 2018",
        _NON_COMMERCIAL + " Photographers keep their rights.",
        _BY_HAND,
        "records:inat2018",
        "i_naturalist2018",
    ),
    Entry(
        "imagenet2012",
        "ImageNet (ILSVRC 2012)",
        "objects and animals",
        1000,
        {"train": 1281167, "val": 50000},
        "Russakovsky et al., ImageNet large scale visual recognition "
        "challenge, IJCV 2015",
        _NON_COMMERCIAL + " To be agreed to before the download.",
        _BY_HAND,
        "records:imagenet2012",
        "imagenet2012",
    ),
    Entry(
        "cifar10",
        "CIFAR-10",
        "small pictures of objects and animals, 32 x 32",
        10,
        {"train": 50000, "test": 10000},
        "Krizhevsky, Learning multiple layers of features from tiny images, "
        "2009",
        _NO_TERMS,
        _BY_TFDS,
        "tfds:cifar10",
        "cifar10",
    ),
    Entry(
        "cifar100",
        "CIFAR-100",
        "small pictures of objects and animals, 32 x 32, 20 superclasses",
        100,
        {"train": 50000, "test": 10000},
        "Krizhevsky, Learning multiple layers of features from tiny images, "
        "2009",
        _NO_TERMS,
        _BY_TFDS,
        "tfds:cifar100",
        "cifar100",
        "Ten pictures occur in both splits.",
    ),
    Entry(
        "sop",
        "Stanford Online Products",
        "products from sale offers; train and test classes are disjoint",
        22634,
        {"train": 59551, "test": 60502},
        "Song et al., Deep metric learning via lifted structured feature "
        "embedding, CVPR 2016",
        _NO_TERMS,
        _BY_TFDS,
        "tfds:stanford_online_products",
        "stanford_online_products",
        "11,318 classes to train, 11,316 others to test retrieval.",
    ),
    Entry(
        "omniglot",
        "Omniglot",
        "handwritten characters of 50 alphabets; train and test classes are "
        "disjoint",
        1623,
        {"train": 19280, "test": 13180},
        "Lake et al., Human-level concept learning through probabilistic "
        "program induction, Science 2015",
        "MIT licence.",
        _BY_TFDS,
        "tfds:omniglot",
        "omniglot",
        "964 classes to train, 659 others to test; 20 drawings of each.",
    ),
)

CATALOGUE = {entry.name: entry for entry in _ENTRIES}
CATALOGUE["cub"] = CATALOGUE["cub200_2011"]


def describe_entry(name):
    """Returns some lines of text about a public set.

    Args:
        name: String, a key of `CATALOGUE`.

    Returns:
        String of several lines.

    Raises:
        ValueError: if there is no such entry.

    Example:

    >>> print(describe_entry("cub").splitlines()[0])
    CUB-200-2011 (cub200_2011): birds, photographs, with boxes
    """
    if name not in CATALOGUE:
        raise ValueError(
            f"`name` must be one of {', '.join(sorted(CATALOGUE))}. "
            f"Received: name={name!r}."
        )
    entry = CATALOGUE[name]
    sizes = ", ".join(f"{k} {v:,}" for k, v in entry.splits.items())
    lines = [
        f"{entry.title} ({entry.name}): {entry.what}",
        f"  classes:   {entry.num_classes:,}",
        f"  images:    {sizes}",
        f"  reference: {entry.reference}",
        f"  terms:     {entry.terms}",
        f"  get:       {entry.get}",
        f"  open:      {entry.spec}",
    ]
    if entry.note:
        lines.append(f"  note:      {entry.note}")
    return "\n".join(lines)
