//! The batch files, `shards.sh.jinja` for a job array and `merge.sh.jinja` for the merge, and what fills them.

use super::arrays::Array;
use super::directive::{self, Unfit};
use super::request::Request;
use base::shell::{inside_quotes, quoted};
use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{Environment, UndefinedBehavior};
use serde::Serialize;
use std::path::Path;

/// What all batch files of a run have in common. Paths are absolute: a job may start anywhere.
#[derive(Clone, Copy, Debug)]
pub struct BatchRun<'a> {
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
/// A shard that Slurm ends because its node failed is queued again by Slurm (`--requeue`). One that ends by a
/// signal (killed, out of memory, near its time limit) is queued again by the batch file, a bounded number of
/// times; one that ends with an error of its own is not, for it would end in the same way again.
///
/// # Errors
/// If a value cannot stand in a batch file.
pub fn shards(run: &BatchRun<'_>, array: &Array) -> Result<String, Unfit> {
    let request = run.request;
    let asked = |name, value: &Option<String>, usual: String| {
        value.as_ref().map_or(Ok(usual), |value| Request::value(name, value))
    };
    let values = ShardValues {
        run: run.values("", "%A_%a.log")?,
        of: run.of,
        shards: &array.shards,
        at_once: array.at_once,
        threads: request.threads(),
        time: asked("time", &request.time, array.minutes.to_string())?,
        mem: asked("mem", &request.mem, format!("{}M", array.memory_mib))?,
        requeues: request.requeues(),
    };
    Ok(filled(include_str!("shards.sh.jinja"), &values))
}

/// The batch file of the merge, which is to run when all arrays have ended.
///
/// # Errors
/// If a value cannot stand in a batch file.
pub fn merge(run: &BatchRun<'_>, cells: usize) -> Result<String, Unfit> {
    let values = MergeValues {
        run: run.values("-merge", "merge-%j.log")?,
        minutes: MERGE_MINUTES + cells as u64 / CELLS_A_MINUTE,
        mib: MERGE_MIB,
    };
    Ok(filled(include_str!("merge.sh.jinja"), &values))
}

/// Time limit of a merge, minutes, and a minute more for so many cells.
const MERGE_MINUTES: u64 = 30;
const CELLS_A_MINUTE: u64 = 10_000;
/// Memory of a merge, MiB: it does not grow with the records (harness/docs/speed.md has the measurement).
const MERGE_MIB: u64 = 2048;

/// What the templates of all batch files see.
#[derive(Serialize)]
struct Values<'a> {
    name: &'a str,
    /// Whether a command would take the name for an option.
    dashed: bool,
    /// The name and the folder of results as `harness` takes them, between double quotes.
    again: String,
    /// Name of the job, as sbatch reads it.
    job: String,
    program: &'a str,
    definition: &'a str,
    results: &'a str,
    /// Pattern of the file in which the job writes what it has to say, as sbatch reads it.
    output: String,
    /// Further options of sbatch, a line each.
    options: Vec<String>,
}

/// What the template of an array sees.
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

/// What the template of the merge sees.
#[derive(Serialize)]
struct MergeValues<'a> {
    run: Values<'a>,
    minutes: u64,
    mib: u64,
}

impl<'a> BatchRun<'a> {
    /// The values of a job whose name ends like this, and which writes to the file `log`, a pattern of Slurm's.
    fn values(&self, ending: &str, log: &str) -> Result<Values<'a>, Unfit> {
        // The name first: it is part of the paths, and to rename it is the remedy.
        let unnamed =
            |fault| Unfit::new("the name of a run", self.name, fault, "rename the definition's file");
        let job = directive::word(&format!("harness-{}{ending}", self.name)).map_err(unnamed)?;
        let results = path("the folder of results", self.results)?;
        let logs = path("the folder of results", self.logs)?;
        let unplaced = |fault| Unfit::new("the folder of results", logs, fault, PLACE);
        Ok(Values {
            name: self.name,
            dashed: self.name.starts_with('-'),
            again: again(self.name, results),
            job,
            program: path("the program's file", self.program)?,
            definition: path("the folder of results", self.definition)?,
            results,
            // A per cent sign of the folder is none of a pattern.
            output: directive::word(&format!("{}/{log}", logs.replace('%', "%%"))).map_err(unplaced)?,
            options: self.request.common()?,
        })
    }
}

