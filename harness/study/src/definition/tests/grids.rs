//! These tests check grids that are more than a product, and their errors. Such grids have zipped lists,
//! parts, formulas, exclusions.

use super::errors::errors;
use super::{BASE, edited, parse};
use crate::definition::Definition;
use crate::definition::formula::{Axes, Formula, Predicate, Variable};

/// A line a condition: protocol, source, n, m, flips, queries, trials.
fn conditions(definition: &Definition) -> String {
    let line = |c: &crate::definition::Condition| {
        let label =
            definition.protocols.get_index(c.protocol).map(|(label, _)| label.as_str()).unwrap_or("?");
        let (source, flips) = (c.source.name(), c.flips.iter().map(|d| d.units).collect::<Vec<u32>>());
        format!("{label}: {source} n={} m={} d={flips:?} q={} t={}\n", c.n, c.m, c.queries, c.trials)
    };
    definition.conditions.iter().map(line).collect()
}

fn described(from: &str, to: &str) -> String {
    conditions(&parse(&edited(from, to)).unwrap_or_else(|error| panic!("{error}")))
}

#[test]
fn zipped_lists_run_in_step() {
    let grid = "n = [32, 64]\nzip = [[\"n\", \"load\"]]";
    insta::assert_snapshot!(described("n = [64]", grid), @r"
    HOP: random n=32 m=3 d=[0, 3] q=10 t=2
    TRN: random n=32 m=3 d=[0, 3] q=10 t=2
    HOP: random n=64 m=32 d=[0, 6] q=10 t=2
    TRN: random n=64 m=32 d=[0, 6] q=10 t=2
    ");
    // Every axis can be in a group; a protocol without K has each n all the same.
    let grid = "n = [32, 64]\nk = [5, 20]\nzip = [[\"n\", \"k\", \"noise\"]]";
    insta::assert_snapshot!(described("n = [64]", grid), @r"
    HOP: random n=32 m=3 d=[0] q=10 t=2
    TRN, K=5: random n=32 m=3 d=[0] q=10 t=2
    HOP: random n=32 m=16 d=[0] q=10 t=2
    TRN, K=5: random n=32 m=16 d=[0] q=10 t=2
    HOP: random n=64 m=6 d=[6] q=10 t=2
    TRN, K=20: random n=64 m=6 d=[6] q=10 t=2
    HOP: random n=64 m=32 d=[6] q=10 t=2
    TRN, K=20: random n=64 m=32 d=[6] q=10 t=2
    ");
}

#[test]
fn parts_are_run_one_after_another() {
    let parts = "max_steps = 50\n[[grid.part]]\n[[grid.part]]\nprotocols = [\"HOP\"]\nn = [128]\nm = [5]\nflips = [1]";
    insta::assert_snapshot!(described("max_steps = 50", parts), @r"
    HOP: random n=64 m=6 d=[0, 6] q=10 t=2
    TRN: random n=64 m=6 d=[0, 6] q=10 t=2
    HOP: random n=64 m=32 d=[0, 6] q=10 t=2
    TRN: random n=64 m=32 d=[0, 6] q=10 t=2
    HOP: random n=128 m=5 d=[1] q=10 t=2
    ");
}

#[test]
fn where_parts_meet_the_condition_runs_once_with_the_more_trials() {
    let parts = "max_steps = 50\n[[grid.part]]\nload = [0.1]\n[[grid.part]]\nprotocols = [\"HOP\"]\nload = [0.5, \
     0.1]\ntrials = 9";
    insta::assert_snapshot!(described("max_steps = 50", parts), @r"
    HOP: random n=64 m=6 d=[0, 6] q=10 t=9
    TRN: random n=64 m=6 d=[0, 6] q=10 t=2
    HOP: random n=64 m=32 d=[0, 6] q=10 t=9
    ");
}

#[test]
fn formulas_give_counts() {
    let grid = "m = \"ceil(load * n)\"\ntrials = \"max(3, round(64 / n))\"\nqueries = \"2 * m\"";
    let text = edited("trials = 2\nqueries = 10", grid)
        .replace("[64]", "[33, 8]")
        .replace("[0.1, 0.5]", "[0.1, 0.45]");
    insta::assert_snapshot!(conditions(&parse(&text).unwrap_or_else(|error| panic!("{error}"))), @r"
    HOP: random n=33 m=4 d=[0, 3] q=8 t=3
    TRN: random n=33 m=4 d=[0, 3] q=8 t=3
    HOP: random n=33 m=15 d=[0, 3] q=30 t=3
    TRN: random n=33 m=15 d=[0, 3] q=30 t=3
    HOP: random n=8 m=1 d=[0, 1] q=2 t=8
    TRN: random n=8 m=1 d=[0, 1] q=2 t=8
    HOP: random n=8 m=4 d=[0, 1] q=8 t=8
    TRN: random n=8 m=4 d=[0, 1] q=8 t=8
    ");
    // McEliece's count of messages that are all stable, without a load.
    let text = edited("load = [0.1, 0.5]", "m = \"floor(n / (4 * ln(n)))\"");
    assert_eq!(parse(&text).expect("it is right").conditions[0].m, (64.0 / (4.0 * 64_f64.ln())) as u32);
}

#[test]
fn formulas_that_say_what_load_says_make_the_same_cells() {
    let cells = |text: &str| crate::plan::plan(&parse(text).expect("it is right"));
    let ids = |text: &str| cells(text).into_iter().map(|cell| cell.id).collect::<Vec<_>>();
    let formula = edited("[0.1, 0.5]", "[0.1, 0.5]\nm = \"round(load * n)\"");
    assert_eq!(ids(&formula), ids(BASE));
    let parts = format!("{BASE}[[grid.part]]\nload = [0.1]\n[[grid.part]]\nload = [0.5]\n");
    assert_eq!(ids(&parts), ids(BASE));
    let zipped =
        edited("n = [64]", "n = [64, 64]").replace("n = [64, 64]", "n = [64]\nzip = [[\"noise\", \"load\"]]");
    assert_ne!(ids(&zipped), ids(BASE), "one noise level each");
}

#[test]
fn exclusions_leave_cells_out() {
    let grid = "n = [64, 32]\nsources = [\"random\", \"glyphs\"]\nexclude = [{ sources = [\"glyphs\"], when \
     = \"n != 64\" }, { protocols = [\"TRN\"], when = \"n > 32 and load >= 0.5\" }]";
    insta::assert_snapshot!(described("n = [64]", grid), @r"
    HOP: random n=64 m=6 d=[0, 6] q=10 t=2
    TRN: random n=64 m=6 d=[0, 6] q=10 t=2
    HOP: random n=64 m=32 d=[0, 6] q=10 t=2
    HOP: random n=32 m=3 d=[0, 3] q=10 t=2
    TRN: random n=32 m=3 d=[0, 3] q=10 t=2
    HOP: random n=32 m=16 d=[0, 3] q=10 t=2
    TRN: random n=32 m=16 d=[0, 3] q=10 t=2
    HOP: glyphs n=64 m=6 d=[0, 6] q=10 t=2
    TRN: glyphs n=64 m=6 d=[0, 6] q=10 t=2
    HOP: glyphs n=64 m=32 d=[0, 6] q=10 t=2
    ");
}

#[test]
fn zips_that_do_not_work() {
    let edits = [
        ("n = [64]", "n = [64]\nzip = [[\"n\", \"load\"]]"),
        ("n = [64]", "n = [64]\nzip = [[\"n\"]]"),
        ("n = [64]", "n = [64]\nzip = [[\"n\", \"steps\"]]"),
        ("n = [64]", "n = [64]\nzip = [[\"load\", \"noise\"], [\"n\", \"load\"]]"),
        ("n = [64]", "n = [64]\nzip = [[\"load\", \"nois\"]]"),
        ("n = [64]", "n = [64]\nzip = [\"load\", \"noise\"]"),
    ];
    insta::assert_snapshot!(errors(&edits), @r#"
    8:14 grid.zip[0][1] = "load": `n` has 1 values and `load` has 2, so they cannot run in step
      lists of one length
      add the values that are missing, or remove those too many
    8:8 grid.zip[0] = ["n"]: one key has nothing to run in step with
      groups of two or more keys
      write for example `zip = [["n", "load"]]`
    8:14 grid.zip[0][1] = "steps": `steps` runs in step with others and has no list here
      keys of the grid that list values
      remove `steps` from the group, or list its values
    8:33 grid.zip[1][1] = "load": load is listed twice
      every value once
      remove one load
    8:17 grid.zip[0][1] = "nois": there is no `nois` here
      sources, n, load, m, noise, flips, k, steps
      did you mean `noise`?
    8:8 grid.zip[0] = "load": this value is not allowed
      a list of groups of sources, n, load, m, noise, flips, k, steps
      write for example `zip = [["n", "load"]]`
    "#);
}

#[test]
fn formulas_that_do_not_work() {
    let edits = [
        ("trials = 2", "trials = \"round(m\""),
        ("trials = 2", "trials = \"2 n\""),
        ("trials = 2", "trials = \"rond(m)\""),
        ("trials = 2", "trials = \"max(m)\""),
        ("trials = 2", "trials = \"\""),
        ("trials = 2", "trials = \"m / 7\""),
        ("queries = 10", "queries = \"n - 64\""),
        ("load = [0.1, 0.5]", "m = \"load * n\""),
        ("load = [0.1, 0.5]", "m = \"m\""),
        ("load = [0.1, 0.5]", "load = [0.1]\nm = \"n\""),
        ("load = [0.1, 0.5]", "m = \"ln(n - 64)\""),
        ("load = [0.1, 0.5]", "m = 7"),
    ];
    insta::assert_snapshot!(errors(&edits), @r#"
    10:10 grid.trials = "round(m": this is no formula: `)` should stand at character 8, not the end
      numbers, + - * / ( ), and round, floor, ceil, sqrt, ln, log2, min, max of n, m and load
      write for example "2 * m"
    10:10 grid.trials = "2 n": this is no formula: an operator or the end should stand at character 3, not `n`
      numbers, + - * / ( ), and round, floor, ceil, sqrt, ln, log2, min, max of n, m and load
      write for example "2 * m"
    10:10 grid.trials = "rond(m)": this is no formula: there is no `rond` in formulas
      numbers, + - * / ( ), and round, floor, ceil, sqrt, ln, log2, min, max of n, m and load
      did you mean `round`?
    10:10 grid.trials = "max(m)": this is no formula: the number of arguments of max is 2, not 1
      numbers, + - * / ( ), and round, floor, ceil, sqrt, ln, log2, min, max of n, m and load
      write for example "2 * m"
    10:10 grid.trials = "": this is no formula: a number, a variable, a function or `(` should stand at character 1,
            not the end
      numbers, + - * / ( ), and round, floor, ceil, sqrt, ln, log2, min, max of n, m and load
      write for example "2 * m"
    10:10 grid.trials = "m / 7": m / 7 is 0.8571428571428571 at n = 64, m = 6, load = 0.1
      formulas that give whole numbers from 1 to 10000000
      round it, for example "ceil(m / 7)"
    11:11 grid.queries = "n - 64": n - 64 is 0 at n = 64, m = 6, load = 0.1
      formulas that give whole numbers from 1 to 10000000
      change the formula, or remove these values
    8:5 grid.m = "load * n": this is no formula: `load` has no value here
      here, formulas of n
      list values of `load`, or leave it out of the formula
    8:5 grid.m = "m": this is no formula: `m` has no value here
      here, formulas of n
      write for example "round(n / 10)"
    8:8 grid.load = [0.1]: this has no effect: `m` is a formula that does not read the load
      only keys that change the sweep
      remove it
    8:5 grid.m = "ln(n - 64)": ln(n - 64) is -inf at n = 64
      formulas that give whole numbers from 1 to 10000000
      change the formula, or remove these values
    8:5 grid.m = 7: this value is not allowed
      a list of whole numbers from 1 to 10000000, or a formula of n and load
      write for example `m = [6, 32]`
    "#);
    let deep = format!("trials = \"{}1{}\"", "(".repeat(9999), ")".repeat(9999));
    assert!(errors(&[("trials = 2", &deep)]).contains("nested more than"));
}

#[test]
fn exclusions_and_parts_that_do_not_work() {
    let edits = [
        ("n = [64]", "n = [64]\nexclude = [{ when = \"n > 64\" }]"),
        ("n = [64]", "n = [64]\nexclude = [{ when = \"n = 64\" }]"),
        ("n = [64]", "n = [64]\nexclude = [{ when = \"n\" }]"),
        ("n = [64]", "n = [64]\nexclude = [{ when = \"n > 1\" }]"),
        ("n = [64]", "n = [64]\nexclude = [{}]"),
        ("n = [64]", "n = [64]\nexclude = [{ protocols = [\"TNR\"] }]"),
        ("n = [64]", "n = [64]\nexclude = [{ protocol = [\"TRN\"] }]"),
        ("n = [64]", "n = [64]\nprotocols = [\"HOP\"]"),
        ("[read]", "[[grid.part]]\nprotocols = []\n[read]"),
        ("[read]", "[[grid.part]]\n[[grid.part]]\nqueries = 11\n[read]"),
        ("[read]", "[[grid.part]]\n[[grid.part.part]]\nqueries = 11\n[read]"),
        ("[read]", "[[grid.part]]\nnois = [0.1]\n[read]"),
        ("[read]", "[[grid.part]]\n[[grid.part]]\nnoise = [0.6]\n[read]"),
        ("[grid]\nn = [64]", "[grid]\n[[grid.part]]"),
        ("[read]", "[grid.part]\nn = [64]\n[read]"),
    ];
    insta::assert_snapshot!(errors(&edits), @r#"
    8:12 grid.exclude[0]: no cell is like that, so this excludes nothing
      exclusions of cells that the grid has
      correct it, or remove it
    8:21 grid.exclude[0].when = "n = 64": this is no formula: one of < <= > >= == != should stand at character 3, not
            `=`
      numbers, + - * / ( ), and round, floor, ceil, sqrt, ln, log2, min, max of n, m and load
      write for example "n > 256"
    8:21 grid.exclude[0].when = "n": this is no formula: one of < <= > >= == != should stand at character 2, not the end
      numbers, + - * / ( ), and round, floor, ceil, sqrt, ln, log2, min, max of n, m and load
      write for example "n > 256"
    8:11 grid.exclude = [{ when = "n > 1" }]: this excludes every cell, so there is nothing to run
      exclusions that leave a cell
      exclude less
    8:12 grid.exclude[0]: this has no effect: it names no protocols, no sources and no comparison
      only keys that change the sweep
      remove it
    8:27 grid.exclude[0].protocols[0] = "TNR": there is no `TNR` here
      HOP, TRN
      did you mean `TRN`?
    8:14 grid.exclude[0].protocol = ["TRN"]: there is no `protocol` here
      protocols, sources, when
      did you mean `protocols`?
    5:1 protocols.TRN: no part of the grid runs this protocol
      protocols that the grid or one of its parts runs
      name it in a part's `protocols`, or remove it
    13:13 grid.part[0].protocols = []: this is empty, so there is nothing to run
      at least one value
      add a value, or remove the key where it has a default
    13:1 grid.part[1]: an earlier part runs HOP on random messages at n = 64, m = 6 with other queries
      parts that meet only where noise and queries are the same
      give both parts the same noise and queries, or exclude n = 64, m = 6 from one
    13:1 grid.part[0].part = [[grid.part.part]]: this has no effect: a part has no parts of its own
      only keys that change the sweep
      remove it
    13:1 grid.part[0].nois = [0.1]: there is no `nois` here
      protocols, sources, n, load, m, noise, flips, corruptions, k, steps, trials, queries, zip, exclude, part
      did you mean `noise`?
    14:10 grid.part[1].noise[0] = 0.6: this value is not allowed
      a list of noise levels in [0, 0.5]
      write for example `noise = [0.0, 0.1]`
    7:1 grid.part[0].n: `n` is missing
      a list of whole numbers from 2 to 65536
      add a line such as `n = [64]`
    12:7 grid.part: this value is not allowed
      tables, each under a header of its own
      write for example `[[grid.part]]`
    "#);
}

#[test]
fn formulas_compute_what_rust_computes() {
    type Oracle = fn(f64, f64, f64) -> f64;
    let oracles: [(&str, Oracle); 12] = [
        ("1 + 2 * 3 - 4 / 8", |_, _, _| 6.5),
        ("8 - 4 - 2", |_, _, _| 2.0),
        ("64/8/2", |_, _, _| 4.0),
        ("-n + -(-m)", |n, m, _| m - n),
        ("2 * -n", |n, _, _| -2.0 * n),
        (" ( n + 1 ) * m ", |n, m, _| (n + 1.0) * m),
        ("1.5e2 + .5 + 2E-1", |_, _, _| 150.7),
        ("round(load * n)", |n, _, load| (load * n).round()),
        ("floor(n / (4 * ln(n)))", |n, _, _| (n / (4.0 * n.ln())).floor()),
        ("ceil(sqrt(n)) + log2(n)", |n, _, _| n.sqrt().ceil() + n.log2()),
        ("min(n, max(m, 10))", |n, m, _| n.min(m.max(10.0))),
        ("max(3, min(2 * m, 7)) - m / load", |_, m, load| (2.0 * m).clamp(3.0, 7.0) - m / load),
    ];
    for (text, oracle) in oracles {
        let formula = Formula::parse(text, &[Variable::N, Variable::M, Variable::Load]).expect(text);
        for (n, m, load) in [(64.0, 6.0, 0.1), (2.0, 1.0, 0.5), (1000.0, 1500.0, 1.5)] {
            assert_eq!(formula.at(Axes { n, m, load }), oracle(n, m, load), "{text} at {n}, {m}, {load}");
        }
    }
}

#[test]
fn conditions_compare_and_join() {
    for (text, holds) in [
        ("n > 63", true),
        ("n > 64", false),
        ("n>=64 and m<=6", true),
        ("n >= 64 and m < 6", false),
        ("load == 0.1 and n != 32 and m * 2 > 11", true),
        ("load != 0.1", false),
    ] {
        let condition = Predicate::parse(text).expect(text);
        assert_eq!(condition.holds(Axes { n: 64.0, m: 6.0, load: 0.1 }), holds, "{text}");
    }
    assert!(Predicate::parse("n > 1 andm < 2").is_err() && Predicate::parse("n > 1 and").is_err());
}

#[test]
fn the_example_of_the_contributors_guide_works() {
    let guide = include_str!("../../../../../CONTRIBUTING.md");
    let (_, grid) = guide.split_once("### Its grid").expect("the guide has a chapter on grids");
    let example =
        grid.split("```").nth(1).and_then(|block| block.strip_prefix("toml")).expect("with an example");
    let head = "question = \"?\"\nanalysis = \"\"\n[protocols]\nHOP = { hop = {} }\nPSE = { pse = {} }\nTRN = { \
     trn = {} }\n";
    let definition = parse(&format!("{head}{example}")).unwrap_or_else(|error| panic!("{error}"));
    // 3 protocols at 3 sizes and 2 loads without TRN at 1024 and 0.5; then 2 protocols at 4096 and 0.5.
    assert_eq!(definition.conditions.len(), 3 * 3 * 2 - 1 + 2);
}
