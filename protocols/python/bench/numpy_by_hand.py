"""Writes and recalls beside numpy written by hand, N = 256, one thread, the interface included.

    OPENBLAS_NUM_THREADS=1 python bench/numpy_by_hand.py [ROUNDS]

The two take turns of some milliseconds, so that a busy machine slows both. Printed is a call's time in the fastest turn
of each, which others disturbed least, and the ratio of the two; beside it the median ratio of neighbouring turns.
"""

import os

for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"

import statistics
import sys
import time

import numpy as np
from hopfield_protocols import write

UNITS = 256
ROUNDS = int(sys.argv[1]) if len(sys.argv) > 1 else 100
TURN = 3e-3


def hop(messages):
    """One product in float32, which BLAS has, and a cleared diagonal."""
    xi = messages.astype(np.float32)
    weights = xi.T @ xi
    np.fill_diagonal(weights, 0)
    return weights


def pse(messages):
    """The projector by a solve of the overlaps; float64, as numpy's solvers are at their best."""
    xi = messages.astype(np.float64)
    return (xi.T @ np.linalg.solve(xi @ xi.T, xi)).astype(np.float32)


def recall(weights, queries, max_steps=50):
    """All queries at once in float32, until nothing changes; a field of 0 keeps the state."""
    states = queries.astype(np.float32)
    for _ in range(max_steps):
        fields = states @ weights.T
        after = np.where(fields == 0, states, np.sign(fields))
        if np.array_equal(after, states):
            break
        states = after
    return states.astype(np.int8)


def timed(work, calls):
    """Seconds a call."""
    start = time.perf_counter()
    for _ in range(calls):
        work()
    return (time.perf_counter() - start) / calls


def compare(what, ours, by_hand, agree):
    """Takes turns, after a call that is not counted in which the two must agree."""
    assert agree(ours(), by_hand()), what
    calls = [max(1, round(TURN / timed(work, 3))) for work in (ours, by_hand)]
    pairs = [(timed(ours, calls[0]), timed(by_hand, calls[1])) for _ in range(ROUNDS)]
    mine, theirs = (min(column) for column in zip(*pairs))
    median = statistics.median(hand / own for own, hand in pairs)
    print(f"{what:<34} {mine * 1e6:9.1f} {theirs * 1e6:9.1f} {theirs / mine:7.1f} {median:7.1f}")
    return theirs / mine


def main():
    rng = np.random.default_rng(1)
    print(f"{'N = 256':<34} {'us here':>9} {'us numpy':>9} {'ratio':>7} {'median':>7}")
    ratios = []
    for name, by_hand, m in (("hop", hop, 26), ("pse", pse, 26), ("pse", pse, 102)):
        messages = rng.choice(np.array([-1, 1], dtype=np.int8), size=(m, UNITS))
        close = lambda memory, weights: np.allclose(memory.weights, weights, atol=1e-4)
        ours, theirs = (lambda: write(messages, name)), (lambda: by_hand(messages))
        ratios.append(compare(f"write {name}, M = {m}", ours, theirs, close))
        memory, weights = write(messages, name), by_hand(messages)
        for count in (1, 100, 1000):
            queries = messages[np.arange(count) % m].copy()
            for query in queries:
                query[rng.choice(UNITS, 25, replace=False)] *= -1
            what = f"recall {count} by {name}, M = {m}"
            same = lambda mine, theirs: (mine == theirs).mean() > 0.999
            ratios.append(compare(what, lambda: memory.recall(queries), lambda: recall(weights, queries), same))
    print(f"the smallest ratio is {min(ratios):.1f}")


main()
