//! The batch files: one a job array, and one for the merge.

use super::arrays::Array;
use super::request::Request;
use base::shell::quoted;
use std::path::Path;

/// What all batch files of a run have in common. Paths are absolute: a job may start anywhere.
#[derive(Clone, Copy, Debug)]
pub struct Run<'a> {
    /// Name of the results.
    pub name: &'a str,
    /// The program.
    pub program: &'a Path,
    /// The frozen definition.
    pub definition: &'a Path,
    /// Folder of results, in which the run has a folder of its name.
    pub results: &'a Path,
    /// Where the jobs write what they have to say.
    pub logs: &'a Path,
    /// Shards of the frozen plan.
    pub of: usize,
    /// What is asked of Slurm.
    pub request: &'a Request,
}

/// The batch file of an array.
///
/// A shard that Slurm ends because its node failed is queued again by Slurm (`--requeue`). One that ends by a signal (killed, out
/// of memory, near its time limit) is queued again by the batch file, a bounded number of times; one that ends with an
/// error of its own is not, for it would end in the same way again.
pub fn shards(run: &Run<'_>, array: &Array) -> String {
    let Run { name, request, of, .. } = run;
    let at_once = array.at_once.map_or_else(String::new, |at_once| format!("%{at_once}"));
    let time = request.time.clone().unwrap_or_else(|| array.minutes.to_string());
    let mem = request.mem.clone().unwrap_or_else(|| format!("{}M", array.memory_mib));
    let options = [
        format!("--job-name={}", quoted(&format!("harness-{name}"))),
        format!("--array=0-{}{at_once}", array.shards.len() - 1),
        output(run, "%A_%a.log"),
        "--open-mode=append".to_owned(),
        "--requeue".to_owned(),
        "--nodes=1".to_owned(),
        "--ntasks=1".to_owned(),
        format!("--cpus-per-task={}", request.threads()),
        format!("--time={time}"),
        format!("--mem={mem}"),
        "--signal=B:USR1@120".to_owned(),
    ];
    let head = directives(options.into_iter().chain(request.common()));
    let numbers: Vec<String> = array.shards.iter().map(u32::to_string).collect();
    let (program, definition, results) = (path(run.program), path(run.definition), path(run.results));
    let (count, requeues, numbers) = (numbers.len(), request.requeues(), numbers.join(" "));
    format!(
        r#"#!/bin/bash
# {count} of the {of} shards of a run.
{head}
shards=({numbers})
shard=${{shards[SLURM_ARRAY_TASK_ID]}}
restarts=${{SLURM_RESTART_COUNT:-0}}
threads=${{SLURM_CPUS_PER_TASK:-1}}
# Without it, the library that writes tables starts a thread for every core of the node.
export POLARS_MAX_THREADS=$threads
say() {{ echo "$(date -u +%FT%TZ) shard $shard/{of}: $*"; }}
say "on ${{SLURMD_NODENAME:-unknown}}, queued again $restarts times"

# Two minutes before the time limit (USR1) the shard is told to end, which it does with everything on disk.
why=
trap 'why=limit; kill -TERM "$worker"' USR1
# When somebody ends the job (TERM), Slurm tells the shard as well; told twice, it would end at once. So it is asked (USR1) to put
# on disk what is finished, and told only if nobody else has.
ended() {{
    why=ended
    kill -USR1 "$worker"
    for _ in {{1..20}}; do
        sleep 0.1
        kill -0 "$worker" 2>/dev/null || return
    done
    kill -TERM "$worker"
}}
trap ended TERM
{program} sweep {definition} --out {results} --shard "$shard/{of}" --threads "$threads" --quiet &
worker=$!
wait "$worker"
code=$?
if [ -n "$why" ]; then
    # The trap interrupted the wait; the shard's own code is still to come.
    wait "$worker"
    late=$?
    [ "$late" -eq 127 ] || code=$late
fi
trap - USR1 TERM

say "code $code${{why:+ ($why)}}"
if [ "$code" -le 128 ] || [ "$why" = ended ]; then
    exit "$code"
fi
# By a signal: killed, out of memory, or near the time limit. An error of its own would come again.
if [ "$restarts" -lt {requeues} ]; then
    say "queued again"
    scontrol requeue "${{SLURM_ARRAY_JOB_ID}}_$SLURM_ARRAY_TASK_ID" && sleep 60
fi
say 'given up: see harness status, then harness resume'
exit "$code"
"#
    )
}

