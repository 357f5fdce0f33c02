//! What rustdoc shows of a rule or a reader is what the catalogue says: formula and source, and an example that runs.

use protocols::Spec;
use protocols::reading::Reader;
use std::fs;
use std::path::Path;

/// The comments that rustdoc shows, of all sources below a folder, each file on one line.
fn shown(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("the folder is there") {
        let path = entry.expect("it can be read").path();
        if path.is_dir() {
            found.extend(shown(&path));
        } else if path.extension().is_some_and(|end| end == "rs") {
            let text = fs::read_to_string(&path).expect("it is text");
            let comments = text.lines().filter_map(|line| line.trim_start().strip_prefix("///"));
            found.push(comments.map(str::trim).collect::<Vec<_>>().join(" "));
        }
    }
    found
}

fn sources(folder: &str) -> Vec<String> {
    shown(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(folder))
}

#[test]
fn every_rule_is_documented_as_the_catalogue_has_it() {
    let shown = sources("protocol");
    let mut rules = 0;
    for spec in Spec::catalogue() {
        let about = spec.about();
        let due = [
            format!("Rule: `{}`", about.formula),
            format!("Source: {}", about.source),
            format!("Spec::named(\"{}\")", about.name),
        ];
        let whole = |text: &&String| due.iter().all(|part| text.contains(part));
        assert!(shown.iter().any(|text| whole(&text)), "no type is documented by {due:#?}");
        rules += 1;
    }
    assert!(rules > 10);
}

#[test]
fn every_reader_is_documented_with_an_example() {
    let shown = sources("reading").join(" ");
    for reader in Reader::catalogue() {
        let name = reader.about().name;
        assert!(shown.contains(&format!("| `{name}` |")), "the table of readers has no {name}");
        if !reader.parameters().is_empty() {
            assert!(shown.contains(&format!("\"{name}\".parse()?")), "{name} has no example");
        }
    }
}
