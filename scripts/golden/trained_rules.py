"""Expected values of the rules `trn-soft` and `diagonal`, and of the starts of `trn`.

Needs numpy and scipy only, and shares nothing with the crate but the formulas:
    python3 scripts/golden/trained_rules.py > protocols/tests/golden/trained_rules.json

- The soft reader is unrolled by its definition. Its loss, of rows that are divided by their length, is differentiated
  by complex steps (Squire, Trapp 1998), one weight after another: no derivative is written down anywhere.
- Adam is its published pseudocode (Kingma, Ba 2015), and rows are brought back to length 1 after each step.
- `diagonal` stands over the outer product and the pseudo-inverse (by singular values).
- The starts `margin` and `mcf` are the minima of their losses, row by row, by BFGS in double precision and Newton steps
  until they stand still. The mean of `mcf` over noisy copies is taken over all 2^N of them, one by one.

Messages are the top bits of splitmix64 (Steele, Lea, Flood 2014), so that any program can make them.
"""

import json
import numpy as np
from scipy.optimize import minimize

TINY = 1e-30


def signs(seed, m, n):
    z = np.arange(1, m * n + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(seed)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    z = z ^ (z >> np.uint64(31))
    return (1.0 - 2.0 * (z >> np.uint64(63)).astype(float)).reshape(m, n)


def unit_rows(w):
    w = w - np.diag(np.diag(w))
    return w / np.sqrt((w * w).sum(axis=1, keepdims=True))


def soft_loss(w, b, xi, p, case):
    """The mean over queries, units and steps, of messages xi, a row for each query in p."""
    w, s, total = unit_rows(w), p.astype(complex), []
    for _ in range(case["steps"]):
        z = np.tanh(case["beta"] * (s @ w.T + b + case["lambda"] * p))
        s = case["damping"] * s + (1 - case["damping"]) * z
        total.append(np.mean((xi - z) ** 2 if case["cost"] == "squared" else -np.log((1 + xi * z) / 2)))
    return np.mean(total) if case["loss"] == "all" else total[-1]


def complex_gradient(f, x):
    g = np.zeros(x.size)
    for k in range(x.size):
        step = x.astype(complex)
        step.flat[k] += 1j * TINY
        g[k] = f(step).imag / TINY
    return g.reshape(x.shape)


def soft_gradients(w, b, xi, p, case):
    gw = complex_gradient(lambda w: soft_loss(w, b, xi, p, case), w)
    gb = complex_gradient(lambda b: soft_loss(w, b, xi, p, case), b) if case["thresholds"] else np.zeros_like(b)
    return gw, gb


def adam(w, b, xi, p, case):
    """So many epochs of one step each, the step size constant or down a cosine."""
    moments = [(np.zeros_like(x), np.zeros_like(x)) for x in (w, b)]
    for epoch in range(case["epochs"]):
        rate = case["rate"]
        if case["schedule"] == "cosine":
            rate *= (1 + np.cos(np.pi * epoch / case["epochs"])) / 2
        moved, t = [], epoch + 1
        for k, (x, g) in enumerate(zip((w, b), soft_gradients(w, b, xi, p, case))):
            m, v = moments[k]
            m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g * g
            moments[k] = m, v
            moved.append(x - rate * (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8))
        w, b = unit_rows(moved[0]), moved[1]
    return w, b


def outer_product(xi):
    w = xi.T @ xi / xi.shape[1]
    return w - np.diag(np.diag(w))


def stationary(f, size):
    """The minimum of a convex f: BFGS, then Newton steps, both by complex steps and differences of them."""
    value, slope = (lambda x: f(x).real), (lambda x: complex_gradient(f, x))
    x = minimize(value, np.zeros(size), jac=slope, method="BFGS", options={"gtol": 1e-9}).x
    for _ in range(20):
        h = 1e-5
        hessian = np.array([(slope(x + h * e) - slope(x - h * e)) / (2 * h) for e in np.eye(size)])
        step = np.linalg.solve((hessian + hessian.T) / 2, slope(x))
        x = x - step
        if np.abs(step).max() < 1e-11:
            return x
    raise RuntimeError(f"no minimum: {np.abs(step).max()}")


def rows(xi, case, loss, diagonal):
    """W and b whose rows minimise `loss`, a function of a row's fields' weights and the unit."""
    m, n = xi.shape
    w, b = np.zeros((n, n)), np.zeros(n)
    for i in range(n):
        free = [j for j in range(n) if diagonal or j != i]

        def of(x):
            row = np.zeros(n, complex)
            row[free] = x[: len(free)]
            threshold = x[-1] if case["thresholds"] else 0.0
            return loss(row, threshold, i) + case["l2"] / 2 * (row * row).sum()

        x = stationary(of, len(free) + case["thresholds"])
        w[i, free] = x[: len(free)]
        b[i] = x[-1] if case["thresholds"] else 0.0
    return w, b


def margin(xi, case):
    def loss(row, threshold, i):
        u = xi[:, i] * (xi @ row + threshold)
        return np.mean(np.exp(-u) if case["phi"] == "exponential" else np.log(1 + np.exp(-u)))

    return rows(xi, case, loss, False)


def mcf(xi, case):
    n, q = xi.shape[1], case["noise"]
    flips = 1.0 - 2.0 * (np.arange(2**n)[:, None] >> np.arange(n) & 1)
    chance = np.prod(np.where(flips < 0, q, 1 - q), axis=1)

    def loss(row, threshold, i):
        return np.mean([chance @ np.exp(-x[i] * ((flips * x) @ row + threshold)) for x in xi])

    return rows(xi, case, loss, True)


def start(xi, case):
    """The memory, scaled so that fields agree with messages by 1 in the mean."""
    w, b = (margin if case["rule"] == "margin" else mcf)(xi, case)
    factor = 1 / np.mean(xi * (xi @ w.T + b))
    return factor * w, factor * b


def lengths(w):
    return np.sqrt(((w - np.diag(np.diag(w))) ** 2).sum(axis=1))


def numbers(x, digits=7):
    return np.round(np.asarray(x), digits).ravel().tolist()


def given_queries():
    """A memory and noisy queries that are given: the loss, its gradient along unit rows, and a few steps of Adam."""
    for cost, loss, thresholds in (("cross-entropy", "all", True), ("squared", "last", False)):
        case = {"seed": 5, "m": 3, "n": 9, "copies": 4, "steps": 4, "beta": 1.5, "damping": 0.4, "lambda": 0.3,
                "cost": cost, "loss": loss, "thresholds": thresholds, "epochs": 4, "rate": 0.01, "schedule": "constant"}
        xi = np.tile(signs(5, 3, 9), (4, 1))
        noise = (signs(6, 12, 9) + signs(7, 12, 9) == -2) * 1.0
        p = xi * (1 - 2 * noise)
        # No two numbers alike, so that no gradient vanishes by a symmetry.
        w = unit_rows(outer_product(xi[:3]) + 0.1 * np.sin(np.arange(81.0)).reshape(9, 9))
        b = 0.05 * np.cos(np.arange(9.0)) if thresholds else np.zeros(9)
        gw, gb = soft_gradients(w, b, xi, p, case)
        after_w, after_b = adam(w, b, xi, p, case)
        yield case | {"queries": [int(x) for x in p.ravel()], "w": numbers(w), "b": numbers(b),
                      "value": round(soft_loss(w, b, xi, p, case).real, 8), "gradient_w": numbers(gw, 8),
                      "gradient_b": numbers(gb, 8), "after_w": numbers(after_w), "after_b": numbers(after_b)}


def whole_trainings():
    """By the rule's own parameters. Without noise its queries are the messages."""
    for cost, schedule in (("cross-entropy", "cosine"), ("squared", "constant")):
        case = {"seed": 8, "m": 7, "n": 10, "steps": 3, "beta": 1.0, "damping": 0.5, "lambda": 0.1, "cost": cost,
                "loss": "all", "thresholds": False, "epochs": 6, "rate": 0.02, "schedule": schedule,
                "rule": "margin", "phi": "exponential", "l2": 0.1}
        xi = signs(8, 7, 10)
        w, b = start(xi, case)
        w, b = adam(unit_rows(w), b, xi, xi, case)
        yield case | {"w": numbers(w), "value": round(soft_loss(w, b, xi, xi, case).real, 8)}


def starts():
    cases = (
        {"rule": "margin", "phi": "exponential", "l2": 0.05, "thresholds": False, "diagonal": 0.0},
        {"rule": "margin", "phi": "logistic", "l2": 0.02, "thresholds": True, "diagonal": 0.3},
        {"rule": "mcf", "noise": 0.1, "l2": 0.01, "thresholds": False, "diagonal": 0.0},
        {"rule": "mcf", "noise": 0.05, "l2": 0.03, "thresholds": True, "diagonal": 0.2},
    )
    for case in cases:
        case = {"seed": 9, "m": 5, "n": 8} | case
        w, b = start(signs(9, 5, 8), case)
        if case["diagonal"] > 0:
            np.fill_diagonal(w, case["diagonal"] * lengths(w))
        yield case | {"w": numbers(w), "b": numbers(b)}


def diagonals():
    xi = signs(10, 4, 12)
    _, _, v = np.linalg.svd(xi, full_matrices=False)
    for rule, w in (("hop", outer_product(xi)), ("pse", v.T @ v)):
        for value in (0.0, 0.2, 1.5):
            set_to = w.copy()
            np.fill_diagonal(set_to, value * lengths(w))
            # The outer product may be on any scale: a read does not see it.
            yield {"seed": 10, "m": 4, "n": 12, "rule": rule, "c": value, "w": numbers(set_to / lengths(w).mean())}


def main():
    golden = {
        "given_queries": list(given_queries()), "whole_trainings": list(whole_trainings()),
        "starts": list(starts()), "diagonals": list(diagonals()),
    }
    lines = []
    for key, cases in golden.items():
        entries = ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases)
        lines.append(f'"{key}": [\n{entries}\n]')
    print("{\n" + ",\n".join(lines) + "\n}")


main()
