"""Runs the same work in numpy, scipy, PyTorch and this project, alternating, one thread each, and tabulates the ratios.

    compare.py measure <work server> <out.json> [--rounds 7] [--only TEXT] [--without-torch]
    compare.py table <table.md> <compare.json> <measured.json>...

`scripts/compare/run` calls it. Every contender is warmed up once; then they take turns, round after round, so that all
see the same state of the machine. Turns shorter than a tenth of a second are taken twice, and the second counts. Drawing
messages, and checking results, is outside the time, but inside for capacity sweeps, which are whole experiments.
"""

import argparse
import ctypes
import datetime
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"  # before numpy is imported, which reads them once

import numpy as np  # noqa: E402
import numpy_work as npw  # noqa: E402
import scipy  # noqa: E402

OURS = "ours"
OURS_TWO_THREADS = "ours, 2 threads"
MIN_ROUNDS = 7
# Short work is repeated until about this long was spent on a row.
ROW_SECONDS = 3.0
MAX_ROUNDS = 40
# A turn shorter than this, in seconds, is taken twice.
SHORT = 0.1


@dataclass
class Outcome:
    seconds: float
    check: float
    note: str = ""


class Server:
    """The Rust work server: one line of work in, seconds and a checksum out."""

    def __init__(self, binary: str) -> None:
        self.process = subprocess.Popen([binary], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, work: str) -> Outcome:
        assert self.process.stdin and self.process.stdout
        print(work, file=self.process.stdin, flush=True)
        answer = self.process.stdout.readline().split(maxsplit=2)
        if len(answer) < 2:
            sys.exit(f"the work server ended at {work!r}")
        return Outcome(float(answer[0]), float(answer[1]), answer[2].strip() if len(answer) > 2 else "")

    def draw(self, n: int, m: int, flips: int = 0, queries: int = 0) -> tuple[npw.Array, npw.Array, npw.Array]:
        """Messages, queries and the message of each query, as the server itself draws them for these sizes."""
        with tempfile.NamedTemporaryFile() as file:
            self.ask(f"draw {n} {m} {flips} {queries} {file.name}")
            rows = np.fromfile(file.name, np.int8).reshape(m + queries, n).astype(np.float32)
        messages = rows[:m]
        return messages, rows[m:], messages[np.arange(queries) % m]


def timed(work: Callable[[], object], check: Callable[[object], float], scale: float = 1.0) -> Callable[[], Outcome]:
    def run() -> Outcome:
        start = time.perf_counter()
        result = work()
        seconds = time.perf_counter() - start
        return Outcome(scale * seconds, check(result))

    return run


@dataclass
class Row:
    """One work: who does it, and how far the checksums may lie apart."""

    name: str
    contenders: dict[str, Callable[[], Outcome]]
    tolerance: float
    relative: bool = True
    note: str = ""
    # Wanted of the ratio to the fastest whose name begins so.
    wanted: dict[str, float] = field(default_factory=lambda: {"": 3.0})

    def agrees(self, ours: float, other: float) -> bool:
        unit = abs(other) if self.relative else 1.0
        return bool(abs(ours - other) <= self.tolerance * unit)


def norm(w: object) -> float:
    return float(np.linalg.norm(np.asarray(w, np.float64)))


def hop_row(server: Server, torch_work) -> Row:
    messages, _, _ = server.draw(1024, 64)
    contenders = {OURS: partial(server.ask, "write hop 1024 64"), "numpy f32": timed(lambda: npw.hop(messages), norm)}
    if torch_work:
        tensor = torch_work.torch.from_numpy(messages)
        contenders["torch f32"] = timed(lambda: torch_work.hop(tensor), norm)
    return Row("HOP write, N = 1024, M = 64", contenders, 1e-6)


