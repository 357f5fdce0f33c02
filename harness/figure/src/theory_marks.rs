//! Theory predicts some of what figures show. This module says where its curves and lines lie in them.

use crate::context::{Scope, TheoryCurve, TheoryMark};
use analysis::margins::Sample;
use analysis::summary::Estimate;
use indexmap::IndexSet;
use protocols::{Corruption, CorruptionKind, Source};
use stats::theory;
use std::collections::{BTreeMap, BTreeSet};
use study::figure::{FigureKind, FigureSpec};
use study::measure::Measure;

/// Returns the marks and curves that theory has for a figure.
///
/// All hold for independent random messages only.
pub fn of(spec: &FigureSpec, estimates: &[Estimate]) -> (Vec<TheoryMark>, Vec<TheoryCurve>) {
    if spec.kind != FigureKind::Load || spec.source.is_some_and(|source| source != Source::Random) {
        return (vec![], vec![]);
    }
    let random: Vec<&Estimate> = estimates.iter().filter(|e| e.source == Source::Random).collect();
    match spec.measure {
        Some(Measure::FixedPoints) | None => {
            ([exact_storage(&random), separability(&random)].concat(), hop_fixed_points(&random))
        }
        Some(Measure::Recovered) => ([retrieval_limit(&random), single_bits(&random)].concat(), vec![]),
        Some(Measure::RecoveredFirst) => (one_step(&random), vec![]),
        Some(Measure::BitCorrections) => (vec![], corrected_bits(&random)),
        Some(Measure::Overlap) => (retrieval_limit(&random), hop_overlap(&random)),
        _ => (vec![], vec![]),
    }
}

/// Returns the margins that theory knows at the load of histograms. Each is a vertical line.
///
/// They are the best smallest one of any matrix, and those of the pseudo-inverse.
pub fn of_margins(samples: &[Sample]) -> Vec<TheoryCurve> {
    let upright = |kappa: f64| vec![(kappa, -1.0), (kappa, 2.0)];
    let mut curves = Vec::new();
    for sample in samples.iter().filter(|sample| sample.source == Source::Random) {
        let (label, kappa) = match sample.parameters.as_str() {
            KEPT => ("PSE, 1/\u{221a}load", theory::pse_kappa_kept(sample.load())),
            r#"{"pse":{"diagonal":"zero"}}"# => (
                "PSE with zero diagonal, \u{221a}((1 \u{2212} load)/load)",
                theory::pse_kappa_zero(sample.load()),
            ),
            _ => continue,
        };
        let (label, protocol) = (label.to_owned(), Some(sample.protocol.clone()));
        curves.extend(kappa.map(|kappa| TheoryCurve {
            label,
            protocol,
            points: upright(kappa),
            scope: RANDOM,
        }));
    }
    let best =
        samples.iter().find(|s| s.source == Source::Random).and_then(|s| theory::gardner_kappa(s.load()));
    curves.extend(best.map(|kappa| TheoryCurve {
        label:
            "smallest margin at best, any matrix with zero diagonal, N to infinity (Gardner 1988)".to_owned(),
        protocol: None,
        points: upright(kappa),
        scope: RANDOM,
    }));
    curves
}

/// The parameters of PSE with its diagonal kept.
const KEPT: &str = r#"{"pse":{"diagonal":"kept"}}"#;

/// What holds of random messages only.
const RANDOM: Scope = Scope { source: Some(Source::Random), n: None, dynamics: None, flips: None, m: None };

/// The sizes among `estimates`, each with its largest load.
fn sizes(estimates: &[&Estimate]) -> BTreeMap<u32, f64> {
    let mut sizes: BTreeMap<u32, f64> = BTreeMap::new();
    for e in estimates {
        let most = sizes.entry(e.n).or_default();
        *most = most.max(e.load);
    }
    sizes
}

/// The loads at which some matrix with zero diagonal holds all messages of half of the message sets, where the sweep
/// reaches them.
fn separability(estimates: &[&Estimate]) -> Vec<TheoryMark> {
    let mark = |(n, most): (u32, f64)| {
        let load = theory::cover_half_load(n);
        let label =
            "any matrix with zero diagonal holds all messages in half of the cases (Cover 1965)".to_owned();
        (load <= most).then_some(TheoryMark { label, load, scope: Scope { n: Some(n), ..RANDOM } })
    };
    sizes(estimates).into_iter().filter_map(mark).collect()
}

