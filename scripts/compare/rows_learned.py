"""What is compared: rules that learn by a loss or message after message, to the same loss, margins or messages."""

from collections.abc import Callable
from functools import partial

import floors
import numpy as np
import numpy_rules as rules
import numpy_reads as npr
import numpy_work as npw
import sklearn_work
from rows import OURS, Row
from server import Server, norm, timed

SIZES = {"exponential": [(64, 48), (256, 192)], "logistic": [(128, 96)], "mcf": [(64, 48), (256, 192)]}
TITLES = {
    "exponential": "exponential loss to 1e-5",
    "logistic": "logistic loss to 1e-5",
    "mcf": "MCF to 1e-6 (others to 1e-5)",
}
ASKED = {"exponential": "margin", "logistic": '{"margin":{"loss":"logistic"}}', "mcf": "mcf"}
EACH = {"exponential": floors.EXP, "logistic": floors.LOGISTIC, "mcf": floors.EXP}


def logistic_value(messages: npw.Array, w: np.ndarray, l2: float = 0.01) -> float:
    """1/M sum ln(1 + exp(-xi h)) + l2/2 |W|^2."""
    margins = messages * (messages @ w.T)
    return float(np.logaddexp(0, -margins).sum() / len(messages) + 0.5 * l2 * (w * w).sum())


def loss_row(server: Server, torch_work, loss: str, n: int, m: int) -> Row:
    """The minimiser is unique, so the loss reached is compared: it is the server's, of all messages."""
    messages, _, _ = server.draw(n, m)
    double, minimise = messages.astype(np.float64), getattr(rules, loss)

    def value(found) -> float:
        return m * found.value

    contenders = {
        OURS: partial(server.ask, f"minimise {ASKED[loss]} {n} {m}"),
        "scipy L-BFGS-B, f32": timed(lambda: minimise(messages), value),
        "scipy L-BFGS-B, f64": timed(lambda: minimise(double), value),
    }
    if loss == "logistic":
        contenders["scikit-learn, by unit"] = timed(
            lambda: sklearn_work.logistic(messages), lambda w: m * logistic_value(messages, w)
        )
    if torch_work:
        tensor = torch_work.torch.from_numpy(messages)
        terms = torch_work.mcf_loss(tensor) if loss == "mcf" else torch_work.margin_loss(tensor, loss)
        found = partial(torch_work.minimised, n, device=tensor.device)
        contenders["PyTorch L-BFGS"] = timed(lambda: found(loss=terms), lambda found: m * found[1])
        if torch_work.compiles():
            compiled = torch_work.torch.compile(terms)
            contenders["PyTorch L-BFGS compiled"] = timed(lambda: found(loss=compiled), lambda found: m * found[1])
    weights = floors.NOISY_WEIGHT if loss == "mcf" else 0.0
    floor = partial(floors.minimised, n, m, each=EACH[loss], weights=weights)
    note = f"scipy f32: {minimise(messages).describe()}; f64: {minimise(double).describe()}"
    return Row(f"{TITLES[loss]}, N = {n}, M = {m}", contenders, 1e-3, floor, note=note)


def stability_row(server: Server) -> Row:
    """The smallest stability, which its tolerance decides to a thousandth."""
    n, m = 128, 64
    messages, _, _ = server.draw(n, m)

    def least(w) -> float:
        return rules.least_stability(w, messages)

    contenders = {
        OURS: partial(server.ask, f"minimise stability {n} {m}"),
        "numpy f32, all units at once": timed(lambda: rules.stability(messages).w, least),
        "scikit-learn LinearSVC, by unit": timed(lambda: sklearn_work.largest_stability(messages), least),
    }
    return Row(
        f"largest stability, N = {n}, M = {m}", contenders, 3e-3, strengths_floor(rules.stability(messages), n, m)
    )


def perceptron_row(server: Server, kappa: float) -> Row:
    """Without a margin every message is stored in the end. With one, the same changes in the same order give the same
    W; scikit-learn has none with a margin."""
    n, m = 128, 64
    messages, queries, targets = server.draw(n, m, 0, m)
    rule = f'{{"perceptron":{{"margin":{kappa}}}}}'
    learned = timed(lambda: rules.perceptron(messages, kappa).w, norm)
    floor = strengths_floor(rules.perceptron(messages, kappa), n, m)
    name = f"perceptron, margin {kappa:g}, N = {n}, M = {m}"
    if kappa > 0:
        contenders = {OURS: partial(server.ask, f"write {rule} {n} {m}"), "numpy f32, all units at once": learned}
        return Row(name, contenders, 1e-3, floor)

    def stored(w) -> float:
        return npr.read_sync(np.asarray(w, np.float32), queries).recovered(targets)

    contenders = {
        OURS: partial(server.ask, f"write {rule} {n} {m} 0 {m}"),
        "numpy f32, all units at once": timed(lambda: rules.perceptron(messages, kappa).w, stored),
        "scikit-learn Perceptron, by unit": timed(lambda: sklearn_work.perceptron(messages), stored),
    }
    return Row(name, contenders, 0.0, floor, relative=False)


def strengths_floor(learned: rules.Learned, n: int, m: int) -> Callable[[str], floors.Floor]:
    return lambda _: floors.strengths(n, m, learned.changes, learned.sweeps)


def makers(server: Server, torch_work) -> dict[str, Callable[[], Row]]:
    losses = {
        f"{loss}-{n}": partial(loss_row, server, torch_work, loss, n, m)
        for loss, sizes in SIZES.items()
        for n, m in sizes
    }
    return losses | {
        "stability": partial(stability_row, server),
        "perceptron-margin": partial(perceptron_row, server, 0.5),
        "perceptron-plain": partial(perceptron_row, server, 0.0),
    }
