//! This program is a work server for comparisons of speed. It reads one piece of work a line from standard
//! input, does it once, and answers with the seconds it took, a number by which the result can be checked,
//! and a note. `scripts/compare` alternates it with the same work done in Python; `scripts/regressions`
//! counts its instructions.
//!
//! ```text
//! threads <count>                          threads inside a memory from here on, of 1024 units or more
//! draw <n> <m> <flips> <queries> <file>    messages, then queries, as bytes of ±1; all other work draws the same
//! write <rule> <n> <m>                     by its defaults; check: the Frobenius norm of W
//! write <rule> <n> <m> <flips> <queries>   the same; check: the share of queries recovered
//! minimise <rule> <n> <m>                  the same; check: the objective that the rule reports
//! read <reader> <n> <m> <flips> <queries>  from HOP, by any reader; check: the share recovered
//! trn <n> <m> <queries> <steps> <epochs>   check: the loss at the end
//! sweep <hop|pse|mpf|margin|trn> <n> <trials> <epochs> <threads>    a capacity sweep; check: the share recovered
//! scan <n> <m> <trials> <flips>            HOP and one asynchronous read a trial; check: the share recovered
//! peak                                     check: 10^9 f32 operations a second, in registers
//! bandwidth                                check: 10^9 bytes a second, of a large copy
//! ```
//!
//! A rule is a name of the catalogue, or a text without spaces as `{"margin":{"loss":"logistic"}}`.
//! The crate starts no thread, so a sweep's threads are this program's own: workers that take cells from one list.

mod machine;

use faer::Par;
use protocols::protocol::{
    Cost, Hop, Margin, Mcf, Mpf, NoiseModel, Pse, PseDiagonal, Start, Trn, TrnDiagonal,
};
use protocols::reading::{End, Reader, Reads, Settings, Store, read, read_with_checkpoints};
use protocols::{Patterns, Protocol, Queries, Report, Spec, Stream, Weights, Written};
use std::io::{BufRead, Write};
use std::num::NonZeroU32;
use std::sync::Mutex;
use std::time::Instant;

// As in the harness.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

type Failure = Box<dyn std::error::Error>;

/// Training and test noise of all trained work.
const NOISE: f64 = 0.1;
/// Steps of a read at most.
const MAX_STEPS: u32 = 50;
const SYNC: Settings = Settings { reader: Reader::Sync, max_steps: MAX_STEPS };
/// A capacity sweep: `LOADS` multiples of `LOAD_STEP`, and for each message set so many queries with so many flips.
const LOADS: usize = 16;
const LOAD_STEP: f64 = 0.05;
const SWEEP_QUERIES: usize = 50;
const SWEEP_FLIPS: usize = 6;

fn main() -> Result<(), Failure> {
    faer::set_global_parallelism(Par::Seq);
    let mut out = std::io::stdout();
    let mut buffers = None;
    for line in std::io::stdin().lock().lines() {
        let Answer { seconds, check, note } = perform(&line?, &mut buffers)?;
        writeln!(out, "{seconds:.9} {check:.9} {note}")?;
        out.flush()?;
    }
    Ok(())
}

/// What a piece of work answers.
struct Answer {
    seconds: f64,
    check: f64,
    note: String,
}

fn perform(line: &str, buffers: &mut Option<[Vec<u8>; 2]>) -> Result<Answer, Failure> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let number = |text: &str| text.parse::<usize>().map_err(|e| format!("{text:?} in {line:?}: {e}"));
    match words[..] {
        ["threads", count] => {
            faer::set_global_parallelism(Par::rayon(number(count)?));
            Ok(Answer { seconds: 0.0, check: 0.0, note: count.to_string() })
        }
        ["peak"] => Ok(Answer::of_machine(machine::peak())),
        ["bandwidth"] => Ok(Answer::of_machine(machine::bandwidth(buffers))),
        ["draw", n, m, flips, queries, file] => {
            let task = Task::draw(number(n)?, number(m)?, number(flips)?, number(queries)?);
            task.save(file)
        }
        ["write", name, n, m] => {
            let task = Task::draw(number(n)?, number(m)?, 0, 0);
            task.write(name, |_, written| norm(&written.weights))
        }
        ["minimise", name, n, m] => {
            let task = Task::draw(number(n)?, number(m)?, 0, 0);
            task.write(name, |_, written| written.report.objective.unwrap_or(f64::NAN))
        }
        ["write", name, n, m, flips, queries] => {
            let task = Task::draw(number(n)?, number(m)?, number(flips)?, number(queries)?);
            task.write(name, |task, written| task.share_recovered(&written.weights))
        }
        ["read", reader, n, m, flips, queries] => {
            let task = Task::draw(number(n)?, number(m)?, number(flips)?, number(queries)?);
            task.read(reader.parse()?)
        }
        ["trn", n, m, queries, steps, epochs] => train(
            number(n)?,
            number(m)?,
            &trn(number(queries)? as u32, number(steps)? as u32, number(epochs)? as u32)?,
        ),
        ["sweep", name, n, trials, epochs, threads] => {
            let spec = spec(name, number(epochs)? as u32)?;
            sweep(spec.protocol(), number(n)?, number(trials)?, number(threads)?)
        }
        ["scan", n, m, trials, flips] => scan(number(n)?, number(m)?, number(trials)?, number(flips)?),
        _ => Err(format!("no such work: {line:?}; see the head of protocols/examples/work/main.rs").into()),
    }
}

