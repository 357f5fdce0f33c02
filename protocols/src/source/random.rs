//! Random messages are independent fair signs: what theory takes for granted.

use super::kind::{Kind, SourceAbout};
use crate::patterns::Patterns;
use crate::seed::Stream;

pub(super) struct Random;

impl Kind for Random {
    fn about(&self) -> &'static SourceAbout {
        &SourceAbout {
            name: "random",
            title: "random messages",
            formula: "P[xi_i = 1] = 1/2, independent",
            units: "any",
            source: "Hopfield 1982, doi 10.1073/pnas.79.8.2554",
            parameters: &[],
        }
    }

    fn draw(&self, n: usize, m: usize, stream: &mut Stream) -> Vec<i8> {
        Patterns::random(n, m, stream).signs().to_vec()
    }
}
