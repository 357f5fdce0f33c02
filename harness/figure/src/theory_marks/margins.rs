//! Theory knows some margins at the load of histograms, which are vertical lines there.

use super::scene::{KEPT, RANDOM, ZERO};
use crate::context::TheoryCurve;
use analysis::margins::Sample;
use protocols::Source;
use stats::theory;

/// Returns the margins that theory knows at the load of histograms. Each is a vertical line.
///
/// They are the best smallest one of any matrix, and those of the pseudo-inverse.
pub fn of_margins(samples: &[Sample]) -> Vec<TheoryCurve> {
    let upright = |kappa: f64| vec![(kappa, -1.0), (kappa, 2.0)];
    let mut curves = Vec::new();
    for sample in samples.iter().filter(|sample| sample.source == Source::Random) {
        let (label, kappa) = match sample.parameters.as_str() {
            KEPT => ("PSE, 1/\u{221a}load", theory::pse_kappa_kept(sample.load())),
            ZERO => (
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
