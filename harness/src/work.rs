//! Expected work of a cell, for the order of execution and the progress bar.

use crate::definition::Probe;
use crate::plan::Cell;
use protocols::Spec;

impl Cell {
    /// Expected floating-point operations: the matrix products of write and reads, with typical numbers of iterations.
    /// Right to a small factor, which is what ordering and progress need.
    pub fn work(&self) -> f64 {
        /// Iterations of L-BFGS that MPF usually takes.
        const MPF_ITERATIONS: f64 = 30.0;
        /// Distinct states that a read visits, on average.
        const VISITS: f64 = 3.0;
        /// What a cell costs however small it is, in operations.
        const FIXED: f64 = 1e6;
        let (n, m) = (f64::from(self.n), f64::from(self.m));
        let write = match &self.spec {
            Spec::Hop(_) => 2.0 * n * n * m,
            Spec::Pse(_) => 2.0 * n * n * m + 2.0 * n * m * m,
            Spec::Mpf(_) => 4.0 * n * n * m * MPF_ITERATIONS,
            Spec::Trn(trn) => {
                let batch = m * f64::from(trn.queries.get());
                6.0 * n * n * batch * f64::from(trn.steps.get()) * f64::from(trn.epochs)
            }
        };
        let conditions = (self.task.flips.len() * self.task.dynamics.len()) as f64;
        let reads = if self.task.probes.contains(&Probe::Recovery) { conditions } else { 0.0 };
        FIXED + write + reads * f64::from(self.task.queries) * 2.0 * n * n * VISITS
    }
}
