"""Runs the same work in other software and in this project, alternating, one thread each, and tabulates the ratios and
what share of its floor each work reaches.

    compare.py measure <work server> <out.json> [--rounds 7] [--only TEXT] [--without-torch] [--checkouts FOLDER]
    compare.py table <table.md> <compare.json> <measured.json>...
    compare.py page <compare.json>

`scripts/compare/run` calls it. Every contender is warmed up once; then they take turns, round after round, so that all
see the same state of the machine. Turns shorter than a tenth of a second are taken twice, and the second counts. In
every round the machine's rate of multiply-adds and of copying is measured too, for the floors. Drawing messages, and
checking results, is outside the time, but inside for capacity sweeps, which are whole experiments. `page` prints the
table of harness/docs/speed.md.
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
import time
from pathlib import Path

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"  # before numpy is imported, which reads them once

import numpy as np  # noqa: E402
import report  # noqa: E402
import rows  # noqa: E402
import rows_learned  # noqa: E402
import rows_projects  # noqa: E402
import scipy  # noqa: E402
import sklearn  # noqa: E402
from rows import OURS, Row  # noqa: E402
from server import Outcome, Server, processor  # noqa: E402

MIN_ROUNDS = 7
# Short work is repeated until about this long was spent on a row.
ROW_SECONDS = 3.0
MAX_ROUNDS = 40
# A turn shorter than this, in seconds, is taken twice.
SHORT = 0.1
# What the machine can do, which is asked in every round.
LIMITS = ("peak", "bandwidth")
# It takes milliseconds, in which another process may be let in, so the best of these counts.
PROBES = 3


def race(row: Row, server: Server, rounds: int) -> tuple[dict[str, list[Outcome]], dict[str, float]]:
    """A warm-up, then rounds in which every contender has one turn; a short one is taken twice, and the second counts.
    With the outcomes, the medians of the machine's limits in the same rounds."""
    warm = time.perf_counter()
    for contender in row.contenders.values():
        contender()
    a_round = max(time.perf_counter() - warm, 1e-3)
    rounds = max(rounds, min(MAX_ROUNDS, int(ROW_SECONDS / a_round)))
    outcomes: dict[str, list[Outcome]] = {name: [] for name in row.contenders}
    limits: dict[str, list[float]] = {name: [] for name in LIMITS}
    for _ in range(rounds):
        for name, contender in row.contenders.items():
            outcome = contender()
            # The first finds caches, pages and sleeping processors as the others left them, which takes milliseconds.
            outcomes[name].append(contender() if outcome.seconds < SHORT else outcome)
        for name in LIMITS:
            limits[name].append(max(server.ask(name).check for _ in range(PROBES)))
    return outcomes, {name: statistics.median(rates) for name, rates in limits.items()}


def summary(row: Row, outcomes: dict[str, list[Outcome]], limits: dict[str, float]) -> dict:
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

    floor = row.floor(outcomes[OURS][-1].note)
    arithmetic, memory = floor.seconds(limits["peak"], limits["bandwidth"])
    return {
        "work": row.name,
        "note": row.note,
        "wanted": row.wanted,
        "rounds": len(outcomes[OURS]),
        "floor": {"operations": floor.operations, "bytes": floor.bytes, "arithmetic": arithmetic, "memory": memory},
        "limits": limits,
        "contenders": [contender(name) for name in outcomes],
    }


def openblas_kernels() -> str:
    """The kernels that the OpenBLAS inside numpy picked for this processor."""
    for library in (Path(np.__file__).parent.parent / "numpy.libs").glob("libscipy_openblas64_*"):
        corename = ctypes.CDLL(str(library)).scipy_openblas_get_corename64_
        corename.restype = ctypes.c_char_p
        return corename().decode()
    return "unknown"


def compiling(torch_work) -> str:
    if not torch_work:
        return "PyTorch was left out"
    reason = torch_work.why_not_compiled()
    return f"does not work here, so not measured: {reason}" if reason else "measured"


def measure(options: argparse.Namespace) -> None:
    torch_work = None
    if not options.without_torch:
        import torch_work
    server = Server(options.server)
    projects, status = rows_projects.makers(server, options.checkouts)
    makers = rows.makers(server, torch_work) | rows_learned.makers(server, torch_work) | projects
    loads, found = [os.getloadavg()[0]], []
    asked = [make for key, make in makers.items() if options.only in key]
    if not asked:
        sys.exit(f"--only {options.only!r} is part of no row's name; the rows are {', '.join(makers)}")
    for make in asked:
        row = make()
        found.append(summary(row, *race(row, server, options.rounds)))
        loads.append(os.getloadavg()[0])
        print(report.line_of(found[-1]), file=sys.stderr, flush=True)
    commit = subprocess.run(["git", "describe", "--always", "--dirty"], capture_output=True, text=True).stdout.strip()
    versions = {"python": platform.python_version(), "numpy": np.__version__, "scipy": scipy.__version__}
    versions["scikit-learn"] = sklearn.__version__
    if torch_work:
        versions["torch"] = torch_work.torch.__version__
    measured = {
        "date": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "commit": commit,
        "processor": processor(),
        "loads": [min(loads), max(loads)],
        "versions": versions,
        "openblas": openblas_kernels(),
        "others": {"torch.compile": compiling(torch_work)} | status,
        "rows": found,
    }
    Path(options.out).write_text(json.dumps(measured, indent=1) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description="Compare with other software.")
    commands = parser.add_subparsers(required=True)
    command = commands.add_parser("measure")
    command.add_argument("server")
    command.add_argument("out")
    command.add_argument("--rounds", type=int, default=MIN_ROUNDS)
    command.add_argument("--only", default="")
    command.add_argument("--without-torch", action="store_true")
    command.add_argument("--checkouts", default="")
    command.set_defaults(run=measure)
    command = commands.add_parser("table")
    command.add_argument("table")
    command.add_argument("json")
    command.add_argument("measured", nargs="+")
    command.set_defaults(run=report.table)
    command = commands.add_parser("page")
    command.add_argument("json")
    command.set_defaults(run=report.page)
    options = parser.parse_args()
    options.run(options)


if __name__ == "__main__":
    main()
