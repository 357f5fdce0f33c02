//! The command `recall` reads a user's queries by a memory until they settle.

use crate::named::named;
use crate::stderr::tell;
use anyhow::{anyhow, bail};
use base::atomic;
use protocols::reading::{self, End, Reader, Reads, Settings, Store};
use protocols::{Patterns, Stream, Weights};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Read queries of your own with saved weights, until they settle.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// Weights W of the memory: npy, N x N.
    #[arg(long, value_name = "FILE")]
    pub weights: PathBuf,
    /// Thresholds b: npy, N; zero if not given.
    #[arg(long, value_name = "FILE")]
    pub thresholds: Option<PathBuf>,
    /// Coupling U of the query: npy, N x N; zero if not given.
    #[arg(long, value_name = "FILE")]
    pub input: Option<PathBuf>,
    /// Queries, one a row (queries x N): a file of any format that `write` takes messages from.
    #[arg(long, value_name = "FILE")]
    pub queries: PathBuf,
    /// Where the final states go: npy, int8, of the shape of the queries.
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// The messages that were written, for the readers that keep them (nearest, dense): as the queries.
    #[arg(long, value_name = "FILE")]
    pub messages: Option<PathBuf>,
    /// The reader: sync, async, held, soft, nearest or dense, or one with parameters, such as 'soft(beta=2)';
    /// `readers` lists them.
    #[arg(long, alias = "dynamics", default_value = Reader::Sync.name(), value_parser = named::<Reader>)]
    pub reader: Reader,
    /// Steps (async: sweeps) after which a read that has not settled is stopped; soft and dense have their own.
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..))]
    pub max_steps: u32,
    /// Root of the random streams that give the order of asynchronous updates.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
}

const EXAMPLES: &str = "\
Examples:
  harness recall --weights w.npy --queries q.npy --out r.npy
  harness recall --weights w.npy --thresholds b.npy --queries q.npy --out r.npy --reader async
  harness recall --weights w.npy --queries q.npy --out r.npy --reader 'soft(beta=2 lambda=0)'";

/// Reads the queries and saves the final states.
///
/// # Errors
/// If the memory or the queries cannot be read or do not fit each other, or the states cannot be saved.
pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let parts = [Some(args.weights.as_path()), args.thresholds.as_deref(), args.input.as_deref()];
    let inputs = parts.into_iter().flatten().chain([args.queries.as_path()]).chain(args.messages.as_deref());
    atomic::check(&[&args.out], &inputs.collect::<Vec<_>>())?;
    let weights = memory(args)?;
    let queries = messages::read_path(&args.queries)?;
    if queries.n() != weights.n() {
        let n = weights.n();
        bail!(
            "{}: queries of width {} do not fit the {n} x {n} weights of {}; each needs {n} columns",
            args.queries.display(),
            queries.n(),
            args.weights.display()
        );
    }
    let axes = [("n", weights.n() as u64), ("queries", queries.count() as u64)];
    if args.reader.is_program() {
        bail!("the reader {} is a program, which recalls in `harness sweep` alone", args.reader);
    }
    let mut stream = Stream::named(args.seed, "recall", &axes);
    let settings = Settings { reader: args.reader, max_steps: args.max_steps };
    let messages = kept_messages(args, weights.n())?;
    let store = Store { weights: &weights, messages: &messages };
    let reads = reading::read_with_checkpoints(store, (&queries).into(), settings, &[], &mut stream);
    npy::write_patterns(&args.out, &reads.states)?;
    tell(summary(&reads, settings));
    Ok(ExitCode::SUCCESS)
}

/// Reads the messages of a reader that keeps them; others need none.
fn kept_messages(args: &Args, n: usize) -> anyhow::Result<Patterns> {
    let Some(path) = &args.messages else {
        if args.reader.keeps_messages() {
            bail!("the reader {} keeps the messages themselves; give them by --messages FILE", args.reader);
        }
        return Ok(Patterns::new(n, Vec::new())?);
    };
    let messages = messages::read_path(path)?;
    if messages.n() != n {
        bail!(
            "{}: messages of width {} do not fit the {n} x {n} weights of {}; each needs {n} columns",
            path.display(),
            messages.n(),
            args.weights.display()
        );
    }
    Ok(messages)
}

