//! Other curves of theory are functions of a condition, N, M and d, and run along whatever the figure's curves do.

use super::scene::flipped;
use super::scene::{HOP, RANDOM, Scene, ZERO};
use crate::context::{Scope, TheoryCurve};
use crate::drawing::Abscissa;
use protocols::Corruption;
use protocols::reading::Reader;
use stats::theory;
use std::collections::BTreeSet;
use study::measure::Measure;

/// A curve has about as many points.
const POINTS: u32 = 100;

/// Steps after which a synchronous read has ended, in theory.
const STEPS: u32 = 200;

/// A `Condition` is where theory predicts a value: so many units, messages and flipped bits.
#[derive(Clone, Copy, Debug)]
struct Condition {
    n: u32,
    m: u32,
    flips: u32,
}

impl Condition {
    fn load(self) -> f64 {
        f64::from(self.m) / f64::from(self.n)
    }

    /// Of the query with its message.
    fn overlap(self) -> f64 {
        1.0 - 2.0 * self.noise()
    }

    fn noise(self) -> f64 {
        f64::from(self.flips) / f64::from(self.n)
    }

    fn along(self, abscissa: Abscissa) -> f64 {
        match abscissa {
            Abscissa::Load => self.load(),
            Abscissa::Noise => self.noise(),
            Abscissa::QueryOverlap => self.overlap(),
        }
    }
}

/// A `Predicted` is a curve but for the panels in which it stands.
struct Predicted<'a> {
    label: &'a str,
    protocol: Option<String>,
    dynamics: Option<Reader>,
    value: &'a dyn Fn(Condition) -> Option<f64>,
}

impl Predicted<'_> {
    /// The curves of all panels: one for each N and d over load, and one for each N and M over noise.
    fn curves(&self, scene: &Scene<'_>) -> Vec<TheoryCurve> {
        let over_load = scene.abscissa == Abscissa::Load;
        let read = |e: &&&analysis::summary::Estimate| e.measure == scene.measure && flipped(e).is_some();
        let found: Vec<_> = scene.estimates.iter().filter(read).collect();
        let panels: BTreeSet<(u32, u32)> =
            found.iter().filter_map(|e| Some((e.n, if over_load { flipped(e)? } else { e.m }))).collect();
        let curve = |(n, fixed): (u32, u32)| {
            let here = found.iter().filter(|e| e.n == n);
            let last = here.filter_map(|e| if over_load { Some(e.m) } else { flipped(e) }).max()?;
            let condition = |i: u32| match over_load {
                true => Condition { n, m: i, flips: fixed },
                false => Condition { n, m: fixed, flips: i },
            };
            let step = last.div_ceil(POINTS).max(1) as usize;
            let first = u32::from(over_load);
            let points: Vec<(f64, f64)> = (first..=last)
                .step_by(step)
                .map(condition)
                .filter_map(|c| Some((c.along(scene.abscissa), (self.value)(c)?)))
                .collect();
            let (flips, m) =
                if over_load { (Some(Corruption::flips(fixed)), None) } else { (None, Some(fixed)) };
            let scope = Scope { n: Some(n), flips, m, dynamics: self.dynamics, ..RANDOM };
            let (label, protocol) = (self.label.to_owned(), self.protocol.clone());
            (points.len() > 1).then_some(TheoryCurve { label, protocol, points, scope })
        };
        panels.into_iter().filter_map(curve).collect()
    }
}

/// What finding the nearest message recovers.
pub(super) fn nearest(scene: &Scene<'_>) -> Vec<TheoryCurve> {
    let recovers = [Measure::Recovered, Measure::RecoveredFirst, Measure::RecoveredCheckpoint];
    if !recovers.contains(&scene.measure) {
        return vec![];
    }
    let value = |c: Condition| Some(theory::nearest_first(c.n, c.m, c.flips));
    let label = "nearest message, the ceiling of every reader, exact";
    Predicted { label, protocol: None, dynamics: None, value: &value }.curves(scene)
}

/// What HOP and PSE, both with zero diagonal, recover in one synchronous step.
pub(super) fn one_step(scene: &Scene<'_>) -> Vec<TheoryCurve> {
    if scene.measure != Measure::RecoveredFirst {
        return vec![];
    }
    let hop = |c: Condition| {
        let share = theory::hop_step_share(c.n, c.m, c.flips);
        Some(theory::one_step_messages(c.n, share))
    };
    let pse = |c: Condition| {
        let share = theory::one_step_share(theory::pse_kappa_zero(c.load())?, 0.0, c.overlap());
        Some(theory::one_step_messages(c.n, share))
    };
    let of = |label: &str, parameters: &str, value: &dyn Fn(Condition) -> Option<f64>| {
        let Some(protocol) = scene.label(parameters) else { return vec![] };
        let (protocol, dynamics) = (Some(protocol), Some(Reader::Sync));
        Predicted { label, protocol, dynamics, value }.curves(scene)
    };
    let exact = of("HOP, one step, exact bit error, bits independent", HOP, &hop);
    let map = of("PSE with zero diagonal, one step, bits independent", ZERO, &pse);
    [exact, map].concat()
}

/// What the best matrix for the load and the noise recovers in one synchronous step.
pub(super) fn best_one_step(scene: &Scene<'_>) -> Vec<TheoryCurve> {
    if scene.measure != Measure::RecoveredFirst {
        return vec![];
    }
    let value = |c: Condition| {
        let share = theory::best_share(c.load(), c.overlap())?;
        Some(theory::one_step_messages(c.n, share))
    };
    let label = "best matrix for this noise, one step, bits alike and independent (Wong, Sherrington 1990)";
    Predicted { label, protocol: None, dynamics: Some(Reader::Sync), value: &value }.curves(scene)
}

/// The overlap at which synchronous reads of HOP end.
pub(super) fn hop_reads(scene: &Scene<'_>) -> Vec<TheoryCurve> {
    let value = |c: Condition| theory::hop_overlaps(c.load(), c.overlap(), STEPS).last().copied();
    let label = "HOP, end of the read for N to infinity, approximate (Amari, Maginu 1988)";
    of_hop_overlap(scene, label, Some(Reader::Sync), &value)
}

/// The overlap of HOP's retrieval state, where the read arrives there.
pub(super) fn retrieval_state(scene: &Scene<'_>) -> Vec<TheoryCurve> {
    let value = |c: Condition| theory::ags_overlap(c.load());
    let label = "HOP, retrieval state for N to infinity (Amit et al. 1985)";
    of_hop_overlap(scene, label, None, &value)
}

fn of_hop_overlap(
    scene: &Scene<'_>,
    label: &str,
    dynamics: Option<Reader>,
    value: &dyn Fn(Condition) -> Option<f64>,
) -> Vec<TheoryCurve> {
    match scene.label(HOP).filter(|_| scene.measure == Measure::Overlap) {
        Some(hop) => Predicted { label, protocol: Some(hop), dynamics, value }.curves(scene),
        None => vec![],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_lie_where_the_figure_puts_them() {
        let condition = Condition { n: 64, m: 16, flips: 8 };
        let along = [Abscissa::Load, Abscissa::Noise, Abscissa::QueryOverlap].map(|x| condition.along(x));
        assert_eq!(along, [0.25, 0.125, 0.75]);
    }
}
