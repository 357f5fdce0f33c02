"""The least that a row's work takes on the machine at hand: its arithmetic at the rate of multiply-adds that never
leave the registers, and what it must read or write once at the rate of a large copy. Both rates are measured in the
row's own rounds, one thread.

Arithmetic is counted in operations of f32 by the method that needs fewest here, where a multiply-add is two. A vector
instruction on whole numbers counts as the f32 instruction of its width: an addition of 16 bits is one operation, of 8
bits a half; one on f64 is two. Iterations and evaluations are those that were taken here. Products with whole-number
matrices go by tables of four columns (the method of four Russians): N/4 additions for N multiply-adds. What is not
counted (tables, packing, drawing, look-ups) makes a floor lower than it is.
"""

import re
from dataclasses import dataclass

import numpy as np
import numpy_reads as npr
import numpy_work as npw

# Operations of the polynomials by which functions are computed here, with what stands around them.
EXP = 25
LOGISTIC = 65
TANH = 28
# exp and two ln in f64, and their slopes.
NOISY_WEIGHT = 270
# Of an iteration for every parameter: inner products with ten vectors, and their combination.
LBFGS = 50
ADAM = 15
# Columns of a table.
GROUP = 4


@dataclass
class Floor:
    """What must be done: operations, and bytes that are read or written once."""

    operations: float
    bytes: float

    def seconds(self, peak: float, bandwidth: float) -> tuple[float, float]:
        """By arithmetic and by memory; the rates are in 10^9 a second."""
        return self.operations / (1e9 * peak), self.bytes / (1e9 * bandwidth)


def counted(note: str, what: str) -> float:
    """The number before a word in what the server noted."""
    found = re.search(rf"([\d.]+) {what}", note)
    assert found, f"no {what} in {note!r}"
    return float(found[1])


def written(n: int, m: int, operations: float) -> Floor:
    return Floor(operations, n * m + 4 * n * n)


def hop(n: int, m: int) -> Floor:
    """Additions of 8 bits, of half of W."""
    return written(n, m, 0.5 * 0.5 * n * n * m / GROUP)


def pse(n: int, m: int) -> Floor:
    """Cholesky's factor, a triangular solve, and half of W; the overlaps are counted from bits."""
    return written(n, m, m**3 / 3 + m * m * n + n * n * m)


def minimised(n: int, m: int, note: str, each: float, symmetric: bool = False, weights: float = 0.0) -> Floor:
    """Two products an evaluation, `each` operations a field and `weights` a weight; L-BFGS."""
    parameters = n * n / 2 if symmetric else n * n
    evaluation = 4 * n * n * m + each * n * m + weights * n * n
    operations = counted(note, "evaluations") * evaluation + counted(note, "iterations") * LBFGS * parameters
    return written(n, m, operations)


def strengths(n: int, m: int, changes: float, sweeps: float) -> Floor:
    """Two multiply-adds a message for every change, a comparison for every message; overlaps and W."""
    return written(n, m, 4 * m * changes + 2 * n * m * sweeps + m * m * n + 2 * n * n * m)


def trn(n: int, m: int, queries: int, steps: int, epochs: int) -> Floor:
    """Fields, errors and the gradient of all steps but the first, which follows from the messages'."""
    batch = queries * m
    products = 3 * (steps - 1) * 2 * batch * n * n
    return written(n, m, epochs * (products + steps * TANH * batch * n + ADAM * n * n))


def read(n: int, queries: int, operations: float) -> Floor:
    """W, the queries and the states that they end in, a byte a unit."""
    return Floor(operations, 4 * n * n + 2 * n * queries)


def walks(w: npw.Array, queries: npw.Array, drive: npw.Array | None = None) -> float:
    """Operations of synchronous reads: the fields of every distinct first state, and of later ones by what changed.
    With a drive of its own every query has a map of its own, and none is shared."""
    n = w.shape[0]
    product = n * n / GROUP
    x, which, operations, turned = queries, np.arange(len(queries)), 0.0, None
    seen: set[tuple[int, bytes]] = set()
    while True:
        keys = [(int(q) if drive is not None else 0, row.tobytes()) for q, row in zip(which, x > 0, strict=True)]
        new = np.array([i for i, key in enumerate(keys) if key not in seen and not seen.add(key)], int)
        if not len(new):
            return operations
        x, which = x[new], which[new]
        operations += len(x) * product if turned is None else np.minimum(product, 2.0 * n * turned[new]).sum()
        h = x @ w.T if drive is None else x @ w.T + drive[which]
        y = npr.next_states(h, x)
        x, turned = y, (x != y).sum(axis=1)


def relaxations(w: npw.Array, queries: npw.Array) -> float:
    """Operations of soft reads: a product and N tanh a step, until a state has changed its signs for the last time."""
    n = w.shape[0]
    return npr.soft_turns(w, queries) * (2 * n * n + (TANH + 6) * n)


def retrieved(n: int, m: int, queries: int) -> Floor:
    """Overlaps of bits, by an exclusive or, a count and an addition a word of 64, and the largest of them: it decides
    every sign where it has more than half of all shares. Messages, queries and states, a byte a unit."""
    return Floor(queries * m * (6 * n / 64 + 2), n * m + 2 * n * queries)