/// The loads up to which the outer product holds most of its messages, and all of them, exactly.
fn exact_storage(estimates: &[&Estimate]) -> Vec<TheoryMark> {
    if hop_label(estimates).is_none() {
        return vec![];
    }
    let of = |n: u32| {
        let mark = |label: &str, load: f64| TheoryMark {
            label: format!("HOP, {label} for N to infinity (McEliece et al. 1987)"),
            load,
            scope: Scope { n: Some(n), ..RANDOM },
        };
        [
            mark("all messages fixed below 1/(4 ln N)", theory::mceliece_all_load(n, 0.0)),
            mark("most messages fixed below 1/(2 ln N)", theory::mceliece_most_load(n, 0.0)),
        ]
    };
    sizes(estimates).into_keys().flat_map(of).collect()
}

/// The load below which PSE with its diagonal kept corrects a single flipped bit.
fn single_bits(estimates: &[&Estimate]) -> Vec<TheoryMark> {
    if !estimates.iter().any(|e| e.parameters == KEPT && e.flips == Some(Corruption::flips(1))) {
        return vec![];
    }
    let label = "PSE, corrects one flipped bit below load 1/2".to_owned();
    let scope = Scope { flips: Some(Corruption::flips(1)), ..RANDOM };
    vec![TheoryMark { label, load: theory::PSE_SINGLE_BIT_LOAD, scope }]
}

/// The load up to which the outer product recovers most messages in one step.
fn one_step(estimates: &[&Estimate]) -> Vec<TheoryMark> {
    if hop_label(estimates).is_none() {
        return vec![];
    }
    let of_flips = |e: &Estimate| e.flips.filter(|d| d.kind == CorruptionKind::Flips);
    let places: BTreeSet<(u32, u32)> =
        estimates.iter().filter_map(|e| Some((e.n, of_flips(e)?.units))).collect();
    let mark = |(n, d): (u32, u32)| TheoryMark {
        label: "HOP, most messages in one step (McEliece et al. 1987)".to_owned(),
        load: theory::mceliece_most_load(n, f64::from(d) / f64::from(n)),
        scope: Scope { n: Some(n), flips: Some(Corruption::flips(d)), ..RANDOM },
    };
    places.into_iter().map(mark).collect()
}

/// The overlap of the outer product's retrieval states, where reads from the message end.
fn hop_overlap(estimates: &[&Estimate]) -> Vec<TheoryCurve> {
    let Some(label) = hop_label(estimates) else { return vec![] };
    let loads = (0..=100).map(|i| theory::AGS_LOAD * f64::from(i) / 100.0);
    vec![TheoryCurve {
        label: "HOP, retrieval state for N to infinity (Amit et al. 1985)".to_owned(),
        protocol: Some(label),
        points: loads.filter_map(|load| Some((load, theory::ags_overlap(load)?))).collect(),
        scope: Scope { flips: Some(Corruption::flips(0)), ..RANDOM },
    }]
}

/// The load above which the outer product loses its messages, where the figure has the outer product.
fn retrieval_limit(estimates: &[&Estimate]) -> Vec<TheoryMark> {
    if hop_label(estimates).is_none() {
        return vec![];
    }
    let label = format!("HOP, retrieval limit {:.3} for N to infinity (Amit et al. 1985)", theory::AGS_LOAD);
    vec![TheoryMark { label, load: theory::AGS_LOAD, scope: RANDOM }]
}

/// Expected share of fixed points of the outer product with zero diagonal: no bit of the message wrong, bits taken as
/// independent, each with its exact probability at this N and M.
fn hop_fixed_points(estimates: &[&Estimate]) -> Vec<TheoryCurve> {
    let Some(label) = hop_label(estimates) else { return vec![] };
    let sizes: IndexSet<u32> = estimates.iter().map(|e| e.n).collect();
    let curve = |n: u32| {
        let last = estimates.iter().filter(|e| e.n == n).map(|e| e.m).max().unwrap_or(1);
        let share = |m: u32| (1.0 - theory::hop_bit_error(n, m).wrong).powf(n.into());
        TheoryCurve {
            label: "HOP, exact bit error, bits independent".to_owned(),
            protocol: Some(label.clone()),
            points: (1..=last).map(|m| (f64::from(m) / f64::from(n), share(m))).collect(),
            scope: Scope { n: Some(n), ..RANDOM },
        }
    };
    sizes.into_iter().map(curve).collect()
}

