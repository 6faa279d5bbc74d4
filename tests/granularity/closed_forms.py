"""Small cases solved by hand, and the definitions one image at a time."""

import numpy as np

# Points on a line, class sizes, then RS, RSM, Rank, RankM (pessimistic).
CASES = {
    "apart": ([0, 1, 10, 11], 2, (0.1002506266, 5 / 99, 0, 0)),
    "apart3": ([0, 1, 2, 10, 11, 12], 3, (133 / 990, 20 / 297, 0, 0)),
    "mixed": ([0, 2, 1, 3], 2, (3 / 2, 2 / 3, 7 / 9, 1 / 4)),
    "mixed3": ([0, 2, 4, 1, 3, 5], 3, (4 / 3, 8 / 9, 103 / 150, 1 / 3)),
    "row": (list(range(9)), 3, (19 / 36, 5 / 18, 1 / 4, 0)),
    "nested": (
        [0, 1, 5, 3, 4, 6],
        3,
        (1.1436584249, 0.8583333333, 0.4616666667, 1 / 6),
    ),
}


def line_case(name):
    """Returns `(features, labels, expected)`."""
    points, size, expected = CASES[name]
    labels = np.arange(len(points)) // size
    return np.array(points, "float64")[:, None], labels, expected


def by_definition(distances, labels, ties="pessimistic"):
    """RS, RSM, Rank and RankM in plain loops."""
    n = len(labels)
    classes = sorted(set(labels))
    groups = {c: [i for i in range(n) if labels[i] == c] for c in classes}
    medoid = {
        c: min(groups[c], key=lambda i: sum(distances[i][j] for j in groups[c]))
        for c in classes
    }
    nearer = np.less_equal if ties == "pessimistic" else np.less
    rs, rsm, rank, rankm = [], [], [], []
    for i in range(n):
        own = labels[i]
        same = [j for j in groups[own] if j != i]
        a = np.mean([distances[i][j] for j in same]) if same else 0.0
        b = min(
            np.mean([distances[i][j] for j in groups[c]])
            for c in classes
            if c != own
        )
        rs.append(a / b)
        d = distances[i][medoid[own]]
        to_others = [distances[i][medoid[c]] for c in classes if c != own]
        rsm.append(d / min(to_others))
        rankm.append(1 - 1 / (1 + sum(nearer(x, d) for x in to_others)))
        precisions = []
        for j, x in enumerate(sorted(distances[i][s] for s in same), 1):
            before = sum(
                nearer(distances[i][o], x) for o in range(n) if labels[o] != own
            )
            precisions.append(j / (j + before))
        rank.append(1 - np.mean(precisions) if same else 0.0)
    k = len(classes)
    return (
        np.mean(rs),
        np.mean(rsm),
        n / (n - 1) * np.mean(rank),
        k / (k - 1) * np.mean(rankm),
    )
