"""Prints the values that tests of harness/stats/src/theory expect, computed another way: numpy alone.

    python scripts/golden/theory.py
"""

from fractions import Fraction
from math import comb, erf, exp, pi, sqrt

import numpy as np


def nearest(n, m, d):
    """Failure and success of the nearest message, by exact integers: strictly, and with ties to the first."""
    p = Fraction(comb(n, d), 2**n)
    g = 1 - Fraction(sum(comb(n, k) for k in range(d + 1)), 2**n)
    strictly = g ** (m - 1)
    first = sum(Fraction(comb(m - 1, k), k + 1) * p**k * g ** (m - 1 - k) for k in range(m))
    return strictly, first


def amari_maginu(load, m, steps):
    """Overlaps of HOP, step by step."""
    phi = lambda u: exp(-u * u / 2) / sqrt(2 * pi)
    out, variance = [m], load
    for _ in range(steps):
        s = sqrt(variance)
        new = erf(m / s / sqrt(2))
        variance = load + 4 * phi(m / s) ** 2 + 4 * load * m * new * phi(m / s) / s
        m = new
        out.append(m)
    return out


def networks(load, m0, steps, n=2000, trials=20, queries=8):
    """The same by reading networks, synchronous steps, zero diagonal."""
    rng = np.random.default_rng(1)
    found = []
    for _ in range(trials):
        xi = rng.choice([-1.0, 1.0], (int(load * n), n))
        x = np.repeat(xi[:1], queries, 0)
        for row in x:
            row[rng.permutation(n)[: round((1 - m0) / 2 * n)]] *= -1
        overlaps = [m0]
        for _ in range(steps):
            h = (x @ xi.T) @ xi / n - load * x
            x = np.where(h >= 0, 1.0, -1.0)
            overlaps.append((x @ xi[0]).mean() / n)
        found.append(overlaps)
    return np.mean(found, 0)


def pse_step(n, m, d, sets=60, queries=50):
    """Right bits, and messages, after one synchronous step of PSE with zero diagonal, by reading networks."""
    rng = np.random.default_rng(0)
    bits, messages = [], []
    for _ in range(sets):
        xi = rng.choice([-1.0, 1.0], (m, n))
        w = xi.T @ np.linalg.solve(xi @ xi.T, xi)
        np.fill_diagonal(w, 0)
        x = xi[rng.integers(m, size=queries)]
        query = x.copy()
        for row in query:
            row[rng.permutation(n)[:d]] *= -1
        right = (query @ w) * x > 0
        bits.append(right.mean())
        messages.append(right.all(1).mean())
    return np.mean(bits), np.mean(messages)


_erf = np.vectorize(erf)


def best_share(load, m):
    """Wong and Sherrington's optimum: for every t the best lambda of a fine grid, refined by a parabola."""
    r = m / sqrt(1 - m * m)
    t = np.linspace(-7, 7, 28001)
    weight = np.exp(-t * t / 2) / sqrt(2 * pi) * (t[1] - t[0])
    grid = np.linspace(-8, 16, 48001)
    step = grid[1] - grid[0]
    g = 0.5 * (1 + _erf(r * grid / sqrt(2)))

    def stabilities(x):
        # argmax_lambda g - (lambda - t)^2/(2x) = argmax (x g - lambda^2/2) + lambda t: a Legendre transform, whose
        # argmax rises with t, so the upper hull of the points gives it for all t at once.
        y = x * g - grid**2 / 2
        hull = []
        for i in range(len(grid)):
            while len(hull) > 1:
                a, b = hull[-2], hull[-1]
                if (y[b] - y[a]) * (grid[i] - grid[b]) <= (y[i] - y[b]) * (grid[b] - grid[a]):
                    hull.pop()
                else:
                    break
            hull.append(i)
        hull = np.array(hull)
        slopes = np.diff(y[hull]) / np.diff(grid[hull])
        at = hull[np.searchsorted(-slopes, t)]
        at = np.clip(at, 1, len(grid) - 2)
        left, mid, right = ((y + 0)[at + k] + grid[at + k] * t for k in (-1, 0, 1))
        return grid[at] + 0.5 * step * (left - right) / (left - 2 * mid + right)

    low, high = -10.0, 40.0
    for _ in range(36):
        middle = (low + high) / 2
        shift = np.sum(weight * (stabilities(exp(middle)) - t) ** 2)
        low, high = (middle, high) if shift < 1 / load else (low, middle)
    return np.sum(weight * 0.5 * (1 + _erf(r * stabilities(exp(low)) / sqrt(2))))


if __name__ == "__main__":
    for place in [(64, 32, 13), (64, 64, 25)]:
        strictly, first = nearest(*place)
        print("nearest", place, float(strictly), float(1 - strictly), float(first), float(1 - first))
    print("steps", [round(m, 11) for m in amari_maginu(0.08, 0.4, 4)], networks(0.08, 0.4, 4).round(4))
    for place in [(64, 16, 6), (64, 32, 6), (256, 128, 12), (256, 64, 40)]:
        print("PSE, one step", place, *(round(x, 4) for x in pse_step(*place)))
    for load, m in [(0.25, 0.3), (0.25, 0.8), (0.5, 0.6), (0.5, 0.9), (1.0, 0.5), (1.0, 0.9), (1.5, 0.7), (3.0, 0.8)]:
        print("best share", load, m, f"{best_share(load, m):.9f}", flush=True)
