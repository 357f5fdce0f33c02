"""Rules that learn, in numpy and scipy, as tuned as numpy_work: products into buffers, scipy's L-BFGS-B for losses, and
all units of a step at once where a rule goes message by message. Losses are taken in the precision of the messages:
where that is f32, scipy's line search looks long for a decrease that is below its rounding. Vectors are rows."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from numpy_work import Array, zero_diagonal
from scipy.optimize import minimize

# Value and gradient of a loss at W.
Loss = Callable[[NDArray], tuple[float, NDArray]]


@dataclass
class Found:
    w: NDArray
    value: float
    iterations: int
    evaluations: int
    largest: float

    def describe(self) -> str:
        return f"{self.iterations} iterations, {self.evaluations} evaluations, gradient {self.largest:.1e}"


def minimised(n: int, loss: Loss, tolerance: float, precision: np.dtype) -> Found:
    """From W = 0, five pairs of memory as everywhere; scipy's vectors are f64, the loss is of this precision."""
    w = np.zeros((n, n), precision)

    def objective(x: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        w.reshape(-1)[:] = x
        value, gradient = loss(w)
        return value, gradient.reshape(-1).astype(np.float64)

    options = {"gtol": tolerance, "ftol": 0.0, "maxiter": 1000, "maxfun": 5000, "maxcor": 5}
    found = minimize(objective, np.zeros(n * n), jac=True, method="L-BFGS-B", options=options)
    return Found(found.x.reshape(n, n).astype(np.float32), found.fun, found.nit, found.nfev, np.abs(found.jac).max())


def squares(w: NDArray) -> float:
    return float(np.dot(w.reshape(-1), w.reshape(-1)))


# From aligned fields, which may be overwritten: the sum of a loss over them, and less its slopes.
Descent = Callable[[NDArray], tuple[float, NDArray]]


def by_margins(messages: NDArray, descent: Descent, l2: float, tolerance: float) -> Found:
    """min 1/M sum f(xi h) + l2/2 |W|^2, zero diagonal."""
    m, n = messages.shape
    fields, gradient = np.empty_like(messages), np.empty((n, n), messages.dtype)

    def loss(w: NDArray) -> tuple[float, NDArray]:
        np.matmul(messages, w.T, out=fields)
        np.multiply(fields, messages, out=fields)
        total, slopes = descent(fields)
        slopes *= messages
        np.matmul(slopes.T, messages, out=gradient)
        np.multiply(gradient, -1 / m, out=gradient)
        np.add(gradient, l2 * w, out=gradient)
        return total / m + 0.5 * l2 * squares(w), zero_diagonal(gradient)

    return minimised(n, loss, tolerance, messages.dtype)


def exponential(messages: NDArray, l2: float = 0.01, tolerance: float = 1e-5) -> Found:
    """f(a) = exp(-a)."""

    def descent(aligned: NDArray) -> tuple[float, NDArray]:
        np.negative(aligned, out=aligned)
        np.exp(aligned, out=aligned)
        return float(aligned.sum(dtype=np.float64)), aligned

    return by_margins(messages, descent, l2, tolerance)


def logistic(messages: NDArray, l2: float = 0.01, tolerance: float = 1e-5) -> Found:
    """f(a) = ln(1 + exp(-a))."""

    def descent(aligned: NDArray) -> tuple[float, NDArray]:
        e = np.exp(-np.abs(aligned))
        total = float((np.log(1 + e) - np.minimum(aligned, 0)).sum(dtype=np.float64))
        return total, np.where(aligned > 0, e, 1) / (1 + e)

    return by_margins(messages, descent, l2, tolerance)


def mcf(messages: NDArray, noise: float = 0.01, l2: float = 1e-5, tolerance: float = 1e-5) -> Found:
    """The exponential loss in the mean over flips of probability `noise`, diagonal free: 1/M sum exp(a_i - xi h) with
    h = u(W) xi and a_i = sum_j c(W_ij), as protocols/src/protocol/mcf says."""
    m, n = messages.shape
    q = noise
    fields, gradient = np.empty_like(messages), np.empty((n, n), messages.dtype)

    def loss(w: NDArray) -> tuple[float, NDArray]:
        size, sign = np.abs(w), np.sign(w)
        e = np.exp(-2 * size)
        a, b = 1 - q + q * e, q + (1 - q) * e
        ln_a, ln_b, inverse = np.log(a), np.log(b), 1 / (a * b)
        couplings = 0.5 * (ln_a - ln_b) * sign
        charges = (size + 0.5 * (ln_a + ln_b)).sum(axis=1)
        np.matmul(messages, couplings.T, out=fields)
        np.multiply(fields, messages, out=fields)
        np.subtract(charges, fields, out=fields)
        np.exp(fields, out=fields)
        value = float(fields.sum(dtype=np.float64)) / m + 0.5 * l2 * squares(w)
        units = fields.sum(axis=0)[:, None]
        np.multiply(fields, messages, out=fields)
        np.matmul(fields.T, messages, out=gradient)
        np.multiply(gradient, (2 * q - 1) * e * inverse, out=gradient)
        np.add(gradient, units * (sign * q * (1 - q) * (1 - e * e) * inverse), out=gradient)
        np.multiply(gradient, 1 / m, out=gradient)
        np.add(gradient, l2 * w, out=gradient)
        return value, gradient

    return minimised(n, loss, tolerance, messages.dtype)


@dataclass
class Learned:
    w: Array
    changes: int
    sweeps: int


# The changes of strengths from aligned fields, lengths of rows (both times N) and strengths.
Pull = Callable[[Array, Array, Array], Array]


def learned(messages: Array, pull: Pull, most: int) -> Learned:
    """Message after message, for all units at once that still ask: fields are changed by the overlaps."""
    m, n = messages.shape
    overlaps, signs = messages @ messages.T, np.ascontiguousarray(messages.T)
    fields, strengths = np.zeros((n, m), np.float32), np.zeros((n, m), np.float32)
    lengths = np.zeros(n, np.float64)
    units, changes, sweep = np.arange(n), 0, 0
    while len(units) and sweep < most:
        moved = np.zeros(n, bool)
        for message in range(m):
            aligned = signs[units, message] * fields[units, message]
            change = pull(aligned, np.sqrt(lengths[units]).astype(np.float32), strengths[units, message])
            asks = np.nonzero(change)[0]
            if len(asks):
                who, by = units[asks], change[asks]
                strengths[who, message] += by
                lengths[who] += by.astype(np.float64) * (2.0 * aligned[asks] + by * (n - 1.0))
                sign = signs[who, message]
                fields[who] += (by * sign)[:, None] * overlaps[message] - by[:, None] * signs[who]
                moved[who] = True
                changes += len(who)
        units, sweep = np.nonzero(moved)[0], sweep + 1
    return Learned(zero_diagonal((strengths * signs) @ messages) / n, changes, sweep)


def perceptron(messages: Array, kappa: float) -> Learned:
    return learned(messages, lambda field, length, _: (field <= np.float32(kappa) * length).astype(np.float32), 1000)


def stability(messages: Array, cap: float = 1000.0, tolerance: float = 1e-3) -> Learned:
    n = messages.shape[1]
    others, least = np.float32(n - 1), np.float32(n * tolerance)

    def pull(field: Array, _: Array, strength: Array) -> Array:
        change = np.clip(strength + (n - field) / others, 0, cap) - strength
        return np.where(np.abs(change) * others > least, change, 0).astype(np.float32)

    return learned(messages, pull, 2000)


def least_stability(w: Array, messages: Array) -> float:
    """min over units and messages of xi h / |w_i|."""
    w = np.asarray(w, np.float64)
    return float((messages * (messages @ w.T) / np.linalg.norm(w, axis=1)).min())
