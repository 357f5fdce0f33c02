//! The command `messages` prints the kinds of messages, as a table or as JSON.

use crate::given_messages::given;
use crate::listing::{Form, Listed, described, json_text, listing};
use crate::stdout::print;
use crate::width::{columns, wrapped};
use protocols::Source;
use protocols::protocol::Parameter;
use protocols::source::SourceAbout;
use serde_json::{Value, json};
use std::process::ExitCode;

/// List the kinds of messages with their parameters, defaults and sources.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = "\
Examples:
  harness messages
  harness messages --json | jq '.[].name'
  harness messages --source digits.npy")]
pub(crate) struct Args {
    #[command(flatten)]
    form: Form,
    /// Say what a file of your own holds, such as x.npy or 'file(photos threshold=otsu)'.
    #[arg(long, value_name = "FILE", conflicts_with = "json")]
    pub source: Option<String>,
}

/// Prints the kinds of messages.
///
/// # Errors
/// If standard output cannot be written; a reader that has closed it is no error.
pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let Some(source) = &args.source else { return args.form.print(|| table(columns()), json) };
    print(&held(source)?)?;
    Ok(ExitCode::SUCCESS)
}

/// Says what a file holds, and how a definition names it.
fn held(text: &str) -> anyhow::Result<String> {
    let (file, folder) = given(text, None, None)?;
    let found = messages::read(file, &folder)?;
    let source = Source::File(found.file.asked());
    Ok(format!(
        "{}\nBLAKE3: {}\nIn a definition beside it: sources = [\"{source}\"]\n",
        found.lines().join("\n"),
        found.hash
    ))
}

fn json() -> String {
    let entry = |source: &Source| {
        let SourceAbout { name, title, formula, units, source: origin, parameters } = source.about();
        let parameters: Vec<Value> = parameters.iter().map(|p| described(p, default(source, p))).collect();
        json!({
            "name": name, "title": title, "formula": formula, "units": units, "source": origin,
            "parameters": parameters,
        })
    };
    let mut catalogue: Vec<Value> = Source::catalogue().iter().map(entry).collect();
    catalogue.push(entry(&Source::files()));
    json_text(&catalogue)
}

fn table(room: usize) -> String {
    let entry = |source: &Source| {
        let SourceAbout { name, title, formula, units, source: origin, parameters } = source.about();
        let row = |p: &Parameter| {
            let absent = match source {
                Source::File(_) if p.name != "name" => "none",
                Source::File(_) => "must be given",
                _ => "follows from n",
            };
            let default = default(source, p).unwrap_or_else(|| absent.to_owned());
            [p.name.to_owned(), default, p.allowed.to_owned(), p.meaning.to_owned()]
        };
        Listed {
            lines: vec![
                format!("{name}: {title}"),
                (*formula).to_owned(),
                format!("n: {units}"),
                (*origin).to_owned(),
            ],
            parameters: parameters.iter().map(row).collect(),
        }
    };
    listing(&Source::catalogue().iter().chain([&Source::files()]).map(entry).collect::<Vec<_>>(), room)
        + "Use: in a definition, below [grid],\n"
        + &wrapped("sources = [\"random\", { biased = { activity = 0.2 } }, { file = \"x.npy\" }]", room, 4)
        + "\n"
}

fn default(source: &Source, parameter: &Parameter) -> Option<String> {
    // What stands for all files has a name that is nobody's.
    if matches!(source, Source::File(_)) {
        return None;
    }
    source.parameters().into_iter().find(|(name, _)| *name == parameter.name).map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_listed_with_its_parameters() {
        let (text, data) = (table(1000), serde_json::from_str::<Value>(&json()).expect("JSON"));
        for (k, source) in Source::catalogue().into_iter().enumerate() {
            let about = source.about();
            assert!(text.contains(&format!("{}: {}", about.name, about.title)), "{source}");
            assert_eq!(data[k]["name"], about.name);
            assert_eq!(data[k]["parameters"].as_array().map(Vec::len), Some(about.parameters.len()));
            assert!(about.parameters.iter().all(|p| text.contains(p.meaning)), "{source}");
        }
    }
}
