//! A rule that is a program is asked the same twice, with other work between, and in a fresh process; then it is held
//! against the laws.

use super::finding::{Checked, Mark};
use super::sample::{Size, messages, seeds};
use protocols::Spec;
use protocols::protocol::{Law, Rule, Written};
use std::time::Duration;
use worker::{BatchAnswer, BatchJob, External, JobTerms, WorkerFailure, Workers};

/// The laws that are about what a program writes: those that it is exempt from where nobody has it write. It declares
/// nothing of its W and calls no watch, so that laws of these have nothing to look at.
fn laws_of_programs() -> Vec<Law> {
    let looked_at = |law: &Law| !matches!(law, Law::Nature | Law::Watch);
    External::EXEMPT.iter().copied().filter(looked_at).collect()
}

/// Checks a rule at the sizes that a definition has.
pub(super) fn check(label: &str, external: &External, sizes: Vec<Size>, limit: Duration) -> Checked {
    let mut checked = Checked::of(format!("{label}: a rule, `{}`", external.typed()));
    let (least, other) =
        (sizes.first().copied().unwrap_or((16, 3)), sizes.get(1).copied().unwrap_or((12, 2)));
    let workers = Workers::default();
    let job = |name: &str, size| job(name, size, external, limit);
    let (a, b) = (job("a", least), job("b", other));
    let Some(first) = asked(&mut checked, &workers, external, &a) else { return checked };
    let (n, m) = least;
    let times = &first.times[0];
    checked.add(
        Mark::Well,
        format!(
            "writes {} message sets of N = {n}, M = {m}: {:.1} ms each, {:.2} s to start",
            external.batch,
            1e3 * times.seconds(),
            times.startup
        ),
    );
    let log = workers.log(external);
    let Some(_) = asked(&mut checked, &workers, external, &b) else { return checked };
    let Some(second) = asked(&mut checked, &workers, external, &a) else { return checked };
    checked.hold(
        same(&first.written, &second.written),
        "writes the same after another job",
        (Mark::Wrong, LEAKS),
    );
    ends(&mut checked, &workers, external);
    let Some(third) = asked(&mut checked, &Workers::default(), external, &a) else { return checked };
    checked.hold(
        same(&first.written, &third.written),
        "writes the same in a fresh process",
        (Mark::Wrong, FRESH),
    );
    prints(&mut checked, &log, &external.version);
    laws(&mut checked, external, limit);
    checked
}

pub(super) const LEAKS: &str = "answers otherwise after another job: state leaks from job to job. Keep none, and draw \
                                from the seeds of job.json alone";
pub(super) const FRESH: &str = "answers otherwise in a fresh process. Seed every generator by the seeds of job.json, \
                                use no clock and no process number, and let no order of a set or of threads decide";

/// Makes a job of messages of a size.
fn job(name: &str, size: Size, external: &External, limit: Duration) -> BatchJob {
    let trials = external.batch.get() as usize;
    BatchJob { terms: terms(name, trials, limit), messages: messages(name, size, trials) }
}

/// Returns name, seeds and limits of a job.
pub(super) fn terms(name: &str, trials: usize, limit: Duration) -> JobTerms {
    let unique = format!("check-{}-{name}", std::process::id());
    JobTerms { name: unique, seeds: seeds(name, trials), limit: Some(limit), memory: None }
}

fn asked(
    checked: &mut Checked,
    workers: &Workers,
    external: &External,
    job: &BatchJob,
) -> Option<BatchAnswer> {
    let answer = workers.write(external, job, &|| true);
    answer.map_err(|failure| fails(checked, &failure)).ok()
}

/// Adds why a program gives no answer.
pub(super) fn fails(checked: &mut Checked, failure: &WorkerFailure) {
    let remedy = match failure.plain() {
        WorkerFailure::Timeout(_) => {
            "\nprint $HARNESS_TOKEN, a space and the path as a line of its own, and flush it; --seconds gives it longer"
        }
        WorkerFailure::Ended(_) => "\nread paths until the input ends, and leave errors to result.json",
        _ => "",
    };
    checked.add(Mark::Wrong, format!("{failure}{remedy}"));
}

fn same(one: &[Written], other: &[Written]) -> bool {
    one.iter().zip(other).all(|(one, other)| one.weights == other.weights)
}

/// Adds whether the program ends with its input.
pub(super) fn ends(checked: &mut Checked, workers: &Workers, external: &External) {
    let otherwise = "goes on when its input has ended, and is killed: read paths until the end of input";
    let ended = workers.dismiss(external, Duration::from_secs(2)).unwrap_or(false);
    checked.hold(ended, "ends with its input", (Mark::Perhaps, otherwise));
}

/// Adds what the program prints.
pub(super) fn prints(checked: &mut Checked, log: &str, version: &str) {
    if let Some(line) = log.lines().next() {
        let line: String = line.chars().take(60).collect();
        checked.add(Mark::Perhaps, format!("prints what is no answer, which goes to its log: {line}"));
    }
    match version {
        "" => checked.add(
            Mark::Perhaps,
            "prints nothing for `version`: a change of its libraries would go unseen; print a line that names them",
        ),
        version => checked.add(Mark::Well, format!("calls itself {version:?}")),
    }
}

fn laws(checked: &mut Checked, external: &External, limit: Duration) {
    let spec = Spec::from(external.one_by_one(limit));
    let (due, mut held) = (laws_of_programs(), 0);
    for &law in &due {
        match law.check(&spec) {
            Ok(()) => held += 1,
            Err(broken) if law == Law::Function => checked.add(Mark::Wrong, broken.to_string()),
            Err(broken) => {
                let found = format!("does not have that {}: {}; rules may be so", law.demand(), broken.found);
                checked.add(Mark::Perhaps, found);
            }
        }
    }
    checked.add(Mark::Well, format!("obeys {held} of {} laws of rules", due.len()));
}