/// Reads the memory of the files given.
fn memory(args: &Args) -> anyhow::Result<Weights> {
    let name = |path: &Path| path.display().to_string();
    let square = "W and U must be square and of one size, as `write` saves them";
    let mut weights = Weights::new(npy::read_matrix(&args.weights)?)
        .map_err(|error| anyhow!("{}: {error}; {square}", name(&args.weights)))?;
    let n = weights.n();
    if let Some(path) = &args.thresholds {
        weights = weights.with_thresholds(npy::read_vector(path)?).map_err(|error| {
            anyhow!(
                "{}: {error} ({} is {n} x {n}); one for each unit is needed",
                name(path),
                name(&args.weights)
            )
        })?;
    }
    if let Some(path) = &args.input {
        weights = weights
            .with_input(npy::read_matrix(path)?)
            .map_err(|error| anyhow!("{}: {error}; {square}", name(path)))?;
    }
    Ok(weights)
}

/// Says how the reads ended.
fn summary(reads: &Reads, settings: Settings) -> String {
    let count = |end: fn(&End) -> bool| reads.ends.iter().filter(|e| end(e)).count();
    let lengths = reads.ends.iter().filter_map(|end| match end {
        End::Cycle { length } => Some(length),
        End::Fixed | End::Unsettled | End::Stopped => None,
    });
    if let Some(steps) = settings.reader.own_steps() {
        return format!(
            "{} reads ({}): each of {steps} steps; {} ties",
            reads.ends.len(),
            settings.reader,
            reads.ties
        );
    }
    let longest = lengths.max().map(|length| format!(" (longest {length})")).unwrap_or_default();
    format!(
        "{} reads ({}): {} ended at a fixed point, {} in a cycle{longest}, {} unsettled after {} steps; {} ties",
        reads.ends.len(),
        settings.reader.name(),
        count(|end| matches!(end, End::Fixed)),
        count(|end| matches!(end, End::Cycle { .. })),
        count(|end| matches!(end, End::Unsettled)),
        settings.max_steps,
        reads.ties
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;
    use faer::Mat;
    use protocols::Queries;

    #[derive(Parser)]
    struct Cli {
        #[command(flatten)]
        args: Args,
    }

    fn parse(line: &str) -> Result<Args, clap::Error> {
        Cli::try_parse_from(["recall"].into_iter().chain(line.split(' '))).map(|cli| cli.args)
    }

    fn args(folder: &Path, weights: &Mat<f32>, queries: &[i8]) -> Args {
        let mut args = parse("--weights w.npy --queries q.npy --out r.npy").expect("valid");
        for path in [&mut args.weights, &mut args.queries, &mut args.out] {
            *path = folder.join(&*path);
        }
        npy::write_matrix(&args.weights, weights.as_ref()).expect("writable");
        let queries = Patterns::new(2, queries.to_vec()).expect("signs");
        npy::write_patterns(&args.queries, &queries).expect("writable");
        args
    }

    #[test]
    fn the_options_have_defaults_and_limits() {
        let args = parse("--weights w --queries q --out r").expect("valid");
        assert_eq!((args.reader, args.max_steps, args.seed), (Reader::Sync, 50, 1));
        let args = parse("--weights w --queries q --out r --dynamics async").expect("valid");
        assert_eq!(args.reader, Reader::Async);
        let error =
            parse("--weights w --queries q --out r --dynamics fast").expect_err("refused").to_string();
        assert!(error.contains("`sync`, `async`, `held`"), "{error}");
        assert!(parse("--weights w --queries q --out r --max-steps 0").is_err());
    }

    #[test]
    fn states_and_ends_of_known_memories() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        // Each unit copies the other: equal signs are fixed, unequal ones alternate when all are updated at once.
        let copying = Mat::from_fn(2, 2, |i, j| if i == j { 0.0 } else { 1.0 });
        let args = args(folder.path(), &copying, &[1, 1, -1, -1, 1, -1]);
        run(&args).expect("read");
        let states = npy::read_patterns(&args.out).expect("readable");
        assert_eq!((states.count(), states.n()), (3, 2));
        assert_eq!(states.signs()[..4], [1, 1, -1, -1]);
        let settings = Settings { reader: Reader::Sync, max_steps: 50 };
        let queries = npy::read_patterns(&args.queries).expect("readable");
        let weights = memory(&args).expect("a memory");
        let reads = reading::read(&weights, &queries, settings, &mut Stream::named(1, "test", &[]));
        insta::assert_snapshot!(summary(&reads, settings), @"3 reads (sync): 2 ended at a fixed point, 1 in a \
         cycle (longest 2), 0 unsettled after 50 steps; 0 ties");
    }

    #[test]
    fn thresholds_and_input_are_used() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut args = args(folder.path(), &Mat::zeros(2, 2), &[1, 1, -1, 1]);
        let (b, u) = (folder.path().join("b.npy"), folder.path().join("u.npy"));
        npy::write_vector(&b, &[-0.5, 0.5]).expect("writable");
        npy::write_matrix(&u, Mat::<f32>::identity(2, 2).as_ref()).expect("writable");
        args.thresholds = Some(b);
        run(&args).expect("read");
        assert_eq!(npy::read_patterns(&args.out).expect("readable").signs(), [-1, 1, -1, 1]);
        args.input = Some(u);
        run(&args).expect("read");
        assert_eq!(npy::read_patterns(&args.out).expect("readable").signs(), [1, 1, -1, 1]);
    }

    /// From a protocol's parameters to states on disk: U and b are trained, saved, loaded and read with.
    #[test]
    fn a_trained_coupling_and_thresholds_go_through_files_to_reading() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let file = |name: &str| folder.path().join(name);
        let mut stream = Stream::named(1, "test", &[]);
        let messages = Patterns::random(32, 12, &mut stream);
        npy::write_patterns(&file("m.npy"), &messages).expect("writable");
        let protocol =
            crate::protocol_text::parse("trn={epochs=40, start=\"hop\", input=true, thresholds=true}");
        let protocol = protocol.expect("a protocol");
        let (thresholds, input) = (Some(file("b.npy")), Some(file("u.npy")));
        let (out, messages_file) = (file("w.npy"), file("m.npy"));
        let write = crate::cmd::write::Args {
            protocol: protocol.clone(),
            messages: messages_file,
            out,
            thresholds: thresholds.clone(),
            input: input.clone(),
            seed: 1,
        };
        crate::cmd::write::run(&write).expect("written");
        let queries = Queries::exact(&messages, 8, 200, &mut stream).states;
        npy::write_patterns(&file("q.npy"), &queries).expect("writable");
        let args = parse("--weights w.npy --queries q.npy --out r.npy").expect("valid");
        let (weights, queries_file, out) = (file("w.npy"), file("q.npy"), file("r.npy"));
        let args = Args { weights, thresholds, input, queries: queries_file, out, ..args };
        let read = |args: &Args| {
            run(args).expect("read");
            npy::read_patterns(&args.out).expect("readable")
        };
        let states = read(&args);
        // The same without files.
        let mut training = Stream::named(1, "write", &[("n", 32), ("m", 12)]);
        let written = protocol.protocol().write(&messages, &mut training).expect("written").weights;
        let settings = Settings { reader: Reader::Sync, max_steps: 50 };
        assert_eq!(states, reading::read(&written, &queries, settings, &mut stream).states);
        assert_ne!(states, read(&Args { thresholds: None, ..args.clone() }), "b matters");
        assert_ne!(states, read(&Args { input: None, ..args }), "U matters");
    }

    #[test]
    fn parts_that_do_not_fit_are_named_with_both_sizes() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut args = args(folder.path(), &Mat::zeros(3, 3), &[1, 1]);
        let said = |args: &Args| {
            let error = run(args).expect_err("refused").to_string();
            error.replace(&folder.path().display().to_string(), ".")
        };
        insta::assert_snapshot!(said(&args), @"./q.npy: queries of width 2 do not fit the 3 x 3 weights of \
         ./w.npy; each needs 3 columns");
        let b = folder.path().join("b.npy");
        npy::write_vector(&b, &[0.0; 2]).expect("writable");
        args.thresholds = Some(b);
        insta::assert_snapshot!(said(&args), @"./b.npy: 2 thresholds for 3 units (./w.npy is 3 x 3); one for \
         each unit is needed");
        npy::write_matrix(&args.weights, Mat::<f32>::zeros(3, 2).as_ref()).expect("writable");
        insta::assert_snapshot!(said(&args), @"./w.npy: W has shape 3 x 2, expected 3 x 3; W and U must be \
         square and of one size, as `write` saves them");
        npy::write_matrix(&args.weights, Mat::from_fn(2, 2, |_, _| f32::NAN).as_ref()).expect("writable");
        insta::assert_snapshot!(said(&args), @"./w.npy: row 0, column 0 (counted from 0) is NaN, but every value \
         must be a finite number within the range of float32; correct it and save the array again");
        args.out = args.queries.clone();
        insta::assert_snapshot!(said(&args), @"./q.npy: is an input of this command; give the output another name");
    }
}
