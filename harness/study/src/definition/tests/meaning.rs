use super::{BASE, edited, folded, parse};
use crate::budget::Budget;
use crate::definition::{Definition, DefinitionError};
use crate::measure::Probe;
use crate::plan::plan;
use protocols::Source;
use protocols::protocol::{Mpf, NoiseModel, Pse, PseDiagonal, Start, Trn};
use protocols::reading::Reader;
use std::time::Duration;

#[test]
fn what_is_not_said_has_a_default() {
    let definition = parse(&edited("[read]\nmax_steps = 50\n", "")).expect("it is right");
    assert_eq!(definition.seed, 1);
    assert_eq!(definition.probes, [Probe::Stability, Probe::Recovery, Probe::Structure]);
    assert!(definition.conditions.iter().all(|condition| condition.source == Source::Random));
    assert_eq!(definition.reads.dynamics, [Reader::Sync, Reader::Async]);
    assert_eq!((definition.reads.max_steps, definition.reads.checkpoint), (50, 5));
}

/// (n, m) and flips of the conditions of the first protocol.
fn sizes(definition: &Definition) -> Vec<((u32, u32), Vec<u32>)> {
    let first = definition.conditions.iter().filter(|condition| condition.protocol == 0);
    first.map(|c| ((c.n, c.m), c.flips.iter().map(|d| d.units).collect())).collect()
}

#[test]
fn loads_and_noise_levels_are_rounded() {
    let definition = parse(&edited("[64]", "[33, 64]").replace("0.1]", "0.1, 0.5]")).expect("it is right");
    // Half of 33 bits is 16: one more would bring a query closer to the negative of its message.
    let (few, many) = (vec![0, 3, 16], vec![0, 6, 32]);
    let expected = [((33, 3), &few), ((33, 17), &few), ((64, 6), &many), ((64, 32), &many)];
    assert_eq!(sizes(&definition), expected.map(|(size, flips)| (size, flips.clone())));
}

#[test]
fn counts_are_taken_as_they_are() {
    let text = edited("load = [0.1, 0.5]", "m = [90, 7]").replace("noise = [0.0, 0.1]", "flips = [9, 2]");
    let definition = parse(&text).expect("it is right");
    assert_eq!(sizes(&definition), [((64, 90), vec![2, 9]), ((64, 7), vec![2, 9])]);
}

#[test]
fn k_and_steps_make_a_variant_each() {
    let definition = parse(&edited("[grid]", "[grid]\nk = [5, 20]\nsteps = [3, 1]")).expect("it is right");
    let labels: Vec<_> = definition.protocols.keys().collect();
    assert_eq!(labels, ["HOP", "TRN, K=5, L=3", "TRN, K=5, L=1", "TRN, K=20, L=3", "TRN, K=20, L=1"]);
    let trn =
        definition.protocols["TRN, K=20, L=1"].downcast_ref::<Trn>().expect("TRN makes variants of TRN");
    assert_eq!((trn.queries.get(), trn.steps.get()), (20, 1));
    assert_eq!(definition.protocols["HOP"], parse(BASE).expect("it is right").protocols["HOP"]);
}

#[test]
fn order_of_protocols_is_kept_and_sets_are_sorted() {
    let text = edited("HOP =", "Z = { pse = {} }\nA = { mpf = {} }\nHOP =")
        .replace("[protocols]", "probes = [\"structure\", \"stability\"]\n[protocols]")
        .replace("max_steps = 50", "dynamics = [\"async\", \"sync\"]");
    let definition = parse(&text).expect("it is right");
    assert_eq!(definition.protocols.keys().collect::<Vec<_>>(), ["Z", "A", "HOP", "TRN"]);
    assert_eq!(definition.probes, [Probe::Stability, Probe::Structure]);
    assert_eq!(definition.reads.dynamics, [Reader::Sync, Reader::Async]);
}

#[test]
fn without_reads_no_queries_are_needed() {
    let text = edited("noise = [0.0, 0.1]\n", "")
        .replace("queries = 10\n", "")
        .replace("[protocols]", "probes = [\"stability\"]\n[protocols]");
    let definition = parse(&text).expect("it is right");
    assert!(definition.conditions.iter().all(|c| c.flips.is_empty() && c.queries == 0));
}

