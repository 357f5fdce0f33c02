"""Holds what `harness plan` expects against what sweeps then take: CPU time, memory and disk, on one thread.

usage: check_plan.py [--trials N] [DEFINITION ...]

Runs every shipped definition, or those named, in a new folder, and fails where CPU time is not within a factor of two. CPU
time and not wall time, so that it also holds on a machine that does other things.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HARNESS = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "debug" / "harness"


def main() -> None:
    """Compares each definition and prints a line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trials", type=int, help="message sets of every size, in place of the definitions' own")
    parser.add_argument("definitions", nargs="*", default=["quick", "capacity", "noise", "cost"])
    arguments = parser.parse_args()
    subprocess.run(["cargo", "build", "-q", "-p", "harness"], cwd=ROOT, check=True)
    trials = [f"--trials={arguments.trials}"] if arguments.trials else []
    print(f"{'definition':12} {'CPU s':>8} {'expected':>8} {'ratio':>6} {'MB':>8} {'expected':>8} {'disk kB':>8} {'expected':>8}")
    ratios = [compare(definition, trials) for definition in arguments.definitions]
    if not all(0.5 <= ratio <= 2.0 for ratio in ratios):
        sys.exit("a CPU time is not within a factor of two of what was expected")


def compare(definition: str, trials: list[str]) -> float:
    """Plans and sweeps a definition; gives its expected CPU time over the true one."""
    with tempfile.TemporaryDirectory() as folder:
        options = [definition, "--threads=1", f"--out={folder}", *trials]
        plan = subprocess.run([HARNESS, "plan", "--json", *options], cwd=ROOT, check=True, capture_output=True)
        expected = json.loads(plan.stdout)["forecast"]
        sweep = subprocess.Popen([HARNESS, "sweep", *options], cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(sweep.pid, 0)
        if status != 0:
            sys.exit(f"harness sweep {definition} failed; run it to see why")
        seconds = usage.ru_utime + usage.ru_stime
        disk = sum(file.stat().st_size for file in Path(folder).rglob("*") if file.is_file())
    ratio = expected["cpu_seconds"] / seconds
    print(
        f"{Path(definition).stem:12} {seconds:8.1f} {expected['cpu_seconds']:8.1f} {ratio:6.2f} "
        f"{usage.ru_maxrss * 1024 / 1e6:8.1f} {expected['memory_bytes'] / 1e6:8.1f} "
        f"{disk / 1e3:8.1f} {expected['disk_bytes'] / 1e3:8.1f}",
        flush=True,
    )
    return ratio


if __name__ == "__main__":
    main()
