//! The command `write` makes a memory of a user's messages.

use crate::protocol_text;
use crate::stderr::tell;
use anyhow::{Context, bail};
use base::atomic;
use base::next::Next;
use faer::Mat;
use protocols::{Patterns, Report, Spec, Stream, Weights};
use run::needs::{MARGIN, MORE_MEMORY, can_be_had};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Write messages of your own into a memory and save its weights.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// Protocol, alone (hop) or with parameters in TOML ('trn={steps=3}'); `protocols` lists them.
    #[arg(long, value_name = "SPEC", value_parser = protocol_text::parse)]
    pub protocol: Spec,
    /// Messages to write, one a row (M x N): npy, npz, csv, IDX, PNG, PBM, PGM or Parquet, or a folder of pictures.
    /// Of two kinds of values the smaller is -1.
    #[arg(long, value_name = "FILE")]
    pub messages: PathBuf,
    /// Where the weights W go: npy, float32, N x N; W[i, j] couples unit j to the field of unit i.
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// Where the thresholds b go: npy, float32, N; zeros if the protocol writes none.
    #[arg(long, value_name = "FILE")]
    pub thresholds: Option<PathBuf>,
    /// Where the coupling U of the query goes: npy, float32, N x N; zeros if the protocol writes none.
    #[arg(long, value_name = "FILE")]
    pub input: Option<PathBuf>,
    /// Root of the random streams that a protocol draws from.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
}

const EXAMPLES: &str = "\
Examples:
  harness write --protocol hop --messages m.npy --out w.npy
  harness write --protocol 'trn={steps=3, noise=0.1}' --messages m.npy --out w.npy
  harness write --protocol 'mpf={thresholds=true}' --messages m.npy --out w.npy --thresholds b.npy";

/// Writes the messages and saves the memory.
///
/// # Errors
/// If the messages cannot be read, the protocol cannot write them, or a part of the memory cannot be saved.
pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let parts = [Some(args.out.as_path()), args.thresholds.as_deref(), args.input.as_deref()];
    atomic::check(&parts.into_iter().flatten().collect::<Vec<_>>(), &[&args.messages])?;
    demand_options(args, asks_for(&args.protocol, "thresholds"), asks_for(&args.protocol, "input"))?;
    let messages = messages::read_path(&args.messages)?;
    let axes = [("n", messages.n() as u64), ("m", messages.count() as u64)];
    let mut stream = Stream::named(args.seed, "write", &axes);
    let protocol = args.protocol.protocol();
    let (n, m) = (messages.n() as u64, messages.count() as u64);
    let bytes = (args.protocol.bytes(n, m) as f64 * MARGIN) as u64;
    if !can_be_had(bytes) {
        let (name, mebibytes) = (protocol.name(), bytes >> 20);
        bail!("{name}: out of memory: may need {mebibytes} MiB, which the system refuses; {MORE_MEMORY}");
    }
    let written = protocol
        .write(&messages, &mut stream)
        .with_context(|| format!("{}: {} cannot write it", args.messages.display(), protocol.name()))?;
    save(args, &written.weights)?;
    tell(summary(args, &messages, &written.report).trim_end());
    Ok(ExitCode::SUCCESS)
}

/// Returns whether the protocol's parameter `name` is `true`. Such a part is asked for before the work, not
/// missed after it.
fn asks_for(spec: &Spec, name: &str) -> bool {
    let tagged = serde_json::to_value(spec).expect("parameters are plain data");
    tagged[spec.about().name][name] == true
}

fn demand_options(args: &Args, thresholds: bool, input: bool) -> anyhow::Result<()> {
    let name = args.protocol.about().name;
    if thresholds && args.thresholds.is_none() {
        bail!(
            "{name} writes thresholds, without which its weights mean something else; give --thresholds b.npy"
        );
    }
    if input && args.input.is_none() {
        bail!(
            "{name} writes a coupling of the query, without which its weights mean something else; give --input u.npy"
        );
    }
    Ok(())
}

fn save(args: &Args, weights: &Weights) -> anyhow::Result<()> {
    demand_options(args, weights.thresholds().is_some(), weights.input().is_some())?;
    let n = weights.n();
    npy::write_matrix(&args.out, weights.matrix())?;
    if let Some(path) = &args.thresholds {
        npy::write_vector(path, weights.thresholds().unwrap_or(&vec![0.0; n]))?;
    }
    if let Some(path) = &args.input {
        npy::write_matrix(path, weights.input().unwrap_or(Mat::zeros(n, n).as_ref()))?;
    }
    Ok(())
}

