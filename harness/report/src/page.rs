//! This module makes the page itself. It fills templates, puts style and scripts in, and embeds the data.
//!
//! What comes from outside (labels, reasons, texts of definitions) passes the engine's HTML escaping, and as
//! data JSON. Figures are our own SVG, whose texts plotters has escaped. What is large is packed ([`packed`]).

use super::evidence::{self, Evidence};
use super::explorer::Explorer;
use super::packed::packed;
use super::picture::Picture;
use super::ranking::{self, Board, Kind};
use super::{ReportPage, RunReport};
use crate::verdict::{Claim, Part};
use analysis::claim::{EvidenceRow, Finding, FormVerdict, Role, wording};
use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, UndefinedBehavior, context};
use rayon::prelude::*;
use serde::Serialize;
use std::cmp::Ordering;
use std::collections::BTreeMap;
use study::claim::ClaimForm;

/// Holds the name and text of the templates. The first is the page, the others are its sections.
const TEMPLATES: [(&str, &str); 8] = [
    ("page", include_str!("page/page.html")),
    ("first", include_str!("page/first.html")),
    ("verdicts", include_str!("page/verdicts.html")),
    ("ranking", include_str!("page/ranking.html")),
    ("explorer", include_str!("page/explorer.html")),
    ("memory", include_str!("page/memory.html")),
    ("run", include_str!("page/run.html")),
    ("figures", include_str!("page/figures.html")),
];

const STYLE: &str = include_str!("page/style.css");

const SCRIPT: &str = concat!(
    include_str!("page/data.js"),
    include_str!("page/table.js"),
    include_str!("page/chart.js"),
    include_str!("page/export.js"),
    include_str!("page/network.js"),
    include_str!("page/memory.js"),
    include_str!("page/evidence.js"),
    include_str!("page/explorer.js"),
    include_str!("page/ranking.js"),
    include_str!("page/live.js"),
    include_str!("page/start.js"),
);

/// A `View` holds what the templates see.
#[derive(Serialize)]
struct View<'a> {
    title: &'a str,
    command: &'a str,
    problems: &'a [String],
    served: bool,
    style: &'static str,
    script: &'static str,
    /// Texts for the scripts, packed, each with its anchor; the page waits for the first alone.
    packs: Vec<Pack>,
    claims: Vec<ClaimView<'a>>,
    runs: &'a [&'a RunReport],
    boards: Vec<BoardView<'a>>,
    picture: Option<Picture>,
    has_stage: bool,
    has_explorer: bool,
}

/// A `Pack` is a text for the scripts.
#[derive(Serialize)]
struct Pack {
    anchor: String,
    text: String,
}

#[derive(Serialize)]
struct ClaimView<'a> {
    id: &'static str,
    statement: &'a str,
    /// The paper's form first.
    forms: Vec<FormView>,
    tests: Vec<TestView<'a>>,
    parts: Vec<PartView<'a>>,
}

/// A `FormView` is the verdict on one form of a claim.
#[derive(Serialize)]
struct FormView {
    name: ClaimForm,
    title: &'static str,
    verdict: &'static str,
    /// The test nearest to tipping the verdict.
    nearest: Option<Nearest>,
}

/// A `Nearest` is the comparison that a verdict hangs on.
#[derive(Serialize)]
struct Nearest {
    /// Where its evidence is listed.
    anchor: String,
    effect: String,
    interval: String,
    p: String,
    against: String,
}

/// A `TestView` is a test in one line.
#[derive(Serialize)]
struct TestView<'a> {
    definition: &'a str,
    name: &'a str,
    verdict: &'static str,
    decides: bool,
    form: &'static str,
    lacks: bool,
    effect: String,
    interval: String,
    p: String,
    against: String,
    note: &'a str,
    holds: &'a str,
    fails: &'a str,
    anchor: String,
    /// The run that it rests on, and the command that prints all of its rows.
    run: String,
    command: String,
    rows: usize,
}

/// A `PartView` says where a part of a verdict comes from.
#[derive(Serialize)]
struct PartView<'a> {
    definition: &'a str,
    run: String,
    analysis: &'a str,
    source: &'a str,
    command: &'a str,
    figure: String,
    failed: usize,
    missing: usize,
    cells: usize,
}

