//! The floor plan holds: CONTRIBUTING's "Architecture invariants" is compared with the manifests and the source text.
//!
//! Cargo forbids circles between crates. What it cannot see is held here: which crates may know which, that
//! the modules of a crate form no circle either, and which words (libraries, effects) may stand in which
//! place.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// The workspace's folder.
fn top() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// All Rust files below a folder, in their order.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut found = Vec::new();
    for path in entries.map(|entry| entry.expect("readable").path()) {
        match path.is_dir() {
            true => found.extend(sources(&path)),
            false => found.extend(path.extension().is_some_and(|end| end == "rs").then_some(path)),
        }
    }
    found.sort();
    found
}

/// The lines that are compiled into the program, with their numbers: no comments, and no tests, which stand last.
fn code(path: &Path) -> Vec<(usize, String)> {
    let text = read(path);
    let mut lines = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let next = text.lines().nth(number + 1).unwrap_or_default();
        if line.starts_with("#[cfg(test)]") && next.starts_with("mod tests {") {
            break;
        }
        lines.push((number + 1, line.split("//").next().unwrap_or_default().to_owned()));
    }
    lines
}

/// Rows of the table under a heading of CONTRIBUTING.md, the names in backquotes of each cell.
fn table(heading: &str) -> Vec<Vec<Vec<String>>> {
    let guide = read(&top().join("CONTRIBUTING.md"));
    let (_, section) =
        guide.split_once(heading).unwrap_or_else(|| panic!("CONTRIBUTING.md has no {heading:?}"));
    let rows =
        section.lines().skip_while(|line| !line.starts_with('|')).take_while(|line| line.starts_with('|'));
    let names = |cell: &str| cell.split('`').skip(1).step_by(2).map(str::to_owned).collect();
    rows.skip(2).map(|row| row.trim_matches('|').split('|').map(names).collect()).collect()
}

/// The crates of the workspace with the folders that they stand in.
fn crates() -> BTreeMap<String, PathBuf> {
    let floors = [
        "base", "npy", "messages", "worker", "stats", "study", "analysis", "store", "run", "figure", "report",
    ];
    let below = floors.map(|name| (name.to_owned(), top().join("harness").join(name)));
    below
        .into_iter()
        .chain(["protocols", "harness"].map(|name| (name.to_owned(), top().join(name))))
        .collect()
}

#[test]
fn crates_know_only_those_of_the_table() {
    let crates = crates();
    let members = read(&top().join("Cargo.toml"));
    let members =
        members.lines().find(|line| line.starts_with("members")).expect("the workspace has members");
    assert_eq!(members.matches('"').count() / 2, crates.len(), "a crate is missing here: {members}");
    let mut due = BTreeMap::new();
    for row in table("### Which crate may know which") {
        due.insert(row[0][0].clone(), row[1].iter().cloned().collect::<BTreeSet<String>>());
    }
    let mut found = BTreeMap::new();
    for (name, folder) in &crates {
        let manifest = read(&folder.join("Cargo.toml"));
        let (_, after) = manifest.split_once("[dependencies]\n").expect("a table of dependencies");
        let lines = after.lines().take_while(|line| !line.starts_with('['));
        let named = lines.filter_map(|line| line.split(['.', ' ', '=']).next());
        found.insert(
            name.clone(),
            named.filter(|name| crates.contains_key(*name)).map(str::to_owned).collect(),
        );
    }
    assert_eq!(due, found, "left: the table in CONTRIBUTING.md, right: the manifests");
}

/// A module as the path of its names; `mod.rs` and `lib.rs` stand for their folder.
fn module(source: &Path, path: &Path) -> Vec<String> {
    let path = path.strip_prefix(source).expect("below").with_extension("");
    let mut names: Vec<String> = path.iter().map(|name| name.to_string_lossy().into_owned()).collect();
    if ["mod", "lib", "main"].contains(&names.last().map_or("", String::as_str)) {
        names.pop();
    }
    names
}

