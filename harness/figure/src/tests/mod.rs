//! Whole figures, drawn from made-up estimates.

use super::*;
use analysis::summary::CriticalLoad;
use analysis::trajectory::Trajectory;
use protocols::Source;
use protocols::reading::{Dynamics, End};
use stats::{Crossing, CrossingInterval};
use study::measure::Measure;
use study::record::Status;

fn spec(name: &str, kind: FigureKind) -> FigureSpec {
    FigureSpec::new(name, kind)
}

fn context() -> Context<'static> {
    Context::new("quick", "cargo run -p harness -- figures quick")
}

fn one(spec: &FigureSpec, estimates: &[Estimate], context: &Context<'_>) -> Drawn {
    let mut pages = draw(spec, estimates, context).unwrap();
    assert_eq!(pages.len(), 1);
    pages.remove(0)
}

/// The lines of text in an SVG, as they stand there.
fn texts(svg: &str) -> Vec<&str> {
    svg.split("<text ")
        .skip(1)
        .filter_map(|text| text.split_once(">\n")?.1.split_once('\n'))
        .map(|t| t.0)
        .collect()
}

fn hatches(svg: &str) -> usize {
    svg.matches("stroke=\"#79797A\"").count()
}

/// Estimates of another measure with the same values.
fn measured(measure: Measure, estimates: Vec<Estimate>) -> Vec<Estimate> {
    let recovered = estimates.into_iter().filter(|e| e.measure == Measure::Recovered);
    recovered.map(|e| Estimate { measure, ..e }).collect()
}