def read_row(server: Server, torch_work, dynamics: str) -> Row:
    n, m, flips, count = 1024, 64, 102, 1000
    messages, queries, targets = server.draw(n, m, flips, count)
    w, rng = npw.hop(messages), np.random.default_rng(1)
    contenders = {OURS: partial(server.ask, f"read {dynamics} {n} {m} {flips} {count}")}

    def recovered(reads) -> float:
        return reads.recovered(targets)

    if dynamics == "sync":
        contenders["numpy f32"] = timed(lambda: npw.read_sync(w, queries), recovered)
        contenders["numpy f32, merged"] = timed(lambda: npw.read_sync_merged(w, queries), recovered)
    else:
        contenders["numpy f32, blocks"] = timed(lambda: npw.read_async(w, queries, rng), recovered)
        contenders["numpy f32, by unit"] = timed(lambda: npw.read_async_by_unit(w, queries, rng), recovered)
    if torch_work:
        read = torch_work.read_sync if dynamics == "sync" else torch_work.read_async
        tensors = torch_work.torch.from_numpy(w), torch_work.torch.from_numpy(queries)
        contenders["torch f32"] = timed(lambda: read(*tensors), recovered)
    # Whole-number fields: synchronous reads agree exactly; asynchronous ones differ by their random orders.
    tolerance = 0.0 if dynamics == "sync" else 0.02
    name = f"read {dynamics}, 1000 queries, 10 % flips, HOP, N = 1024, M = 64"
    return Row(name, contenders, tolerance, relative=False)


def reader_row(server: Server, torch_work, reader: str) -> Row:
    """A reader with parameters, from a memory whose reads do not end at once."""
    n, m, flips, count = 256, 24, 38, 1000
    messages, queries, targets = server.draw(n, m, flips, count)
    w = npw.hop(messages)

    def recovered(reads) -> float:
        return reads.recovered(targets)

    numpy_read = npw.read_soft if reader == "soft" else npw.read_held
    contenders = {
        OURS: partial(server.ask, f"read {reader} {n} {m} {flips} {count}"),
        "ours, plain": partial(server.ask, f"read sync {n} {m} {flips} {count}"),
        "numpy f32": timed(lambda: numpy_read(w, queries), recovered),
    }
    if torch_work and reader == "soft":
        tensors = torch_work.torch.from_numpy(w), torch_work.torch.from_numpy(queries)
        contenders["torch f32"] = timed(lambda: torch_work.read_soft(*tensors), recovered)
    name = f"read {reader}, 1000 queries, 15 % flips, HOP, N = {n}, M = {m}"
    return Row(name, contenders, 0.05, relative=False)


def pse_row(server: Server) -> Row:
    messages, _, _ = server.draw(1024, 512)
    double = messages.astype(np.float64)
    contenders = {
        OURS: partial(server.ask, "write pse 1024 512"),
        "numpy f64, Cholesky": timed(lambda: npw.pse_cholesky(double), norm),
        "numpy f32, Cholesky": timed(lambda: npw.pse_cholesky(messages), norm),
        "numpy f64, pinv": timed(lambda: npw.pse_pinv(double), norm),
    }
    return Row("PSE write, N = 1024, M = 512", contenders, 1e-4)


def mpf_row(server: Server, n: int, m: int) -> Row:
    # The messages themselves are the queries: where they can be stored there is no finite minimiser, both contenders end
    # on the way out, and what W makes of noise depends on the way. That every message is stored does not.
    messages, queries, targets = server.draw(n, m, 0, m)

    def stored(found) -> float:
        return npw.read_sync(found.w, queries).recovered(targets)

    contenders = {
        OURS: partial(server.ask, f"write mpf {n} {m} 0 {m}"),
        "scipy L-BFGS-B, f32": timed(lambda: npw.mpf(messages), stored),
    }
    found = npw.mpf(messages)
    note = f"scipy: {found.iterations} iterations, {found.evaluations} evaluations, gradient {found.largest:.1e}"
    return Row(f"MPF write to 1e-5, N = {n}, M = {m}", contenders, 0.0, relative=False, note=note)


def trn_row(server: Server, torch_work) -> Row:
    messages, _, _ = server.draw(64, 48)
    training, rng = npw.Training(), np.random.default_rng(1)

    def loss(trained) -> float:
        return trained[1]

    contenders = {
        OURS: partial(server.ask, "trn 64 48 20 3 500"),
        "numpy f32": timed(lambda: npw.trn(messages, training, rng), loss),
    }
    if torch_work:
        contenders["torch f32"] = timed(lambda: torch_work.trn(messages, training, rng), loss)
    wanted = {"numpy": 2.0, "torch": 5.0}
    return Row("TRN 500 epochs, N = 64, M = 48, K = 20, L = 3", contenders, 0.1, wanted=wanted)


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
        contenders["torch f32"] = timed(lambda: torch_work.sweep_trn(64, trials, rng), share, scale)
    note = f"{trials} of 20 trials run, times scaled by {scale:.0f}" if scale > 1 else ""
    name = f"capacity sweep {protocol.upper()}, N = 64, 16 loads x 20 trials x 50 queries, d = 6"
    # Five standard errors: the share recovered at one load varies by about 0.1 between message sets.
    tolerance = 5 * 0.1 / np.sqrt(16 * trials)
    return Row(name, contenders, tolerance, relative=False, note=note, wanted={"": 5.0, OURS_TWO_THREADS: 1.8})