/// The paths of a line that begin with `crate::` or `super::`, every name of a list in braces for itself.
fn paths(line: &str) -> Vec<Vec<String>> {
    let is_path = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
    let mut found = Vec::new();
    for start in ["crate::", "super::"].iter().flat_map(|root| line.match_indices(root)).map(|(at, _)| at) {
        if line[..start].ends_with(is_path) {
            continue;
        }
        let rest = &line[start..];
        let end = rest.find(|c: char| !is_path(c)).unwrap_or(rest.len());
        let stem: Vec<String> =
            rest[..end].split("::").filter(|n| !n.is_empty()).map(str::to_owned).collect();
        let list =
            rest[end..].strip_prefix('{').map_or("", |list| list.split('}').next().unwrap_or_default());
        let names =
            list.split([',', '{']).map(|name| name.trim().split([':', ' ']).next().unwrap_or_default());
        let names: Vec<&str> = names.filter(|name| !name.is_empty()).collect();
        match names.as_slice() {
            [] => found.push(stem),
            names => found.extend(names.iter().map(|name| [&stem[..], &[(*name).to_owned()]].concat())),
        }
    }
    found
}

/// Lines of one `use` joined, so that a list in braces stands in one.
fn joined(lines: Vec<(usize, String)>) -> Vec<(usize, String)> {
    let mut out: Vec<(usize, String)> = Vec::new();
    for (number, line) in lines {
        match out.last_mut() {
            Some((_, open)) if open.contains("use ") && open.contains('{') && !open.contains('}') => {
                open.push_str(line.trim());
            }
            _ => out.push((number, line)),
        }
    }
    out
}

/// The code of the modules of a crate.
type Texts = BTreeMap<Vec<String>, Vec<(usize, String)>>;

/// The module that a name of `parent` comes from, where the parent only passes it on.
fn passed_on(parents: &Texts, parent: &[String], name: &str) -> Option<Vec<String>> {
    let is_name =
        |text: &str| text.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == name);
    parents.get(parent)?.iter().find_map(|(_, line)| {
        let (_, path) = line.split_once("use ")?;
        let (child, names) = path.split_once("::")?;
        let child: Vec<String> = [parent, &[child.to_owned()]].concat();
        (is_name(names) && parents.contains_key(&child)).then_some(child)
    })
}

/// Whether a file holds tests alone.
fn is_test(path: &Path) -> bool {
    let is_one = |name: &str| ["tests", "tests.rs", "fuzz.rs"].contains(&name) || name.ends_with("_test.rs");
    path.iter().any(|name| is_one(&name.to_string_lossy()))
}

/// Arrows between modules: from, to, and the file and line where it is first seen.
fn arrows(source: &Path) -> BTreeMap<(Vec<String>, Vec<String>), String> {
    let files: Vec<PathBuf> = sources(source).into_iter().filter(|path| !is_test(path)).collect();
    let texts: Texts = files.iter().map(|path| (module(source, path), joined(code(path)))).collect();
    let mut found = BTreeMap::new();
    for path in &files {
        let from = module(source, path);
        for (number, line) in &texts[&from] {
            for names in paths(line) {
                let (mut at, mut rest) = match names[0].as_str() {
                    "crate" => (Vec::new(), &names[1..]),
                    _ => (from[..from.len().saturating_sub(1)].to_vec(), &names[1..]),
                };
                while rest.first().is_some_and(|name| name == "super") {
                    at.pop();
                    rest = &rest[1..];
                }
                while let Some(name) = rest.first() {
                    let child = [&at[..], std::slice::from_ref(name)].concat();
                    let known = texts.contains_key(&child).then_some(child);
                    let Some(next) = known.or_else(|| passed_on(&texts, &at, name)) else { break };
                    at = next;
                    rest = &rest[1..];
                }
                let place = format!("{}:{number}", path.display());
                found.entry((from.clone(), at)).or_insert(place);
            }
        }
    }
    found
}

