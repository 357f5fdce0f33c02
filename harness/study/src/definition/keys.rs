//! This module lists every key of a definition: what it allows, and an example. Errors quote it; a test holds
//! it against the wire types.

use super::document::{KeyPath, Step};
use crate::budget::{Mebibytes, Seconds};
use crate::canonical::parameters;
use protocols::reading::Reader;
use protocols::{Source, Spec};
use serde_json::Value;
use worker::ExternalReader;

/// A `Known` is what an error says about a key.
pub(super) struct Known {
    pub(super) allowed: String,
    pub(super) example: String,
}

/// A test holds it against the catalogue.
const SOURCES: &str = "a list of random, glyphs, small-glyphs, digits, biased, chain, patches, hierarchical, \
                       features, cliques, codes, with a table of parameters or without, or { file = \"x.npy\" }";

/// Holds for each key its name, what is allowed, and an example.
pub(super) const KEYS: &[(&str, &str, &str)] = &[
    ("question", "a text", r#"question = "Which protocol stores most?""#),
    ("analysis", "a text", r#"analysis = "What the numbers can and cannot show.""#),
    ("seed", "a whole number of at least 0", "seed = 1"),
    ("stream", "evaluate or tune", r#"stream = "tune""#),
    (
        "probes",
        "a list of stability, recovery, structure, correction, starts",
        r#"probes = ["stability", "recovery"]"#,
    ),
    ("protocols", "a table: label = protocol", "[protocols]"),
    ("grid", "a table", "[grid]"),
    ("grid.protocols", "a list of labels of [protocols]", r#"protocols = ["HOP"]"#),
    ("grid.sources", SOURCES, r#"sources = ["random", { biased = { activity = 0.1 } }]"#),
    ("grid.n", "a list of whole numbers from 2 to 65536", "n = [64]"),
    ("grid.load", "a list of positive numbers", "load = [0.1, 0.5]"),
    ("grid.m", "a list of whole numbers from 1 to 10000000, or a formula of n and load", "m = [6, 32]"),
    ("grid.noise", "a list of noise levels in [0, 0.5]", "noise = [0.0, 0.1]"),
    ("grid.flips", "a list of whole numbers from 0 to n/2", "flips = [0, 6]"),
    (
        "grid.corruptions",
        "a list of flips, bernoulli, erasure, block, occlusion, mixture",
        r#"corruptions = ["flips", "erasure"]"#,
    ),
    ("grid.k", "a list of whole numbers of at least 1", "k = [5, 20]"),
    ("grid.steps", "a list of whole numbers of at least 1", "steps = [1, 3]"),
    ("grid.trials", "a whole number of at least 1, or a formula of n, m and load", "trials = 20"),
    ("grid.queries", "a whole number from 1 to 10000000, or a formula of n, m and load", "queries = 100"),
    (
        "grid.zip",
        "a list of groups of sources, n, load, m, noise, flips, k, steps",
        r#"zip = [["n", "load"]]"#,
    ),
    ("grid.exclude", "a list of tables", r#"exclude = [{ protocols = ["TRN"], when = "n > 256" }]"#),
    ("grid.exclude.protocols", "a list of labels of [protocols]", r#"protocols = ["TRN"]"#),
    ("grid.exclude.sources", SOURCES, r#"sources = ["glyphs"]"#),
    ("grid.exclude.when", "a comparison of n, m and load, or several joined by `and`", r#"when = "n > 256""#),
    ("grid.part", "tables, each under a header of its own", "[[grid.part]]"),
    ("read", "a table", "[read]"),
    (
        "read.dynamics",
        "a list of readers: sync, async, held, soft, nearest, dense, one with parameters, or a table `external`",
        r#"dynamics = ["sync", { soft = { beta = 2 } }]"#,
    ),
    ("read.max_steps", "a whole number of at least 1", "max_steps = 50"),
    ("read.checkpoint", "a whole number from 1 to max_steps", "checkpoint = 5"),
    ("budget", "a table", "[budget]"),
    ("budget.seconds_per_cell", Seconds::ALLOWED, "seconds_per_cell = 60"),
    ("budget.memory_mib", Mebibytes::ALLOWED, "memory_mib = 1024"),
    ("sequential", "a table", "[sequential]"),
    ("sequential.measure", "the name of a measure other than write-seconds", r#"measure = "recovered""#),
    ("sequential.dynamics", "one of the dynamics read", r#"dynamics = "sync""#),
    ("sequential.width", "a number above 0 and below 1 (2 for overlaps)", "width = 0.1"),
    ("sequential.looks", "a list of rising numbers of trials, from 5", "looks = [10, 20]"),
    ("figure", "tables, each under a header of its own", "[[figure]]"),
    ("figure.name", "a file name of letters, digits, - and _, at most 100 of them", r#"name = "recovery""#),
    (
        "figure.kind",
        "load, noise, curves, retrieval, heat-map, difference, scatter, basins, margins, cost, \
         queries-needed, capacity or ranking",
        r#"kind = "load""#,
    ),
    ("figure.measure", "the name of a measure", r#"measure = "recovered""#),
    ("figure.against", "the name of a measure", r#"against = "recovered-checkpoint""#),
    (
        "figure.x",
        "load, noise, n, protocol, reader, corruption, source or a parameter of a protocol",
        r#"x = "trn.queries""#,
    ),
    (
        "figure.y",
        "load, noise, n, protocol, reader, corruption, source or a parameter of a protocol",
        r#"y = "trn.noise""#,
    ),
    (
        "figure.split",
        "load, noise, n, protocol, reader, corruption, source or a parameter of a protocol",
        r#"split = "n""#,
    ),
    ("figure.protocols", "a list of labels of [protocols]", r#"protocols = ["HOP"]"#),
    ("figure.reference", "a list of labels of [protocols]", r#"reference = ["MPF"]"#),
    ("figure.subject", "a label of [protocols]", r#"subject = "TRN""#),
    ("figure.source", "one of the grid's sources", r#"source = "random""#),
    ("figure.dynamics", "one of the dynamics read", r#"dynamics = "sync""#),
    ("figure.n", "one of the grid's n", "n = 64"),
    ("figure.m", "one of the grid's numbers of messages", "m = 32"),
    ("figure.flips", "one of the grid's numbers of flipped bits, or a corruption", "flips = 6"),
    (
        "figure.theory",
        "a list of exact-storage, separability, retrieval-limit, single-bits, bit-error, retrieval-state, \
         corrected-bits, nearest, one-step, best-one-step, hop-reads, pse-limits",
        r#"theory = ["nearest"]"#,
    ),
    ("figure.fit_from", "a whole number of at least 0", "fit_from = 64"),
    ("figure.load", "a list of some of the grid's loads", "load = [0.25, 0.5]"),
    ("figure.noise", "a list of some of the grid's noise levels", "noise = [0.05, 0.1]"),
    ("figure.rows", "a whole number of at least 1", "rows = 40"),
    ("figure.width", "a whole number of millimetres from 60 to 400", r#"width = "122mm""#),
    (
        "figure.caption",
        "a text, true or false, or a table with text and drawn",
        r#"caption = { text = "One sentence.", drawn = true }"#,
    ),
    ("claim", "tables, each under a header of its own", "[[claim]]"),
    ("claim.id", "C1, C2, C3, C4, C5 or C6", r#"id = "C1""#),
    ("claim.statement", "a text", r#"statement = "TRN recovers from more noise than HOP, PSE and MPF.""#),
    ("claim.source", "a text", r#"source = "The paper's notes, TL;DR.""#),
    ("claim.analysis", "a text", r#"analysis = "What the verdict can and cannot show.""#),
    ("claim.figure", "the name of one of the figures", r#"figure = "recovery""#),
    ("claim.test", "tables with one kind of test each", "[[claim.test]]"),
    ("claim.test.difference", "a table", "[claim.test.difference]"),
    ("claim.test.capacity", "a table", "[claim.test.capacity]"),
    ("claim.test.property", "a table", "[claim.test.property]"),
    ("claim.test.write-time", "a table", "[claim.test.write-time]"),
    ("claim.test.queries-needed", "a table", "[claim.test.queries-needed]"),
    ("claim.test.exhaustive-queries", "a table", "[claim.test.exhaustive-queries]"),
    ("claim.test.name", "a short text that no other test of the claim has", r#"name = "at 10 % noise""#),
    ("claim.test.decides", "true or false", "decides = false"),
    (
        "claim.test.form",
        "paper (against the paper's own baselines) or field (against the strongest rule known)",
        r#"form = "field""#,
    ),
    (
        "claim.test.subject",
        "the label of a protocol that is run; for queries-needed of one that `k` varies",
        r#"subject = "TRN""#,
    ),
    ("claim.test.rivals", "a list of labels of protocols that are run", r#"rivals = ["HOP", "MPF"]"#),
    (
        "claim.test.measure",
        "the name of a measure other than write-seconds; for capacities a share of which more is better",
        r#"measure = "recovered""#,
    ),
    ("claim.test.levels", "a list of numbers above 0 and below 1", "levels = [0.5, 0.99]"),
    ("claim.test.above", "a number that the measure can have", "above = 0.95"),
    ("claim.test.below", "a number that the measure can have", "below = 0.05"),
    ("claim.test.plateau", "the label of a protocol that is run", r#"plateau = "TRN, fresh queries""#),
    ("claim.test.within", "a number above 0 and below 1", "within = 0.02"),
    ("claim.test.noise", "a noise level above 0, at most 0.5", "noise = 0.1"),
    ("claim.test.n", "a list of whole numbers from 2 to 1000", "n = [16, 32, 64, 96]"),
    ("claim.test.growth", "a table", "growth = { evidence = 3.0, exponent = 1.0 }"),
    ("claim.test.growth.evidence", "a number of at least 0", "evidence = 3.0"),
    ("claim.test.growth.exponent", "a number of at least 0", "exponent = 1.0"),
    (
        "claim.test.threshold",
        "a number of at least 0 and below the width of what is measured",
        "threshold = 0.02",
    ),
    ("claim.test.region", "a table", "region = { n = [64], noise = [0.1] }"),
    ("claim.test.region.sources", "a list of sources that the grid has", r#"sources = ["random"]"#),
    ("claim.test.region.n", "a list of n that the grid has", "n = [64]"),
    (
        "claim.test.region.load",
        "a table of two loads, `from` not above `to`",
        "load = { from = 0.1, to = 0.5 }",
    ),
    ("claim.test.region.load.from", "a number of at least 0", "from = 0.1"),
    ("claim.test.region.load.to", "a number of at least `from`", "to = 0.5"),
    ("claim.test.region.noise", "a list of noise levels that the grid has", "noise = [0.1]"),
    ("claim.test.region.dynamics", "a list of dynamics that are read", r#"dynamics = ["sync"]"#),
];

/// Returns what is known of the key at `place`, items of lists aside.
pub(super) fn known(place: &KeyPath) -> Option<Known> {
    let keys: Vec<&str> = place.keys().collect();
    if let ["protocols", label, rest @ ..] = keys.as_slice() {
        return Some(known_of_protocol(label, rest));
    }
    // A source given by its parameters, in a list or alone.
    let source = |key: &&str| matches!(*key, "sources" | "source");
    if let Some([key, kind, rest @ ..]) = keys.iter().position(source).map(|at| &keys[at..]) {
        return Some(known_of_source(key, kind, rest));
    }
    // So may a reader be.
    if let Some([key, kind, rest @ ..]) = keys.iter().position(|key| *key == "dynamics").map(|at| &keys[at..])
    {
        return Some(known_of_reader(key, kind, rest));
    }
    // A part has the keys of the grid around it.
    let path = match keys.as_slice() {
        ["grid", "part", key @ ..] if !key.is_empty() => format!("grid.{}", key.join(".")),
        // Kinds of test have keys in common.
        ["claim", "test", _, key @ ..] if !key.is_empty() => format!("claim.test.{}", key.join(".")),
        keys => keys.join("."),
    };
    let (_, allowed, example) = KEYS.iter().find(|(key, ..)| *key == path)?;
    Some(Known { allowed: (*allowed).to_owned(), example: (*example).to_owned() })
}

fn known_of_protocol(label: &str, rest: &[&str]) -> Known {
    let label = Step::Key(label.to_owned());
    let Known { allowed, example } = known_of_rule(rest);
    Known { allowed, example: format!("{label} = {example}") }
}

/// What is known below the place of a protocol, or of a rule among the parameters of another.
fn known_of_rule(rest: &[&str]) -> Known {
    let catalogue = Spec::catalogue();
    let Some(spec) = rest.first().and_then(|name| catalogue.iter().find(|s| s.about().name == *name)) else {
        let names: Vec<_> = catalogue.iter().map(|s| s.about().name).collect();
        return Known {
            allowed: format!("one of {}, with a table of parameters", names.join(", ")),
            example: format!("{{ {} = {{}} }}", names[0]),
        };
    };
    let about = spec.about();
    let Some(parameter) = rest.get(1).and_then(|key| about.parameters.iter().find(|p| p.name == *key)) else {
        return Known {
            allowed: "a table of parameters".to_owned(),
            example: format!("{{ {} = {{}} }}", about.name),
        };
    };
    let within = |value: &str| format!("{{ {} = {{ {} = {value} }} }}", about.name, parameter.name);
    // A name of the catalogue below a parameter is that of a rule with its own parameters.
    if rest.get(2).is_some_and(|name| catalogue.iter().any(|spec| spec.about().name == *name)) {
        let Known { allowed, example } = known_of_rule(&rest[2..]);
        return Known { allowed, example: within(&example) };
    }
    let default = &parameters(spec)[parameter.name];
    Known { allowed: parameter.allowed.to_owned(), example: within(&toml_of(default)) }
}

fn known_of_reader(key: &str, kind: &str, rest: &[&str]) -> Known {
    if kind == Reader::PROGRAM {
        let known = |key: &&str| ExternalReader::KEYS.iter().find(|(known, _)| known == key);
        let allowed = rest.first().and_then(known).map_or("a table that describes a program", |(_, it)| it);
        let example = r#"{ external = { command = ["python3", "mine.py"], files = ["mine.py"] } }"#;
        return Known { allowed: allowed.to_owned(), example: format!("{key} = [{example}]") };
    }
    let Some(reader) = Reader::catalogue().into_iter().find(|reader| reader.about().name == kind) else {
        return Known {
            allowed: format!("one of {}", Reader::names().join(", ")),
            example: format!("{key} = [\"sync\"]"),
        };
    };
    let parameter = rest.first().and_then(|key| reader.about().parameters.iter().find(|p| p.name == *key));
    let value = |name: &str| {
        reader.parameters().into_iter().find(|(known, _)| *known == name).map(|(_, value)| value)
    };
    let given = parameter.map(|parameter| {
        let value = value(parameter.name).unwrap_or_else(|| "1".to_owned());
        let quoted = if value.parse::<f64>().is_ok() { value } else { format!("\"{value}\"") };
        format!("{} = {quoted}", parameter.name)
    });
    Known {
        allowed: parameter.map_or("a table of parameters", |parameter| parameter.allowed).to_owned(),
        example: match given {
            Some(given) => format!("{key} = [{{ {kind} = {{ {given} }} }}]"),
            None => format!("{key} = [{{ {kind} = {{}} }}]"),
        },
    }
}

fn known_of_source(key: &str, kind: &str, rest: &[&str]) -> Known {
    let catalogue: Vec<Source> = Source::catalogue().into_iter().chain([Source::files()]).collect();
    let written = |value: String| {
        if key == "sources" { format!("{key} = [{value}]") } else { format!("{key} = {value}") }
    };
    let Some(source) = catalogue.iter().find(|source| source.about().name == kind) else {
        let names: Vec<_> = catalogue.iter().map(|source| source.about().name).collect();
        return Known {
            allowed: format!("one of {}", names.join(", ")),
            example: written("\"random\"".to_owned()),
        };
    };
    let parameters: Vec<String> =
        source.parameters().iter().map(|(name, value)| format!("{name} = {}", quoted(value))).collect();
    let parameter = rest.first().and_then(|key| source.about().parameters.iter().find(|p| p.name == *key));
    Known {
        allowed: parameter.map_or("a table of parameters", |parameter| parameter.allowed).to_owned(),
        example: written(format!("{{ {kind} = {{ {} }} }}", parameters.join(", "))),
    }
}

/// A number as it is, anything else as a text.
fn quoted(value: &str) -> String {
    if value.parse::<f64>().is_ok() { value.to_owned() } else { format!("{value:?}") }
}

/// Writes a value of JSON in TOML: scalars and lists read alike in both.
fn toml_of(value: &Value) -> String {
    match value {
        Value::Object(table) if table.is_empty() => "{}".to_owned(),
        Value::Object(table) => {
            let pairs: Vec<String> = table
                .iter()
                .map(|(key, value)| format!("{} = {}", Step::Key(key.clone()), toml_of(value)))
                .collect();
            format!("{{ {} }}", pairs.join(", "))
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::definition::problem::Problem;
    use crate::definition::{Definition, DefinitionError};
    use std::path::Path;

    /// The keys that serde knows in a table, taken from its complaint about another.
    fn wire_keys(text: &str) -> Vec<String> {
        match Definition::parse("test", Path::new("test.toml"), text) {
            Err(DefinitionError::Invalid(invalid)) => match invalid.problem {
                Problem::Unknown { allowed, .. } => allowed,
                other => panic!("{other:?}"),
            },
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_keys_are_those_of_the_wire_types() {
        let mut wire = Vec::new();
        for (prefix, text) in [
            ("", "zz = 1"),
            ("grid.", "[grid]\nzz = 1"),
            ("grid.exclude.", "[grid]\nexclude = [{ zz = 1 }]"),
            ("read.", "[read]\nzz = 1"),
            ("budget.", "[budget]\nzz = 1"),
            ("sequential.", "[sequential]\nzz = 1"),
            ("figure.", "[[figure]]\nzz = 1"),
            ("claim.", "[[claim]]\nzz = 1"),
            ("claim.test.", "[[claim]]\n[[claim.test]]\nzz = 1"),
            ("claim.test.region.", "[[claim]]\n[[claim.test]]\ndifference = { region = { zz = 1 } }"),
            ("claim.test.growth.", "[[claim]]\n[[claim.test]]\nwrite-time = { growth = { zz = 1 } }"),
            (
                "claim.test.region.load.",
                "[[claim]]\n[[claim.test]]\ndifference = { region = { load = { zz = 1 } } }",
            ),
        ] {
            wire.extend(wire_keys(text).into_iter().map(|key| format!("{prefix}{key}")));
        }
        let kinds = wire_keys("[[claim]]\n[[claim.test]]\nzz = 1");
        let tests = kinds
            .iter()
            .flat_map(|kind| wire_keys(&format!("[[claim]]\n[[claim.test]]\n{kind} = {{ zz = 1 }}")));
        let tests: std::collections::BTreeSet<String> =
            tests.map(|key| format!("claim.test.{key}")).collect();
        wire.extend(tests);
        let mut known: Vec<_> = KEYS.iter().map(|(key, ..)| (*key).to_owned()).collect();
        wire.sort();
        known.sort();
        assert_eq!(known, wire);
    }

    #[test]
    fn sources_are_those_of_the_catalogue() {
        let names: Vec<&str> = Source::catalogue().iter().map(|source| source.about().name).collect();
        let (built_in, files) = SOURCES.split_once(", or ").expect("files come last");
        assert_eq!(
            built_in,
            format!("a list of {}, with a table of parameters or without", names.join(", "))
        );
        assert_eq!(files, "{ file = \"x.npy\" }");
    }

    /// The guide explains every kind of figure, every key of a figure and every measure.
    #[test]
    fn figures_are_explained() {
        let guide = include_str!("../../../../CONTRIBUTING.md");
        let (_, guide) = guide.split_once("### Its figures").expect("the section");
        let (guide, _) = guide.split_once("\n### ").expect("the next section");
        let keys = KEYS.iter().filter_map(|(key, ..)| key.strip_prefix("figure."));
        let kinds = crate::figure::FigureKind::ALL.map(crate::figure::FigureKind::name);
        let missing: Vec<&str> =
            keys.chain(kinds).filter(|name| !guide.contains(&format!("`{name}`"))).collect();
        assert_eq!(missing, [""; 0]);
        for kind in kinds {
            let (_, allowed, _) = KEYS.iter().find(|(key, ..)| *key == "figure.kind").expect("the key");
            assert!(allowed.contains(kind), "{kind}");
        }
    }

    #[test]
    fn every_parameter_has_an_example_that_parses() {
        for spec in Spec::catalogue() {
            for parameter in spec.about().parameters {
                let known = known_of_protocol("my label", &[spec.about().name, parameter.name]);
                let parsed: indexmap::IndexMap<String, Spec> =
                    toml::from_str(&known.example).expect(&known.example);
                assert_eq!(parsed["my label"], spec, "{}", known.example);
            }
        }
    }
}
