"""Writes messages of our own with `harness write`, reads them back with `harness recall`, both as numpy arrays.

usage: check_arrays.py SCRATCH_FOLDER
"""

import subprocess
import sys
from pathlib import Path

import numpy as np


def harness(*arguments: str) -> None:
    """Runs the harness; a failure ends the check."""
    subprocess.run(["cargo", "run", "--quiet", "-p", "harness", "--", *arguments], check=True)


def main(folder: Path) -> None:
    """Five messages of 60 units, six flips a query: every protocol must bring them back."""
    random = np.random.default_rng(1)
    messages = random.choice(np.array([-1, 1], dtype=np.int8), size=(5, 60))
    queries = messages.copy()
    for query in queries:
        query[random.choice(60, size=6, replace=False)] *= -1
    files = {name: str(folder / f"{name}.npy") for name in ("messages", "weights", "queries", "read")}
    np.save(files["messages"], messages)
    np.save(files["queries"], queries)
    for protocol in ("hop", "pse", "mpf", "margin", "mcf", "trn={epochs=50}"):
        harness("write", "--protocol", protocol, "--messages", files["messages"], "--out", files["weights"])
        for dynamics in ("sync", "async"):
            harness("recall", "--weights", files["weights"], "--queries", files["queries"],
                    "--out", files["read"], "--dynamics", dynamics)
            assert (np.load(files["read"]) == messages).all(), f"{protocol}, {dynamics}"
    print("five protocols, two dynamics: every message recovered")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
