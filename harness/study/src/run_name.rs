//! The name of a run is that of its folder, so it must be able to name a folder wherever results are kept.

use std::fmt;

/// Bounds the bytes that the name of a run or of a figure may have: file systems take 255, and some of these
/// are endings, numbers of pages and marks of files that are being written.
pub const LONGEST_NAME: usize = 100;

/// A `RunName` is a name that a run may have: a definition's, which results and figures are kept under.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunName(String);

/// Says why a text is no name of a run; it tells the allowed names and the remedy as well.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{reason}\nallowed: names of 1 to {LONGEST_NAME} bytes that begin with neither `.` nor `-` and hold \
     neither `/` nor `\\` nor a control character\nremedy: results are kept in a folder of the file's name; \
     give the file another name, for example `mine.toml`"
)]
pub struct NoRunName {
    reason: String,
}

impl RunName {
    /// Checks a name.
    ///
    /// # Errors
    /// If a folder of that name would be none, hidden, another one, taken for an option, or refused by a file
    /// system.
    pub fn new(name: &str) -> Result<Self, NoRunName> {
        let refused = |reason: String| Err(NoRunName { reason });
        if name.is_empty() {
            return refused("the name is empty".to_owned());
        }
        if let Some(first) = name.chars().next().filter(|first| matches!(first, '.' | '-')) {
            return refused(format!("the name {name:?} begins with `{first}`"));
        }
        if let Some(c) = name.chars().find(|&c| matches!(c, '/' | '\\') || c.is_control()) {
            return refused(format!("the name {name:?} holds {c:?}"));
        }
        if name.len() > LONGEST_NAME {
            return refused(format!("the name {name:?} has {} bytes", name.len()));
        }
        if name.eq_ignore_ascii_case("reference") {
            return refused(format!(
                "the name {name:?} is taken: results/reference holds the committed runs"
            ));
        }
        Ok(Self(name.to_owned()))
    }
}

impl AsRef<str> for RunName {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RunName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::definition::Definition;

    #[test]
    fn shipped_definitions_and_usual_names_are_names() {
        let shipped = Definition::shipped().iter().map(|(name, _)| *name);
        let longest = "a".repeat(LONGEST_NAME);
        for name in shipped.chain(["test", "a.b", "my run", "größe", "x-1", &longest]) {
            assert_eq!(RunName::new(name).map(|name| name.to_string()), Ok(name.to_owned()));
        }
    }

    #[test]
    fn what_names_no_folder_of_its_own_is_refused_with_the_remedy() {
        let long = "ü".repeat(LONGEST_NAME / 2 + 1);
        let refused = ["", ".", "..", ".hidden", "-x", "a/b", "a\\b", "a\nb", "a\u{7f}", "a\u{85}", &long];
        for name in refused.into_iter().chain(["reference", "Reference"]) {
            let error = RunName::new(name).expect_err(name).to_string();
            assert!(error.contains("allowed: ") && error.contains("remedy: "), "{error}");
            assert!(!error.contains("a\nb"), "a name is told in one line");
        }
    }
}
