//! Theory predicts some of what figures show. This module says where its curves and lines lie in them.
//!
//! A figure asks for theories by name, or has those of its kind. Each knows which measures it is about; what a figure's
//! curves run along is all that it needs to know of the kind.

mod conditions;
mod loads;
mod margins;
mod over_load;
mod scene;

pub use margins::of_margins;

use crate::context::{TheoryCurve, TheoryMark};
use crate::drawing::Abscissa;
use crate::kind::drawer;
use analysis::summary::Estimate;
use protocols::Source;
use scene::Scene;
use study::figure::{FigureSpec, Theory};
use study::measure::Measure;

/// Returns the marks and curves that theory has for a figure.
///
/// All hold for independent random messages only.
pub fn of(spec: &FigureSpec, estimates: &[Estimate]) -> (Vec<TheoryMark>, Vec<TheoryCurve>) {
    let drawer = drawer(spec.kind);
    let is_of_others = spec.source.is_some_and(|source| source != Source::Random);
    let Some(abscissa) = drawer.abscissa(spec).filter(|_| !is_of_others) else { return (vec![], vec![]) };
    let scene = Scene {
        abscissa,
        measure: spec.measure.unwrap_or(drawer.measures(spec).0),
        estimates: estimates.iter().filter(|e| e.source == Source::Random).collect(),
    };
    let asked = spec.theory.as_deref().unwrap_or(drawer.theories());
    (
        asked.iter().flat_map(|t| marks(*t, &scene)).collect(),
        asked.iter().flat_map(|t| curves(*t, &scene)).collect(),
    )
}

/// The loads that a theory singles out.
fn marks(theory: Theory, scene: &Scene<'_>) -> Vec<TheoryMark> {
    if scene.abscissa != Abscissa::Load {
        return vec![];
    }
    match (theory, scene.measure) {
        (Theory::ExactStorage, Measure::FixedPoints) => loads::exact_storage(scene),
        (Theory::ExactStorage, Measure::RecoveredFirst) => loads::one_step(scene),
        (Theory::Separability, Measure::FixedPoints) => loads::separability(scene),
        (Theory::RetrievalLimit, Measure::Recovered | Measure::Overlap) => loads::retrieval_limit(scene),
        (Theory::SingleBits, Measure::Recovered) => loads::single_bits(scene),
        (Theory::PseLimits, Measure::FixedPoints | Measure::Recovered | Measure::Overlap) => {
            loads::pse_limits(scene)
        }
        _ => vec![],
    }
}

/// The curves of a theory.
fn curves(theory: Theory, scene: &Scene<'_>) -> Vec<TheoryCurve> {
    match (theory, scene.abscissa, scene.measure) {
        (Theory::BitError, Abscissa::Load, Measure::FixedPoints) => over_load::hop_fixed_points(scene),
        (Theory::CorrectedBits, Abscissa::Load, Measure::BitCorrections) => over_load::corrected_bits(scene),
        (Theory::RetrievalState, Abscissa::Load, Measure::Overlap) => over_load::hop_overlap(scene),
        (Theory::RetrievalState, ..) => conditions::retrieval_state(scene),
        (Theory::Nearest, ..) => conditions::nearest(scene),
        (Theory::OneStep, ..) => conditions::one_step(scene),
        (Theory::BestOneStep, ..) => conditions::best_one_step(scene),
        (Theory::HopReads, ..) => conditions::hop_reads(scene),
        _ => vec![],
    }
}

#[cfg(test)]
mod tests {
    use super::scene::KEPT;
    use super::*;
    use crate::context::Scope;
    use protocols::Corruption;
    use protocols::reading::Reader;
    use stats::theory;
    use study::figure::FigureKind;
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

    /// What a figure of this kind and measure draws of HOP and both forms of PSE where it asks for `theories`.
    fn asked(kind: FigureKind, measure: Measure, theories: &[Theory]) -> (Vec<TheoryMark>, Vec<TheoryCurve>) {
        let of = |parameters: &str| estimate(parameters, 8, measure);
        let estimates = [of(scene::HOP), of(scene::KEPT), of(scene::ZERO)];
        let spec = FigureSpec {
            measure: Some(measure),
            theory: Some(theories.to_vec()),
            ..FigureSpec::new("figure", kind)
        };
        super::of(&spec, &estimates)
    }

    #[test]
    fn a_list_of_theories_replaces_those_of_the_kind() {
        assert_eq!(asked(FigureKind::Load, Measure::FixedPoints, &[]), (vec![], vec![]));
        let (marks, curves) = asked(FigureKind::Load, Measure::Recovered, &[Theory::PseLimits]);
        let loads: Vec<f64> = marks.iter().map(|mark| mark.load).collect();
        assert_eq!((loads, curves), (vec![theory::PSE_SPIN_GLASS_LOAD, 1.0], vec![]));
        // Marks are loads: nothing over noise.
        assert_eq!(asked(FigureKind::Noise, Measure::Recovered, &[Theory::PseLimits]), (vec![], vec![]));
    }

    #[test]
    fn the_nearest_message_is_a_curve_along_load_and_noise() {
        let over = |kind: FigureKind| asked(kind, Measure::Recovered, &[Theory::Nearest]).1;
        let (load, noise) = (over(FigureKind::Load), over(FigureKind::Noise));
        let place = |curves: &[TheoryCurve]| (curves.len(), curves[0].points.len(), curves[0].scope);
        let scope = Scope { source: Some(Source::Random), n: Some(64), ..Scope::default() };
        assert_eq!(place(&load), (1, 8, Scope { flips: Some(Corruption::flips(1)), ..scope }));
        assert_eq!(load[0].points[7], (0.125, theory::nearest_first(64, 8, 1)));
        assert_eq!(place(&noise), (1, 2, Scope { m: Some(8), ..scope }));
        assert_eq!(noise[0].points[1], (1.0 / 64.0, theory::nearest_first(64, 8, 1)));
        // It says nothing of overlaps.
        assert_eq!(asked(FigureKind::Noise, Measure::Overlap, &[Theory::Nearest]).1, []);
    }

    #[test]
    fn every_theory_is_drawn_somewhere() {
        for theory in Theory::ALL {
            let kinds = [FigureKind::Load, FigureKind::Noise, FigureKind::Retrieval];
            let measures = [
                Measure::FixedPoints,
                Measure::BitCorrections,
                Measure::Recovered,
                Measure::RecoveredFirst,
                Measure::Overlap,
            ];
            let mut drawn =
                kinds.iter().flat_map(|kind| measures.map(|measure| asked(*kind, measure, &[theory])));
            let is_drawn = |(marks, curves): (Vec<_>, Vec<_>)| !marks.is_empty() || !curves.is_empty();
            // Cover's half lies beyond the loads of these estimates.
            assert!(drawn.any(is_drawn) || theory == Theory::Separability, "{theory:?}");
        }
    }

    #[test]
    fn reads_are_curves_over_the_overlap_of_their_query() {
        let (_, curves) =
            asked(FigureKind::Retrieval, Measure::Overlap, &[Theory::HopReads, Theory::RetrievalState]);
        let last: Vec<(f64, f64)> = curves.iter().map(|curve| curve.points[1]).collect();
        let x = 1.0 - 2.0 / 64.0;
        let state = theory::ags_overlap(0.125).unwrap();
        assert_eq!(last[1], (x, state));
        // Both theories are of the same state, .990 here and .992 there.
        assert!((last[0].1 - state).abs() < 0.005 && last[0].0 == x, "{last:?}");
    }
}
