"""The work of the comparison in PyTorch, on the device that the tensors are on: batched tensors in float32, autograd and
torch.optim for training."""

import numpy as np
import torch
from numpy_work import LOADS, MAX_STEPS, SWEEP_FLIPS, SWEEP_QUERIES, Array, Reads, Training
from numpy_work import flipped, read_batches, signs, training_set

torch.set_num_threads(1)


@torch.inference_mode()
def hop(messages: torch.Tensor) -> torch.Tensor:
    return (messages.T @ messages).fill_diagonal_(0)


@torch.inference_mode()
def read_sync(w: torch.Tensor, queries: torch.Tensor) -> Reads:
    """As numpy's: those that settled, or are back where they were two steps ago, are dropped."""
    final = queries.clone()
    fixed = torch.zeros(len(queries), dtype=torch.bool, device=queries.device)
    active = torch.arange(len(queries), device=queries.device)
    x, before = queries, None
    for _ in range(MAX_STEPS):
        h = x @ w.T
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
def read_soft(w: torch.Tensor, queries: torch.Tensor) -> Reads:
    """As numpy's."""
    rows = (w / w.norm(dim=1, keepdim=True)).T.contiguous()
    held, s = 0.1 * queries, queries
    for _ in range(60):
        s = (torch.addmm(held, s, rows).mul_(3).tanh_() + s) * 0.5
    states = torch.where(s == 0, queries, torch.sign(s))
    return Reads(states.cpu().numpy(), np.ones(len(queries), bool))


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


def margin(messages: torch.Tensor, l2: float = 0.01, tolerance: float = 1e-5) -> torch.Tensor:
    """The exponential loss of the margins with a penalty, by torch.optim's L-BFGS with a strong Wolfe search."""
    m, n = messages.shape
    w = torch.zeros((n, n), device=messages.device, requires_grad=True)
    free = 1 - torch.eye(n, device=messages.device)
    optimiser = torch.optim.LBFGS(
        [w], max_iter=1000, history_size=5, tolerance_grad=tolerance, tolerance_change=0, line_search_fn="strong_wolfe"
    )

    def closure() -> torch.Tensor:
        optimiser.zero_grad()
        rows = w * free
        loss = torch.exp(-messages * (messages @ rows.T)).sum() / m + 0.5 * l2 * (rows * rows).sum()
        loss.backward()
        return loss

    optimiser.step(closure)
    return (w * free).detach()


def trn(
    messages: Array, training: Training, rng: np.random.Generator, device: str = "cpu"
) -> tuple[Array, float]:
    """Autograd and Adam (its fused step, the fastest of the three it offers); W (transposed) and the last loss."""
    targets, queries = (torch.from_numpy(part).to(device) for part in training_set(messages, training, rng))
    n = messages.shape[1]
    xi = torch.from_numpy(messages).to(device)
    w = (hop(xi).clone() / n).requires_grad_()
    optimiser = torch.optim.Adam([w], lr=training.learning_rate, fused=True)

    def loss() -> torch.Tensor:
        state, total = queries, torch.zeros((), device=device)
        for _ in range(training.steps):
            state = torch.tanh(state @ w)
            total = total + torch.nn.functional.mse_loss(state, targets)
        return total / training.steps

    for _ in range(training.epochs):
        optimiser.zero_grad()
        loss().backward()
        w.grad.fill_diagonal_(0)
        optimiser.step()
    with torch.inference_mode():
        return w.detach().cpu().numpy(), float(loss())


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
