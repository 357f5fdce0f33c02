"""Measures what a sweep in shards takes beside its cells: the frozen plan, the start of a shard, and the merge.

usage: scale.py [CELLS ...]        10000 100000 1000000 by default; the last takes some ten minutes of CPU time

The cells are real and as small as cells can be, so that nearly all time goes into files. A row for each size: CPU
time, which holds on a busy machine too, and peak memory of `plan --shards`, of a shard that has nothing to do, and of `merge`, with the files and bytes that the shards left.
"""

import os
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
HARNESS = Path(os.environ.get("HARNESS_PROGRAM", TARGET / "debug" / "harness"))
# Conditions of the definition.
CONDITIONS = 10
SHARDS = 8

DEFINITION = """
question = "What does a sweep take beside its cells?"
analysis = "Nothing else."
probes = ["recovery"]
[protocols]
HOP = {{ hop = {{}} }}
PSE = {{ pse = {{}} }}
[grid]
n = [16]
m = [1, 2, 3, 4, 5]
flips = [1]
trials = {trials}
queries = 1
"""

COLUMNS = ["cells", "shards", "files", "MB", "plan MB", "freeze s", "MiB", "start s", "MiB", "merge s", "MiB", "tables MB"]


def main() -> None:
    """Measures every size."""
    sizes = [int(size) for size in sys.argv[1:]] or [10_000, 100_000, 1_000_000]
    if "HARNESS_PROGRAM" not in os.environ:
        subprocess.run(["cargo", "build", "-q", "-p", "harness"], cwd=ROOT, check=True)
    print("  ".join(f"{column:>9}" for column in COLUMNS))
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder:
            row = measure(Path(folder), size)
        print("  ".join(f"{value:9.3g}" if isinstance(value, float) else f"{value:9}" for value in row), flush=True)


def measure(folder: Path, size: int) -> list[float]:
    """The row of a plan of so many cells."""
    (folder / "scale.toml").write_text(DEFINITION.format(trials=size // CONDITIONS))
    run, shards = folder / "results" / "scale", SHARDS
    frozen = timed(folder, "plan", "scale.toml", "--shards", str(shards))
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        # A list, so that a failure of any is one of all.
        list(pool.map(lambda i: timed(folder, *shard(i + 1, shards)), range(shards)))
    start = timed(folder, *shard(1, shards))
    left = [file for file in (run / "shards").rglob("*") if file.is_file()]
    files, written = len(left), sum(file.stat().st_size for file in left) / 1e6
    merge = timed(folder, "merge", "scale")
    if (run / "shards").exists():
        sys.exit("the merge left something behind")
    tables = sum(file.stat().st_size for file in run.glob("*.parquet")) / 1e6
    plan = (run / "plan.json").stat().st_size / 1e6
    return [size, shards, files, written, plan, *frozen, *start, *merge, tables]


def shard(number: int, of: int) -> list[str]:
    """The arguments that compute a shard."""
    return ["sweep", "scale.toml", "--shard", f"{number}/{of}", "--threads", "1", "--quiet"]


def timed(folder: Path, *arguments: str) -> tuple[float, float]:
    """Runs the program; gives its CPU seconds and its peak memory, MiB."""
    environment = {**os.environ, "POLARS_MAX_THREADS": "1"}
    process = subprocess.Popen([HARNESS, *arguments], cwd=folder, env=environment, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        sys.exit(f"harness {' '.join(arguments)} has failed")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


if __name__ == "__main__":
    main()
