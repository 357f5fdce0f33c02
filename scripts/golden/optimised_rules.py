"""Expected values of the rules `stability`, `perceptron`, `optimal-noise` and `equilibrium-propagation`.

Needs numpy and scipy only, and shares nothing with the crate but the formulas:
    python3 scripts/golden/optimised_rules.py > protocols/tests/golden/optimised_rules.json

- Largest stability is a least distance problem, min |w|^2 with A w >= 1, which non-negative least squares solves exactly
  (Lawson, Hanson 1974, Solving Least Squares Problems, chapter 23), by an active set and not by ascent.
- The perceptron is its definition, in whole numbers, bit by bit.
- Optimal noise is climbed by scipy's BFGS, row by row, from that row of largest stability.
- Equilibrium propagation is its definition in double precision, with queries that are the messages.

Messages are the top bits of splitmix64 (Steele, Lea, Flood 2014), so that any program can make them.
"""

import json
import numpy as np
from scipy.optimize import minimize, nnls
from scipy.special import ndtr


def messages(seed, m, n):
    z = np.arange(1, m * n + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(seed)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    z = z ^ (z >> np.uint64(31))
    return (1.0 - 2.0 * (z >> np.uint64(63)).astype(float)).reshape(m, n)


def least_distance(a):
    """min |w|^2 with a w >= 1."""
    e = np.vstack([a.T, np.ones(len(a))])
    f = np.zeros(len(e))
    f[-1] = 1.0
    z, _ = nnls(e, f, maxiter=100 * e.shape[1])
    r = e @ z - f
    return -r[:-1] / r[-1]


def stability(xi):
    m, n = xi.shape
    w = np.zeros((n, n))
    for i in range(n):
        others = np.arange(n) != i
        w[i, others] = least_distance(xi[:, [i]] * xi[:, others])
    return w


def symmetric_stability(xi):
    """Over the strictly lower triangle v, whose length times sqrt(2) is that of W."""
    m, n = xi.shape
    i, j = np.tril_indices(n, -1)
    rows = []
    for x in xi:
        for unit in range(n):
            rows.append(np.where((i == unit) | (j == unit), x[i] * x[j], 0.0))
    v = least_distance(np.array(rows))
    w = np.zeros((n, n))
    w[i, j] = w[j, i] = v
    return w


def stabilities(w, xi):
    return xi * (xi @ w.T) / np.linalg.norm(w, axis=1)


def perceptron(xi, kappa, symmetric):
    """N W, and the sweeps, of which the last learns nothing. A unit's turn is a pass over the messages, or three of
    a symmetric W, as far as they learn something."""
    m, n = xi.shape
    w = np.zeros((n, n))
    for sweep in range(1, 10_000):
        learned = False
        for i in range(n):
            for _ in range(3 if symmetric else 1):
                before = w.copy()
                for x in xi:
                    if x[i] * (w[i] @ x) <= kappa * np.sqrt(w[i] @ w[i]):
                        step = x[i] * x
                        step[i] = 0.0
                        w[i] += step
                        if symmetric:
                            w[:, i] += step
                if (w == before).all():
                    break
                learned = True
        if not learned:
            return w, sweep
    raise RuntimeError("not separable")


def optimal_noise(xi, q):
    m, n = xi.shape
    overlap = 1 - 2 * q
    gain = overlap / np.sqrt(1 - overlap**2)
    w, start = np.zeros((n, n)), stability(xi)
    for i in range(n):
        others = np.arange(n) != i
        a = xi[:, [i]] * xi[:, others]

        def wrong(v):
            length = np.linalg.norm(v)
            kappa = a @ v / length
            bell = gain * np.exp(-0.5 * (gain * kappa) ** 2) / np.sqrt(2 * np.pi)
            return ndtr(-gain * kappa).sum(), -(bell @ a) / length + (bell @ kappa) * v / length**2

        start_row = start[i, others] / np.linalg.norm(start[i])
        found = minimize(wrong, start_row, jac=True, method="BFGS", options={"gtol": 1e-10})
        w[i, others] = found.x / np.linalg.norm(found.x)
    return w, ndtr(-gain * stabilities(w, xi)).sum()


def equilibrium_propagation(xi, beta, rate, hold, relaxations, epochs):
    m, n = xi.shape
    w = np.zeros((n, n))
    for _ in range(epochs):
        s = xi.copy()
        for _ in range(relaxations):
            s = (s + np.tanh(s @ w + hold * xi)) / 2
        free = s
        for _ in range(relaxations):
            s = (s + np.tanh(s @ w + hold * xi + beta * (xi - s))) / 2
        w += rate / (beta * m) * (s.T @ s - free.T @ free)
        np.fill_diagonal(w, 0)
    return w


def numbers(x, digits):
    return np.round(np.asarray(x), digits).ravel().tolist()


def main():
    large = []
    for m in (64, 128, 256):
        xi = messages(m, m, 256)
        kappa = stabilities(stability(xi), xi).min(axis=0)
        assert np.isfinite(kappa).all()
        large.append({"m": m, "n": 256, "kappa": numbers(kappa, 5)})
    small = messages(1, 8, 16)
    symmetric = symmetric_stability(small)
    assert (small * (small @ symmetric)).min() > 1 - 1e-9
    learned = {}
    for name, flag in (("free", False), ("symmetric", True)):
        w, sweeps = perceptron(messages(2, 6, 12), 0.5, flag)
        learned[name] = {"sweeps": sweeps, "nw": numbers(w, 0)}
    noise_messages = messages(3, 12, 24)
    noisy, wrong = optimal_noise(noise_messages, 0.1)
    golden = {
        "stability": large,
        "symmetric_stability": {"seed": 1, "m": 8, "n": 16, "w": numbers(symmetric, 6)},
        "perceptron": {"seed": 2, "m": 6, "n": 12, "margin": 0.5, **learned},
        "optimal_noise": {"seed": 3, "m": 12, "n": 24, "q": 0.1, "wrong_bits": round(wrong, 7), "w": numbers(noisy, 5)},
        "equilibrium_propagation": {
            "seed": 4, "m": 4, "n": 10, "beta": 0.5, "rate": 0.2, "hold": 0.3, "relaxations": 15, "epochs": 30,
            "w": numbers(equilibrium_propagation(messages(4, 4, 10), 0.5, 0.2, 0.3, 15, 30), 6),
        },
    }
    print("{\n" + ",\n".join(f'"{key}": {json.dumps(value, separators=(",", ":"))}' for key, value in golden.items()) + "\n}")


main()
