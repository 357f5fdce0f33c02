"""The work of the comparison in numpy and scipy, tuned: float32 wherever it is harmless, batched, results into buffers
that exist. Reads are in numpy_reads. Vectors are rows."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from numpy_reads import MAX_STEPS, Array, Reads, next_states
from scipy.linalg import blas
from scipy.optimize import minimize


def zero_diagonal(w: NDArray) -> NDArray:
    w.reshape(-1)[:: w.shape[-1] + 1] = 0
    return w


def hop(messages: Array) -> Array:
    """numpy hands X^T X to the BLAS's rank-k update, which does half of it, and mirrors."""
    return zero_diagonal(messages.T @ messages)


def pse_cholesky(messages: NDArray) -> NDArray:
    """In the precision of `messages`; the triangular solve works on transposed views, so nothing is copied but X."""
    n = messages.shape[1]
    solve = blas.dtrsm if messages.dtype == np.float64 else blas.strsm
    factor = np.linalg.cholesky(messages @ messages.T)
    y = solve(1.0, factor.T, messages.T, side=1, lower=0).T
    assert y.flags.c_contiguous and y.shape[1] == n
    return y.T @ y


def pse_pinv(messages: NDArray) -> NDArray:
    return np.linalg.pinv(messages) @ messages


@dataclass
class Minimum:
    w: Array
    iterations: int
    evaluations: int
    largest: float


