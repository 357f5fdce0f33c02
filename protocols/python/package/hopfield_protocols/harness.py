"""Sweeps of the harness and their results: the program runs beside Python, and its tables come as polars frames."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import warnings
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars

TABLES = ("memories", "recalls", "timings")


class HarnessError(RuntimeError):
    """The harness is not to be found, or it ended with an error, or there are no such results."""


@dataclass(frozen=True)
class Run:
    """The tables of a run. FORMAT.md of the repository describes every column; `cell` joins the three."""

    folder: Path
    memories: polars.DataFrame
    recalls: polars.DataFrame
    timings: polars.DataFrame


def sweep(
    definition: str | Path = "quick",
    *,
    results: str | Path = "results",
    trials: int | None = None,
    threads: int | None = None,
    quiet: bool = True,
    harness: str | Path | None = None,
    arguments: Sequence[str] = (),
) -> Run:
    """Run a definition, by its name or as the path of a TOML file, and return its tables.

    What is finished already is not computed again. `harness` is the program; without it, it is the one that the
    environment variable HARNESS names, or `harness` where programs are. `arguments` go to `harness sweep` as they are.
    """
    _polars()
    command = [find(harness), "sweep", str(definition), "--results", str(results), "--log", "json", *arguments]
    command += ["--quiet"] if quiet else []
    for option, number in (("--trials", trials), ("--threads", threads)):
        command += [] if number is None else [option, str(number)]
    status, failed, said = _run(command, quiet)
    if status != 0 and not failed:
        how = f"exit code {status}" if status > 0 else f"signal {-status}"
        raise HarnessError("\n".join([f"harness sweep {definition} ended with {how}", *said]))
    if failed:
        warnings.warn(f"harness sweep {definition}: cells failed; memories.status says which", stacklevel=2)
    name = Path(definition).stem if str(definition).endswith(".toml") else str(definition)
    return _tables(Path(results) / name)


def results(name: str | Path = "quick", *, folder: str | Path = "results") -> Run:
    """Return the tables of a run that is there: a name in the folder of results or of its reference runs, or a path."""
    _polars()
    places = [Path(folder) / name, Path(name), Path(folder) / "reference" / name]
    for place in places:
        if (place / "recalls.parquet").is_file():
            return _tables(place)
    tried = ", ".join(str(place) for place in places)
    raise HarnessError(f"there are no results {name}: no recalls.parquet in {tried}; `sweep` makes them")


def find(harness: str | Path | None = None) -> str:
    """Return the program of the harness: the one given, that of the variable HARNESS, or that on the path."""
    for what, given in (("the argument harness", harness), ("the variable HARNESS", os.environ.get("HARNESS"))):
        if given:
            found = shutil.which(str(given))
            if found is None:
                raise HarnessError(f"{what} names {given}, which is no program")
            return found
    found = shutil.which("harness")
    if found is None:
        raise HarnessError(
            "there is no program `harness`: run `cargo build -p harness` in a checkout, and set HARNESS to its "
            "target/debug/harness, or give harness=..."
        )
    return found


def _run(command: list[str], quiet: bool) -> tuple[int, bool, list[str]]:
    """Run it to its end; return its status, whether cells failed, and the last lines that it said."""
    said: deque[str] = deque(maxlen=40)
    failed = False
    nothing = subprocess.DEVNULL
    with subprocess.Popen(
        command, stdin=nothing, stdout=nothing, stderr=subprocess.PIPE, text=True, errors="replace"
    ) as process:
        assert process.stderr is not None
        try:
            for line in process.stderr:
                event, text = _event(line)
                failed |= event == "failures"
                said.append(text)
                if not quiet:
                    print(text, file=sys.stderr)
        except BaseException:
            # In a notebook an interrupt reaches Python alone. The harness keeps what is finished.
            process.send_signal(signal.SIGINT)
            raise
    return process.returncode, failed, list(said)


def _event(line: str) -> tuple[str, str]:
    """The event of a line of the log and what it says; other lines are what they are."""
    try:
        said = json.loads(line)
        event = said["event"]
    except (ValueError, KeyError, TypeError):
        return "", line.rstrip("\n")
    if event == "progress":
        return event, f"{said['cells']} of {said['total']} cells, {said['elapsed_seconds']:.0f} s"
    return event, f"{event}: {said.get('text', '')}"


def _tables(folder: Path) -> Run:
    polars = _polars()
    return Run(folder, *(polars.read_parquet(folder / f"{table}.parquet") for table in TABLES))


def _polars() -> ModuleType:
    """The user's own polars."""
    try:
        import polars
    except ImportError as error:
        raise ImportError("tables of the harness come as polars frames: run `pip install polars`") from error
    return polars
