//! This module writes to standard error for every command; nothing else writes there.
//!
//! Whoever has closed it wants to hear no more, and one that is full cannot be told so: the command goes on, and
//! ends with the exit code that it would have had.

use std::fmt::Display;
use std::io::{self, Write};

/// Writes a line.
pub(crate) fn tell(line: impl Display) {
    if cfg!(test) {
        // What goes through the macro is kept with the test that said it.
        eprintln!("{line}");
    } else {
        let _ = writeln!(io::stderr(), "{line}");
    }
}
