//! `submit`, `status` and `resume`.

use super::{Cluster, DEFINITION};
use crate::scratch::{Said, tables};
use std::fs;
use store::{Attempt, AttemptState, Placement, attempts};

const SUBMIT: [&str; 6] = ["submit", "d.toml", "--engine", "slurm", "--shards", "6"];

#[test]
fn jobs_give_the_bytes_of_one_machine() {
    let cluster = Cluster::new();
    let text = cluster.succeed(&SUBMIT).stdout;
    assert!(text.contains("40 cells to compute") && text.contains("Submitted job 1: 6 shards"), "{text}");
    assert_eq!(
        cluster.notes(),
        [
            "sbatch --parsable HERE/results/d/jobs/001/shards-1.sh",
            "sbatch --parsable --dependency=afterany:1 HERE/results/d/jobs/001/merge.sh"
        ]
    );
    let script = cluster.path("results/d/jobs/001/shards-1.sh");
    for task in 0..6 {
        let text = Said::by(&mut cluster.task(&script, 1, task, 0)).well().stdout;
        assert!(text.contains(&format!("shard {}/6: on n1", task + 1)), "{text}");
    }
    let text = cluster.succeed(&["status", "d"]).stdout;
    assert!(text.contains("40 of 40 cells are finished; of 6 shards 6 complete"), "{text}");
    assert!(
        text.contains("Slurm has queued or running: nothing") && text.contains("harness merge d"),
        "{text}"
    );
    let text = cluster.merge("results/d/jobs/001").well().stdout;
    assert!(text.contains("d is complete"), "{text}");
    cluster.succeed(&["sweep", "d.toml", "--out", "alone", "--quiet"]);
    assert!(cluster.tables() == tables(&cluster.path("alone/d")));
    assert!(cluster.succeed(&["resume", "d"]).stdout.contains("No shard lacks a cell"));
    assert!(cluster.succeed(&SUBMIT).stdout.contains("Nothing is left to compute"));
}

#[cfg(target_os = "linux")]
#[test]
fn what_is_submitted_is_on_record_though_nobody_can_be_told() {
    let cluster = Cluster::new();
    let full = || fs::File::options().write(true).open("/dev/full").unwrap();
    cluster.run_into(full(), &SUBMIT).refused(1, &["cannot write to standard output"]);
    assert!(cluster.notes().is_empty(), "nothing is submitted where the first word is lost");
    cluster.succeed(&SUBMIT);
    fs::remove_file(cluster.path("notes")).unwrap();
    cluster.run_into(full(), &["resume", "d"]).refused(1, &["cannot write to standard output"]);
    assert_eq!(cluster.notes().len(), 2);
    assert!(
        fs::read_to_string(cluster.path("results/d/jobs/002/submission.json")).unwrap().contains("merge")
    );
}

#[test]
fn a_dry_run_prints_everything_and_needs_nothing() {
    let cluster = Cluster::new();
    let without_slurm =
        |arguments: &[&str]| Said::by(cluster.command(arguments).env("PATH", cluster.path("nothing")));
    let dry = without_slurm(&[&SUBMIT[..], &["--dry-run", "--partition", "long", "--mem", "3G"]].concat());
    let text = dry.well().stdout;
    for said in [
        "shards=(1 2 3 4 5 6)",
        "#SBATCH --partition=long",
        "#SBATCH --mem=3G",
        "merge \"$name\" --results",
        "sbatch --parsable --dependency=afterany:JOB1 ",
    ] {
        assert!(text.contains(said), "{said}: {text}");
    }
    assert!(!cluster.path("results").exists() && cluster.notes().is_empty());
    without_slurm(&SUBMIT).refused(1, &["cannot run sbatch", "nothing was submitted"]);
}

#[test]
fn resume_submits_what_is_missing_and_waits_for_what_is_queued() {
    let cluster = Cluster::new();
    cluster.succeed(&[&SUBMIT[..], &["--partition", "main", "--max-requeues", "1"]].concat());
    let script = cluster.path("results/d/jobs/001/shards-1.sh");
    for task in [0, 2, 3, 5] {
        Said::by(&mut cluster.task(&script, 1, task, 0)).well();
    }
    // The merge job ends with a message of its own.
    let merge = cluster.merge("results/d/jobs/001");
    merge.refused(3, &["(shard 2)"]);
    let text = merge.stdout;
    assert!(text.contains("d is NOT complete") && text.contains("harness resume d"), "{text}");

    cluster.write("queue", "1_1 PD\n1_4 PD\n1_5 R\n7_0 R\n");
    cluster.run(&["resume", "d"]).refused(1, &["still queued or running: 1 (2 PD, 1 R)", "scancel"]);
    cluster.run(&SUBMIT).refused(1, &["still queued or running"]);
    let text = cluster.succeed(&["status", "d"]).stdout;
    assert!(text.contains("4 complete, 2 not begun") && text.contains("2 PD, 1 R"), "{text}");

    // Another user's job, or another run's, is no obstacle.
    cluster.write("queue", "7_0 R\n");
    let text = cluster.succeed(&["resume", "d", "--dry-run", "--mem", "9G"]).stdout;
    assert!(text.contains("#SBATCH --mem=9G") && text.contains("--partition=main"), "{text}");
    cluster.succeed(&["resume", "d", "--mem", "9G"]);
    assert_eq!(cluster.shards("results/d/jobs/002/shards-1.sh"), [2, 5]);
    let text = fs::read_to_string(cluster.path("results/d/jobs/002/shards-1.sh")).unwrap();
    assert!(
        text.contains("--mem=9G") && text.contains("--partition=main") && text.contains("-lt 1 ]"),
        "{text}"
    );
    assert_eq!(
        cluster.notes()[3],
        "sbatch --parsable --dependency=afterany:3 HERE/results/d/jobs/002/merge.sh"
    );
    let script = cluster.path("results/d/jobs/002/shards-1.sh");
    for task in 0..2 {
        Said::by(&mut cluster.task(&script, 3, task, 0)).well();
    }
    assert!(cluster.succeed(&["merge", "d"]).stdout.contains("40 ok"));
}

