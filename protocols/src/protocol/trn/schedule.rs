//! The step size and the slope of tanh change from epoch to epoch.

use super::{Schedule, Trn};
use std::f64::consts::PI;

impl Schedule {
    /// Returns the step size in an epoch, counted from 0, out of so many; `first` is that of the first.
    pub(super) fn step_size(self, first: f64, epoch: u32, epochs: u32) -> f64 {
        let factor = match self {
            Self::Constant => 1.0,
            Self::Cosine => 0.5 * (1.0 + (PI * f64::from(epoch) / f64::from(epochs)).cos()),
            Self::Step { every, factor } => factor.get().powf((epoch / every.get()).into()),
        };
        first * factor
    }
}

impl Trn {
    /// Returns the step size in an epoch, counted from 0.
    pub(super) fn step_size(&self, epoch: u32) -> f64 {
        self.schedule.step_size(self.learning_rate.get(), epoch, self.epochs)
    }

    /// Returns the slope of tanh at 0 in an epoch, counted from 0.
    pub(super) fn slope(&self, epoch: u32) -> f64 {
        let (first, last) = (self.gain.get(), self.gain_end.get());
        if last == 0.0 {
            return first;
        }
        let share = f64::from(epoch) / f64::from(self.epochs.saturating_sub(1).max(1));
        first * (last / first).powf(share)
    }

    /// Returns the slope in the last epoch, which is that of the network once trained.
    pub(super) fn final_slope(&self) -> f64 {
        let last = self.gain_end.get();
        if last == 0.0 { self.gain.get() } else { last }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::parameter::allowed;

    #[test]
    fn step_sizes_follow_their_schedule() {
        let trn = |schedule| Trn { schedule, epochs: 100, learning_rate: allowed(0.5), ..Trn::default() };
        let of = |trn: Trn| [0, 25, 50, 99].map(|epoch| trn.step_size(epoch));
        assert_eq!(of(trn(Schedule::Constant)), [0.5; 4]);
        let cosine = of(trn(Schedule::Cosine));
        let expected = [0.5, 0.25 * (1.0 + 0.5_f64.sqrt()), 0.25, 0.25 * (1.0 - (0.01 * PI).cos())];
        assert!(cosine.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-12), "{cosine:?}");
        let step = Schedule::Step { every: 25.try_into().expect("not 0"), factor: allowed(0.5) };
        assert_eq!(of(trn(step)), [0.5, 0.25, 0.125, 0.0625]);
    }

    #[test]
    fn the_slope_grows_geometrically_to_its_end() {
        let trn = Trn { gain: allowed(2.0), epochs: 5, ..Trn::default() };
        assert_eq!([0, 4].map(|epoch| trn.slope(epoch)), [2.0; 2]);
        assert_eq!(trn.final_slope(), 2.0);
        let annealed = Trn { gain_end: allowed(32.0), ..trn };
        let slopes = [0, 1, 2, 3, 4].map(|epoch| annealed.slope(epoch));
        let expected = [2.0, 4.0, 8.0, 16.0, 32.0];
        assert!(slopes.iter().zip(expected).all(|(a, b)| (a / b - 1.0).abs() < 1e-12), "{slopes:?}");
        assert_eq!(annealed.final_slope(), 32.0);
        assert_eq!(Trn { epochs: 1, ..annealed }.slope(0), 2.0);
    }
}
