//! DIAGONAL writes by another rule of the catalogue, and then sets the diagonal of its W: W_ii = c |w_i| with
//! |w_i| the length of row i without its diagonal, W_ii = 0, or what the rule itself put there.
//!
//! A unit's present state says something of the message, as every other unit's does, and a rule that learns
//! from the messages alone cannot know how much: there the state is the answer. A constant says it from
//! outside. With rows of length 1 it is the height at which a unit stops trusting the others more than itself:
//! a field must exceed c |w_i| to turn it, so c is 0 for the classical network and every state is a fixed point
//! where c is larger than the largest field. What a rule that trains its diagonal finds by itself (`margin` with
//! copies, `mcf`, `trn`) is a parameter of that rule, and stands with `value = "kept"`.
//!
//! Everything else is the rule's own: its randomness, how it trains and what a grid varies in it, its
//! thresholds and its coupling of the query, which keep their size, its report, and its errors.
//!
//! Domain: c >= 0. A rule over itself would say nothing, since the outer diagonal replaces the inner one, and
//! is refused. Cost: that of the rule, and N^2 multiply-adds. Limit: with c above 0 reads by single units
//! descend an energy still, but their fixed points need not be minima; and c too large leaves every query where
//! it is, so what it buys is to be read beside recovery from noise. Source: self-coupling as a parameter
//! Krauth, Mezard, Nadal 1988 (Complex Systems 2, 387) and Kanter, Sompolinsky 1987, who take it out of the
//! pseudo-inverse; its scaling by the length of a row is this study's.

use super::{About, Hop, Nature, Parameter, Rule, Spec, Stage, Training, Watch, WriteError, Written};
use crate::patterns::Patterns;
use crate::protocol::parameter::{NonNegative, allowed};
use crate::seed::Stream;
use crate::weights::Weights;
use serde::{Deserialize, Deserializer, Serialize};

/// DIAGONAL writes by another rule and sets the diagonal of its W.
///
/// Rule: `W of the rule but W_ii = c |w_i|, |w_i|^2 = sum_{j != i} W_ij^2`
///
/// Source: Krauth, Mezard, Nadal 1988, Basins of attraction in a perceptron-like neural network, Complex Systems 2,
/// 387.
///
/// ```
/// use protocols::{Patterns, Spec, Stream};
/// let mut stream = Stream::named(1, "example", &[]);
/// let messages = Patterns::random(64, 6, &mut stream);
/// let rule = Spec::named("diagonal").expect("it is in the catalogue");
/// let memory = rule.protocol().write(&messages, &mut stream)?.weights;
/// // The weights are those of another rule, but for a constant of the row's length on the diagonal.
/// assert!(memory.matrix()[(0, 0)] > 0.0);
/// # Ok::<(), protocols::WriteError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Diagonal {
    /// The rule that writes.
    pub rule: Under,
    /// What stands on the diagonal in the end.
    pub value: DiagonalValue,
}

/// A `DiagonalValue` says what stands on the diagonal of W.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DiagonalValue {
    /// What the rule put there.
    Kept,
    /// 0.
    Zero,
    /// W_ii = c |w_i|, |w_i| the length of row i without its diagonal.
    Scalar(NonNegative),
}

impl Default for DiagonalValue {
    /// Returns c = 0.2, near which convex rules that were trained without noise recovered most.
    fn default() -> Self {
        Self::Scalar(allowed(0.2))
    }
}

/// An `Under` is the rule whose diagonal is set. It is any but this one.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(into = "Spec")]
pub struct Under(Spec);

impl<'de> Deserialize<'de> for Under {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Spec::deserialize_but(deserializer, Diagonal::ABOUT.name, NESTED).map(Self)
    }
}

impl Under {
    /// Returns the rule.
    pub fn spec(&self) -> &Spec {
        &self.0
    }
}

impl Default for Under {
    /// Returns the outer product.
    fn default() -> Self {
        Self(Hop::default().into())
    }
}

const NESTED: &str = "`diagonal` sets the diagonal of another rule; of two, one over the other, the outer one alone \
                      counts: give the inner one's `rule`";

/// A `NestedDiagonal` says that a diagonal was to be set twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{NESTED}")]
pub struct NestedDiagonal;

impl TryFrom<Spec> for Under {
    type Error = NestedDiagonal;

    fn try_from(spec: Spec) -> Result<Self, NestedDiagonal> {
        if spec.downcast_ref::<Diagonal>().is_some() { Err(NestedDiagonal) } else { Ok(Self(spec)) }
    }
}

impl From<Under> for Spec {
    fn from(under: Under) -> Self {
        under.0
    }
}

