//! The reference of keys in the book is what `keys.rs` says. `UPDATE_FORMAT=1 cargo test -p harness-study reference`
//! writes it.

use super::super::keys::KEYS;
use std::path::Path;

/// The page, but for its table of keys.
const HEAD: &str = "# Keys of a definition\n\n\
    A definition is a TOML file. The table has every key, in the order of a file, with what is allowed and an \
    example. It is what the program\nanswers with where a value is wrong. Dots stand for tables: `grid.n` is the \
    key `n` below `[grid]`, and `figure.name` one below `[[figure]]`.\n\n\
    - [The parameters of rules, readers and messages](catalogue.md) have a page of their own.\n\
    - [Its grid](../../../../../CONTRIBUTING.md#its-grid) says what formulas, lists in step, exclusions and parts \
    mean.\n\
    - [Its figures](../../../../../CONTRIBUTING.md#its-figures) says what each kind of figure shows.\n\
    - [Verdicts](../../../../../METHODOLOGY.md#verdicts) says what each test of a claim decides by.\n\n";

fn page() -> String {
    let bar = |text: &str| text.replace('|', "\\|");
    let row = |(key, allowed, example): &(&str, &str, &str)| {
        format!("| `{key}` | {} | `{}` |\n", bar(allowed), bar(example))
    };
    let rows: String = KEYS.iter().map(row).collect();
    format!("{HEAD}| key | allowed | example |\n|---|---|---|\n{rows}")
}

#[test]
fn the_reference_of_keys_is_what_the_program_knows() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/book/pages/reference/keys.md");
    if std::env::var_os("UPDATE_FORMAT").is_some() {
        std::fs::write(&path, page()).expect("the page can be written");
    }
    let text = std::fs::read_to_string(&path).expect("the page is there");
    assert_eq!(
        text,
        page(),
        "run `UPDATE_FORMAT=1 cargo test -p harness-study reference` and read the difference"
    );
}
