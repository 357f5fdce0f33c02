//! How a stranger begins: a folder to change, what there is, what this machine has, what a shell and a manual are told.

use crate::scratch::{ONE_FIGURE, Scratch, files};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

#[test]
fn a_new_folder_has_a_definition_that_runs_and_draws() {
    let scratch = Scratch::new(ONE_FIGURE);
    let made = scratch.succeed(&["init", "own/mine"]);
    assert!(made.stdout.contains("cd own/mine && harness sweep mine.toml"), "{}", made.stdout);
    let inside = |arguments: &[&str]| {
        let mut command = scratch.command(arguments);
        command.current_dir(scratch.path("own/mine"));
        crate::scratch::Said::by(&mut command).well()
    };
    inside(&["sweep", "mine.toml", "--trials", "2", "--quiet"]);
    inside(&["figures", "mine"]);
    assert_eq!(files(&scratch.path("own/mine/paper-figs/mine"), ".svg").len(), 1);
    // What a run leaves is nothing that git would take.
    let ignored = fs::read_to_string(scratch.path("own/mine/.gitignore")).unwrap();
    let left: BTreeSet<String> = fs::read_dir(scratch.path("own/mine"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    for name in left.iter().filter(|name| !["mine.toml", "README.md", ".gitignore"].contains(&name.as_str()))
    {
        assert!(ignored.lines().any(|line| line == format!("/{name}/")), "{name}");
    }
}

#[test]
fn init_changes_nothing_that_is_there_and_refuses_names_of_no_run() {
    let scratch = Scratch::new(ONE_FIGURE);
    for (name, says) in [
        (".", "not empty"),
        ("d.toml", "not empty"),
        ("..", "a definition cannot be called"),
        ("-x", "unexpected argument"),
        ("a\nb", "control"),
    ] {
        let said = scratch.run(&["init", name]);
        assert_ne!(said.code, Some(0), "{name}");
        assert!(
            said.stderr.contains(says) || said.stderr.contains("cannot be called"),
            "{name}: {}",
            said.stderr
        );
    }
    assert_eq!(fs::read_to_string(scratch.path("d.toml")).unwrap(), ONE_FIGURE);
}

#[test]
fn list_says_how_every_run_stands() {
    let scratch = Scratch::new(ONE_FIGURE);
    let listed = || -> serde_json::Value {
        serde_json::from_str(&scratch.succeed(&["list", "--json"]).stdout).unwrap()
    };
    assert!(scratch.succeed(&["list"]).stdout.contains("No runs in results"));
    assert_eq!(listed()["own"][0]["name"], "d.toml");
    scratch.succeed(&["sweep", "d.toml", "--quiet"]);
    let run = &listed()["runs"][0];
    assert_eq!((&run["name"], &run["state"]), (&"d".into(), &"complete".into()));
    assert_eq!((&run["cells"], &run["planned"], &run["failed"]), (&6.into(), &6.into(), &0.into()));
    assert!(scratch.succeed(&["list"]).stdout.contains("complete, 6 cells"));
    // A manifest that somebody has written in is damage, and the rest is listed all the same.
    let manifest = scratch.path("results/d/manifest.json");
    fs::write(&manifest, fs::read_to_string(&manifest).unwrap().replace("\"ok\": 6", "\"ok\": 5")).unwrap();
    assert_eq!(listed()["runs"][0]["state"], "damaged");
    // What is no definition is not listed as one, and stops nothing.
    scratch.write("Cargo.toml", "[package]\nname = \"x\"\n");
    scratch.write("broken.toml", "question = [");
    assert_eq!(listed()["own"].as_array().unwrap().len(), 1);
}

#[test]
fn doctor_names_a_folder_that_cannot_be_written() {
    let scratch = Scratch::new(ONE_FIGURE);
    let said = scratch.run(&["doctor", "--json"]);
    let findings: serde_json::Value = serde_json::from_str(&said.stdout).unwrap();
    let of =
        |what: &str| findings.as_array().unwrap().iter().find(|finding| finding["what"] == what).cloned();
    assert_eq!(of("results").unwrap()["verdict"], "good");
    assert!(of("processor").unwrap()["found"].as_str().unwrap().contains("threads may run"));
    #[cfg(target_os = "linux")]
    {
        // Nobody, not even root, makes files below /proc.
        let said = scratch.run(&["doctor", "--results", "/proc/self/results"]);
        assert_eq!(said.code, Some(1));
        assert!(said.stdout.contains("/proc/self cannot be written"), "{}", said.stdout);
    }
}

#[test]
fn a_shell_completes_names() {
    let scratch = Scratch::swept(ONE_FIGURE).with("COMPLETE", "bash").with("_CLAP_IFS", "\n");
    let completed = |words: &[&str]| -> Vec<String> {
        let mut command = scratch.command(&[]);
        command.env("_CLAP_COMPLETE_INDEX", (words.len() - 1).to_string()).arg("--").args(words);
        let said = crate::scratch::Said::by(&mut command).well();
        said.stdout.lines().map(str::to_owned).collect()
    };
    assert_eq!(completed(&["harness", "sweep", "capa"]), ["capacity"]);
    assert_eq!(completed(&["harness", "show", ""])[0], "d");
    assert!(completed(&["harness", "pl"]).contains(&"plan".to_owned()));
    assert_eq!(completed(&["harness", "rank", "sett"]), ["settle"]);
}

#[test]
fn the_manual_has_a_page_for_every_command() {
    let scratch = Scratch::new(ONE_FIGURE);
    scratch.succeed(&["man", "pages"]);
    let pages: BTreeSet<String> = files(&scratch.path("pages"), ".1")
        .iter()
        .map(|page| Path::new(page).file_stem().unwrap().to_string_lossy().into_owned())
        .collect();
    for command in ["harness", "harness-sweep", "harness-rank", "harness-doctor"] {
        assert!(pages.contains(command), "{command} of {pages:?}");
    }
    let page = fs::read_to_string(scratch.path("pages/harness-sweep.1")).unwrap();
    assert!(page.starts_with(".ie") && page.contains("Message sets of every size"));
}
