"""Runs work here, on one thread, and in PyTorch on a CUDA device, alternating, and says where the device is ahead.

    gpu.py <work server> <table.md> [--rounds 5] [--most-units 8192]

`scripts/compare/gpu` calls it. A device's turn begins with its tensors there, as a long run would have them, and ends
when it has nothing left to do. Both are warmed up once. What both find is compared.
"""

import argparse
import math
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import numpy_work as npw
import torch
import torch_work
from server import Server, norm, processor

DEVICE = "cuda"
UNITS = [64, 128, 256, 512, 1024, 2048, 4096, 8192]
BATCHES = [1, 30, 1000, 30_000]
# Work that takes longer here, in seconds, is not tried at the next larger size.
PATIENCE = 120.0


class Pair:
    """One work: what is asked of the server, what the device does, and what its result is checked by."""

    def __init__(self, ask: str, run: Callable[[], object], check: Callable[[object], float], tolerance: float) -> None:
        self.ask, self.run, self.check, self.tolerance = ask, run, check, tolerance


def read_pair(server: Server, reader: str, n: int, batch: int) -> Pair:
    m, flips = max(1, n // 16), n // 10
    messages, queries, targets = server.draw(n, m, flips, batch)
    w = torch.from_numpy(npw.hop(messages)).to(DEVICE)
    x = torch.from_numpy(queries).to(DEVICE)
    read = {"sync": torch_work.read_sync, "soft": torch_work.read_soft, "async": torch_work.read_async}[reader]
    tolerance = 0.0 if reader == "sync" else 0.05
    return Pair(f"read {reader} {n} {m} {flips} {batch}", lambda: read(w, x), lambda r: r.recovered(targets), tolerance)


def write_pair(server: Server, rule: str, n: int) -> Pair:
    m = n // 16 if rule == "hop" else n // 2
    messages, _, _ = server.draw(n, m)
    xi = torch.from_numpy(messages).to(DEVICE)
    write = {"hop": torch_work.hop, "pse": torch_work.pse, "margin": torch_work.margin}[rule]
    length = lambda w: norm(w.cpu().numpy())  # noqa: E731
    # Norms are compared by their ratio to one of 1; an iteration ends where its own rule says.
    return Pair(f"write {rule} {n} {m}", lambda: write(xi), length, 0.02)


def turn(pair: Pair) -> tuple[float, object]:
    torch.cuda.synchronize()
    start = time.perf_counter()
    found = pair.run()
    torch.cuda.synchronize()
    return time.perf_counter() - start, found


def race(server: Server, pair: Pair, rounds: int) -> tuple[float, float, bool]:
    """Median seconds here and on the device, and whether both found the same."""
    server.ask(pair.ask)
    turn(pair)
    ours, theirs = [], []
    for _ in range(rounds):
        outcome = server.ask(pair.ask)
        seconds, found = turn(pair)
        ours.append(outcome.seconds)
        theirs.append(seconds)
    other = pair.check(found)
    agrees = abs(outcome.check - other) <= pair.tolerance * max(1.0, abs(other))
    return statistics.median(ours), statistics.median(theirs), agrees


def works(most: int) -> list[tuple[str, list[tuple[int, Callable[[Server], Pair]]]]]:
    """Every work with its sizes, ascending."""
    units = [n for n in UNITS if n <= most]
    found = []
    for reader in ("sync", "soft", "async"):
        for batch in BATCHES:
            sizes = [(n, lambda s, n=n, b=batch, r=reader: read_pair(s, r, n, b)) for n in units]
            found.append((f"read {reader}, {batch} queries", sizes))
    for rule in ("hop", "pse", "margin"):
        found.append((f"write {rule}", [(n, lambda s, n=n, r=rule: write_pair(s, r, n)) for n in units]))
    return found


def lines(server: Server, options: argparse.Namespace) -> list[str]:
    table = ["| work | N | here, one thread | CUDA | here / CUDA | same result |", "|---|---|---|---|---|---|"]
    ahead = []
    for name, sizes in works(options.most_units):
        first = math.inf
        for n, make in sizes:
            ours, theirs, agrees = race(server, make(server), options.rounds)
            same = "yes" if agrees else "NO"
            times = f"{1e3 * ours:.3g} ms | {1e3 * theirs:.3g} ms | {ours / theirs:.2g}"
            table.append(f"| {name} | {n} | {times} | {same} |")
            print(table[-1], flush=True)
            first = first if ours <= theirs else min(first, n)
            if ours > PATIENCE:
                break
        where = "at no size tried" if first == math.inf else f"from N = {first} on"
        ahead.append(f"- {name}: the device is ahead {where}.")
    return [*table, "", *ahead]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("server")
    parser.add_argument("table", type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--most-units", type=int, default=UNITS[-1])
    options = parser.parse_args()
    head = f"PyTorch {torch.__version__} on {torch.cuda.get_device_name()}; here one thread of {processor()}.\n"
    text = "\n".join([head, *lines(Server(options.server), options), ""])
    options.table.write_text(text)
    print(text)


if __name__ == "__main__":
    main()
