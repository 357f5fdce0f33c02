//! This module sets W before training.

use super::descent::constrain;
use super::network::Shape;
use super::{Start, Trn};
use crate::patterns::Patterns;
use crate::protocol::diagonal::DiagonalValue;
use crate::protocol::hop::outer_product;
use crate::protocol::{Mpf, Spec, Watch, WriteError};
use crate::seed::Stream;
use crate::weights::Weights;
use faer::Mat;

/// Makes the parameter vector before training.
pub(super) fn start(
    trn: &Trn,
    shape: &Shape,
    messages: &Patterns,
    stream: &mut Stream,
    watch: &mut Watch<'_>,
) -> Result<Vec<f32>, WriteError> {
    let n = shape.n;
    let mut weights = trn.start.write(messages, stream, watch)?;
    if trn.start_diagonal.get() > 0.0 {
        weights = DiagonalValue::Scalar(trn.start_diagonal).set(weights)?;
    }
    let mut x = vec![0.0; shape.parameters()];
    for (to, j) in x.chunks_exact_mut(n).zip(0..n) {
        (0..n).for_each(|i| to[i] = weights.matrix()[(i, j)]);
    }
    let (_, _, b) = shape.split_mut(&mut x);
    if let Some(thresholds) = weights.thresholds() {
        b.copy_from_slice(&thresholds[..b.len()]);
    }
    constrain(trn, n, &mut x);
    Ok(x)
}

impl Start {
    /// Returns the rule that writes the start, where it is one of the catalogue.
    pub(super) fn rule(&self) -> Option<Spec> {
        match *self {
            Self::Mpf => Some(Mpf::default().into()),
            Self::Margin(margin) => Some(margin.into()),
            Self::Mcf(mcf) => Some(mcf.into()),
            Self::Hop | Self::Zero | Self::Random => None,
        }
    }

    /// Lists the rule for [`Rule::rules`](crate::Rule::rules). That of minimum probability flow is older than the
    /// list: a change of its numbers raises TRN's own versions.
    pub(super) fn named_rule(&self) -> Vec<(&'static str, Spec)> {
        let rule = self.rule().filter(|_| *self != Self::Mpf);
        rule.map(|rule| ("start", rule)).into_iter().collect()
    }

    /// Writes W, and thresholds where the rule has them.
    pub(super) fn write(
        &self,
        messages: &Patterns,
        stream: &mut Stream,
        watch: &mut Watch<'_>,
    ) -> Result<Weights, WriteError> {
        let n = messages.n();
        if let Some(rule) = self.rule() {
            let weights = rule.protocol().write_watched(messages, stream, watch)?.weights;
            let factor = 1.0 / mean_aligned_field(&weights, messages);
            return scaled(&weights, factor);
        }
        let mut w = match self {
            Self::Random => {
                let deviation = 1.0 / (n as f64).sqrt();
                Mat::from_fn(n, n, |_, _| (deviation * stream.normal()) as f32)
            }
            Self::Hop => outer_product(messages) * faer::Scale(1.0 / n as f32),
            _ => Mat::zeros(n, n),
        };
        // The diagonal of the outer product is no part of a start; that of a random W is, where it is trained.
        if *self == Self::Hop {
            (0..n).for_each(|i| w[(i, i)] = 0.0);
        }
        Ok(Weights::new(w)?)
    }
}

fn scaled(weights: &Weights, factor: f32) -> Result<Weights, WriteError> {
    let scaled = Weights::new(weights.matrix() * faer::Scale(factor))?;
    Ok(match weights.thresholds() {
        Some(b) => scaled.with_thresholds(b.iter().map(|b| factor * b).collect())?,
        None => scaled,
    })
}

/// Mean of xi h over messages and units. Rules of margins drive it up, some without bound; brought back to 1, where
/// the outer product over N has it too, tanh is not saturated and training can move.
fn mean_aligned_field(weights: &Weights, messages: &Patterns) -> f32 {
    let fields = weights.fields(messages);
    let rows = messages.rows().enumerate();
    let sum: f32 = rows
        .map(|(m, row)| row.iter().enumerate().map(|(i, &x)| f32::from(x) * fields[(i, m)]).sum::<f32>())
        .sum();
    (sum / messages.signs().len() as f32).max(f32::MIN_POSITIVE)
}
