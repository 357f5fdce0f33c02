"""What is compared: closed formulas, reads, MPF, TRN and capacity sweeps. rows_learned.py has the other rules that
learn, and rows_projects.py other programs. A row is made when its turn comes."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

import floors
import numpy as np
import numpy_reads as npr
import numpy_work as npw
from floors import Floor
from server import Outcome, Server, norm, timed

OURS = "ours"
OURS_TWO_THREADS = "ours, 2 threads"


@dataclass
class Row:
    """One work: who does it, how far the checksums may lie apart, and what it takes at least."""

    name: str
    contenders: dict[str, Callable[[], Outcome]]
    tolerance: float
    # From what the server noted of its last turn.
    floor: Callable[[str], Floor]
    relative: bool = True
    note: str = ""
    # Wanted of the ratio to the fastest whose name begins so.
    wanted: dict[str, float] = field(default_factory=lambda: {"": 3.0})

    def agrees(self, ours: float, other: float) -> bool:
        unit = abs(other) if self.relative else 1.0
        return bool(abs(ours - other) <= self.tolerance * unit)


def hop_row(server: Server, torch_work) -> Row:
    n, m = 1024, 64
    messages, _, _ = server.draw(n, m)
    contenders = {OURS: partial(server.ask, f"write hop {n} {m}"), "numpy f32": timed(lambda: npw.hop(messages), norm)}
    if torch_work:
        tensor = torch_work.torch.from_numpy(messages)
        contenders["PyTorch"] = timed(lambda: torch_work.hop(tensor), norm)
    return Row(f"HOP write, N = {n}, M = {m}", contenders, 1e-6, lambda _: floors.hop(n, m))


def read_row(server: Server, torch_work, dynamics: str) -> Row:
    n, m, flips, count = 1024, 64, 102, 1000
    messages, queries, targets = server.draw(n, m, flips, count)
    w, rng = npw.hop(messages), np.random.default_rng(1)
    contenders = {OURS: partial(server.ask, f"read {dynamics} {n} {m} {flips} {count}")}

    def recovered(reads) -> float:
        return reads.recovered(targets)

    if dynamics == "sync":
        contenders["numpy f32"] = timed(lambda: npr.read_sync(w, queries), recovered)
        contenders["numpy f32, equal states merged"] = timed(lambda: npr.read_sync_merged(w, queries), recovered)
        operations = floors.walks(w, queries)
    else:
        contenders["numpy f32, blocks of units"] = timed(lambda: npr.read_async(w, queries, rng), recovered)
        contenders["numpy f32, by unit"] = timed(lambda: npr.read_async_by_unit(w, queries, rng), recovered)
        # Fields at the start, and a column for every unit that ends otherwise, which turned at least once.
        turned = (npr.read_async(w, queries, rng).states != queries).sum()
        operations = count * n * n / floors.GROUP + 2.0 * n * turned
    if torch_work:
        read = torch_work.read_sync if dynamics == "sync" else torch_work.read_async
        tensors = torch_work.torch.from_numpy(w), torch_work.torch.from_numpy(queries)
        contenders["PyTorch"] = timed(lambda: read(*tensors), recovered)
    # Whole-number fields: synchronous reads agree exactly; asynchronous ones differ by their random orders.
    tolerance = 0.0 if dynamics == "sync" else 0.02
    name = f"read {dynamics}, {count} queries, 10 % flips, HOP, N = {n}, M = {m}"
    return Row(name, contenders, tolerance, lambda _: floors.read(n, count, operations), relative=False)


def reader_row(server: Server, torch_work, reader: str) -> Row:
    """A reader with parameters, from a memory whose reads do not end at once."""
    n, m, flips, count = 256, 24, 38, 1000
    messages, queries, targets = server.draw(n, m, flips, count)
    w = npw.hop(messages)

    def recovered(reads) -> float:
        return reads.recovered(targets)

    contenders = {OURS: partial(server.ask, f"read {reader} {n} {m} {flips} {count}")}
    if reader == "soft":
        contenders["numpy f32"] = timed(lambda: npr.read_soft(w, queries), recovered)
        contenders["numpy f32, states at rest dropped"] = timed(lambda: npr.read_soft_retiring(w, queries), recovered)
        operations = floors.relaxations(w, queries)
    else:
        contenders["numpy f32"] = timed(lambda: npr.read_held(w, queries), recovered)
        operations = floors.walks(w, queries, npr.held_drive(w, queries))
    if torch_work:
        read = torch_work.read_soft if reader == "soft" else torch_work.read_held
        tensors = torch_work.torch.from_numpy(w), torch_work.torch.from_numpy(queries)
        contenders["PyTorch"] = timed(lambda: read(*tensors), recovered)
        if reader == "soft" and torch_work.compiles():
            compiled = torch_work.compiled_soft_read()
            contenders["PyTorch compiled"] = timed(lambda: compiled(*tensors), recovered)
    name = f"read {reader}, {count} queries, 15 % flips, HOP, N = {n}, M = {m}"
    return Row(name, contenders, 0.05, lambda _: floors.read(n, count, operations), relative=False)


def pse_row(server: Server, torch_work) -> Row:
    n, m = 1024, 512
    messages, _, _ = server.draw(n, m)
    double = messages.astype(np.float64)
    contenders = {
        OURS: partial(server.ask, f"write pse {n} {m}"),
        "numpy f64, Cholesky": timed(lambda: npw.pse_cholesky(double), norm),
        "numpy f32, Cholesky": timed(lambda: npw.pse_cholesky(messages), norm),
        "numpy f64, pinv": timed(lambda: npw.pse_pinv(double), norm),
    }
    if torch_work:
        tensor = torch_work.torch.from_numpy(messages)
        contenders["PyTorch, Cholesky"] = timed(lambda: torch_work.pse(tensor), norm)
    return Row(f"PSE write, N = {n}, M = {m}", contenders, 1e-4, lambda _: floors.pse(n, m))


def mpf_row(server: Server, n: int, m: int) -> Row:
    # The messages themselves are the queries: where they can be stored there is no finite minimiser, both contenders
    # end on the way out, and what W makes of noise depends on the way. That every message is stored does not.
    messages, queries, targets = server.draw(n, m, 0, m)

    def stored(found) -> float:
        return npr.read_sync(found.w, queries).recovered(targets)

    contenders = {
        OURS: partial(server.ask, f"write mpf {n} {m} 0 {m}"),
        "scipy L-BFGS-B, f32": timed(lambda: npw.mpf(messages), stored),
    }
    found = npw.mpf(messages)
    note = f"scipy: {found.iterations} iterations, {found.evaluations} evaluations, gradient {found.largest:.1e}"
    floor = partial(floors.minimised, n, m, each=floors.EXP, symmetric=True)
    return Row(f"MPF write to 1e-5, N = {n}, M = {m}", contenders, 0.0, floor, relative=False, note=note)


def trn_row(server: Server, torch_work) -> Row:
    n, m = 64, 48
    messages, _, _ = server.draw(n, m)
    training, rng = npw.Training(), np.random.default_rng(1)

    def loss(trained) -> float:
        return trained[1]

    contenders = {
        OURS: partial(server.ask, f"trn {n} {m} 20 3 500"),
        "numpy f32": timed(lambda: npw.trn(messages, training, rng), loss),
    }
    if torch_work:
        contenders["PyTorch"] = timed(lambda: torch_work.trn(messages, training, rng), loss)
        if torch_work.compiles():
            compiled = torch_work.torch.compile(torch_work.trn_loss)
            contenders["PyTorch compiled"] = timed(lambda: torch_work.trn(messages, training, rng, loss=compiled), loss)
    return Row(
        "TRN 500 epochs, N = 64, M = 48, K = 20, L = 3",
        contenders,
        0.1,
        lambda _: floors.trn(n, m, 20, 3, 500),
        wanted={"numpy": 2.0, "PyTorch": 5.0},
    )


def sweep_floor(protocol: str, n: int, scale: float, reads: float, note: str) -> Floor:
    """Writes, and reads, which were counted; drawing is not."""
    total = Floor(reads, 0.0)
    writes = {"hop": floors.hop, "pse": floors.pse, "trn": lambda n, m: floors.trn(n, m, 20, 3, 500)}
    for m in (round(load * n) for load in npw.LOADS):
        total.operations += 20 * writes[protocol](n, m).operations if protocol in writes else 0.0
        total.bytes += 20 * (4 * n * n + n * (m + 2 * npw.SWEEP_QUERIES))
    if protocol == "mpf":
        evaluated = floors.counted(note, "messages evaluated")
        total.operations += scale * evaluated * (4 * n * n + floors.EXP * n)
    return total


def sweep_reads(protocol: str, n: int, rng: np.random.Generator) -> float:
    """Operations of the reads of a sweep, by those of one of its 20 trials. TRN's are nothing beside its training."""
    if protocol == "trn":
        return 0.0
    cells = (npw.sweep_cell(protocol, n, 1, load, rng) for load in npw.LOADS)
    return 20 * sum(floors.walks(w[0], queries[0]) for w, queries, _ in cells)


