"""Losses over graded pairs as their definitions say, one anchor by another.

Each takes unit vectors `x` in float64 and grades `g`: row `a` says how often
each pair of anchor `a` counts, 0 for a negative. The diagonal is not read.
"""

import numpy as np


def anchors(g):
    """Yields each anchor, its positives with their grades, its negatives."""
    for a in range(len(g)):
        others = [j for j in range(len(g)) if j != a]
        mates = [(p, g[a, p]) for p in others if g[a, p] > 0]
        yield a, mates, [n for n in others if g[a, n] == 0]


def distance(x, i, j):
    return np.sqrt(((x[i] - x[j]) ** 2).sum())


def per_anchor(g, value):
    """A loss of each anchor that has both kinds of pairs, else 0."""
    return np.array(
        [
            value(a, mates, rivals) if mates and rivals else 0.0
            for a, mates, rivals in anchors(g)
        ]
    )


def share_of_mean(totals, count):
    return np.array(totals) * len(totals) / (count or 1.0)


def angular(x, g, alpha=40.0):
    t = np.tan(np.radians(alpha)) ** 2

    def value(a, mates, rivals):
        total = 0.0
        for p, grade in mates:
            threat = sum(np.exp(4 * t * (x[a] + x[p]) @ x[n]) for n in rivals)
            near = np.exp(-2 * (1 + t) * x[a] @ x[p])
            total += grade * np.log(1 + threat * near)
        return total / sum(grade for _, grade in mates)

    return per_anchor(g, value)


def cascaded_contrastive(x, g, margin=1.0):
    """Of one level, which passes nothing on."""
    return np.array(
        [
            sum(w * distance(x, a, p) for p, w in mates)
            + sum(max(margin - distance(x, a, n), 0) for n in rivals)
            for a, mates, rivals in anchors(g)
        ]
    )


def contrastive(x, g, margin=1.0):
    near, far, number, pushed = [], [], 0.0, 0
    for a, mates, rivals in anchors(g):
        near.append(sum(w * distance(x, a, p) ** 2 for p, w in mates))
        number += sum(w for p, w in mates if distance(x, a, p) > 0)
        terms = [max(margin - distance(x, a, n), 0) for n in rivals]
        far.append(sum(t * t for t in terms))
        pushed += sum(t > 0 for t in terms)
    return share_of_mean(near, number) + share_of_mean(far, pushed)


def generalized_lifted_structure(x, g, margin=1.0):
    def value(a, mates, rivals):
        reach = sum(w * np.exp(distance(x, a, p)) for p, w in mates)
        threat = sum(np.exp(margin - distance(x, a, n)) for n in rivals)
        return max(np.log(reach) + np.log(threat), 0)

    return per_anchor(g, value)


def histogram(x, g, num_bins=100):
    nodes = np.linspace(-1, 1, num_bins + 1)

    def weights(s):
        return np.maximum(1 - np.abs(s - nodes) * num_bins / 2, 0)

    near, total, rivals = np.zeros(num_bins + 1), 0.0, 0
    for a, mates, others in anchors(g):
        for p, w in mates:
            near += w * weights(x[a] @ x[p])
            total += w
        rivals += len(others)
    below = np.cumsum(near) / total
    values = [
        sum(weights(x[a] @ x[n]) @ below for n in others)
        for a, _, others in anchors(g)
    ]
    return share_of_mean(values, rivals)


def lifted_structure(x, g, margin=1.0):
    threat = [
        sum(np.exp(margin - distance(x, a, n)) for n in rivals)
        for a, _, rivals in anchors(g)
    ]
    values, number = [], 0.0
    for a, mates, rivals in anchors(g):
        total = 0.0
        for p, w in mates:
            j = np.log(threat[a] + threat[p]) + distance(x, a, p)
            total += w * 0.5 * max(j, 0) ** 2 if rivals else 0.0
            number += w
        values.append(total)
    return share_of_mean(values, number)


def margin(x, g, boundary=1.2, alpha=0.2):
    values, number = [], 0.0
    for a, mates, rivals in anchors(g):
        values.append(0.0)
        if not (mates and rivals):
            continue
        for p, w in mates:
            term = max(distance(x, a, p) - boundary + alpha, 0)
            values[-1] += w * term
            number += w * (term > 0)
        drawn = sum(w for _, w in mates) / len(rivals)
        for n in rivals:
            term = max(boundary - distance(x, a, n) + alpha, 0)
            values[-1] += drawn * term
            number += drawn * (term > 0)
    return share_of_mean(values, number)


def multi_similarity(x, g, alpha=2.0, beta=50.0, base=0.5):
    def value(a, mates, rivals):
        near = sum(w * np.exp(-alpha * (x[a] @ x[p] - base)) for p, w in mates)
        far = sum(np.exp(beta * (x[a] @ x[n] - base)) for n in rivals)
        return np.log(1 + near) / alpha + np.log(1 + far) / beta

    return per_anchor(g, value)


