//! Messages of a chain are correlated along a line of units.
//!
//! The first sign is fair, and each is its predecessor with probability (1 + c)/2: a Markov chain, in which
//! E[xi_i xi_j] = c^|i-j|. The correlation length is -1/ln c units. Cost: a random word a sign. Source: Loewe
//! 1998, On the storage capacity of Hopfield models with correlated patterns, Ann. Appl. Probab. 8, 1216
//! (the spatially correlated case).

use super::kind::{Kind, SourceAbout};
use super::number::Correlation;
use crate::checked::allowed;
use crate::described::Parameter;
use crate::seed::Stream;
use serde::{Deserialize, Serialize};

/// A `Chain` of signs is correlated from each unit to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Chain {
    /// The correlation c of neighbours.
    pub correlation: Correlation,
}

impl Default for Chain {
    fn default() -> Self {
        Self { correlation: allowed(0.5) }
    }
}

impl Kind for Chain {
    fn about(&self) -> &'static SourceAbout {
        &SourceAbout {
            name: "chain",
            title: "messages of a chain",
            formula: "P[xi_{i+1} = xi_i] = (1 + correlation)/2, so E[xi_i xi_j] = correlation^|i-j|",
            units: "any",
            source: "Loewe 1998, Ann. Appl. Probab. 8, 1216",
            parameters: &[Parameter {
                name: "correlation",
                allowed: Correlation::ALLOWED,
                meaning: "the correlation of a unit with the next",
            }],
        }
    }

    fn parameters(&self) -> Vec<(&'static str, String)> {
        vec![("correlation", self.correlation.to_string())]
    }

    fn draw(&self, n: usize, m: usize, stream: &mut Stream) -> Vec<i8> {
        let same = (1.0 + self.correlation.get()) / 2.0;
        let mut signs = vec![1; n * m];
        for row in signs.chunks_exact_mut(n) {
            stream.signs(&mut row[..1]);
            for i in 1..n {
                row[i] = if stream.unit() < same { row[i - 1] } else { -row[i - 1] };
            }
        }
        signs
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn correlation_falls_with_the_distance() {
        for correlation in [0.0, 0.5, 0.9] {
            let source = Chain { correlation: allowed(correlation) };
            let signs = source.draw(20, 20_000, &mut Stream::named(1, "test", &[]));
            for distance in [1, 2, 5] {
                // One pair a message, so that pairs are independent: five standard errors are at most 5/sqrt(20000).
                let pairs = signs.chunks_exact(20).map(|row| f64::from(row[3] * row[3 + distance]));
                let found = pairs.sum::<f64>() / 2e4;
                assert!((found - correlation.powi(distance as i32)).abs() < 0.0354, "{found} at {distance}");
            }
            let mean = signs.chunks_exact(20).map(|row| f64::from(row[7])).sum::<f64>() / 2e4;
            assert!(mean.abs() < 0.0354);
        }
        let same = Chain { correlation: allowed(1.0) }.draw(9, 50, &mut Stream::named(1, "test", &[]));
        assert!(same.chunks_exact(9).all(|row| row.iter().all(|&sign| sign == row[0])));
    }
}
