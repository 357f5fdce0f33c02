//! This module writes verdicts on claims as text, with the evidence behind them.

use crate::spark;
use crate::typeset::{Kind, Sheet};
use crate::width::{columns, wrapped, wrapped_command};
use analysis::claim::wording::{against, interval, number, p_value, says, signed};
use analysis::claim::{Bearing, EvidenceRow, Finding, FormVerdict, Role, Verdict};
use base::paint::{self, faint, head};
use indexmap::IndexMap;
use report::verdict::{Claim, Part};
use std::fmt::Write;

/// Writes a claim: what it says, its verdict in each form, its tests, and what each run says of it.
pub(crate) fn text(claim: &Claim, evidence: bool) -> String {
    let mut text = filled(&format!("{}  {}", head(claim.id.name()), claim.statement), 0, 4) + "\n";
    for FormVerdict { form, verdict } in &claim.verdicts {
        let line = format!("{}: {}", form.title(), coloured(*verdict));
        text += &(filled(&line, 4, 8) + "\n");
    }
    text.push('\n');
    text += &tests(claim);
    for part in &claim.parts {
        text += &indented(&origin(part));
        if evidence {
            text += &indented(&evidence_of(part));
        }
    }
    text
}

/// Writes the tests: those that decide a form under its title, then those that support.
fn tests(claim: &Claim) -> String {
    let all: Vec<(&Part, &Finding)> = claim
        .parts
        .iter()
        .flat_map(|part| part.judgement.tests.iter().map(move |test| (part, test)))
        .collect();
    let scales = scales(&all);
    let mut text = String::new();
    let decided = claim.verdicts.iter().map(|one| (Some(one.form), one.form.title()));
    for (form, title) in decided.chain([(None, "supporting, which does not decide")]) {
        let of = |(_, test): &&(&Part, &Finding)| match form {
            Some(form) => test.decides && test.form == form,
            None => !test.decides,
        };
        let tests: Vec<&(&Part, &Finding)> = all.iter().filter(of).collect();
        if tests.is_empty() {
            continue;
        }
        text += &format!("    {}\n", head(title));
        for (part, test) in tests {
            text += &(summary(part, test, &scales) + "\n");
        }
    }
    text
}

/// The largest effect or end of an interval of each unit: effects of one unit are drawn on one scale.
fn scales(all: &[(&Part, &Finding)]) -> IndexMap<&'static str, f64> {
    let mut scales: IndexMap<&'static str, f64> = IndexMap::new();
    for (_, test) in all {
        let Some(row) = &test.decisive else { continue };
        let scale = scales.entry(unit(test)).or_default();
        *scale = [row.effect, row.low, row.high]
            .into_iter()
            .flatten()
            .fold(*scale, |most, end| most.max(end.abs()));
    }
    scales
}

/// Writes a test in three lines: what and its verdict; effect, interval and unit; the rival and the place.
fn summary(part: &Part, finding: &Finding, scales: &IndexMap<&'static str, f64>) -> String {
    let lacks = if finding.complete { "" } else { ", cells lack" };
    let name = format!("{}: {}{lacks}", finding.test, coloured(finding.verdict));
    let mut text = filled(&name, 6, 8);
    let Some(row) = &finding.decisive else { return text };
    let unit = unit(finding);
    let p = p_value(row.p);
    let p = if p.is_empty() { p } else { format!(", p {}", p.replacen('<', "< ", 1)) };
    let numbers = format!("{} {} {unit}{p}", signed(row.effect), interval(row));
    text += &format!("\n{}", filled(&numbers, 8, 8));
    let scale = scales.get(unit).copied().unwrap_or_default();
    let whisker = spark::whisker(row.effect, row.low, row.high, scale);
    if !whisker.is_empty() {
        text += &format!("\n        {}", faint(&format!("-{scale:.2} {whisker} +{scale:.2}")));
    }
    let place = format!("against {} (run {})", against(row), part.definition);
    text + "\n" + &filled(&place, 8, 8)
}

/// The unit of a test's effect.
pub(crate) fn unit(finding: &Finding) -> &'static str {
    let quantity = finding.decisive.as_ref().map_or("", |row| row.quantity.as_str());
    match finding.kind {
        "difference" | "property" if quantity.starts_with("recovered") => "of the queries",
        "difference" | "property" if quantity == "fixed-points" => "of the messages",
        "capacity" => "in load M/N",
        "write-time" | "queries-needed" | "exhaustive-queries" => match quantity {
            "exponent" => "in the exponent of N",
            _ => "beyond what decides",
        },
        _ => "as a share",
    }
}

