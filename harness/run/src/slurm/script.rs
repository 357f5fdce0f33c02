//! This module fills the batch files: `shards.sh.jinja` for a job array and `merge.sh.jinja` for the merge.

use super::arrays::Array;
use super::request::Request;
use base::shell::{inside_quotes, quoted};
use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{Environment, UndefinedBehavior};
use serde::Serialize;
use std::path::Path;

/// A `Run` holds what all batch files of a run have in common. Paths are absolute: a job may start anywhere.
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

/// Returns the batch file of an array.
///
/// A shard that Slurm ends because its node failed is queued again by Slurm (`--requeue`). One that ends by a
/// signal (killed, out of memory, near its time limit) is queued again by the batch file, a bounded number of
/// times; one that ends with an error of its own is not, for it would end in the same way again.
pub fn shards(run: &Run<'_>, array: &Array) -> String {
    let request = run.request;
    let values = ShardValues {
        run: run.values("", "%A_%a.log"),
        of: run.of,
        shards: &array.shards,
        at_once: array.at_once,
        threads: request.threads(),
        time: request.time.clone().unwrap_or_else(|| array.minutes.to_string()),
        mem: request.mem.clone().unwrap_or_else(|| format!("{}M", array.memory_mib)),
        requeues: request.requeues(),
    };
    filled(include_str!("shards.sh.jinja"), &values)
}

/// Returns the batch file of the merge, which is to run when all arrays have ended.
pub fn merge(run: &Run<'_>, cells: usize) -> String {
    let values = MergeValues {
        run: run.values("-merge", "merge-%j.log"),
        minutes: MERGE_MINUTES + cells as u64 / CELLS_A_MINUTE,
        mib: MERGE_MIB,
    };
    filled(include_str!("merge.sh.jinja"), &values)
}

/// Holds the time limit of a merge, minutes, and a minute more for so many cells.
const MERGE_MINUTES: u64 = 30;
const CELLS_A_MINUTE: u64 = 10_000;
/// Holds the memory of a merge, MiB. It does not grow with the records (METHODOLOGY.md has the measurement).
const MERGE_MIB: u64 = 2048;

/// Holds what the templates of all batch files see.
#[derive(Serialize)]
struct Values<'a> {
    name: &'a str,
    /// Name of the job.
    job: String,
    program: String,
    definition: String,
    results: String,
    /// Pattern of the file in which the job writes what it has to say.
    output: String,
    /// Further options of sbatch, a line each.
    options: Vec<String>,
}

/// Holds what the template of an array sees.
#[derive(Serialize)]
struct ShardValues<'a> {
    run: Values<'a>,
    of: usize,
    shards: &'a [u32],
    at_once: Option<u32>,
    threads: usize,
    time: String,
    mem: String,
    requeues: u32,
}

/// Holds what the template of the merge sees.
#[derive(Serialize)]
struct MergeValues<'a> {
    run: Values<'a>,
    minutes: u64,
    mib: u64,
}

impl<'a> Run<'a> {
    /// Returns the values of a job whose name ends like this. The job writes to the file `log`, a pattern of
    /// Slurm's.
    fn values(&self, ending: &str, log: &str) -> Values<'a> {
        // A per cent sign of the folder is none of a pattern.
        let logs = self.logs.display().to_string().replace('%', "%%");
        Values {
            name: self.name,
            job: format!("harness-{}{ending}", self.name),
            program: self.program.display().to_string(),
            definition: self.definition.display().to_string(),
            results: self.results.display().to_string(),
            output: format!("{logs}/{log}"),
            options: self.request.common(),
        }
    }
}

/// Fills a template.
///
/// What comes from outside reaches Bash through the filter `word`, as one word whatever it holds, and through
/// `inside` as well where that word stands between double quotes.
fn filled(template: &str, values: &impl Serialize) -> String {
    let fill = || {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        let mut syntax = SyntaxConfig::builder();
        syntax.trim_blocks(true).lstrip_blocks(true).keep_trailing_newline(true);
        environment.set_syntax(syntax.build()?);
        environment.add_filter("word", |text: String| quoted(&text));
        environment.add_filter("inside", |text: String| inside_quotes(&text));
        environment.render_str(template, Serde(values))
    };
    fill().expect("the templates are part of the program, and tests fill each of them")
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

    /// Bash reads the line that says what to do next, and evaluates nothing of the folder's name.
    #[cfg(unix)]
    #[test]
    fn a_folder_of_any_name_is_one_word_in_what_the_merge_says() {
        let folder = r#"/data/it's $(echo "so") `mine` \\ $HOME"#;
        let request = Request::default();
        let text = merge(&run(&request, Path::new(folder)), 1).replace("/opt/harness merge", "(exit 3) #");
        let output = std::process::Command::new("bash").args(["-c", &text]).output().unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        assert!(said.contains(&format!("--results {}; then", quoted(folder))), "{said}");
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
