//! Theory singles out some loads, which are numbered vertical lines in figures over load.

use super::scene::{HOP, KEPT, RANDOM, Scene, ZERO, flipped};
use crate::context::{Scope, TheoryMark};
use protocols::Corruption;
use stats::theory;
use std::collections::BTreeSet;

/// The loads at which some matrix with zero diagonal holds all messages of half of the message sets, where the sweep
/// reaches them.
pub(super) fn separability(scene: &Scene<'_>) -> Vec<TheoryMark> {
    let mark = |(n, most): (u32, f64)| {
        let load = theory::cover_half_load(n);
        let label =
            "any matrix with zero diagonal holds all messages in half of the cases (Cover 1965)".to_owned();
        (load <= most).then_some(TheoryMark { label, load, scope: Scope { n: Some(n), ..RANDOM } })
    };
    scene.sizes().into_iter().filter_map(mark).collect()
}

/// The loads up to which the outer product holds most of its messages, and all of them, exactly.
pub(super) fn exact_storage(scene: &Scene<'_>) -> Vec<TheoryMark> {
    if scene.label(HOP).is_none() {
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
    scene.sizes().into_keys().flat_map(of).collect()
}

/// The load below which PSE with its diagonal kept corrects a single flipped bit.
pub(super) fn single_bits(scene: &Scene<'_>) -> Vec<TheoryMark> {
    if !scene.estimates.iter().any(|e| e.parameters == KEPT && flipped(e) == Some(1)) {
        return vec![];
    }
    let label = "PSE, corrects one flipped bit below load 1/2".to_owned();
    let scope = Scope { flips: Some(Corruption::flips(1)), ..RANDOM };
    vec![TheoryMark { label, load: theory::PSE_SINGLE_BIT_LOAD, scope }]
}

/// The load up to which the outer product recovers most messages in one step.
pub(super) fn one_step(scene: &Scene<'_>) -> Vec<TheoryMark> {
    if scene.label(HOP).is_none() {
        return vec![];
    }
    let places: BTreeSet<(u32, u32)> =
        scene.estimates.iter().filter_map(|e| Some((e.n, flipped(e)?))).collect();
    let mark = |(n, d): (u32, u32)| TheoryMark {
        label: "HOP, most messages in one step (McEliece et al. 1987)".to_owned(),
        load: theory::mceliece_most_load(n, f64::from(d) / f64::from(n)),
        scope: Scope { n: Some(n), flips: Some(Corruption::flips(d)), ..RANDOM },
    };
    places.into_iter().map(mark).collect()
}

/// The load above which the outer product loses its messages, where the figure has the outer product.
pub(super) fn retrieval_limit(scene: &Scene<'_>) -> Vec<TheoryMark> {
    if scene.label(HOP).is_none() {
        return vec![];
    }
    let label = format!("HOP, retrieval limit {:.3} for N to infinity (Amit et al. 1985)", theory::AGS_LOAD);
    vec![TheoryMark { label, load: theory::AGS_LOAD, scope: RANDOM }]
}

/// The loads above which PSE with zero diagonal has no spin glass beside its messages, and no messages.
pub(super) fn pse_limits(scene: &Scene<'_>) -> Vec<TheoryMark> {
    if scene.label(ZERO).is_none() {
        return vec![];
    }
    let mark = |what: &str, load: f64| TheoryMark {
        label: format!("PSE with zero diagonal, {what} (Kanter, Sompolinsky 1987)"),
        load,
        scope: RANDOM,
    };
    vec![
        mark("no spin glass from 1 \u{2212} 2/\u{3c0} on, in theory", theory::PSE_SPIN_GLASS_LOAD),
        mark("messages without errors below load 1", theory::PSE_LOAD),
    ]
}
