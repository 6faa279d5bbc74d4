"""Candidates of a round: what is asked about, hidden gold, and their order."""

import dataclasses

import numpy as np

from fgkeras.bootstrap.acquisition import embedding_order
from fgkeras.bootstrap.store import Candidate

_ORDERED = 4000


def asked_candidates(found, vectors, chosen, unseen, overlap):
    """Returns the images that people are asked about, with their vectors.

    Args:
        found: Dict of arrays of a scored part, see `Scores`.
        vectors: Dict of place in them to vector.
        chosen: `Offers`.
        unseen: Set of places that are taken without being looked at.
        overlap: Int, how many people are asked about each.

    Returns:
        List of pairs of a `Candidate`, of rank 0, and its vector.
    """
    out = []
    for kind, places in (("offer", chosen.offered), ("audit", chosen.audited)):
        for i in places.tolist():
            candidate = Candidate(
                int(found["image"][i]),
                int(found["top"][i]),
                int(found["rival"][i]),
                float(found["score"][i]),
                float(found["rival_score"][i]),
                0,
                "unseen" if i in unseen else kind,
                chosen.weight if kind == "audit" else 1.0,
                wanted=overlap,
            )
            out.append((candidate, vectors[i]))
    return out


def gold_candidates(known, classes, gold, rivals, asked):
    """Returns hidden gold: seed images of a class, and of its rival.

    Args:
        known: Dict of arrays of the seed with `image` and `vector`.
        classes: `int64`, the class of each.
        gold: Dict of class to a list of images; empty for none.
        rivals: Dict of class to class.
        asked: Set of the classes that something is asked about.

    Returns:
        As `asked_candidates`.
    """
    place = {int(image): i for i, image in enumerate(known["image"])}
    out = []
    for k in sorted(asked):
        rival = rivals.get(k)
        for image in [*gold.get(k, ()), *gold.get(rival, ())]:
            i = place[image]
            truth = "tp" if classes[i] == k else "fp"
            candidate = Candidate(
                image, k, rival, None, None, 0, "gold", truth=truth
            )
            out.append((candidate, known["vector"][i]))
    return out


def ranked(pairs):
    """Returns candidates so that neighbours of one class stand together.

    Args:
        pairs: List of pairs of a `Candidate` and its vector.

    Returns:
        List of `Candidate`, those of each class numbered from 0 on.
    """
    of_class: dict = {}
    for candidate, vector in pairs:
        of_class.setdefault(candidate.of_class, []).append((candidate, vector))
    out = []
    for _, some in sorted(of_class.items()):
        vectors = np.stack([vector for _, vector in some]).astype(np.float32)
        order = []
        for start in range(0, len(some), _ORDERED):
            part = embedding_order(vectors[start : start + _ORDERED])
            order += (part + start).tolist()
        out += [
            dataclasses.replace(some[i][0], rank=rank)
            for rank, i in enumerate(order)
        ]
    return out