/// A `BoardView` is a board that is shown without any choice being made.
#[derive(Serialize)]
struct BoardView<'a> {
    kind: Kind,
    run: &'a str,
    noise: String,
    load: String,
    #[serde(flatten)]
    board: &'a Board,
}

/// Holds what the scripts see.
#[derive(Serialize)]
struct Data<'a> {
    served: Option<&'a str>,
    columns: [&'static str; 15],
    evidence: Vec<Evidence>,
    runs: Vec<RunData<'a>>,
}

/// Holds the figures of a run, which its section shows, and the numbers behind each.
#[derive(Serialize)]
struct Figures<'a> {
    html: String,
    csv: BTreeMap<&'a str, &'a str>,
}

#[derive(Serialize)]
struct RunData<'a> {
    name: &'a str,
    slug: &'a str,
    /// The command that prints its numbers.
    show: &'a str,
    explorer: &'a Explorer,
    boards: &'a [Board],
}

impl<'a> RunData<'a> {
    fn of(run: &'a RunReport) -> Self {
        Self {
            name: &run.name,
            slug: &run.slug,
            show: run.command("prints its numbers"),
            explorer: &run.explorer,
            boards: &run.boards,
        }
    }
}

pub(super) fn render(report: &ReportPage) -> anyhow::Result<String> {
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_syntax(SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build()?);
    for (name, text) in TEMPLATES {
        environment.add_template(name, text)?;
    }
    let boards = boards(report);
    let view = View {
        title: report.title(),
        command: &report.command,
        problems: &report.problems,
        served: report.served.is_some(),
        style: STYLE,
        script: SCRIPT,
        packs: packs(report, &environment)?,
        claims: report.claims.iter().map(|one| claim(report, one)).collect(),
        runs: &report.runs,
        picture: boards.first().map(|view| Picture::of(view.board)),
        boards,
        has_stage: report.stage.is_some(),
        has_explorer: report.runs.iter().any(|run| run.progress.stored > 0),
    };
    Ok(environment.get_template("page")?.render(Serde(&view))?)
}

/// Packs what the scripts read: the memories to play with, all estimates, and the figures run by run.
fn packs(report: &ReportPage, environment: &Environment<'_>) -> anyhow::Result<Vec<Pack>> {
    let data = || {
        let data = Data {
            served: report.served.as_deref(),
            columns: evidence::COLUMNS,
            evidence: evidence::evidence(&report.claims),
            runs: report.runs.iter().map(|run| RunData::of(run)).collect(),
        };
        anyhow::Ok(Pack { anchor: "data".to_owned(), text: packed(&serde_json::to_string(&data)?) })
    };
    let stage = Pack { anchor: "stage".to_owned(), text: packed(&serde_json::to_string(&report.stage)?) };
    let figures = |run: &&RunReport| {
        let html = environment.get_template("figures")?.render(context! { run => Serde(run) })?;
        let csv = run.figures.iter().map(|figure| (figure.anchor(), figure.numbers())).collect();
        let text = packed(&serde_json::to_string(&Figures { html, csv })?);
        Ok(Pack { anchor: format!("figures-{}", run.slug), text })
    };
    let of_runs = || report.runs.par_iter().map(figures).collect::<anyhow::Result<Vec<Pack>>>();
    let (data, of_runs) = rayon::join(data, of_runs);
    Ok([stage, data?].into_iter().chain(of_runs?).collect())
}

fn boards<'a>(report: &ReportPage<'a>) -> Vec<BoardView<'a>> {
    let all: Vec<(bool, &[Board])> = report.runs.iter().map(|run| (run.tuning, &run.boards[..])).collect();
    let view = |kind| {
        let (r, b) = ranking::first(&all, kind)?;
        let board = &report.runs[r].boards[b];
        let (noise, load) = match kind {
            Kind::Load50 => (format!("{:.3}", board.fraction()), String::new()),
            Kind::Noise50 => (String::new(), format!("{:.3}", board.fraction())),
        };
        Some(BoardView { kind, run: &report.runs[r].name, noise, load, board })
    };
    [Kind::Load50, Kind::Noise50].into_iter().filter_map(view).collect()
}

