//! Messages of features are signs of random mixtures of a few features that all of them share.
//!
//! xi = sign(F c): the columns of F are D = max(1, round(ratio N)) features, fair signs drawn once a set, and
//! the mixture c of each message is D standard normal numbers. Given the features f_i of two units (rows of
//! F), E[xi_i xi_j] = (2/pi) arcsin(f_i . f_j / D). For small D messages lie near a manifold, and a memory
//! of many learns the features themselves.
//!
//! The numbers c are whole multiples of 2^-20, so that sums are exact in f64 and their signs the same in any
//! order of summation; a sum of 0 is +1. Cost: D multiply-adds a sign. Source: Negri, Lauditi, Perugini,
//! Lucibello, Malatesta 2023, Storage and learning phase transitions in the random-features Hopfield model,
//! Phys. Rev. Lett. 131, 257301.

use super::kind::{Kind, SourceAbout};
use super::number::Ratio;
use crate::checked::allowed;
use crate::described::Parameter;
use crate::parallel::matmul;
use crate::patterns::Patterns;
use crate::seed::Stream;
use faer::{Accum, Mat, Par};
use serde::{Deserialize, Serialize};

/// `Features` are shared by all messages, which are signs of their mixtures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Features {
    /// The number of features over N.
    pub ratio: Ratio,
}

impl Default for Features {
    fn default() -> Self {
        Self { ratio: allowed(0.25) }
    }
}

impl Kind for Features {
    fn about(&self) -> &'static SourceAbout {
        &SourceAbout {
            name: "features",
            title: "messages of features",
            formula: "xi = sign(F c), F: N x D fair signs, c: D normal numbers a message, D = round(ratio N)",
            units: "any",
            source: "Negri, Lauditi, Perugini, Lucibello, Malatesta 2023, doi 10.1103/PhysRevLett.131.257301",
            parameters: &[Parameter {
                name: "ratio",
                allowed: Ratio::ALLOWED,
                meaning: "the number of features over n",
            }],
        }
    }

    fn parameters(&self) -> Vec<(&'static str, String)> {
        vec![("ratio", self.ratio.to_string())]
    }

    fn draw(&self, n: usize, m: usize, stream: &mut Stream) -> Vec<i8> {
        let count = (self.ratio.get() * n as f64).round().max(1.0) as usize;
        let features: Mat<f64> = Patterns::random(n, count, stream).columns();
        // The mixtures of a message come one after the other.
        let mixtures = Mat::from_fn(count, m, |_, _| (stream.normal() * STEPS).round() / STEPS);
        let mut fields = Mat::zeros(n, m);
        matmul(&mut fields, Accum::Replace, &features, &mixtures, 1.0, Par::Seq);
        fields.col_iter().flat_map(|column| column.iter()).map(|&h| if h >= 0.0 { 1 } else { -1 }).collect()
    }
}

/// Steps of a mixture's numbers between 0 and 1.
const STEPS: f64 = (1 << 20) as f64;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_correlated_by_their_features() {
        let (n, m) = (20, 20_000);
        let source = Features { ratio: allowed(0.25) };
        let stream = || Stream::named(1, "test", &[]);
        let signs = source.draw(n, m, &mut stream());
        let features = Patterns::random(n, 5, &mut stream());
        for (i, j) in [(0, 1), (2, 9), (4, 19), (7, 8)] {
            let product: i8 = features.rows().map(|f| f[i] * f[j]).sum();
            let expected = 2.0 / std::f64::consts::PI * (f64::from(product) / 5.0).asin();
            let found = signs.chunks_exact(n).map(|row| f64::from(row[i] * row[j])).sum::<f64>() / m as f64;
            assert!((found - expected).abs() < 5.0 / (m as f64).sqrt(), "{found} {expected}");
        }
    }

    #[test]
    fn of_one_feature_there_are_two_messages() {
        let source = Features { ratio: allowed(0.001) };
        let signs = source.draw(30, 40, &mut Stream::named(1, "test", &[]));
        let first = &signs[..30];
        let opposite: Vec<i8> = first.iter().map(|sign| -sign).collect();
        assert!(signs.chunks_exact(30).all(|row| row == first || row == opposite));
        assert!(signs.chunks_exact(30).any(|row| row == opposite));
    }
}
