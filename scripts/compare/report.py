"""Writes what was measured: all of it as table.md, and a line a work for the page on speed."""

import argparse
import json
import os
from collections.abc import Iterator
from pathlib import Path

from rows import OURS, OURS_TWO_THREADS


def ours_of(row: dict) -> dict:
    return next(c for c in row["contenders"] if c["name"] == OURS)


def others_of(row: dict) -> list[dict]:
    """The other programs, the fastest first."""
    others = (c for c in row["contenders"] if not c["name"].startswith(OURS))
    return sorted(others, key=lambda c: c["median"])


def ratio(row: dict, contender: dict, of: str = "median") -> float:
    """How many times as long as ours a contender takes; for our two threads, how many times faster they are."""
    own, other = ours_of(row)[of], contender[of]
    return own / other if contender["name"] == OURS_TWO_THREADS else other / own


def floor_of(row: dict) -> tuple[float, str]:
    """The larger of the two floors, in seconds, and its name."""
    return max((row["floor"][name], name) for name in ("arithmetic", "memory"))


def share(row: dict, contender: dict, of: str = "median") -> str:
    """What part of a contender's time the floor is: of its median, or of its shortest turn."""
    return f"{100 * floor_of(row)[0] / contender[of]:.0f} %"


def line_of(row: dict) -> str:
    parts = [f"{c['name']} {milliseconds(c['median'])} ({ratio(row, c):.1f}x)" for c in row["contenders"]]
    disagreeing = [c["name"] for c in row["contenders"] if not c["agrees"]]
    warning = f"; DISAGREE: {', '.join(disagreeing)}" if disagreeing else ""
    return f"{row['work']}: {'; '.join(parts)}; {share(row, ours_of(row))} of the floor{warning}"


def milliseconds(seconds: float) -> str:
    return f"{1e3 * seconds:.3g} ms" if seconds < 1 else f"{seconds:.3g} s"


def wanted(row: dict, name: str) -> float | None:
    """The ratio wanted against a contender; the longest name that fits decides."""
    fitting = [(len(start), ratio) for start, ratio in row["wanted"].items() if name.startswith(start)]
    return max(fitting)[1] if fitting and name != OURS else None


def table_lines(measured: dict) -> Iterator[str]:
    yield "| work | who | min | median | ratio | wanted | agrees | floor | share of floor |"
    yield "|---|---|---|---|---|---|---|---|---|"
    for row in measured["rows"]:
        seconds, what = floor_of(row)
        for c in row["contenders"]:
            own, two = c["name"] == OURS, c["name"] == OURS_TWO_THREADS
            least = wanted(row, c["name"])
            cells = [
                row["work"] if own else "",
                c["name"],
                milliseconds(c["min"]),
                milliseconds(c["median"]),
                "" if own else f"{ratio(row, c):.1f}",
                "" if least is None else f"{least:g}" + (" ✓" if ratio(row, c) >= least else " ✗"),
                "" if own else ("yes" if c["agrees"] else f"NO: {c['check']:.4g}, ours {ours_of(row)['check']:.4g}"),
                f"{milliseconds(seconds)}, {what}" if own else "",
                "" if two else share(row, c),
            ]
            yield f"| {' | '.join(cells)} |"


def note_lines(measured: dict) -> Iterator[str]:
    for row in measured["rows"]:
        notes = [row["note"]] + [f"{c['name']}: {c['note']}" for c in row["contenders"] if c["note"]]
        floor, limits = row["floor"], row["limits"]
        counts = f"{floor['operations'] / 1e9:.3g} 10^9 operations, {floor['bytes'] / 1e6:.3g} MB"
        rates = f"{limits['peak']:.0f} GFLOP/s and {limits['bandwidth']:.1f} GB/s in its rounds"
        notes = [note for note in notes if note] + [f"floor: {counts}, at {rates}"]
        yield f"- {row['work']}: {'; '.join(notes)}"


def table(options: argparse.Namespace) -> None:
    passes = [json.loads(Path(path).read_text()) for path in options.measured]
    first = passes[0]
    versions = ", ".join(f"{name} {version}" for name, version in first["versions"].items())
    lines = [
        "# Comparison with other software",
        "",
        f"{first['date']}, commit {first['commit']}, {first['processor']}, {os.cpu_count()} cores, one thread each.",
        f"{versions}.",
        "Command: `scripts/compare/run`. Ratio: their median over ours (for our two threads: one thread's over two's).",
        "Floor: the longer of arithmetic at the measured peak and bytes at the measured bandwidth (floors.py).",
        "",
        *(f"- {name}: {what}" for name, what in first["others"].items()),
    ]
    for measured in passes:
        least, most = measured["loads"]
        lines += ["", f"## OpenBLAS kernels {measured['openblas']} (load average {least:.1f} to {most:.1f})", ""]
        lines += [*table_lines(measured), "", *note_lines(measured)]
    Path(options.table).write_text("\n".join(lines) + "\n")
    Path(options.json).write_text(json.dumps(passes, indent=1) + "\n")
    print("\n".join(lines))


def fastest_of_each(row: dict) -> list[dict]:
    """Of every other program, which the first word of a name says, what was fastest."""
    found: dict[str, dict] = {}
    for other in others_of(row):
        found.setdefault(other["name"].split()[0], other)
    return list(found.values())


def page(options: argparse.Namespace) -> None:
    """The table of the page on speed, from the last pass, in which OpenBLAS has its best kernels."""
    measured = json.loads(Path(options.json).read_text())[-1]
    print("| work | here | fastest of each other program | ratio | shortest turns | share of floor | shortest turn |")
    print("|---|---|---|---|---|---|---|")
    for row in measured["rows"]:
        own, others = ours_of(row), fastest_of_each(row)
        named = "; ".join(f"{c['name']}: {milliseconds(c['median'])}" for c in others)
        work = row["work"].split(", 16 loads")[0]
        # The other that was fastest in its shortest turn need not be that by its median.
        shortest = min(ratio(row, other, "min") for other in others_of(row))
        cells = [work, milliseconds(own["median"]), named, f"{ratio(row, others[0]):.1f}", f"{shortest:.1f}"]
        cells += [share(row, own), share(row, own, "min")]
        print(f"| {' | '.join(cells)} |")