/// The batch file of the merge, which is to run when all arrays have ended.
pub fn merge(run: &Run<'_>, cells: usize) -> String {
    let Run { name, request, .. } = run;
    let options = [
        format!("--job-name={}", quoted(&format!("harness-{name}-merge"))),
        output(run, "merge-%j.log"),
        "--open-mode=append".to_owned(),
        "--requeue".to_owned(),
        "--nodes=1".to_owned(),
        "--ntasks=1".to_owned(),
        "--cpus-per-task=1".to_owned(),
        format!("--time={}", MERGE_MINUTES + cells as u64 / CELLS_A_MINUTE),
        format!("--mem={MERGE_MIB}M"),
    ];
    let head = directives(options.into_iter().chain(request.common()));
    let (program, results) = (path(run.program), path(run.results));
    let quoted = quoted(name);
    format!(
        r#"#!/bin/bash
# Makes the tables of a run, of what its shards have left.
{head}
name={quoted}
export POLARS_MAX_THREADS=1
{program} merge "$name" --results {results}
code=$?
case $code in
0) echo "$name is complete" ;;
3) echo "$name is NOT complete: some shards did not end. See: harness status $name --results {results}; then: harness resume $name --results {results}" ;;
4) echo "$name: two records of a cell differ; nothing was merged" ;;
*) echo "$name: the merge ended with code $code" ;;
esac
exit $code
"#
    )
}

/// Time limit of a merge, minutes, and a minute more for so many cells.
const MERGE_MINUTES: u64 = 30;
const CELLS_A_MINUTE: u64 = 10_000;
/// Memory of a merge, MiB: it does not grow with the records (METHODOLOGY.md has the measurement).
const MERGE_MIB: u64 = 2048;

/// Options as lines of a batch file.
fn directives(options: impl IntoIterator<Item = String>) -> String {
    options.into_iter().map(|option| format!("#SBATCH {option}\n")).collect()
}

/// The option that says where a job writes what it has to say; `name` is a pattern of Slurm's.
fn output(run: &Run<'_>, name: &str) -> String {
    // A per cent sign of the folder is none of a pattern.
    let logs = run.logs.display().to_string().replace('%', "%%");
    format!("--output={}", quoted(&format!("{logs}/{name}")))
}

fn path(path: &Path) -> String {
    quoted(&path.display().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::num::NonZeroU32;

    fn run<'a>(request: &'a Request, results: &'a Path) -> Run<'a> {
        Run {
            name: "capacity",
            program: Path::new("/opt/harness"),
            definition: Path::new("/data/results/capacity/capacity.toml"),
            results,
            logs: Path::new("/data/results/capacity/jobs/logs"),
            of: 48,
            request,
        }
    }

    fn array() -> Array {
        Array { shards: vec![1, 2, 3, 7, 48], minutes: 60, memory_mib: 2048, at_once: None, after: None }
    }

    #[test]
    fn the_batch_files_are_what_they_were() {
        let request = Request::default();
        let run = run(&request, Path::new("/data/results"));
        insta::assert_snapshot!("shards", shards(&run, &array()));
        insta::assert_snapshot!("merge", merge(&run, 40_000));
    }

    #[test]
    fn what_is_asked_of_slurm_stands_in_the_batch_files() {
        let request = Request {
            partition: Some("main".to_owned()),
            account: Some("brain".to_owned()),
            qos: Some("low".to_owned()),
            constraint: Some("icelake&ib".to_owned()),
            time: Some("1-00:00:00".to_owned()),
            mem: Some("16G".to_owned()),
            cpus_per_task: NonZeroU32::new(4),
            max_parallel: NonZeroU32::new(2),
            max_requeues: Some(0),
            extra: vec!["--exclude=n7".to_owned(), "--nice".to_owned()],
        };
        // A folder with a blank and a quote, as a shell must see it.
        let run = run(&request, Path::new("/data/it's mine"));
        let head = |text: String| {
            let lines = text.lines().filter(|line| line.starts_with("#SBATCH") || line.starts_with("/opt"));
            lines.map(|line| format!("{line}\n")).collect::<String>()
        };
        let array = Array { at_once: Some(2), ..array() };
        insta::assert_snapshot!("shards_with_options", head(shards(&run, &array)));
        insta::assert_snapshot!("merge_with_options", head(merge(&run, 40_000)));
    }
}
