"""Records values and gradients of PyTorch Metric Learning.

    python tests/golden/record_pml.py

with torch and pytorch-metric-learning 2.9.0 installed, in float64 on the CPU;
it takes seconds. Writes `pml.json` beside this file: the inputs, the versions,
and for each case the value and its gradient with respect to the embeddings
(and to proxies where there are some), or what a miner chose.
"""

import json
import pathlib
import platform

import numpy as np
import pytorch_metric_learning
import torch
from pytorch_metric_learning import distances
from pytorch_metric_learning import losses
from pytorch_metric_learning import miners
from pytorch_metric_learning.utils import loss_and_miner_utils

LABELS = {
    "even": [0, 1, 2, 3] * 3,
    "uneven": [0, 0, 0, 0, 0, 1, 1, 1, 2, 2, 3, 4],
}
SQUARED = distances.LpDistance(normalize_embeddings=True, p=2, power=2)
RAW = distances.LpDistance(normalize_embeddings=False)
DOTS = distances.DotProductSimilarity(normalize_embeddings=False)
MINED = miners.MultiSimilarityMiner(epsilon=0.1)
SEMI_HARD = miners.TripletMarginMiner(margin=0.2, type_of_triplets="semihard")

# name: (loss, miner). Embeddings are normalized beforehand for Angular, which
# takes negatives as they are.
LOSSES = {
    "angular": (losses.AngularLoss(alpha=40), None),
    "contrastive": (losses.ContrastiveLoss(neg_margin=1.2), None),
    "generalized_lifted": (losses.GeneralizedLiftedStructureLoss(), None),
    "histogram": (losses.HistogramLoss(n_bins=50), None),
    "lifted": (losses.LiftedStructureLoss(), None),
    "lifted_raw": (losses.LiftedStructureLoss(distance=RAW), None),
    "margin_uniform": (losses.MarginLoss(), None),
    "multi_similarity": (losses.MultiSimilarityLoss(), None),
    "multi_similarity_mined": (losses.MultiSimilarityLoss(), MINED),
    "triplet": (losses.TripletMarginLoss(margin=0.2), None),
    "triplet_squared": (
        losses.TripletMarginLoss(margin=0.2, distance=SQUARED),
        None,
    ),
    "triplet_soft": (
        losses.TripletMarginLoss(margin=0.2, smooth_loss=True),
        None,
    ),
    "triplet_semi_hard_band": (
        losses.TripletMarginLoss(margin=0.2),
        SEMI_HARD,
    ),
    "triplet_hard": (
        losses.TripletMarginLoss(margin=1.0),
        miners.BatchHardMiner(),
    ),
}
PROXY_LOSSES = {
    "proxy_anchor": losses.ProxyAnchorLoss(5, 6),
    "proxy_nca": losses.ProxyNCALoss(5, 6, softmax_scale=3),
    "soft_triple": losses.SoftTripleLoss(5, 6, centers_per_class=2),
}
MINERS = {
    "batch_hard": miners.BatchHardMiner(),
    "multi_similarity": MINED,
    "hard_aware": miners.HDCMiner(filter_percentage=0.5),
    "violating": miners.TripletMarginMiner(margin=0.2),
    "semi_hard_band": SEMI_HARD,
}


def tidy(tensor):
    return np.asarray(tensor.detach()).round(9).tolist()


def record_loss(loss, miner, x, y):
    x = x.clone().requires_grad_()
    value = loss(x, y, miner(x, y) if miner else None)
    (gradient,) = torch.autograd.grad(value, x)
    return {"value": tidy(value), "gradient": tidy(gradient)}


def record_pairs(raw):
    """N-pair takes one pair per class: rows 0-1, 2-3, ... are the pairs."""
    rows = [0, 4, 1, 5, 2, 6, 3, 7]
    labels = [0, 1, 2, 3]
    x = torch.tensor(raw[rows])
    y = torch.tensor(np.repeat(labels, 2))
    case = record_loss(losses.NPairsLoss(distance=DOTS), None, x, y)
    return {"rows": rows, "labels": labels, **case}


def record_proxies(loss, x, y):
    loss = loss.double()
    proxies = next(loss.parameters())
    rng = np.random.default_rng(1)
    proxies.data = torch.tensor(rng.normal(size=tuple(proxies.shape)).round(3))
    x = x.clone().requires_grad_()
    value = loss(x, y)
    gradients = torch.autograd.grad(value, (x, proxies))
    return {
        "proxies": tidy(proxies),
        "value": tidy(value),
        "gradient": tidy(gradients[0]),
        "proxies_gradient": tidy(gradients[1]),
    }


def record_weights(x, y):
    """The probabilities from which `DistanceWeightedMiner` draws."""
    seen = {}
    original = loss_and_miner_utils.get_random_triplet_indices

    def keep(labels, ref_labels=None, t_per_anchor=None, weights=None):
        seen["weights"] = weights
        return original(labels, ref_labels, t_per_anchor, weights)

    loss_and_miner_utils.get_random_triplet_indices = keep
    try:
        miners.DistanceWeightedMiner()(x, y)
    finally:
        loss_and_miner_utils.get_random_triplet_indices = original
    return tidy(seen["weights"])


def main():
    rng = np.random.default_rng(0)
    raw = rng.normal(size=(12, 6)).round(3)
    unit = raw / np.linalg.norm(raw, axis=-1, keepdims=True)
    found = {
        "versions": {
            "pytorch_metric_learning": pytorch_metric_learning.__version__,
            "torch": torch.__version__,
            "numpy": np.__version__,
            "python": platform.python_version(),
        },
        "embeddings": raw.tolist(),
        "labels": LABELS,
        "n_pair": record_pairs(raw),
        "losses": {},
        "proxy_losses": {},
        "miners": {},
        "distance_weights": {},
    }
    for kind, labels in LABELS.items():
        y = torch.tensor(labels)
        x, z = torch.tensor(raw), torch.tensor(unit)
        found["losses"][kind] = {
            name: record_loss(*pair, z if name == "angular" else x, y)
            for name, pair in LOSSES.items()
        }
        found["proxy_losses"][kind] = {
            name: record_proxies(loss, x, y)
            for name, loss in PROXY_LOSSES.items()
        }
        found["miners"][kind] = {
            name: [t.tolist() for t in miner(x, y)]
            for name, miner in MINERS.items()
        }
        found["distance_weights"][kind] = record_weights(x, y)
    path = pathlib.Path(__file__).with_name("pml.json")
    text = json.dumps(found, separators=(",", ":"))
    path.write_text(text.replace('},"', '},\n"') + "\n")


if __name__ == "__main__":
    main()
