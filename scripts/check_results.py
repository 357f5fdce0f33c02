"""Reads a run of the quick definition with polars, pandas (pyarrow) and DuckDB, and checks that it is what FORMAT.md says.

usage: check_results.py RESULTS FIGURES
"""

import json
import sys
from pathlib import Path

import duckdb
import pandas as pd
import polars as pl
import pyarrow.parquet as pq

TABLES = ("memories", "recalls", "timings")
# FORMAT.md's names of types, as pyarrow calls them.
TYPES = {"u32": {"uint32"}, "u64": {"uint64"}, "f64": {"double"}, "text": {"string", "large_string", "string_view"}}


def documented(table: str) -> list[tuple[str, str, str]]:
    """Name, type and whether a value may be missing, of every column that FORMAT.md lists for the table."""
    text = (Path(__file__).parent.parent / "FORMAT.md").read_text()
    part = text.split(f"<!-- generated: {table} -->\n")[1].split("<!-- end -->")[0]
    rows = [[cell.strip() for cell in line.split(" | ")] for line in part.splitlines()[2:]]
    return [(row[0].strip("| `"), row[1], row[3]) for row in rows]


def check_columns(results: Path) -> None:
    """Names, types, missing values and metadata, by pyarrow, which knows nothing of how polars wrote them."""
    for table in TABLES:
        path = results / f"{table}.parquet"
        schema, data = pq.read_schema(path), pq.read_table(path)
        # A column that may be missing itself is there only where some row has a value.
        columns = [column for column in documented(table) if column[2] != "column and all" or column[0] in schema.names]
        assert schema.names == [name for name, _, _ in columns], f"{table} has the columns of FORMAT.md"
        for name, kind, missing in columns:
            assert str(schema.field(name).type) in TYPES[kind], f"{table}.{name} is {schema.field(name).type}"
            assert missing != "no" or data[name].null_count == 0, f"{table}.{name} has missing values"
        metadata = pq.read_metadata(path).metadata
        cells = data["cell"].to_pylist()
        assert cells == sorted(cells), f"{table} is sorted by cell"
        assert metadata[b"harness.schema_version"] == b"1" and metadata[b"harness.table"] == table.encode(), table
    provenance = json.loads(pq.read_metadata(results / "timings.parquet").metadata[b"harness.provenance"])
    manifest = json.loads((results / "manifest.json").read_text())
    run = manifest["runs"][-1]
    for key in ("commit", "rustc", "cpu", "lock_hash", "definition_text", "root_seed", "arguments", "start"):
        assert provenance[key] == run[key], f"timings.parquet and manifest.json name the same {key}"
    assert run["start"] <= run["end"], "the run has ended"


def shares_by_polars(results: Path) -> dict[str, float]:
    """Recovered share of every protocol; and the laws of the records."""
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
    shares = recalls.group_by("protocol").agg(pl.col("recovered").sum() / pl.col("queries").sum())
    return dict(shares.iter_rows())


def shares_by_pandas(results: Path) -> dict[str, float]:
    """The same from pandas, across a join of two tables."""
    recalls = pd.read_parquet(results / "recalls.parquet")
    memories = pd.read_parquet(results / "memories.parquet", columns=["cell", "status"])
    joined = recalls.merge(memories, on="cell", validate="many_to_one")
    sums = joined[joined["status"] == "ok"].groupby("protocol")[["recovered", "queries"]].sum()
    return (sums["recovered"] / sums["queries"]).to_dict()


def shares_by_duckdb(results: Path) -> dict[str, float]:
    """The same from SQL on the files themselves."""
    query = f"""
        SELECT r.protocol, sum(r.recovered) / sum(r.queries)
        FROM '{results}/recalls.parquet' r JOIN '{results}/memories.parquet' m USING (cell)
        WHERE m.status = 'ok' GROUP BY r.protocol
    """
    return {protocol: float(share) for protocol, share in duckdb.sql(query).fetchall()}


def main(results: Path, figures: Path) -> None:
    """Fails with an assertion that says what is wrong."""
    check_columns(results)
    shares = shares_by_polars(results)
    for name, others in (("pandas", shares_by_pandas(results)), ("DuckDB", shares_by_duckdb(results))):
        assert others.keys() == shares.keys(), f"{name} reads the protocols that polars reads"
        assert all(abs(others[key] - shares[key]) < 1e-12 for key in shares), f"{name} and polars agree: {others}"
    for kind in ("svg", "png", "csv"):
        assert list(figures.glob(f"*.{kind}")), f"figures as {kind}"
    listed = ", ".join(f"{protocol} {shares[protocol]:.4f}" for protocol in sorted(shares))
    print(f"polars, pandas and DuckDB agree; recovered over all conditions: {listed}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