fn claim<'a>(report: &'a ReportPage<'_>, claim: &'a Claim) -> ClaimView<'a> {
    let tests = claim.parts.iter().enumerate().flat_map(|(p, part)| {
        let tests = part.judgement.tests.iter().enumerate();
        let run = report.runs.iter().find(|run| run.definition == part.definition).copied();
        tests.map(move |(t, finding)| test(part, run, finding, evidence::anchor(claim, p, t)))
    });
    // Those that decide come first.
    let (mut deciding, beside): (Vec<TestView<'_>>, Vec<_>) = tests.partition(|test| test.decides);
    deciding.extend(beside);
    ClaimView {
        id: claim.id.name(),
        statement: &claim.statement,
        forms: claim.verdicts.iter().map(|&form| form_view(claim, form)).collect(),
        tests: deciding,
        parts: claim.parts.iter().map(|one| part(report, one)).collect(),
    }
}

fn form_view(claim: &Claim, given: FormVerdict) -> FormView {
    let FormVerdict { form, verdict } = given;
    FormView { name: form, title: form.title(), verdict: verdict.name(), nearest: nearest(claim, given) }
}

fn test<'a>(part: &'a Part, run: Option<&RunReport>, finding: &'a Finding, anchor: String) -> TestView<'a> {
    let row = finding.decisive.as_ref();
    TestView {
        definition: &part.definition,
        name: &finding.test,
        verdict: finding.verdict.name(),
        decides: finding.decides,
        form: finding.form.title(),
        lacks: !finding.complete,
        effect: row.map_or(String::new(), |row| wording::signed(row.effect)),
        interval: row.map_or(String::new(), wording::interval),
        p: row.map_or(String::new(), |row| wording::p_value(row.p)),
        against: row.map_or(String::new(), wording::against),
        note: row.and_then(|row| row.note.as_deref()).unwrap_or_default(),
        holds: &finding.holds,
        fails: &finding.fails,
        anchor,
        run: run.map_or(String::new(), |run| run.name.clone()),
        command: run.map_or(String::new(), |run| run.command("prints all evidence").to_owned()),
        rows: finding.rows.iter().filter(|row| row.role != Role::Map).count(),
    }
}

/// Returns, of the tests that gave a form its verdict, the one with the largest p. Of these it is the one with the
/// smallest effect.
fn nearest(claim: &Claim, FormVerdict { form, verdict }: FormVerdict) -> Option<Nearest> {
    let tests = claim.parts.iter().enumerate().flat_map(|(p, part)| {
        let tests = part.judgement.tests.iter().enumerate();
        tests.map(move |(t, test)| (evidence::anchor(claim, p, t), test))
    });
    let deciding = tests.filter(|(_, test)| test.decides && test.form == form);
    let (gave, others): (Vec<(String, &Finding)>, Vec<_>) =
        deciding.partition(|(_, test)| test.verdict == verdict);
    let rows = |tests: Vec<(String, &Finding)>| {
        let row = |(anchor, test): (String, &Finding)| Some((anchor, test.decisive.clone()?));
        tests.into_iter().filter_map(row).collect::<Vec<(String, EvidenceRow)>>()
    };
    let rows = if gave.is_empty() { rows(others) } else { rows(gave) };
    let key = |row: &EvidenceRow| (row.p.unwrap_or(0.0), -row.effect.unwrap_or(f64::INFINITY).abs());
    let closer = |a: &(String, EvidenceRow), b: &(String, EvidenceRow)| key(&a.1).partial_cmp(&key(&b.1));
    let (anchor, most) = rows.iter().max_by(|a, b| closer(a, b).unwrap_or(Ordering::Equal))?;
    Some(Nearest {
        anchor: anchor.clone(),
        effect: wording::signed(most.effect),
        interval: wording::interval(most),
        p: wording::p_value(most.p),
        against: wording::against(most),
    })
}

fn part<'a>(report: &ReportPage<'_>, part: &'a Part) -> PartView<'a> {
    let judgement = &part.judgement;
    let run = report.runs.iter().find(|run| run.definition == part.definition);
    PartView {
        definition: &part.definition,
        run: part.run.as_ref().map_or(String::new(), |run| run.display().to_string()),
        analysis: judgement.analysis.trim(),
        source: &judgement.source,
        command: &part.command,
        figure: run.map_or(String::new(), |run| run.anchor(&judgement.figure)),
        failed: judgement.lacking.failed,
        missing: judgement.lacking.missing,
        cells: part.cells,
    }
}
