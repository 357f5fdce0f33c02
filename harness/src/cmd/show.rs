//! The command `show` prints results as a table, CSV or JSON.

use crate::completing;
use crate::named::named;
use crate::results::records;
use crate::stdout::{print, print_painted};
use crate::table::{self, View};
use crate::typeset::Typeset;
use crate::width::columns;
use analysis::summary::{Estimate, Place, leaders, place, summarise};
use anyhow::{Result, ensure};
use base::spreadsheet::text;
use protocols::reading::Reader;
use protocols::{Corruption, Source};
use serde::Serialize;
use std::collections::{BTreeSet, HashSet};
use std::path::PathBuf;
use std::process::ExitCode;
use study::measure::Measure;
use study::records::Records;

/// Arguments of `show`.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = "\
Examples:
  harness show quick
  harness show quick --csv > quick.csv
  harness show quick --measure overlap --dynamics async --json
  harness show quick --n 64 --every-noise --rank     a table a noise level, the best first
  harness show quick --latex > quick.tex             for the package booktabs")]
pub(crate) struct Args {
    /// Name of the results.
    #[arg(add = completing::runs())]
    pub name: String,
    /// Folder of results.
    #[arg(long, default_value = "results")]
    pub results: PathBuf,
    /// Every estimate as CSV; a label that a spreadsheet would run as a formula begins with an apostrophe.
    #[arg(long, conflicts_with_all = ["json", "Typeset"])]
    pub csv: bool,
    /// Every estimate as JSON.
    #[arg(long, conflicts_with = "Typeset")]
    pub json: bool,
    /// Only this measure: fixed-points, bit-errors, strict-minima, symmetric, zero-diagonal, energy-descent,
    /// bit-corrections, bit-predictions, neighbour-returns, random-stored, random-spurious, recovered, recovered-first,
    /// recovered-checkpoint, overlap or write-seconds.
    #[arg(long, value_parser = named::<Measure>)]
    pub measure: Option<Measure>,
    /// Only this protocol, by its label.
    #[arg(long)]
    pub protocol: Option<String>,
    /// Only this number of units N.
    #[arg(long)]
    pub n: Option<u32>,
    /// Only this number of messages M.
    #[arg(long)]
    pub m: Option<u32>,
    /// A table for every noise level and reader, where there is else one at about 10 % noise.
    #[arg(long)]
    pub every_noise: bool,
    /// The best protocol first. A star marks the best of each row, and those that the paired interval does not tell
    /// apart from it.
    #[arg(long)]
    pub rank: bool,
    /// Only this source of messages, such as random, glyphs or 'biased(activity=0.1)'.
    #[arg(long, value_parser = named::<Source>)]
    pub source: Option<Source>,
    /// Only reads by this reader: sync, async, or another with its parameters, such as 'soft(beta=2)'.
    #[arg(long, alias = "reader", value_parser = named::<Reader>)]
    pub dynamics: Option<Reader>,
    /// Only this number of flipped bits, or another corruption such as 'erasure 6'.
    #[arg(long)]
    pub flips: Option<Corruption>,
    #[command(flatten)]
    pub typeset: Typeset,
}

