//! This module makes the key-value metadata of the Parquet files.
//!
//! The deterministic tables carry only what is equal between reruns of the same definition by the same code, so that
//! their bytes are; the rest of the provenance stands in `timings.parquet` and in the manifest.

use crate::provenance::Provenance;
use study::schema::{Key, Table, key};

/// Holds the key that every reader checks first.
pub(super) const VERSION_KEY: &str = "harness.schema_version";

/// Holds the metadata keys as FORMAT.md lists them. The last is in `timings.parquet` only.
pub const METADATA_KEYS: &[Key] = &[
    key(VERSION_KEY, "Version of the schema."),
    key("harness.table", "`memories`, `recalls` or `timings`."),
    key("harness.version", "Version of the harness."),
    key("harness.commit", "Commit of the source tree; `unknown` outside a git repository."),
    key("harness.definition", "Name of the definition."),
    key("harness.definition_hash", "BLAKE3 of the definition's text."),
    key("harness.root_seed", "Root of all random streams."),
    key("harness.rng", "The random generator."),
    key(
        "harness.provenance",
        "Only in `timings.parquet`: the run that wrote it, JSON as in `runs` of manifest.json.",
    ),
];

/// Returns the metadata of a table that `run` writes.
pub(super) fn metadata(table: Table, run: &Provenance) -> Vec<(String, String)> {
    let mut values = vec![
        run.schema_version.to_string(),
        table.name().to_owned(),
        run.version.clone(),
        run.commit.clone().unwrap_or_else(|| "unknown".to_owned()),
        run.definition.clone(),
        run.definition_hash.clone(),
        run.root_seed.to_string(),
        run.rng.clone(),
    ];
    if table == Table::Timings {
        values.push(serde_json::to_string(run).expect("provenance has text keys and no failing part"));
    }
    METADATA_KEYS.iter().map(|key| key.name.to_owned()).zip(values).collect()
}