/// Circles among the modules of one folder, at every depth: each as its arrows with the places.
fn circles(source: &Path) -> Vec<String> {
    // Among siblings, from -> to with a place; a module stands for all below it.
    let mut levels: BTreeMap<Vec<String>, BTreeMap<(String, String), String>> = BTreeMap::new();
    for ((from, to), place) in arrows(source) {
        let common = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
        if let (Some(a), Some(b)) = (from.get(common), to.get(common)) {
            let level = levels.entry(from[..common].to_vec()).or_default();
            level.entry((a.clone(), b.clone())).or_insert(place);
        }
    }
    let mut found = Vec::new();
    for edges in levels.values() {
        let reaches = |from: &String, to: &String| {
            let (mut seen, mut queue) = (BTreeSet::new(), vec![from]);
            while let Some(at) = queue.pop() {
                for ((a, b), _) in edges.iter().filter(|((a, _), _)| a == at) {
                    if b == to {
                        return true;
                    }
                    debug_assert_eq!(a, at);
                    queue.extend(seen.insert(b).then_some(b));
                }
            }
            false
        };
        let closed = edges.iter().filter(|((a, b), _)| reaches(b, a));
        found.extend(closed.map(|((a, b), place)| format!("{a} -> {b} ({place})")));
    }
    found
}

#[test]
fn modules_of_a_crate_form_no_circle() {
    let found: Vec<String> = crates().values().flat_map(|folder| circles(&folder.join("src"))).collect();
    assert!(found.is_empty(), "arrows that close a circle:\n{}", found.join("\n"));
}

/// Words stand only where CONTRIBUTING says: libraries behind one crate or folder, effects where they belong.
#[test]
fn words_stand_only_in_their_places() {
    let mut found = Vec::new();
    for row in table("### Which words stand only where") {
        let (words, places) = (&row[0], &row[1]);
        let files =
            crates().into_values().flat_map(|folder| sources(&folder.join("src"))).collect::<BTreeSet<_>>();
        assert!(
            files.iter().any(|file| places.iter().any(|place| file.starts_with(top().join(place)))),
            "{places:?}"
        );
        let is_place = |file: &Path| places.iter().any(|place| file.starts_with(top().join(place)));
        for file in files.iter().filter(|file| !is_place(file) && !is_test(file)) {
            for (number, line) in code(file) {
                let named = words.iter().find(|word| line.contains(word.as_str()));
                found.extend(named.map(|word| format!("{}:{number}: {word}", file.display())));
            }
        }
    }
    assert!(found.is_empty(), "words out of their places:\n{}", found.join("\n"));
}

/// What only one system has is compiled for it alone: a `#[cfg]` that names the system stands above it in its item.
#[test]
fn what_one_system_has_is_compiled_for_it_alone() {
    /// Lines that an item may have between its attribute and the word.
    const REACH: usize = 12;
    let systems = ["std::os::unix", "std::os::linux", "std::os::windows", "rustix::"];
    let (mut found, mut seen) = (Vec::new(), 0);
    for file in crates().into_values().flat_map(|folder| sources(&folder.join("src"))) {
        let lines = code(&file);
        for (place, (number, line)) in lines.iter().enumerate() {
            if !systems.iter().any(|system| line.contains(system)) {
                continue;
            }
            seen += 1;
            let above = &lines[place.saturating_sub(REACH)..place];
            let is_named =
                |line: &str| line.contains("#[cfg(") && (line.contains("unix") || line.contains("target_os"));
            found.extend(
                (!above.iter().any(|(_, line)| is_named(line)))
                    .then(|| format!("{}:{number}", file.display())),
            );
        }
    }
    assert!(seen >= 3, "the words of systems are not where they were");
    assert!(found.is_empty(), "code of one system without a #[cfg] that names it:\n{}", found.join("\n"));
}

/// The crates of pure functions open no file, read no clock and ask for no environment.
#[test]
fn pure_crates_have_no_effects() {
    let files = ["std::fs", "std::env", "std::process", "std::net"];
    let effects = files.iter().chain(&["SystemTime", "Instant::now", "println!", "eprintln!"]);
    let effects: Vec<&str> = effects.copied().collect();
    let mut found = Vec::new();
    for name in ["protocols", "stats", "analysis"] {
        for file in
            sources(&crates()[name].join("src")).into_iter().filter(|file| !file.ends_with("tests.rs"))
        {
            for (number, line) in code(&file) {
                let effect = effects.iter().find(|effect| line.contains(*effect));
                found.extend(effect.map(|effect| format!("{}:{number}: {effect}", file.display())));
            }
        }
    }
    assert!(found.is_empty(), "effects in pure crates:\n{}", found.join("\n"));
}

