"""The rules of the field, and the eight settings of each that tuning may choose from.

Every rule has the same number of settings, BUDGET, and may have a constant on its diagonal, unless its diagonal is
trained. A constant c stands for c times the length of a unit's row. Settings are laid out before anything is run.
"""

from itertools import product

BUDGET = 8

LOADS = [0.1, 0.2, 0.3, 0.5, 0.7]
FLIPPED = [0.05, 0.1, 0.15, 0.2]
READERS = ["sync", "async", "held(c=0.1)", "held", "soft", "soft(lambda=0.2)"]


def rules():
    """Every rule with its settings, as values of `[protocols]`."""
    noises = [0.05, 0.1, 0.15, 0.2]
    layout = {
        "HOP": with_constants(["hop = {}"], [0.05, 0.1, 0.15, 0.2, 0.3, 0.4]) + ["{ hop = { diagonal = \"literal\" } }"],
        "PSE": with_constants(['pse = { diagonal = "zero" }'], [0.05, 0.1, 0.15, 0.2, 0.3, 0.4]) + ["{ pse = {} }"],
        "Storkey": with_constants(["storkey = {}", 'storkey = { order = "second" }'], [0.1, 0.2, 0.3]),
        "Diederich-Opper": with_constants(["diederich-opper = {}", 'diederich-opper = { variant = "II" }'], [0.1, 0.2, 0.3]),
        "Ridge": halves("ridge", "lambda", [0.03, 0.1, 0.3, 1.0]),
        "Dreaming": halves("dreaming", "time", [3, 10, 30, 100]),
        "Unlearning": halves("unlearning", "unlearned", [0.25, 0.5, 0.75, 1.0]),
        "Daydreaming": halves("daydreaming", "tau", [16, 32, 64, 128]),
        "Stability": halves("stability", "cap", [1, 3, 10, 1000]),
        "Perceptron": halves("perceptron", "margin", [0.25, 0.5, 1, 2]),
        "Optimal noise": halves("optimal-noise", "noise", [0.03, 0.05, 0.1, 0.2]),
        "Pseudo-likelihood": halves("pseudo-likelihood", "l2", [0.001, 0.003, 0.01, 0.03]),
        "MPF": halves("mpf", "l2", [0.001, 0.003, 0.01, 0.03]),
        "Exponential": halves("margin", "l2", [0.001, 0.003, 0.01, 0.03]),
        "Equilibrium propagation": halves("equilibrium-propagation", "noise", [0.05, 0.1, 0.2, 0.3]),
        "MCF": [f"{{ mcf = {{ noise = {q}, l2 = {l2} }} }}" for q, l2 in product([0.005, 0.01, 0.03, 0.1], ["0.00001", "0.003"])],
        "TRN": [f'{{ trn = {{ noise = {q}, learning_rate = {rate}, schedule = "cosine" }} }}' for q, rate in product(noises, [0.003, 0.01])],
        "TRN, soft": [f"{{ trn-soft = {{ noise = {q}, learning_rate = {rate} }} }}" for q, rate in product(noises, [0.001, 0.003])],
    }
    for name, settings in layout.items():
        assert len(settings) == BUDGET, (name, len(settings))
    return layout


def halves(rule, parameter, values):
    """Four values of a parameter, each without and with a constant on the diagonal."""
    return with_constants([f"{rule} = {{ {parameter} = {value} }}" for value in values], [0.2])


def with_constants(written, constants):
    """The rules as they are, then each with each constant."""
    return [f"{{ {rule} }}" for rule in written] + [
        f"{{ diagonal = {{ rule = {{ {rule} }}, value = {{ scalar = {c} }} }} }}" for rule, c in product(written, constants)
    ]
