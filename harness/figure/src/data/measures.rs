//! Some figures can show every measure, and of shares a reader looks for one half.

use study::measure::Measure;

/// Holds every measure, in the order in which errors list them.
pub(crate) const MEASURES: [Measure; 16] = [
    Measure::FixedPoints,
    Measure::BitErrors,
    Measure::StrictMinima,
    Measure::Symmetric,
    Measure::ZeroDiagonal,
    Measure::EnergyDescent,
    Measure::BitCorrections,
    Measure::BitPredictions,
    Measure::NeighbourReturns,
    Measure::RandomStored,
    Measure::RandomSpurious,
    Measure::Recovered,
    Measure::RecoveredFirst,
    Measure::RecoveredCheckpoint,
    Measure::Overlap,
    Measure::WriteSeconds,
];

/// Returns one half, where a reader looks for it.
pub(crate) fn half(measure: Measure) -> Option<f64> {
    let share = !matches!(measure, Measure::BitErrors | Measure::Overlap | Measure::WriteSeconds);
    share.then_some(0.5)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::labels;

    #[test]
    fn every_measure_has_a_label_with_a_unit() {
        for which in MEASURES {
            assert!(labels::measure(which).ends_with(')'), "{which:?}");
        }
    }
}
