"""Write memories with the package, read them, and compare with the reference run of the harness.

    python examples/compare.py [compare.png] [--quick]

The cells below (`# %%`) are those of a notebook. It needs matplotlib and polars, and a checkout for the reference run.
"""

# %% What is compared: queries with 6 of 64 bits flipped, by the number of messages and the protocol.
import sys
from pathlib import Path

import hopfield_protocols as hp
import matplotlib
import numpy as np
import polars as pl

matplotlib.use("Agg")
import matplotlib.pyplot as plt

UNITS, FLIPS, QUERIES = 64, 6, 100
TRIALS = 10 if "--quick" in sys.argv else 40
PROTOCOLS = {"HOP": "hop", "PSE": "pse", "MPF": "mpf"}
LOADS = [3, 6, 10, 13, 16, 19, 26, 29, 32, 38, 48, 64]

# %% Own message sets, T at a time, written and probed with the package.
rng = np.random.default_rng(2026)
rows = []
for m in LOADS:
    messages = rng.choice(np.array([-1, 1], dtype=np.int8), size=(TRIALS, m, UNITS))
    for label, protocol in PROTOCOLS.items():
        memory = hp.write(messages, protocol)
        found = memory.probe("recovery", flips=FLIPS, queries=QUERIES)
        rows += [{"protocol": label, "m": m, "recovered": trial["recovered"] / QUERIES} for trial in found]
mine = pl.DataFrame(rows)

# %% The same condition in the reference run: other message sets, the harness's own reads.
reference_folder = Path(__file__).resolve().parents[3] / "results" / "reference"
reference = hp.results("quick", folder=reference_folder).recalls.filter(
    pl.col("source") == "random", pl.col("dynamics") == "sync", pl.col("flips") == FLIPS,
    pl.col("protocol").is_in(list(PROTOCOLS)),
).select("protocol", "m", recovered=pl.col("recovered") / pl.col("queries"))

# %% Means over message sets, side by side.
def means(table: pl.DataFrame) -> pl.DataFrame:
    recovered = pl.col("recovered")
    error = recovered.std() / recovered.len().sqrt()
    return table.group_by("protocol", "m").agg(mean=recovered.mean(), error=error, trials=recovered.len())


theirs = means(reference.cast({"m": pl.Int64}))
both = means(mine).join(theirs, on=["protocol", "m"], suffix="_reference").sort("protocol", "m")
print(both.select("protocol", "m", "mean", "mean_reference"))

# %% Where the two differ by more than chance does, one is wrong. No spread at all is no certainty: one query is the floor.
spread = (pl.col("error") ** 2 + pl.col("error_reference") ** 2 + (1 / QUERIES) ** 2).sqrt()
worst = both.select(((pl.col("mean") - pl.col("mean_reference")).abs() / spread).max()).item()
print(f"largest difference: {worst:.1f} standard errors over {len(both)} conditions")
assert len(both) == len(PROTOCOLS) * len(LOADS) and worst < 6, both

# %% The picture: lines are the package's, crosses the reference run's.
figure, axes = plt.subplots(figsize=(6, 4), layout="constrained")
for label in PROTOCOLS:
    curve = both.filter(protocol=label)
    (line,) = axes.plot(curve["m"] / UNITS, curve["mean"], label=label)
    axes.plot(curve["m"] / UNITS, curve["mean_reference"], "x", color=line.get_color())
axes.set(xlabel="load M/N", ylabel="recovered", title=f"N = {UNITS}, {FLIPS} flips; crosses: the reference run")
axes.legend()
target = next((argument for argument in sys.argv[1:] if not argument.startswith("-")), "compare.png")
figure.savefig(target)
print(f"drawn: {target}")