def sweep_row(server: Server, torch_work, protocol: str) -> Row:
    # Training takes seconds a trial: one of the 20 is run and counted 20 times, in all contenders alike.
    trials = 1 if protocol == "trn" else 20
    scale = 20 / trials
    rng = np.random.default_rng(1)

    def ours(threads: int) -> Outcome:
        outcome = server.ask(f"sweep {protocol} 64 {trials} 500 {threads}")
        return Outcome(scale * outcome.seconds, outcome.check, outcome.note)

    def share(found) -> float:
        return found

    contenders = {
        OURS: lambda: ours(1),
        OURS_TWO_THREADS: lambda: ours(2),
        "numpy f32": timed(lambda: npw.sweep(protocol, 64, trials, rng), share, scale),
    }
    if torch_work and protocol == "trn":
        contenders["PyTorch"] = timed(lambda: torch_work.sweep_trn(64, trials, rng), share, scale)
    note = f"{trials} of 20 trials run, times scaled by {scale:.0f}" if scale > 1 else ""
    name = f"capacity sweep {protocol.upper()}, N = 64, 16 loads x 20 trials x 50 queries, d = 6"
    # Five standard errors: the share recovered at one load varies by about 0.1 between message sets.
    tolerance = 5 * 0.1 / np.sqrt(16 * trials)
    floor = partial(sweep_floor, protocol, 64, scale, sweep_reads(protocol, 64, rng))
    return Row(name, contenders, tolerance, floor, relative=False, note=note, wanted={"": 5.0, OURS_TWO_THREADS: 1.8})


def makers(server: Server, torch_work) -> dict[str, Callable[[], Row]]:
    """The rows by their keys."""
    return {
        "hop": partial(hop_row, server, torch_work),
        "read-sync": partial(read_row, server, torch_work, "sync"),
        "read-async": partial(read_row, server, torch_work, "async"),
        "read-held": partial(reader_row, server, torch_work, "held"),
        "read-soft": partial(reader_row, server, torch_work, "soft"),
        "pse": partial(pse_row, server, torch_work),
        "mpf-64": partial(mpf_row, server, 64, 48),
        "mpf-128": partial(mpf_row, server, 128, 96),
        "mpf-256": partial(mpf_row, server, 256, 192),
        "trn": partial(trn_row, server, torch_work),
        "sweep-hop": partial(sweep_row, server, torch_work, "hop"),
        "sweep-pse": partial(sweep_row, server, torch_work, "pse"),
        "sweep-mpf": partial(sweep_row, server, torch_work, "mpf"),
        "sweep-trn": partial(sweep_row, server, torch_work, "trn"),
    }
