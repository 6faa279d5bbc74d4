"""Invented flower species: genera that differ much, species that do not."""

import dataclasses

import numpy as np

# fmt: off
_PREFIXES = (
    "Ros", "Cal", "Mel", "Vir", "Ast", "Lin", "Cor", "Prim", "Gal", "Sal",
    "Fil", "Ner", "Oph", "Thal", "Er", "Bel", "Dor", "Lam", "Pul", "Sil",
    "Vel", "Zin", "Hel", "Ang", "Myr", "Tar", "Quen", "Ul", "Xan", "Pas",
)
_SUFFIXES = (
    "aria", "andra", "issa", "orella", "inia", "ethia", "uvia", "idora",
    "umbra", "enda",
)
_EPITHETS = (
    "montana", "silvestris", "gracilis", "elegans", "robusta", "humilis",
    "arvensis", "palustris", "maritima", "alpina", "vernalis",
    "autumnalis", "borealis", "australis", "orientalis", "occidentalis",
    "hirsuta", "glabra", "nitida", "pallida", "venusta", "speciosa",
    "modesta", "fragilis", "rigida", "nutans", "erecta", "repens",
    "scandens", "media", "major", "minor", "ambigua", "affinis",
    "similis", "fallax", "communis", "rara", "insignis", "nobilis",
    "pratensis", "rupestris", "campestris", "nemorosa", "riparia",
    "saxatilis", "littoralis", "hortensis", "peregrina", "dubia",
    "mirabilis", "formosa", "amoena", "jucunda", "decora", "ornata",
    "simplex", "composita",
)
# fmt: on

CENTRES = ("disc", "stamens", "trumpet", "eye")
PATTERNS = ("plain", "veined", "margin", "blotch", "spots", "tipped")
# Petal profile: (rise, fall) of width = t ** rise * (1 - t) ** fall, width
# over length, and the notch of the tip.
_SHAPES = (
    (0.75, 0.30, 0.46, 0.00),
    (0.95, 0.85, 0.40, 0.00),
    (0.35, 0.20, 0.20, 0.00),
    (1.15, 0.28, 0.50, 0.16),
    (0.55, 0.55, 0.30, 0.00),
    (1.40, 0.55, 0.36, 0.00),
    (0.50, 0.30, 0.60, 0.00),
    (0.80, 0.22, 0.26, 0.10),
)


@dataclasses.dataclass(frozen=True)
class Species:
    """What all flowers of one species share.

    Args:
        genus: String.
        name: String, genus and epithet.
        petals: Integer, petals of one row.
        rows: Integer, rows of petals.
        rise: Float, how slowly the petal widens from its base.
        fall: Float, how slowly it narrows to its tip.
        width: Float, half width of a petal over its length.
        notch: Float, depth of the cut in the tip.
        hue: Float in [0, 1], place on the range blue, red, yellow.
        saturation: Float in [0, 1].
        pattern: One of `PATTERNS`.
        pattern_hue: Float, hue of the pattern.
        pattern_strength: Float in [0, 1].
        centre: One of `CENTRES`.
        centre_hue: Float.
        centre_size: Float, radius over the radius of the flower.
        leaf_width: Float, half width of a leaf over its length.
        leaf_hue: Float.
    """

    genus: str
    name: str
    petals: int
    rows: int
    rise: float
    fall: float
    width: float
    notch: float
    hue: float
    saturation: float
    pattern: str
    pattern_hue: float
    pattern_strength: float
    centre: str
    centre_hue: float
    centre_size: float
    leaf_width: float
    leaf_hue: float


def _genus_names(rng, number):
    pairs = [p + s for p in _PREFIXES for s in _SUFFIXES]
    return [pairs[i] for i in rng.permutation(len(pairs))[:number]]


def _levels(rng, number):
    """Evenly spaced values in [-1, 1], in random order."""
    return rng.permutation(np.linspace(-1, 1, number) if number > 1 else [0.0])


