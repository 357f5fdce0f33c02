//! Stability: which messages are fixed points, which of their bits are not stable, and with what margin.

use crate::patterns::Patterns;
use crate::weights::Weights;

/// Stability of M messages of N units.
#[derive(Clone, Debug, PartialEq)]
pub struct Stability {
    /// Messages that the dynamics leave as they are.
    pub fixed: u32,
    /// Bits whose field points the wrong way, out of M N.
    pub wrong_bits: u64,
    /// Bits whose field is exactly 0; they keep their state.
    pub tied_bits: u64,
    /// Margins, where every row of W has a length.
    pub margins: Option<Margins>,
}

/// Margins kappa_i^m = xi_i^m h_i^m / |W_i| over all units and messages (Gardner 1988), |W_i| the length of row i.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Margins {
    /// The smallest.
    pub min: f64,
    /// The mean.
    pub mean: f64,
}

/// Measures the stability of `messages`.
///
/// # Panics
/// If messages and weights differ in their number of units.
pub fn stability(weights: &Weights, messages: &Patterns) -> Stability {
    let (n, m) = (weights.n(), messages.count());
    let fields = weights.fields(messages);
    let w = weights.matrix();
    let mut squares = vec![0.0_f64; n];
    for j in 0..n {
        for (i, square) in squares.iter_mut().enumerate() {
            *square += f64::from(w[(i, j)]).powi(2);
        }
    }
    let lengths: Vec<f64> = squares.into_iter().map(f64::sqrt).collect();
    let mut found = Stability { fixed: 0, wrong_bits: 0, tied_bits: 0, margins: None };
    let (mut min, mut sum) = (f64::INFINITY, 0.0);
    for (k, message) in messages.rows().enumerate() {
        let mut wrong = 0;
        for (i, &xi) in message.iter().enumerate() {
            let aligned = f64::from(xi) * f64::from(fields[(i, k)]);
            wrong += u64::from(aligned < 0.0);
            found.tied_bits += u64::from(aligned == 0.0);
            let kappa = aligned / lengths[i];
            min = min.min(kappa);
            sum += kappa;
        }
        found.wrong_bits += wrong;
        found.fixed += u32::from(wrong == 0);
    }
    if m > 0 && lengths.iter().all(|&length| length > 0.0) {
        found.margins = Some(Margins { min, mean: sum / (n * m) as f64 });
    }
    found
}
