"""A rule of one's own in Python: the outer product, as a cell of a notebook and as the program of a definition."""

import numpy as np
from hopfield_protocols import protocol


@protocol
def outer_product(messages, rng, rate=1.0):
    """W = rate times the sum of xi xi^T, with diagonal 0."""
    xi = messages.astype(np.float32)
    weights = rate * xi.T @ xi
    np.fill_diagonal(weights, 0)
    return weights


if __name__ == "__main__":
    outer_product.serve()