/// Expected share of single flipped bits that PSE with its diagonal kept puts right.
fn corrected_bits(estimates: &[&Estimate]) -> Vec<TheoryCurve> {
    let Some(label) = estimates.iter().find(|e| e.parameters == KEPT).map(|e| e.protocol.clone()) else {
        return vec![];
    };
    let curve = |(n, most): (u32, f64)| {
        let last = (most * f64::from(n)).round() as u32;
        let share = |m: u32| Some((f64::from(m) / f64::from(n), theory::pse_corrected_share(n, m)?));
        TheoryCurve {
            label: "PSE, predicted, P_jj distributed by Beta".to_owned(),
            protocol: Some(label.clone()),
            points: (1..=last).filter_map(share).collect(),
            scope: Scope { n: Some(n), ..RANDOM },
        }
    };
    sizes(estimates).into_iter().map(curve).collect()
}

/// The label of the outer product with zero diagonal.
fn hop_label(estimates: &[&Estimate]) -> Option<String> {
    let parameters = r#"{"hop":{"diagonal":"zero"}}"#;
    estimates.iter().find(|e| e.parameters == parameters).map(|e| e.protocol.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocols::reading::Reader;
    use study::record::Status;

    fn estimate(parameters: &str, m: u32, measure: Measure) -> Estimate {
        Estimate {
            protocol: parameters.to_owned(),
            parameters: parameters.to_owned(),
            source: Source::Random,
            n: 64,
            m,
            load: f64::from(m) / 64.0,
            dynamics: Some(Reader::Sync),
            flips: Some(Corruption::flips(1)),
            measure,
            value: Some(1.0),
            low: None,
            high: None,
            trials: 10,
            failed: 0,
            status: Status::Ok,
        }
    }

    fn loads(measure: Measure, source: Option<Source>, last: u32) -> Vec<f64> {
        let hop = estimate(r#"{"hop":{"diagonal":"zero"}}"#, last, measure);
        let pse = estimate(r#"{"pse":{"diagonal":"kept"}}"#, last, measure);
        let spec =
            FigureSpec { measure: Some(measure), source, ..FigureSpec::new("figure", FigureKind::Load) };
        of(&spec, &[hop, pse]).0.into_iter().map(|mark| mark.load).collect()
    }

    #[test]
    fn corrections_of_the_pseudo_inverse_have_their_prediction() {
        let pse = estimate(KEPT, 48, Measure::BitCorrections);
        let spec = FigureSpec {
            measure: Some(Measure::BitCorrections),
            ..FigureSpec::new("figure", FigureKind::Load)
        };
        let curves = of(&spec, &[pse]).1;
        assert_eq!((curves.len(), curves[0].points.len()), (1, 48));
        assert_eq!(curves[0].points[31], (0.5, theory::pse_corrected_share(64, 32).unwrap()));
        let zero = estimate(r#"{"pse":{"diagonal":"zero"}}"#, 48, Measure::BitCorrections);
        assert_eq!(of(&spec, &[zero]).1, []);
    }

    #[test]
    fn every_measure_has_the_marks_that_are_about_it() {
        assert_eq!(loads(Measure::Recovered, None, 64), [theory::AGS_LOAD, 0.5]);
        assert_eq!(loads(Measure::Recovered, Some(Source::Glyphs), 64), [0.0; 0]);
        assert_eq!(loads(Measure::RecoveredFirst, None, 64), [theory::mceliece_most_load(64, 1.0 / 64.0)]);
        let (all, most) = (theory::mceliece_all_load(64, 0.0), theory::mceliece_most_load(64, 0.0));
        assert_eq!(loads(Measure::FixedPoints, None, 64), [all, most]);
        // Cover's half lies at 1.6: only a sweep that goes so far shows it.
        assert_eq!(loads(Measure::FixedPoints, None, 128).len(), 3);
    }
}
