//! Whole figures, drawn from made-up estimates.

use super::*;
use crate::record::Status;
use crate::summary::Measure;
use protocols::Source;
use protocols::reading::Dynamics;

fn spec(name: &str, kind: FigureKind) -> FigureSpec {
    FigureSpec {
        name: name.to_owned(),
        kind,
        measure: None,
        source: None,
        dynamics: None,
        n: None,
        flips: None,
        caption: String::new(),
    }
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

fn all_kinds() -> Vec<(FigureSpec, Vec<Estimate>)> {
    let recovered = FigureSpec { measure: Some(Measure::Recovered), ..spec("recovered", FigureKind::Load) };
    vec![
        (spec("load", FigureKind::Load), sample::sweep()),
        (recovered, sample::sweep()),
        (spec("noise", FigureKind::Noise), sample::sweep()),
        (spec("map", FigureKind::HeatMap), sample::sweep()),
        (spec("cost", FigureKind::Cost), sample::times(&[0.25])),
        (spec("costs", FigureKind::Cost), sample::times(&[0.1, 0.25, 0.5])),
    ]
}

#[test]
fn drawing_again_gives_the_same_bytes() {
    for (spec, estimates) in all_kinds() {
        assert_eq!(draw(&spec, &estimates, &context()), draw(&spec, &estimates, &context()), "{}", spec.name);
    }
}

#[test]
fn the_order_of_estimates_does_not_matter() {
    for (spec, mut estimates) in all_kinds() {
        let drawn = draw(&spec, &estimates, &context());
        estimates.reverse();
        assert_eq!(draw(&spec, &estimates, &context()), drawn, "{}", spec.name);
    }
}

#[test]
fn svg_parses_at_its_nominal_width_and_names_protocols_and_axes() {
    for (spec, estimates) in all_kinds() {
        for page in draw(&spec, &estimates, &context()).unwrap() {
            let width = raster::tree(&page.svg).unwrap().size().width() * 25.4 / 96.0;
            assert!((width - 85.0).abs() < 0.01 || (width - 180.0).abs() < 0.01, "{width} mm");
            let texts = texts(&page.svg);
            for label in ["HOP", "PSE", "MPF", "TRN"] {
                assert!(
                    texts.iter().any(|text| text.starts_with(label)),
                    "{label} in {}: {texts:?}",
                    page.name
                );
            }
            let (x, y) = match spec.kind {
                FigureKind::Load => ("load M/N", ")"),
                FigureKind::Noise => ("noise d/N (share of bits flipped)", "recovered queries (share)"),
                FigureKind::HeatMap => ("load M/N", "noise d/N (flipped bits)"),
                FigureKind::Cost => ("units N", "write time (s)"),
            };
            assert!(texts.contains(&x) && texts.iter().any(|text| text.ends_with(y)), "{texts:?}");
            assert!(page.svg.contains("font-family=\"DejaVu Sans, sans-serif\""));
            assert_eq!(&page.png[1..4], b"PNG");
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
        let pages = draw(&spec, &estimates, &context()).unwrap();
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
