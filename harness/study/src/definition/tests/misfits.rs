//! These tests check errors of values that are right by themselves and do not fit together.

use super::errors::errors;
use super::{edited, parse};

#[test]
fn sizes_that_do_not_work() {
    let edits = [
        ("load =", "m = [3]\nload ="),
        ("[0.1, 0.5]", "[0.1, 0.101]"),
        ("[0.1, 0.5]", "[0.1, 0.001]"),
        ("[0.1, 0.5]", "[1e300]"),
        ("[0.1, 0.5]", "[0.1, 1.6]\nsources = [\"random\", \"glyphs\"]"),
        ("n = [64]", "n = [64, 32]\nsources = [\"glyphs\"]"),
        ("trials = 2", "trials = 4000000000"),
    ];
    insta::assert_snapshot!(errors(&edits), @r#"
    6:2 grid: `load` and `m` are both given
      exactly one of `load` and `m`
      remove one of them, for example `load`
    8:14 grid.load[1] = 0.101: 0.1 and 0.101 both give m = 6 at n = 64
      values that give a different m at every n
      remove 0.101, move it further away, or use larger n
    8:14 grid.load[1] = 0.001: load 0.001 gives no message at n = 64: round(0.001 * 64) = 0
      loads that give at least 1 message: at n = 64, 0.0079 or more
      raise the load 0.001, or remove n = 64
    8:9 grid.load[0] = 1e300: load 1e300 gives more than 10000000 messages at n = 64
      loads that give at most 10000000 messages
      lower the load
    8:14 grid.load[1] = 1.6: there are 94 distinct glyphs, but m = 102 were asked for
      at most 94 messages, a load of 1.47
      lower it, or leave it out for glyphs: `exclude = [{ sources = ["glyphs"], when = "m > 94" }]`
    7:10 grid.n[1] = 32: glyphs are 8 x 8 bitmaps, so n must be 64, not 32
      64
      use n = [64], or leave the others out: `exclude = [{ sources = ["glyphs"], when = "n != 64" }]`
    10:10 grid.trials = 4000000000: this makes 4000000000 cells or more, and a sweep has at most 1000000
      sources x n x loads x protocols x trials up to 1000000
      lower the trials, or split the sweep into several definitions
    "#);
}

/// A longer one would fail when the sweep is over.
#[test]
fn names_of_figures_fit_every_file_system() {
    let named = |length| edited("\"recovery\"", &format!("\"{}\"", "a".repeat(length)));
    parse(&named(100)).unwrap();
    let error = parse(&named(101)).unwrap_err().to_string();
    assert!(error.contains("figure[0].name") && error.contains("at most 100"), "{error}");
}

/// A reader takes such labels for one.
#[test]
fn labels_that_cannot_be_told_apart() {
    let other = |label: &str| format!("{label} = {{ pse = {{}} }}\n[grid]");
    let labels = [
        "\"A\\u200B\"",
        "\" A\"",
        "\"A\\u202E\"",
        "\"e\\u0301\"",
        "\"A\\u00A0B\"",
        "hop",
        "\"H OP\"",
        "\"H\u{39f}P\"",
    ];
    let others: Vec<String> = labels.iter().map(|label| other(label)).collect();
    let edits: Vec<(&str, &str)> = others.iter().map(|other| ("[grid]", other.as_str())).collect();
    insta::assert_snapshot!(errors(&edits), @r#"
    6:1 protocols."A\u{200b}": this label does not show as it is: it holds an invisible character (U+200B)
      visible characters, single spaces between words, accents on their letters
      write the label anew
    6:1 protocols." A": this label does not show as it is: it begins or ends with a blank
      visible characters, single spaces between words, accents on their letters
      write the label anew
    6:1 protocols."A\u{202e}": this label does not show as it is: it holds an invisible character (U+202E)
      visible characters, single spaces between words, accents on their letters
      write the label anew
    6:1 protocols."e\u{301}": this label does not show as it is: its accents stand apart from their letters; in one
            piece it is "é"
      visible characters, single spaces between words, accents on their letters
      write the label anew
    6:1 protocols."A\u{a0}B": this label does not show as it is: it holds a blank other than the space (U+00A0)
      visible characters, single spaces between words, accents on their letters
      write the label anew
    6:1 protocols.hop: `hop` looks like `HOP`: they differ only in blanks, in letter case or in letters that look alike
      labels that a reader tells apart
      rename `hop`
    6:1 protocols."H OP": `H OP` looks like `HOP`: they differ only in blanks, in letter case or in letters that look
            alike
      labels that a reader tells apart
      rename `H OP`
    6:1 protocols."HΟP": `HΟP` looks like `HOP`: they differ only in blanks, in letter case or in letters that look
            alike
      labels that a reader tells apart
      rename `HΟP`
    "#);
    for label in ["TRN2", "TR", "\"TRN at 3/4\"", "\"HOP literal\"", "\"PSE, K=5\""] {
        parse(&edited("[grid]", &other(label))).unwrap_or_else(|error| panic!("{label}: {error}"));
    }
}

#[test]
fn noise_that_does_not_work() {
    let edits = [
        ("noise =", "flips = [0]\nnoise ="),
        ("[0.0, 0.1]", "[0.1, 0.101]"),
        ("noise = [0.0, 0.1]", "flips = [0, 33]"),
        ("[protocols]", "probes = [\"stability\"]\n[protocols]"),
    ];
    insta::assert_snapshot!(errors(&edits), @r"
    6:2 grid: `noise` and `flips` are both given
      exactly one of `noise` and `flips`
      remove one of them, for example `noise`
    9:15 grid.noise[1] = 0.101: 0.1 and 0.101 both give d = 6 at n = 64
      values that give a different d at every n
      remove 0.101, move it further away, or use larger n
    9:13 grid.flips[1] = 33: 33 flips are more than half of n = 64
      0 to 32 flips at n = 64
      lower it to 32 or less, or remove n = 64
    10:9 grid.noise = [0.0, 0.1]: this has no effect: none of the probes reads queries
      only keys that change the sweep
      remove it
    ");
}

#[test]
fn protocols_that_do_not_fit() {
    let edits = [
        ("{ hop = {} }", "{ hop = {} }\nliteral = { hop = { diagonal = \"zero\" } }"),
        ("HOP =", r#"" " ="#),
        ("steps = 3", "steps = 60"),
        ("max_steps = 50", "checkpoint = 51"),
        ("TRN = { trn = { steps = 3 } }\n[grid]", "[grid]\nk = [5]"),
        (
            "HOP = { hop = {} }\nTRN = { trn = { steps = 3 } }\n[grid]",
            "\"TRN, K=5\" = { hop = {} }\nTRN = { trn = {} }\n[grid]\nk = [5]",
        ),
        ("[grid]", "other = { trn = { steps = 9 } }\n[grid]\nsteps = [1, 2]"),
        ("[grid]", "[grid]\nsteps = [3, 51]"),
    ];
    insta::assert_snapshot!(errors(&edits), @r#"
    5:1 protocols.literal: `literal` has the same parameters as `HOP`, so it would run the same cells again
      protocols that differ in at least one parameter
      remove `literal` or `HOP`; note that `k` and `steps` override parameters
    4:1 protocols." ": this label is blank or holds control characters
      visible characters
      give the protocol a name that a legend can show
    5:25 protocols.TRN.trn.steps = 60: recovery would be reported after 60 steps, but a read ends after max_steps = 50
      1 to 50
      raise [read] max_steps to 60, or lower this
    13:14 read.checkpoint = 51: recovery would be reported after 51 steps, but a read ends after max_steps = 50
      1 to 50
      raise [read] max_steps to 51, or lower this
    6:5 grid.k = [5]: this has no effect: it varies `trn`, `trn-literal` and `trn-soft`, and no protocol is one
      only keys that change the sweep
      remove it
    4:1 protocols."TRN, K=5": `k` and `steps` make a variant `TRN, K=5`, and there is another protocol of that label
      a name that no other has
      rename `TRN, K=5`
    6:1 protocols.other: `other, L=1` has the same parameters as `TRN, L=1`, so it would run the same cells again
      protocols that differ in at least one parameter
      remove `other, L=1` or `TRN, L=1`; note that `k` and `steps` override parameters
    7:13 grid.steps[1] = 51: recovery would be reported after 51 steps, but a read ends after max_steps = 50
      1 to 50
      raise [read] max_steps to 51, or lower this
    "#);
}

#[test]
fn figures_that_do_not_fit() {
    let edits = [
        ("[[figure]]", "[[figure]]\nname = \"Recovery\"\nkind = \"noise\"\n[[figure]]"),
        (r#""load""#, "\"load\"\nn = 32"),
        (r#""load""#, "\"load\"\nflips = 3"),
        (r#""load""#, "\"load\"\nsource = \"glyphs\""),
        (r#""load""#, "\"load\"\nmeasure = \"recover\""),
        (r#""load""#, "\"load\"\nm = 7"),
        (r#""load""#, "\"load\"\nx = \"noise\""),
        (r#""load""#, "\"curves\""),
        (r#""load""#, "\"curves\"\nx = \"hop.diagonl\""),
        (r#""load""#, "\"difference\""),
        (r#""load""#, "\"difference\"\nsubject = \"TRM\""),
        (r#""load""#, "\"curves\"\nx = \"load\"\nreference = [\"HOP\", \"PSE\"]"),
        (r#""load""#, "\"load\"\nfit_from = 32"),
        (r#""load""#, "\"queries-needed\"\nmeasure = \"overlap\""),
        (r#""load""#, "\"queries-needed\""),
    ];
    insta::assert_snapshot!(errors(&edits), @r#"
    18:8 figure[1].name = "recovery": there are two figures `recovery`, and one would overwrite the other
      a name that no other has
      rename one of them
    17:5 figure[0].n = 32: the grid has no such value, so there would be nothing to show
      64
      use a value of the grid, or remove the line for all of them
    17:9 figure[0].flips = 3: the grid has no such value, so there would be nothing to show
      0, 6
      use a value of the grid, or remove the line for all of them
    17:10 figure[0].source = "glyphs": the grid has no such value, so there would be nothing to show
      random
      use a value of the grid, or remove the line for all of them
    17:11 figure[0].measure = "recover": there is no `recover` here
      fixed-points, bit-errors, strict-minima, symmetric, zero-diagonal, energy-descent, bit-corrections,
            bit-predictions, neighbour-returns, random-stored, random-spurious, recovered, recovered-first,
            recovered-checkpoint, overlap, write-seconds
      did you mean `recovered`?
    17:5 figure[0].m = 7: the grid has no such value, so there would be nothing to show
      6, 32
      use a value of the grid, or remove the line for all of them
    17:5 figure[0].x = "noise": a figure of kind load has no such key
      kind curves, heat-map, difference
      remove it, or change the kind
    14:1 figure[0].x: `x` is missing
      load, noise, n, protocol, reader, corruption, source or a parameter of a protocol
      add a line such as `x = "trn.queries"`
    17:5 figure[0].x = "hop.diagonl": there is no `hop.diagonl` here
      load, noise, n, protocol, reader, corruption, source, hop.diagonal
      did you mean `hop.diagonal`?
    14:1 figure[0].subject: `subject` is missing
      a label of [protocols]
      add a line such as `subject = "TRN"`
    17:11 figure[0].subject = "TRM": there is no `TRM` here
      HOP, TRN
      did you mean `TRN`?
    18:21 figure[0].reference[1] = "PSE": there is no `PSE` here
      HOP, TRN
      use one of the names allowed, or remove it
    17:12 figure[0].fit_from = 32: a figure of kind load has no such key
      kind cost
      remove it, or change the kind
    17:11 figure[0].measure = "overlap": a figure of kind queries-needed has no such key
      kind load, noise, curves, retrieval, heat-map, difference, capacity, ranking, scatter, basins, margins, cost
      remove it, or change the kind
    16:8 figure[0].kind = "queries-needed": no claim has a test of kind queries-needed, whose numbers this figure shows
      this kind beside a [claim.test.queries-needed] of a protocol that the figure shows
      declare the test in a [[claim]], or change the kind
    "#);
}

#[test]
fn claims_that_do_not_fit() {
    let test = r#"[[claim.test]]
[claim.test.difference]
name = "with noise"
subject = "TRN"
rivals = ["HOP"]
measure = "recovered"
"#;
    let claim = format!(
        r#"[[claim]]
id = "C1"
statement = "TRN is best."
source = "A test."
analysis = "None."
figure = "recovery"
{test}"#
    );
    let edits = [
        ("id = \"C1\"", "id = \"C7\""),
        ("figure = \"recovery\"", "figure = \"recovry\""),
        ("statement = \"TRN is best.\"\n", ""),
        (test, ""),
        ("difference]", "diference]"),
        ("subject = \"TRN\"", "subject = \"MPF\""),
        ("rivals = [\"HOP\"]", "rivals = [\"HOP\", \"HOP\"]"),
        ("rivals = [\"HOP\"]", "rivals = [\"TRN\"]"),
        ("rivals = [\"HOP\"]", "rivals = []"),
        ("\"recovered\"", "\"write-seconds\""),
        ("\"recovered\"", "\"recovered\"\nthreshold = 1"),
        ("\"recovered\"", "\"fixed-points\"\nregion = { noise = [0.1] }"),
        ("\"recovered\"", "\"recovered\"\nregion = { noise = [0.2] }"),
        ("\"recovered\"", "\"recovered\"\nregion = { n = [32] }"),
        ("\"recovered\"", "\"recovered\"\nregion = { load = { from = 0.5, to = 0.2 } }"),
        ("\"recovered\"", "\"recovered\"\nregion = { load = { from = 0.6, to = 0.7 } }"),
        ("\"recovered\"", "\"recovered\"\nregion = { load = [0.1, 0.5] }"),
    ];
    let edits = edits.map(|(from, to)| {
        assert!(claim.contains(from), "{from}");
        format!("[[figure]]\n{}", claim.replacen(from, to, 1))
    });
    let twice = format!("{claim}[[claim]]\n{}[[figure]]\n", claim.split_once('\n').unwrap().1);
    let same = format!("{claim}{test}[[figure]]\n");
    let claims = edits.iter().map(|text| text.split_once('\n').unwrap().1.to_owned() + "[[figure]]\n");
    let texts: Vec<String> = claims.chain([twice, same]).collect();
    let edits: Vec<(&str, &str)> = texts.iter().map(|text| ("[[figure]]\n", text.as_str())).collect();
    insta::assert_snapshot!(errors(&edits), @r#"
    15:6 claim[0].id = "C7": there is no `C7` here
      C1, C2, C3, C4, C5, C6
      did you mean `C1`?
    19:10 claim[0].figure = "recovry": there is no `recovry` here
      recovery
      did you mean `recovery`?
    14:1 claim[0].statement: `statement` is missing
      a text
      add a line such as `statement = "TRN recovers from more noise than HOP, PSE and MPF."`
    14:1 claim[0].test: `test` is missing
      tables with one kind of test each
      add a line such as `[[claim.test]]`
    21:13 claim[0].test[0].diference: there is no `diference` here
      difference, capacity, property, write-time, queries-needed, exhaustive-queries
      did you mean `difference`?
    23:11 claim[0].test[0].difference.subject = "MPF": there is no `MPF` here
      HOP, TRN
      use one of the names allowed, or remove it
    24:18 claim[0].test[0].difference.rivals[1] = "HOP": HOP is listed twice
      every value once
      remove one HOP
    24:11 claim[0].test[0].difference.rivals[0] = "TRN": `TRN` is the subject, and would be compared with itself
      protocols other than the subject
      remove `TRN`
    24:10 claim[0].test[0].difference.rivals = []: this is empty, so there is nothing to run
      at least one value
      add a value, or remove the key where it has a default
    25:11 claim[0].test[0].difference.measure = "write-seconds": this value is not allowed
      the name of a measure other than write-seconds; for capacities a share of which more is better
      write for example `measure = "recovered"`
    26:13 claim[0].test[0].difference.threshold = 1: this value is not allowed
      a number of at least 0 and below the width of what is measured
      write for example `threshold = 0.02`
    26:20 claim[0].test[0].difference.region.noise = [0.1]: this has no effect: the measure is none of reading
      only keys that change the sweep
      remove it
    26:21 claim[0].test[0].difference.region.noise[0] = 0.2: the grid has no such value, so there would be nothing to
            show
      0.0000, 0.0938
      use a value of the grid, or remove the line for all of them
    26:17 claim[0].test[0].difference.region.n[0] = 32: the grid has no such value, so there would be nothing to show
      64
      use a value of the grid, or remove the line for all of them
    26:38 claim[0].test[0].difference.region.load.to = 0.2: this value is not allowed
      a number of at least `from`
      write for example `to = 0.5`
    26:1 claim[0].test[0].difference.region: the grid runs `TRN` nowhere in this region
      regions in which the grid runs what is compared
      widen the region, or run these protocols there
    26:19 claim[0].test[0].difference.region.load = [0.1, 0.5]: this value is not allowed
      a table of two loads, `from` not above `to`
      write for example `load = { from = 0.1, to = 0.5 }`
    27:6 claim[1].id = "C1": there are two claims `C1`, and nobody could tell them apart
      a name that no other has
      rename one of them
    28:8 claim[0].test[1].difference.name = "with noise": there are two tests `with noise`, and nobody could tell them
            apart
      a name that no other has
      rename one of them
    "#);
}

#[test]
fn tests_of_claims_that_do_not_fit() {
    let claim = r#"[[claim]]
id = "C2"
statement = "HOP stores most."
source = "A test."
analysis = "None."
figure = "recovery"
[[claim.test]]
"#;
    let tests = [
        r#"capacity = { name = "a", subject = "HOP", rivals = ["TRN"], measure = "recovered", levels = [1.0] }"#,
        r#"capacity = { name = "a", subject = "HOP", rivals = ["TRN"], measure = "overlap", levels = [0.5] }"#,
        r#"capacity = { name = "a", subject = "HOP", rivals = ["TRN"], measure = "bit-errors", levels = [0.5] }"#,
        r#"property = { name = "a", subject = "HOP", measure = "strict-minima" }"#,
        r#"property = { name = "a", subject = "HOP", measure = "strict-minima", above = 1.5 }"#,
        r#"property = { name = "a", subject = "HOP", measure = "bit-corrections", above = 0.5 }"#,
        r#"property = { name = "a", subject = "HOP", measure = "symmetric", above = 1, region = { noise = [0.1] } }"#,
        r#"write-time = { name = "a", subject = "HOP" }"#,
        r#"write-time = { name = "a", subject = "HOP", growth = { evidence = -1 } }"#,
        r#"queries-needed = { name = "a", subject = "TRN", plateau = "TRN", measure = "recovered" }"#,
        r#"exhaustive-queries = { name = "a", noise = 0.6, n = [16, 32, 64, 128] }"#,
        r#"exhaustive-queries = { name = "a", noise = 0.1, n = [16, 32, 64, 64] }"#,
    ];
    let texts = tests.map(|test| format!("{claim}{test}\n[[figure]]\n"));
    let edits: Vec<(&str, &str)> = texts.iter().map(|text| ("[[figure]]\n", text.as_str())).collect();
    insta::assert_snapshot!(errors(&edits), @r#"
    21:94 claim[0].test[0].capacity.levels[0] = 1.0: this value is not allowed
      a list of numbers above 0 and below 1
      write for example `levels = [0.5, 0.99]`
    21:71 claim[0].test[0].capacity.measure = "overlap": this value is not allowed
      the name of a measure other than write-seconds; for capacities a share of which more is better
      write for example `measure = "recovered"`
    21:71 claim[0].test[0].capacity.measure = "bit-errors": this value is not allowed
      the name of a measure other than write-seconds; for capacities a share of which more is better
      write for example `measure = "recovered"`
    21:1 claim[0].test[0].property.above: `above` is missing
      a number that the measure can have
      add a line such as `above = 0.95`
    21:78 claim[0].test[0].property.above = 1.5: this value is not allowed
      a number that the measure can have
      write for example `above = 0.95`
    21:53 claim[0].test[0].property.measure = "bit-corrections": this has no effect: none of the probes measures it
      only keys that change the sweep
      remove it
    21:96 claim[0].test[0].property.region.noise = [0.1]: this has no effect: the measure is none of reading
      only keys that change the sweep
      remove it
    21:1 claim[0].test[0].write-time.region: 1 different n are too few to tell one law of growth from another
      at least 4 different n
      add some
    21:67 claim[0].test[0].write-time.growth.evidence = -1: this value is not allowed
      a number of at least 0
      write for example `evidence = 3.0`
    21:42 claim[0].test[0].queries-needed.subject = "TRN": this has no effect: no protocol is varied by the grid's `k`
      only keys that change the sweep
      remove it
    21:44 claim[0].test[0].exhaustive-queries.noise = 0.6: this value is not allowed
      a noise level above 0, at most 0.5
      write for example `noise = 0.1`
    21:66 claim[0].test[0].exhaustive-queries.n[3] = 64: 64 is listed twice
      every value once
      remove one 64
    "#);
}
