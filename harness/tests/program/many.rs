//! A sweep of very many cells: its rows are not read for a table that nobody asked for.

use crate::scratch::Scratch;

/// One more than a sweep reads of itself, as small as cells can be.
const DEFINITION: &str = r#"
question = "How many?"
analysis = "Many."
probes = ["recovery"]
[protocols]
HOP = { hop = {} }
[grid]
n = [4]
m = [1]
flips = [1]
trials = 131073
queries = 1
[read]
dynamics = ["sync"]
"#;

#[test]
fn the_table_of_many_cells_is_made_on_demand() {
    let scratch = Scratch::new(DEFINITION);
    let first = scratch.sweep(&[]).well();
    assert!(first.stdout.contains("The table of so many cells is made on demand: "), "{}", first.stdout);
    assert!(first.stdout.contains("(131073 ok cells)"), "{}", first.stdout);
    let manifest = scratch.manifest();
    let again = scratch.sweep(&[]).well();
    assert!(again.stderr.contains("131073 of 131073 cells are finished already"), "{}", again.stderr);
    assert_eq!(again.stdout, first.stdout);
    assert_eq!(scratch.manifest(), manifest, "nothing was written again");
    assert!(scratch.succeed(&["show", "d"]).stdout.contains("131073 trials"));
    // Under another label the rows are written again, and no cell is computed.
    std::fs::write(scratch.path("d.toml"), DEFINITION.replace("HOP =", "\"the rule\" =")).unwrap();
    let renamed = scratch.sweep(&[]).well();
    assert!(renamed.stderr.contains("131073 of 131073 cells are finished already"), "{}", renamed.stderr);
    assert!(scratch.succeed(&["show", "d"]).stdout.contains("the rule"));
}