def _genus(rng, genus, place, shape, members, spread):
    """Species of one genus; `place` spaces the genera over the hues."""
    rise, fall, width, notch = _SHAPES[shape]
    rows = int(rng.random() < 0.3) + 1
    petals = int(rng.choice([5, 5, 6, 7, 8, 10, 12]))
    if width < 0.25:
        petals += 4
    saturation = rng.choice([0.22, 0.55, 0.75, 0.85])
    first_pattern = int(rng.integers(len(PATTERNS)))
    centre = CENTRES[int(rng.integers(len(CENTRES)))]
    centre_hue, centre_size = rng.uniform(0.02, 0.18), rng.uniform(0.16, 0.3)
    leaf_width, leaf_hue = rng.uniform(0.12, 0.4), rng.uniform(0.22, 0.42)
    pattern_hue = rng.uniform(0, 1)
    hues, widths = _levels(rng, members), _levels(rng, members)
    tips, centres = _levels(rng, members), _levels(rng, members)
    counts, tones = _levels(rng, members), _levels(rng, members)
    eyes = _levels(rng, members)
    epithets = rng.permutation(len(_EPITHETS))
    second = first_pattern + int(rng.integers(1, len(PATTERNS)))
    patterns = PATTERNS[first_pattern], PATTERNS[second % len(PATTERNS)]
    for i in range(members):
        step = int(round(counts[i] * spread * max(1, petals / 5)))
        epithet = _EPITHETS[epithets[i % len(_EPITHETS)]]
        repeat = i // len(_EPITHETS)
        suffix = f" var. {repeat + 1}" if repeat else ""
        yield Species(
            genus=genus,
            name=f"{genus} {epithet}{suffix}",
            petals=max(3, petals + step),
            rows=rows,
            rise=rise * (1 + 0.22 * spread * tips[i]),
            fall=fall * (1 - 0.40 * spread * tips[i]),
            width=width * (1 + 0.20 * spread * widths[i]),
            notch=notch * (1 + 0.5 * spread * widths[i]),
            hue=float(np.clip(place + 0.085 * spread * hues[i], 0, 1)),
            saturation=float(
                np.clip(saturation + 0.16 * spread * tones[i], 0.04, 0.95)
            ),
            pattern=patterns[i % 2],
            pattern_hue=pattern_hue,
            pattern_strength=min(0.95, 0.25 + 0.5 * spread),
            centre=centre,
            centre_hue=centre_hue + 0.05 * spread * eyes[i],
            centre_size=centre_size * (1 + 0.25 * spread * centres[i]),
            leaf_width=leaf_width * (1 + 0.15 * spread * centres[i]),
            leaf_hue=leaf_hue,
        )


def make_species(number, difficulty, seed):
    """Returns species by class, in an order that is random in genus.

    Args:
        number: Integer, 1 to 4000.
        difficulty: Float in [0, 1]; the traits of a genus spread by
            `1.4 * 0.08 ** difficulty`.
        seed: Non-negative integer.

    Returns:
        List of `number` `Species` with distinct names, about four a genus.

    Example:

    >>> [s.genus for s in make_species(2, 0.5, 0)] == ["Coraria", "Coraria"]
    False
    """
    rng = np.random.default_rng([seed, 11])
    available = len(_PREFIXES) * len(_SUFFIXES)
    genera = min(available, max(1, round(number / 4)))
    names = _genus_names(rng, genera)
    shapes = rng.permutation(-(-genera // len(_SHAPES)) * len(_SHAPES))
    start, golden = rng.random(), (5**0.5 - 1) / 2
    species = []
    for g, name in enumerate(names):
        members = len(range(g, number, genera))
        own = np.random.default_rng([seed, 12, g])
        place, shape = (start + g * golden) % 1, int(shapes[g] % len(_SHAPES))
        spread = 1.4 * 0.08**difficulty
        species.extend(_genus(own, name, place, shape, members, spread))
    return [species[i] for i in rng.permutation(len(species))]
