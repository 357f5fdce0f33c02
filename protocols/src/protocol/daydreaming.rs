//! DAYDREAMING writes the outer product and then goes on learning messages while it unlearns what it dreams. At each
//! step a message xi is drawn, and from a random state the memory falls, unit by unit in random order, to a fixed point
//! x: W <- W + 1/(tau N) (xi xi^T - x x^T) with zero diagonal.
//!
//! Both terms hold each other: a dream that is a message takes what messages add, so that no number of steps destroys
//! the memory, as it does with [`Unlearning`](super::Unlearning). Steps are random, so W goes on trembling by about
//! 1/tau of a message.
//!
//! Cost: a step takes about 3 N^2 multiply-adds for its change and N for each flip; steps follow one another. Source:
//! Serricchio, Bocchi, Chilin, Marino, Negri, Cammarota, Ricci-Tersenghi 2025, Neural Networks 186, 107216. The
//! defaults are this study's, not tuned: ten times what the outer product adds, which is 20 480 steps at 64 units and
//! load 1/2.

use super::dreams::{Chance, Dreamer};
use super::hop::outer_product;
use super::parameter::{Positive, allowed};
use super::{About, Nature, Parameter, Report, Rule, Stop, Watch, WriteError, Written};
use crate::patterns::Patterns;
use crate::seed::Stream;
use crate::weights::Weights;
use faer::Mat;
use serde::{Deserialize, Serialize};
use std::ops::ControlFlow;

/// DAYDREAMING writes messages against what it dreams.
///
/// Rule: `W = 1/N sum_m xi^m xi^mT, then W += 1/(tau N) (xi xiT - x xT), epochs M times, xi a random message, x a
/// fixed point from a random state; zero diagonal`
///
/// Source: Serricchio et al. 2025, doi 10.1016/j.neunet.2025.107216.
///
/// ```
/// use protocols::{Patterns, Spec, Stream};
/// let mut stream = Stream::named(1, "example", &[]);
/// let messages = Patterns::random(64, 6, &mut stream);
/// let rule = Spec::named("daydreaming").expect("it is in the catalogue");
/// let memory = rule.protocol().write(&messages, &mut stream)?.weights;
/// // Every bit of every message has its field on its own side.
/// let fields = memory.fields(&messages);
/// assert!((0..6).all(|m| (0..64).all(|i| fields[(i, m)] * f32::from(messages.row(m)[i]) > 0.0)));
/// # Ok::<(), protocols::WriteError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Daydreaming {
    /// How slowly it learns: a step adds 1/tau of what a message adds to the outer product.
    pub tau: Positive,
    /// Steps, in units of the number of messages: as often each message is drawn in the mean.
    pub epochs: u32,
}

impl Default for Daydreaming {
    fn default() -> Self {
        Self { tau: allowed(64.0), epochs: 640 }
    }
}

impl Rule for Daydreaming {
    const ABOUT: &'static About = &About {
        name: "daydreaming",
        title: "messages learned against what the memory dreams",
        formula: "W = 1/N sum_m xi^m xi^mT, then W += 1/(tau N) (xi xiT - x xT), \
                  epochs M times, xi a random message, x a fixed point from a random state; zero diagonal",
        source: "Serricchio et al. 2025, doi 10.1016/j.neunet.2025.107216",
        version: 1,
        parameters: &[
            Parameter::new("tau", Positive::ALLOWED, "a step adds 1/tau of what a message adds at first"),
            Parameter::new("epochs", "a whole number", "steps of one message and one dream, over M"),
        ],
    };

    fn write_messages(
        &self,
        messages: &Patterns,
        stream: &mut Stream,
        watch: &mut Watch<'_>,
    ) -> Result<Written, WriteError> {
        let matrix = daydreamed(messages, self, stream, watch)?;
        let report =
            Report { iterations: self.steps(messages.count()), stop: Stop::Epochs, ..Report::closed(None) };
        Ok(Written { weights: Weights::new(matrix)?, report })
    }

    fn nature(&self) -> Nature {
        Nature { symmetric: true, zero_diagonal: true, ..Nature::default() }
    }

    fn work(&self, n: f64, m: f64) -> f64 {
        5e3 + n * n * m + f64::from(self.epochs) * m * n * (2.0 * n + 60.0)
    }
}

impl Daydreaming {
    fn steps(&self, messages: usize) -> u64 {
        u64::from(self.epochs) * messages as u64
    }
}

/// W after all steps.
fn daydreamed(
    messages: &Patterns,
    rule: &Daydreaming,
    chance: &mut impl Chance,
    watch: &mut Watch<'_>,
) -> Result<Mat<f32>, WriteError> {
    // On the scale tau N a step adds xi xi^T - x x^T.
    let mut matrix = outer_product(messages);
    let tau = rule.tau.get();
    matrix.col_iter_mut().for_each(|column| column.iter_mut().for_each(|w| *w *= tau as f32));
    let mut dreamer = Dreamer::new(matrix, chance);
    for iteration in 0..rule.steps(messages.count()) {
        if let ControlFlow::Break(reason) = watch(iteration) {
            return Err(WriteError::Interrupted { iteration, reason });
        }
        dreamer.dream(chance);
        let message = chance.message(messages.count() as u32);
        dreamer.learn_against(messages.row(message), chance);
    }
    Ok(dreamer.finish((1.0 / (tau * messages.n() as f64)) as f32))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::dreams::recorded::Recorded;

    #[test]
    fn recorded_steps_leave_the_weights_of_an_independent_program() {
        let (recorded, messages) = Recorded::read("daydreaming");
        let mut chance = recorded.clone();
        let rule = Daydreaming { tau: allowed(recorded.number("tau")), epochs: 12 };
        let found = daydreamed(&messages, &rule, &mut chance, &mut |_| ControlFlow::Continue(()));
        recorded.compare(&found.expect("nothing ends it"));
        assert!(chance.is_used_up(), "every draw was needed");
    }
}
