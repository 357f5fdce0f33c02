"""The work of the comparison in PyTorch, on the device that the tensors are on: batched tensors in float32, autograd
and torch.optim for training; compiled by torch.compile where that works."""

import functools
from collections.abc import Callable

import numpy as np
import torch
from numpy_reads import MAX_STEPS, Array, Reads
from numpy_work import LOADS, SWEEP_FLIPS, SWEEP_QUERIES, Training, flipped, read_batches, signs, training_set

torch.set_num_threads(1)


@torch.inference_mode()
def hop(messages: torch.Tensor) -> torch.Tensor:
    return (messages.T @ messages).fill_diagonal_(0)


# The fields of the states that are still read, and which of the queries these are.
Fields = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]


def read_at_once(queries: torch.Tensor, fields: Fields) -> Reads:
    """As numpy's: those that settled, or are back where they were two steps ago, are dropped."""
    final = queries.clone()
    fixed = torch.zeros(len(queries), dtype=torch.bool, device=queries.device)
    active = torch.arange(len(queries), device=queries.device)
    x, before = queries, None
    for _ in range(MAX_STEPS):
        h = fields(x, active)
        y = torch.where(h == 0, x, torch.sign(h))
        settled = (y == x).all(dim=1)
        going = ~settled
        if before is not None:
            going &= (y != before).any(dim=1)
        final[active], fixed[active] = y, settled
        if not going.any():
            break
        active, before, x = active[going], x[going], y[going]
    return Reads(final.cpu().numpy(), fixed.cpu().numpy())


@torch.inference_mode()
def read_sync(w: torch.Tensor, queries: torch.Tensor) -> Reads:
    return read_at_once(queries, lambda x, _: x @ w.T)


@torch.inference_mode()
def read_soft(w: torch.Tensor, queries: torch.Tensor) -> Reads:
    """As numpy's."""
    rows = (w / w.norm(dim=1, keepdim=True)).T.contiguous()
    held, s = 0.1 * queries, queries
    for _ in range(60):
        s = (torch.addmm(held, s, rows).mul_(3).tanh_() + s) * 0.5
    states = torch.where(s == 0, queries, torch.sign(s))
    return Reads(states.cpu().numpy(), np.ones(len(queries), bool))


@torch.inference_mode()
def read_held(w: torch.Tensor, queries: torch.Tensor) -> Reads:
    """As numpy's."""
    held = 0.3 * w.norm(dim=1) * queries
    return read_at_once(queries, lambda x, active: torch.addmm(held[active], x, w.T))


@torch.inference_mode()
def read_async(w: torch.Tensor, queries: torch.Tensor) -> Reads:
    """One unit after another for all queries at once, adding the unit's column to the fields of those that flipped."""
    x = queries.clone()
    fixed = torch.zeros(len(x), dtype=torch.bool, device=x.device)
    active = torch.arange(len(x), device=x.device)
    columns = w.T.contiguous()
    xs, hs = x.clone(), x @ w.T
    for sweep in range(MAX_STEPS + 1):
        settled = ~(xs * hs < 0).any(dim=1)
        x[active], fixed[active] = xs, settled
        if settled.all() or sweep == MAX_STEPS:
            break
        active, xs, hs = active[~settled], xs[~settled], hs[~settled]
        for unit in torch.randperm(x.shape[1]).tolist():
            turned = torch.nonzero(hs[:, unit] * xs[:, unit] < 0).squeeze(1)
            if len(turned):
                step = -2 * xs[turned, unit]
                xs[turned, unit] += step
                hs.index_add_(0, turned, step[:, None] * columns[unit])
    return Reads(x.cpu().numpy(), fixed.cpu().numpy())


@torch.inference_mode()
def pse(messages: torch.Tensor) -> torch.Tensor:
    """By Cholesky's factor of the overlaps."""
    factor = torch.linalg.cholesky(messages @ messages.T)
    y = torch.linalg.solve_triangular(factor, messages, upper=False)
    return y.T @ y


Terms = Callable[[torch.Tensor], torch.Tensor]


def minimised(n: int, loss: Terms, device: torch.device, tolerance: float = 1e-5) -> tuple[torch.Tensor, float]:
    """torch.optim's L-BFGS with a strong Wolfe search, from W = 0; W and the loss there."""
    w = torch.zeros((n, n), device=device, requires_grad=True)
    optimiser = torch.optim.LBFGS(
        [w], max_iter=1000, history_size=5, tolerance_grad=tolerance, tolerance_change=0, line_search_fn="strong_wolfe"
    )

    def closure() -> torch.Tensor:
        optimiser.zero_grad()
        value = loss(w)
        value.backward()
        return value

    optimiser.step(closure)
    with torch.no_grad():
        return w.detach(), float(loss(w))