/// A name of a public type means one thing in the workspace.
#[test]
fn a_public_type_has_a_name_of_its_own() {
    let kinds = ["struct ", "enum ", "trait ", "type ", "union "];
    let mut places: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for file in crates().into_values().flat_map(|folder| sources(&folder.join("src"))) {
        for (number, line) in code(&file).into_iter().filter(|_| !is_test(&file)) {
            let Some(item) = line.trim_start().strip_prefix("pub ") else { continue };
            let Some(rest) = kinds.iter().find_map(|kind| item.strip_prefix(kind)) else { continue };
            let name = rest.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default().to_owned();
            if name.is_empty() {
                // The name is a macro's.
                continue;
            }
            places.entry(name).or_default().insert(format!("{}:{number}", file.display()));
        }
    }
    places.retain(|_, places| places.len() > 1);
    assert!(places.is_empty(), "public types that share a name:\n{places:#?}");
}

/// Code is read in a page, so no line of it goes on beyond its edge.
#[test]
fn no_line_has_more_than_120_columns() {
    let mut files: Vec<PathBuf> = sources(&top().join("protocols"));
    files.extend(sources(&top().join("harness")));
    let is_built = |file: &PathBuf| file.iter().any(|name| name == "target");
    let mut found = Vec::new();
    for file in files.into_iter().filter(|file| !is_built(file)) {
        for (number, line) in read(&file).lines().enumerate() {
            let long = line.chars().count() > 120;
            found.extend(long.then(|| format!("{}:{}", file.display(), number + 1)));
        }
    }
    assert!(found.is_empty(), "lines of more than 120 columns:\n{}", found.join("\n"));
}

#[test]
fn no_command_imports_a_command() {
    let commands = top().join("harness/src/cmd");
    let mut found = Vec::new();
    for file in sources(&commands).into_iter().filter(|file| !file.ends_with("mod.rs")) {
        let is_import = |line: &str| line.contains("super::") || line.contains("crate::cmd");
        for (number, line) in code(&file).into_iter().filter(|(_, line)| is_import(line)) {
            found.push(format!("{}:{number}: {}", file.display(), line.trim()));
        }
    }
    assert!(found.is_empty(), "commands that import commands:\n{}", found.join("\n"));
}

/// The tests above see a circle where there is one.
#[test]
fn a_circle_is_seen() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).expect("writable");
    write("lib.rs", "mod a;\nmod b;\npub use b::B;\n");
    write("a.rs", "use crate::{\n    B,\n};\npub struct A;\n");
    write("b.rs", "pub struct B;\n");
    assert_eq!(circles(folder.path()), [""; 0]);
    write("b.rs", "use super::a::A;\npub struct B;\n");
    assert_eq!(circles(folder.path()).len(), 2, "{:?}", circles(folder.path()));
}

/// The example's program is built as this workspace is: so its numbers come as fast, and libraries are built once for
/// both.
#[test]
fn the_example_of_an_own_program_has_the_profiles_of_the_workspace() {
    let profiles = |path: &str| {
        let manifest = read(&top().join(path));
        let (_, profiles) = manifest.split_once("[profile.dev]").expect("a profile");
        profiles.to_owned()
    };
    assert_eq!(profiles("Cargo.toml"), profiles("harness/examples/own-protocol/Cargo.toml"));
}

/// Whoever cites, archives or packs the program names the version that it has.
#[test]
fn the_version_is_the_same_wherever_it_stands() {
    let version = env!("CARGO_PKG_VERSION");
    let manifest = read(&top().join("Cargo.toml"));
    let stated =
        manifest.lines().filter(|line| line.contains("path = \"") && line.starts_with(char::is_alphabetic));
    let apart: Vec<&str> =
        stated.filter(|line| !line.contains(&format!("version = \"{version}\""))).collect();
    assert!(apart.is_empty(), "Cargo.toml: {apart:?}");
    let json = format!("\"version\": \"{version}\"");
    for (page, words) in [
        ("CITATION.cff", format!("\nversion: {version}\n")),
        ("codemeta.json", json.clone()),
        (".zenodo.json", json),
        (
            "harness/examples/own-protocol/Cargo.lock",
            format!("name = \"harness\"\nversion = \"{version}\"\n"),
        ),
    ] {
        assert!(read(&top().join(page)).replace("\r\n", "\n").contains(&words), "{page} has no {words:?}");
    }
}
