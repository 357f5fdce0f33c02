//! This module holds the parameters behind a figure. They are what it was declared as, how its memories were
//! read, and its protocols with all of theirs.

use protocols::Spec;
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeSet;
use study::canonical::parameters;
use study::definition::{Condition, Definition};
use study::figure::FigureSpec;

/// A `Parameters` holds the parameters behind a page of a figure.
#[derive(Debug, Serialize)]
pub(super) struct Parameters {
    /// The keys of its `[[figure]]`.
    declared: String,
    /// Sizes, trials and reads of the conditions that it shows.
    conditions: Vec<(&'static str, String)>,
    /// Its protocols.
    protocols: Vec<ParameterRow>,
}

/// A `ParameterRow` is a protocol of a figure.
#[derive(Debug, Serialize)]
struct ParameterRow {
    label: String,
    /// Its protocol, and the parameters that are not the defaults.
    brief: String,
    /// All parameters, canonical JSON.
    all: String,
}

impl Parameters {
    /// Collects the parameters of the figure `spec` of `definition`. Its page shows the `protocols`, each
    /// with its parameters.
    pub(super) fn of(spec: &FigureSpec, definition: &Definition, protocols: &[(String, String)]) -> Self {
        let row = |(label, all): &(String, String)| ParameterRow {
            label: label.clone(),
            brief: brief(all),
            all: all.clone(),
        };
        Self {
            declared: declared(spec),
            conditions: conditions(spec, definition, protocols),
            protocols: protocols.iter().map(row).collect(),
        }
    }
}

/// Returns the keys of a figure in the order of its table. Its name and its caption stand beside it, and are
/// not among them.
fn declared(spec: &FigureSpec) -> String {
    let Ok(Value::Object(keys)) = serde_json::to_value(spec) else { return String::new() };
    let said =
        |(key, value): &(&String, &Value)| !value.is_null() && !matches!(key.as_str(), "name" | "caption");
    let words = keys.iter().filter(said).map(|(key, value)| format!("{key} = {value}"));
    words.collect::<Vec<String>>().join("; ")
}

/// Returns what the conditions of a figure have: sizes, message sets, queries, and how they are read.
fn conditions(
    spec: &FigureSpec,
    definition: &Definition,
    protocols: &[(String, String)],
) -> Vec<(&'static str, String)> {
    let shown = |c: &&Condition| {
        let label = definition.protocols.get_index(c.protocol).map(|(label, _)| label);
        label.is_some_and(|label| protocols.iter().any(|(known, _)| known == label))
            && spec.shows_place(c.source, c.n, c.m)
    };
    let shown: Vec<&Condition> = definition.conditions.iter().filter(shown).collect();
    let numbers = |of: fn(&Condition) -> u32| {
        let all: BTreeSet<u32> = shown.iter().map(|c| of(c)).collect();
        all.iter().map(u32::to_string).collect::<Vec<String>>().join(", ")
    };
    let dynamics = definition.reads.dynamics.iter().filter(|d| spec.dynamics.is_none_or(|only| only == **d));
    let dynamics: Vec<&str> = dynamics.map(|dynamics| dynamics.name()).collect();
    let mut facts = vec![
        ("units N", numbers(|c| c.n)),
        ("messages M", numbers(|c| c.m)),
        ("message sets of a condition", numbers(|c| c.trials)),
    ];
    if shown.iter().any(|c| c.queries > 0) {
        facts.push(("queries of a message set and noise level", numbers(|c| c.queries)));
        facts.push((
            "reads",
            format!("{}, at most {} steps", dynamics.join(" and "), definition.reads.max_steps),
        ));
    }
    facts.push(("root seed", definition.seed.to_string()));
    facts
}

/// Writes `trn: steps = 1` of canonical parameters; `trn, all defaults` where none differs.
fn brief(all: &str) -> String {
    let Ok(spec) = serde_json::from_str::<Spec>(all) else { return String::new() };
    let name = spec.about().name;
    let usual = Spec::catalogue().into_iter().find(|other| other.about().name == name);
    let Some(usual) = usual.map(|usual| parameters(&usual)) else { return name.to_owned() };
    let differs = parameters(&spec).into_iter().filter(|(key, value)| usual.get(key) != Some(value));
    let words: Vec<String> = differs.map(|(key, value)| format!("{key} = {value}")).collect();
    if words.is_empty() { format!("{name}, all defaults") } else { format!("{name}: {}", words.join(", ")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use study::figure::FigureKind;

    #[test]
    fn what_differs_from_the_defaults_is_said() {
        assert_eq!(brief(r#"{"hop":{"diagonal":"zero"}}"#), "hop, all defaults");
        assert_eq!(brief(r#"{"pse":{"diagonal":"zero"}}"#), "pse: diagonal = \"zero\"");
        assert_eq!(brief("of another version"), "");
    }

    #[test]
    fn a_figure_names_its_keys() {
        let spec = FigureSpec { n: Some(64), ..FigureSpec::new("load", FigureKind::Load) };
        assert_eq!(declared(&spec), "kind = \"load\"; n = 64");
    }
}
