"""Prints which message sets any matrix can store, free or symmetric, decided by scipy's HiGHS.

    python scripts/golden/linear_program.py

The messages are those of a linear congruential generator, which the test repeats. Needs numpy and scipy.
"""

import numpy as np
from scipy.optimize import linprog


def messages(seed, n, m):
    bits, state = [], seed
    for _ in range(n * m):
        state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
        bits.append(1 if state >> 63 else -1)
    return np.array(bits, float).reshape(m, n)


def feasible(rows):
    """Whether some w has rows @ w >= 1."""
    return linprog(np.zeros(rows.shape[1]), A_ub=-rows, b_ub=-np.ones(len(rows)), bounds=(None, None)).status == 0


def free(xi):
    n = xi.shape[1]
    return all(feasible(np.delete(xi, i, 1) * xi[:, i : i + 1]) for i in range(n))


def symmetric(xi):
    m, n = xi.shape
    place = {pair: k for k, pair in enumerate((i, j) for i in range(n) for j in range(i + 1, n))}
    rows = np.zeros((m * n, len(place)))
    for mu in range(m):
        for i in range(n):
            for j in range(n):
                if i != j:
                    rows[mu * n + i, place[min(i, j), max(i, j)]] = xi[mu, i] * xi[mu, j]
    return feasible(rows)


if __name__ == "__main__":
    for n, m in [(12, 12), (14, 16), (16, 18), (16, 20), (16, 22)]:
        sets = [messages(seed, n, m) for seed in range(1, 31)]
        decided = [(free(xi), symmetric(xi)) for xi in sets]
        print(n, m, "".join("nfs"[f + s] for f, s in decided), np.mean(decided, 0), flush=True)