impl Rule for Diagonal {
    const ABOUT: &'static About = &About {
        name: "diagonal",
        title: "another rule with its diagonal set",
        formula: "W of the rule but W_ii = c |w_i|, |w_i|^2 = sum_{j != i} W_ij^2",
        source: "Krauth, Mezard, Nadal 1988, Basins of attraction in a perceptron-like neural network, \
                 Complex Systems 2, 387",
        version: 1,
        parameters: &[
            Parameter::new("rule", "a rule with its parameters, as { pse = {} }", "the rule that writes"),
            Parameter::new(
                "value",
                "\"kept\" | \"zero\" | { scalar = 0.2 }",
                "what stands on the diagonal: what the rule put there; 0; c times the length of the row without it",
            ),
        ],
    };

    fn write_messages(
        &self,
        messages: &Patterns,
        stream: &mut Stream,
        watch: &mut Watch<'_>,
    ) -> Result<Written, WriteError> {
        let written = self.rule.0.protocol().write_watched(messages, stream, watch)?;
        let Written { weights, report } = written;
        Ok(Written { weights: self.value.set(weights)?, report })
    }

    fn rules(&self) -> Vec<(&'static str, Spec)> {
        vec![("rule", self.rule.0.clone())]
    }

    fn training(&self) -> Option<Training> {
        self.rule.0.training()
    }

    fn set_training(&mut self, training: Training) {
        self.rule = Under(self.rule.0.with_training(training));
    }

    fn stages(&self, n: usize, m: usize) -> Vec<Stage> {
        // N^2 more are nothing beside what any rule takes.
        self.rule.0.stages(n, m)
    }

    fn nature(&self) -> Nature {
        let beneath = self.rule.0.nature();
        let zero_diagonal = match self.value {
            DiagonalValue::Kept => beneath.zero_diagonal,
            DiagonalValue::Zero => true,
            DiagonalValue::Scalar(c) => c.get() == 0.0,
        };
        // The length of a row depends on all units, and so on all messages.
        let local = beneath.local && !matches!(self.value, DiagonalValue::Scalar(_));
        let tolerance = beneath.tolerance.max(1e-6);
        Nature { zero_diagonal, local, incremental: false, tolerance, ..beneath }
    }

    fn work(&self, n: f64, m: f64) -> f64 {
        self.rule.0.work(n, m) + n * n
    }

    fn bytes(&self, n: u64, m: u64) -> u64 {
        self.rule.0.bytes(n, m)
    }
}

impl DiagonalValue {
    /// Sets the diagonal of a memory.
    pub(super) fn set(self, weights: Weights) -> Result<Weights, WriteError> {
        let diagonal = match self {
            Self::Kept => return Ok(weights),
            Self::Zero => vec![0.0; weights.n()],
            Self::Scalar(c) => {
                weights.row_lengths().into_iter().map(|length| (c.get() * length) as f32).collect()
            }
        };
        Ok(weights.with_diagonal(&diagonal)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{Mcf, Protocol, Pse, Trn};
    use proptest::prelude::*;

    fn over(rule: impl Rule, value: DiagonalValue) -> Diagonal {
        Diagonal { rule: Spec::from(rule).try_into().expect("it is no diagonal"), value }
    }

    fn stream() -> Stream {
        Stream::named(5, "diagonal-test", &[])
    }

    proptest! {
        #[test]
        fn only_the_diagonal_changes(n in 1_usize..30, m in 1_usize..30, c in 0.0_f64..3.0, seed: u64) {
            let messages = Patterns::random(n, m, &mut Stream::named(seed, "test", &[]));
            let written = |value| over(Mcf { thresholds: true, ..Mcf::default() }, value)
                .write(&messages, &mut stream()).unwrap();
            let kept = written(DiagonalValue::Kept);
            let rule = Mcf { thresholds: true, ..Mcf::default() }.write(&messages, &mut stream()).unwrap();
            prop_assert_eq!((&kept.weights, &kept.report), (&rule.weights, &rule.report));
            for (value, c) in [(DiagonalValue::Zero, 0.0), (DiagonalValue::Scalar(allowed(c)), c)] {
                let Written { weights, report } = written(value);
                prop_assert_eq!(&report, &rule.report);
                prop_assert_eq!(weights.thresholds(), rule.weights.thresholds());
                for i in 0..n {
                    let others = (0..n).filter(|&j| j != i);
                    let length = others.map(|j| f64::from(rule.weights.matrix()[(i, j)]).powi(2)).sum::<f64>();
                    for j in 0..n {
                        let (w, before) = (weights.matrix()[(i, j)], rule.weights.matrix()[(i, j)]);
                        if i == j {
                            let expected = c * length.sqrt();
                            prop_assert!((f64::from(w) - expected).abs() <= 1e-6 * expected, "{w} {expected}");
                        } else {
                            prop_assert_eq!(w, before);
                        }
                    }
                }
            }
        }
    }

    /// A field must exceed c |w_i| to turn a unit: with c above the largest aligned field nothing moves.
    #[test]
    fn a_large_diagonal_makes_every_state_a_fixed_point() {
        let messages = Patterns::random(32, 6, &mut stream());
        let states = Patterns::random(32, 50, &mut Stream::named(6, "states", &[]));
        let fixed = |c: f64| {
            let rule = over(Pse::default(), DiagonalValue::Scalar(allowed(c)));
            let weights = rule.write(&messages, &mut stream()).unwrap().weights;
            crate::probe::stability(&weights, &states).fixed
        };
        // |sum_j w_ij x_j| <= sqrt(31) |w_i|.
        assert_eq!((fixed(0.0), fixed(6.0)), (0, 50));
    }

    #[test]
    fn what_the_rule_trains_can_be_varied() {
        let rule = Spec::from(over(Trn::default(), DiagonalValue::default()));
        let now = rule.training().expect("TRN trains");
        let other = Training { steps: now.steps.saturating_add(2), ..now };
        let trn = Trn { steps: other.steps, ..Trn::default() };
        assert_eq!(rule.with_training(other), over(trn, DiagonalValue::default()).into());
        assert_eq!(rule.stages(50, 10), Spec::from(Trn::default()).stages(50, 10));
        assert_eq!(rule.bytes(50, 10), Spec::from(Trn::default()).bytes(50, 10));
        assert_eq!(rule.rules(), [("rule", Trn::default().into())]);
        assert_eq!(Under::try_from(rule), Err(NestedDiagonal));
    }

    #[test]
    fn too_large_a_diagonal_is_no_memory() {
        let messages = Patterns::random(8, 2, &mut stream());
        let ended =
            over(Hop::default(), DiagonalValue::Scalar(allowed(1e39))).write(&messages, &mut stream());
        assert!(matches!(ended, Err(WriteError::Weights(_))), "{ended:?}");
    }
}
