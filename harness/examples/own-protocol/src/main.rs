//! A program of your own with a writing rule of your own: all of the harness, and one more protocol in its catalogue.
//!
//! `cargo run -- protocols` lists it, `cargo run -- write --protocol clipped ...` writes with it, and a
//! definition that says `mine = { clipped = { levels = 3 } }` puts it beside the others. Its one test holds
//! it against the laws of all rules.

use protocols::protocol::{About, Hop, Parameter, Protocol, Report, Rule, Watch, WriteError, Written};
use protocols::{Patterns, Stream, Weights};
use serde::{Deserialize, Serialize};
use std::num::NonZeroU32;
use std::process::ExitCode;

/// The outer product with few values: every weight is cut off at so many levels.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Clipped {
    levels: NonZeroU32,
}

impl Default for Clipped {
    fn default() -> Self {
        Self { levels: NonZeroU32::MIN }
    }
}

impl Rule for Clipped {
    const ABOUT: &'static About = &About {
        name: "clipped",
        title: "clipped outer product",
        formula: "W_ij = sum_m xi_i^m xi_j^m, cut off at -levels and levels, W_ii = 0",
        source: "Sompolinsky 1986, doi 10.1103/PhysRevA.34.2571",
        version: 1,
        parameters: &[Parameter::new("levels", "a positive whole number", "the largest weight")],
    };

    fn write_messages(
        &self,
        messages: &Patterns,
        stream: &mut Stream,
        _: &mut Watch<'_>,
    ) -> Result<Written, WriteError> {
        let levels = self.levels.get() as f32;
        let mut matrix = Hop::default().write(messages, stream)?.weights.matrix().to_owned();
        for column in matrix.col_iter_mut() {
            column.iter_mut().for_each(|weight| *weight = weight.clamp(-levels, levels));
        }
        Ok(Written { weights: Weights::new(matrix)?, report: Report::closed(None) })
    }
}

fn main() -> ExitCode {
    harness::Cli::new().register::<Clipped>().run()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_laws_of_all_rules_hold() {
        assert_eq!(protocols::laws::broken(&Clipped::default().into()), []);
    }
}
