//! The program `harness`, with the rules that this repository has.

use std::process::ExitCode;

fn main() -> ExitCode {
    harness::command_line::main()
}
