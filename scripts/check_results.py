"""Reads a run of the quick definition with Python's polars and checks that it is what FORMAT.md says.

usage: check_results.py RESULTS FIGURES
"""

import json
import sys
from pathlib import Path

import polars as pl


def main(results: Path, figures: Path) -> None:
    """Fails with an assertion that says what is wrong."""
    memories = pl.read_parquet(results / "memories.parquet")
    recalls = pl.read_parquet(results / "recalls.parquet")
    timings = pl.read_parquet(results / "timings.parquet")
    assert memories["cell"].n_unique() == len(memories) == len(timings), "one memory and one timing a cell"
    assert set(recalls["cell"]) <= set(memories["cell"]), "recalls belong to cells"
    assert (memories["status"] == "ok").all(), "every cell succeeded"
    ends = ["recovered", "negative", "other_message", "spurious", "cycle", "unsettled"]
    assert recalls.select((pl.sum_horizontal(ends) == pl.col("queries")).all()).item(), "every read ended once"
    assert set(memories["protocol"]) == {"HOP", "PSE", "MPF", "TRN"}, "four protocols"
    assert set(memories["source"]) == {"random", "glyphs"}, "random messages and bitmaps"
    manifest = json.loads((results / "manifest.json").read_text())
    assert manifest["runs"], "the manifest names the runs"
    for kind in ("svg", "png", "csv"):
        assert list(figures.glob(f"*.{kind}")), f"figures as {kind}"
    shares = recalls.group_by("protocol").agg(pl.col("recovered").sum() / pl.col("queries").sum()).sort("protocol")
    print(f"{len(memories)} memories, {len(recalls)} recalls; recovered over all conditions:")
    print(shares)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
