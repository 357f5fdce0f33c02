"""Reads in numpy, tuned: all queries at once in float32, no Python loop over units except where asynchronous reading
demands one. Vectors are rows."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]
MAX_STEPS = 50


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


# The fields of the states that are still read, and which of the queries these are.
Fields = Callable[[Array, NDArray[np.intp]], Array]


def read_at_once(queries: Array, fields: Fields) -> Reads:
    """All queries at once; those that settled, or are back where they were two steps ago, are dropped."""
    final, fixed = queries.copy(), np.zeros(len(queries), bool)
    active, x, before = np.arange(len(queries)), queries, None
    for _ in range(MAX_STEPS):
        y = next_states(fields(x, active), x)
        settled = (y == x).all(axis=1)
        going = ~settled
        if before is not None:
            going &= (y != before).any(axis=1)
        final[active], fixed[active] = y, settled
        if not going.any():
            break
        active, before, x = active[going], x[going], y[going]
    return Reads(final, fixed)


def read_sync(w: Array, queries: Array) -> Reads:
    return read_at_once(queries, lambda x, _: x @ w.T)


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
    """Graded states by the soft reader's defaults: rows of length 1, gain 3, damping 1/2, the query held by 0.1."""
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


def soft_turns(w: Array, queries: Array) -> int:
    """The steps until each state changes its signs for the last time, or the first, summed over all states."""
    rows, held, s = soft_rows(w), SOFT_HELD * queries, queries
    last = np.ones(len(queries), int)
    for step in range(1, SOFT_STEPS + 1):
        before, s = s, soft_step(rows, held, s)
        last[((s > 0) != (before > 0)).any(axis=1)] = step
    return int(last.sum())


def held_drive(w: Array, queries: Array) -> Array:
    """The field of the query by the held reader's default."""
    return np.float32(0.3) * np.linalg.norm(w, axis=1).astype(np.float32) * queries


def read_held(w: Array, queries: Array) -> Reads:
    """The query's own field is kept."""
    held = held_drive(w, queries)

    def fields(x: Array, active: NDArray[np.intp]) -> Array:
        h = x @ w.T
        h += held[active]
        return h

    return read_at_once(queries, fields)


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
