//! Figures overwrite no file of one another, one failure stops no other, and their folder is never left.

use super::scratch::{Scratch, entries, files};
use std::fs;

const DEFINITION: &str = include_str!("small.toml");

/// Few and small memories, and as many panels as make three pages of a figure.
const PAGES: &str = r#"
question = "How many pages?"
analysis = "Three."
[protocols]
HOP = { hop = {} }
[grid]
n = [8, 10, 12, 14, 16, 18]
m = [2]
flips = [0, 1, 2, 3]
trials = 2
queries = 4
[[figure]]
name = "other"
kind = "load"
[[figure]]
name = "many"
kind = "load"
width = "180mm"
measure = "recovered"
[[figure]]
name = "Many-2"
kind = "load"
"#;

#[test]
fn no_page_overwrites_another_figure() {
    let scratch = Scratch::swept(PAGES);
    scratch.run(&["figures"]).refused(1, &["\"many\"", "\"Many-2\"", "Rename one of them"]);
    assert!(entries(&scratch.path("paper-figs")).is_empty(), "nothing is written");
    scratch.run(&["report"]).refused(1, &["\"many\"", "\"Many-2\""]);
    scratch.write("apart.toml", &PAGES.replace("Many-2", "few"));
    scratch.succeed(&["figures", "--definition", "apart.toml"]);
    assert_eq!(files(&scratch.path("paper-figs/d"), ".svg").len(), 5);
}

#[test]
fn what_cannot_be_drawn_stops_no_other_figure_and_no_other_run() {
    let scratch = Scratch::swept(DEFINITION);
    let figure = "[[figure]]\nkind = \"load\"\nn = 32\nsource = \"random\"\n";
    let more = DEFINITION
        .replace("n = [64]", "n = [64, 32]\nexclude = [{ sources = [\"glyphs\"], when = \"n != 64\" }]")
        .replace("[[figure]]", &format!("{figure}name = \"first\"\n{figure}name = \"second\"\n[[figure]]"));
    scratch.write("more.toml", &more);
    fs::create_dir_all(scratch.path("results/a")).unwrap();
    scratch.write("results/a/manifest.json", "{");
    let drawn = scratch.path("paper-figs/d/recovery.svg");
    let said = scratch.run(&["figures", "--definition", "more.toml"]);
    said.refused(1, &["3 failures", "figures of a", "\"first\"", "\"second\"", "n = 32"]);
    assert!(drawn.is_file(), "the figure after those that fail, of the run after one that fails");
    scratch.run(&["report"]).refused(1, &["a is left out"]);
    assert!(scratch.path("results/report.html").is_file());
}

#[test]
fn figures_go_to_their_folder_whatever_path_names_the_results() {
    let scratch = Scratch::swept(DEFINITION);
    let absolute = scratch.results().display().to_string();
    let before = entries(&scratch.results());
    fs::create_dir_all(scratch.path("none")).unwrap();
    let names =
        [("results", "d"), ("results", absolute.as_str()), ("none", &absolute), ("none", "../results/d")];
    for (i, (results, name)) in names.into_iter().enumerate() {
        let out = format!("figures-{i}");
        scratch.succeed(&["figures", name, "--results", results, "--out", &out]);
        assert!(scratch.path(&out).join("d/recovery.svg").is_file(), "{name}");
        assert_eq!(entries(&scratch.path(&out)).len(), 1, "{name}");
    }
    assert_eq!(entries(&scratch.results()), before);
}