/// Trainings of TRN with three K and two noise levels, a baseline without K, and the plateau.
fn trainings() -> Vec<Estimate> {
    let mut estimates = Vec::new();
    let mut add = |label: String, parameters: String, value: f64| {
        for flips in [3, 6] {
            let value = Some(value - f64::from(flips) / 40.0);
            let (protocol, parameters, flips) = (label.clone(), parameters.clone(), Some(flips));
            estimates.push(Estimate {
                protocol,
                parameters,
                flips,
                value,
                low: value,
                high: value,
                ..sample::estimate()
            });
        }
    };
    for (k, gain) in [(5, 0.0), (20, 0.2), (80, 0.3)] {
        for noise in [0.1, 0.2] {
            let parameters = format!(r#"{{"trn":{{"queries":{k},"noise":{noise},"redraw":0}}}}"#);
            add(format!("TRN, noise {noise}, K={k}"), parameters, 0.5 + gain + noise);
        }
    }
    for (label, parameters) in [("HOP", "hop"), ("PSE", "pse"), ("MPF", "mpf")] {
        add(label.to_owned(), format!(r#"{{"{parameters}":{{}}}}"#), 0.4);
    }
    add("TRN, redrawn".to_owned(), r#"{"trn":{"queries":20,"noise":0.2,"redraw":1}}"#.to_owned(), 0.95);
    estimates
}

fn coordinate(name: &str) -> Option<Coordinate> {
    Some(Coordinate::named(name).unwrap())
}

fn all_kinds() -> Vec<(FigureSpec, Vec<Estimate>)> {
    let recovered = FigureSpec { measure: Some(Measure::Recovered), ..spec("recovered", FigureKind::Load) };
    let x = || coordinate("trn.queries");
    let reference = Some(vec!["TRN, redrawn".to_owned()]);
    let curves = FigureSpec { x: x(), reference, ..spec("k", FigureKind::Curves) };
    let subject = Some("TRN".to_owned());
    let both = [sample::sweep(), measured(Measure::RecoveredCheckpoint, sample::sweep())].concat();
    vec![
        (spec("load", FigureKind::Load), sample::sweep()),
        (recovered, sample::sweep()),
        (spec("noise", FigureKind::Noise), sample::sweep()),
        (curves, trainings()),
        (spec("map", FigureKind::HeatMap), sample::sweep()),
        (FigureSpec { subject, ..spec("less", FigureKind::Difference) }, sample::sweep()),
        (spec("retrieval", FigureKind::Retrieval), measured(Measure::Overlap, sample::sweep())),
        (spec("steps", FigureKind::Scatter), both),
        (spec("cost", FigureKind::Cost), sample::times(&[0.25])),
        (spec("costs", FigureKind::Cost), sample::times(&[0.1, 0.25, 0.5])),
    ]
}

/// Draws with what the kind of figure needs besides: contrasts of the values drawn, of which small ones are chance.
fn drawn(spec: &FigureSpec, estimates: &[Estimate]) -> Result<Vec<Drawn>, FigureError> {
    let contrasts = sample::contrasts(estimates, spec.subject.as_deref().unwrap_or(""));
    draw(spec, estimates, &Context { contrasts: &contrasts, ..context() })
}

#[test]
fn drawing_again_gives_the_same_bytes() {
    for (spec, estimates) in all_kinds() {
        assert!(drawn(&spec, &estimates).unwrap() == drawn(&spec, &estimates).unwrap(), "{}", spec.name);
    }
}

#[test]
fn the_order_of_estimates_does_not_matter() {
    for (spec, mut estimates) in all_kinds() {
        let before = drawn(&spec, &estimates).unwrap();
        estimates.reverse();
        assert!(drawn(&spec, &estimates).unwrap() == before, "{}", spec.name);
    }
}

#[test]
fn svg_parses_at_its_nominal_width_and_names_protocols_and_axes() {
    for (spec, estimates) in all_kinds() {
        for page in drawn(&spec, &estimates).unwrap() {
            let width = raster::tree(&page.svg).unwrap().size().width() * 25.4 / 96.0;
            assert!((width - 85.0).abs() < 0.01 || (width - 180.0).abs() < 0.01, "{width} mm");
            let texts = texts(&page.svg);
            for label in ["HOP", "PSE", "MPF", "TRN"] {
                assert!(texts.iter().any(|text| text.contains(label)), "{label} in {}: {texts:?}", page.name);
            }
            let (x, y) = match spec.kind {
                FigureKind::Load => ("load M/N", ")"),
                FigureKind::Noise => ("noise d/N (share of bits flipped)", "recovered queries (share)"),
                FigureKind::Curves => ("queries a message, K (trn.queries)", "recovered queries (share)"),
                FigureKind::HeatMap | FigureKind::Difference => ("load M/N", "noise d/N (flipped bits)"),
                FigureKind::Retrieval => ("overlap of the query m₀ = 1 − 2 d/N", "final overlap m (mean)"),
                FigureKind::Scatter => {
                    ("recovered after L steps (share of queries)", "recovered queries (share)")
                }
                FigureKind::Cost => ("units N", "write time (s)"),
                FigureKind::Basins | FigureKind::Margins | FigureKind::QueriesNeeded => {
                    unreachable!("they show no estimates")
                }
            };
            assert!(texts.contains(&x) && texts.iter().any(|text| text.ends_with(y)), "{texts:?}");
            assert!(page.svg.contains("font-family=\"DejaVu Sans, sans-serif\""));
            assert_eq!(&page.png().unwrap()[1..4], b"PNG");
        }
    }
}

/// Splits a line of CSV without line breaks in its fields.
fn fields(line: &str) -> Vec<String> {
    let (mut fields, mut quoted) = (vec![String::new()], false);
    for c in line.chars() {
        match c {
            '"' => quoted = !quoted,
            ',' if !quoted => fields.push(String::new()),
            _ => fields.last_mut().unwrap().push(c),
        }
    }
    fields
}

#[test]
fn csv_holds_exactly_the_estimates_drawn() {
    let estimates = sample::sweep();
    let drawn = one(&spec("load", FigureKind::Load), &estimates, &context());
    let key = |protocol: &str, source: &str, m: u32| (protocol.to_owned(), source.to_owned(), m);
    let mut expected: Vec<_> = estimates
        .iter()
        .filter(|e| e.measure == Measure::FixedPoints)
        .map(|e| (key(&e.protocol, e.source.name(), e.m), e.value, e.low, e.high, e.failed))
        .collect();
    let number = |field: &str| (!field.is_empty()).then(|| field.parse::<f64>().unwrap());
    let mut rows: Vec<_> = drawn
        .csv
        .lines()
        .skip(1)
        .map(fields)
        .map(|f| {
            let key = key(&f[3], &f[0], f[4].parse().unwrap());
            (key, number(&f[9]), number(&f[10]), number(&f[11]), f[13].parse::<u32>().unwrap())
        })
        .collect();
    expected.sort_by(|a, b| a.0.cmp(&b.0));
    rows.sort_by(|a, b| a.0.cmp(&b.0));
    assert_eq!(rows, expected);
}

#[test]
fn failed_cells_are_hatched_and_explained() {
    let random = FigureSpec {
        source: Some(Source::Random),
        dynamics: Some(Dynamics::Sync),
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
    holed.retain(|e| e.protocol != "PSE" || e.m != 16 || e.flips != Some(6));
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
fn every_kind_of_figure_tells_of_failures() {
    for (spec, mut estimates) in all_kinds() {
        for e in estimates.iter_mut().filter(|e| e.protocol == "MPF" && e.n == 64 && e.m == 16) {
            (e.value, e.low, e.high, e.trials, e.failed, e.status) =
                (None, None, None, 0, 20, Status::Memory);
        }
        for e in estimates.iter_mut().filter(|e| e.protocol == "HOP" && e.n == 64 && e.m == 16) {
            (e.failed, e.status) = (3, Status::Panic);
        }
        let pages = drawn(&spec, &estimates).unwrap();
        let texts: Vec<&str> = pages.iter().flat_map(|page| texts(&page.svg)).collect();
        for (what, status) in [("all", "memory"), ("some", "panic")] {
            let tells =
                |text: &&str| text.starts_with(&format!("{what} trials failed: ")) && text.contains(status);
            assert!(texts.iter().any(tells), "{} does not tell of {status}: {texts:?}", spec.name);
        }
    }
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
    assert!(texts(&drawn.svg).contains(&"TRN: exponent 2.50 (2.50 to 2.50)"), "{:?}", texts(&drawn.svg));
}

#[test]
fn what_is_missing_is_said_with_a_remedy() {
    let error = |spec: &FigureSpec, estimates: &[Estimate]| {
        draw(spec, estimates, &context()).unwrap_err().to_string()
    };
    let load = spec("load", FigureKind::Load);
    assert!(error(&load, &[]).contains("no estimates at all"));
    let far = FigureSpec { n: Some(999), ..load.clone() };
    let text = error(&far, &sample::sweep());
    assert!(text.contains("n = 999") && text.contains("n = 64") && text.contains("sweep again"), "{text}");
    let text = error(&spec("cost", FigureKind::Cost), &sample::sweep());
    assert!(text.contains("write-seconds") && text.contains("fixed-points, recovered"), "{text}");
    let text =
        error(&FigureSpec { measure: Some(Measure::FixedPoints), ..spec("map", FigureKind::HeatMap) }, &[]);
    assert!(text.contains("heat-map") && text.contains("recovered-first"), "{text}");
    assert!(
        error(&FigureSpec { name: "../load".to_owned(), ..load }, &sample::sweep()).contains("\"../load\"")
    );
}

#[test]
fn what_cannot_be_drawn_is_refused() {
    let load = spec("load", FigureKind::Load);
    let fixed = Estimate { dynamics: None, flips: None, measure: Measure::FixedPoints, ..sample::estimate() };
    let lost = Estimate { value: None, failed: 20, status: Status::Diverged, ..fixed.clone() };
    let refused = |estimates: &[Estimate]| draw(&load, estimates, &context()).unwrap_err();
    assert!(matches!(refused(&[lost]), FigureError::AllFailed { conditions: 1, .. }));
    assert!(matches!(refused(&[fixed.clone(), fixed.clone()]), FigureError::Twice { .. }));
    assert!(matches!(refused(&[Estimate { low: Some(f64::NAN), ..fixed }]), FigureError::NoNumber { .. }));
    let mut times = sample::times(&[0.25]);
    times[0].low = Some(0.0);
    let error = draw(&spec("cost", FigureKind::Cost), &times, &context()).unwrap_err();
    assert!(matches!(error, FigureError::NotPositive { .. }), "{error}");
}

#[test]
fn a_lone_estimate_still_makes_a_figure() {
    for kind in [FigureKind::Load, FigureKind::Noise, FigureKind::HeatMap] {
        let spec = FigureSpec { measure: Some(Measure::Recovered), ..spec("lone", kind) };
        one(&spec, &[Estimate { flips: Some(0), ..sample::estimate() }], &context());
    }
    one(&spec("lone", FigureKind::Cost), &sample::times(&[0.25])[..1], &context());
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
    let random = FigureSpec { source: Some(Source::Random), dynamics: Some(Dynamics::Sync), ..spec };
    let page = &drawn(&random, &estimates).unwrap()[0];
    assert!(page.svg.contains("stroke=\"#ABABAB\""), "hatches");
    let said = texts(&page.svg);
    assert!(
        said.contains(&"may be chance (p above 0.05)") && said.contains(&"all trials failed: diverged"),
        "{said:?}"
    );
    let rows: Vec<Vec<String>> = page.csv.lines().skip(1).map(fields).collect();
    // Ten loads and four noise levels at which TRN did not fail, three rivals each.
    assert_eq!(rows.len(), 10 * 4 * 3);
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
    assert!(texts(&drawn.svg).contains(&"TRN: exponent 2.00 (2.00 to 2.00)"), "{:?}", texts(&drawn.svg));
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
        dynamics: Dynamics::Sync,
        flips: 3,
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
