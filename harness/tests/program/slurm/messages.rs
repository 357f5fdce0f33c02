//! A sweep whose messages are a file is submitted and resumed while the file is there, and says so where it is not.

use super::Cluster;
use crate::scratch::{Said, tables};
use std::fs;

const DEFINITION: &str = r#"
question = "?"
analysis = "."
[protocols]
HOP = { hop = {} }
[grid]
sources = [{ file = "mine.csv" }]
n = [8]
m = [2, 3]
flips = [1]
trials = 4
queries = 6
"#;

const MINE: &str = "1,0,0,1,1,0,1,0\n0,0,1,1,0,0,1,1\n1,1,0,1,0,1,1,0\n0,1,0,0,1,0,1,1\n1,0,1,0,1,1,1,0\n";

#[test]
fn jobs_of_a_file_give_the_bytes_of_one_machine_and_want_the_same_file() {
    let cluster = Cluster::of(DEFINITION);
    cluster.write("mine.csv", MINE);
    cluster.succeed(&["submit", "d.toml", "--engine", "slurm", "--shards", "2"]);
    let script = cluster.path("results/d/jobs/001/shards-1.sh");
    let task = |task| Said::by(&mut cluster.task(&script, 1, task, 0));
    task(0).well();
    let verified = ["mine.csv: holds something else", "bring the file back"];
    cluster.write("mine.csv", &MINE.replacen('1', "0", 1));
    let said = task(1);
    assert!(
        said.code == Some(1) && said.stdout.contains(verified[0]) | said.stderr.contains(verified[0]),
        "{said:?}"
    );
    cluster.run(&["resume", "d"]).refused(1, &verified);
    fs::remove_file(cluster.path("mine.csv")).unwrap();
    let said = task(1);
    let gone = "mine.csv: cannot be opened";
    assert!(said.code == Some(1) && said.stdout.contains(gone) | said.stderr.contains(gone), "{said:?}");
    cluster.run(&["resume", "d"]).refused(1, &[gone]);
    // What is told of the run needs no file.
    assert!(cluster.succeed(&["status", "d"]).stdout.contains("of 2 shards 1 complete"));
    cluster.write("mine.csv", MINE);
    cluster.succeed(&["resume", "d"]);
    let script = cluster.path("results/d/jobs/002/shards-1.sh");
    Said::by(&mut cluster.task(&script, 3, 0, 0)).well();
    cluster.merge("results/d/jobs/002").well();
    cluster.succeed(&["sweep", "d.toml", "--out", "alone", "--quiet"]);
    assert!(cluster.tables() == tables(&cluster.path("alone/d")), "the tables are others");
}
