"""Rules that learn, by scikit-learn: one linear classifier a unit, without an intercept. The unit's own state is left
out by a column of zeros."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from numpy_work import Array
from sklearn.linear_model import LogisticRegression, Perceptron
from sklearn.svm import LinearSVC

Matrix = NDArray[np.float64]


def by_unit(messages: Array, classifier: Callable[[], object]) -> Matrix:
    """W, a fit a row; sign(xi_i) is the class of message xi."""
    states = np.ascontiguousarray(messages, np.float64)
    w = np.empty((states.shape[1],) * 2)
    for unit in range(len(w)):
        signs = states[:, unit].copy()
        states[:, unit] = 0
        w[unit] = classifier().fit(states, signs).coef_[0]
        states[:, unit] = signs
    return w


def logistic(messages: Array, l2: float = 0.01) -> Matrix:
    """scikit-learn's C is 1/(M l2). Of its solvers liblinear takes less than half the time of the next."""
    c = 1 / (len(messages) * l2)
    return by_unit(messages, lambda: LogisticRegression(C=c, fit_intercept=False, solver="liblinear", tol=1e-5))


def largest_stability(messages: Array, cap: float = 1000.0) -> Matrix:
    """The hinge loss with a cap no strength comes near: a hard margin, by the same ascent, to the same tolerance."""
    c = cap / messages.shape[1]
    return by_unit(messages, lambda: LinearSVC(C=c, loss="hinge", fit_intercept=False, tol=1e-3, max_iter=100_000))


def perceptron(messages: Array) -> Matrix:
    """Without a margin, message after message; it looks for five epochs whether it still gets better."""
    return by_unit(messages, lambda: Perceptron(fit_intercept=False, shuffle=False, max_iter=1000))