const PLACE: &str = "move or rename it, or name another";

/// A path as text of one line.
fn path<'a>(what: &str, path: &'a Path) -> Result<&'a str, Unfit> {
    let unfit = |fault| Unfit::new(what, &path.display().to_string(), fault, PLACE);
    let text = path.to_str().ok_or_else(|| unfit("a batch file takes only text (UTF-8)"))?;
    directive::one_line(text).map_err(unfit)?;
    Ok(text)
}

/// How a run is named to a command that Bash prints between double quotes.
fn again(name: &str, results: &str) -> String {
    let results = format!("--results {}", inside_quotes(&quoted(results)));
    match (name.starts_with('-'), quoted(name)) {
        (true, word) => format!("{results} -- {}", inside_quotes(&word)),
        (false, word) if word == name => format!("$name {results}"),
        (false, word) => format!("{} {results}", inside_quotes(&word)),
    }
}

/// A template, filled.
///
/// What comes from outside reaches Bash through the filter `word`, as one word whatever it holds, or is
/// quoted already by [`again`], for a place between double quotes; a line of `#SBATCH` has it from
/// [`directive`].
fn filled(template: &str, values: &impl Serialize) -> String {
    let fill = || {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        let mut syntax = SyntaxConfig::builder();
        syntax.trim_blocks(true).lstrip_blocks(true).keep_trailing_newline(true);
        environment.set_syntax(syntax.build()?);
        environment.add_filter("word", |text: String| quoted(&text));
        environment.render_str(template, Serde(values))
    };
    fill().expect("the templates are part of the program, and tests fill each of them")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::num::NonZeroU32;

    fn run<'a>(request: &'a Request, results: &'a Path) -> BatchRun<'a> {
        BatchRun {
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
        insta::assert_snapshot!("shards", shards(&run, &array()).unwrap());
        insta::assert_snapshot!("merge", merge(&run, 40_000).unwrap());
    }

    /// Bash reads the line that says what to do next, and evaluates nothing of the folder's name.
    #[cfg(unix)]
    #[test]
    fn a_folder_of_any_name_is_one_word_in_what_the_merge_says() {
        let folder = r#"/data/it's $(echo "so") `mine` \\ $HOME"#;
        let request = Request::default();
        let text =
            merge(&run(&request, Path::new(folder)), 1).unwrap().replace("/opt/harness merge", "(exit 3) #");
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
        insta::assert_snapshot!("shards_with_options", head(shards(&run, &array).unwrap()));
        insta::assert_snapshot!("merge_with_options", head(merge(&run, 40_000).unwrap()));
    }
    /// Values that a shell would run, split or take for an option, where it could.
    const ODD: [&str; 8] =
        ["-x", "a b", "it's", "say \"so\"", "$(touch forged)", "`touch forged`", "a;touch forged", "#b"];

    /// What the fake program was told, an argument a line, when Bash ran the batch file in its folder.
    #[cfg(unix)]
    fn told(folder: &Path, text: &str) -> Vec<String> {
        let script = folder.join("batch.sh");
        std::fs::write(&script, text).unwrap();
        let output = std::process::Command::new("bash")
            .arg(&script)
            .current_dir(folder)
            .env("SLURM_ARRAY_TASK_ID", "0")
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        assert!(!folder.join("forged").exists(), "a value ran as a command: {text}");
        let told = std::fs::read_to_string(folder.join("told")).unwrap();
        told.lines().map(str::to_owned).collect()
    }

    #[cfg(unix)]
    #[test]
    fn whatever_the_values_bash_runs_the_program_with_them_and_nothing_else() {
        use std::os::unix::fs::PermissionsExt;
        for odd in ODD {
            let scratch = tempfile::tempdir().unwrap();
            let folder = scratch.path().join(odd);
            std::fs::create_dir(&folder).unwrap();
            let program = folder.join("harness");
            std::fs::write(&program, "#!/bin/bash\nprintf '%s\\n' \"$@\" > told\n").unwrap();
            std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
            let odd_value = || Some(odd.to_owned());
            let request = Request {
                partition: odd_value(),
                account: odd_value(),
                qos: odd_value(),
                constraint: odd_value(),
                time: odd_value(),
                mem: odd_value(),
                extra: vec![format!("--comment={odd}")],
                ..Request::default()
            };
            let (definition, results, logs) =
                (folder.join("d.toml"), folder.join("results"), folder.join("logs"));
            let run = BatchRun {
                name: odd,
                program: &program,
                definition: &definition,
                results: &results,
                logs: &logs,
                of: 48,
                request: &request,
            };
            let text = |path: &Path| path.to_str().unwrap().to_owned();
            let sweep =
                ["sweep", &text(&definition), "--out", &text(&results), "--shard", "1/48", "--threads", "1"]
                    .map(str::to_owned);
            let sweep: Vec<String> = sweep.into_iter().chain(["--quiet".to_owned()]).collect();
            assert_eq!(told(&folder, &shards(&run, &array()).unwrap()), sweep);
            let (name, results) = (odd.to_owned(), ["--results".to_owned(), text(&results)]);
            let merged = match odd.starts_with('-') {
                true => [vec!["merge".to_owned()], results.to_vec(), vec!["--".to_owned(), name]].concat(),
                false => [vec!["merge".to_owned(), name], results.to_vec()].concat(),
            };
            assert_eq!(told(&folder, &merge(&run, 1).unwrap()), merged);
        }
    }

    /// What makes a request or a run of an odd value.
    type Asked<'a> = (&'a str, &'a dyn Fn(&mut Request, &str));

    #[test]
    fn what_would_end_a_line_is_refused_with_its_option_and_remedy() {
        let asked: [Asked<'_>; 7] = [
            ("--partition", &|request, odd| request.partition = Some(odd.to_owned())),
            ("--account", &|request, odd| request.account = Some(odd.to_owned())),
            ("--qos", &|request, odd| request.qos = Some(odd.to_owned())),
            ("--constraint", &|request, odd| request.constraint = Some(odd.to_owned())),
            ("--time", &|request, odd| request.time = Some(odd.to_owned())),
            ("--mem", &|request, odd| request.mem = Some(odd.to_owned())),
            ("--extra", &|request, odd| request.extra = vec![format!("--comment={odd}")]),
        ];
        for odd in ["a\ntouch forged", "a\n#SBATCH --wrap=id", "a\rb", r"a\b"] {
            for (option, ask) in asked {
                let mut request = Request::default();
                ask(&mut request, odd);
                let error = shards(&run(&request, Path::new("/data")), &array()).unwrap_err().to_string();
                let named = error.starts_with(option) && error.contains(&format!("{odd:?}")[1..]);
                assert!(named && error.contains("; give "), "{error}");
            }
            let request = Request::default();
            let usual = run(&request, Path::new("/data"));
            let both = |run: BatchRun<'_>| [shards(&run, &array()).unwrap_err(), merge(&run, 1).unwrap_err()];
            for error in both(BatchRun { name: odd, ..usual }).map(|error| error.to_string()) {
                assert!(error.starts_with("the name of a run") && error.contains("rename the"), "{error}");
            }
            for error in both(BatchRun { logs: Path::new(odd), ..usual }).map(|error| error.to_string()) {
                assert!(
                    error.starts_with("the folder of results") && error.contains("name another"),
                    "{error}"
                );
            }
        }
        let odd = Path::new("/opt/a\nb");
        let request = Request::default();
        let usual = run(&request, Path::new("/data"));
        for run in [
            BatchRun { program: odd, ..usual },
            BatchRun { definition: odd, ..usual },
            BatchRun { results: odd, ..usual },
        ] {
            assert!(merge(&run, 1).is_err() && shards(&run, &array()).is_err());
        }
    }
}
