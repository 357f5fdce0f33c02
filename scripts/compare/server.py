"""The Rust work server, and what a turn of a contender comes to."""

import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy_work as npw


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


def norm(w: object) -> float:
    return float(np.linalg.norm(np.asarray(w, np.float64)))


def processor() -> str:
    models = (line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name"))
    return next(models, f"model name: {platform.machine()}").split(":")[1].strip()
