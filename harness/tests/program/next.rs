//! The commands that are printed to be run next: each is run by a shell as printed, whatever the names in it.

use crate::scratch::{CLAIM, ONE_FIGURE, PROGRAM, Said, Scratch};
use std::env;
use std::path::Path;

/// A folder of results that no shell may read unquoted.
const RESULTS: &str = r#"-my 'own' "results" $(touch pwned) `touch pwned`"#;
/// A definition of that kind.
const NAME: &str = "it's $(touch pwned)";

/// The commands that a text names: those of its lines that begin so.
fn commands(said: &Said) -> Vec<String> {
    // A line that ends in a backslash goes on in the next, for a shell as for a reader.
    let text = format!("{}{}", said.stdout, said.stderr);
    let text: String = text
        .split("\\\n")
        .enumerate()
        .map(|(i, part)| if i > 0 { part.trim_start() } else { part })
        .collect();
    let mut found = Vec::new();
    for line in text.lines().map(str::trim_start) {
        let begins = [
            "reproduce: ",
            "Next: ",
            "next: ",
            "Continue: ",
            "Compute them: ",
            "No shard lacks a cell. Next: ",
        ];
        let Some(rest) = begins.iter().find_map(|begin| line.strip_prefix(begin)) else { continue };
        for command in rest.split("; ").flat_map(|part| part.split(", ")) {
            let command = ["then ", "or shard by shard: "]
                .iter()
                .find_map(|begin| command.strip_prefix(begin))
                .unwrap_or(command);
            let command = command.replace("cargo run -p harness --", "harness");
            found.extend(command.starts_with("harness ").then_some(command));
        }
    }
    found
}

/// Runs a command by a shell, which must end well.
#[track_caller]
fn shell(scratch: &Scratch, command: &str) -> Said {
    let programs = Path::new(PROGRAM).parent().unwrap().display();
    let path = format!("{programs}:{}", env::var("PATH").unwrap());
    let said = Said::by(scratch.other("sh").args(["-c", command]).env("PATH", path));
    assert_eq!(said.code, Some(0), "{command}\n{}{}", said.stdout, said.stderr);
    assert!(!scratch.path("pwned").exists(), "{command}");
    said
}

/// In a folder with that definition.
fn scratch() -> Scratch {
    let scratch = Scratch::new(ONE_FIGURE);
    scratch.write(&format!("{NAME}.toml"), ONE_FIGURE);
    scratch
}

#[test]
fn a_plan_leads_to_its_sweep_and_the_sweep_to_its_figures() {
    let scratch = scratch();
    let results = format!("--results={RESULTS}");
    let definition = format!("{NAME}.toml");
    let planned = scratch.succeed(&["plan", &results, "--trials", "2", "--", &definition]);
    let [sweep] = commands(&planned).try_into().unwrap();
    let swept = shell(&scratch, &sweep);
    assert!(swept.stdout.contains("(4 ok cells)"), "{}", swept.stdout);
    assert!(scratch.path(RESULTS).join(NAME).join("recalls.parquet").exists());
    assert!(!scratch.path("results").exists());
    let next = commands(&swept);
    assert_eq!(next.len(), 2, "{next:?}");
    next.iter().for_each(|command| drop(shell(&scratch, command)));
}

#[test]
fn a_sweep_in_shards_leads_from_each_to_the_next() {
    let scratch = scratch();
    let results = format!("--results={RESULTS}");
    let definition = format!("{NAME}.toml");
    let planned = scratch.succeed(&["plan", &results, "--shards", "3", "--", &definition]);
    let [first, merge] = commands(&planned).try_into().unwrap();
    shell(&scratch, &first);
    let stands = scratch.succeed(&["status", &results, "--", NAME]);
    let [second] = commands(&stands).try_into().unwrap();
    assert_ne!(first, second);
    shell(&scratch, &second);
    let missing = scratch.run(&["merge", &results, "--", NAME]);
    missing.refused(3, &["are missing"]);
    let [_resume, third] = commands(&missing).try_into().unwrap();
    shell(&scratch, &third);
    let [last] = commands(&scratch.succeed(&["status", &results, "--", NAME])).try_into().unwrap();
    assert_eq!(last, merge);
    let merged = shell(&scratch, &merge);
    commands(&merged).iter().for_each(|command| drop(shell(&scratch, command)));
}

#[test]
fn a_verdict_leads_to_its_run() {
    let scratch = scratch();
    let definition = format!("{NAME}.toml");
    scratch.write(&definition, &format!("{ONE_FIGURE}{CLAIM}"));
    let judged = scratch.succeed(&["claims", &format!("--results={RESULTS}"), "--", &definition]);
    let [sweep] = commands(&judged).try_into().unwrap();
    shell(&scratch, &sweep);
    assert!(scratch.path(RESULTS).join(NAME).join("recalls.parquet").exists());
}

#[test]
fn usual_names_are_printed_as_they_are() {
    let scratch = Scratch::new(ONE_FIGURE);
    assert_eq!(commands(&scratch.succeed(&["plan", "d.toml"])), ["harness sweep d.toml"]);
    let swept = scratch.sweep(&[]).well();
    assert_eq!(commands(&swept), ["harness figures d", "harness show d --csv"]);
    let elsewhere = scratch.sweep(&["--out", "elsewhere"]).well();
    let next = ["harness figures d --results elsewhere", "harness show d --results elsewhere --csv"];
    assert_eq!(commands(&elsewhere), next);
}