def margin_loss(messages: torch.Tensor, loss: str, l2: float = 0.01) -> Terms:
    m, n = messages.shape
    free = 1 - torch.eye(n, device=messages.device)

    def value(w: torch.Tensor) -> torch.Tensor:
        rows = w * free
        u = messages * (messages @ rows.T)
        phi = torch.exp(-u) if loss == "exponential" else torch.nn.functional.softplus(-u)
        return phi.sum() / m + 0.5 * l2 * (rows * rows).sum()

    return value


def margin(messages: torch.Tensor) -> torch.Tensor:
    """The exponential loss of the margins with a penalty; W starts at 0, and its diagonal stays there."""
    return minimised(messages.shape[1], margin_loss(messages, "exponential"), messages.device)[0]


def mcf_loss(messages: torch.Tensor, q: float = 0.01, l2: float = 1e-5) -> Terms:
    """As numpy's, written by tanh: at W = 0 |w| has no derivative."""
    m = len(messages)

    def value(w: torch.Tensor) -> torch.Tensor:
        t = torch.tanh(w)
        charges = 0.5 * torch.log((1 - ((1 - 2 * q) * t) ** 2) / (1 - t * t)).sum(dim=1)
        couplings = torch.atanh((1 - 2 * q) * t)
        losses = torch.exp(charges - messages * (messages @ couplings.T))
        return losses.sum() / m + 0.5 * l2 * (w * w).sum()

    return value


@functools.cache
def why_not_compiled() -> str:
    """Why torch.compile cannot be used here, which needs a C++ compiler; empty if it can."""
    try:
        compiled = torch.compile(lambda x: torch.tanh(x) + x)
        right = torch.allclose(compiled(torch.ones(64)), torch.tanh(torch.ones(64)) + 1)
        return "" if right else "it computes another result"
    except Exception as reason:  # noqa: BLE001 - whatever stops it is reported
        return str(reason).strip().splitlines()[0][:200]


def compiles() -> bool:
    return not why_not_compiled()


def compiled_soft_read() -> Callable[[torch.Tensor, torch.Tensor], Reads]:
    """The soft read with its step compiled."""
    step = torch.compile(lambda s, rows, held: (torch.tanh(3 * torch.addmm(held, s, rows)) + s) * 0.5)

    @torch.no_grad()
    def read(w: torch.Tensor, queries: torch.Tensor) -> Reads:
        rows = (w / w.norm(dim=1, keepdim=True)).T.contiguous()
        held, s = 0.1 * queries, queries
        for _ in range(60):
            s = step(s, rows, held)
        states = torch.where(s == 0, queries, torch.sign(s))
        return Reads(states.cpu().numpy(), np.ones(len(queries), bool))

    return read


def trn_loss(w: torch.Tensor, queries: torch.Tensor, targets: torch.Tensor, steps: int) -> torch.Tensor:
    state, total = queries, torch.zeros((), device=w.device)
    for _ in range(steps):
        state = torch.tanh(state @ w)
        total = total + torch.nn.functional.mse_loss(state, targets)
    return total / steps


def trn(
    messages: Array,
    training: Training,
    rng: np.random.Generator,
    device: str = "cpu",
    loss: Callable[..., torch.Tensor] = trn_loss,
) -> tuple[Array, float]:
    """Autograd and Adam (its fused step, the fastest of the three it offers); W (transposed) and the last loss."""
    targets, queries = (torch.from_numpy(part).to(device) for part in training_set(messages, training, rng))
    n = messages.shape[1]
    xi = torch.from_numpy(messages).to(device)
    w = (hop(xi).clone() / n).requires_grad_()
    optimiser = torch.optim.Adam([w], lr=training.learning_rate, fused=True)

    for _ in range(training.epochs):
        optimiser.zero_grad()
        loss(w, queries, targets, training.steps).backward()
        w.grad.fill_diagonal_(0)
        optimiser.step()
    with torch.inference_mode():
        return w.detach().cpu().numpy(), float(trn_loss(w, queries, targets, training.steps))


def sweep_trn(n: int, trials: int, rng: np.random.Generator) -> float:
    """The capacity sweep of TRN, trained by PyTorch, read by numpy."""
    shares = []
    for load in LOADS:
        m = round(load * n)
        messages = signs((trials, m, n), rng)
        targets = messages[:, np.arange(SWEEP_QUERIES) % m]
        queries = flipped(targets, SWEEP_FLIPS, rng)
        w = np.stack([trn(set_, Training(), rng)[0].T for set_ in messages])
        shares.append(read_batches(w, queries).recovered(targets))
    return float(np.mean(shares))