/// Writes where a part comes from, and what it lacks.
fn origin(part: &Part) -> String {
    let Part { definition, run, cells, confidence, command, figure_file, judgement } = part;
    let lacking = judgement.lacking;
    let mut text = match run {
        None => format!("{definition}: not run yet"),
        Some(run) => {
            format!("{definition}: {}, intervals of {:.2} %", run.display(), 100.0 * confidence)
        }
    };
    if run.is_some() && !lacking.is_none() {
        let (failed, missing) = (lacking.failed, lacking.missing);
        write!(text, "; of {cells} cells {failed} failed and {missing} are missing").expect(WRITES);
    }
    for Finding { test, holds, fails, decisive, .. } in &judgement.tests {
        let note = decisive.as_ref().and_then(|row| row.note.as_deref());
        let places = (!holds.is_empty()).then(|| format!("holds in {holds}; fails in {fails}"));
        let words: Vec<&str> = note.into_iter().chain(places.as_deref()).collect();
        if !words.is_empty() {
            let words = format!("{test}: {}", words.join("; "));
            write!(text, "\n{}", wrapped(&words, columns() - 4, 2)).expect(WRITES);
        }
    }
    let (source, figure) = (&judgement.source, figure_file.display());
    for line in [format!("source: {source}"), format!("figure: {figure}")] {
        write!(text, "\n{}", wrapped(&line, columns() - 4, 2)).expect(WRITES);
    }
    text + "\n" + &wrapped_command(&format!("reproduce: {command}"), columns() - 4) + "\n"
}

/// Writes the analysis, and every row.
fn evidence_of(part: &Part) -> String {
    let analysis = part.judgement.analysis.trim().replace('\n', " ");
    let mut text = format!("\n{}\n", wrapped(&analysis, columns() - 4, 0));
    for finding in &part.judgement.tests {
        for (role, title) in [
            (Role::Required, "required: each has to speak for the claim"),
            (Role::Guard, "guards: none may speak against it"),
            (Role::Map, "map: the same everywhere in the grid"),
        ] {
            let rows: Vec<&EvidenceRow> = finding.rows.iter().filter(|row| row.role == role).collect();
            if !rows.is_empty() {
                let (test, kind) = (&finding.test, finding.kind);
                let title = wrapped(&format!("{test} ({kind}), {title}"), columns() - 4, 2);
                let table = evidence_sheet(title.clone(), &rows).text(columns() - 4);
                write!(text, "\n{title}\n{table}\n").expect(WRITES);
            }
        }
    }
    text
}

const WRITES: &str = "text can be written to";

/// Writes a text that is as wide as the terminal, its first line `first` columns in and the others `rest`.
fn filled(text: &str, first: usize, rest: usize) -> String {
    format!(
        "{}{}",
        " ".repeat(first),
        wrapped(text, columns() - first, rest - first.min(rest))
            .replace('\n', &format!("\n{}", " ".repeat(first)))
    )
}

fn indented(text: &str) -> String {
    text.lines().map(|line| if line.is_empty() { "\n".to_owned() } else { format!("    {line}\n") }).collect()
}

fn coloured(verdict: Verdict) -> String {
    let paint = match verdict {
        Verdict::Holds => paint::good,
        Verdict::Fails => paint::bad,
        Verdict::Undecided => paint::open,
    };
    paint(verdict.name())
}

/// Makes a table of rows. Columns that no row fills are left out.
pub(crate) fn evidence_sheet(title: String, rows: &[&EvidenceRow]) -> Sheet {
    let columns = evidence_columns(rows);
    let kind = |right| if right { Kind::Numbers } else { Kind::Words };
    Sheet {
        title,
        heads: columns.iter().map(|&(name, right, _)| (name.to_owned(), kind(right))).collect(),
        rows: rows.iter().map(|row| columns.iter().map(|(.., cell)| cell(row)).collect()).collect(),
    }
}

/// A column of evidence: its head, whether it holds numbers, and its cell of a row.
type EvidenceColumn = (&'static str, bool, fn(&EvidenceRow) -> String);

/// Returns the columns that any of the rows fills.
fn evidence_columns(rows: &[&EvidenceRow]) -> Vec<EvidenceColumn> {
    let columns: [EvidenceColumn; 16] = [
        ("quantity", false, |row| row.quantity.clone()),
        ("against", false, |row| row.against.clone().unwrap_or_default()),
        ("messages", false, |row| row.at.source.name().to_owned()),
        ("read", false, |row| row.at.dynamics.map_or("", |dynamics| dynamics.name()).to_owned()),
        ("N", true, |row| row.at.n.to_string()),
        ("M", true, |row| row.at.m.map_or(String::new(), |m| m.to_string())),
        ("load", true, |row| number(row.at.load())),
        ("d/N", true, |row| number(row.at.noise())),
        ("subject", true, |row| number(row.subject)),
        ("rival", true, |row| number(row.rival)),
        ("effect", true, |row| signed(row.effect)),
        ("interval", true, interval),
        ("p", true, |row| p_value(row.p)),
        ("sets", true, |row| row.trials.to_string()),
        ("says", false, |row| match row.outcome {
            Bearing::For => paint::good(says(row)),
            Bearing::Against => paint::bad(says(row)),
            _ => says(row).to_owned(),
        }),
        ("note", false, |row| row.note.clone().unwrap_or_default()),
    ];
    columns.into_iter().filter(|(.., cell)| rows.iter().any(|row| !cell(row).is_empty())).collect()
}
