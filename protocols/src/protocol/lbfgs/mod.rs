//! L-BFGS minimises a loss, with a line search that decides by slopes. Sources: Nocedal 1980; Hager and Zhang
//! 2005 for the acceptance rule.
//!
//! The objectives here are smooth and convex, and often have no finite minimiser (separable messages): the
//! search ends by rule, and says by which. Values near a minimum agree in all digits of f32 long before the
//! slopes do, so a step is also accepted when its slope, not its value, shows the decrease ("approximate
//! Wolfe conditions").

mod history;
mod line;
mod units;

pub(crate) use self::history::MEMORY;
use self::history::{CHUNK, History};
use self::line::{Search, Verdict};
pub(crate) use self::units::{SLOTS, UnitObjective, minimise_units};
use super::{Report, Stop, Watch, WriteError, Written};
use crate::parallel::{by_chunks, largest_of};
use crate::real::{Real, vectorised};
use crate::weights::Weights;
use faer::{Mat, Par};
use std::ops::ControlFlow;

/// An `Objective` is a function of a parameter vector, with its gradient.
pub(crate) trait Objective<R> {
    /// Returns the value at `x` and puts its gradient into `gradient`. Both have the same length.
    fn evaluate(&mut self, x: &[R], gradient: &mut [R]) -> f64;

    /// Returns the size of a gradient that the tolerance is compared with. It is its largest entry.
    fn largest(&self, gradient: &[R]) -> f64;

    /// Returns the threads that may work on a vector.
    fn threads(&self) -> Par {
        Par::Seq
    }

    /// Returns how many of the last steps shape the next one. Each takes two vectors, and more than five help no
    /// further.
    fn memory(&self) -> usize {
        MEMORY
    }
}

/// The `Rules` say when to end.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rules {
    /// Steps at most.
    pub(crate) max_iterations: u64,
    /// End once no gradient entry exceeds this.
    pub(crate) gradient_tolerance: f64,
}

/// A `Minimum` says how a minimisation ended.
#[derive(Debug)]
pub(crate) struct Minimum {
    pub(crate) iterations: u64,
    pub(crate) evaluations: u64,
    pub(crate) value: f64,
    pub(crate) stop: Stop,
}

impl Minimum {
    /// Reports the minimum where the value is a mean over `messages` messages. The objective is that of all
    /// of them.
    pub(crate) fn report(self, messages: usize) -> Report {
        Report {
            iterations: self.iterations,
            evaluations: self.evaluations,
            objective: Some(self.value * messages as f64),
            stop: self.stop,
            rank: None,
        }
    }

    /// Gives the memory of these weights and thresholds, reported as above.
    pub(crate) fn written(
        self,
        w: Mat<f32>,
        thresholds: Option<Vec<f32>>,
        messages: usize,
    ) -> Result<Written, WriteError> {
        let mut weights = Weights::new(w)?;
        if let Some(b) = thresholds {
            weights = weights.with_thresholds(b)?;
        }
        Ok(Written { weights, report: self.report(messages) })
    }
}

/// Minimises `objective` from `x`, which ends at the best point.
///
/// # Errors
/// The iteration and the reason, if `watch` breaks.
pub(crate) fn minimise<R: Real>(
    objective: &mut impl Objective<R>,
    x: &mut Vec<R>,
    rules: Rules,
    watch: &mut Watch<'_>,
) -> Result<Minimum, (u64, String)> {
    let mut point = Point::start(objective, x);
    let mut history = History::new(x.len(), objective.memory());
    let mut evaluations = 1;
    let mut iterations = 0;
    let stop = loop {
        if objective.largest(&point.gradient) <= rules.gradient_tolerance {
            break Stop::GradientTolerance;
        }
        if iterations == rules.max_iterations {
            break Stop::MaxIterations;
        }
        if let ControlFlow::Break(reason) = watch(iterations) {
            return Err((iterations, reason));
        }
        let threads = objective.threads();
        let slope = history.aim(&point.gradient, threads);
        let first = history.first_step(slope);
        let line = Line { direction: history.direction(), slope };
        let (accepted, trials) = search(objective, x, &mut point, &line, first);
        evaluations += trials;
        let Some(step) = accepted else {
            if history.is_empty() {
                break Stop::PrecisionLimit;
            }
            // A stale curvature model can point badly at this precision: once more along the gradient.
            history.clear();
            continue;
        };
        history.record(step, &point.gradient, &mut point.next_gradient, threads);
        iterations += 1;
    };
    Ok(Minimum { iterations, evaluations, value: point.value, stop })
}

/// The present point, and the buffers of the next.
struct Point<R> {
    value: f64,
    gradient: Vec<R>,
    next: Vec<R>,
    /// The next point's gradient; once that is accepted, the last point's.
    next_gradient: Vec<R>,
}

impl<R: Real> Point<R> {
    fn start(objective: &mut impl Objective<R>, x: &[R]) -> Self {
        let zeros = || vec![R::default(); x.len()];
        let mut gradient = zeros();
        let value = objective.evaluate(x, &mut gradient);
        Self { value, gradient, next: zeros(), next_gradient: zeros() }
    }
}

/// A direction and the value's slope along it at the present point.
struct Line<'a, R> {
    direction: &'a [R],
    slope: f64,
}

