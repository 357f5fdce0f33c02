//! This module holds what theory says of the protocols: the curves to draw under the data.
//!
//! One file per protocol or bound, each with its sources. Loads are M/N; kappa is the stability of a bit,
//! xi_i h_i / |W_i|, with |W_i| the Euclidean norm of row i. Messages are independent fair signs throughout.

mod cover;
mod fair_coins;
mod gardner;
mod gaussian;
mod hop;
mod hop_steps;
#[cfg(feature = "lp")]
mod linear_program;
mod nearest;
mod one_step;
mod optimal_noise;
mod pse;
mod pse_spin_glass;

pub use cover::{cover_all, cover_half_load, cover_row};
pub use gardner::{GARDNER_LOAD, gardner_kappa};
pub use hop::{
    AGS_LOAD, AGS_OVERLAP, BitError, ags_overlap, hop_bit_error, mceliece_all_load, mceliece_most_load,
};
pub use hop_steps::{hop_overlaps, hop_step_error, hop_step_share};
#[cfg(feature = "lp")]
pub use linear_program::{LinearProgramError, POSITIVE, stores_free, stores_symmetric, stores_unit};
pub use nearest::{nearest_first, nearest_strictly};
pub use one_step::{best_coupling, one_step_messages, one_step_overlap, one_step_share};
pub use optimal_noise::{best_share, best_stability, largest_stability_share};
pub use pse::{PSE_SINGLE_BIT_LOAD, pse_corrected_share, pse_kappa_kept, pse_kappa_zero};
pub use pse_spin_glass::{PSE_LOAD, PSE_SPIN_GLASS_LOAD, pse_spin_glass_energy};

/// The root of a decreasing function on [low, high], to the last bit: by bisection, which needs no derivative and
/// returns the nearer end where there is no root.
fn root_of_decreasing(f: impl Fn(f64) -> f64, mut low: f64, mut high: f64) -> f64 {
    loop {
        let middle = 0.5 * (low + high);
        if middle <= low || middle >= high {
            return middle;
        }
        if f(middle) > 0.0 { low = middle } else { high = middle }
    }
}
