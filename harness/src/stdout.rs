//! This module writes to standard output, as every command does.

use anyhow::Result;
use std::io::{self, Write};

/// Writes to standard output. A reader that has closed it has seen enough.
pub(crate) fn print(text: &str) -> Result<()> {
    match io::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}