/// Looks for a step along the line whose value falls and whose slope is flat enough; moves `x` and `point`
/// there. Gives the step, if one was found, and the evaluations.
fn search<R: Real>(
    objective: &mut impl Objective<R>,
    x: &mut Vec<R>,
    point: &mut Point<R>,
    line: &Line<'_, R>,
    first: f64,
) -> (Option<f64>, u64) {
    let mut search = Search::along((point.value, line.slope), first);
    loop {
        let step = search.step();
        step_to(x, R::round_from(step), line.direction, &mut point.next, objective.threads());
        let value = objective.evaluate(&point.next, &mut point.next_gradient);
        match search.judge(value, dot(line.direction, &point.next_gradient)) {
            Verdict::Next => {}
            Verdict::Nothing => return (None, search.trials()),
            Verdict::Accepted => {
                std::mem::swap(x, &mut point.next);
                std::mem::swap(&mut point.gradient, &mut point.next_gradient);
                point.value = value;
                return (Some(step), search.trials());
            }
        }
    }
}

fn step_to<R: Real>(x: &[R], step: R, direction: &[R], next: &mut [R], threads: Par) {
    let chunks = &mut vec![(); next.len().div_ceil(CHUNK)];
    by_chunks(CHUNK, (0, next), chunks, threads, &|first, next: &mut [R], _| {
        let (x, direction) = (&x[first * CHUNK..], &direction[first * CHUNK..]);
        vectorised(
            #[inline(always)]
            move || {
                for (next, (x, d)) in next.iter_mut().zip(x.iter().zip(direction)) {
                    *next = *x + step * *d;
                }
            },
        );
    });
}

pub(crate) fn dot<R: Real>(x: &[R], y: &[R]) -> f64 {
    vectorised(
        #[inline(always)]
        move || history::dot(x, y),
    )
}

/// Returns the largest magnitude. NaN counts as infinite.
pub(crate) fn largest<R: Real>(x: &[R], threads: Par) -> f64 {
    largest_of(x, threads, &largest_here)
}

fn largest_here<R: Real>(x: &[R]) -> f64 {
    const LANES: usize = 32;
    let larger = |most: R, x: R| {
        let size = if x < R::default() { -x } else { x };
        // NaN compares false with everything, itself included: it comes in by the first comparison and stays
        // by the second.
        #[expect(clippy::eq_op, reason = "only NaN differs from itself")]
        let stays = size <= most || most != most;
        if stays { most } else { size }
    };
    let found = vectorised(
        #[inline(always)]
        move || {
            let mut lanes = [R::default(); LANES];
            for chunk in x.chunks(LANES) {
                for (most, &x) in lanes.iter_mut().zip(chunk) {
                    *most = larger(*most, x);
                }
            }
            // By halves: one after the other, every comparison would wait for the last.
            let mut width = LANES / 2;
            while width > 0 {
                let (near, far) = lanes.split_at_mut(width);
                near.iter_mut().zip(far).for_each(|(most, x)| *most = larger(*most, *x));
                width /= 2;
            }
            lanes[0]
        },
    );
    let found: f64 = found.into();
    if found.is_nan() { f64::INFINITY } else { found }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Rosenbrock;

    impl Objective<f64> for Rosenbrock {
        fn evaluate(&mut self, x: &[f64], g: &mut [f64]) -> f64 {
            g.fill(0.0);
            let mut value = 0.0;
            for i in 0..x.len() - 1 {
                let (a, b) = (1.0 - x[i], x[i + 1] - x[i] * x[i]);
                value += a * a + 100.0 * b * b;
                g[i] += -2.0 * a - 400.0 * x[i] * b;
                g[i + 1] += 200.0 * b;
            }
            value
        }

        fn largest(&self, gradient: &[f64]) -> f64 {
            largest(gradient, Par::Seq)
        }
    }

    #[test]
    fn finds_the_known_optimum_of_rosenbrock() {
        let mut x = vec![-1.2, 1.0, -1.2, 1.0, 0.5, 0.3];
        let rules = Rules { max_iterations: 500, gradient_tolerance: 1e-9 };
        let found = minimise(&mut Rosenbrock, &mut x, rules, &mut |_| ControlFlow::Continue(())).unwrap();
        assert_eq!(found.stop, Stop::GradientTolerance);
        assert!(x.iter().all(|x| (x - 1.0).abs() < 1e-6), "{x:?} after {found:?}");
        assert!(found.iterations < 200, "{found:?}");
    }

    #[test]
    fn the_largest_entry_is_found_and_nan_is_infinite() {
        for length in [1, 31, 32, 33, 100] {
            for place in 0..length {
                let mut x = vec![0.5_f32; length];
                x[place] = -2.0;
                assert_eq!(largest(&x, Par::Seq), 2.0);
                x[place] = f32::NAN;
                assert_eq!(largest(&x, Par::rayon(3)), f64::INFINITY, "NaN at {place} of {length}");
            }
        }
        assert_eq!(largest::<f64>(&[], Par::rayon(3)), 0.0);
    }

    #[test]
    fn a_watch_ends_it() {
        let mut x = vec![-1.2, 1.0];
        let rules = Rules { max_iterations: 500, gradient_tolerance: 0.0 };
        let ended = minimise(&mut Rosenbrock, &mut x, rules, &mut |k| {
            if k == 3 { ControlFlow::Break("enough".into()) } else { ControlFlow::Continue(()) }
        });
        assert_eq!(ended.unwrap_err(), (3, "enough".to_string()));
    }
}