def rows(server: Server, torch_work, only: str) -> Iterator[Row]:
    """The rows whose key contains `only`, each made when its turn comes."""
    makers: dict[str, Callable[[], Row]] = {
        "hop": partial(hop_row, server, torch_work),
        "read-sync": partial(read_row, server, torch_work, "sync"),
        "read-async": partial(read_row, server, torch_work, "async"),
        "read-held": partial(reader_row, server, torch_work, "held"),
        "read-soft": partial(reader_row, server, torch_work, "soft"),
        "pse": partial(pse_row, server),
        "mpf-64": partial(mpf_row, server, 64, 48),
        "mpf-128": partial(mpf_row, server, 128, 96),
        "mpf-256": partial(mpf_row, server, 256, 192),
        "trn": partial(trn_row, server, torch_work),
        "sweep-hop": partial(sweep_row, server, torch_work, "hop"),
        "sweep-pse": partial(sweep_row, server, torch_work, "pse"),
        "sweep-mpf": partial(sweep_row, server, torch_work, "mpf"),
        "sweep-trn": partial(sweep_row, server, torch_work, "trn"),
    }
    for key, make in makers.items():
        if only in key:
            yield make()


def race(row: Row, rounds: int) -> dict[str, list[Outcome]]:
    """A warm-up, then rounds in which every contender has one turn; a short one is taken twice, and the second counts."""
    warm = time.perf_counter()
    for contender in row.contenders.values():
        contender()
    a_round = max(time.perf_counter() - warm, 1e-3)
    rounds = max(rounds, min(MAX_ROUNDS, int(ROW_SECONDS / a_round)))
    outcomes: dict[str, list[Outcome]] = {name: [] for name in row.contenders}
    for _ in range(rounds):
        for name, contender in row.contenders.items():
            outcome = contender()
            # The first finds caches, pages and sleeping processors as the others left them, which takes milliseconds.
            outcomes[name].append(contender() if outcome.seconds < SHORT else outcome)
    return outcomes


def summary(row: Row, outcomes: dict[str, list[Outcome]]) -> dict:
    def contender(name: str) -> dict:
        seconds = [outcome.seconds for outcome in outcomes[name]]
        last = outcomes[name][-1]
        check = statistics.fmean(outcome.check for outcome in outcomes[name])
        return {
            "name": name,
            "min": min(seconds),
            "median": statistics.median(seconds),
            "check": check,
            "agrees": row.agrees(statistics.fmean(o.check for o in outcomes[OURS]), check),
            "note": last.note,
        }

    return {
        "work": row.name,
        "note": row.note,
        "wanted": row.wanted,
        "rounds": len(outcomes[OURS]),
        "contenders": [contender(name) for name in outcomes],
    }


def openblas_kernels() -> str:
    """The kernels that the OpenBLAS inside numpy picked for this processor."""
    for library in (Path(np.__file__).parent.parent / "numpy.libs").glob("libscipy_openblas64_*"):
        corename = ctypes.CDLL(str(library)).scipy_openblas_get_corename64_
        corename.restype = ctypes.c_char_p
        return corename().decode()
    return "unknown"


