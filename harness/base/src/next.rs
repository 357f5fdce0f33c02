//! This module writes the commands that are printed to be run. Each works as printed, whatever the names in it.

use crate::shell::command_line;
use std::fmt::{self, Display};
use std::path::Path;

/// A `Next` is a command of the program: its names, then its options. Where a name begins with a dash, which
/// would make it an option, the names stand last, behind `--`.
#[derive(Clone, Debug)]
pub struct Next {
    program: &'static str,
    command: &'static str,
    names: Vec<String>,
    options: Vec<String>,
}

impl Next {
    /// Makes a command of the program as it is installed.
    pub fn harness(command: &'static str) -> Self {
        Self { program: "harness", command, names: Vec::new(), options: Vec::new() }
    }

    /// Makes a command of the program as a checkout builds it.
    pub fn checkout(command: &'static str) -> Self {
        Self { program: "cargo run -p harness --", ..Self::harness(command) }
    }

    /// Adds what it is about: results, a definition.
    #[must_use]
    pub fn name(mut self, name: impl Display) -> Self {
        self.names.push(name.to_string());
        self
    }

    /// Adds an option that has no value.
    #[must_use]
    pub fn flag(mut self, option: &str) -> Self {
        self.options.push(option.to_owned());
        self
    }

    /// Adds an option and its value.
    #[must_use]
    pub fn option(mut self, option: &str, value: impl Display) -> Self {
        let value = value.to_string();
        match value.starts_with('-') {
            true => self.options.push(format!("{option}={value}")),
            false => self.options.extend([option.to_owned(), value]),
        }
        self
    }

    /// Adds an option, where it has a value.
    #[must_use]
    pub fn given(self, option: &str, value: Option<impl Display>) -> Self {
        match value {
            Some(value) => self.option(option, value),
            None => self,
        }
    }

    /// Adds the folder of results, where it is not the usual one.
    #[must_use]
    pub fn results(self, results: &Path) -> Self {
        self.given("--results", (results != Path::new("results")).then(|| results.display()))
    }
}

impl Display for Next {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let behind = self.names.iter().any(|name| name.starts_with('-'));
        let (first, last): (&[String], &[String]) =
            if behind { (&[], &self.names) } else { (&self.names, &[]) };
        let dashes = behind.then(|| "--".to_owned());
        let words = first.iter().chain(&self.options).cloned().chain(dashes).chain(last.iter().cloned());
        let words = command_line(words);
        let blank = if words.is_empty() { "" } else { " " };
        write!(f, "{} {}{blank}{words}", self.program, self.command)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usual_names_stand_as_they_are_and_others_are_quoted() {
        let show = |name: &str| Next::harness("show").name(name).results(Path::new("results")).flag("--csv");
        assert_eq!(show("quick").to_string(), "harness show quick --csv");
        assert_eq!(show("my $(run)").to_string(), "harness show 'my $(run)' --csv");
        assert_eq!(show("-my 'run'").to_string(), r"harness show --csv -- '-my '\''run'\'''");
        let report = Next::checkout("report");
        assert_eq!(report.to_string(), "cargo run -p harness -- report");
        assert_eq!(
            report
                .results(Path::new("-r"))
                .given("--out", Some("a b"))
                .given("--port", None::<u16>)
                .to_string(),
            "cargo run -p harness -- report --results=-r --out 'a b'"
        );
    }
}
