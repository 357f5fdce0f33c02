"""The rules that the experiment compares, and the settings of each that tuning may choose from.

A rule is a combination of levels: what it minimises (its loss), what stands on its diagonal, whether it is
trained on noisy copies, whether it has thresholds. Every rule has the same number of settings, BUDGET, so that
none is searched more than another. Settings are laid out before anything is run.
"""

from itertools import product

BUDGET = 8
LOSSES = ["exponential", "MPF", "one step", "TRN"]
DIAGONALS = ["zero", "scalar", "trained"]
NOISES = ["clean", "noisy"]
THRESHOLDS = ["plain", "thresholds"]

EVERYWHERE = [
    ("exponential", "zero", "clean", "plain"),
    ("exponential", "scalar", "clean", "plain"),
    ("exponential", "trained", "noisy", "plain"),
    ("one step", "trained", "noisy", "plain"),
    ("TRN", "trained", "noisy", "plain"),
]

LOADS = [0.3, 0.5, 0.7]
FLIPPED = [0.05, 0.1, 0.15, 0.2]
READERS = ["sync", "async"] + [f"held(c={c})" for c in (0.1, 0.2, 0.3, 0.4)]
READERS += [f"soft(beta={beta},lambda={held})" for beta, held in product((2, 3, 4), (0.05, 0.1, 0.2))]

EXPONENTIAL_L2 = [1e-5, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 1e-1]
RATES = [0.001, 0.003, 0.01, 0.03]


def family(reader):
    """The reader without its parameters, as tables of results name it."""
    return reader.split("(")[0]


def rules(n):
    """The rules that are compared at this N: all where writing is cheap; then every rule without thresholds, and with
    them those that a claim may rest on; then those alone, and their counterparts without a diagonal; at last the few
    that are compared at every N."""
    if n > 256:
        yield from EVERYWHERE
        return
    for loss, diagonal, noise, thresholds in product(LOSSES, DIAGONALS, NOISES, THRESHOLDS):
        if loss == "MPF" and diagonal == "trained":
            continue  # The flow between neighbours does not depend on the diagonal.
        strongest = (noise, diagonal) == ("noisy", "trained") or (loss, diagonal, noise) in (
            ("exponential", "scalar", "clean"),
            ("MPF", "scalar", "clean"),
        )
        counterpart = loss != "MPF" and diagonal == "zero" and (noise == "noisy" or loss == "exponential")
        if n <= 64 or (n <= 128 and thresholds == "plain") or strongest or (counterpart and thresholds == "plain"):
            yield loss, diagonal, noise, thresholds


def settings(loss, diagonal, noise, thresholds):
    """The BUDGET settings of a rule, as values of `[protocols]`."""
    base = "free" if diagonal == "trained" else "zero"
    constants = [0.2, 0.3] if diagonal == "scalar" else [None]
    written = []
    for c in constants:
        for table in tables(loss, base, noise, diagonal == "scalar"):
            if thresholds == "thresholds":
                table["thresholds"] = True
            name = table.pop("rule")
            rule = f"{{ {name} = {inline(table)} }}"
            written.append(rule if c is None else f"{{ diagonal = {{ rule = {rule}, value = {{ scalar = {c} }} }} }}")
    assert len(written) == BUDGET, (loss, diagonal, noise, len(written))
    return written


def tables(loss, base, noise, scalar):
    """The tables of parameters: eight, or four where a constant on the diagonal takes two values besides."""
    match loss, noise:
        case "exponential", "clean":
            for l2 in EXPONENTIAL_L2[3:7] if scalar else EXPONENTIAL_L2:
                yield {"rule": "margin", "diagonal": base, "l2": l2}
        case "exponential", "noisy":
            for q, l2 in product([0.01, 0.03] if scalar else [0.005, 0.01, 0.03, 0.1], [1e-5, 3e-3]):
                yield {"rule": "mcf", "diagonal": base, "noise": q, "l2": l2}
        case "MPF", "clean":
            for l2 in EXPONENTIAL_L2[3:7] if scalar else EXPONENTIAL_L2:
                yield {"rule": "mpf", "l2": l2}
        case "MPF", "noisy":
            for q, l2 in product([0.02, 0.05] if scalar else [0.02, 0.05, 0.1, 0.2], [1e-5, 1e-2]):
                yield {"rule": "mpf", "copies": 20, "noise": q, "l2": l2}
        case _, "clean":
            for rate, epochs in product(RATES[1:3] if scalar else RATES, [100, 300]):
                yield trained(loss, base, 0.0, rate, epochs)
        case _, "noisy":
            for q, rate in product([0.05, 0.1] if scalar else [0.05, 0.1, 0.15, 0.2], [0.003, 0.01]):
                yield trained(loss, base, q, rate, 300)


def trained(loss, base, noise, rate, epochs):
    steps = {"one step": 1, "TRN": 5}[loss]
    return {"rule": "trn", "steps": steps, "diagonal": base, "noise": noise, "learning_rate": rate,
            "epochs": epochs, "schedule": "cosine"}


def inline(table):
    """A table of TOML in one line."""
    word = {True: "true", False: "false"}
    value = lambda v: word[v] if isinstance(v, bool) else f'"{v}"' if isinstance(v, str) else f"{v:.10g}" if v else "0.0"
    number = lambda v: value(v) if not isinstance(v, float) or not v else (f"{v:f}".rstrip("0") if "." in f"{v:f}" else f"{v:f}")
    return "{ " + ", ".join(f"{key} = {number(v)}" for key, v in table.items()) + " }"


def reader_value(reader):
    """A reader's text as a value of `[read] dynamics`."""
    if "(" not in reader:
        return f'"{reader}"'
    name, parameters = reader[:-1].split("(")
    settings = parameters.replace(",", " ").split()
    return "{ " + name + " = { " + ", ".join(setting.replace("=", " = ") for setting in settings) + " } }"