#[test]
fn a_budget_is_taken_as_it_is_and_is_none_by_default() {
    let text = edited("[read]", "[budget]\nseconds_per_cell = 2\nmemory_mib = 512\n[read]");
    let (with, without) = (parse(&text).expect("it is right"), parse(BASE).expect("it is right"));
    assert_eq!(with.budget.seconds_per_cell.map(|most| most.duration()), Some(Duration::from_secs(2)));
    assert_eq!(with.budget.memory_mib.map(|most| most.bytes()), Some(512 << 20));
    assert_eq!(without.budget, Budget::default());
    let ids = |definition| plan(definition).into_iter().map(|cell| cell.id).collect::<Vec<_>>();
    assert_eq!(ids(&with), ids(&without), "a budget changes no number, so it is no part of an identity");
}

#[test]
fn windows_line_ends_are_fine() {
    parse(&BASE.replace('\n', "\r\n")).expect("TOML takes both");
}

#[test]
fn shipped_definitions_load_by_name() {
    let names: Vec<_> = Definition::shipped().iter().map(|(name, _)| *name).collect();
    let results =
        ["quick", "capacity", "noise", "cost", "map", "properties", "queries", "training-noise", "period"];
    let settings =
        ["baselines-ablation", "trn-ablation", "fresh", "field", "field-best", "quality", "messages"];
    let settled = [64, 128, 256, 512].map(|n| [format!("settle-{n}"), format!("settle-{n}-again")]).concat();
    let settled: Vec<&str> = settled.iter().map(String::as_str).collect();
    assert_eq!(names, [&results[..], &settings, &settled].concat());
    for name in names {
        let definition = Definition::load(name).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(definition.name, name);
        assert!(definition.question.ends_with('?') && definition.analysis.contains("What it cannot show."));
        // What several runs say together is drawn by the study of effects.
        assert!(
            !definition.figures.is_empty()
                || settled.contains(&name)
                || ["field-best", "quality"].contains(&name)
        );
    }
}

#[test]
fn the_analyses_describe_the_parameters_as_they_are() {
    // Quoted by quick, capacity and noise: 300 epochs from MPF's memory on queries of up to 10 % noise.
    for name in ["quick", "capacity", "noise"] {
        let definition = Definition::load(name).unwrap_or_else(|error| panic!("{error}"));
        let trn = definition.protocols["TRN"].downcast_ref::<Trn>().expect("it is TRN");
        assert_eq!((trn.epochs, trn.start, trn.noise.get()), (300, Start::Mpf, 0.1));
        assert_eq!(trn.noise_model, NoiseModel::Uniform);
    }
    assert_eq!((Pse::default().diagonal, Mpf::default().l2.get()), (PseDiagonal::Kept, 0.0));
}

#[test]
fn files_load_by_path() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let write = |name: &str, text: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).expect("a writable folder");
        Definition::load(path.to_str().expect("a path in Unicode"))
    };
    assert_eq!(write("mine.toml", BASE.as_bytes()).expect("it is right").name, "mine");
    for (name, text, says) in [
        ("reference.toml", BASE.as_bytes(), "give the file another name"),
        ("bytes.toml", &[0xff, 0xfe], "valid UTF-8"),
    ] {
        let error = write(name, text).expect_err("it is wrong").to_string();
        assert!(error.contains(name) && error.contains(says), "{error}");
    }
}

/// Results are kept under the name of the file: `...toml` would put them outside their folder.
#[test]
fn files_whose_names_name_no_run_are_refused() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let long = format!("{}.toml", "a".repeat(101));
    for name in ["..toml", "...toml", ".toml", "-x.toml", "a\nb.toml", "a\\b.toml", &long] {
        let path = folder.path().join(name);
        std::fs::write(&path, BASE).expect("a writable folder");
        let error = Definition::load(path.to_str().expect("a path in Unicode")).expect_err(name);
        assert!(matches!(error, DefinitionError::Name { .. }), "{error}");
        let error = error.to_string();
        assert!(error.contains("allowed: ") && error.contains("give the file another name"), "{error}");
    }
}

#[test]
fn unknown_names_list_the_shipped_ones() {
    let error = Definition::load("capcity").expect_err("there is none");
    assert!(matches!(error, DefinitionError::Unknown { nearest: Some("capacity"), .. }));
    insta::assert_snapshot!(folded(&error.to_string()), @r"
    there is no definition `capcity`
    allowed: quick, capacity, noise, cost, map, properties, queries, training-noise, period, baselines-ablation,
            trn-ablation, fresh, field, field-best, quality, messages, settle-64, settle-64-again, settle-128,
            settle-128-again, settle-256, settle-256-again, settle-512, settle-512-again or the path of a .toml file
    remedy: did you mean `capacity`?
    ");
    let error = Definition::load("nowhere/mine.toml").expect_err("there is none").to_string();
    assert!(error.starts_with("cannot read the definition nowhere/mine.toml: "), "{error}");
}
