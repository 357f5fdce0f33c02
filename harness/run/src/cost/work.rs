//! The work of a cell in operations: the multiply-adds of its matrix products, and the rest weighed roughly against them.
//! Probes measure the seconds an operation takes at sizes and loads near by, so these counts only have to grow with N and
//! M as the work does.

use protocols::protocol::{Mpf, NoiseModel, Start, Trn, TrnLiteral};
use protocols::reading::Dynamics;
use protocols::{Source, Spec};
use std::num::NonZeroU32;

/// Seconds an operation takes on a present machine: for what is not measured yet.
pub(super) const TYPICAL: f64 = 2e-11;

/// Evaluations that L-BFGS usually takes.
const EVALUATIONS: f64 = 20.0;

/// A protocol on messages of one source: what a probe measures.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Subject {
    pub(super) spec: Spec,
    pub(super) source: Source,
}

/// A subject, and how many times it is worked through.
pub(super) struct Stage {
    pub(super) subject: Subject,
    pub(super) times: f64,
}

/// The stages of writing M messages of N units: the protocol itself once; or, for a trained one, its start and its epochs,
/// all of them, though early stopping may need fewer.
pub(super) fn stages(spec: &Spec, source: Source, n: u32, m: u32) -> Vec<Stage> {
    let stage = |spec, times| Stage { subject: Subject { spec, source }, times };
    let Some(trn) = spec.trained() else { return vec![stage(spec.clone(), 1.0)] };
    // A training that is refused for its many queries takes no time.
    let Ok(queries) = trn.queries_per_message(n as usize, m as usize) else { return vec![] };
    let start = matches!(trn.start, Start::Mpf).then(|| stage(Spec::Mpf(Mpf::default()), 1.0));
    // A validation is the forward third of an epoch.
    let validations = if trn.patience > 0 { 1.0 / (3.0 * f64::from(trn.validate_every.get())) } else { 0.0 };
    let epochs = f64::from(trn.epochs) * (1.0 + validations);
    start.into_iter().chain([stage(Spec::Trn(epoch(trn, queries)), epochs)]).collect()
}

/// A single epoch of so many queries a message, with defaults for everything that leaves its cost alone.
fn epoch(trn: &Trn, queries: u32) -> Trn {
    let Trn { noise, learning_rate, gain, gain_end, clip, schedule, patience, validate_every, .. } =
        Trn::default();
    let exhaustive = trn.noise_model == NoiseModel::Exhaustive;
    let (noise_model, redraw) =
        if exhaustive { (NoiseModel::Uniform, 0) } else { (trn.noise_model, trn.redraw) };
    let queries = NonZeroU32::new(queries).unwrap_or(NonZeroU32::MIN);
    Trn {
        epochs: 1,
        start: Start::Zero,
        queries,
        noise_model,
        redraw,
        noise,
        learning_rate,
        gain,
        gain_end,
        clip,
        schedule,
        patience,
        validate_every,
        ..*trn
    }
}

/// The memory whose reading stands for that of `spec`.
pub(super) fn reader(spec: &Spec, source: Source) -> Subject {
    let spec = if spec.trained().is_some() { Spec::Mpf(Mpf::default()) } else { spec.clone() };
    Subject { spec, source }
}

/// Operations of writing M messages of N units, once through a [`Stage`].
pub(super) fn write(spec: &Spec, n: f64, m: f64) -> f64 {
    match spec {
        Spec::Hop(_) => 5e3 + n * n * (m + 2.0) + 10.0 * n * m,
        // Cholesky factor and solve in f64, or the singular value decomposition.
        Spec::Pse(_) if m <= n => 2e4 + n * n * (m + 2.0) + 2.0 * n * m * (m + 5.0),
        Spec::Pse(_) => 2e4 + 20.0 * n * n * m,
        Spec::Mpf(mpf) => 2e4 + EVALUATIONS * evaluation(n, states(m, mpf.copies), 50.0),
        Spec::Margin(margin) => 2e4 + EVALUATIONS * evaluation(n, states(m, margin.copies), 100.0),
        Spec::Mcf(_) => 2e4 + EVALUATIONS * evaluation(n, m, 400.0),
        Spec::Trn(trn) | Spec::TrnLiteral(TrnLiteral(trn)) => {
            let (steps, queries) = (f64::from(trn.steps.get()), m * f64::from(trn.queries.get()));
            let minibatches = if trn.batch > 0 { (queries / f64::from(trn.batch)).ceil() } else { 1.0 };
            5e3 + queries * n * (6.0 * n * steps + 30.0 * steps + 30.0) + minibatches * 20.0 * n * n
        }
    }
}

/// States that a loss of margins is summed over.
fn states(m: f64, copies: u32) -> f64 {
    m * f64::from(copies.max(1))
}

/// Operations of a loss of margins over so many states and its gradient, and of the step of L-BFGS: `step` for every weight.
fn evaluation(n: f64, states: f64, step: f64) -> f64 {
    n * (4.0 * n * states + 20.0 * states + step * n)
}

/// Operations of reading a query.
pub(super) fn read(dynamics: Dynamics, n: f64) -> f64 {
    match dynamics {
        Dynamics::Sync => 500.0 + n * (2.0 * n + 60.0),
        Dynamics::Async => 500.0 + n * (2.0 * n + 200.0),
    }
}

/// Operations of the stability probe.
pub(super) fn stability(n: f64, m: f64) -> f64 {
    2e3 + n * (2.0 * n * m + 10.0 * n + 30.0 * m)
}

/// Operations of the structure probe, its few reads included.
pub(super) fn structure(n: f64, m: f64) -> f64 {
    2e4 + n * (2.0 * n * m + 200.0 * n + 30.0 * m)
}

/// The subject with fewer queries a message where M messages would make one epoch longer than a probe should be: epochs
/// are proportional to the queries.
pub(super) fn shortened(spec: &Spec, m: u32) -> Spec {
    /// Queries of an epoch: several times the chunks that training works in.
    const QUERIES: u32 = 2048;
    match spec {
        Spec::Trn(trn) => {
            let fit = NonZeroU32::new(QUERIES / m).unwrap_or(NonZeroU32::MIN);
            Spec::Trn(Trn { queries: trn.queries.min(fit), ..*trn })
        }
        spec => spec.clone(),
    }
}
