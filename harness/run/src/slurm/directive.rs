//! This module says what may stand in a batch file, and how it stands in a line of `#SBATCH`.
//!
//! To Bash such a line is a comment, which ends with the line: a line break in a value would make a command
//! of the rest. To sbatch it is a list of words (`_get_argument` in its `opt.c`): blanks divide them, `#` ends
//! them, quotes of both kinds hold them together, and a backslash takes the next character as it is, between
//! quotes too. In the name of a file a backslash also turns its patterns off, so none may stand there.

use base::shell::quoted;

/// An `Unfit` is a value that cannot stand in a batch file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what} cannot be {value:?}, as {fault}; {remedy}")]
pub struct Unfit {
    /// The option, or what else it is the value of.
    what: String,
    value: String,
    fault: &'static str,
    remedy: &'static str,
}

/// Says what is wrong with a value, if anything is.
type Fault = &'static str;

const CONTROL: Fault = "a batch file takes no line breaks and no other control characters";
const BACKSLASH: Fault = "sbatch takes no backslash as it is";
const EMPTY: Fault = "it is empty";
const NO_OPTION: Fault = "it is no option of sbatch in one word";

impl Unfit {
    pub(super) fn new(what: &str, value: &str, fault: Fault, remedy: &'static str) -> Self {
        Self { what: what.to_owned(), value: value.to_owned(), fault, remedy }
    }
}

/// Holds a value of a batch file against what Bash may see: text of one line.
pub(super) fn one_line(value: &str) -> Result<(), Fault> {
    if value.contains(char::is_control) { Err(CONTROL) } else { Ok(()) }
}

/// Writes a value as sbatch reads it again, quoted where it must be.
pub(super) fn word(value: &str) -> Result<String, Fault> {
    one_line(value)?;
    if value.is_empty() {
        return Err(EMPTY);
    }
    if value.contains('\\') {
        return Err(BACKSLASH);
    }
    // Of these sbatch takes no notice; they join features of nodes and lists of names.
    let joins = |c: char| "&|*[]()!".contains(c);
    let bare: String = value.chars().filter(|&c| !joins(c)).collect();
    let stands = bare.is_empty() || quoted(&bare) == bare;
    Ok(if stands { value.to_owned() } else { quoted(value) })
}

/// Writes a whole option (`--exclude=n7`, `--nice`, `-wn7`), of which the value is quoted where it must be.
pub(super) fn option(text: &str) -> Result<String, Fault> {
    one_line(text)?;
    let (name, value) = text.split_once('=').map_or((text, None), |(name, value)| (name, Some(value)));
    let is_option = name.starts_with('-') && name.trim_start_matches('-').starts_with(char::is_alphanumeric);
    // A name is never quoted, so what would be is none.
    if !is_option || word(name)? != name {
        return Err(NO_OPTION);
    }
    value.map_or_else(|| Ok(name.to_owned()), |value| Ok(format!("{name}={}", word(value)?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The words of a line as sbatch reads them, by its source (`_get_argument`).
    fn read(line: &str) -> Vec<String> {
        let (mut words, mut word, mut quote) = (Vec::new(), None::<String>, None);
        let mut rest = line.chars();
        while let Some(c) = rest.next() {
            let open = || word.clone().unwrap_or_default();
            match c {
                '\\' => word = Some(open() + &rest.next().map_or(String::new(), String::from)),
                _ if quote == Some(c) => quote = None,
                '\'' | '"' if quote.is_none() => (quote, word) = (Some(c), Some(open())),
                '#' if quote.is_none() => break,
                _ if quote.is_none() && c.is_whitespace() => words.extend(word.take()),
                _ => word = Some(open() + &String::from(c)),
            }
        }
        words.extend(word);
        words
    }

    #[test]
    fn sbatch_reads_what_was_meant() {
        let values = [
            "main",
            "a b",
            "it's",
            "\"x\"",
            "$(id)",
            "`id`",
            "#SBATCH",
            "-x",
            "icelake&[a|b]*2",
            "'",
            "é",
            "a=b",
        ];
        for value in values {
            assert_eq!(read(&word(value).unwrap()), [value]);
            let whole = format!("--comment={value}");
            assert_eq!(read(&option(&whole).unwrap()), [whole]);
        }
        assert_eq!(word("icelake&ib"), Ok("icelake&ib".to_owned()), "usual values stand as they are");
    }

    #[test]
    fn what_cannot_stand_in_a_line_is_refused() {
        for value in ["a\nrm", "a\rb", "a\tb", "a\u{85}b", "a\0b", "\u{1b}[2J", "", r"a\b"] {
            assert!(word(value).is_err(), "{value:?}");
            assert!(option(&format!("--comment={value}")).is_err(), "{value:?}");
        }
        for text in ["n7", "-", "--", "--=x", "", "--mail-type ALL", "--a b=c", "--'a'=c", "--nice\n#SBATCH"]
        {
            assert!(option(text).is_err(), "{text:?}");
        }
        assert_eq!(option("-wn7"), Ok("-wn7".to_owned()));
    }
}
