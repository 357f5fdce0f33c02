//! This module writes estimates as tables of text: a row a load, a column a protocol.

use crate::spark;
use crate::width::wrapped;
use analysis::summary::Estimate;
use base::paint::{bad, faint, head, width};
use comfy_table::{CellAlignment, Table, presets};
use indexmap::{IndexMap, IndexSet};
use protocols::reading::Reader;
use protocols::{Corruption, Source};
use std::fmt::Write;
use study::measure::Measure;

/// Holds the noise level that a compact table shows, or the nearest to it.
const SHOWN_NOISE: f64 = 0.1;

/// Says how many points make a curve.
const POINTS: usize = 3;

/// The compact view of a run, with the marks of [`base::paint`]: fixed points, and recovery at about 10 %
/// noise, read synchronously where it was; write times where nothing else was measured. The measure that is
/// asked for is shown like that, whichever it is. Lines have at most `room` columns, where words and numbers allow it.
pub(crate) fn compact(estimates: &[Estimate], asked: Option<Measure>, room: usize) -> String {
    // These have a place of their own.
    let placed = [Measure::FixedPoints, Measure::Recovered, Measure::WriteSeconds];
    let asked = asked.filter(|measure| !placed.contains(measure));
    let mut text = String::new();
    for (source, n) in panels(estimates) {
        let here: Vec<&Estimate> = estimates.iter().filter(|e| e.source == source && e.n == n).collect();
        let of = |measure| here.iter().copied().filter(move |e| e.measure == measure).collect::<Vec<_>>();
        let head = format!("{}, N = {n}", source.title());
        if let Some(measure) = asked {
            let (condition, rows) = at_shown_noise(of(measure), n);
            block(&mut text, &format!("{}, {head}{condition}", measure.name()), &rows, room);
            continue;
        }
        block(
            &mut text,
            &format!("Fixed points (share of the messages), {head}"),
            &of(Measure::FixedPoints),
            room,
        );
        let recovered = of(Measure::Recovered);
        if shown(&recovered).is_some() {
            let (condition, rows) = at_shown_noise(recovered, n);
            block(&mut text, &format!("Recovered (share of the queries), {head}{condition}"), &rows, room);
        } else {
            block(
                &mut text,
                &format!("Write time (s, median and middle half), {head}"),
                &of(Measure::WriteSeconds),
                room,
            );
        }
    }
    text
}

fn panels(estimates: &[Estimate]) -> IndexSet<(Source, u32)> {
    estimates.iter().map(|e| (e.source, e.n)).collect()
}

/// Returns the dynamics and flips of the compact table.
fn shown(recovered: &[&Estimate]) -> Option<(Reader, Corruption)> {
    let conditions = recovered.iter().filter_map(|e| Some((e.dynamics?, e.flips?, e.noise()?)));
    let nearest = conditions.min_by(|a, b| {
        let key = |c: &(Reader, Corruption, f64)| (c.2 - SHOWN_NOISE).abs();
        key(a).total_cmp(&key(b)).then(a.0.cmp(&b.0))
    });
    nearest.map(|(dynamics, flips, _)| (dynamics, flips))
}

/// Picks those of the noise level that a compact table shows, with its name behind a comma; all, where there are
/// no reads.
fn at_shown_noise(estimates: Vec<&Estimate>, n: u32) -> (String, Vec<&Estimate>) {
    let Some((dynamics, flips)) = shown(&estimates) else { return (String::new(), estimates) };
    let noise = f64::from(flips) / f64::from(n);
    let condition = format!(", {} (noise {noise:.2}), {}", flips.words(), dynamics.name());
    let is_shown = |e: &&Estimate| (e.dynamics, e.flips) == (Some(dynamics), Some(flips));
    (condition, estimates.into_iter().filter(is_shown).collect())
}

/// One title with its tables below: as many protocols stand side by side as the terminal is wide. Nothing where there
/// are no estimates.
fn block(text: &mut String, title: &str, estimates: &[&Estimate], room: usize) {
    if estimates.is_empty() {
        return;
    }
    let protocols: IndexSet<&str> = estimates.iter().map(|e| e.protocol.as_str()).collect();
    let mut rows: IndexMap<(u32, String), Vec<String>> = IndexMap::new();
    for estimate in estimates {
        let key = (estimate.m, format!("{:.3}", estimate.load));
        let row = rows.entry(key).or_insert_with(|| vec![String::new(); protocols.len()]);
        let column = protocols.get_index_of(estimate.protocol.as_str()).expect("every label was collected");
        row[column] = cell(estimate);
    }
    rows.sort_by(|a, _, b, _| a.0.cmp(&b.0));
    let mut lines: Vec<(String, String, Vec<String>)> = Vec::new();
    let curves = curves(estimates, &protocols, rows.len());
    for ((m, load), cells) in rows {
        lines.push((m.to_string(), load, cells));
    }
    if let Some(curves) = curves {
        lines.push((String::new(), faint("curve"), curves));
    }
    let columns: Vec<Column<'_>> =
        protocols.iter().enumerate().map(|(i, label)| Column::of(i, label, &lines)).collect();
    let trials: IndexSet<u32> = estimates.iter().map(|e| e.trials).collect();
    let trials: Vec<String> = trials.iter().map(u32::to_string).collect();
    writeln!(text, "{}", head(&format!("{title}, {} trials", trials.join(" or ")))).expect(WRITES);
    // M, the load, and the blanks beside them, but for the last of a line.
    let taken = lines.iter().map(|(m, ..)| m.len()).max().unwrap_or(0).max(1) + 8;
    for columns in side_by_side(&columns, taken, room) {
        let mut table = Table::new();
        table.load_preset(presets::NOTHING);
        let heads = columns.iter().map(Column::head);
        table.set_header(["M", "load"].into_iter().map(head).chain(heads));
        for (m, load, cells) in &lines {
            let cells = columns.iter().map(|column| cells[column.index].clone());
            table.add_row([m.clone(), load.clone()].into_iter().chain(cells));
        }
        table.column_iter_mut().for_each(|column| column.set_cell_alignment(CellAlignment::Right));
        writeln!(text, "{}\n", table.trim_fmt()).expect(WRITES);
    }
}

