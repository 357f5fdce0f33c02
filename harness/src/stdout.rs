//! This module writes to standard output for every command; nothing else writes there.
//!
//! A reader that has closed it has seen enough: the command goes on and ends well. Where it cannot take the text,
//! as on a full disk, the command fails.

use anstream::{AutoStream, ColorChoice, adapter::strip_str};
use anyhow::{Context, Result};
use base::paint::painted;
use std::io::{self, Write};

/// Writes to standard output. A reader that has closed it has seen enough.
pub(crate) fn print(text: &str) -> Result<()> {
    let mut out = io::stdout().lock();
    // What is only buffered would be lost without a word.
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written.context("cannot write to standard output; give it a file or a pipe with room"),
    }
}

/// Writes a text with the marks of [`base::paint`], in colour where that is wanted.
pub(crate) fn print_painted(text: &str) -> Result<()> {
    print_styled(&painted(text))
}

/// Writes a text with escape sequences, which are left out where no colour is wanted.
pub(crate) fn print_styled(text: &str) -> Result<()> {
    match AutoStream::choice(&io::stdout()) {
        ColorChoice::Never => print(&strip_str(text).to_string()),
        _ => print(text),
    }
}

/// A `Told` tells while work goes on. That something cannot be told is an error only when the work is done.
#[derive(Debug)]
pub(crate) struct Told(Result<()>);

impl Told {
    /// Makes one that has told nothing yet.
    pub(crate) fn nothing() -> Self {
        Self(Ok(()))
    }

    /// Writes a text, with the marks of [`base::paint`].
    pub(crate) fn say(&mut self, text: &str) {
        if self.0.is_ok() {
            self.0 = print_painted(text);
        }
    }

    /// Returns whether all of it could be told.
    pub(crate) fn end(self) -> Result<()> {
        self.0
    }
}
