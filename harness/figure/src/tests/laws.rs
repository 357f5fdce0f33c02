//! What holds of every kind of figure that shows estimates is tested by a loop over all.

use super::figures::{all_kinds, context, drawn, fields, one, spec, texts};
use crate::canvas::tree;
use crate::sample;
use analysis::summary::Estimate;
use protocols::Corruption;
use study::figure::{Caption, FigureKind, FigureSpec, PrintWidth};
use study::measure::Measure;
use study::record::Status;

#[test]
fn every_kind_that_shows_estimates_is_tested() {
    let tested: Vec<FigureKind> = all_kinds().into_iter().map(|(spec, _)| spec.kind).collect();
    let all = FigureKind::ALL.into_iter().filter(|kind| kind.shows_estimates());
    assert_eq!(all.filter(|kind| !tested.contains(kind)).collect::<Vec<_>>(), []);
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
            let width = tree(&page.svg).unwrap().size().width() * 25.4 / 96.0;
            assert!((width - 85.0).abs() < 0.01, "{width} mm");
            let texts = texts(&page.svg);
            for label in ["HOP", "PSE", "MPF", "TRN"] {
                let told = page.caption.iter().any(|text| text.contains(label));
                let drawn = texts.iter().any(|text| text.contains(label));
                assert!(told || drawn, "{label} in {}: {texts:?}", page.name);
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
                FigureKind::Capacity => ("noise d/N (share of bits flipped)", "0.5"),
                FigureKind::Ranking => ("mean of recovered queries (share), less that of TRN", "HOP"),
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

/// Failures are findings: where nothing else is left, they are drawn, and the caption says why.
#[test]
fn every_kind_of_figure_is_drawn_where_all_trials_failed() {
    for (spec, mut estimates) in all_kinds() {
        for e in &mut estimates {
            (e.value, e.low, e.high, e.trials, e.failed, e.status) =
                (None, None, None, 0, 20, Status::Timeout);
        }
        if spec.kind == FigureKind::Ranking {
            // A ranking of nothing has no order.
            let error = drawn(&spec, &estimates).unwrap_err().to_string();
            assert!(error.contains("no two of its protocols"), "{error}");
            continue;
        }
        for page in drawn(&spec, &estimates).unwrap_or_else(|error| panic!("{}: {error}", spec.name)) {
            let texts = texts(&page.svg).join(" ");
            assert!(texts.contains("all trials failed: timeout"), "{}: {texts}", page.name);
            let caption = page.caption.join(" ");
            assert!(caption.to_lowercase().contains("no trial gave a number"), "{}: {caption}", page.name);
            assert!(!page.svg.contains("NaN") && !page.svg.contains("inf"), "{}", page.name);
            assert_eq!(&page.png().unwrap()[1..4], b"PNG");
        }
    }
}

#[test]
fn a_lone_estimate_still_makes_a_figure() {
    for kind in [FigureKind::Load, FigureKind::Noise, FigureKind::HeatMap] {
        let spec = FigureSpec { measure: Some(Measure::Recovered), ..spec("lone", kind) };
        one(&spec, &[Estimate { flips: Some(Corruption::flips(0)), ..sample::estimate() }], &context());
    }
    one(&spec("lone", FigureKind::Cost), &sample::times(&[0.25])[..1], &context());
}

#[test]
fn type_and_lines_are_as_large_at_every_width_and_nothing_leaves_the_sheet() {
    for width in ["60mm", "85mm", "122mm", "180mm"] {
        for (spec, estimates) in all_kinds() {
            let width = PrintWidth::parse(width).unwrap();
            let spec = FigureSpec { width: Some(width), ..spec };
            for page in drawn(&spec, &estimates).unwrap() {
                let drawn = tree(&page.svg).unwrap();
                assert!((drawn.size().width() * 25.4 / 96.0 - width.millimetres() as f32).abs() < 0.01);
                // A unit of the drawing is a twentieth of a millimetre.
                let points = |units: f64| units / 20.0 * 72.0 / 25.4;
                let sizes = numbers(&page.svg, "font-size=\"");
                let least = sizes.into_iter().map(points).fold(f64::INFINITY, f64::min);
                assert!(least > 6.98, "{} at {width}: {least} pt", spec.name);
                let lines = numbers(&page.svg, "stroke-width=\"");
                let thinnest = lines.into_iter().map(points).fold(f64::INFINITY, f64::min);
                assert!(thinnest > 0.13, "{} at {width}: {thinnest} pt", spec.name);
            }
        }
    }
}

/// The numbers behind an attribute.
fn numbers(svg: &str, attribute: &str) -> Vec<f64> {
    svg.split(attribute).skip(1).filter_map(|rest| rest.split('"').next()?.parse().ok()).collect()
}

#[test]
fn a_caption_stands_apart_unless_it_is_asked_to_be_drawn() {
    for (spec, estimates) in all_kinds() {
        let apart = FigureSpec { caption: "What it shows.".into(), ..spec.clone() };
        let within =
            FigureSpec { caption: Caption { text: "What it shows.".to_owned(), drawn: true }, ..spec };
        let (apart, within) = (drawn(&apart, &estimates).unwrap(), drawn(&within, &estimates).unwrap());
        for (apart, within) in apart.iter().zip(&within) {
            assert_eq!(apart.caption, within.caption);
            assert_eq!(apart.caption[0], "What it shows.");
            assert!(!apart.caption.join(" ").contains("cargo run"), "{:?}", apart.caption);
            assert!(
                !texts(&apart.svg).contains(&"What it shows.")
                    && texts(&within.svg).contains(&"What it shows.")
            );
        }
    }
}
