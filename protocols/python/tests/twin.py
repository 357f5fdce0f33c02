"""What the package computes, once more: naive numpy after the formulas, slow and plain. Tests compare the two."""

import blake3
import numpy as np


def hop(messages):
    """W = sum over messages of xi xi^T, with diagonal 0."""
    m, n = messages.shape
    weights = np.zeros((n, n))
    for xi in messages.astype(float):
        weights += np.outer(xi, xi)
    np.fill_diagonal(weights, 0)
    return weights


def pse(messages):
    """The projector onto the messages, as it is written: W = 1/N sum xi (Q^-1) xi^T, by the pseudo-inverse of Q."""
    xi = messages.astype(float)
    n = xi.shape[1]
    overlaps = xi @ xi.T / n
    return xi.T @ np.linalg.pinv(overlaps, hermitian=True) @ xi / n


def signs(fields, state):
    """The signs of fields; a field of 0 keeps the unit's state."""
    return np.where(fields > 0, 1, np.where(fields < 0, -1, state)).astype(np.int8)


def fields(weights, state, query, thresholds=0.0, coupling=None):
    """W x + U p + b."""
    driven = 0.0 if coupling is None else coupling @ query.astype(float)
    return weights @ state.astype(float) + driven + thresholds


def read_sync(weights, query, max_steps=50, **parts):
    """All units at once: the final state, how it ended, steps to the end or to the cycle, and the period."""
    path = [query]
    while len(path) <= max_steps:
        after = signs(fields(weights, path[-1], query, **parts), path[-1])
        before = next((at for at, state in enumerate(path) if (state == after).all()), None)
        if before is not None:
            period = len(path) - before
            if period == 1:
                return path[-1], "fixed", before, 1
            return path[before + (max_steps - before) % period], "cycle", before, period
        path.append(after)
    return path[max_steps], "unsettled", max_steps, 0


def read_async(weights, queries, seed, max_steps=50):
    """One unit after another, queries one after another, in the order of the stream `recall`."""
    n = queries.shape[1]
    stream = Stream(seed, "recall", n=n, queries=len(queries))
    order, states = list(range(n)), []
    for query in queries:
        state = query.copy()
        for _ in range(max_steps):
            if (signs(weights @ state.astype(float), state) == state).all():
                break
            stream.choose(order, n)
            for unit in order:
                state[unit] = signs(weights[unit] @ state.astype(float), state[unit])
        states.append(state)
    return np.array(states)


def soft_states(weights, query, beta=3.0, damping=0.5, lambda_=0.1, steps=60):
    """Graded states after all steps, before their signs are taken."""
    free = weights.astype(float).copy()
    np.fill_diagonal(free, 0)
    lengths = np.sqrt((free**2).sum(axis=1, keepdims=True))
    free = np.divide(free, lengths, out=np.zeros_like(free), where=lengths > 0)
    state = start = query.astype(float)
    for _ in range(steps):
        state = damping * state + (1 - damping) * np.tanh(beta * (free @ state + lambda_ * start))
    return state


def margins(weights, messages):
    """kappa_i^m = xi_i^m h_i^m / |W_i|."""
    lengths = np.sqrt((weights.astype(float) ** 2).sum(axis=1))
    return messages * (messages.astype(float) @ weights.T.astype(float)) / lengths


class Stream:
    """The random numbers of a name: ChaCha8 under a key that is the BLAKE3 hash of it."""

    def __init__(self, root, name, **axes):
        text = f"hopfield-streams-1\nroot={root}\nname={name}\n" + "".join(f"{k}={v}\n" for k, v in axes.items())
        self.key = np.frombuffer(blake3.blake3(text.encode()).digest(), dtype="<u4")
        self.words = self._words()

    def _words(self):
        """The words of block after block (Bernstein 2008, with eight rounds)."""
        def turn(a, bits):
            return (a << np.uint32(bits)) | (a >> np.uint32(32 - bits))

        def quarter(s, a, b, c, d):
            for to, other, mixed, bits in ((a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)):
                s[to] += s[other]
                s[mixed] = turn(s[mixed] ^ s[to], bits)

        constants = np.frombuffer(b"expand 32-byte k", dtype="<u4")
        block = 0
        while True:
            counter = np.array([block & 0xFFFFFFFF, block >> 32, 0, 0], dtype=np.uint32)
            start = np.concatenate([constants, self.key, counter]).astype(np.uint32)
            s = start.copy()
            with np.errstate(over="ignore"):
                for _ in range(4):
                    for a, b, c, d in ((0, 4, 8, 12), (1, 5, 9, 13), (2, 6, 10, 14), (3, 7, 11, 15)):
                        quarter(s, a, b, c, d)
                    for a, b, c, d in ((0, 5, 10, 15), (1, 6, 11, 12), (2, 7, 8, 13), (3, 4, 9, 14)):
                        quarter(s, a, b, c, d)
                s += start
            yield from (int(word) for word in s)
            block += 1

    def below(self, bound):
        """A whole number in 0..bound (Lemire 2019)."""
        product = next(self.words) * bound
        if product & 0xFFFFFFFF < bound:
            while product & 0xFFFFFFFF < (2**32 - bound) % bound:
                product = next(self.words) * bound
        return product >> 32

    def choose(self, items, count):
        """The first `count` rounds of a Fisher-Yates shuffle."""
        for i in range(count):
            j = i + self.below(len(items) - i)
            items[i], items[j] = items[j], items[i]
