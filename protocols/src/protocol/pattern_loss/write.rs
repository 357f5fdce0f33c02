//! The memory at the minimum of a loss of margins is written here: as a whole, or some rows at a time.

use super::{PatternLoss, ROWS};
use crate::protocol::lbfgs::{self, Rules};
use crate::protocol::{Report, Stop, Watch, WriteError, Written};
use crate::weights::Weights;
use faer::{Mat, MatRef};

impl PatternLoss<f32> {
    /// Writes the memory at the minimum, found by L-BFGS from 0. Its objective is reported for `messages`
    /// messages, not as their mean.
    pub(in crate::protocol) fn write(
        mut self,
        messages: usize,
        rules: Rules,
        watch: &mut Watch<'_>,
    ) -> Result<Written, WriteError> {
        if self.rows.len() < self.states.nrows() {
            return self.write_by_rows(ROWS, messages, rules, watch);
        }
        let mut x = vec![0.0; self.parameters()];
        let minimum = lbfgs::minimise(&mut self, &mut x, rules, watch).map_err(interrupted)?;
        let (w, b) = self.parts(&x);
        written(w, b.map(<[f32]>::to_vec), minimum.report(messages))
    }

    /// Writes it so many rows at a time. Every part is searched until it fulfils the rules for itself.
    fn write_by_rows(
        mut self,
        height: usize,
        messages: usize,
        rules: Rules,
        watch: &mut Watch<'_>,
    ) -> Result<Written, WriteError> {
        let n = self.states.nrows();
        let mut w = Mat::zeros(n, n);
        let mut thresholds = Vec::new();
        let mut reports = Vec::new();
        for first in (0..n).step_by(height) {
            self.search(first..n.min(first + height));
            let mut x = vec![0.0; self.parameters()];
            reports.push(
                lbfgs::minimise(&mut self, &mut x, rules, watch).map_err(interrupted)?.report(messages),
            );
            let (part, b) = x.split_at(self.weights());
            let part = MatRef::from_column_major_slice(part, self.rows.len(), n);
            w.as_mut().subrows_mut(first, self.rows.len()).copy_from(part);
            thresholds.extend_from_slice(b);
        }
        let report = reports.into_iter().reduce(together).expect("there is at least one unit");
        written(w, self.terms.thresholds.then_some(thresholds), report)
    }
}

/// The report on two parts of W: the most that one of them took, the sum of their losses, and how the one ended that
/// came less far.
fn together(a: Report, b: Report) -> Report {
    let rank = |stop| match stop {
        Stop::MaxIterations => 2,
        Stop::PrecisionLimit => 1,
        _ => 0,
    };
    Report {
        iterations: a.iterations.max(b.iterations),
        evaluations: a.evaluations.max(b.evaluations),
        objective: a.objective.zip(b.objective).map(|(a, b)| a + b),
        stop: if rank(a.stop) < rank(b.stop) { b.stop } else { a.stop },
        rank: None,
    }
}

fn interrupted((iteration, reason): (u64, String)) -> WriteError {
    WriteError::Interrupted { iteration, reason }
}

fn written(w: Mat<f32>, b: Option<Vec<f32>>, report: Report) -> Result<Written, WriteError> {
    let mut weights = Weights::new(w)?;
    if let Some(b) = b {
        weights = weights.with_thresholds(b)?;
    }
    Ok(Written { weights, report })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::patterns::Patterns;
    use crate::protocol::pattern_loss::{Shape, Terms};
    use crate::protocol::phi::MarginLoss;
    use crate::seed::Stream;
    use std::ops::ControlFlow;

    #[test]
    fn rows_at_a_time_write_the_memory_of_the_whole() {
        let messages = Patterns::random(40, 25, &mut Stream::named(1, "rows", &[]));
        let rules = Rules { max_iterations: 1000, gradient_tolerance: 1e-6 };
        let mut watch = |_| ControlFlow::Continue(());
        for shape in [Shape::ZeroDiagonal, Shape::Free] {
            let terms = Terms { phi: MarginLoss::Exponential, shape, thresholds: true, l2: 0.1 };
            let loss = || PatternLoss::of_states(&messages, terms);
            let whole = loss().write(25, rules, &mut watch).unwrap();
            let parts = loss().write_by_rows(16, 25, rules, &mut watch).unwrap();
            // The penalty makes the minimiser one: both are within the tolerance over l2 of it, entry by entry.
            let apart = (whole.weights.matrix() - parts.weights.matrix()).norm_max();
            assert!(apart < 1e-3, "{shape:?}: {apart}");
            let [b, c] = [&whole, &parts].map(|written| written.weights.thresholds().unwrap().to_vec());
            assert!(b.iter().zip(&c).all(|(b, c)| (b - c).abs() < 1e-2), "{b:?} {c:?}");
            let [e, f] = [&whole, &parts].map(|written| written.report.objective.unwrap());
            assert!((e / f - 1.0).abs() < 1e-5, "{e} {f}");
            assert_eq!(whole.report.stop, parts.report.stop);
        }
    }
}
