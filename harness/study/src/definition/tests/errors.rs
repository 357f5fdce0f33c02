//! These tests check errors of single keys and values.

use super::{edited, folded, parse};
use crate::definition::{DefinitionError, Invalid};

fn invalid(from: &str, to: &str) -> Invalid {
    match parse(&edited(from, to)) {
        Err(DefinitionError::Invalid(invalid)) => *invalid,
        other => panic!("{from} became {to}: {other:?}"),
    }
}

/// Returns the errors for the base with `from` replaced by `to`. Each has line, column, key and value, what
/// is wrong, what is allowed, and the remedy; long lines are folded.
pub(super) fn errors(edits: &[(&str, &str)]) -> String {
    let brief = |(from, to): &(&str, &str)| {
        let e = invalid(from, to);
        let value = e.value.as_ref().map(|value| format!(" = {value}")).unwrap_or_default();
        let (problem, allowed, remedy) = (&e.problem, e.problem.allowed(), e.problem.remedy());
        format!("{}:{} {}{value}: {problem}\n  {allowed}\n  {remedy}\n", e.line, e.column, e.key)
    };
    folded(&edits.iter().map(brief).collect::<String>())
}

#[test]
fn an_error_shows_the_spot() {
    insta::assert_snapshot!(invalid("[0.0, 0.1]", "[0.0, 0.6]"), @r"
    base.toml:9:15: this value is not allowed
      |
    9 | noise = [0.0, 0.6]
      |               ^^^
    key: grid.noise[1]
    value: 0.6
    allowed: a list of noise levels in [0, 0.5]
    remedy: write for example `noise = [0.0, 0.1]`
    ");
    insta::assert_snapshot!(invalid("max_steps", "\tmax_step"), @r"
    base.toml:13:2: there is no `max_step` here
       |
    13 | 	max_step = 50
       | 	^^^^^^^^
    key: read.max_step
    value: 50
    allowed: dynamics, max_steps, checkpoint
    remedy: did you mean `max_steps`?
    ");
}

#[test]
fn what_is_no_toml() {
    let edits = [
        ("HOP = {", "HOP = = {"),
        ("trials = 2", "trials = 2\ntrials = 3"),
        (r#""Because.""#, r#""Because."#),
    ];
    insta::assert_snapshot!(errors(&edits), @r#"
    4:7 : this is not TOML: extra `=`, expected nothing
      TOML 1.1 (https://toml.io)
      texts stand in quotes, lists in brackets, every key once
    11:1 : this is not TOML: duplicate key
      TOML 1.1 (https://toml.io)
      texts stand in quotes, lists in brackets, every key once
    2:21 : this is not TOML: invalid basic string, expected `"`
      TOML 1.1 (https://toml.io)
      texts stand in quotes, lists in brackets, every key once
    "#);
}

#[test]
fn names_that_do_not_exist() {
    let edits = [
        ("noise =", "nois ="),
        ("noise =", "temperature ="),
        ("[read]", "[reads]"),
        ("HOP = { hop", "HOP = { hopp"),
        ("steps = 3", "stepz = 3"),
        ("n = [64]", "n = [64]\nsources = [\"glyph\"]"),
        ("steps = 3", r#"start = "hob""#),
        (r#""load""#, r#""lead""#),
        ("max_steps = 50", r#"dynamics = ["both"]"#),
        ("[protocols]", "stream = \"tuning\"\n[protocols]"),
    ];
    insta::assert_snapshot!(errors(&edits), @r#"
    9:1 grid.nois = [0.0, 0.1]: there is no `nois` here
      protocols, sources, n, load, m, noise, flips, corruptions, k, steps, trials, queries, zip, exclude, part
      did you mean `noise`?
    9:1 grid.temperature = [0.0, 0.1]: there is no `temperature` here
      protocols, sources, n, load, m, noise, flips, corruptions, k, steps, trials, queries, zip, exclude, part
      use one of the names allowed, or remove it
    12:2 reads: there is no `reads` here
      question, analysis, seed, stream, probes, protocols, grid, read, sequential, budget, figure, claim
      did you mean `read`?
    4:9 protocols.HOP.hopp: there is no `hopp` here
      hop, pse, mpf, margin, mcf, ridge, dreaming, storkey, diederich-opper, pseudo-likelihood, unlearning,
            daydreaming, stability, perceptron, optimal-noise, equilibrium-propagation, trn, trn-literal, trn-soft,
            diagonal
      did you mean `hop`?
    5:17 protocols.TRN.trn.stepz = 3: there is no `stepz` here
      steps, queries, noise, noise_model, epochs, learning_rate, optimiser, start, coupling, diagonal, loss, cost,
            redraw, entry, input, thresholds, gain, gain_end, batch, clip, schedule, patience, validate_every,
            start_diagonal, preset
      did you mean `steps`?
    8:12 grid.sources[0] = "glyph": there is no `glyph` here
      random, glyphs, small-glyphs, digits, biased, chain, patches, hierarchical, features, cliques, codes, file
      did you mean `glyphs`?
    5:25 protocols.TRN.trn.start = "hob": there is no `hob` here
      hop, mpf, margin, mcf, zero, random
      did you mean `hop`?
    16:8 figure[0].kind = "lead": there is no `lead` here
      load, noise, curves, retrieval, heat-map, difference, capacity, ranking, scatter, basins, margins, cost,
            queries-needed
      did you mean `load`?
    13:13 read.dynamics[0] = "both": there is no `both` here
      sync, async, held, soft, nearest, dense
      use one of the names allowed, or remove it
    3:10 stream = "tuning": there is no `tuning` here
      evaluate, tune
      use one of the names allowed, or remove it
    "#);
}

#[test]
fn what_is_missing() {
    let edits = [
        ("trials = 2", ""),
        (r#"question = "Why?""#, ""),
        (r#"name = "recovery""#, ""),
        ("queries = 10", ""),
        ("load = [0.1, 0.5]", ""),
        ("noise = [0.0, 0.1]", ""),
    ];
    insta::assert_snapshot!(errors(&edits), @r#"
    6:2 grid.trials: `trials` is missing
      a whole number of at least 1, or a formula of n, m and load
      add a line such as `trials = 20`
    1:1 question: `question` is missing
      a text
      add a line such as `question = "Which protocol stores most?"`
    14:1 figure[0].name: `name` is missing
      a file name of letters, digits, - and _, at most 100 of them
      add a line such as `name = "recovery"`
    6:2 grid.queries: `queries` is missing
      a whole number from 1 to 10000000, or a formula of n, m and load
      add a line such as `queries = 100`
    6:2 grid: `load` and `m` are both missing
      exactly one of `load` and `m`
      add a line such as `load = [0.1]`
    6:2 grid: `noise` and `flips` are both missing
      exactly one of `noise` and `flips`
      add a line such as `noise = [0.1]`
    "#);
}

#[test]
fn values_of_the_wrong_type() {
    let edits = [
        ("n = [64]", "n = [1.5]"),
        ("n = [64]", "n = 64"),
        ("[0.0, 0.1]", r#"[0.0, "a"]"#),
        ("HOP = { hop = {} }", r#"HOP = "hop""#),
        ("HOP = { hop = {} }", "HOP = {}"),
        ("{ hop = {} }", r#"{ hop = ["zero"] }"#),
        ("steps = 3", "steps = 3.5"),
        ("[protocols]", "probes = 'stability'\n[protocols]"),
        ("[read]\nmax_steps = 50", "[read]\nmax_steps = [50]"),
    ];
    insta::assert_snapshot!(errors(&edits), @r#"
    7:6 grid.n[0] = 1.5: this value is not allowed
      a list of whole numbers from 2 to 65536
      write for example `n = [64]`
    7:5 grid.n = 64: this value is not allowed
      a list of whole numbers from 2 to 65536
      write for example `n = [64]`
    9:15 grid.noise[1] = "a": this value is not allowed
      a list of noise levels in [0, 0.5]
      write for example `noise = [0.0, 0.1]`
    4:7 protocols.HOP = "hop": this value is not allowed
      one of hop, pse, mpf, margin, mcf, ridge, dreaming, storkey, diederich-opper, pseudo-likelihood, unlearning,
            daydreaming, stability, perceptron, optimal-noise, equilibrium-propagation, trn, trn-literal, trn-soft,
            diagonal, with a table of parameters
      write for example `HOP = { hop = {} }`
    4:1 protocols.HOP: this value is not allowed
      one of hop, pse, mpf, margin, mcf, ridge, dreaming, storkey, diederich-opper, pseudo-likelihood, unlearning,
            daydreaming, stability, perceptron, optimal-noise, equilibrium-propagation, trn, trn-literal, trn-soft,
            diagonal, with a table of parameters
      write for example `HOP = { hop = {} }`
    4:15 protocols.HOP.hop = ["zero"]: this value is not allowed
      a table of parameters
      write for example `HOP = { hop = {} }`
    5:25 protocols.TRN.trn.steps = 3.5: this value is not allowed
      a positive whole number
      write for example `TRN = { trn = { steps = 5 } }`
    3:10 probes = 'stability': this value is not allowed
      a list of stability, recovery, structure, correction, starts
      write for example `probes = ["stability", "recovery"]`
    13:13 read.max_steps = [50]: this value is not allowed
      a whole number of at least 1
      write for example `max_steps = 50`
    "#);
}

#[test]
fn values_out_of_range() {
    let edits = [
        ("n = [64]", "n = [64, 1]"),
        ("n = [64]", "n = [65537]"),
        ("[0.0, 0.1]", "[0.0, 0.6]"),
        ("[0.0, 0.1]", "[nan]"),
        ("[0.1, 0.5]", "[0.1, -1]"),
        ("load = [0.1, 0.5]", "m = [0]"),
        ("load = [0.1, 0.5]", "m = [10000001]"),
        ("trials = 2", "trials = 0"),
        ("queries = 10", "queries = 0"),
        ("queries = 10", "queries = 10000001"),
        ("max_steps = 50", "max_steps = 0"),
        ("steps = 3", "noise = 0.7"),
        ("[protocols]", "seed = -1\n[protocols]"),
        (r#""recovery""#, r#""../recovery""#),
    ];
    insta::assert_snapshot!(errors(&edits), @r#"
    7:10 grid.n[1] = 1: this value is not allowed
      a list of whole numbers from 2 to 65536
      write for example `n = [64]`
    7:6 grid.n[0] = 65537: this value is not allowed
      a list of whole numbers from 2 to 65536
      write for example `n = [64]`
    9:15 grid.noise[1] = 0.6: this value is not allowed
      a list of noise levels in [0, 0.5]
      write for example `noise = [0.0, 0.1]`
    9:10 grid.noise[0] = nan: this value is not allowed
      a list of noise levels in [0, 0.5]
      write for example `noise = [0.0, 0.1]`
    8:14 grid.load[1] = -1: this value is not allowed
      a list of positive numbers
      write for example `load = [0.1, 0.5]`
    8:6 grid.m[0] = 0: this value is not allowed
      a list of whole numbers from 1 to 10000000, or a formula of n and load
      write for example `m = [6, 32]`
    8:6 grid.m[0] = 10000001: this value is not allowed
      a list of whole numbers from 1 to 10000000, or a formula of n and load
      write for example `m = [6, 32]`
    10:10 grid.trials = 0: this value is not allowed
      a whole number of at least 1, or a formula of n, m and load
      write for example `trials = 20`
    11:11 grid.queries = 0: this value is not allowed
      a whole number from 1 to 10000000, or a formula of n, m and load
      write for example `queries = 100`
    11:11 grid.queries = 10000001: this value is not allowed
      a whole number from 1 to 10000000, or a formula of n, m and load
      write for example `queries = 100`
    13:13 read.max_steps = 0: this value is not allowed
      a whole number of at least 1
      write for example `max_steps = 50`
    5:25 protocols.TRN.trn.noise = 0.7: this value is not allowed
      a noise level in [0, 0.5]
      write for example `TRN = { trn = { noise = 0.1 } }`
    3:8 seed = -1: this value is not allowed
      a whole number of at least 0
      write for example `seed = 1`
    15:8 figure[0].name = "../recovery": this value is not allowed
      a file name of letters, digits, - and _, at most 100 of them
      write for example `name = "recovery"`
    "#);
}

#[test]
fn budgets_that_are_none() {
    let with = |line: &str| format!("[budget]\n{line}\n[read]");
    let lines = ["seconds_per_cell = 0", "seconds_per_cell = \"1 h\"", "memory_mib = 0.5", "memory_mb = 5"];
    let edits = lines.map(|line| ("[read]", with(line)));
    let edits: Vec<(&str, &str)> = edits.iter().map(|(from, to)| (*from, to.as_str())).collect();
    insta::assert_snapshot!(errors(&edits), @r#"
    13:20 budget.seconds_per_cell = 0: this value is not allowed
      a number of seconds above 0, at most 31536000 (a year)
      write for example `seconds_per_cell = 60`
    13:20 budget.seconds_per_cell = "1 h": this value is not allowed
      a number of seconds above 0, at most 31536000 (a year)
      write for example `seconds_per_cell = 60`
    13:14 budget.memory_mib = 0.5: this value is not allowed
      a whole number of MiB from 1 to 1048576 (1 TiB)
      write for example `memory_mib = 1024`
    13:1 budget.memory_mb = 5: there is no `memory_mb` here
      seconds_per_cell, memory_mib
      did you mean `memory_mib`?
    "#);
}

#[test]
fn lists_that_are_empty_or_repeat() {
    let edits = [
        ("n = [64]", "n = []"),
        ("max_steps = 50", "dynamics = []"),
        ("HOP = { hop = {} }\nTRN = { trn = { steps = 3 } }", ""),
        ("[0.0, 0.1]", "[0.0, -0.0]"),
        ("n = [64]", "n = [64, 32, 64]"),
        ("[protocols]", "probes = [\"recovery\", \"recovery\"]\n[protocols]"),
    ];
    insta::assert_snapshot!(errors(&edits), @r#"
    7:5 grid.n = []: this is empty, so there is nothing to run
      at least one value
      add a value, or remove the key where it has a default
    13:12 read.dynamics = []: this is empty, so there is nothing to run
      at least one value
      add a value, or remove the key where it has a default
    3:2 protocols: this is empty, so there is nothing to run
      at least one value
      add a value, or remove the key where it has a default
    9:15 grid.noise[1] = -0.0: 0 is listed twice
      every value once
      remove one 0
    7:14 grid.n[2] = 64: 64 is listed twice
      every value once
      remove one 64
    3:23 probes[1] = "recovery": recovery is listed twice
      every value once
      remove one recovery
    "#);
}

/// A line of a hundred thousand characters is shown where it is wrong.
#[test]
fn a_long_line_is_shown_around_the_error() {
    let blanks = " ".repeat(50_000);
    let text = edited("noise = [0.0, 0.1]", &format!("noise = [0.0,{blanks}0.6,{blanks}0.1]"));
    let DefinitionError::Invalid(error) = parse(&text).unwrap_err() else { panic!("it is read") };
    let shown = error.to_string();
    assert!(shown.len() < 1000 && error.column > 50_000, "{} characters", shown.len());
    let lines: Vec<&str> = shown.lines().collect();
    let at = lines[3].find('^').expect("a caret");
    assert_eq!(&lines[2][at..at + 3], "0.6", "{shown}");
}
