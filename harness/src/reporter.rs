//! This module says on standard error how a sweep goes while it runs. It shows a bar on a terminal, a line
//! within a second and then every ten elsewhere, or events of `tracing`, one JSON object each.

use crate::stderr::tell;
use crate::width::columns;
use analysis::failures::listed;
use base::paint::width;
use indicatif::{ProgressBar, ProgressStyle};
use run::progress::Progress;
use run::sweep::Event;
use std::io::{self, IsTerminal};
use std::time::{Duration, Instant};
use tracing::{Level, info, subscriber, warn};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt;
use tracing_subscriber::layer::SubscriberExt;

/// Says how much time lies between two lines or events of progress.
const EVERY: Duration = Duration::from_secs(10);
/// Says how soon the first line comes.
const FIRST: Duration = Duration::from_millis(900);
/// Holds the resolution of the bar. It advances with expected work, not with the number of cells.
const STEPS: u64 = 10_000;

/// In which form a sweep reports.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Log {
    /// For people.
    #[default]
    Text,
    /// For programs: one JSON object a line, each with `timestamp`, `level` and `event`.
    Json,
}

/// A `Reporter` reports how far a sweep is.
#[derive(Debug)]
pub(crate) struct Reporter {
    form: Form,
    quiet: bool,
    /// When progress was last written, or the first event came; `None` before it.
    last: Option<Instant>,
    /// Whether anything was written.
    begun: bool,
}

#[derive(Debug)]
enum Form {
    Bar(ProgressBar),
    Lines,
    Json,
}

impl Reporter {
    /// Makes a reporter in the form asked for. A quiet one only warns.
    pub(crate) fn new(log: Log, quiet: bool) -> Self {
        let form = match log {
            Log::Json => {
                write_events_as_json();
                Form::Json
            }
            Log::Text if io::stderr().is_terminal() && !quiet => Form::Bar(bar()),
            Log::Text => Form::Lines,
        };
        Self { form, quiet, last: None, begun: false }
    }

    /// Says something that is not progress. The `event` names its kind.
    pub(crate) fn say(&self, event: &str, text: &str) {
        match self.form {
            _ if self.quiet => {}
            Form::Json => info!(event, text),
            Form::Bar(_) | Form::Lines => tell(text),
        }
    }

    /// Says something that matters even to those who asked for quiet.
    pub(crate) fn warn(&self, event: &str, text: &str) {
        match self.form {
            Form::Json => warn!(event, text),
            Form::Bar(_) | Form::Lines => tell(text),
        }
    }

    /// Reports an event of a sweep, if it is time to.
    pub(crate) fn report(&mut self, event: Event<'_>) {
        let due = self.is_due();
        match (event, &self.form) {
            (Event::Progress(progress), Form::Bar(bar)) => {
                bar.set_position((progress.work * STEPS as f64) as u64);
                bar.set_message(line(progress, columns().saturating_sub(BAR + 4)));
                bar.tick();
            }
            (Event::Progress(progress), Form::Lines) if due => tell(line(progress, usize::MAX)),
            (Event::Progress(progress), Form::Json) if due => log(progress),
            // For people the summary lists failures; a line each could be thousands.
            (Event::Failure(memory), Form::Json) => {
                let status = memory.status.name();
                warn!(event = "failure", cell = memory.at.cell.as_str(), status, text = memory.message);
            }
            _ => {}
        }
        if due {
            (self.last, self.begun) = (Some(Instant::now()), true);
        }
    }

    fn is_due(&mut self) -> bool {
        let soon = !self.begun && matches!(self.form, Form::Lines);
        let wait = if soon { FIRST } else { EVERY };
        !self.quiet && self.last.get_or_insert_with(Instant::now).elapsed() >= wait
    }

    /// Takes the bar away.
    pub(crate) fn finish(&self) {
        if let Form::Bar(bar) = &self.form {
            bar.finish_and_clear();
        }
    }
}

