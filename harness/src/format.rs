//! This module holds FORMAT.md against the code. Its tables are generated, and this test fails where they
//! differ from what the code says.
//!
//! Regenerate them with `UPDATE_FORMAT=1 cargo test -p harness --lib format`.

use run::shards::PLAN_KEYS;
use run::slurm::SUBMISSION_KEYS;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use store::provenance;
use store::{ATTEMPT_KEYS, MANIFEST_KEYS, METADATA_KEYS, SIDECAR_KEYS};
use study::record::{Memory, Recall, Timing};
use study::schema::{Column, Get, Key, Row, SCHEMA_VERSION, Table};

/// Returns the generated parts of FORMAT.md, by the name in their marker.
fn generated() -> BTreeMap<&'static str, String> {
    BTreeMap::from([
        ("memories", columns::<Memory>()),
        ("recalls", columns::<Recall>()),
        ("timings", columns::<Timing>()),
        ("manifest", keys(MANIFEST_KEYS)),
        ("provenance", keys(provenance::KEYS)),
        ("sidecar", keys(SIDECAR_KEYS)),
        ("plan", keys(PLAN_KEYS)),
        ("attempt", keys(ATTEMPT_KEYS)),
        ("submission", keys(SUBMISSION_KEYS)),
        ("metadata", keys(METADATA_KEYS)),
    ])
}

fn columns<R: Row>() -> String {
    let row = |c: &Column<R>| {
        // A bar would end the cell.
        let meaning = c.meaning.replace('|', "\\|");
        let missing = match (c.sparse, c.nullable) {
            (true, _) => "column and all",
            (false, true) => "yes",
            (false, false) => "no",
        };
        format!("| `{}` | {} | {} | {missing} | {meaning} |\n", c.name, c.kind(), c.unit)
    };
    let rows: String = R::columns().iter().map(row).collect();
    format!("| column | type | unit | may be missing | meaning |\n|---|---|---|---|---|\n{rows}")
}

fn keys(keys: &[Key]) -> String {
    let rows: String = keys.iter().map(|key| format!("| `{}` | {} |\n", key.name, key.meaning)).collect();
    format!("| key | what it holds |\n|---|---|\n{rows}")
}

/// Returns `text` with every generated part replaced, and the names of its markers.
fn render(text: &str, parts: &BTreeMap<&str, String>) -> (String, BTreeSet<String>) {
    let (mut out, mut found) = (String::new(), BTreeSet::new());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("<!-- generated: ") {
        let (name, after) = after.split_once(" -->\n").expect("a marker ends with ` -->`");
        let (_, after) = after.split_once("<!-- end -->").expect("a generated part ends with its marker");
        let part =
            parts.get(name).unwrap_or_else(|| panic!("FORMAT.md has a part `{name}` that nothing generates"));
        out += &format!("{before}<!-- generated: {name} -->\n{part}<!-- end -->");
        assert!(found.insert(name.to_owned()), "FORMAT.md has two parts `{name}`");
        rest = after;
    }
    (out + rest, found)
}

#[test]
fn format_md_is_what_the_code_says() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../FORMAT.md");
    let text = std::fs::read_to_string(&path).expect("FORMAT.md stands at the top of the repository");
    let parts = generated();
    let (due, found) = render(&text, &parts);
    let expected: BTreeSet<String> = parts.keys().map(|&name| name.to_owned()).collect();
    assert_eq!(found, expected, "the parts of FORMAT.md and those that the code generates");
    if std::env::var_os("UPDATE_FORMAT").is_some() {
        std::fs::write(&path, due).expect("FORMAT.md can be written");
    } else if due != text {
        let stale = text.lines().zip(due.lines()).find(|(has, due)| has != due);
        panic!(
            "FORMAT.md is not what the code says: run `UPDATE_FORMAT=1 cargo test -p harness --lib format` and read \
             the difference.\nFirst line, as it stands and as it should be: {stale:#?}"
        );
    }
    let version = format!("Schema version {}.", SCHEMA_VERSION);
    assert!(text.contains(&version), "FORMAT.md must say: {version}");
}

/// Checks the laws of every table.
fn check<R: Row>() {
    let columns = R::columns();
    let names: Vec<&str> = columns.iter().map(|c| c.name).collect();
    let table = R::TABLE.name();
    assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len(), "{table} names a column twice");
    let coordinates = ["cell", "protocol", "parameters", "source", "n", "m", "load", "trial"];
    assert_eq!(names[..8], coordinates, "{table} begins with the coordinates");
    for c in &columns {
        assert!(c.meaning.ends_with('.'), "the meaning of {table}.{} is a sentence", c.name);
        assert_eq!(matches!(c.get, Get::Text(_)), c.kind() == "text");
    }
}

#[test]
fn tables_begin_with_the_coordinates_and_name_each_column_once() {
    check::<Memory>();
    check::<Recall>();
    check::<Timing>();
    assert_eq!(Table::ALL.map(|table| table as usize), [0, 1, 2]);
}
