"""The work of the comparison in numpy and scipy, tuned: float32 wherever it is harmless, batched, results into buffers
that exist, no Python loop over units except where asynchronous reading demands one. Vectors are rows."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import blas
from scipy.optimize import minimize

Array = NDArray[np.float32]
MAX_STEPS = 50


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


def next_states(h: Array, x: Array) -> Array:
    """sign(h), with the present state where h is 0; overwrites h."""
    np.sign(h, out=h)
    ties = h == 0
    if ties.any():
        np.copyto(h, x, where=ties)
    return h


@dataclass
class Reads:
    states: Array
    fixed: NDArray[np.bool_]

    def recovered(self, targets: Array) -> float:
        return float(np.mean(self.fixed & (self.states == targets).all(axis=-1)))


def read_sync(w: Array, queries: Array) -> Reads:
    """All queries at once; those that settled, or are back where they were two steps ago, are dropped."""
    final = queries.copy()
    fixed = np.zeros(len(queries), bool)
    active = np.arange(len(queries))
    x, before = queries, None
    for _ in range(MAX_STEPS):
        y = next_states(x @ w.T, x)
        settled = (y == x).all(axis=1)
        going = ~settled
        if before is not None:
            going &= (y != before).any(axis=1)
        final[active] = y
        fixed[active] = settled
        if not going.any():
            break
        active, before, x = active[going], x[going], y[going]
    return Reads(final, fixed)


def read_sync_merged(w: Array, queries: Array) -> Reads:
    """The same, but equal states are evaluated once: reads of noisy queries soon meet."""
    final, fixed = queries.copy(), np.zeros(len(queries), bool)
    active = row = np.arange(len(queries))  # The unsettled queries, and the row of x at which each is.
    x, before = queries, queries
    for step in range(MAX_STEPS):
        y = next_states(x @ w.T, x)
        settled = (y == x).all(axis=1)
        going = ~settled & (y != before).any(axis=1) if step else ~settled
        final[active], fixed[active] = y[row], settled[row]
        if not going.any():
            break
        packed = np.packbits(y[going] > 0, axis=1)
        _, first, inverse = np.unique(packed.view(f"V{packed.shape[1]}")[:, 0], return_index=True, return_inverse=True)
        stays = going[row]
        row = inverse[(np.cumsum(going) - 1)[row[stays]]]
        active, before, x = active[stays], x[going][first], y[going][first]
    return Reads(final, fixed)


def soft_rows(w: Array) -> Array:
    """W^T with rows of W of length 1."""
    return np.ascontiguousarray((w / np.linalg.norm(w, axis=1, keepdims=True)).T, np.float32)


def soft_step(rows: Array, held: Array, s: Array) -> Array:
    """Gain 3, damping 1/2."""
    h = s @ rows
    h += held
    h *= 3
    np.tanh(h, out=h)
    h += s
    h *= 0.5
    return h


SOFT_STEPS = 60
SOFT_HELD = np.float32(0.1)


def read_soft(w: Array, queries: Array) -> Reads:
    """Graded states by the soft reader's defaults: rows of length 1, gain 3, damping 1/2, the query held by 0.1, 60 steps."""
    rows, held, s = soft_rows(w), SOFT_HELD * queries, queries
    for _ in range(SOFT_STEPS):
        s = soft_step(rows, held, s)
    return Reads(np.where(s == 0, queries, np.sign(s)), np.ones(len(queries), bool))


def read_soft_retiring(w: Array, queries: Array) -> Reads:
    """The same, but states that no longer move by a bit are dropped; they are looked for every fourth step."""
    rows, held, s = soft_rows(w), SOFT_HELD * queries, queries
    final, active = queries.copy(), np.arange(len(queries))
    for step in range(1, SOFT_STEPS + 1):
        before, s = s, soft_step(rows, held, s)
        if step % 4 == 0:
            going = (s != before).any(axis=1)
            if not going.all():
                final[active[~going]] = s[~going]
                active, held, s = active[going], held[going], s[going]
    final[active] = s
    return Reads(np.where(final == 0, queries, np.sign(final)), np.ones(len(queries), bool))


