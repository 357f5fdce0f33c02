//! Hierarchical messages are children of common ancestors, and resemble their siblings.
//!
//! Ancestors are independent fair signs. Each has `children` messages, one after the other in the set, and a
//! unit of a child is that of its ancestor with probability (1 + q)/2. So a child overlaps its ancestor by
//! q on average, its siblings by q^2, and all others by 0: a tree of two levels. The ancestors are not stored.
//!
//! Cost: a random word a sign. Source: Parga and Virasoro 1986, The ultrametric organization of memories in a
//! neural network, J. Phys. France 47, 1857; Feigelman and Ioffe 1987, The augmented models of associative
//! memory: asymmetric interaction and hierarchy of patterns, Int. J. Mod. Phys. B 1, 51.

use super::kind::{Kind, SourceAbout};
use super::number::Correlation;
use crate::checked::allowed;
use crate::described::Parameter;
use crate::seed::Stream;
use serde::{Deserialize, Serialize};
use std::num::NonZeroU32;

/// `Hierarchical` messages are children of common ancestors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Hierarchical {
    /// Messages an ancestor has; the last may have fewer.
    pub children: NonZeroU32,
    /// The overlap q of a child with its ancestor.
    pub overlap: Correlation,
}

impl Default for Hierarchical {
    fn default() -> Self {
        Self { children: NonZeroU32::new(4).expect("it is not 0"), overlap: allowed(0.5) }
    }
}

impl Kind for Hierarchical {
    fn about(&self) -> &'static SourceAbout {
        &SourceAbout {
            name: "hierarchical",
            title: "hierarchical messages",
            formula: "P[xi_i = ancestor_i] = (1 + overlap)/2, so siblings overlap by overlap^2",
            units: "any",
            source: "Parga, Virasoro 1986, doi 10.1051/jphys:0198600470110185700; Feigelman, Ioffe 1987",
            parameters: &[
                Parameter {
                    name: "children",
                    allowed: "a positive whole number",
                    meaning: "messages of one ancestor",
                },
                Parameter {
                    name: "overlap",
                    allowed: Correlation::ALLOWED,
                    meaning: "the overlap of a message with its ancestor",
                },
            ],
        }
    }

    fn parameters(&self) -> Vec<(&'static str, String)> {
        vec![("children", self.children.to_string()), ("overlap", self.overlap.to_string())]
    }

    fn draw(&self, n: usize, m: usize, stream: &mut Stream) -> Vec<i8> {
        let same = (1.0 + self.overlap.get()) / 2.0;
        let (mut ancestor, mut signs) = (vec![1; n], Vec::with_capacity(n * m));
        for message in 0..m {
            if message % self.children.get() as usize == 0 {
                stream.signs(&mut ancestor);
            }
            signs.extend(ancestor.iter().map(|&sign| if stream.unit() < same { sign } else { -sign }));
        }
        signs
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::patterns::overlap;

    #[test]
    fn siblings_overlap_and_strangers_do_not() {
        let source = Hierarchical { children: NonZeroU32::new(3).unwrap(), overlap: allowed(0.7) };
        let n = 100_000;
        let signs = source.draw(n, 7, &mut Stream::named(1, "test", &[]));
        let row = |m: usize| &signs[m * n..][..n];
        for a in 0..7 {
            for b in 0..a {
                let expected = if a / 3 == b / 3 { 0.49 } else { 0.0 };
                // Five standard errors of a mean of signs.
                assert!((overlap(row(a), row(b)) - expected).abs() < 5.0 / (n as f64).sqrt(), "{a} {b}");
            }
        }
        // One ancestor and its copies.
        let source = Hierarchical { children: NonZeroU32::new(9).unwrap(), overlap: allowed(1.0) };
        let signs = source.draw(50, 9, &mut Stream::named(1, "test", &[]));
        assert!(signs.chunks_exact(50).all(|row| row == &signs[..50]));
    }
}
