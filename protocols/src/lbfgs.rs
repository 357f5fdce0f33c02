//! L-BFGS with a line search that decides by slopes (Nocedal 1980; Hager and Zhang 2005 for the acceptance rule).
//!
//! The objectives here are smooth and convex, and often have no finite minimiser (separable messages): the search ends by
//! rule, and says by which. Values near a minimum agree in all digits of f32 long before the slopes do, so a step is
//! also accepted when its slope, not its value, shows the decrease ("approximate Wolfe conditions").

use crate::protocol::{Report, Stop, Watch};
use crate::real::{Real, vectorised};
use std::collections::VecDeque;
use std::ops::ControlFlow;

/// A function of a parameter vector, with its gradient.
pub(crate) trait Objective<R> {
    /// The value at `x`; its gradient goes to `gradient`. Both have the same length.
    fn evaluate(&mut self, x: &[R], gradient: &mut [R]) -> f64;

    /// The size of a gradient that the tolerance is compared with: its largest entry.
    fn largest(&self, gradient: &[R]) -> f64;
}

/// When to end.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rules {
    /// Steps at most.
    pub(crate) max_iterations: u64,
    /// End once no gradient entry exceeds this.
    pub(crate) gradient_tolerance: f64,
}

/// How a minimisation ended.
#[derive(Debug)]
pub(crate) struct Minimum {
    pub(crate) iterations: u64,
    pub(crate) evaluations: u64,
    pub(crate) value: f64,
    pub(crate) stop: Stop,
}

impl Minimum {
    /// What is reported of it where the value is a mean over `messages` messages: the objective is that of all of them.
    pub(crate) fn report(self, messages: usize) -> Report {
        Report {
            iterations: self.iterations,
            evaluations: self.evaluations,
            objective: Some(self.value * messages as f64),
            stop: self.stop,
            rank: None,
        }
    }
}

/// Pairs of steps and gradient changes kept.
const MEMORY: usize = 5;
/// Evaluations in one line search at most.
const MAX_TRIALS: u32 = 30;
/// Share of the first slope by which the value must fall.
const DECREASE: f64 = 1e-4;
/// Share of the first slope below which a slope counts as flat.
const CURVATURE: f64 = 0.9;

/// Minimises `objective` from `x`, which ends at the best point.
///
/// # Errors
/// The iteration and the reason, if `watch` breaks.
pub(crate) fn minimise<R: Real>(
    objective: &mut impl Objective<R>,
    x: &mut [R],
    rules: Rules,
    watch: &mut Watch<'_>,
) -> Result<Minimum, (u64, String)> {
    let mut point = Point::start(objective, x);
    let mut history = History::new(x.len());
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
        let step = history.direction(&mut point);
        let (accepted, trials) = search(objective, x, &mut point, step);
        evaluations += trials;
        if !accepted {
            if history.pairs.is_empty() {
                break Stop::PrecisionLimit;
            }
            // A stale curvature model can point badly at this precision: once more along the gradient.
            history.pairs.clear();
            continue;
        }
        history.record(&point);
        iterations += 1;
    };
    Ok(Minimum { iterations, evaluations, value: point.value, stop })
}

/// The present point and the buffers of a step.
struct Point<R> {
    value: f64,
    gradient: Vec<R>,
    direction: Vec<R>,
    slope: f64,
    next: Vec<R>,
    next_gradient: Vec<R>,
    /// x_new - x of the last step.
    moved: Vec<R>,
    /// g_new - g of the last step.
    turned: Vec<R>,
}

impl<R: Real> Point<R> {
    fn start(objective: &mut impl Objective<R>, x: &[R]) -> Self {
        let zeros = || vec![R::default(); x.len()];
        let mut gradient = zeros();
        let value = objective.evaluate(x, &mut gradient);
        Self {
            value,
            gradient,
            direction: zeros(),
            slope: 0.0,
            next: zeros(),
            next_gradient: zeros(),
            moved: zeros(),
            turned: zeros(),
        }
    }
}

struct Pair<R> {
    moved: Vec<R>,
    turned: Vec<R>,
    inverse: f64,
}

struct History<R> {
    pairs: VecDeque<Pair<R>>,
    length: usize,
    weights: [f64; MEMORY],
}

impl<R: Real> History<R> {
    fn new(length: usize) -> Self {
        Self { pairs: VecDeque::with_capacity(MEMORY), length, weights: [0.0; MEMORY] }
    }

    /// Sets the quasi-Newton direction and its slope (the two-loop recursion) and gives the first step to try.
    fn direction(&mut self, point: &mut Point<R>) -> f64 {
        let d = &mut point.direction;
        for (d, g) in d.iter_mut().zip(&point.gradient) {
            *d = -*g;
        }
        for (k, pair) in self.pairs.iter().enumerate().rev() {
            self.weights[k] = pair.inverse * dot(&pair.moved, d);
            add(d, -self.weights[k], &pair.turned);
        }
        if let Some(last) = self.pairs.back() {
            let scale = R::round_from(1.0 / (last.inverse * dot(&last.turned, &last.turned)));
            d.iter_mut().for_each(|d| *d = scale * *d);
        }
        for (k, pair) in self.pairs.iter().enumerate() {
            let back = pair.inverse * dot(&pair.turned, d);
            add(d, self.weights[k] - back, &pair.moved);
        }
        point.slope = dot(d, &point.gradient);
        if point.slope < 0.0 && !self.pairs.is_empty() {
            return 1.0;
        }
        self.pairs.clear();
        for (d, g) in point.direction.iter_mut().zip(&point.gradient) {
            *d = -*g;
        }
        point.slope = -dot(&point.gradient, &point.gradient);
        1.0 / (-point.slope).sqrt()
    }

