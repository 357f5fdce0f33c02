//! This module says how long finished cells wait in memory before they are put on disk as a part.

use std::time::Duration;

/// A `Wait` says how long records wait for the next part.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Wait {
    /// A twentieth of the time that the sweep has taken, so that a sweep killed at any moment loses little of
    /// it and a long one does not end in ten thousand files.
    Growing,
    /// So long: where thousands of processes write into one folder, that nobody writes more often.
    Fixed(Duration),
}

impl Wait {
    /// Returns the wait after the sweep has taken so long.
    pub(crate) fn after(self, elapsed: Duration) -> Duration {
        match self {
            Self::Growing => (elapsed / 20).clamp(Duration::from_millis(200), Duration::from_secs(30)),
            Self::Fixed(wait) => wait,
        }
    }
}

/// Computes how many parts a sweep of so many seconds writes, about. That is the sum of what
/// [`Wait::Growing`] leaves time for.
pub(crate) fn parts(seconds: f64) -> f64 {
    let (first, last) = (4.0, 600.0);
    let middle = seconds.clamp(first, last);
    5.0 * seconds.min(first) + 20.0 * (middle / first).ln() + (seconds - last).max(0.0) / 30.0 + 1.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_those_that_the_interval_makes() {
        for seconds in [1.0, 4.0, 60.0, 600.0, 7200.0] {
            let (mut at, mut count) = (0.0, 0.0);
            while at < seconds {
                at += Wait::Growing.after(Duration::from_secs_f64(at)).as_secs_f64();
                count += 1.0;
            }
            assert!(
                (parts(seconds) / count - 1.0_f64).abs() < 0.2,
                "{seconds} s: {} against {count}",
                parts(seconds)
            );
        }
    }
}
