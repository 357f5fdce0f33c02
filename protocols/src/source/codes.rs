//! Codes are rows of a Hadamard matrix: any two of them differ in half of the units.
//!
//! N is a power of 2 and the matrix Sylvester's, H_ij = (-1)^(number of bits that i and j have in common). M of
//! its N rows are drawn without replacement. Messages that are orthogonal do not disturb each other in the
//! outer product, which is then N times the projector. Cost: an operation a sign. Source: Sylvester 1867,
//! Phil. Mag. 34, 461.

use super::error::Misfit;
use super::kind::{Kind, SourceAbout};
use crate::seed::Stream;

pub(super) struct Codes;

impl Kind for Codes {
    fn about(&self) -> &'static SourceAbout {
        &SourceAbout {
            name: "codes",
            title: "codes",
            formula: "rows of Sylvester's Hadamard matrix, (-1)^popcount(i and j), without replacement",
            units: "powers of 2",
            source: "Sylvester 1867, doi 10.1080/14786446708639914",
            parameters: &[],
        }
    }

    fn check(&self, n: usize, m: usize) -> Result<(), Misfit> {
        Misfit::among("rows of a Hadamard matrix", n, |k| {
            1_usize.checked_shl(k as u32).unwrap_or(usize::MAX)
        })?;
        if m > n { Err(Misfit::Count { available: n, only: false }) } else { Ok(()) }
    }

    fn draw(&self, n: usize, m: usize, stream: &mut Stream) -> Vec<i8> {
        let mut rows: Vec<usize> = (0..n).collect();
        stream.choose(&mut rows, m);
        let row =
            |i: usize| (0..n).map(move |j| if (i & j).count_ones().is_multiple_of(2) { 1_i8 } else { -1 });
        rows[..m].iter().flat_map(|&i| row(i)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::patterns::overlap;
    use crate::protocol::{Hop, projector};
    use crate::{Protocol, Source};

    #[test]
    fn codes_are_orthogonal_and_the_outer_product_projects() {
        let stream = &mut Stream::named(1, "test", &[]);
        let codes = Source::Codes.draw(64, 20, stream).unwrap();
        for a in 0..20 {
            assert!((0..a).all(|b| overlap(codes.row(a), codes.row(b)) == 0.0));
        }
        let hop = Hop::default().write(&codes, stream).unwrap().weights;
        let (projector, _) = projector(&codes).unwrap();
        for i in 0..64 {
            assert!(
                (0..i).all(|j| (f64::from(hop.matrix()[(i, j)]) / 64.0 - projector[(i, j)]).abs() < 1e-12)
            );
        }
    }

    #[test]
    fn what_sylvester_does_not_have_is_refused() {
        let told = |n, m| Source::Codes.check(n, m).unwrap_err().to_string();
        assert_eq!(told(48, 2), "codes are rows of a Hadamard matrix, so n must be 32 or 64, not 48");
        assert_eq!(told(32, 33), "there are 32 distinct codes, but m = 33 were asked for");
        assert_eq!(Source::Codes.check(32, 32), Ok(()));
    }
}
