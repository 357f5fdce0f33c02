//! These tests check sources of messages in definitions: with and without parameters, and errors in them.

use super::errors::errors;
use super::{BASE, edited, parse};
use crate::cell_id::CellId;
use crate::plan::plan;
use protocols::Source;
use std::collections::HashSet;

/// The base with sources, at an N.
fn with(sources: &str, n: u32) -> String {
    edited("n = [64]", &format!("n = [{n}]\nsources = {sources}"))
}

#[test]
fn a_source_is_named_or_given_by_its_parameters() {
    let definition = parse(&with(
        r#"["random", "biased", { biased = { activity = 0.3 } }, "chain(correlation=0.9)"]"#,
        64,
    ));
    let cells = plan(&definition.unwrap());
    let names: Vec<&str> = cells.iter().map(|cell| cell.source.name()).collect();
    let mut once = names.clone();
    once.dedup();
    assert_eq!(once, ["random", "biased(activity=0.1)", "biased(activity=0.3)", "chain(correlation=0.9)"]);
    let alike = |sources: &str| -> Vec<CellId> {
        plan(&parse(&with(sources, 64)).unwrap()).iter().map(|cell| cell.identity()).collect()
    };
    assert_eq!(alike(r#"["biased"]"#), alike("[{ biased = { activity = 0.10 } }]"));
    // Every source has cells and streams of its own; those of random messages are what they were without any.
    let ids: HashSet<&CellId> = cells.iter().map(|cell| &cell.id).collect();
    assert_eq!(ids.len(), cells.len());
    assert_eq!(
        alike(r#"["random"]"#),
        plan(&parse(BASE).unwrap()).iter().map(|c| c.identity()).collect::<Vec<_>>()
    );
    let words: HashSet<u64> = cells.iter().map(|cell| cell.messages_stream().word()).collect();
    assert_eq!(words.len(), cells.len() / 2, "one for both protocols");
}

#[test]
fn figures_and_exclusions_take_them_too() {
    let text = with(r#"["random", { biased = { activity = 0.3 } }]"#, 64).replace(
        "trials = 2",
        "trials = 2\nexclude = [{ sources = [{ biased = { activity = 0.3 } }], when = \"load > 0.3\" }]",
    ) + "source = { biased = { activity = 0.3 } }\n";
    let definition = parse(&text).unwrap();
    let biased = "biased(activity=0.3)".parse::<Source>().unwrap();
    assert_eq!(definition.figures[0].source, Some(biased));
    let left: Vec<u32> = plan(&definition).iter().filter(|c| c.source == biased).map(|c| c.m).collect();
    assert_eq!(left, [6; 4]);
}

#[test]
fn errors_point_at_the_parameter() {
    let edits = [
        ("n = [64]", "n = [64]\nsources = [{ biasd = { activity = 0.3 } }]"),
        ("n = [64]", "n = [64]\nsources = [\"random\", { biased = { activity = 1.5 } }]"),
        ("n = [64]", "n = [64]\nsources = [{ biased = { actvity = 0.5 } }]"),
        ("n = [64]", "n = [64]\nsources = [\"biased(activity=2)\"]"),
        ("n = [64]", "n = [64]\nsources = [3]"),
        ("n = [64]", "n = [64]\nsources = [\"biased\", { biased = {} }]"),
        ("n = [64]", "n = [64]\nsources = [\"cliques\"]"),
        ("n = [64]", "n = [48]\nsources = [\"codes\"]"),
        ("n = [64]", "n = [10]\nsources = [{ cliques = { k = 9 } }]"),
        ("n = [64]\nload = [0.1, 0.5]", "n = [15]\nm = [21]\nsources = [\"cliques\"]"),
        (r#"kind = "load""#, "kind = \"load\"\nsource = \"biased\""),
    ];
    insta::assert_snapshot!(errors(&edits), @r#"
    8:14 grid.sources[0].biasd: there is no `biasd` here
      random, glyphs, small-glyphs, digits, biased, chain, patches, hierarchical, features, cliques, codes, file
      did you mean `biased`?
    8:46 grid.sources[1].biased.activity = 1.5: this value is not allowed
      a number between 0 and 1
      write for example `sources = [{ biased = { activity = 0.1 } }]`
    8:25 grid.sources[0].biased.actvity = 0.5: there is no `actvity` here
      activity
      did you mean `activity`?
    8:12 grid.sources[0] = "biased(activity=2)": this value is not allowed
      a list of random, glyphs, small-glyphs, digits, biased, chain, patches, hierarchical, features, cliques, codes,
            with a table of parameters or without, or { file = "x.npy" }
      write for example `sources = ["random", { biased = { activity = 0.1 } }]`
    8:12 grid.sources[0] = 3: this value is not allowed
      a list of random, glyphs, small-glyphs, digits, biased, chain, patches, hierarchical, features, cliques, codes,
            with a table of parameters or without, or { file = "x.npy" }
      write for example `sources = ["random", { biased = { activity = 0.1 } }]`
    8:22 grid.sources[1]: biased(activity=0.1) is listed twice
      every value once
      remove one biased(activity=0.1)
    7:6 grid.n[0] = 64: cliques are sets of edges, so n must be 55 or 66, not 64
      v (v - 1)/2: 3, 6, 10, 15, ...
      use n = [55, 66], or leave it out: `exclude = [{ sources = ["cliques"], when = "n == 64" }]`
    7:6 grid.n[0] = 48: codes are rows of a Hadamard matrix, so n must be 32 or 64, not 48
      powers of 2
      use n = [32, 64], or leave it out: `exclude = [{ sources = ["codes"], when = "n == 48" }]`
    7:6 grid.n[0] = 10: k = 9 does not fit n = 10: it must be a whole number from 2 to 5, the vertices of 10 edges
      a whole number from 2 to 5, the vertices of 10 edges
      change k, or use larger n
    8:6 grid.m[0] = 21: there are 20 distinct cliques, but m = 21 were asked for
      at most 20 messages, a load of 1.33
      lower it, or leave it out for cliques: `exclude = [{ sources = ["cliques"], when = "n == 15 and m > 20" }]`
    17:10 figure[0].source = "biased": the grid has no such value, so there would be nothing to show
      random
      use a value of the grid, or remove the line for all of them
    "#);
}

/// A folder with messages of eight units.
fn with_files(definition: &str) -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let rows: Vec<String> = (0..40_u32)
        .map(|row| (0..8).map(|i| (row >> i & 1).to_string()).collect::<Vec<_>>().join(","))
        .collect();
    std::fs::write(folder.path().join("rows.csv"), rows.join("\n")).unwrap();
    let path = folder.path().join("mine.toml");
    std::fs::write(&path, definition).unwrap();
    (folder, path.to_string_lossy().into_owned())
}

#[test]
fn a_file_is_identified_by_what_it_holds_wherever_it_is_named() {
    use crate::definition::Definition;
    let source = r#"{ file = "rows.csv" }"#;
    let text = with(&format!("[\"random\", {source}]"), 8).replace(
        "trials = 2",
        &format!("trials = 2\nexclude = [{{ sources = [{source}], when = \"load > 0.3\" }}]"),
    ) + &format!("source = {source}\n");
    let (folder, path) = with_files(&text);
    let definition = Definition::load(&path).unwrap_or_else(|error| panic!("{error}"));
    let files = definition.files.clone().unwrap();
    let hash = blake3::hash(&std::fs::read(folder.path().join("rows.csv")).unwrap()).to_hex().to_string();
    assert_eq!(files.found["file(name=rows.csv)"], hash);
    let own = definition.figures[0].source.unwrap();
    assert_eq!(own.name(), format!("file(name=rows.csv content={})", &hash[..16]));
    let cells = plan(&definition);
    assert!(
        cells.iter().any(|cell| cell.source == own)
            && cells.iter().all(|cell| cell.source == own || cell.source == Source::Random)
    );
    assert_eq!(definition.told.len(), 1, "it is read once");
    // What was found once is taken back without the file, and gives the same cells.
    std::fs::remove_file(folder.path().join("rows.csv")).unwrap();
    let read = |files| Definition::parse_found("mine", std::path::Path::new(&path), &text, files);
    assert_eq!(plan(&read(Some(&files)).unwrap()), cells);
    // Its text alone names it, and no cell of it can be that of another content.
    let unread = plan(&read(None).unwrap());
    assert!(
        unread
            .iter()
            .all(|cell| cells.iter().any(|known| known.id == cell.id) == (cell.source == Source::Random))
    );
    assert!(Definition::load(&path).unwrap_err().to_string().contains("rows.csv: cannot be opened"));
}
