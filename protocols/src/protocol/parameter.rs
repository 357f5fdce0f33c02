//! The types of parameters here cannot hold an illegal value, so that a definition's error points at the
//! value itself.

pub(crate) use crate::checked::allowed;
use crate::checked::checked;

checked!(
    /// A `Noise` is a noise level d/N. Beyond one half a query is closer to the negative of its message.
    Noise, "a noise level in [0, 0.5]", |x| (0.0..=0.5).contains(&x)
);
checked!(
    /// A `TrainingNoise` is a noise level d/N that neither vanishes nor leaves nothing of the message.
    TrainingNoise, "a noise level in (0, 0.5)", |x| x > 0.0 && x < 0.5
);
checked!(
    /// A `Positive` is a positive, finite number.
    Positive, "a positive number", |x| x > 0.0 && x.is_finite()
);
checked!(
    /// A `NonNegative` is a finite number that is not negative.
    NonNegative, "a number of at least 0", |x| x >= 0.0 && x.is_finite()
);
impl Default for NonNegative {
    /// Returns 0, which mostly means: without.
    fn default() -> Self {
        Self(0.0)
    }
}

checked!(
    /// A `Fraction` is a number in [0, 1), such as a momentum.
    Fraction, "a number in [0, 1)", |x| (0.0..1.0).contains(&x)
);