#[test]
fn arrays_are_split_where_the_cluster_takes_no_larger_ones() {
    let cluster = Cluster::new();
    cluster.write("largest", "4");
    cluster.succeed(&[&SUBMIT[..], &["--max-parallel", "3"]].concat());
    assert_eq!(cluster.shards("results/d/jobs/001/shards-1.sh"), [1, 2, 3, 4]);
    assert_eq!(cluster.shards("results/d/jobs/001/shards-2.sh"), [5, 6]);
    let text = fs::read_to_string(cluster.path("results/d/jobs/001/shards-1.sh")).unwrap();
    assert!(text.contains("#SBATCH --array=0-3%2\n"), "{text}");
    assert!(cluster.notes()[2].contains("--dependency=afterany:1:2 "), "{:?}", cluster.notes());
}

#[test]
fn what_was_accepted_before_a_refusal_is_on_record() {
    let cluster = Cluster::new();
    cluster.write("largest", "4");
    cluster.write("refuse", "2");
    cluster.run(&SUBMIT).refused(
        1,
        &["sbatch refused", "no more jobs", "only the jobs 1 were submitted", "harness resume d"],
    );
    cluster.write("queue", "1_2 R\n");
    cluster.run(&["resume", "d"]).refused(1, &["still queued or running: 1 (1 R)"]);
    fs::remove_file(cluster.path("refuse")).unwrap();
    fs::remove_file(cluster.path("queue")).unwrap();
    assert!(cluster.succeed(&["resume", "d"]).stdout.contains("Submitted job 2: 4 shards"));
}

#[test]
fn what_was_not_submitted_or_cannot_be_divided_is_refused() {
    let cluster = Cluster::new();
    cluster.run(&["resume", "d"]).refused(1, &["no plan of \"d\" is frozen"]);
    cluster.succeed(&["plan", "d.toml", "--shards", "2"]);
    cluster.run(&["resume", "d"]).refused(1, &["was not submitted", "harness status d"]);
    let text = cluster.succeed(&["status", "d"]).stdout;
    assert!(
        text.contains("Shards that lack cells: 1, 2") && text.contains("results/d/d.toml --shard 1/2"),
        "{text}"
    );
    let sequential = "[sequential]\nmeasure = \"recovered\"\nwidth = 0.1\nlooks = [5]\n";
    let text = DEFINITION.replace("trials = 5", "trials = 9") + sequential;
    cluster.write("d.toml", &text);
    cluster.run(&SUBMIT).refused(1, &["[sequential]", "one machine"]);
    cluster.run(&[&SUBMIT[..], &["--extra", "a\nb"]].concat()).refused(2, &[]);
}

#[test]
fn status_names_node_and_attempt_and_shows_what_a_dead_task_said() {
    let cluster = Cluster::new();
    cluster.succeed(&SUBMIT);
    let script = cluster.path("results/d/jobs/001/shards-1.sh");
    Said::by(&mut cluster.task(&script, 1, 0, 0)).well();
    let root = cluster.path("results/d");
    let state = attempts(&root).unwrap().swap_remove(0);
    assert_eq!(state.place.as_ref().map(|place| place.job.as_str()), Some("1_0"));
    let place = Some(Placement { job: "1_3".to_owned(), restart: 2, node: "n7".to_owned() });
    Attempt::begin(&root, AttemptState { shard: 4, place, ending: None, done: 0, ..state }).unwrap();
    cluster.write("results/d/jobs/logs/1_3.log", "first\nsecond\nlast words\n");
    // With Slurm's word that it runs, or without any word of Slurm, a fresh sign is a sign of life.
    for queue in ["1_3 R\n1_4 PD\n", "refuse"] {
        cluster.write("queue", queue);
        let text = cluster.succeed(&["status", "d"]).stdout;
        assert!(text.contains("1 complete, 1 running, 4 not begun"), "{text}");
        assert!(text.contains("n7") && text.contains("1_3, queued again 2 times"), "{text}");
        assert!(!text.contains("last words"), "{text}");
    }
    cluster.write("queue", "1_4 PD\n");
    let text = cluster.succeed(&["status", "d", "--log-lines", "2"]).stdout;
    assert!(text.contains("1 complete, 1 stopped, 4 not begun"), "{text}");
    assert!(text.contains("  second\n  last words\n") && !text.contains("  first\n"), "{text}");
    assert!(
        text.contains("has queued or running: 1 PD") && text.contains("Next: harness resume d"),
        "{text}"
    );
}
