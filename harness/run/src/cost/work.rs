//! This module counts the work of a cell in operations. They are the multiply-adds of its matrix products,
//! and the rest weighed roughly against them. Probes measure the seconds an operation takes at sizes and
//! loads near by, so these counts only have to grow with N and M as the work does.

use protocols::protocol::{Mpf, Training};
use protocols::reading::{Reader, UpdateOrder};
use protocols::{Source, Spec};
use std::num::NonZeroU32;

/// Holds the seconds that an operation takes on a present machine. It serves for what is not measured yet.
pub(super) const TYPICAL: f64 = 2e-11;

/// A `Subject` is a protocol on messages of one source. It is what a probe measures.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Subject {
    pub(super) spec: Spec,
    pub(super) source: Source,
}

/// A `Stage` is a subject, and how many times it is worked through.
pub(super) struct Stage {
    pub(super) subject: Subject,
    pub(super) times: f64,
}

/// Returns the stages of writing M messages of N units, as the protocol states them.
pub(super) fn stages(spec: &Spec, source: Source, n: u32, m: u32) -> Vec<Stage> {
    let stages = spec.stages(n as usize, m as usize).into_iter();
    stages.map(|stage| Stage { subject: Subject { spec: stage.spec, source }, times: stage.times }).collect()
}

/// Returns the memory whose reading stands for that of `spec`.
pub(super) fn reader(spec: &Spec, source: Source) -> Subject {
    // Probes of training end with an epoch, before there is a memory to be read.
    let spec = if spec.training().is_some() { Mpf::default().into() } else { spec.clone() };
    Subject { spec, source }
}

/// Counts the operations of reading a query. Readers that are not measured take a typical machine's time for each.
pub(super) fn read(reader: Reader, n: f64, m: f64) -> f64 {
    let (sync, one_by_one) = (500.0 + n * (2.0 * n + 60.0), 500.0 + n * (2.0 * n + 200.0));
    match reader {
        Reader::Sync => sync,
        Reader::Async => one_by_one,
        // Queries that are held share no states, so each takes its own steps, some four of them.
        Reader::Held(held) if held.order == UpdateOrder::Sync => 4.0 * sync,
        Reader::Held(_) => one_by_one,
        Reader::Soft(soft) => 500.0 + f64::from(soft.steps.get()) * n * (n + 30.0),
        Reader::Nearest => 500.0 + n * m / 16.0,
        // What a program takes nobody knows: for the messages once, as a dense memory does.
        Reader::External(_) => 500.0 + 2.0 * n * m + 100.0 * m,
        Reader::Dense(dense) => 500.0 + f64::from(dense.steps.get()) * (2.0 * n * m + 100.0 * m),
    }
}

/// Returns the plain reader whose measured times stand for a reader's, if any do.
pub(super) fn measured_as(reader: Reader) -> Option<UpdateOrder> {
    match reader {
        Reader::Sync => Some(UpdateOrder::Sync),
        Reader::Async => Some(UpdateOrder::Async),
        Reader::Held(held) => Some(held.order),
        Reader::Soft(_) | Reader::Nearest | Reader::Dense(_) | Reader::External(_) => None,
    }
}

/// Counts the operations of the stability probe.
pub(super) fn stability(n: f64, m: f64) -> f64 {
    2e3 + n * (2.0 * n * m + 10.0 * n + 30.0 * m)
}

/// Counts the operations of the structure probe, its few reads included.
pub(super) fn structure(n: f64, m: f64) -> f64 {
    2e4 + n * (2.0 * n * m + 200.0 * n + 30.0 * m)
}

/// Returns the subject with fewer queries a message, where M messages would make an epoch too long for a
/// probe. Epochs are proportional to the queries.
pub(super) fn shortened(spec: &Spec, m: u32) -> Spec {
    /// Queries of an epoch: several times the chunks that training works in.
    const QUERIES: u32 = 2048;
    let Some(training) = spec.training() else { return spec.clone() };
    let fit = NonZeroU32::new(QUERIES / m).unwrap_or(NonZeroU32::MIN);
    spec.with_training(Training { queries: training.queries.min(fit), ..training })
}
