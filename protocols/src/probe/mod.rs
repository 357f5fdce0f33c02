//! Probes measure a memory, one file each. They count; shares and intervals are the caller's.

mod correction;
mod random_starts;
mod recovery;
mod stability;
mod structure;

pub use correction::{Correction, correction};
pub use random_starts::{RandomStarts, random_starts};
pub use recovery::{Outcome, Recovery, counted, recovery};
pub use stability::{Margins, Stability, margins, stability};
pub use structure::{EnergyDescent, Structure, energy_descent, structure};
