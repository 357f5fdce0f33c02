//! Records what only the build knows: the compiler, the profile and the target. See `provenance.rs`.

use std::env;
use std::process::Command;

fn main() {
    // Cargo runs this again by itself where the compiler, the profile or the target changes.
    println!("cargo:rerun-if-changed=build.rs");
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let version = Command::new(rustc).arg("--version").output().ok();
    let version = version.and_then(|output| String::from_utf8(output.stdout).ok());
    println!("cargo:rustc-env=HARNESS_RUSTC={}", version.as_deref().map_or("unknown", str::trim));
    for (name, variable) in [
        ("HARNESS_PROFILE", "PROFILE"),
        ("HARNESS_TARGET", "TARGET"),
        ("HARNESS_TARGET_FEATURES", "CARGO_CFG_TARGET_FEATURE"),
    ] {
        println!("cargo:rustc-env={name}={}", env::var(variable).unwrap_or_else(|_| "unknown".to_owned()));
    }
}
