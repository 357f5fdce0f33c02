//! The program `harness`: its command line is that of the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    harness::Cli::new().run()
}