impl Answer {
    fn of_machine((seconds, rate): (f64, f64)) -> Self {
        Self { seconds, check: rate, note: String::new() }
    }
}

/// Messages and queries, the same for every work of the same sizes.
struct Task {
    messages: Patterns,
    queries: Queries,
    stream: Stream,
}

impl Task {
    fn draw(n: usize, m: usize, flips: usize, queries: usize) -> Self {
        let mut stream = Stream::named(1, "work", &[("n", n as u64), ("m", m as u64)]);
        let messages = Patterns::random(n, m, &mut stream);
        let queries = Queries::exact(&messages, flips, queries, &mut stream);
        Self { messages, queries, stream }
    }

    fn save(&self, file: &str) -> Result<Answer, Failure> {
        let signs = self.messages.signs().iter().chain(self.queries.states.signs());
        std::fs::write(file, signs.map(|&s| s as u8).collect::<Vec<u8>>())?;
        Ok(Answer { seconds: 0.0, check: 0.0, note: file.to_string() })
    }

    fn read(mut self, reader: Reader) -> Result<Answer, Failure> {
        let weights = Hop::default().write(&self.messages, &mut self.stream)?.weights;
        let settings = Settings { reader, max_steps: MAX_STEPS };
        let start = Instant::now();
        let store = Store { weights: &weights, messages: &self.messages };
        let cues = (&self.queries.states).into();
        let reads = read_with_checkpoints(store, cues, settings, &[], &mut self.stream);
        let seconds = start.elapsed().as_secs_f64();
        let count = recovered(&reads, &self.messages, &self.queries);
        let steps: u32 = reads.steps.iter().sum();
        let queries = self.queries.message.len() as f64;
        let note = format!("{:.2} steps a query", f64::from(steps) / queries);
        Ok(Answer { seconds, check: count as f64 / queries, note })
    }

    fn write(
        mut self,
        name: &str,
        check: impl FnOnce(&mut Self, &Written) -> f64,
    ) -> Result<Answer, Failure> {
        let spec = match name {
            "pse" => Spec::from(Pse::default()),
            name => spec(name, 0).or_else(|_| by_default(name))?,
        };
        let start = Instant::now();
        let written = spec.protocol().write(&self.messages, &mut self.stream)?;
        let seconds = start.elapsed().as_secs_f64();
        Ok(Answer { seconds, check: check(&mut self, &written), note: note(&written.report) })
    }

    fn share_recovered(&mut self, weights: &Weights) -> f64 {
        let reads = read(weights, &self.queries.states, SYNC, &mut self.stream);
        recovered(&reads, &self.messages, &self.queries) as f64 / self.queries.message.len() as f64
    }
}

fn train(n: usize, m: usize, trn: &Trn) -> Result<Answer, Failure> {
    let mut task = Task::draw(n, m, 0, 0);
    let start = Instant::now();
    let written = trn.write(&task.messages, &mut task.stream)?;
    let seconds = start.elapsed().as_secs_f64();
    Ok(Answer { seconds, check: written.report.objective.unwrap_or(f64::NAN), note: note(&written.report) })
}

/// All cells of a capacity sweep, drawn, written and read by `threads` workers.
fn sweep(protocol: &dyn Protocol, n: usize, trials: usize, threads: usize) -> Result<Answer, Failure> {
    let start = Instant::now();
    // The largest cells are taken first, so that the workers end together.
    let cells = (0..LOADS).rev().flat_map(|load| (0..trials).map(move |trial| (load, trial)));
    let cells = Mutex::new(cells);
    let worker = || -> Result<Tally, protocols::WriteError> {
        let mut tally = Tally::default();
        loop {
            let next = cells.lock().expect("no worker panics with the lock").next();
            let Some((load, trial)) = next else { return Ok(tally) };
            tally.add(cell(protocol, n, load, trial)?);
        }
    };
    let counts: Vec<_> = std::thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(worker)).collect();
        let own = worker();
        let others = others.into_iter().map(|handle| handle.join().expect("no worker panics"));
        std::iter::once(own).chain(others).collect()
    });
    let mut tally = Tally::default();
    for counted in counts {
        tally.add(counted?);
    }
    let seconds = start.elapsed().as_secs_f64();
    let queries = LOADS * trials * SWEEP_QUERIES;
    let note = format!("{queries} queries, {} messages evaluated", tally.evaluated);
    Ok(Answer { seconds, check: tally.recovered as f64 / queries as f64, note })
}

