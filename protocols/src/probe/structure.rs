//! This probe asks whether a memory is a Hopfield network in the classical sense. A symmetric W with a
//! diagonal that is not negative never raises its energy when read one unit at a time; messages are then
//! remembered as minima.

use crate::patterns::Patterns;
use crate::seed::Stream;
use crate::weights::Weights;
use faer::Mat;

/// A `Structure` holds symmetry, diagonal and energy minima.
#[derive(Clone, Debug, PartialEq)]
pub struct Structure {
    /// |W - W^T| / |W + W^T| in the Frobenius norm: 0 for a symmetric W; 0 for W = 0.
    pub asymmetry: f64,
    /// Mean |W_ii| over the root mean square of the weights off the diagonal; 0 where the diagonal is 0.
    pub diagonal_ratio: f64,
    /// Messages whose energy is below that of all N states one flip away.
    pub strict_minima: u32,
}

/// An `EnergyDescent` tells of the energy along asynchronous reads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EnergyDescent {
    /// Flips made.
    pub flips: u64,
    /// Flips that raised the energy.
    pub rises: u64,
}

/// Measures symmetry, diagonal, and which `messages` are strict local minima of E.
///
/// # Panics
/// If messages and weights differ in their number of units.
pub fn structure(weights: &Weights, messages: &Patterns) -> Structure {
    let (n, w) = (weights.n(), weights.matrix());
    let (mut difference, mut sum, mut off, mut diagonal) = (0.0, 0.0, 0.0, 0.0);
    for j in 0..n {
        diagonal += f64::from(w[(j, j)].abs());
        for i in (0..n).filter(|&i| i != j) {
            let (a, b) = (f64::from(w[(i, j)]), f64::from(w[(j, i)]));
            difference += (a - b).powi(2);
            sum += (a + b).powi(2);
            off += a * a;
        }
        sum += 4.0 * f64::from(w[(j, j)]).powi(2);
    }
    let ratio = |a: f64, b: f64| if a == 0.0 { 0.0 } else { a / b };
    let root_mean_square = (off / (n * n.saturating_sub(1)).max(1) as f64).sqrt();
    Structure {
        asymmetry: ratio(difference.sqrt(), sum.sqrt()),
        diagonal_ratio: ratio(diagonal / n as f64, root_mean_square),
        strict_minima: strict_minima(weights, messages),
    }
}

/// Flipping i costs 2 x_i (h_i - W_ii x_i), with the field of the symmetric part, which has the same energy.
fn strict_minima(weights: &Weights, messages: &Patterns) -> u32 {
    let symmetric = weights.symmetric_part();
    let fields = symmetric.fields(messages);
    let w = symmetric.matrix();
    let is_minimum = |&(k, message): &(usize, &[i8])| {
        (0..message.len()).all(|i| f32::from(message[i]) * fields[(i, k)] - w[(i, i)] > 0.0)
    };
    messages.rows().enumerate().filter(is_minimum).count() as u32
}

/// Reads `queries` one unit at a time for up to `sweeps` sweeps and counts the flips that raise the energy.
/// The energy of W is that of its symmetric part, so both fields are kept.
///
/// # Panics
/// If queries and weights differ in their number of units.
pub fn energy_descent(
    weights: &Weights,
    queries: &Patterns,
    sweeps: u32,
    stream: &mut Stream,
) -> EnergyDescent {
    let n = weights.n();
    let symmetric = weights.symmetric_part();
    let (fields, slopes) = (weights.fields(queries), symmetric.fields(queries));
    let mut order: Vec<u32> = (0..n as u32).collect();
    let mut found = EnergyDescent::default();
    for (q, query) in queries.rows().enumerate() {
        let mut state = query.to_vec();
        let copy = |fields: &Mat<f32>| fields.col(q).iter().copied().collect::<Vec<f32>>();
        let (mut h, mut g) = (copy(&fields), copy(&slopes));
        for _ in 0..sweeps {
            let before = found.flips;
            stream.choose(&mut order, n);
            for &unit in &order {
                let i = unit as usize;
                let x = f32::from(state[i]);
                if h[i] * x < 0.0 {
                    found.flips += 1;
                    found.rises += u64::from(x * g[i] - symmetric.matrix()[(i, i)] > 0.0);
                    state[i] = -state[i];
                    for k in 0..n {
                        h[k] -= 2.0 * x * weights.matrix()[(k, i)];
                        g[k] -= 2.0 * x * symmetric.matrix()[(k, i)];
                    }
                }
            }
            if found.flips == before {
                break;
            }
        }
    }
    found
}
