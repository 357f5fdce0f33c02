//! HOP writes the outer product of the messages, W = sum_m xi^m xi^mT. Its diagonal is 0 or, word for word as
//! the notes on the paper have it, minus the identity.
//!
//! Cost: N^2 M multiply-adds. Capacity: 0.138 N messages retrieved with few errors (Amit, Gutfreund, Sompolinsky 1985),
//! N/(2 ln N) stored without error (McEliece et al. 1987). Source: Hopfield 1982.

use super::work::F32;
use super::{About, Nature, Parameter, Report, Rule, Watch, WriteError, Written};
use crate::columns::Columns;
use crate::parallel::{matmul, threads};
use crate::patterns::Patterns;
use crate::seed::Stream;
use crate::sign_product::{Narrow, Small, Table, Whole};
use crate::weights::Weights;
use faer::{Accum, Mat};
use serde::{Deserialize, Serialize};

/// HOP writes the outer product of the messages. Weights are whole numbers, so fields are exact.
///
/// Rule: `W = sum_m xi^m xi^mT, diagonal 0 or M - 1`
///
/// Source: Hopfield 1982, doi 10.1073/pnas.79.8.2554.
///
/// ```
/// use protocols::{Patterns, Spec, Stream};
/// let mut stream = Stream::named(1, "example", &[]);
/// let messages = Patterns::random(64, 6, &mut stream);
/// let rule = Spec::named("hop").expect("it is in the catalogue");
/// let memory = rule.protocol().write(&messages, &mut stream)?.weights;
/// // A weight is the number of messages in which two units agree, less that in which they differ.
/// let agree: f32 = messages.rows().map(|xi| f32::from(xi[0] * xi[1])).sum();
/// assert_eq!(memory.matrix()[(0, 1)], agree);
/// # Ok::<(), protocols::WriteError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Hop {
    /// What stands on the diagonal.
    pub diagonal: HopDiagonal,
}

/// A `HopDiagonal` says what stands on the diagonal of the outer product.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum HopDiagonal {
    /// 0, the classical network (sum minus M I).
    #[default]
    Zero,
    /// M - 1, the notes' formula (sum minus I).
    Literal,
}

impl Rule for Hop {
    const ABOUT: &'static About = &About {
        name: "hop",
        title: "outer product",
        formula: "W = sum_m xi^m xi^mT, diagonal 0 or M - 1",
        source: "Hopfield 1982, doi 10.1073/pnas.79.8.2554",
        version: 1,
        parameters: &[Parameter::new(
            "diagonal",
            "zero | literal",
            "zero: the classical network (sum - M I); literal: the notes' formula (sum - I)",
        )],
    };

    fn write_messages(
        &self,
        messages: &Patterns,
        _: &mut Stream,
        _: &mut Watch<'_>,
    ) -> Result<Written, WriteError> {
        let mut matrix = outer_product(messages);
        let diagonal = match self.diagonal {
            HopDiagonal::Zero => 0.0,
            HopDiagonal::Literal => messages.count() as f32 - 1.0,
        };
        (0..messages.n()).for_each(|i| matrix[(i, i)] = diagonal);
        Ok(Written { weights: Weights::known(matrix), report: Report::closed(None) })
    }

    fn nature(&self) -> Nature {
        // Sums of whole numbers.
        let zero_diagonal = self.diagonal == HopDiagonal::Zero;
        Nature { symmetric: true, zero_diagonal, local: true, incremental: true, tolerance: 0.0 }
    }

    fn add(&self, weights: &Weights, message: &[i8]) -> Option<Weights> {
        let w = weights.matrix();
        let matrix = Mat::from_fn(weights.n(), weights.n(), |i, j| match self.diagonal {
            HopDiagonal::Zero if i == j => 0.0,
            _ => w[(i, j)] + f32::from(message[i] * message[j]),
        });
        Some(Weights::known(matrix))
    }

    fn work(&self, n: f64, m: f64) -> f64 {
        5e3 + n * n * (m + 2.0) + 10.0 * n * m
    }

    fn bytes(&self, n: u64, m: u64) -> u64 {
        // The messages once more, and W.
        n * m + F32 * n * n
    }
}

/// Computes sum_m xi^m xi^mT as f32. The entries are whole numbers, symmetric to the bit. All of W is written
/// once: that costs less than half of it and a mirroring.
pub(super) fn outer_product(messages: &Patterns) -> Mat<f32> {
    let (n, m) = (messages.n(), messages.count());
    if m <= i8::MAX as usize {
        product(&Narrow::of_signs(n, messages.signs()), messages)
    } else if m <= i16::MAX as usize {
        product(&Whole::of_signs(n, messages.signs()), messages)
    } else {
        let mut product = Mat::zeros(n, n);
        let xi = messages.columns::<f32>();
        matmul(product.as_mut(), Accum::Replace, xi.as_ref(), xi.transpose(), 1.0, threads(n));
        product
    }
}

/// Xi Xi^T by tables of Xi.
fn product<T: Small, const ROWS: usize>(xi: &Table<T, ROWS>, messages: &Patterns) -> Mat<f32> {
    let mut product = Columns::new(messages.n());
    xi.product_with_columns(
        messages.signs(),
        #[inline(always)]
        |column, first, values| product.write(column, first, values.iter().map(|&sum| sum.into())),
    );
    product.finish()
}
