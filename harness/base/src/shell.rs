//! This module writes commands as a shell reads them.

/// Joins words to one command, quoted where they must be.
pub fn command_line(words: impl IntoIterator<Item = String>) -> String {
    words.into_iter().map(|word| quoted(&word)).collect::<Vec<_>>().join(" ")
}

/// Returns a word, quoted where it must be.
pub fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=,:@%+".contains(c);
    match !word.is_empty() && word.chars().all(plain) {
        true => word.to_owned(),
        false => format!("'{}'", word.replace('\'', r"'\''")),
    }
}

/// Returns text as it must stand between double quotes, so that a shell takes it as it is.
pub fn inside_quotes(text: &str) -> String {
    let special = |c: char| r#"\"$`"#.contains(c);
    let mut quoted = String::new();
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        // A backslash stands for itself before a character from which it takes nothing.
        let stands = match c {
            '\\' => rest.peek().is_some_and(|&next| !special(next) && next != '\n'),
            _ => !special(c),
        };
        quoted.extend((!stands).then_some('\\').into_iter().chain([c]));
    }
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    #[test]
    fn a_shell_reads_what_was_meant() {
        for word in ["plain", "a b", "it's", "$HOME", "", "a\"b\\c", "x;y", "'", r"\", r"a\\x\$\`\'", "\\\n"]
        {
            let line = command_line(["printf".to_owned(), "%s".to_owned(), word.to_owned()]);
            let between = format!("printf %s \"{}\"", inside_quotes(word));
            for line in [line, between] {
                let output = Command::new("sh").args(["-c", &line]).output().unwrap();
                assert_eq!(String::from_utf8_lossy(&output.stdout), word, "{line}");
            }
        }
    }
}