/// What cells of a sweep come to.
#[derive(Default)]
struct Tally {
    /// Queries recovered.
    recovered: usize,
    /// Evaluations of a loss times the messages that it is of.
    evaluated: u64,
}

impl Tally {
    fn add(&mut self, other: Self) {
        self.recovered += other.recovered;
        self.evaluated += other.evaluated;
    }
}

/// One message set written and read.
fn cell(
    protocol: &dyn Protocol,
    n: usize,
    load: usize,
    trial: usize,
) -> Result<Tally, protocols::WriteError> {
    let m = (LOAD_STEP * (load + 1) as f64 * n as f64).round() as usize;
    let mut stream = Stream::named(1, "sweep", &[("m", m as u64), ("trial", trial as u64)]);
    let messages = Patterns::random(n, m, &mut stream);
    let queries = Queries::exact(&messages, SWEEP_FLIPS, SWEEP_QUERIES, &mut stream);
    let written = protocol.write(&messages, &mut stream)?;
    let reads = read(&written.weights, &queries.states, SYNC, &mut stream);
    let recovered = recovered(&reads, &messages, &queries);
    Ok(Tally { recovered, evaluated: written.report.evaluations * m as u64 })
}

/// Messages drawn and written by HOP, and the first of them read once, asynchronously, in every trial.
fn scan(n: usize, m: usize, trials: usize, flips: usize) -> Result<Answer, Failure> {
    let settings = Settings { reader: Reader::Async, max_steps: 200 };
    let start = Instant::now();
    let mut count = 0;
    for trial in 0..trials {
        let mut stream = Stream::named(1, "scan", &[("m", m as u64), ("trial", trial as u64)]);
        let messages = Patterns::random(n, m, &mut stream);
        let query = Queries::exact(&messages, flips, 1, &mut stream);
        let weights = Hop::default().write(&messages, &mut stream)?.weights;
        let reads = read(&weights, &query.states, settings, &mut stream);
        count += recovered(&reads, &messages, &query);
    }
    let seconds = start.elapsed().as_secs_f64();
    Ok(Answer { seconds, check: count as f64 / trials as f64, note: format!("{trials} reads") })
}

/// Queries that settled at their message.
fn recovered(reads: &Reads, messages: &Patterns, queries: &Queries) -> usize {
    let outcomes = reads.states.rows().zip(&reads.ends).zip(&queries.message);
    outcomes
        .filter(|((state, end), m)| {
            matches!(end, End::Fixed | End::Stopped) && *state == messages.row(**m as usize)
        })
        .count()
}

/// The protocols as a capacity sweep compares them: no diagonal, TRN on one fixed set of queries.
fn spec(name: &str, epochs: u32) -> Result<Spec, Failure> {
    match name {
        "hop" => Ok(Spec::from(Hop::default())),
        "pse" => Ok(Spec::from(Pse { diagonal: PseDiagonal::Zero })),
        "mpf" => Ok(Spec::from(Mpf::default())),
        "margin" => Ok(Spec::from(Margin::default())),
        "mcf" => Ok(Spec::from(Mcf::default())),
        "trn" => Ok(Spec::from(trn(20, 3, epochs)?)),
        _ => Err(format!("no such protocol here: {name:?}").into()),
    }
}

/// A rule of the catalogue, by its defaults unless its text says other.
fn by_default(name: &str) -> Result<Spec, Failure> {
    let text = match name {
        "trn-soft" => r#"{"trn-soft": {"epochs": 10}}"#.to_owned(),
        text if text.starts_with('{') => text.to_owned(),
        name => format!(r#"{{"{name}": {{}}}}"#),
    };
    Ok(serde_json::from_str(&text).map_err(|e| format!("no such protocol here: {name:?} ({e})"))?)
}

fn trn(queries: u32, steps: u32, epochs: u32) -> Result<Trn, Failure> {
    Ok(Trn {
        queries: NonZeroU32::try_from(queries)?,
        steps: NonZeroU32::try_from(steps)?,
        epochs,
        noise: NOISE.try_into()?,
        noise_model: NoiseModel::Exact,
        start: Start::Hop,
        redraw: 0,
        cost: Cost::Squared,
        diagonal: TrnDiagonal::Zero,
        ..Trn::default()
    })
}

fn norm(weights: &Weights) -> f64 {
    weights.matrix().norm_l2().into()
}

fn note(report: &Report) -> String {
    let Report { iterations, evaluations, stop, .. } = report;
    format!("{}, {iterations} iterations, {evaluations} evaluations", stop.name())
}
