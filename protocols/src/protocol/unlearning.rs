//! UNLEARNING writes the outer product and then dreams: from a random state the memory falls, unit by unit in random
//! order, to a fixed point x, of which a little is unlearned, W <- W - epsilon/N x x^T with zero diagonal. Of what it
//! finds most is spurious, so that messages gain.
//!
//! Every message adds 1/N xi xi^T and every dream takes epsilon/N x x^T. So D dreams take epsilon D / M of what was
//! learned, which is the parameter `unlearned`: D = unlearned M / epsilon. Too few do little, and too many destroy the
//! memory: where to stop is the rule's weakness.
//!
//! Cost: D dreams, one after the other, of about 2 N^2 multiply-adds for their change and N for each flip. Source:
//! Hopfield, Feinstein, Palmer 1983, Nature 304, 158; Benedetti, Ventura, Marinari, Ruocco, Zamponi 2022, J. Chem.
//! Phys.
//! 156, 104107, who let D grow as N/epsilon and with the load, as here. Their epsilon of .01 is the default; that a
//! half is unlearned is this study's choice, not tuned: at 64 units, load 1/2 and 6 flips it leaves .50 of queries
//! recovered where .7 leaves .72, and 1.2 none.

use super::dreams::{Chance, Dreamer};
use super::hop::outer_product;
use super::parameter::{NonNegative, Positive, allowed};
use super::{About, Nature, Parameter, Report, Rule, Stop, Watch, WriteError, Written};
use crate::patterns::Patterns;
use crate::seed::Stream;
use crate::weights::Weights;
use faer::Mat;
use serde::{Deserialize, Serialize};
use std::ops::ControlFlow;

/// UNLEARNING writes the outer product and unlearns what it dreams.
///
/// Rule: `W = 1/N sum_m xi^m xi^mT, then D = unlearned M / epsilon times W -= epsilon/N x xT, x a fixed point from a
/// random state; zero diagonal`
///
/// Source: Hopfield, Feinstein, Palmer 1983, doi 10.1038/304158a0.
///
/// ```
/// use protocols::{Patterns, Spec, Stream};
/// let mut stream = Stream::named(1, "example", &[]);
/// let messages = Patterns::random(64, 6, &mut stream);
/// let rule = Spec::named("unlearning").expect("it is in the catalogue");
/// let memory = rule.protocol().write(&messages, &mut stream)?.weights;
/// // Every bit of every message has its field on its own side.
/// let fields = memory.fields(&messages);
/// assert!((0..6).all(|m| (0..64).all(|i| fields[(i, m)] * f32::from(messages.row(m)[i]) > 0.0)));
/// # Ok::<(), protocols::WriteError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Unlearning {
    /// What a dream takes, in units of what a message adds.
    pub epsilon: Positive,
    /// What all dreams take, in units of what all messages add.
    pub unlearned: NonNegative,
}

impl Default for Unlearning {
    fn default() -> Self {
        Self { epsilon: allowed(0.01), unlearned: allowed(0.5) }
    }
}

impl Rule for Unlearning {
    const ABOUT: &'static About = &About {
        name: "unlearning",
        title: "outer product, less what it dreams",
        formula: "W = 1/N sum_m xi^m xi^mT, then D = unlearned M / epsilon times \
                  W -= epsilon/N x xT, x a fixed point from a random state; zero diagonal",
        source: "Hopfield, Feinstein, Palmer 1983, doi 10.1038/304158a0",
        version: 1,
        parameters: &[
            Parameter::new(
                "epsilon",
                Positive::ALLOWED,
                "what a dream takes, in units of what a message adds",
            ),
            Parameter::new(
                "unlearned",
                NonNegative::ALLOWED,
                "what all dreams take, in units of what all messages add: D = unlearned M / epsilon",
            ),
        ],
    };

    fn write_messages(
        &self,
        messages: &Patterns,
        stream: &mut Stream,
        watch: &mut Watch<'_>,
    ) -> Result<Written, WriteError> {
        let dreams = self.dreams(messages.count())?;
        let matrix = unlearned(messages, self.epsilon.get(), dreams, stream, watch)?;
        let report = Report { iterations: dreams, stop: Stop::Epochs, ..Report::closed(None) };
        Ok(Written { weights: Weights::new(matrix)?, report })
    }

    fn nature(&self) -> Nature {
        Nature { symmetric: true, zero_diagonal: true, ..Nature::default() }
    }

    fn work(&self, n: f64, m: f64) -> f64 {
        5e3 + n * n * m + self.unlearned.get() * m / self.epsilon.get() * n * (2.0 * n + 60.0)
    }
}

/// Dreams at most: a day on one core, at a thousand units.
const MOST: f64 = 1e8;

impl Unlearning {
    /// How many dreams there are.
    fn dreams(&self, messages: usize) -> Result<u64, WriteError> {
        let dreams = (self.unlearned.get() * messages as f64 / self.epsilon.get()).round();
        if dreams <= MOST {
            return Ok(dreams as u64);
        }
        Err(WriteError::Parameter {
            parameter: "unlearned",
            value: self.unlearned.get().to_string(),
            reason: format!("it takes {dreams} dreams, and at most {MOST:e} are allowed; raise epsilon"),
        })
    }
}

/// W after so many dreams.
fn unlearned(
    messages: &Patterns,
    epsilon: f64,
    dreams: u64,
    chance: &mut impl Chance,
    watch: &mut Watch<'_>,
) -> Result<Mat<f32>, WriteError> {
    // On the scale N/epsilon a dream takes x x^T.
    let mut matrix = outer_product(messages);
    let strength = (1.0 / epsilon) as f32;
    matrix.col_iter_mut().for_each(|column| column.iter_mut().for_each(|w| *w *= strength));
    let mut dreamer = Dreamer::new(matrix, chance);
    for iteration in 0..dreams {
        if let ControlFlow::Break(reason) = watch(iteration) {
            return Err(WriteError::Interrupted { iteration, reason });
        }
        dreamer.dream(chance);
        dreamer.unlearn(chance);
    }
    Ok(dreamer.finish((epsilon / messages.n() as f64) as f32))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::dreams::recorded::Recorded;

    #[test]
    fn recorded_dreams_leave_the_weights_of_an_independent_program() {
        let (recorded, messages) = Recorded::read("unlearning");
        let mut chance = recorded.clone();
        let found = unlearned(&messages, recorded.number("epsilon"), 60, &mut chance, &mut |_| {
            ControlFlow::Continue(())
        });
        recorded.compare(&found.expect("nothing ends it"));
        assert!(chance.is_used_up(), "every draw was needed");
    }
}
