//! Records what the program is built from: the state of the source tree, as `src/tree.rs` finds it.
//!
//! The build knows; at run time a tree may have moved on, or belong to somebody whose git does not look.

#[path = "src/tree.rs"]
mod tree;

use std::path::{Path, PathBuf};
use std::{env, fs};
use tree::Tree;

fn main() {
    let top = Path::new("..");
    let Tree { commit, dirty, diff_hash } = Tree::at(top);
    println!("cargo:rerun-if-changed=build.rs");
    lock(top);
    for path in tree::watched(top) {
        println!("cargo:rerun-if-changed={}", path.display());
    }
    let commit_of = commit
        .as_deref()
        .map_or("unknown commit".to_owned(), |commit| commit[..commit.len().min(12)].to_owned());
    let changed = if dirty == Some(true) { ", with changes" } else { "" };
    println!("cargo:rustc-env=HARNESS_VERSION={commit_of}{changed}");
    // What is absent is an empty word.
    println!("cargo:rustc-env=HARNESS_COMMIT={}", commit.unwrap_or_default());
    println!("cargo:rustc-env=HARNESS_DIRTY={}", dirty.map_or(String::new(), |dirty| dirty.to_string()));
    println!("cargo:rustc-env=HARNESS_DIFF_HASH={}", diff_hash.unwrap_or_default());
}

/// Records the libraries: in a checkout those of the workspace, in a package those that it came with.
fn lock(top: &Path) {
    let is_there = |path: &&PathBuf| path.is_file();
    let places = [top.join("Cargo.lock"), PathBuf::from("Cargo.lock")];
    let lock = places.iter().find(is_there).map(|path| fs::read(path).expect("the lock can be read"));
    for path in places.iter().filter(is_there) {
        println!("cargo:rerun-if-changed={}", path.display());
    }
    let hash = lock.as_ref().map(|lock| blake3::hash(lock).to_hex().to_string());
    println!("cargo:rustc-env=HARNESS_LOCK_HASH={}", hash.unwrap_or_default());
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo names a folder for what is made"));
    fs::write(out.join("Cargo.lock"), lock.unwrap_or_default()).expect("that folder can be written");
}