const WRITES: &str = "text can be written to";

/// A column of a table: a protocol, whose label is broken into lines where its numbers are narrower.
struct Column<'a> {
    index: usize,
    label: &'a str,
    width: usize,
}

impl<'a> Column<'a> {
    fn of(index: usize, label: &'a str, lines: &[(String, String, Vec<String>)]) -> Self {
        let cells = lines.iter().map(|(.., cells)| width(&cells[index]));
        let words = label.split(' ').map(width);
        Self { index, label, width: cells.chain(words).max().unwrap_or(0) }
    }

    fn head(&self) -> String {
        wrapped(self.label, self.width, 0).lines().map(head).collect::<Vec<_>>().join("\n")
    }
}

/// Divides the columns into tables that have room beside what M and the load have taken.
fn side_by_side<'a, 'b>(columns: &'a [Column<'b>], first: usize, room: usize) -> Vec<&'a [Column<'b>]> {
    /// What parts two columns.
    const BETWEEN: usize = 2;
    let (mut tables, mut begin, mut taken) = (Vec::new(), 0, first);
    for (i, column) in columns.iter().enumerate() {
        if i > begin && taken + column.width + BETWEEN > room {
            tables.push(&columns[begin..i]);
            (begin, taken) = (i, first);
        }
        taken += column.width + BETWEEN;
    }
    tables.push(&columns[begin..]);
    tables
}

/// Returns a curve over load for every protocol. There is none where there are too few points, or the measure
/// is no share.
fn curves(estimates: &[&Estimate], protocols: &IndexSet<&str>, rows: usize) -> Option<Vec<String>> {
    let share = |e: &&Estimate| {
        let range = e.measure.range();
        range.low == 0.0 && range.high == 1.0
    };
    if rows < POINTS || !estimates.iter().all(share) {
        return None;
    }
    let curve = |label: &&str| {
        let mut points: Vec<&&Estimate> = estimates.iter().filter(|e| e.protocol == **label).collect();
        points.sort_by_key(|e| e.m);
        spark::curve(points.into_iter().map(|e| e.value))
    };
    Some(protocols.iter().map(curve).collect())
}

/// Writes `.93 [.90 .95]`; `failed` where no trial gave a number; seconds in scientific notation.
fn cell(estimate: &Estimate) -> String {
    let Some(((value, low), high)) = estimate.value.zip(estimate.low).zip(estimate.high) else {
        return bad(estimate.status.name());
    };
    if estimate.measure == Measure::WriteSeconds {
        return format!("{value:.2e} {}", faint(&format!("[{low:.1e} {high:.1e}]")));
    }
    let short = |x: f64| format!("{x:.2}").trim_start_matches('0').to_owned();
    let failed =
        if estimate.failed > 0 { bad(&format!(" ({} failed)", estimate.failed)) } else { String::new() };
    let interval = faint(&format!("[{} {}]", short(low), short(high)));
    format!("{} {interval}{failed}", short(value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::paint::painted;
    use study::record::Status;

    fn estimate(protocol: &str, m: u32, value: Option<f64>) -> Estimate {
        Estimate {
            protocol: protocol.to_owned(),
            parameters: "{}".to_owned(),
            source: Source::Random,
            n: 64,
            m,
            load: f64::from(m) / 64.0,
            dynamics: None,
            flips: None,
            measure: Measure::FixedPoints,
            value,
            low: value,
            high: value,
            trials: 3,
            failed: if value.is_none() { 3 } else { 0 },
            status: if value.is_none() { Status::Timeout } else { Status::Ok },
        }
    }

    #[test]
    fn columns_are_aligned_and_curves_follow_the_load() {
        let estimates = [
            estimate("HOP", 8, Some(1.0)),
            estimate("HOP", 16, Some(0.5)),
            estimate("HOP", 32, Some(0.0)),
            estimate("PSE", 8, Some(1.0)),
            estimate("PSE", 32, None),
        ];
        let text = anstream::adapter::strip_str(&painted(&compact(&estimates, None, 80))).to_string();
        insta::assert_snapshot!(text);
    }

    #[test]
    fn no_table_is_wider_than_the_terminal() {
        let label = |i: u32| format!("a rule of many words, number {i}");
        let estimates: Vec<Estimate> =
            (0..30).flat_map(|i| [8, 16, 32].map(|m| estimate(&label(i), m, Some(0.5)))).collect();
        for room in [60, 80, 120] {
            let text = anstream::adapter::strip_str(&painted(&compact(&estimates, None, room))).to_string();
            assert!(text.lines().skip(1).all(|line| width(line) <= room), "{room}\n{text}");
            // Every rule has its column, and no two tables could be one.
            let fields: usize = text
                .lines()
                .filter(|line| line.trim_start().starts_with("8 "))
                .map(|line| line.matches('[').count())
                .sum();
            assert_eq!(fields, 30);
            assert_eq!(text.matches("curve").count(), 30_usize.div_ceil((room - 10) / 15), "{room}\n{text}");
        }
    }
}
