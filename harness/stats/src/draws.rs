//! The draws of a bootstrap are made once for every number of trials. All that resample so many share them.
//!
//! Resample r of T trials draws T of them with replacement; what a statistic of sums needs to know of it is
//! how often each trial was drawn. Those counts depend on T and on the number of resamples alone, by a stream
//! of that name. So an interval is a function of its trials: equal trials have equal intervals, whatever they
//! are called, and the ends of two intervals move together where the same resamples move them. A sum over the
//! drawn trials of all resamples is then a product of a matrix and a vector, thousands of times as cheap as
//! drawing anew.

use protocols::Stream;
use pulp::Arch;
use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

/// `Draws` says how often each of `resamples` resamples of some trials drew each trial.
#[derive(Debug)]
pub(super) struct Draws {
    resamples: usize,
    /// Trial by trial, the count of every resample. That one trial of more than 65 535 is drawn as often does
    /// not occur.
    counts: Vec<u16>,
}

/// By trials and resamples.
type Made = Mutex<HashMap<(usize, usize), Arc<Draws>>>;

impl Draws {
    /// Returns `resamples` draws of `trials` out of `trials`.
    ///
    /// # Panics
    /// If there is no trial or no resample, or more than 2^32 - 1 trials.
    pub(super) fn of(trials: usize, resamples: usize) -> Arc<Self> {
        static MADE: LazyLock<Made> = LazyLock::new(Made::default);
        // Nothing is ever half made: the map is right even where another thread panicked.
        let made = || MADE.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = made().get(&(trials, resamples)) {
            return Arc::clone(known);
        }
        let new = Arc::new(Self::new(trials, resamples));
        Arc::clone(made().entry((trials, resamples)).or_insert(new))
    }

    fn new(trials: usize, resamples: usize) -> Self {
        assert!(resamples > 0, "a bootstrap needs resamples");
        let bound = u32::try_from(trials).expect("trials are numbered by 32 bits");
        let mut stream = Stream::named(0, "bootstrap draws", &[("trials", bound.into())]);
        let mut counts = vec![0_u16; trials * resamples];
        for r in 0..resamples {
            for _ in 0..trials {
                let count = &mut counts[stream.below(bound) as usize * resamples + r];
                *count = count.saturating_add(1);
            }
        }
        Self { resamples, counts }
    }

    /// Returns the sum of `values`, one a trial, over the drawn trials of every resample.
    pub(super) fn sums(&self, values: impl Iterator<Item = f64>) -> Vec<f64> {
        let mut sums = vec![0.0; self.resamples];
        let arch = Arch::new();
        for (value, counts) in values.zip(self.counts.chunks_exact(self.resamples)) {
            if value != 0.0 {
                arch.dispatch(|| {
                    for (sum, &count) in sums.iter_mut().zip(counts) {
                        *sum += value * f64::from(count);
                    }
                });
            }
        }
        sums
    }

    /// Returns the ratio of sums over the drawn trials of every resample. The sums are of pairs (numerator,
    /// denominator), one a trial; NaN where nothing drawn counts.
    pub(super) fn ratios(&self, trials: impl Iterator<Item = (f64, f64)> + Clone) -> Vec<f64> {
        let mut ratios = self.sums(trials.clone().map(|trial| trial.0));
        let mut denominators = trials.map(|trial| trial.1);
        let first = denominators.next().unwrap_or(0.0);
        // Mostly all trials have the same denominator; then every resample has the same sum of them.
        let rest = denominators.clone();
        let count = rest.clone().count() + 1;
        if denominators.all(|denominator| denominator == first) {
            let denominator = first * count as f64;
            ratios.iter_mut().for_each(|ratio| *ratio /= denominator);
        } else {
            let sums = self.sums(std::iter::once(first).chain(rest));
            ratios.iter_mut().zip(sums).for_each(|(ratio, sum)| *ratio /= sum);
        }
        ratios
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_resample_draws_as_many_trials_as_there_are_and_all_alike() {
        let draws = Draws::of(4, 10_000);
        assert_eq!(draws.sums([1.0; 4].into_iter()), vec![4.0; 10_000]);
        for trial in 0..4 {
            let drawn: f64 = draws.sums((0..4).map(|t| f64::from(u8::from(t == trial)))).iter().sum();
            // Binomial(40 000, 1/4): 10 000 with a deviation of 86.6; five deviations.
            assert!((drawn - 10_000.0).abs() < 433.0, "{drawn}");
        }
    }

    #[test]
    fn they_are_the_same_whenever_they_are_asked_for() {
        assert_eq!(Draws::of(7, 50).counts, Draws::new(7, 50).counts);
        assert_ne!(
            Draws::new(7, 50).sums((0..7).map(f64::from)),
            Draws::new(7, 50).sums((0..7).rev().map(f64::from))
        );
    }

    #[test]
    fn ratios_are_those_of_sums() {
        let trials = [(1.0, 4.0), (2.0, 5.0), (0.0, 0.0)];
        let draws = Draws::of(3, 200);
        let (above, below) = (draws.sums(trials.iter().map(|t| t.0)), draws.sums(trials.iter().map(|t| t.1)));
        for (r, ratio) in draws.ratios(trials.iter().copied()).into_iter().enumerate() {
            assert!(ratio == above[r] / below[r] || ratio.is_nan() && below[r] == 0.0);
        }
        let equal = [(1.0, 4.0), (3.0, 4.0)];
        assert!(Draws::of(2, 50).ratios(equal.into_iter()).iter().all(|r| [0.25, 0.5, 0.75].contains(r)));
    }
}