def processor() -> str:
    models = (line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name"))
    return next(models, f"model name: {platform.machine()}").split(":")[1].strip()


def measure(options: argparse.Namespace) -> None:
    torch_work = None
    if not options.without_torch:
        import torch_work
    server = Server(options.server)
    load = os.getloadavg()[0]
    found = []
    for row in rows(server, torch_work, options.only):
        found.append(summary(row, race(row, options.rounds)))
        print(line_of(found[-1]), file=sys.stderr, flush=True)
    commit = subprocess.run(["git", "describe", "--always", "--dirty"], capture_output=True, text=True).stdout.strip()
    versions = {"python": platform.python_version(), "numpy": np.__version__, "scipy": scipy.__version__}
    if torch_work:
        versions["torch"] = torch_work.torch.__version__
    measured = {
        "date": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "commit": commit,
        "processor": processor(),
        "load": load,
        "versions": versions,
        "openblas": openblas_kernels(),
        "rows": found,
    }
    Path(options.out).write_text(json.dumps(measured, indent=1) + "\n")


def ours_of(row: dict) -> dict:
    return next(c for c in row["contenders"] if c["name"] == OURS)


def ratio(row: dict, contender: dict) -> float:
    """How many times as long as ours a contender takes; for our two threads, how many times faster they are."""
    own = ours_of(row)["median"]
    return own / contender["median"] if contender["name"] == OURS_TWO_THREADS else contender["median"] / own


def line_of(row: dict) -> str:
    parts = [f"{c['name']} {milliseconds(c['median'])} ({ratio(row, c):.1f}x)" for c in row["contenders"]]
    return f"{row['work']}: {'; '.join(parts)}"


def milliseconds(seconds: float) -> str:
    return f"{1e3 * seconds:.3g} ms" if seconds < 1 else f"{seconds:.3g} s"


def wanted(row: dict, name: str) -> float | None:
    """The ratio wanted against a contender; the longest name that fits decides."""
    fitting = [(len(start), ratio) for start, ratio in row["wanted"].items() if name.startswith(start)]
    return max(fitting)[1] if fitting and name != OURS else None


def table_lines(measured: dict) -> Iterator[str]:
    yield "| work | who | min | median | ratio | wanted | agrees |"
    yield "|---|---|---|---|---|---|---|"
    for row in measured["rows"]:
        for c in row["contenders"]:
            own = c["name"] == OURS
            least = wanted(row, c["name"])
            cells = [
                row["work"] if own else "",
                c["name"],
                milliseconds(c["min"]),
                milliseconds(c["median"]),
                "" if own else f"{ratio(row, c):.1f}",
                "" if least is None else f"{least:g}" + (" ✓" if ratio(row, c) >= least else " ✗"),
                "" if own else ("yes" if c["agrees"] else f"NO: {c['check']:.4g}, ours {ours_of(row)['check']:.4g}"),
            ]
            yield f"| {' | '.join(cells)} |"


def note_lines(measured: dict) -> Iterator[str]:
    for row in measured["rows"]:
        notes = [row["note"]] + [f"{c['name']}: {c['note']}" for c in row["contenders"] if c["note"]]
        notes = [note for note in notes if note]
        if notes:
            yield f"- {row['work']}: {'; '.join(notes)}"


def table(options: argparse.Namespace) -> None:
    passes = [json.loads(Path(path).read_text()) for path in options.measured]
    first = passes[0]
    versions = ", ".join(f"{name} {version}" for name, version in first["versions"].items())
    lines = [
        "# Comparison with other software",
        "",
        f"{first['date']}, commit {first['commit']}, {first['processor']}, {os.cpu_count()} cores, one thread each.",
        f"{versions}. hdnet: {os.environ.get('HDNET', 'not tried')}.",
        "Command: `scripts/compare/run`. Ratio: their median over ours (for our two threads: one thread's over two's).",
    ]
    for measured in passes:
        load = f"{measured['load']:.1f}"
        lines += ["", f"## OpenBLAS kernels {measured['openblas']} (load average at the start: {load})", ""]
        lines += [*table_lines(measured), "", *note_lines(measured)]
    Path(options.table).write_text("\n".join(lines) + "\n")
    Path(options.json).write_text(json.dumps(passes, indent=1) + "\n")
    print("\n".join(lines))


def main() -> None:
    parser = argparse.ArgumentParser(description="Compare with other software.")
    commands = parser.add_subparsers(required=True)
    command = commands.add_parser("measure")
    command.add_argument("server")
    command.add_argument("out")
    command.add_argument("--rounds", type=int, default=MIN_ROUNDS)
    command.add_argument("--only", default="")
    command.add_argument("--without-torch", action="store_true")
    command.set_defaults(run=measure)
    command = commands.add_parser("table")
    command.add_argument("table")
    command.add_argument("json")
    command.add_argument("measured", nargs="+")
    command.set_defaults(run=table)
    options = parser.parse_args()
    options.run(options)


if __name__ == "__main__":
    main()
