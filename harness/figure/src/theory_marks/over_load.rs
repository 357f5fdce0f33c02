//! Some curves of theory are known over load only: those that `load` draws unasked.

use super::scene::{HOP, KEPT, RANDOM, Scene};
use crate::context::{Scope, TheoryCurve};
use indexmap::IndexSet;
use protocols::Corruption;
use stats::theory;

/// The overlap of the outer product's retrieval states, where reads from the message end.
pub(super) fn hop_overlap(scene: &Scene<'_>) -> Vec<TheoryCurve> {
    let Some(label) = scene.label(HOP) else { return vec![] };
    let loads = (0..=100).map(|i| theory::AGS_LOAD * f64::from(i) / 100.0);
    vec![TheoryCurve {
        label: "HOP, retrieval state for N to infinity (Amit et al. 1985)".to_owned(),
        protocol: Some(label),
        points: loads.filter_map(|load| Some((load, theory::ags_overlap(load)?))).collect(),
        scope: Scope { flips: Some(Corruption::flips(0)), ..RANDOM },
    }]
}

/// Expected share of fixed points of the outer product with zero diagonal: no bit of the message wrong, bits taken as
/// independent, each with its exact probability at this N and M.
pub(super) fn hop_fixed_points(scene: &Scene<'_>) -> Vec<TheoryCurve> {
    let Some(label) = scene.label(HOP) else { return vec![] };
    let sizes: IndexSet<u32> = scene.estimates.iter().map(|e| e.n).collect();
    let curve = |n: u32| {
        let last = scene.estimates.iter().filter(|e| e.n == n).map(|e| e.m).max().unwrap_or(1);
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
pub(super) fn corrected_bits(scene: &Scene<'_>) -> Vec<TheoryCurve> {
    let Some(label) = scene.estimates.iter().find(|e| e.parameters == KEPT).map(|e| e.protocol.clone())
    else {
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
    scene.sizes().into_iter().map(curve).collect()
}
