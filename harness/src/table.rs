//! This module writes estimates as tables of text: a row a load, a column a protocol.

use crate::spark;
use crate::typeset::{Kind, Sheet};
use crate::width::wrapped;
use analysis::summary::{Estimate, Place, place};
use base::paint::{bad, faint, head, width};
use comfy_table::{CellAlignment, Table, presets};
use indexmap::{IndexMap, IndexSet};
use protocols::reading::Reader;
use protocols::{Corruption, Source};
use std::collections::{BTreeSet, HashSet};
use std::fmt::Write;
use study::measure::Measure;

/// Holds the noise level that a compact table shows, or the nearest to it.
const SHOWN_NOISE: f64 = 0.1;

/// Says how many points make a curve.
const POINTS: usize = 3;

/// A `View` says which estimates are shown, and how.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct View<'a> {
    /// Only this measure, whichever it is.
    pub(crate) asked: Option<Measure>,
    /// A table for every noise level and reader, where there is else one.
    pub(crate) every_noise: bool,
    /// Who leads at each place: then protocols are ranked, and leaders marked.
    pub(crate) leaders: Option<&'a HashSet<(Place, String)>>,
}

/// A `Block` is a table before it is laid out: a row a load, a column a protocol.
#[derive(Debug)]
pub(crate) struct Block {
    title: String,
    protocols: Vec<String>,
    /// M, the load, and a cell a protocol.
    lines: Vec<(String, String, Vec<String>)>,
    /// A curve over the load for each protocol, where there are enough points.
    curves: Option<Vec<String>>,
}

/// Returns the tables of a run, with the marks of [`base::paint`]. Without a measure that is asked for they are fixed
/// points, and recovery at about 10 % noise, read synchronously where it was; write times where nothing else was
/// measured.
pub(crate) fn blocks(estimates: &[Estimate], view: View<'_>) -> Vec<Block> {
    let mut found = Vec::new();
    for (source, n) in panels(estimates) {
        let here: Vec<&Estimate> = estimates.iter().filter(|e| e.source == source && e.n == n).collect();
        let of = |measure| here.iter().copied().filter(move |e| e.measure == measure).collect::<Vec<_>>();
        let head = format!("{}, N = {n}", source.title());
        let mut add = |words: &str, estimates: Vec<&Estimate>| {
            for (condition, rows) in conditions(estimates, n, view.every_noise) {
                found.extend(block(format!("{words}, {head}{condition}"), &rows, view.leaders));
            }
        };
        if let Some(measure) = view.asked {
            add(&in_words(measure), of(measure));
            continue;
        }
        add(&in_words(Measure::FixedPoints), of(Measure::FixedPoints));
        let recovered = of(Measure::Recovered);
        if shown(&recovered).is_some() {
            add(&in_words(Measure::Recovered), recovered);
        } else {
            add(&in_words(Measure::WriteSeconds), of(Measure::WriteSeconds));
        }
    }
    found
}

/// Returns what a measure is called above a table.
fn in_words(measure: Measure) -> String {
    match measure {
        Measure::FixedPoints => "Fixed points (share of the messages)".to_owned(),
        Measure::Recovered => "Recovered (share of the queries)".to_owned(),
        Measure::WriteSeconds => "Write time (s, median and middle half)".to_owned(),
        other => other.name().to_owned(),
    }
}

/// Lays tables out for a terminal. Lines have at most `room` columns, where words and numbers allow it.
pub(crate) fn compact(blocks: &[Block], room: usize) -> String {
    blocks.iter().map(|block| block.text(room)).collect()
}

