//! The command `claims` prints the verdict on each claim of the paper, with the evidence behind it.

use crate::completing;
use crate::results::warn_of;
use crate::stdout::{print, print_painted};
use crate::typeset::{Kind, Sheet, Typeset};
use crate::verdict_text::{evidence_sheet, text, unit};
use analysis::claim::EvidenceRow;
use analysis::claim::wording::{against, interval, p_value, signed};
use anyhow::{Result, ensure};
use rayon::prelude::*;
use report::verdict::{self, Claim};
use std::path::PathBuf;
use std::process::ExitCode;
use store::runs::Run;
use study::definition::Definition;

/// Arguments of `claims`.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = "\
Examples:
  harness claims                      the verdict on every claim, from all shipped definitions that decide one
  harness claims map --evidence       every comparison behind the verdicts that the run of `map` gives
  harness claims my.toml --json       claims of your own, for programs

A shipped definition is judged by its run in results/, or in results/reference/ where there is no other. A \
verdict is Holds,
Fails or Undecided, by the rule that the definition declares; cells that failed or were not run can only make it \
Undecided.
Exit code: 0 whatever the verdicts are.")]
pub(crate) struct Args {
    /// Shipped definitions, paths to definitions of your own, or names of results; by default all shipped
    /// definitions that declare a claim.
    #[arg(add = completing::definitions())]
    pub names: Vec<String>,
    /// Folder of results.
    #[arg(long, default_value = "results")]
    pub results: PathBuf,
    /// Print every comparison and the analysis too.
    #[arg(long)]
    pub evidence: bool,
    /// Draw the story of the benchmark on one page, A4, into this folder too: story.svg, .png, .pdf.
    #[arg(long, value_name = "FOLDER")]
    pub figure: Option<PathBuf>,
    /// Everything as JSON.
    #[arg(long, conflicts_with_all = ["evidence", "Typeset"])]
    pub json: bool,
    /// The tests of every claim as CSV; with --evidence every comparison.
    #[arg(long, conflicts_with_all = ["json", "Typeset"])]
    pub csv: bool,
    #[command(flatten)]
    pub typeset: Typeset,
}

/// Judges the claims and prints the verdicts.
///
/// # Errors
/// If a name is neither a definition nor results, results cannot be read, or nothing declares a claim.
pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    // A run is read while another is judged.
    let judged = runs(args)?.into_par_iter().map(|run| {
        let stored = run.read()?;
        Ok((verdict::parts(&run, &stored, &args.results), stored.damaged))
    });
    let mut parts = Vec::new();
    for (of_run, damaged) in judged.collect::<Result<Vec<_>>>()? {
        warn_of(&damaged);
        parts.extend(of_run);
    }
    let claims = Claim::together(parts);
    ensure!(
        !claims.is_empty(),
        "no [[claim]] is declared there; `harness claims` alone judges the shipped ones"
    );
    if let Some(folder) = &args.figure {
        let map = Run::of_definition(&args.results, "map")?;
        let stored = map.read()?;
        warn_of(&stored.damaged);
        figure::save(&report::story::story(&map.definition, &stored.records, &claims)?, folder)?;
    }
    if args.json {
        print(&(serde_json::to_string_pretty(&claims)? + "\n"))?;
    } else if args.csv {
        print(&Sheet::csv(&sheets(&claims, args.evidence)))?;
    } else if !args.typeset.print(|| sheets(&claims, args.evidence))? {
        let texts: Vec<String> = claims.iter().map(|claim| text(claim, args.evidence)).collect();
        print_painted(&(texts.join("\n") + "\n"))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Returns the runs that were asked for.
fn runs(args: &Args) -> Result<Vec<Run>> {
    if args.names.is_empty() {
        let shipped = Definition::shipped().par_iter();
        let runs: Vec<Run> =
            shipped.map(|(name, _)| Run::of_definition(&args.results, name)).collect::<Result<_>>()?;
        return Ok(runs.into_iter().filter(|run| !run.definition.claims.is_empty()).collect());
    }
    args.names.iter().map(|name| Run::named(&args.results, name)).collect()
}

/// Returns the verdicts as a table, and with `evidence` a table of the comparisons of every test.
fn sheets(claims: &[Claim], evidence: bool) -> Vec<Sheet> {
    let words = |head: &str| (head.to_owned(), Kind::Words);
    let numbers = |head: &str| (head.to_owned(), Kind::Numbers);
    let heads = vec![
        words("claim"),
        words("form"),
        words("test"),
        words("verdict"),
        numbers("effect"),
        numbers("interval"),
        words("unit"),
        numbers("p"),
        words("against, at"),
        words("run"),
    ];
    let mut all = vec![Sheet { title: "Tests of the claims".to_owned(), heads, rows: Vec::new() }];
    for claim in claims {
        for part in &claim.parts {
            for test in &part.judgement.tests {
                let row = test.decisive.as_ref();
                let of = |cell: fn(&EvidenceRow) -> String| row.map(cell).unwrap_or_default();
                all[0].rows.push(vec![
                    claim.id.name().to_owned(),
                    if test.decides { test.form.title() } else { "supporting" }.to_owned(),
                    test.test.clone(),
                    test.verdict.name().to_owned(),
                    of(|row| signed(row.effect)),
                    of(interval),
                    if row.is_some() { unit(test) } else { "" }.to_owned(),
                    of(|row| p_value(row.p)),
                    of(against),
                    part.definition.clone(),
                ]);
                let rows: Vec<&EvidenceRow> = test.rows.iter().collect();
                if evidence && !rows.is_empty() {
                    let title = format!("{}, {} ({})", claim.id.name(), test.test, part.definition);
                    all.push(evidence_sheet(title, &rows));
                }
            }
        }
    }
    all
}
