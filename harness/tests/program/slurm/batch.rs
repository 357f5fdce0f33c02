//! What a batch file does with the way in which its shard ends.

use super::Cluster;
use crate::scratch::{Running, executable, wait_for};
use run::slurm::{Array, BatchRun, Request, shards};
use std::fs;
use std::path::PathBuf;

/// The batch file of one shard, whose program is this bash script.
fn batch(cluster: &Cluster, program: &str) -> PathBuf {
    let path = cluster.path("program");
    executable(&path, format!("#!/bin/bash\n{program}\n").as_bytes());
    let request = Request { max_requeues: Some(2), ..Request::default() };
    let run = BatchRun {
        name: "d",
        program: &path,
        definition: &cluster.path("d.toml"),
        results: &cluster.path("results"),
        logs: &cluster.path("logs"),
        of: 9,
        request: &request,
    };
    let array = Array { shards: vec![4], minutes: 10, memory_mib: 512, at_once: None, after: None };
    let script = cluster.path("batch.sh");
    fs::write(&script, shards(&run, &array).unwrap()).unwrap();
    script
}

/// How a task has ended, and what it said.
struct Ended {
    code: Option<i32>,
    said: String,
}

fn start(cluster: &Cluster, program: &str, restarts: u32) -> Running {
    let script = batch(cluster, program);
    // A file and no pipe: what the batch file waits by may outlive it here, and would hold a pipe open.
    let log = fs::File::create(cluster.path("log")).unwrap();
    let mut command = cluster.task(&script, 5, 0, restarts);
    Running::new(command.stderr(log.try_clone().unwrap()).stdout(log))
}

/// Waits for the end; where the notes say that the task was queued again, it is ended, as Slurm does.
fn ended(cluster: &Cluster, mut child: Running) -> Ended {
    wait_for("the end", || child.has_ended() || !cluster.notes().is_empty());
    if !child.has_ended() {
        child.kill().unwrap();
    }
    let code = child.wait().unwrap().code();
    Ended { code, said: fs::read_to_string(cluster.path("log")).unwrap() }
}

fn run(cluster: &Cluster, program: &str, restarts: u32) -> Ended {
    ended(cluster, start(cluster, program, restarts))
}

#[test]
fn the_shard_is_told_what_to_do() {
    let cluster = Cluster::new();
    let output = run(&cluster, r#"echo "$POLARS_MAX_THREADS $*" > "$FAKE/told""#, 0);
    assert_eq!(output.code, Some(0), "{}", output.said);
    let told = fs::read_to_string(cluster.path("told")).unwrap();
    let here = cluster.path("");
    let here = here.to_str().unwrap();
    assert_eq!(
        told.replace(here, "HERE/"),
        "1 sweep HERE/d.toml --out HERE/results --shard 4/9 --threads 1 --quiet\n"
    );
    assert!(cluster.notes().is_empty());
}

#[test]
fn a_signal_queues_it_again_a_bounded_number_of_times() {
    for program in ["kill -KILL $$", "kill -ABRT $$", "kill -SEGV $$"] {
        let cluster = Cluster::new();
        run(&cluster, program, 1);
        assert_eq!(cluster.notes(), ["scontrol requeue 5_0"], "{program}");
    }
    let cluster = Cluster::new();
    let output = run(&cluster, "kill -KILL $$", 2);
    assert_eq!((output.code, cluster.notes().len()), (Some(137), 0), "{}", output.said);
    assert!(output.said.contains("given up") && output.said.contains("harness resume"));
}

#[test]
fn an_error_of_its_own_does_not() {
    for code in [1, 2, 101, 127] {
        let cluster = Cluster::new();
        let output = run(&cluster, &format!("exit {code}"), 0);
        assert_eq!((output.code, cluster.notes().len()), (Some(code), 0), "{}", output.said);
    }
}

/// A shard that ends at SIGTERM after a while, like the real one, which then puts on disk what is finished.
const POLITE: &str = r#"trap 'echo told >> "$FAKE/told"' TERM
trap 'echo asked >> "$FAKE/asked"' USR1
echo $$ > "$FAKE/begun.new" && mv "$FAKE/begun.new" "$FAKE/begun"
until [ -e "$FAKE/told" ]; do sleep 0.05; done
for _ in 1 2 3 4 5 6; do sleep 0.05; done
exit 143"#;

/// Sends a signal to the batch file, and where `both` says so to the shard as well, as Slurm does when a job is to end.
fn signalled(signal: &str, both: bool) -> (Cluster, Ended) {
    let cluster = Cluster::new();
    let child = start(&cluster, POLITE, 0);
    wait_for("its beginning", || cluster.path("begun").exists());
    let mut processes = vec![child.id().to_string()];
    if both {
        processes.push(fs::read_to_string(cluster.path("begun")).unwrap().trim().to_owned());
    }
    assert!(cluster.other("kill").arg(signal).args(processes).status().unwrap().success());
    let output = ended(&cluster, child);
    let told = fs::read_to_string(cluster.path("told")).unwrap();
    assert_eq!(told, "told\n", "told once, it ends with everything on disk: {}", output.said);
    (cluster, output)
}

#[test]
fn near_its_time_limit_it_ends_in_order_and_is_queued_again() {
    let (cluster, output) = signalled("-USR1", false);
    assert_eq!(cluster.notes(), ["scontrol requeue 5_0"], "{}", output.said);
    assert!(output.said.contains("code 143 (limit)"), "{}", output.said);
}

#[test]
fn ended_from_outside_it_ends_in_order_and_is_not_queued_again() {
    for both in [false, true] {
        let (cluster, output) = signalled("-TERM", both);
        assert_eq!((output.code, cluster.notes().len()), (Some(143), 0), "{}", output.said);
        assert!(output.said.contains("code 143 (ended)"), "{}", output.said);
        assert!(
            cluster.path("asked").exists(),
            "it puts on disk what is finished, whoever else tells it to end"
        );
    }
}