/// Returns tables as sheets.
pub(crate) fn sheets(blocks: &[Block]) -> Vec<Sheet> {
    blocks.iter().map(Block::sheet).collect()
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

/// Divides estimates by how memories were read, each part with its name behind a comma. That is the one that a compact
/// table shows, or every one; all together, where there are no reads.
fn conditions(estimates: Vec<&Estimate>, n: u32, every: bool) -> Vec<(String, Vec<&Estimate>)> {
    let all: BTreeSet<(Reader, Corruption)> =
        estimates.iter().filter_map(|e| Some((e.dynamics?, e.flips?))).collect();
    let Some(usual) = shown(&estimates) else { return vec![(String::new(), estimates)] };
    let wanted = if every { all.into_iter().collect() } else { vec![usual] };
    let of = |(dynamics, flips): (Reader, Corruption)| {
        let noise = f64::from(flips) / f64::from(n);
        let condition = format!(", {} (noise {noise:.2}), {}", flips.words(), dynamics.name());
        let is_of = |e: &&&Estimate| (e.dynamics, e.flips) == (Some(dynamics), Some(flips));
        (condition, estimates.iter().filter(is_of).copied().collect())
    };
    wanted.into_iter().map(of).collect()
}

/// Makes one table under its title; none where there are no estimates.
fn block(
    title: String,
    estimates: &[&Estimate],
    leaders: Option<&HashSet<(Place, String)>>,
) -> Option<Block> {
    if estimates.is_empty() {
        return None;
    }
    let mut protocols: IndexSet<&str> = estimates.iter().map(|e| e.protocol.as_str()).collect();
    if leaders.is_some() {
        let mean = |label: &str| mean(estimates, label, protocols.len());
        let mut ranked: Vec<(f64, &str)> = protocols.iter().map(|label| (mean(label), *label)).collect();
        ranked.sort_by(|a, b| b.0.total_cmp(&a.0));
        protocols = ranked.into_iter().map(|(_, label)| label).collect();
    }
    let leads = |e: &Estimate| leaders.is_some_and(|all| all.contains(&(place(e), e.protocol.clone())));
    let mut rows: IndexMap<(u32, String), Vec<String>> = IndexMap::new();
    for estimate in estimates {
        let key = (estimate.m, format!("{:.3}", estimate.load));
        let row = rows.entry(key).or_insert_with(|| vec![String::new(); protocols.len()]);
        let column = protocols.get_index_of(estimate.protocol.as_str()).expect("every label was collected");
        row[column] = match leaders {
            Some(_) if leads(estimate) => cell(estimate) + "*",
            Some(_) => cell(estimate) + " ",
            None => cell(estimate),
        };
    }
    rows.sort_by(|a, _, b, _| a.0.cmp(&b.0));
    let curves = curves(estimates, &protocols, rows.len());
    let lines = rows.into_iter().map(|((m, load), cells)| (m.to_string(), load, cells)).collect();
    let trials: IndexSet<u32> = estimates.iter().map(|e| e.trials).collect();
    let trials: Vec<String> = trials.iter().map(u32::to_string).collect();
    let marked = if leaders.is_some() { "; * leads its row by the paired interval" } else { "" };
    Some(Block {
        title: format!("{title}, {} trials{marked}", trials.join(" or ")),
        protocols: protocols.into_iter().map(str::to_owned).collect(),
        lines,
        curves,
    })
}

/// Returns the mean of a protocol over the loads that all have a number at, the larger the better.
fn mean(estimates: &[&Estimate], label: &str, protocols: usize) -> f64 {
    let shared = |m: u32| estimates.iter().filter(|e| e.m == m && e.value.is_some()).count() == protocols;
    let own = estimates.iter().filter(|e| e.protocol == label && shared(e.m));
    let sign = if estimates[0].measure.more_is_better() { 1.0 } else { -1.0 };
    let values: Vec<f64> = own.filter_map(|e| e.value).collect();
    sign * values.iter().sum::<f64>() / values.len().max(1) as f64
}

impl Block {
    /// The title with tables below: as many protocols stand side by side as the terminal is wide.
    fn text(&self, room: usize) -> String {
        let mut lines = self.lines.clone();
        if let Some(curves) = &self.curves {
            lines.push((String::new(), faint("curve"), curves.clone()));
        }
        let columns: Vec<Column<'_>> =
            self.protocols.iter().enumerate().map(|(i, label)| Column::of(i, label, &lines)).collect();
        let title: Vec<String> = wrapped(&self.title, room, 2).lines().map(head).collect();
        let mut text = format!("{}\n", title.join("\n"));
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
            writeln!(text, "{}\n", table.trim_fmt()).expect("text can be written to");
        }
        text
    }

    fn sheet(&self) -> Sheet {
        let heads = ["M", "load"].into_iter().chain(self.protocols.iter().map(String::as_str));
        let row = |(m, load, cells): &(String, String, Vec<String>)| {
            [m, load].into_iter().chain(cells).cloned().collect()
        };
        Sheet {
            title: self.title.clone(),
            heads: heads.map(|head| (head.to_owned(), Kind::Numbers)).collect(),
            rows: self.lines.iter().map(row).collect(),
        }
    }
}

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
        let text = anstream::adapter::strip_str(&painted(&compact(&blocks(&estimates, View::default()), 80)))
            .to_string();
        insta::assert_snapshot!(text);
    }

    #[test]
    fn the_best_stands_first_and_leaders_are_marked() {
        let estimates = [estimate("HOP", 8, Some(0.25)), estimate("PSE", 8, Some(0.5))];
        let leaders = HashSet::from([(place(&estimates[1]), "PSE".to_owned())]);
        let view = View { leaders: Some(&leaders), ..View::default() };
        let [sheet] = &sheets(&blocks(&estimates, view))[..] else { panic!("one table") };
        assert_eq!(sheet.heads[2].0, "PSE");
        let cells: Vec<String> = sheet.rows[0][2..].iter().map(|cell| base::paint::plain(cell)).collect();
        assert_eq!(cells, [".50 [.50 .50]*", ".25 [.25 .25] "]);
    }

    #[test]
    fn no_table_is_wider_than_the_terminal() {
        let label = |i: u32| format!("a rule of many words, number {i}");
        let estimates: Vec<Estimate> =
            (0..30).flat_map(|i| [8, 16, 32].map(|m| estimate(&label(i), m, Some(0.5)))).collect();
        for room in [60, 80, 120] {
            let text =
                anstream::adapter::strip_str(&painted(&compact(&blocks(&estimates, View::default()), room)))
                    .to_string();
            assert!(text.lines().all(|line| width(line) <= room), "{room}\n{text}");
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
