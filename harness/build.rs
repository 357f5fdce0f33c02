//! Records what the program is built from: the state of the source tree, as `src/tree.rs` finds it.
//!
//! The build knows; at run time a tree may have moved on, or belong to somebody whose git does not look.

#[path = "src/tree.rs"]
mod tree;

use std::path::Path;
use tree::Tree;

fn main() {
    let top = Path::new("..");
    let Tree { commit, dirty, diff_hash } = Tree::at(top);
    println!("cargo:rerun-if-changed=build.rs");
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
