//! The numbers by which sources are described cannot hold an illegal value, and are ordered.

use crate::checked::checked;

checked!(
    /// A `Share` is a probability or a share that is neither none nor all.
    Share, "a number between 0 and 1", |x| x > 0.0 && x < 1.0
);
checked!(
    /// A `Correlation` is that of two signs: 0 where they are independent, 1 where they are the same.
    Correlation, "a number in [0, 1]", |x| (0.0..=1.0).contains(&x)
);
checked!(
    /// A `Length` is a distance in units of a lattice.
    Length, "a number above 0, at most 100", |x| x > 0.0 && x <= 100.0
);
checked!(
    /// A `Ratio` is a number over N.
    Ratio, "a number above 0, at most 100", |x| x > 0.0 && x <= 100.0
);
