//! Single kinds of figure show what they promise.

use super::figures::{all_kinds, context, coordinate, drawn, fields, hatches, one, spec, texts};
use crate::context::{Context, Scope, TheoryCurve, TheoryMark};
use crate::draw;
use crate::error::FigureError;
use crate::sample;
use analysis::summary::{CriticalLoad, Estimate};
use analysis::trajectory::Trajectory;
use protocols::reading::{End, Reader};
use protocols::{Corruption, Source};
use stats::{Crossing, CrossingInterval};
use study::figure::{FigureKind, FigureSpec};
use study::measure::Measure;

#[test]
fn failed_cells_are_hatched_and_explained() {
    let random = FigureSpec {
        source: Some(Source::Random),
        dynamics: Some(Reader::Sync),
        ..spec("map", FigureKind::HeatMap)
    };
    let failing = one(&random, &sample::sweep(), &context());
    assert!(hatches(&failing.svg) > 20);
    let said = texts(&failing.svg);
    assert!(said.contains(&"all trials failed: diverged") && said.contains(&"some trials failed: timeout"));
    assert_eq!(failing.csv.matches(",diverged,").count(), 8, "two loads, four noise levels");
    let well: Vec<Estimate> = sample::sweep().into_iter().filter(|e| e.m < 48).collect();
    let whole = one(&random, &well, &context());
    assert_eq!(hatches(&whole.svg), 0);
    let mut holed = well;
    holed.retain(|e| e.protocol != "PSE" || e.m != 16 || e.flips != Some(Corruption::flips(6)));
    let holed = one(&random, &holed, &context());
    assert!(hatches(&holed.svg) > 0 && texts(&holed.svg).contains(&"not measured"));
}

#[test]
fn failed_points_are_crosses_and_explained() {
    let random = FigureSpec { source: Some(Source::Random), ..spec("load", FigureKind::Load) };
    let drawn = one(&random, &sample::sweep(), &context());
    let texts = texts(&drawn.svg);
    let said = ["all trials failed: diverged", "some trials failed: timeout"];
    assert!(said.iter().all(|text| texts.contains(text)), "{texts:?}");
}

#[test]
fn theory_stands_in_the_legend_also_where_it_lies_beyond_the_axis() {
    let scope = Scope { source: Some(Source::Random), ..Scope::default() };
    let mark = |label: &str, load: f64| TheoryMark { label: label.to_owned(), load, scope };
    let marks = [mark("HOP retrieval limit 0.138", 0.138), mark("Gardner limit 2", 2.0)];
    let curves = [TheoryCurve {
        label: "Cover 1965".to_owned(),
        protocol: None,
        points: (0..50).map(|i| f64::from(i) * 0.04).map(|x| (x, 1.0 / (1.0 + x))).collect(),
        scope,
    }];
    let with = Context { marks: &marks, curves: &curves, ..context() };
    let random = FigureSpec { source: Some(Source::Random), ..spec("load", FigureKind::Load) };
    let svg = one(&random, &sample::sweep(), &with).svg;
    for text in ["HOP retrieval limit 0.138", "Gardner limit 2", "Cover 1965", "→", "1"] {
        assert!(texts(&svg).contains(&text), "{text}");
    }
    let glyphs = FigureSpec { source: Some(Source::Glyphs), ..random };
    assert!(!one(&glyphs, &sample::sweep(), &with).svg.contains("Cover 1965"));
}

#[test]
fn exponents_are_the_fitted_ones() {
    let law = |n: u32| 1e-6 * f64::from(n).powf(2.5);
    let exact: Vec<Estimate> = sample::times(&[0.25])
        .into_iter()
        .map(|e| Estimate { value: Some(law(e.n)), low: Some(law(e.n)), high: Some(law(e.n)), ..e })
        .collect();
    let drawn = one(&spec("cost", FigureKind::Cost), &exact, &context());
    assert!(texts(&drawn.svg).contains(&"TRN: exponent 2.50 [2.50 2.50]"), "{:?}", texts(&drawn.svg));
}

