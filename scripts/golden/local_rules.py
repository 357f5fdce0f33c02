#!/usr/bin/env python3
"""Golden values of the rules that are local, incremental or dream, from their formulas.

    python3 scripts/golden/local_rules.py

writes protocols/tests/golden/local_rules.json, which the tests of the crate `protocols` compare with. Every rule is written here
as its source has it, unit by unit and weight by weight in double precision, with nothing of the crate's methods: ridge and dreaming by an
inverse, pseudo-likelihood by scipy's optimiser, the rest by plain loops. Needs numpy and scipy (made with 2.4.6 and 1.17.1).

Rules that draw at random are given what was drawn: the states in which dreams begin, the order of units in every sweep, and the messages.
"""

import json
import pathlib

import numpy as np
from scipy.optimize import minimize

RNG = np.random.default_rng(1983)


def messages(m, n):
    return RNG.choice([-1, 1], size=(m, n))


def without_diagonal(w):
    return w - np.diag(np.diag(w))


def ridge(xi, penalty, diagonal):
    m, n = xi.shape
    w = xi.T @ np.linalg.inv(xi @ xi.T / n + penalty * np.eye(m)) @ xi / n
    return w if diagonal == "kept" else without_diagonal(w)


def dreaming(xi, time, diagonal):
    m, n = xi.shape
    w = xi.T @ np.linalg.inv(np.eye(m) + time * xi @ xi.T / n) @ xi * (1 + time) / n
    return w if diagonal == "kept" else without_diagonal(w)


def storkey(xi, order, diagonal):
    n = xi.shape[1]
    w = np.zeros((n, n))
    for x in xi:
        h = np.zeros((n, n))
        for i in range(n):
            for j in range(n):
                h[i, j] = sum(w[i, k] * x[k] for k in range(n) if k not in (i, j))
        new = w.copy()
        for i in range(n):
            for j in range(n):
                change = x[i] * x[j] - x[i] * h[j, i] - h[i, j] * x[j]
                if order == "second":
                    change += h[i, j] * h[j, i]
                new[i, j] += change / n
        w = new
    return w if diagonal == "kept" else without_diagonal(w)


def diederich_opper(xi, variant, diagonal, sweeps):
    n = xi.shape[1]
    w = np.zeros((n, n))
    for _ in range(sweeps):
        changed = False
        for x in xi:
            for i in range(n):
                others = [j for j in range(n) if diagonal == "kept" or j != i]
                # Whole numbers over n: rounded, so that a margin of 1 is one.
                margin = x[i] * sum(w[i, j] * x[j] for j in others)
                if variant == "I":
                    margin = np.round(margin * n) / n
                    step = 1.0 if margin < 1 else 0.0
                else:
                    step = 1 - margin
                changed |= step != 0
                for j in others:
                    w[i, j] += step * x[i] * x[j] / n
        if not changed:
            return w
    return w


def pseudo_likelihood(xi, l2, thresholds):
    m, n = xi.shape
    pairs = np.triu_indices(n, 1)

    def unpack(p):
        w = np.zeros((n, n))
        w[pairs] = p[: len(pairs[0])]
        return w + w.T, p[len(pairs[0]) :]

    def loss(p):
        w, b = unpack(p)
        fields = xi @ w + (b if thresholds else 0)
        value = np.logaddexp(0, -xi * fields).sum() / m + l2 / 2 * (w * w).sum()
        slope = -xi / (1 + np.exp(xi * fields)) / m
        gradient = slope.T @ xi + xi.T @ slope + 2 * l2 * w
        return value, np.concatenate([gradient[pairs], slope.sum(0) if thresholds else []])

    start = np.zeros(len(pairs[0]) + (n if thresholds else 0))
    found = minimize(loss, start, jac=True, method="BFGS", options={"gtol": 1e-10, "maxiter": 10000})
    assert np.abs(loss(found.x)[1]).max() < 1e-8, found.message
    return unpack(found.x)


