//! The command `cost` shows what the criterion benchmarks measured, as a table, Parquet and a figure.

use crate::stdout::Told;
use crate::typeset::{Sheet, Typeset};
use crate::width::columns;
use analysis::summary::Estimate;
use anyhow::{Context, Result};
use base::atomic;
use figure::{self, Context as Surroundings};
use protocols::{Source, Spec};
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use store::benchmarks::{self, Benchmark, growth};
use store::provenance::Provenance;
use study::canonical::canonical;
use study::figure::{FigureKind, FigureSpec};
use study::measure::Measure;
use study::record::Status;

/// Arguments of `cost`.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = "\
Examples:
  cargo bench -p protocols && harness cost     measure (about five minutes), then tabulate and draw
  harness cost --from 512                      exponents over the larger sizes only
  harness cost --markdown                      the table alone, for a page")]
pub(crate) struct Args {
    /// Folder of criterion's output.
    #[arg(long, default_value = "target/criterion")]
    pub criterion: PathBuf,
    /// Folder of results; the table goes to cost/benchmarks.parquet in it.
    #[arg(long, default_value = "results")]
    pub results: PathBuf,
    /// Folder of figures; the figure goes to cost/benchmarks.* in it.
    #[arg(long, default_value = "paper-figs")]
    pub out: PathBuf,
    /// Exponents are fitted from this N on; below, fixed costs rule.
    #[arg(long, default_value_t = 256)]
    pub from: u32,
    #[command(flatten)]
    pub typeset: Typeset,
}

/// Reads criterion's output, prints times and exponents, writes Parquet and the figure of write times.
///
/// # Errors
/// If criterion's output is missing or broken, or files cannot be written.
pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    let found = benchmarks::read(&args.criterion)?;
    if args.typeset.print(|| vec![sheet(&found, args.from)])? {
        return Ok(ExitCode::SUCCESS);
    }
    let mut told = Told::nothing();
    told.say(&(sheet(&found, args.from).text(columns()) + "\n"));
    let machine = Provenance::collect("benchmarks", "", 0);
    let folder = args.results.join("cost");
    std::fs::create_dir_all(&folder)
        .with_context(|| format!("cannot make the folder {}", folder.display()))?;
    let path = folder.join("benchmarks.parquet");
    let metadata = vec![("harness.provenance".to_owned(), serde_json::to_string(&machine)?)];
    let bytes = benchmarks::parquet(&found, metadata)?;
    atomic::write(&path, |file| file.write_all(&bytes))?;
    told.say(&format!("{}\n", path.display()));
    draw(args, &found, &machine.cpu, &mut told)?;
    told.end()?;
    Ok(ExitCode::SUCCESS)
}

/// Makes a table with a row for each benchmark, and the exponent of each piece of work beside its largest N.
fn sheet(found: &[Benchmark], from: u32) -> Sheet {
    let exponents = growth(found, from);
    let row = |b: &Benchmark| {
        let last = !found.iter().any(|o| (&o.group, &o.function) == (&b.group, &b.function) && o.n > b.n);
        let fit = exponents.get(&(b.group.clone(), b.function.clone())).filter(|_| last);
        let exponent = fit.and_then(|(_, line)| line.as_ref()).map_or_else(String::new, |line| {
            let interval = line.slope_interval;
            format!("{:.2} [{:.2} {:.2}]", line.slope, interval.low, interval.high)
        });
        let rate =
            b.operations.map_or_else(String::new, |count| format!("{:.0}", count as f64 / b.seconds * 1e-9));
        vec![
            format!("{} {}", b.group, b.function),
            b.n.to_string(),
            format!("{:.3e}", b.seconds),
            format!("[{:.3e} {:.3e}]", b.low, b.high),
            rate,
            exponent,
        ]
    };
    let exponent = format!("exponent, N >= {from}");
    let heads = ["work", "N", "median s", "middle half s", "GFLOP/s", &exponent];
    Sheet::of_numbers("Times of criterion's benchmarks, one thread".to_owned(), heads, found.iter().map(row))
}

fn draw(args: &Args, found: &[Benchmark], cpu: &str, told: &mut Told) -> Result<()> {
    let estimates: Vec<Estimate> = found.iter().filter(|b| b.n >= args.from).filter_map(estimate).collect();
    anyhow::ensure!(
        !estimates.is_empty(),
        "no write of a protocol of the catalogue from N = {} on; run `cargo bench -p protocols --bench write`",
        args.from
    );
    let caption = "Wall time of a write of a fixed number of messages, one thread, MPF with 10 iterations and \
     TRN with 5 \
                   epochs of 3 steps and 10 queries a message: every protocol should grow as N squared.";
    let spec = FigureSpec { caption: caption.into(), ..FigureSpec::new("benchmarks", FigureKind::Cost) };
    let facts = [cpu.to_owned()];
    let surroundings = Surroundings { facts: &facts, ..Surroundings::new("cost") };
    for page in figure::draw(&spec, &estimates, &surroundings)? {
        let [svg, ..] = figure::save(&page, &args.out.join("cost"))?;
        told.say(&format!("{}\n", svg.display()));
    }
    Ok(())
}

/// Makes an estimate of a write benchmark over its samples.
fn estimate(b: &Benchmark) -> Option<Estimate> {
    let spec = Spec::catalogue().into_iter().find(|s| b.group == "write" && s.about().name == b.function)?;
    let m = b.m?;
    Some(Estimate {
        protocol: spec.about().name.to_uppercase(),
        parameters: canonical(&spec),
        source: Source::Random,
        n: b.n,
        m,
        load: f64::from(m) / f64::from(b.n),
        dynamics: None,
        flips: None,
        measure: Measure::WriteSeconds,
        value: Some(b.seconds),
        low: Some(b.low),
        high: Some(b.high),
        trials: b.samples,
        failed: 0,
        status: Status::Ok,
    })
}