    /// Keeps the last step, unless its curvature is not positive at this precision.
    fn record(&mut self, point: &Point<R>) {
        let curvature = dot(&point.moved, &point.turned);
        if curvature.is_nan() || curvature <= f64::EPSILON * dot(&point.turned, &point.turned) {
            return;
        }
        let mut pair = if self.pairs.len() == MEMORY {
            self.pairs.pop_front().expect("the history is full")
        } else {
            Pair {
                moved: vec![R::default(); self.length],
                turned: vec![R::default(); self.length],
                inverse: 0.0,
            }
        };
        pair.moved.copy_from_slice(&point.moved);
        pair.turned.copy_from_slice(&point.turned);
        pair.inverse = 1.0 / curvature;
        self.pairs.push_back(pair);
    }
}

/// Looks for a step along the direction whose value falls and whose slope is flat enough; moves `x` and `point` there.
fn search<R: Real>(
    objective: &mut impl Objective<R>,
    x: &mut [R],
    point: &mut Point<R>,
    first: f64,
) -> (bool, u64) {
    let (mut step, mut low, mut low_slope) = (first, 0.0, point.slope);
    let mut high: Option<(f64, f64)> = None;
    for trial in 1..=MAX_TRIALS {
        step_to(x, R::round_from(step), &point.direction, &mut point.next);
        let value = objective.evaluate(&point.next, &mut point.next_gradient);
        let slope = dot(&point.direction, &point.next_gradient);
        let falls = value <= point.value + DECREASE * step * point.slope
            || (value <= point.value + 1e-6 * point.value.abs()
                && slope <= (2.0 * DECREASE - 1.0) * point.slope);
        if !(falls && slope.is_finite()) {
            high = Some((step, slope));
        } else if slope < CURVATURE * point.slope {
            (low, low_slope) = (step, slope);
        } else {
            accept(x, point, value);
            return (true, u64::from(trial));
        }
        step = match high {
            None => step * (1.0 / (1.0 - slope / point.slope).max(0.1)).clamp(2.0, 10.0),
            Some((high, high_slope)) => between(low, low_slope, high, high_slope),
        };
    }
    (false, u64::from(MAX_TRIALS))
}

/// The root of the line through both slopes, kept off the ends of the bracket; the middle where the slopes do not
/// change sign.
fn between(low: f64, low_slope: f64, high: f64, high_slope: f64) -> f64 {
    let secant = low_slope / (low_slope - high_slope);
    let share = if high_slope > 0.0 && secant.is_finite() { secant.clamp(0.1, 0.9) } else { 0.5 };
    low + share * (high - low)
}

fn accept<R: Real>(x: &mut [R], point: &mut Point<R>, value: f64) {
    std::mem::swap(&mut point.gradient, &mut point.next_gradient);
    difference(&point.next, x, &mut point.moved);
    difference(&point.gradient, &point.next_gradient, &mut point.turned);
    x.copy_from_slice(&point.next);
    point.value = value;
}

fn difference<R: Real>(x: &[R], y: &[R], to: &mut [R]) {
    vectorised(
        #[inline(always)]
        move || {
            for (to, (x, y)) in to.iter_mut().zip(x.iter().zip(y)) {
                *to = *x - *y;
            }
        },
    );
}

fn step_to<R: Real>(x: &[R], step: R, direction: &[R], next: &mut [R]) {
    vectorised(
        #[inline(always)]
        move || {
            for (next, (x, d)) in next.iter_mut().zip(x.iter().zip(direction)) {
                *next = *x + step * *d;
            }
        },
    );
}

fn add<R: Real>(y: &mut [R], factor: f64, x: &[R]) {
    let factor = R::round_from(factor);
    vectorised(
        #[inline(always)]
        move || {
            for (y, x) in y.iter_mut().zip(x) {
                *y += factor * *x;
            }
        },
    );
}

/// Dot product with 32 partial sums, which is also what keeps its rounding error small.
fn dot<R: Real>(x: &[R], y: &[R]) -> f64 {
    const LANES: usize = 32;
    vectorised(
        #[inline(always)]
        move || {
            let mut sums = [R::default(); LANES];
            let (xs, ys) = (x.chunks_exact(LANES), y.chunks_exact(LANES));
            let rest: R = xs.remainder().iter().zip(ys.remainder()).map(|(x, y)| *x * *y).sum();
            for (x, y) in xs.zip(ys) {
                for lane in 0..LANES {
                    sums[lane] += x[lane] * y[lane];
                }
            }
            let total: f64 = sums.iter().map(|&s| s.into()).sum();
            let rest: f64 = rest.into();
            total + rest
        },
    )
}

/// The largest magnitude; NaN counts as infinite.
pub(crate) fn largest<R: Real>(x: &[R]) -> f64 {
    const LANES: usize = 32;
    let larger = |most: R, x: R| {
        let size = if x < R::default() { -x } else { x };
        // NaN compares false with everything, itself included: it comes in by the first comparison and stays by the second.
        #[expect(clippy::eq_op, reason = "only NaN differs from itself")]
        let stays = size <= most || most != most;
        if stays { most } else { size }
    };
    let lanes = vectorised(
        #[inline(always)]
        move || {
            let mut lanes = [R::default(); LANES];
            for chunk in x.chunks(LANES) {
                for (most, &x) in lanes.iter_mut().zip(chunk) {
                    *most = larger(*most, x);
                }
            }
            lanes
        },
    );
    let found: f64 = lanes.into_iter().fold(R::default(), larger).into();
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
            largest(gradient)
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
                assert_eq!(largest(&x), 2.0);
                x[place] = f32::NAN;
                assert_eq!(largest(&x), f64::INFINITY, "NaN at {place} of {length}");
            }
        }
        assert_eq!(largest::<f64>(&[]), 0.0);
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