def soft_moves(w: Array, queries: Array) -> Iterator[int]:
    """How many states moved by a bit, step after step."""
    rows, held, s = soft_rows(w), SOFT_HELD * queries, queries
    for _ in range(SOFT_STEPS):
        before, s = s, soft_step(rows, held, s)
        going = (s != before).any(axis=1)
        yield int(going.sum())
        held, s = held[going], s[going]


def held_drive(w: Array, queries: Array) -> Array:
    """The field of the query by the held reader's default."""
    return np.float32(0.3) * np.linalg.norm(w, axis=1).astype(np.float32) * queries


def read_held(w: Array, queries: Array) -> Reads:
    """All queries at once, with the query's own field kept; those that settled or cycle are dropped."""
    held = held_drive(w, queries)
    final, fixed = queries.copy(), np.zeros(len(queries), bool)
    active, x, before = np.arange(len(queries)), queries, None
    for _ in range(MAX_STEPS):
        h = x @ w.T
        h += held[active]
        y = next_states(h, x)
        settled = (y == x).all(axis=1)
        going = ~settled
        if before is not None:
            going &= (y != before).any(axis=1)
        final[active], fixed[active] = y, settled
        if not going.any():
            break
        active, before, x = active[going], x[going], y[going]
    return Reads(final, fixed)


def read_async(w: Array, queries: Array, rng: np.random.Generator) -> Reads:
    """One unit after another for all queries at once (in an order they share), in blocks of units: inside a block the
    fields of the block alone are kept up to date; the rest of the fields follows in one product a block."""
    size = 32
    x = queries.copy()
    h = x @ w.T
    n = x.shape[1]
    fixed = np.zeros(len(x), bool)
    active = np.arange(len(x))
    xs, hs = x.copy(), h
    for sweep in range(MAX_STEPS + 1):
        settled = ~(xs * hs < 0).any(axis=1)
        x[active], fixed[active] = xs, settled
        if settled.all() or sweep == MAX_STEPS:
            break
        active, xs, hs = active[~settled], xs[~settled], hs[~settled]
        order = rng.permutation(n)
        for start in range(0, n, size):
            units = order[start : start + size]
            block_x, block_h = xs[:, units].T.copy(), hs[:, units].T.copy()
            block_w = w[np.ix_(units, units)]
            change = np.zeros_like(block_x)
            for k in range(len(units)):
                (turned,) = np.nonzero(block_h[k] * block_x[k] < 0)
                if len(turned):
                    step = -2 * block_x[k, turned]
                    change[k, turned] = step
                    block_h[:, turned] += block_w[:, k, None] * step
            xs[:, units] += change.T
            touched = np.nonzero(change.any(axis=0))[0]
            hs[touched] += change.T[touched] @ w[:, units].T
    return Reads(x, fixed)


def read_async_by_unit(w: Array, queries: Array, rng: np.random.Generator) -> Reads:
    """One unit after another for all queries at once, adding the unit's column to the fields of those that flipped."""
    x = queries.copy()
    fixed = np.zeros(len(x), bool)
    active = np.arange(len(x))
    columns = np.ascontiguousarray(w.T)
    xs, hs = x.copy(), x @ w.T
    for sweep in range(MAX_STEPS + 1):
        settled = ~(xs * hs < 0).any(axis=1)
        x[active], fixed[active] = xs, settled
        if settled.all() or sweep == MAX_STEPS:
            break
        active, xs, hs = active[~settled], xs[~settled], hs[~settled]
        for unit in rng.permutation(x.shape[1]):
            (turned,) = np.nonzero(hs[:, unit] * xs[:, unit] < 0)
            if len(turned):
                step = -2 * xs[turned, unit]
                xs[turned, unit] += step
                hs[turned] += step[:, None] * columns[unit]
    return Reads(x, fixed)


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


def sweep(protocol: str, n: int, trials: int, rng: np.random.Generator) -> float:
    """A capacity sweep, all trials of a load in one batch; the share of queries recovered."""
    shares = []
    for load in LOADS:
        m = round(load * n)
        messages = signs((trials, m, n), rng)
        targets = messages[:, np.arange(SWEEP_QUERIES) % m]
        queries = flipped(targets, SWEEP_FLIPS, rng)
        shares.append(read_batches(WRITE_MANY[protocol](messages, rng), queries).recovered(targets))
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
