//! What theory says about the quantity that a figure draws, in the figure's own terms.

use crate::figure::{FigureKind, FigureSpec, Scope, TheoryCurve, TheoryMark};
use crate::summary::{Estimate, Measure};
use crate::theory;
use indexmap::IndexSet;
use protocols::Source;

/// Marks and curves for a figure; all hold for independent random messages only.
pub fn of(spec: &FigureSpec, estimates: &[Estimate]) -> (Vec<TheoryMark>, Vec<TheoryCurve>) {
    if spec.kind != FigureKind::Load || spec.source.is_some_and(|source| source != Source::Random) {
        return (vec![], vec![]);
    }
    let random: Vec<&Estimate> = estimates.iter().filter(|e| e.source == Source::Random).collect();
    match spec.measure {
        Some(Measure::FixedPoints) | None => (vec![], hop_fixed_points(&random)),
        Some(Measure::Recovered) => (retrieval_limit(&random), vec![]),
        _ => (vec![], vec![]),
    }
}

/// The load above which the outer product loses its messages, where the figure has the outer product.
fn retrieval_limit(estimates: &[&Estimate]) -> Vec<TheoryMark> {
    let scope = Scope { source: Some(Source::Random), ..Scope::default() };
    if hop_label(estimates).is_none() {
        return vec![];
    }
    let label = format!("HOP, retrieval limit {:.3} for N to infinity (Amit et al. 1985)", theory::AGS_LOAD);
    vec![TheoryMark { label, load: theory::AGS_LOAD, scope }]
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
            scope: Scope { source: Some(Source::Random), n: Some(n), ..Scope::default() },
        }
    };
    sizes.into_iter().map(curve).collect()
}

/// The label of the outer product with zero diagonal.
fn hop_label(estimates: &[&Estimate]) -> Option<String> {
    let parameters = r#"{"hop":{"diagonal":"zero"}}"#;
    estimates.iter().find(|e| e.parameters == parameters).map(|e| e.protocol.clone())
}
