//! The command `readers` prints the readers of memories and the corruptions of queries, as a table or as JSON.

use crate::listing::{Form, Listed, described, json_text, listing};
use crate::width::{columns, wrapped, wrapped_command};
use protocols::CorruptionKind;
use protocols::reading::{Reader, ReaderAbout};
use serde_json::{Value, json};
use std::process::ExitCode;

/// List the readers with their parameters, defaults and sources, and the ways to corrupt a query.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = "\
Examples:
  harness readers
  harness readers --json | jq '.readers[].name'")]
pub(crate) struct Args {
    #[command(flatten)]
    form: Form,
}

/// Prints the readers.
///
/// # Errors
/// If standard output cannot be written; a reader that has closed it is no error.
pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    args.form.print(|| table(columns()), json)
}

fn json() -> String {
    let reader = |reader: Reader| {
        let ReaderAbout { name, title, formula, cost, ends, source, parameters } = reader.about();
        let defaults = reader.parameters();
        let parameters: Vec<Value> = parameters
            .iter()
            .map(|p| {
                let default = defaults.iter().find(|(key, _)| *key == p.name).map(|(_, value)| value);
                described(p, default)
            })
            .collect();
        json!({
            "name": name, "title": title, "formula": formula, "cost": cost, "ends": ends, "source": source,
            "parameters": parameters,
        })
    };
    let readers: Vec<Value> = Reader::catalogue().into_iter().map(reader).collect();
    let corruption = |kind: CorruptionKind| json!({ "name": kind.name(), "meaning": kind.meaning() });
    let corruptions: Vec<Value> = CorruptionKind::ALL.into_iter().map(corruption).collect();
    let all = json!({ "readers": readers, "corruptions": corruptions });
    json_text(&all)
}

fn table(room: usize) -> String {
    let entry = |reader: Reader| {
        let ReaderAbout { name, title, formula, cost, ends, source, .. } = reader.about();
        let lines = vec![
            format!("{name}: {title}"),
            (*formula).to_owned(),
            format!("ends {ends}; costs {cost}"),
            (*source).to_owned(),
        ];
        Listed { lines, parameters: rows(reader) }
    };
    let readers: Vec<Listed> = Reader::catalogue().into_iter().map(entry).collect();
    let mut text = listing(&readers, room);
    let mut lines =
        vec![(0, "Queries are corrupted, as `corruptions` of a definition's grid says, by".to_owned())];
    let kinds = CorruptionKind::ALL.into_iter();
    lines.extend(kinds.map(|kind| (4, format!("  {:<10} {}", kind.name(), kind.meaning()))));
    let uses = [
        "",
        "A program of your own is a reader too: README, Add your rule in any language.",
        "Use: in a definition, dynamics = [\"sync\", { soft = { beta = 2 } }] below [read]; or",
        "cargo run -p harness -- recall --weights w.npy --queries q.npy --out r.npy --reader 'soft(beta=2)'",
    ];
    lines.extend(uses.map(|line| (4, line.to_owned())));
    for (hang, line) in lines {
        let is_command = line.starts_with("cargo ");
        let broken = if is_command { wrapped_command(&line, room) } else { wrapped(&line, room, hang) };
        text.push_str(&broken);
        text.push('\n');
    }
    text
}

fn rows(reader: Reader) -> Vec<[String; 4]> {
    let defaults = reader.parameters();
    let default = |name: &str| defaults.iter().find(|(key, _)| *key == name).map(|(_, value)| value.clone());
    let parameters = reader.about().parameters.iter();
    let row = |p: &protocols::protocol::Parameter| {
        let default = default(p.name).unwrap_or_else(|| "none".to_owned());
        [p.name.to_owned(), default, p.allowed.to_owned(), p.meaning.to_owned()]
    };
    parameters.map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reader_and_corruption_is_listed() {
        let (text, data) = (table(1000), serde_json::from_str::<Value>(&json()).expect("JSON"));
        for (k, name) in Reader::names().into_iter().enumerate() {
            assert!(text.contains(&format!("{name}: ")), "{name}");
            assert_eq!(data["readers"][k]["name"], name);
        }
        for (k, kind) in CorruptionKind::ALL.into_iter().enumerate() {
            assert!(text.contains(kind.meaning()));
            assert_eq!(data["corruptions"][k]["name"], kind.name());
        }
    }

    #[test]
    fn parameters_are_listed_with_their_defaults() {
        for reader in Reader::catalogue() {
            let known: Vec<&str> = reader.parameters().into_iter().map(|(key, _)| key).collect();
            let listed: Vec<&str> = reader.about().parameters.iter().map(|p| p.name).collect();
            assert!(known.iter().all(|key| listed.contains(key)), "{reader}");
            // What is not set by default is the only thing without a value.
            assert!(listed.iter().all(|name| known.contains(name) || *name == "from"), "{reader}");
        }
    }
}
