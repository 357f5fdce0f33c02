//! The command `protocols` prints the catalogue, as a table or as JSON.

use crate::listing::{Form, Listed, described, json_text, listing};
use crate::width::{columns, wrapped_command};
use protocols::Spec;
use protocols::protocol::About;
use serde_json::{Value, json};
use std::process::ExitCode;
use study::canonical::parameters;

/// List the writing protocols with their parameters, defaults and sources.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = "\
Examples:
  harness protocols
  harness protocols --json | jq '.[].name'")]
pub(crate) struct Args {
    #[command(flatten)]
    form: Form,
}

/// Prints the catalogue.
///
/// # Errors
/// If standard output cannot be written; a reader that has closed it is no error.
pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    args.form.print(|| table(columns()), json)
}

fn json() -> String {
    let entry = |spec: &Spec| {
        let (about, defaults) = (spec.about(), parameters(spec));
        let About { name, title, formula, source, version, parameters } = about;
        let parameters: Vec<Value> = parameters.iter().map(|p| described(p, &defaults[p.name])).collect();
        json!({
            "name": name, "title": title, "formula": formula, "source": source, "version": version,
            "parameters": parameters,
        })
    };
    let catalogue: Vec<Value> = Spec::catalogue().iter().map(entry).collect();
    json_text(&catalogue)
}

fn table(room: usize) -> String {
    let entry = |spec: &Spec| {
        let About { name, title, formula, source, .. } = spec.about();
        let lines = vec![format!("{name}: {title}"), (*formula).to_owned(), (*source).to_owned()];
        Listed { lines, parameters: parameter_rows(spec) }
    };
    let usage = "Use: cargo run -p harness -- write --protocol 'trn={steps=3}' --messages m.npy --out w.npy";
    listing(&Spec::catalogue().iter().map(entry).collect::<Vec<_>>(), room)
        + &wrapped_command(usage, room)
        + "\n"
}

fn parameter_rows(spec: &Spec) -> Vec<[String; 4]> {
    let defaults = parameters(spec);
    let shown = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let row = |p: &protocols::protocol::Parameter| {
        [p.name.to_owned(), shown(&defaults[p.name]), p.allowed.to_owned(), p.meaning.to_owned()]
    };
    spec.about().parameters.iter().map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_and_defaults_agree_with_the_serialised_protocol() {
        for spec in Spec::catalogue() {
            let (about, defaults) = (spec.about(), parameters(&spec));
            assert_eq!(about.name, spec.protocol().name());
            let listed: Vec<&str> = about.parameters.iter().map(|parameter| parameter.name).collect();
            let known: Vec<&String> = defaults.keys().collect();
            assert_eq!(listed, known, "{}", about.name);
            for parameter in about.parameters {
                if let Some(default) = defaults[parameter.name].as_str() {
                    let mut choices =
                        parameter.allowed.split('|').map(|choice| choice.trim().trim_matches('"'));
                    assert!(choices.any(|choice| choice == default), "{} {}", about.name, parameter.name);
                }
                assert!(!parameter.meaning.is_empty() && !parameter.allowed.is_empty());
            }
        }
    }

    #[test]
    fn parameters_left_out_are_so_at_their_default_alone() {
        for spec in Spec::catalogue() {
            let name = spec.about().name;
            let stored = study::canonical::canonical(&spec);
            for (key, default) in spec.left_out() {
                let text = format!("{{\"{name}\":{{\"{key}\":{default}}}}}");
                let given: Spec = serde_json::from_str(&text).expect("a default is allowed");
                assert_eq!(given, spec, "{text}");
                assert!(!stored.contains(&format!("\"{key}\"")), "{name}: {key}");
            }
        }
    }

    #[test]
    fn the_catalogue_is_readable_by_a_machine() {
        let catalogue: Value = serde_json::from_str(&json()).expect("JSON");
        let names: Vec<&Value> =
            catalogue.as_array().expect("a list").iter().map(|entry| &entry["name"]).collect();
        assert_eq!(names, Spec::names());
        assert_eq!(catalogue[2]["parameters"][0]["name"], "max_iterations");
        assert_eq!(catalogue[2]["parameters"][0]["default"], 1000);
    }

    #[test]
    fn the_table_lists_every_parameter_aligned() {
        let table = table(1000);
        let heads: Vec<&str> = table.lines().filter(|line| line.contains("parameter  ")).collect();
        let with_parameters = |spec: &Spec| !spec.about().parameters.is_empty();
        assert_eq!(heads.len(), Spec::catalogue().into_iter().filter(with_parameters).count());
        let column = heads[0].find("meaning").expect("a column");
        for spec in Spec::catalogue() {
            for parameter in spec.about().parameters {
                let there = table.lines().any(|line| line.get(column..) == Some(parameter.meaning));
                assert!(there, "{} {}", spec.about().name, parameter.name);
            }
        }
    }
}