/// Sends events of this crate to standard error from here on, as one line of JSON each. Those of libraries do
/// not go there.
fn write_events_as_json() {
    // It would tell of a standard error that is closed on standard error.
    let lines = fmt::layer()
        .json()
        .flatten_event(true)
        .with_target(false)
        .with_writer(io::stderr)
        .log_internal_errors(false);
    let ours = Targets::new().with_target(env!("CARGO_CRATE_NAME"), Level::INFO);
    // A process that has a subscriber already reports through that one.
    let _ = subscriber::set_global_default(tracing_subscriber::registry().with(lines).with(ours));
}

fn log(progress: &Progress) {
    info!(
        event = "progress",
        cells = progress.ended(),
        total = progress.total,
        failed = progress.failed(),
        work = progress.work,
        elapsed_seconds = progress.elapsed().as_secs_f64(),
        remaining_seconds = progress.remaining().map(|time| time.as_secs_f64()),
        cells_per_second = progress.rate(),
    );
}

/// How many columns the bar has.
const BAR: usize = 14;

fn bar() -> ProgressBar {
    let bar = ProgressBar::new(STEPS);
    let template = format!("{{spinner}} {{bar:{BAR}}} {{msg}}");
    bar.set_style(ProgressStyle::with_template(&template).expect("the template is valid"));
    bar
}

/// Writes `12/48 cells, 0:12 gone, about 0:27 to go, 1 timeout, 31 % of the work, 8.3 cells/s`. What has no room is
/// left out, from the end.
fn line(progress: &Progress, room: usize) -> String {
    let failures = progress.failures();
    let cells = format!("{}/{} cells", progress.ended(), progress.total);
    let gone = format!("{} gone", clock(progress.elapsed()));
    let failed = (!failures.is_empty()).then(|| listed(&failures));
    let remaining = progress.remaining().map(|time| format!("about {} to go", clock(time)));
    let work = format!("{:.0} % of the work", 100.0 * progress.work);
    let rate = format!("{} cells/s", rounded(progress.rate()));
    let parts = [Some(cells), Some(gone), failed, remaining, Some(work), Some(rate)];
    parts.into_iter().flatten().fold(String::new(), |line, part| match &line[..] {
        "" => part,
        _ if width(&line) + 2 + width(&part) > room => line,
        _ => format!("{line}, {part}"),
    })
}

/// Writes two digits that count.
fn rounded(rate: f64) -> String {
    let decimals = if rate >= 10.0 {
        0
    } else if rate >= 1.0 {
        1
    } else {
        2
    };
    format!("{rate:.decimals$}")
}

/// Writes a time as `0:07`, `12:30`, `3:05:00`.
fn clock(time: Duration) -> String {
    let seconds = time.as_secs();
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours > 0 { format!("{hours}:{minutes:02}:{seconds:02}") } else { format!("{minutes}:{seconds:02}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use study::record::Status;

    #[test]
    fn times_read_as_on_a_clock() {
        let clocks = [0, 7, 750, 11_100, 360_000].map(|seconds| clock(Duration::from_secs(seconds)));
        assert_eq!(clocks, ["0:00", "0:07", "12:30", "3:05:00", "100:00:00"]);
    }

    #[test]
    fn a_line_says_how_far_how_fast_and_what_failed() {
        let mut progress = Progress::start(48, Duration::from_secs(90));
        let first = "0/48 cells, 0:00 gone, about 1:30 to go, 0 % of the work, 0.00 cells/s";
        assert_eq!(line(&progress, usize::MAX), first);
        progress.end_cell(Status::Ok, 0.125);
        progress.end_cell(Status::Timeout, 0.25);
        progress.set_elapsed(Duration::from_secs(10));
        let all = "2/48 cells, 0:10 gone, 1 timeout, about 0:30 to go, 25 % of the work, 0.20 cells/s";
        assert_eq!(line(&progress, usize::MAX), all);
        assert_eq!(line(&progress, 60), "2/48 cells, 0:10 gone, 1 timeout, about 0:30 to go");
        assert_eq!(line(&progress, 42), "2/48 cells, 0:10 gone, 1 timeout");
    }
}