/// Writes the report and the next command.
fn summary(args: &Args, messages: &Patterns, report: &Report) -> String {
    let (m, n) = (messages.count(), messages.n());
    let mut text = format!("{}: wrote {m} messages of {n} units", args.protocol.about().name);
    let mut add = |part: String| text.push_str(&part);
    if report.iterations > 0 {
        add(format!(", {} iterations", report.iterations));
    }
    add(format!(", ended by: {}", report.stop.name()));
    if let Some(rank) = report.rank {
        add(format!(", rank {rank}"));
    }
    if let Some(objective) = report.objective {
        add(format!(", objective {objective:.6e}"));
    }
    let stem = args.out.file_stem().unwrap_or_default().to_string_lossy();
    let states = args.out.with_file_name(format!("{stem}-recalled.npy"));
    let path = |path: &Path| path.display().to_string();
    let recall = Next::checkout("recall").option("--weights", path(&args.out));
    let recall = recall.given("--thresholds", args.thresholds.as_deref().map(path));
    let recall = recall.given("--input", args.input.as_deref().map(path));
    let recall = recall.option("--queries", path(&args.messages)).option("--out", path(&states));
    add(format!("\nnext: {recall}\n"));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn args(folder: &Path, protocol: &str) -> Args {
        let messages = folder.join("m.npy");
        let mut stream = Stream::named(1, "test", &[]);
        npy::write_patterns(&messages, &Patterns::random(16, 3, &mut stream)).expect("writable");
        let protocol = protocol_text::parse(protocol).expect("a protocol");
        Args { protocol, messages, out: folder.join("w.npy"), thresholds: None, input: None, seed: 1 }
    }

    #[test]
    fn the_file_holds_what_the_protocol_writes() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let args = args(folder.path(), "hop");
        run(&args).expect("written");
        let messages = npy::read_patterns(&args.messages).expect("readable");
        let matrix = npy::read_matrix(&args.out).expect("readable");
        for i in 0..16 {
            for j in 0..16 {
                let sum: i8 = messages.rows().map(|row| row[i] * row[j]).sum();
                assert_eq!(matrix[(i, j)], if i == j { 0.0 } else { f32::from(sum) });
            }
        }
    }

    #[test]
    fn the_seed_decides_and_is_repeatable() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut args = args(folder.path(), "trn={epochs=2}");
        let mut weights = |seed| {
            args.seed = seed;
            run(&args).expect("written");
            npy::read_matrix(&args.out).expect("readable")
        };
        let first = weights(1);
        assert_eq!(first, weights(1));
        assert_ne!(first, weights(2));
    }

    #[test]
    fn parts_of_the_memory_are_not_lost_silently() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        for (protocol, option) in [("mpf={thresholds=true}", "--thresholds"), ("trn={input=true}", "--input")]
        {
            let args = args(folder.path(), protocol);
            let error = run(&args).expect_err("refused").to_string();
            assert!(error.contains(option), "{error}");
            assert!(!args.out.exists());
        }
    }

    #[test]
    fn parts_asked_for_are_written_even_if_zero() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let (b, u) = (folder.path().join("b.npy"), folder.path().join("u.npy"));
        for (protocol, zero) in [("pse", true), ("trn={epochs=2, thresholds=true, input=true}", false)] {
            let args =
                Args { thresholds: Some(b.clone()), input: Some(u.clone()), ..args(folder.path(), protocol) };
            run(&args).expect("written");
            let thresholds = npy::read_vector(&b).expect("readable");
            assert_eq!((thresholds.len(), thresholds.iter().all(|&b| b == 0.0)), (16, zero));
            let input = npy::read_matrix(&u).expect("readable");
            assert_eq!((input.shape(), input.norm_max() == 0.0), ((16, 16), zero));
        }
    }

    #[test]
    fn the_report_and_the_next_command_are_told() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut args = args(folder.path(), "pse");
        let messages = npy::read_patterns(&args.messages).expect("readable");
        args.messages = "my messages.npy".into();
        args.out = "out/w.npy".into();
        args.thresholds = Some("b.npy".into());
        let written = args.protocol.protocol().write(&messages, &mut Stream::named(1, "test", &[]));
        let next = "next: cargo run -p harness -- recall --weights out/w.npy --thresholds b.npy \
                    --queries 'my messages.npy' --out out/w-recalled.npy\n";
        let report = "pse: wrote 3 messages of 16 units, ended by: closed form, rank 3\n";
        assert_eq!(summary(&args, &messages, &written.expect("written").report), format!("{report}{next}"));
    }
}
