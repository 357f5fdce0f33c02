//! This probe asks which messages are fixed points. It also says which of their bits are not stable, and with
//! what margin.

use crate::patterns::Patterns;
use crate::weights::Weights;

/// `Stability` says how stable M messages of N units are.
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

/// `Margins` sums up the margins kappa_i^m = xi_i^m h_i^m / |W_i| over all units and messages (Gardner 1988).
/// |W_i| is the length of row i.
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
    let lengths = lengths(weights);
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

/// Computes all N M margins kappa_i^m = xi_i^m h_i^m / |W_i|, message by message. None where a row of W is
/// zero.
///
/// # Panics
/// If messages and weights differ in their number of units.
pub fn margins(weights: &Weights, messages: &Patterns) -> Option<Vec<f64>> {
    let (fields, lengths) = (weights.fields(messages), lengths(weights));
    let of = |(k, message): (usize, &[i8])| -> Vec<f64> {
        let bits = message.iter().enumerate();
        bits.map(|(i, &xi)| f64::from(xi) * f64::from(fields[(i, k)]) / lengths[i]).collect()
    };
    let all = messages.rows().enumerate().flat_map(of);
    lengths.iter().all(|&length| length > 0.0).then(|| all.collect())
}

/// The length of every row of W.
fn lengths(weights: &Weights) -> Vec<f64> {
    let (n, w) = (weights.n(), weights.matrix());
    let mut squares = vec![0.0_f64; n];
    for j in 0..n {
        for (i, square) in squares.iter_mut().enumerate() {
            *square += f64::from(w[(i, j)]).powi(2);
        }
    }
    squares.into_iter().map(f64::sqrt).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{Pse, PseDiagonal};
    use crate::seed::Stream;
    use crate::{Protocol, protocol::Hop};

    #[test]
    fn margins_are_those_that_stability_sums_up() {
        let mut stream = Stream::named(1, "margins test", &[]);
        let messages = Patterns::random(40, 7, &mut stream);
        let weights = Hop::default().write(&messages, &mut stream).unwrap().weights;
        let (all, found) = (margins(&weights, &messages).unwrap(), stability(&weights, &messages));
        let Margins { min, mean } = found.margins.unwrap();
        assert_eq!(all.len(), 40 * 7);
        assert_eq!(all.iter().copied().fold(f64::INFINITY, f64::min), min);
        assert!((all.iter().sum::<f64>() / 280.0 - mean).abs() < 1e-12);
        assert_eq!(all.iter().filter(|&&kappa| kappa < 0.0).count() as u64, found.wrong_bits);
    }

    #[test]
    fn margins_of_the_projector_are_those_of_its_diagonal() {
        // P xi = xi and |P_i|^2 = P_ii, so kappa_i = 1/sqrt(P_ii) for all messages alike.
        let mut stream = Stream::named(2, "margins test", &[]);
        let messages = Patterns::random(50, 20, &mut stream);
        let weights = Pse { diagonal: PseDiagonal::Kept }.write(&messages, &mut stream).unwrap().weights;
        let all = margins(&weights, &messages).unwrap();
        for (j, kappa) in all.into_iter().enumerate() {
            let expected = f64::from(weights.matrix()[(j % 50, j % 50)]).sqrt().recip();
            assert!((kappa - expected).abs() < 1e-4, "{kappa} {expected}");
        }
    }

    #[test]
    fn a_row_of_zeros_has_no_margin() {
        let messages = Patterns::random(5, 2, &mut Stream::named(3, "margins test", &[]));
        let weights = Weights::new(faer::Mat::zeros(5, 5)).unwrap();
        assert_eq!(margins(&weights, &messages), None);
    }
}
