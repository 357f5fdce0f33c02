//! This module reads the name of a file of messages that stands on the command line.

use anyhow::{Context, Result};
use protocols::Source;
use protocols::source::MessageFile;
use std::path::{Path, PathBuf};

/// Returns a file of messages that is given by its path, or by the text of a source with one, and the folder in
/// which it stands.
pub(crate) fn given(text: &str) -> Result<(MessageFile, PathBuf)> {
    let wrong = |reason| anyhow::anyhow!("{text}: {reason}; give the path of a file");
    let file = match text.starts_with("file(").then(|| text.parse::<Source>()) {
        Some(Ok(Source::File(file))) => file,
        Some(Err(error)) => return Err(wrong(error.to_string())),
        _ => MessageFile::new(text, None, None).map_err(wrong)?,
    };
    let path = Path::new(file.name());
    let name = path.file_name().and_then(|name| name.to_str()).context("this names no file of messages")?;
    let beside = MessageFile::new(name, file.entry(), file.threshold()).map_err(wrong)?;
    let beside = file.content().map_or(beside, |content| beside.found(content));
    Ok((beside, path.parent().unwrap_or(Path::new("")).to_owned()))
}
