//! Messages of one's own, from definition to verification.

use crate::scratch::{Scratch, by_cell};
use std::fs;
use store::{RunFolder, runs};

/// Twelve messages of eight units, of which the last stands there before.
const MINE: &str = "1,0,0,1,1,0,1,0\n0,0,1,1,0,0,1,1\n1,1,0,1,0,1,1,0\n0,1,0,0,1,0,1,1\n\
    1,0,1,0,1,1,1,0\n0,0,0,1,1,1,1,1\n1,1,1,0,0,0,1,0\n0,1,1,1,1,0,1,0\n\
    1,0,0,0,0,1,1,1\n0,1,0,1,0,1,1,0\n1,1,0,0,1,1,1,1\n1,0,0,1,1,0,1,0\n";

fn definition(sources: &str, n: u32, m: &str) -> String {
    format!(
        "question = \"?\"\nanalysis = \".\"\n[protocols]\nHOP = {{ hop = {{}} }}\nPSE = {{ pse = {{}} }}\n[grid]\n\
         sources = {sources}\nn = [{n}]\nm = {m}\nflips = [1]\ntrials = 3\nqueries = 4\n\
         [[figure]]\nname = \"margins\"\nkind = \"margins\"\n"
    )
}

fn mine() -> Scratch {
    let scratch = Scratch::new(&definition("[\"random\", { file = \"mine.csv\" }]", 8, "[2, 3]"));
    scratch.write("mine.csv", MINE);
    scratch
}

/// The ids of the cells of messages of one's own, and of others.
fn ids(scratch: &Scratch, own: bool) -> Vec<String> {
    let records = runs::read(&RunFolder::new(scratch.results())).unwrap().records;
    let cells = by_cell(records).into_iter().map(|cell| cell.memory.at);
    cells.filter(|at| at.source.name().starts_with("file(") == own).map(|at| at.cell.to_string()).collect()
}

#[test]
fn what_a_file_holds_is_part_of_what_a_cell_is() {
    let scratch = mine();
    scratch.succeed(&["sweep", "d.toml", "--quiet"]);
    let (own, others, tables) = (ids(&scratch, true), ids(&scratch, false), scratch.tables());
    assert_eq!((own.len(), others.len()), (12, 12));
    scratch.succeed(&["verify", "d", "--sample", "100"]);
    // Nothing is computed again of the same file.
    scratch
        .succeed(&["sweep", "d.toml"])
        .tells(&["24 of 24 cells are finished already", "mine.csv: 12 messages of 8 units"]);
    scratch.write("mine.csv", &MINE.replacen('1', "0", 1));
    scratch
        .run(&["verify", "d", "--sample", "100"])
        .refused(1, &["mine.csv: holds something else", "sweep again"]);
    scratch.succeed(&["sweep", "d.toml", "--quiet"]);
    assert_eq!(ids(&scratch, false), others);
    assert!(ids(&scratch, true).iter().all(|cell| !own.contains(cell)));
    scratch.write("mine.csv", MINE);
    scratch.succeed(&["sweep", "d.toml", "--quiet"]);
    assert!(scratch.tables() == tables, "the tables are others");
}

#[test]
fn stored_results_are_read_without_their_file_and_computed_with_it() {
    let scratch = mine();
    scratch.succeed(&["sweep", "d.toml", "--quiet"]);
    fs::remove_file(scratch.path("mine.csv")).unwrap();
    let shown = scratch.succeed(&["show", "results/d", "--csv", "--source", "file(mine.csv)"]);
    assert!(
        shown.stdout.lines().skip(1).all(|line| line.contains("file(name=mine.csv content=")),
        "{}",
        shown.stdout
    );
    // Margins write memories anew, and of the messages that are there.
    scratch.succeed(&["figures", "results/d"]);
    scratch.run(&["verify", "d", "--sample", "100"]).refused(1, &["mine.csv: cannot be opened"]);
    let own = ids(&scratch, true);
    let replay = ["replay", "d", "--cell", &own[0]];
    scratch.run(&replay).refused(1, &["mine.csv: cannot be opened"]);
    scratch.write("mine.csv", &MINE.replacen('1', "0", 1));
    scratch.run(&replay).refused(1, &["mine.csv: holds something else", "bring the file back"]);
    scratch.write("mine.csv", MINE);
    assert!(scratch.succeed(&replay).stdout.contains("agree"));
    fs::remove_file(scratch.path("mine.csv")).unwrap();
    scratch
        .run(&["sweep", "d.toml"])
        .refused(1, &["mine.csv: cannot be opened", "key: grid.sources[1]", "remedy:"]);
}