def dream(w, drawn):
    """From a random state to a fixed point, one unit after another; what was drawn is noted."""
    n = len(w)
    x = RNG.choice([-1, 1], size=n)
    drawn["starts"].append(x.tolist())
    while any(x[i] * (w[i] @ x) < 0 for i in range(n)):
        order = RNG.permutation(n)
        drawn["orders"].append(order.tolist())
        for i in order:
            if x[i] * (w[i] @ x) < 0:
                x[i] = -x[i]
    return x


def unlearning(xi, inverse_epsilon, dreams):
    n = xi.shape[1]
    drawn = {"starts": [], "orders": [], "messages": []}
    # In units of epsilon/N all weights are whole numbers.
    w = without_diagonal(inverse_epsilon * xi.T @ xi)
    for _ in range(dreams):
        x = dream(w, drawn)
        w = without_diagonal(w - np.outer(x, x))
    return w / (inverse_epsilon * n), drawn


def daydreaming(xi, tau, steps):
    m, n = xi.shape
    drawn = {"starts": [], "orders": [], "messages": []}
    w = without_diagonal(tau * xi.T @ xi)
    for _ in range(steps):
        x = dream(w, drawn)
        mu = int(RNG.integers(m))
        drawn["messages"].append(mu)
        w = without_diagonal(w + np.outer(xi[mu], xi[mu]) - np.outer(x, x))
    return w / (tau * n), drawn


def rows(w):
    return [[float(f"{x:.9g}") for x in row] for row in w]


def main():
    # Few messages, more than there are units, and repeated and complementary ones.
    sets = {"few": messages(5, 12), "many": messages(13, 9)}
    base = messages(3, 10)
    sets["dependent"] = np.concatenate([base, base[1:2], -base[2:3]])
    written = []

    def note(protocol, name, w, thresholds=None):
        entry = {"protocol": protocol, "messages": name, "weights": rows(w)}
        if thresholds is not None:
            entry["thresholds"] = rows([thresholds])[0]
        written.append(entry)

    for name, xi in sets.items():
        for diagonal in ("kept", "zero"):
            for penalty in (0.01, 0.7):
                note({"ridge": {"lambda": penalty, "diagonal": diagonal}}, name, ridge(xi, penalty, diagonal))
            for time in (0.0, 0.5, 20.0):
                note({"dreaming": {"time": time, "diagonal": diagonal}}, name, dreaming(xi, time, diagonal))
            for order in ("first", "second"):
                note({"storkey": {"order": order, "diagonal": diagonal}}, name, storkey(xi, order, diagonal))
            for variant in ("I", "II"):
                rule = {"variant": variant, "diagonal": diagonal, "max_sweeps": 7, "tolerance": 0.0}
                note({"diederich-opper": rule}, name, diederich_opper(xi, variant, diagonal, 7))
        # A unit that has one sign in all messages has no finite threshold.
        for thresholds in {False, bool((np.abs(xi.sum(0)) < len(xi)).all())}:
            w, b = pseudo_likelihood(xi, 0.05, thresholds)
            rule = {"l2": 0.05, "thresholds": thresholds, "gradient_tolerance": 1e-6}
            note({"pseudo-likelihood": rule}, name, w, b if thresholds else None)

    w, drawn = unlearning(sets["few"], 20, 60)
    unlearned = {"epsilon": 0.05, "dreams": 60, "messages": "few", "weights": rows(w), "drawn": drawn}
    w, drawn = daydreaming(sets["few"], 8, 60)
    daydreamed = {"tau": 8, "steps": 60, "messages": "few", "weights": rows(w), "drawn": drawn}

    golden = {
        "origin": "scripts/golden/local_rules.py",
        "sets": {name: xi.tolist() for name, xi in sets.items()},
        "written": written,
        "unlearning": unlearned,
        "daydreaming": daydreamed,
    }
    path = pathlib.Path(__file__).parents[2] / "protocols/tests/golden/local_rules.json"
    path.parent.mkdir(exist_ok=True)
    # A line an entry, so that a change shows.
    text = json.dumps(golden, separators=(",", ":"))
    for mark in ('{"protocol"', '"unlearning":', '"daydreaming":', '"written":', '"sets":'):
        text = text.replace(mark, "\n" + mark)
    path.write_text(text + "\n")


if __name__ == "__main__":
    main()