def mpf(messages: Array, tolerance: float = 1e-5) -> Minimum:
    """scipy's L-BFGS-B on K/M over one triangle of W (five pairs of memory: of 5, 10 and 20 the fastest)."""
    m, n = messages.shape
    row, column = np.tril_indices(n, -1)
    lower, upper = row * n + column, column * n + row
    fields, product = np.empty_like(messages), np.empty((n, n), np.float32)
    w = np.zeros((n, n), np.float32)
    flat_w, flat_product = w.reshape(-1), product.reshape(-1)
    evaluations = 0

    def fill(x: NDArray[np.float64]) -> None:
        flat_w[lower] = x
        flat_w[upper] = x

    def objective(x: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        nonlocal evaluations
        evaluations += 1
        fill(x)
        np.matmul(messages, w, out=fields)
        np.multiply(fields, messages, out=fields)
        np.negative(fields, out=fields)
        np.exp(fields, out=fields)
        value = float(fields.sum(dtype=np.float64)) / m
        np.multiply(fields, messages, out=fields)
        np.matmul(fields.T, messages, out=product)
        return value, (flat_product[lower] + flat_product[upper]).astype(np.float64) * (-1 / m)

    # An entry of the triangle stands for two of the matrix, so its derivative is twice that of ours.
    options = {"gtol": 2 * tolerance, "ftol": 0.0, "maxiter": 1000, "maxfun": 5000, "maxcor": 5}
    found = minimize(objective, np.zeros(len(lower)), jac=True, method="L-BFGS-B", options=options)
    fill(found.x)
    return Minimum(w, found.nit, evaluations, float(np.abs(found.jac).max()) / 2)


@dataclass
class Training:
    queries: int = 20
    steps: int = 3
    epochs: int = 500
    learning_rate: float = 0.003
    noise: float = 0.1


def flipped(patterns: Array, flips: int, rng: np.random.Generator) -> Array:
    """Exactly `flips` units of every row turned."""
    queries = patterns.copy()
    order = rng.random(patterns.shape, np.float32).argpartition(flips, axis=-1)[..., :flips]
    np.put_along_axis(queries, order, -np.take_along_axis(patterns, order, -1), -1)
    return queries


def training_set(messages: Array, training: Training, rng: np.random.Generator) -> tuple[Array, Array]:
    targets = np.tile(messages, (training.queries, 1))
    return targets, flipped(targets, round(training.noise * messages.shape[1]), rng)


def trn(messages: Array, training: Training, rng: np.random.Generator) -> tuple[Array, float]:
    """Backpropagation through time by hand, Adam, all in buffers; W (transposed: states are rows) and the last loss."""
    targets, queries = training_set(messages, training, rng)
    (batch, n), steps = queries.shape, training.steps
    w = hop(messages) / n
    states, deltas = np.empty((steps + 1, batch, n), np.float32), np.empty((steps, batch, n), np.float32)
    scratch = np.empty((batch, n), np.float32)
    gradient, first, second, move = (np.zeros((n, n), np.float32) for _ in range(4))
    states[0] = queries
    flat_states, flat_deltas = states[:steps].reshape(-1, n), deltas.reshape(-1, n)

    def forward() -> None:
        for t in range(1, steps + 1):
            np.matmul(states[t - 1], w, out=states[t])
            np.tanh(states[t], out=states[t])

    for epoch in range(1, training.epochs + 1):
        forward()
        for t in range(steps, 0, -1):
            delta, state = deltas[t - 1], states[t]
            np.subtract(state, targets, out=delta)
            if t < steps:
                np.matmul(deltas[t], w.T, out=scratch)
                delta += scratch
            np.multiply(state, state, out=scratch)
            scratch *= delta
            delta -= scratch
        np.matmul(flat_states.T, flat_deltas, out=gradient)
        gradient *= 2 / (batch * n * steps)
        zero_diagonal(gradient)
        adam(w, gradient, first, second, move, epoch, training.learning_rate)
    forward()
    return w, float(np.mean((states[1:] - targets) ** 2))


def adam(w: Array, g: Array, first: Array, second: Array, move: Array, step: int, rate: float) -> None:
    first *= 0.9
    np.multiply(g, 0.1, out=move)
    first += move
    second *= 0.999
    np.multiply(g, g, out=move)
    move *= 0.001
    second += move
    np.multiply(second, 1 / (1 - 0.999**step), out=move)
    np.sqrt(move, out=move)
    move += 1e-8
    np.divide(first, move, out=move)
    move *= rate / (1 - 0.9**step)
    w -= move


LOADS = [0.05 * k for k in range(1, 17)]
SWEEP_QUERIES = 50
SWEEP_FLIPS = 6


def sweep_cell(protocol: str, n: int, trials: int, load: float, rng: np.random.Generator) -> tuple[Array, Array, Array]:
    """W, queries and their messages at one load, all trials in one batch."""
    m = round(load * n)
    messages = signs((trials, m, n), rng)
    targets = messages[:, np.arange(SWEEP_QUERIES) % m]
    queries = flipped(targets, SWEEP_FLIPS, rng)
    return WRITE_MANY[protocol](messages, rng), queries, targets


def sweep(protocol: str, n: int, trials: int, rng: np.random.Generator) -> float:
    """A capacity sweep; the share of queries recovered."""
    shares = []
    for load in LOADS:
        w, queries, targets = sweep_cell(protocol, n, trials, load, rng)
        shares.append(read_batches(w, queries).recovered(targets))
    return float(np.mean(shares))


def signs(shape: tuple[int, ...], rng: np.random.Generator) -> Array:
    return (2 * rng.integers(0, 2, shape, np.int8) - 1).astype(np.float32)


def zero_diagonals(w: Array) -> Array:
    w.reshape(len(w), -1)[:, :: w.shape[-1] + 1] = 0
    return w


def hop_many(messages: Array, _: np.random.Generator) -> Array:
    return zero_diagonals(messages.transpose(0, 2, 1) @ messages)


def pse_many(messages: Array, _: np.random.Generator) -> Array:
    transposed = messages.transpose(0, 2, 1)
    return zero_diagonals(transposed @ np.linalg.solve(messages @ transposed, messages))


def mpf_many(messages: Array, _: np.random.Generator) -> Array:
    return np.stack([mpf(set_).w for set_ in messages])


def trn_many(messages: Array, rng: np.random.Generator) -> Array:
    return np.stack([trn(set_, Training(), rng)[0].T for set_ in messages])


WRITE_MANY = {"hop": hop_many, "pse": pse_many, "mpf": mpf_many, "trn": trn_many}


def read_batches(w: Array, queries: Array) -> Reads:
    """Synchronous reads of several memories at once; a memory is dropped when all of its queries settled."""
    final, fixed = queries.copy(), np.zeros(queries.shape[:2], bool)
    active = np.arange(len(queries))
    x, before, wt = queries, queries, np.ascontiguousarray(w.transpose(0, 2, 1))
    for step in range(MAX_STEPS):
        y = next_states(x @ wt, x)
        settled = (y == x).all(axis=2)
        final[active], fixed[active] = y, settled
        back = (y == before).all(axis=2) if step else settled
        going = ~(settled | back).all(axis=1)
        if not going.any():
            break
        if going.all():
            x, before = y, x
        else:
            active, wt, x, before = active[going], wt[going], y[going], x[going]
    return Reads(final, fixed)
