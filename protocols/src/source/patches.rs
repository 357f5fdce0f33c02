//! Messages of patches are correlated in a plane, like pictures.
//!
//! Units stand on a square of side S = sqrt(N) whose edges are joined (a torus). White Gaussian noise is
//! smoothed by the kernel exp(-d^2/length^2), one axis after the other, and the message is its sign. The
//! correlation of the smooth field is rho(d), about exp(-d^2/(2 length^2)), and that of its signs exactly
//! (2/pi) arcsin rho (Sheppard 1899).
//!
//! Cost: 2 S multiply-adds a unit. Limits: N must be a square; as `length` nears S most messages are all +1 or
//! all -1. Source: Monasson 1992, Properties of neural networks storing spatially correlated patterns, J. Phys.
//! A 25, 3701, whose patterns are described by their correlations; the smooth field is one that has some.

use super::error::Misfit;
use super::kind::{Kind, SourceAbout};
use super::number::Length;
use crate::checked::allowed;
use crate::described::Parameter;
use crate::seed::Stream;
use serde::{Deserialize, Serialize};

/// `Patches` are signs of a smooth random field in a plane.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Patches {
    /// The correlation length of the field, in units.
    pub length: Length,
}

impl Default for Patches {
    fn default() -> Self {
        Self { length: allowed(1.5) }
    }
}

impl Kind for Patches {
    fn about(&self) -> &'static SourceAbout {
        &SourceAbout {
            name: "patches",
            title: "patches",
            formula: "sign of white noise on a torus smoothed by exp(-d^2/length^2)",
            units: "squares: 4, 9, 16, ...",
            source: "Monasson 1992, J. Phys. A 25, 3701",
            parameters: &[Parameter {
                name: "length",
                allowed: Length::ALLOWED,
                meaning: "the distance at which the field's correlation is e^{-1/2}",
            }],
        }
    }

    fn parameters(&self) -> Vec<(&'static str, String)> {
        vec![("length", self.length.to_string())]
    }

    fn check(&self, n: usize, _: usize) -> Result<(), Misfit> {
        Misfit::among("signs on a square", n, |side| side * side).map(|_| ())
    }

    fn draw(&self, n: usize, m: usize, stream: &mut Stream) -> Vec<i8> {
        let kernel = kernel(n.isqrt(), self.length.get());
        let mut signs = Vec::with_capacity(n * m);
        for _ in 0..m {
            let noise: Vec<f64> = (0..n).map(|_| stream.normal()).collect();
            // Smoothed along the rows and transposed, twice: then both axes are where they were.
            let field = smoothed(&smoothed(&noise, &kernel), &kernel);
            signs.extend(field.iter().map(|&h| if h >= 0.0 { 1_i8 } else { -1 }));
        }
        signs
    }
}

/// The kernel of distances 0 to S - 1 around a ring of S units.
fn kernel(side: usize, length: f64) -> Vec<f64> {
    let around = (4.0 * length / side as f64).ceil() as i32 + 1;
    let at = |d: usize| {
        let ways = (-around..=around).map(|turn| d as f64 + f64::from(turn) * side as f64);
        ways.map(|d| (-(d / length).powi(2)).exp()).sum()
    };
    (0..side).map(at).collect()
}

/// A square smoothed along its rows, transposed.
fn smoothed(square: &[f64], kernel: &[f64]) -> Vec<f64> {
    let side = kernel.len();
    let mut smooth = vec![0.0; square.len()];
    for (r, row) in square.chunks_exact(side).enumerate() {
        for c in 0..side {
            let terms = row.iter().enumerate().map(|(from, x)| x * kernel[(side + c - from) % side]);
            smooth[c * side + r] = terms.sum();
        }
    }
    smooth
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_are_correlated_as_the_field_says() {
        let (side, length, count) = (8, 1.5, 20_000);
        let source = Patches { length: allowed(length) };
        let signs = source.draw(side * side, count, &mut Stream::named(1, "test", &[]));
        // The field's correlation along an axis, by the kernel's with itself on the lattice, far from wrapping:
        // computed anew from the formula and not by the code above.
        let g = |d: i32| (-12..=12).map(|w| (-(f64::from(d + 8 * w) / length).powi(2)).exp()).sum::<f64>();
        let product = |d: i32| (0..8).map(|x| g(x) * g(x + d)).sum::<f64>();
        for (right, down) in [(1, 0), (0, 1), (2, 0), (2, 2), (4, 0), (0, 7)] {
            let rho = product(right) / product(0) * product(down) / product(0);
            let expected = 2.0 / std::f64::consts::PI * rho.asin();
            let other = (3 + down as usize) % 8 * side + (2 + right as usize) % 8;
            let pairs = signs.chunks_exact(64).map(|row| f64::from(row[3 * side + 2] * row[other]));
            let found = pairs.sum::<f64>() / count as f64;
            assert!((found - expected).abs() < 5.0 / (count as f64).sqrt(), "{found} {expected}");
        }
        let field = |d: f64| (-d * d / (2.0 * length * length)).exp();
        assert!((product(1) / product(0) - field(1.0)).abs() < 0.01, "about what the doc says");
    }
}