def n_pair(x, g):
    def value(a, mates, rivals):
        total = 0.0
        for p, w in mates:
            threat = sum(np.exp(x[a] @ (x[n] - x[p])) for n in rivals)
            total += w * np.log(1 + threat)
        return total / sum(w for _, w in mates)

    return per_anchor(g, value)


def triplet(x, g, margin=0.2, form=lambda gap, margin: gap + margin):
    values, number = [], 0.0
    for a, mates, rivals in anchors(g):
        values.append(0.0)
        for p, w in mates:
            for n in rivals:
                gap = distance(x, a, p) ** 2 - distance(x, a, n) ** 2
                if gap + margin > 0:
                    values[-1] += w * form(gap, margin)
                    number += w
    return share_of_mean(values, number)


def triplet_two_sided(x, g, margin=0.2):
    values, number = [], 0.0
    for a, mates, rivals in anchors(g):
        values.append(0.0)
        for p, w in mates:
            for n in rivals:
                near, far = distance(x, a, p), distance(x, a, n)
                if near - far + margin > 0:
                    either = np.exp(margin - far)
                    either += np.exp(margin - distance(x, p, n))
                    values[-1] += w * (near + np.log(either))
                    number += w
    return share_of_mean(values, number)


def triplet_semi_hard(x, g, margin=1.0):
    values, number = [], 0.0
    for a, mates, rivals in anchors(g):
        values.append(0.0)
        for p, w in mates:
            number += w
            if not rivals:
                continue
            near = distance(x, a, p)
            far = [distance(x, a, n) for n in rivals]
            beyond = [d for d in far if d > near]
            chosen = min(beyond) if beyond else max(far)
            values[-1] += w * max(near - chosen + margin, 0)
    return share_of_mean(values, number)


def info_nce(x, g, temperature=0.1):
    return n_pair(x / np.sqrt(temperature), g)


def sup_con(x, g, temperature=0.1, form="out"):
    values = []
    for a, mates, rivals in anchors(g):
        everyone = [p for p, _ in mates] + rivals
        total = sum(np.exp(x[a] @ x[j] / temperature) for j in everyone)
        shares = [
            (np.exp(x[a] @ x[p] / temperature) / total, w) for p, w in mates
        ]
        number = sum(w for _, w in mates) or 1.0
        if form == "out":
            values.append(-sum(w * np.log(s) for s, w in shares) / number)
        else:
            mean = sum(w * s for s, w in shares) / number
            values.append(-np.log(mean) if mates else 0.0)
    return np.array(values)


def recall_at_k(x, g, ks=(1, 2, 4, 8, 16), rank=0.01, recall=1.0):
    def sigmoid(value):
        return 0.5 * (1 + np.tanh(value / 2))

    def value(a, mates, rivals):
        missed = []
        for k in ks:
            found = 0.0
            for p, w in mates:
                others = [j for j in range(len(x)) if j not in (a, p)]
                r = 1 + sum(
                    sigmoid((x[a] @ x[z] - x[a] @ x[p]) / rank) for z in others
                )
                found += w * sigmoid((k - r) / recall)
            missed.append(1 - found / min(k, sum(w for _, w in mates)))
        return np.mean(missed)

    return per_anchor(g, value)


def drawing(x, g, cutoff=0.5, limit=1.4):
    """Probability with which each anchor draws each of its negatives."""
    dim = x.shape[1]
    out = np.zeros_like(g)
    for a, _, rivals in anchors(g):
        for n in rivals:
            d = max(distance(x, a, n), cutoff)
            density = d ** (dim - 2) * (1 - d * d / 4) ** ((dim - 3) / 2)
            out[a, n] = (distance(x, a, n) < limit) / density
        out[a] /= out[a].sum() or 1.0
    return out


def distance_weighted_triplet(x, g, margin=0.2, lots=None):
    """The expectation over the draws; with `lots`, one draw for each pair."""
    weights = drawing(x, g)
    values, number = [], 0.0
    for a, mates, rivals in anchors(g):
        values.append(0.0)
        for p, w in mates:
            chances = weights[a].copy()
            if lots is not None and chances.sum():
                # The first negative at which the rest is used up.
                left = 1.0 - (lots[a, 0] + lots[p, 1]) % 1.0
                drawn = int(np.argmax(np.cumsum(chances) >= left))
                chances = np.eye(len(x))[drawn]
            for n in rivals:
                excess = distance(x, a, p) - distance(x, a, n) + margin
                values[-1] += w * chances[n] * max(excess, 0)
                number += w * chances[n] * (excess > 0)
    return share_of_mean(values, number)


def nearest_grades(x, g, fraction):
    """Grades of the nearest share of each anchor's positives alone."""
    out = g.copy()
    for a, mates, _ in anchors(g):
        near = sorted(mates, key=lambda pair: distance(x, a, pair[0]))
        for p, _ in near[int(np.ceil(fraction * len(near) - 1e-9)) :]:
            out[a, p] = 0.0
    return out