#[test]
fn a_parameter_runs_along_an_axis() {
    let (spec, estimates) = all_kinds().into_iter().find(|(spec, _)| spec.name == "k").unwrap();
    let page = one(&spec, &estimates, &context());
    let said = texts(&page.svg);
    for label in ["TRN, noise 0.1", "TRN, noise 0.2", "TRN, redrawn", "HOP", "5", "10", "20", "50"] {
        assert!(said.contains(&label), "{label} in {said:?}");
    }
    assert!(page.csv.contains(r#"{""trn"":{""queries"":80,"#), "{}", page.csv);
    let only = |protocols: &str| FigureSpec { protocols: Some(vec![protocols.to_owned()]), ..spec.clone() };
    let map = FigureSpec {
        kind: FigureKind::HeatMap,
        y: coordinate("trn.noise"),
        reference: None,
        ..only("TRN, noise 0.1")
    };
    assert_eq!(one(&map, &estimates, &context()).csv.lines().count(), 1 + 3 * 2);
    let split =
        FigureSpec { x: coordinate("noise"), split: coordinate("trn.queries"), ..only("TRN, noise 0.2") };
    let page = one(&split, &estimates, &context());
    assert!(["queries = 5", "queries = 20", "queries = 80"].iter().all(|l| texts(&page.svg).contains(l)));
    let text = FigureSpec { x: coordinate("hop.diagonal"), ..spec.clone() };
    let hop = Estimate { parameters: r#"{"hop":{"diagonal":"zero"}}"#.to_owned(), ..sample::estimate() };
    let error = draw(&text, &[hop], &context()).unwrap_err();
    assert!(matches!(error, FigureError::Text { .. }), "{error}");
}

#[test]
fn differences_that_may_be_chance_are_hatched() {
    let (spec, estimates) = all_kinds().into_iter().find(|(spec, _)| spec.name == "less").unwrap();
    let random = FigureSpec { source: Some(Source::Random), dynamics: Some(Reader::Sync), ..spec };
    let page = &drawn(&random, &estimates).unwrap()[0];
    assert!(page.svg.contains("stroke=\"#C6C6C6\""), "hatches");
    let said = texts(&page.svg);
    assert!(
        said.contains(&"may be chance (p above 0.05)") && said.contains(&"all trials failed: diverged"),
        "{said:?}"
    );
    let rows: Vec<Vec<String>> = page.csv.lines().skip(1).map(fields).collect();
    // Ten loads and three noise levels at which TRN did not fail, three rivals each; no noise is left out.
    assert_eq!(rows.len(), 10 * 3 * 3);
    assert!(page.caption.join(" ").contains("queries without noise are left out"));
    assert!(rows.iter().all(|row| row[8] == "TRN" && row[9] != "TRN"));
    let without = FigureSpec { subject: None, ..random.clone() };
    let error = drawn(&without, &estimates).unwrap_err().to_string();
    assert!(error.contains("one of HOP, MPF, PSE, TRN"), "{error}");
    let error = draw(&random, &estimates, &context()).unwrap_err();
    assert!(matches!(error, FigureError::NoRival { .. }), "{error}");
}

#[test]
fn a_fit_counts_the_sizes_it_is_told_to() {
    // A law that is flat up to N = 64 and a square beyond.
    let law = |n: u32| f64::from(n.max(64)).powi(2) * 1e-6;
    let bent: Vec<Estimate> = sample::times(&[0.25])
        .into_iter()
        .map(|e| Estimate { value: Some(law(e.n)), low: Some(law(e.n)), high: Some(law(e.n)), ..e })
        .collect();
    let late = FigureSpec { fit_from: Some(64), ..spec("cost", FigureKind::Cost) };
    let drawn = one(&late, &bent, &context());
    assert!(texts(&drawn.svg).contains(&"TRN: exponent 2.00 [2.00 2.00]"), "{:?}", texts(&drawn.svg));
}

#[test]
fn critical_loads_stand_in_the_panel_of_their_curves_and_in_the_csv() {
    let critical = |protocol: &str, value: Crossing| CriticalLoad {
        protocol: protocol.to_owned(),
        source: Source::Random,
        n: 64,
        dynamics: None,
        flips: None,
        measure: Measure::FixedPoints,
        level: 0.5,
        crossing: CrossingInterval { value, low: Crossing::At(0.15), high: Crossing::AboveGrid, cell: None },
        trials: 20,
    };
    let crossings = [critical("HOP", Crossing::At(0.17)), critical("PSE", Crossing::AboveGrid)];
    let with = Context { crossings: &crossings, ..context() };
    let random = FigureSpec { source: Some(Source::Random), ..spec("load", FigureKind::Load) };
    let page = one(&random, &sample::sweep(), &with);
    assert!(texts(&page.svg).contains(&"load at 0.5, 95 % interval"));
    let rows: Vec<Vec<String>> =
        page.csv.lines().map(fields).filter(|f| f[8].starts_with("load at")).collect();
    let brief: Vec<[&str; 4]> = rows.iter().map(|r| [&*r[3], &*r[9], &*r[11], &*r[14]]).collect();
    assert_eq!(brief, [["HOP", "0.17", "", "ok"], ["PSE", "", "", "above the grid"]]);
    let other = FigureSpec { source: Some(Source::Glyphs), ..random };
    assert!(!texts(&one(&other, &sample::sweep(), &with).svg).contains(&"load at 0.5, 95 % interval"));
}

#[test]
fn basins_show_every_state_of_a_read() {
    let message: Vec<i8> = (0..16).map(|i| if i % 3 == 0 { 1 } else { -1 }).collect();
    let flipped = |bits: usize| -> Vec<i8> {
        message.iter().enumerate().map(|(i, &s)| if i < bits { -s } else { s }).collect()
    };
    let read = |protocol: &str, query: u32, last: usize| Trajectory {
        protocol: protocol.to_owned(),
        parameters: format!("{{\"{}\":{{}}}}", protocol.to_lowercase()),
        source: Source::Random,
        n: 16,
        m: 4,
        dynamics: Reader::Sync,
        flips: Corruption::flips(3),
        query,
        stored: message.clone(),
        offered: flipped(3),
        states: vec![(1, flipped(1)), (2, flipped(last))],
        last: flipped(last),
        end: End::Fixed,
    };
    let reads = [read("HOP", 0, 1), read("PSE", 0, 0), read("HOP", 1, 0), read("PSE", 1, 0)];
    let with = Context { trajectories: &reads, ..context() };
    let page = one(&spec("basins", FigureKind::Basins), &sample::sweep(), &with);
    let said = texts(&page.svg);
    for label in ["message 1", "message 2", "HOP", "PSE", "query", "1", "2", "end", "settled at the message"]
    {
        assert!(said.contains(&label), "{label} in {said:?}");
    }
    // Wrong pixels are those that were -1: of the first bits, 0 and 3 are +1. One in the legend.
    let wrong = page.svg.matches("fill=\"#D55E00\"").count();
    let in_query = [0, 1, 2].iter().filter(|&&i| message[i] == -1).count();
    assert_eq!(wrong, 1 + 4 * in_query, "four queries; later states differ in bit 0 only, which is +1");
    let rows: Vec<Vec<String>> = page.csv.lines().map(fields).collect();
    assert_eq!(rows.len(), 1 + 4 * 5);
    assert_eq!(rows[5][7..], ["end", "0.875", "fixed point", "0001001001001001"]);
    let none = draw(&spec("basins", FigureKind::Basins), &sample::sweep(), &context()).unwrap_err();
    assert!(matches!(none, FigureError::NoReads { .. }));
}