/// Prints the estimates that pass the filters.
///
/// # Errors
/// If the results cannot be read, or no estimate passes the filters.
pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    let records = records(&args.results, &args.name)?;
    let estimates = filtered(args, summarise(&records))?;
    if args.csv {
        print(&csv(&estimates))?;
    } else if args.json {
        print(&(serde_json::to_string_pretty(&estimates)? + "\n"))?;
    } else {
        let leaders = args.rank.then(|| all_leaders(&records, &estimates));
        let (asked, every_noise) = (args.measure, args.every_noise);
        let blocks = table::blocks(&estimates, View { asked, every_noise, leaders: leaders.as_ref() });
        if !args.typeset.print(|| table::sheets(&blocks))? {
            print_painted(&table::compact(&blocks, columns()))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Returns who leads wherever there is an estimate.
fn all_leaders(records: &Records, estimates: &[Estimate]) -> HashSet<(Place, String)> {
    let measures: BTreeSet<Measure> = estimates.iter().map(|e| e.measure).collect();
    let of = |measure| {
        let places = estimates.iter().filter(|e| e.measure == measure).map(place).collect();
        leaders(records, measure, &places)
    };
    // A place has several measures: where all are there, tables show these two.
    let is_shown = |measure: &Measure| matches!(measure, Measure::FixedPoints | Measure::Recovered);
    let alone = measures.len() == 1;
    measures.into_iter().filter(|measure| alone || is_shown(measure)).flat_map(of).collect()
}

fn filtered(args: &Args, estimates: Vec<Estimate>) -> Result<Vec<Estimate>> {
    demand(args, &estimates, "measure", args.measure, |e| Some(e.measure))?;
    demand(args, &estimates, "protocol", args.protocol.clone(), |e| Some(e.protocol.clone()))?;
    // A file is named without what it held.
    let same = |wanted: Source| {
        estimates.iter().map(|e| e.source).find(|source| wanted.names(*source)).unwrap_or(wanted)
    };
    demand(args, &estimates, "source", args.source.map(same), |e| Some(e.source))?;
    demand(args, &estimates, "n", args.n, |e| Some(e.n))?;
    demand(args, &estimates, "m", args.m, |e| Some(e.m))?;
    demand(args, &estimates, "dynamics", args.dynamics, |e| e.dynamics)?;
    demand(args, &estimates, "flips", args.flips, |e| e.flips)?;
    let passes = |e: &Estimate| {
        args.measure.is_none_or(|m| e.measure == m)
            && args.protocol.as_ref().is_none_or(|p| e.protocol == *p)
            && args.source.is_none_or(|s| s.names(e.source))
            && args.n.is_none_or(|n| n == e.n)
            && args.m.is_none_or(|m| m == e.m)
            && args.dynamics.is_none_or(|d| e.dynamics.is_none_or(|dynamics| dynamics == d))
            && args.flips.is_none_or(|d| e.flips.is_none_or(|flips| flips == d))
    };
    let found: Vec<Estimate> = estimates.into_iter().filter(passes).collect();
    // What is said of memories passes a filter of reads; where reads are asked for, some must be left.
    let of_reads = args.measure.is_none() && (args.dynamics.is_some() || args.flips.is_some());
    ensure!(
        !found.is_empty() && (!of_reads || found.iter().any(|e| e.dynamics.is_some())),
        "{} has no estimate that passes these filters together; leave one out",
        args.name
    );
    Ok(found)
}

/// Refuses the value of a filter that no estimate has, and lists those that there are.
fn demand<T: Ord + Serialize>(
    args: &Args,
    estimates: &[Estimate],
    filter: &str,
    wanted: Option<T>,
    of: impl Fn(&Estimate) -> Option<T>,
) -> Result<()> {
    let Some(wanted) = wanted else { return Ok(()) };
    let there: BTreeSet<T> = estimates.iter().filter_map(of).collect();
    let name = |value: &T| serde_json::to_string(value).unwrap_or_default().trim_matches('"').to_owned();
    let names: Vec<String> = there.iter().map(name).collect();
    let names = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
    ensure!(
        there.contains(&wanted),
        "{} has no estimate with --{filter} {}; of {filter} it has: {names}",
        args.name,
        name(&wanted)
    );
    Ok(())
}

/// Writes a line for each estimate, numbers in full, labels safe to open in a spreadsheet.
pub(crate) fn csv(estimates: &[Estimate]) -> String {
    let mut csv = String::from(
        "protocol,parameters,source,n,m,load,dynamics,flips,noise,measure,value,low,high,trials,failed,status\n",
    );
    for e in estimates {
        let quoted = |s: &str| format!("\"{}\"", s.replace('"', "\"\""));
        let number = |x: Option<f64>| x.map(|x| x.to_string()).unwrap_or_default();
        let measure = serde_json::to_value(e.measure).expect("measures have names");
        let fields = [
            quoted(&text(&e.protocol)),
            quoted(&text(&e.parameters)),
            e.source.name().to_owned(),
            e.n.to_string(),
            e.m.to_string(),
            e.load.to_string(),
            e.dynamics.map_or("", Reader::name).to_owned(),
            e.flips.map(|d| d.to_string()).unwrap_or_default(),
            number(e.noise()),
            measure.as_str().unwrap_or_default().to_owned(),
            number(e.value),
            number(e.low),
            number(e.high),
            e.trials.to_string(),
            e.failed.to_string(),
            e.status.name().to_owned(),
        ];
        csv.push_str(&fields.join(","));
        csv.push('\n');
    }
    csv
}

#[cfg(test)]
mod tests {
    use super::*;
    use study::record::Status;

    #[test]
    fn a_label_is_no_formula_to_a_spreadsheet() {
        let estimate = Estimate {
            protocol: "=1+1".to_owned(),
            parameters: "{}".to_owned(),
            source: Source::Random,
            n: 64,
            m: 16,
            load: 0.25,
            dynamics: None,
            flips: None,
            measure: Measure::Overlap,
            value: Some(-0.5),
            low: None,
            high: None,
            trials: 3,
            failed: 0,
            status: Status::Ok,
        };
        let csv = csv(&[estimate]);
        let row = csv.lines().nth(1).unwrap();
        assert!(row.starts_with("\"'=1+1\",\"{}\",random,"), "{row}");
        assert!(row.contains(",overlap,-0.5,"), "numbers stay as they are: {row}");
    }
}
