//! A step along a line is looked for here, by values and slopes at the steps that are tried.

/// Evaluations in one search at most.
pub(super) const MAX_TRIALS: u32 = 30;
/// Share of the first slope by which the value must fall.
const DECREASE: f64 = 1e-4;
/// Share of the first slope below which a slope counts as flat.
const CURVATURE: f64 = 0.9;

/// A `Search` goes along a line from where the value is known, and so is its slope.
#[derive(Clone, Copy, Debug)]
pub(super) struct Search {
    value: f64,
    slope: f64,
    /// The step to be tried.
    step: f64,
    /// The largest step known to be too short, and the slope there.
    low: (f64, f64),
    /// The least step known to be too long, and the slope there.
    high: Option<(f64, f64)>,
    trials: u32,
}

/// What is known of a step after it was tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The value falls there, and the slope is flat enough.
    Accepted,
    /// The next step is to be tried.
    Next,
    /// None was found in [`MAX_TRIALS`].
    Nothing,
}

impl Search {
    /// Begins where the value and its slope along the line are these, with a first step.
    pub(super) fn along((value, slope): (f64, f64), first: f64) -> Self {
        Self { value, slope, step: first, low: (0.0, slope), high: None, trials: 0 }
    }

    /// Returns the step to be tried, or the one that was accepted.
    pub(super) fn step(&self) -> f64 {
        self.step
    }

    /// Returns how many steps were tried.
    pub(super) fn trials(&self) -> u64 {
        self.trials.into()
    }

    /// Judges the step by the value and slope there, and says what to do.
    pub(super) fn judge(&mut self, value: f64, slope: f64) -> Verdict {
        self.trials += 1;
        let falls = value <= self.value + DECREASE * self.step * self.slope
            || (value <= self.value + 1e-6 * self.value.abs()
                && slope <= (2.0 * DECREASE - 1.0) * self.slope);
        if !(falls && slope.is_finite()) {
            self.high = Some((self.step, slope));
        } else if slope < CURVATURE * self.slope {
            self.low = (self.step, slope);
        } else {
            return Verdict::Accepted;
        }
        if self.trials == MAX_TRIALS {
            return Verdict::Nothing;
        }
        self.step = match self.high {
            None => self.step * (1.0 / (1.0 - slope / self.slope).max(0.1)).clamp(2.0, 10.0),
            Some(high) => between(self.low, high),
        };
        Verdict::Next
    }
}

/// The root of the line through both slopes, kept off the ends of the bracket; the middle where the slopes do not
/// change sign.
fn between((low, low_slope): (f64, f64), (high, high_slope): (f64, f64)) -> f64 {
    let secant = low_slope / (low_slope - high_slope);
    let share = if high_slope > 0.0 && secant.is_finite() { secant.clamp(0.1, 0.9) } else { 0.5 };
    low + share * (high - low)
}