#[test]
fn shards_of_a_file_give_the_same_bytes() {
    let whole = mine();
    whole.succeed(&["sweep", "d.toml", "--quiet"]);
    let scratch = mine();
    scratch.succeed(&["plan", "d.toml", "--shards", "2"]);
    scratch.succeed(&["sweep", "d.toml", "--quiet", "--shard", "1/2"]);
    // The copy beside the plan stands where the file does not.
    scratch.write("mine.csv", &MINE.replacen('1', "0", 1));
    scratch
        .run(&["sweep", "results/d/d.toml", "--shard", "2/2"])
        .refused(1, &["mine.csv: holds something else"]);
    scratch
        .run(&["sweep", "d.toml", "--quiet", "--shard", "2/2"])
        .refused(1, &["mine.csv: holds something else"]);
    scratch.write("mine.csv", MINE);
    scratch.succeed(&["sweep", "results/d/d.toml", "--quiet", "--shard", "2/2"]);
    scratch.succeed(&["merge", "d"]);
    assert!(scratch.tables() == whole.tables(), "the tables are others");
}

#[test]
fn a_file_that_does_not_fit_the_grid_is_told_where_the_grid_asks() {
    let told = |definition: &str, said: &[&str]| {
        let scratch = Scratch::new(definition);
        scratch.write("mine.csv", MINE);
        scratch.run(&["plan", "d.toml"]).refused(1, said);
    };
    let file = "[{ file = \"mine.csv\" }]";
    told(
        &definition(file, 8, "[2, 13]"),
        &[
            "mine.csv has 12 rows, too few to draw m = 13 of them",
            "key: grid.m[1]",
            "remedy: lower it, use a file of more rows",
        ],
    );
    told(
        &definition(file, 9, "[2]"),
        &["the messages of mine.csv have 8 units, but n = 9", "key: grid.n[0]", "remedy: use n = [8]"],
    );
    told(
        &definition("[{ file = { name = \"mine.csv\", colour = 1 } }]", 8, "[2]"),
        &["there is no `colour` here"],
    );
    told(
        &definition("[{ file = \"none.csv\" }]", 8, "[2]"),
        &["none.csv: cannot be opened", "key: grid.sources[0]"],
    );
}

#[test]
fn a_plan_tells_of_repeated_rows_and_constant_units() {
    let scratch = mine();
    let said = scratch.succeed(&["plan", "d.toml"]).stdout;
    let expected = "Messages: mine.csv: 12 messages of 8 units; 0 is -1, 1 is +1; rows that stand there before: \
    1, so a trial may \
                    have a message twice; units that are the same in all of them: 1";
    assert!(said.contains(expected), "{said}");
}

#[test]
fn a_file_stands_in_place_of_the_sources_of_any_definition() {
    let scratch = Scratch::new(&definition("[\"random\", \"glyphs\"]", 64, "[2]"));
    fs::create_dir(scratch.path("data")).unwrap();
    scratch.write("data/my rows.csv", MINE);
    let sweep = ["sweep", "d.toml", "--messages", "data/my rows.csv"];
    scratch.succeed(&sweep).tells(&["my rows.csv: 12 messages of 8 units"]);
    assert!(scratch.path("results/d-my-rows/recalls.parquet").exists() && !scratch.results().exists());
    scratch.succeed(&["verify", "d-my-rows", "--sample", "100"]);
    scratch.succeed(&sweep).tells(&["6 of 6 cells are finished already"]);
    scratch.succeed(&["figures", "results/d-my-rows"]);
    let shown = scratch.succeed(&["show", "d-my-rows", "--csv"]).stdout;
    assert!(shown.lines().skip(1).all(|line| line.contains("file(name=my%20rows.csv content=")), "{shown}");
    scratch
        .run(&["sweep", "d.toml", "--messages", "data"])
        .refused(1, &["holds my rows.csv, which is no picture"]);
    // As a source, with what a path alone does not say.
    let grey = MINE.replace('1', "200").replace("0,0", "0,17");
    scratch.write("grey.csv", &grey);
    scratch
        .run(&["plan", "d.toml", "--messages", "grey.csv"])
        .refused(1, &["has 3 kinds of values", "threshold"]);
    scratch.succeed(&["plan", "d.toml", "--messages", "file(grey.csv threshold=otsu)"]);
    let held = scratch.succeed(&["messages", "--source", "file(data/../grey.csv threshold=otsu)"]).stdout;
    assert!(
        held.contains("up to 17 is -1, from 200 on +1")
            && held.contains("\"file(name=grey.csv threshold=otsu)\""),
        "{held}"
    );
}

#[test]
fn write_and_recall_take_the_same_formats() {
    let scratch = mine();
    scratch.succeed(&["write", "--protocol", "pse", "--messages", "mine.csv", "--out", "w.npy"]);
    scratch.succeed(&["recall", "--weights", "w.npy", "--queries", "mine.csv", "--out", "r.npy"]);
    scratch
        .run(&["write", "--protocol", "hop", "--messages", "d.toml", "--out", "v.npy"])
        .refused(1, &["d.toml: begins with"]);
}
