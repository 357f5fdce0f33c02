//! The program `harness` has the command line of the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    harness::Cli::new().run()
}
