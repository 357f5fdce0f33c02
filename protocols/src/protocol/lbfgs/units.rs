//! A loss that is a sum over units, each with parameters of its own, is minimised unit by unit.
//!
//! As one problem such a loss has the worst of all its units' shapes: a step must suit every unit, and none ends
//! before the last. Here every unit has its own last steps, its own line search and its own end, and takes between a
//! fifth and two thirds of the evaluations. They still share every product: [`SLOTS`] units are evaluated together,
//! each wherever its own search has come to, and the next unit takes the place of one that ends. So no more than these
//! are in memory, whatever the number of units.

use super::history::History;
use super::line::{Search, Verdict};
use super::{Minimum, Rules, dot, largest, step_to};
use crate::parallel::by_chunks;
use crate::protocol::{Stop, Watch};
use crate::real::Real;
use faer::Par;
use std::ops::{ControlFlow, Range};

/// Units that are evaluated together.
pub(crate) const SLOTS: usize = 256;

/// A `UnitObjective` is a sum of functions, one for each unit, of parameters that belong to that unit alone.
pub(crate) trait UnitObjective<R> {
    /// Returns how many parameters a unit has.
    fn parameters(&self) -> usize;

    /// Evaluates the functions of these units, of which there are at most [`SLOTS`]. Their parameters stand in `x` one
    /// after another, and so do their gradients in `gradients` and their values in `values` after it.
    fn evaluate(&mut self, units: &[usize], x: &[R], gradients: &mut [R], values: &mut [f64]);

    /// Returns the threads that may work on a memory.
    fn threads(&self) -> Par;
}

/// A unit that is being searched.
struct Slot<R> {
    unit: usize,
    x: Vec<R>,
    value: f64,
    gradient: Vec<R>,
    /// The gradient before, or room for it.
    previous: Vec<R>,
    history: History<R>,
    /// Absent before the first evaluation.
    search: Option<Search>,
    /// What the last evaluation gave.
    found: f64,
    iterations: u64,
    evaluations: u64,
    stop: Option<Stop>,
}

impl<R: Real> Slot<R> {
    fn new(parameters: usize, unit: usize) -> Self {
        let zeros = || vec![R::default(); parameters];
        Self {
            unit,
            x: zeros(),
            value: 0.0,
            gradient: zeros(),
            previous: zeros(),
            history: History::new(parameters, super::MEMORY),
            search: None,
            found: 0.0,
            iterations: 0,
            evaluations: 0,
            stop: None,
        }
    }

    /// Begins another unit, from 0.
    fn begin(&mut self, unit: usize) {
        self.unit = unit;
        self.x.fill(R::default());
        self.history.clear();
        (self.search, self.stop) = (None, None);
        (self.iterations, self.evaluations) = (0, 0);
    }

    /// Sets where the unit is evaluated next.
    fn aim_at(&self, next: &mut [R]) {
        match &self.search {
            None => next.copy_from_slice(&self.x),
            Some(search) => {
                step_to(&self.x, R::round_from(search.step()), self.history.direction(), next, Par::Seq);
            }
        }
    }

    /// Takes what was found there.
    fn learn(&mut self, gradient: &[R], rules: Rules) {
        self.evaluations += 1;
        let Some(mut search) = self.search else {
            self.value = self.found;
            self.gradient.copy_from_slice(gradient);
            return self.go_on(rules);
        };
        match search.judge(self.found, dot(self.history.direction(), gradient)) {
            Verdict::Next => self.search = Some(search),
            Verdict::Nothing if self.history.is_empty() => self.stop = Some(Stop::PrecisionLimit),
            Verdict::Nothing => {
                // As in the search of a whole: once more along the gradient.
                self.history.clear();
                self.turn();
            }
            Verdict::Accepted => {
                let step = R::round_from(search.step());
                for (x, d) in self.x.iter_mut().zip(self.history.direction()) {
                    *x += step * *d;
                }
                std::mem::swap(&mut self.gradient, &mut self.previous);
                self.gradient.copy_from_slice(gradient);
                self.history.record(search.step(), &self.gradient, &mut self.previous, Par::Seq);
                self.value = self.found;
                self.iterations += 1;
                self.go_on(rules);
            }
        }
    }

    /// Ends by the rules, or begins the next search.
    fn go_on(&mut self, rules: Rules) {
        if largest(&self.gradient, Par::Seq) <= rules.gradient_tolerance {
            self.stop = Some(Stop::GradientTolerance);
        } else if self.iterations == rules.max_iterations {
            self.stop = Some(Stop::MaxIterations);
        } else {
            self.turn();
        }
    }

    /// Begins a search along the next direction.
    fn turn(&mut self) {
        let slope = self.history.aim(&self.gradient, Par::Seq);
        self.search = Some(Search::along((self.value, slope), self.history.first_step(slope)));
    }
}

/// Minimises the function of each of `units`, all from 0, and calls `keep(unit, parameters)` with the best of each.
/// Reports the steps and evaluations of a unit in the mean, rounded up, and the sum of all values. It ends as did the
/// unit that came least far.
///
/// # Errors
/// The evaluations so far and the reason, if `watch` breaks.
pub(crate) fn minimise_units<R: Real>(
    objective: &mut impl UnitObjective<R>,
    units: usize,
    rules: Rules,
    watch: &mut Watch<'_>,
    keep: &mut impl FnMut(usize, &[R]),
) -> Result<Minimum, (u64, String)> {
    let mut pool = Pool::new(units, objective.parameters(), objective.threads());
    let mut ends: Vec<Option<Minimum>> = (0..units).map(|_| None).collect();
    let mut round = 0;
    while !pool.slots.is_empty() {
        if let ControlFlow::Break(reason) = watch(round) {
            return Err((round, reason));
        }
        round += 1;
        pool.evaluate(objective);
        pool.learn(rules);
        pool.replace(|slot, stop| {
            keep(slot.unit, &slot.x);
            let &Slot { unit, iterations, evaluations, value, .. } = slot;
            ends[unit] = Some(Minimum { iterations, evaluations, value, stop });
        });
    }
    let sum = ends.into_iter().flatten().reduce(together).expect("there is at least one unit");
    let mean = |count: u64| count.div_ceil(units as u64);
    Ok(Minimum { iterations: mean(sum.iterations), evaluations: mean(sum.evaluations), ..sum })
}

/// The units that are searched, and those that wait for a place.
struct Pool<R> {
    slots: Vec<Slot<R>>,
    /// The unit of every slot.
    units: Vec<usize>,
    waiting: Range<usize>,
    parameters: usize,
    threads: Par,
    /// Where each slot is evaluated, one after another.
    places: Vec<R>,
    gradients: Vec<R>,
    values: Vec<f64>,
}

impl<R: Real> Pool<R> {
    fn new(units: usize, parameters: usize, threads: Par) -> Self {
        let width = units.min(SLOTS);
        let zeros = || vec![R::default(); parameters * width];
        Self {
            slots: (0..width).map(|unit| Slot::new(parameters, unit)).collect(),
            units: Vec::with_capacity(width),
            waiting: width..units,
            parameters,
            threads,
            places: zeros(),
            gradients: zeros(),
            values: vec![0.0; width],
        }
    }

    /// Evaluates every slot where its search has come to.
    fn evaluate(&mut self, objective: &mut impl UnitObjective<R>) {
        let (count, parameters) = (self.slots.len(), self.parameters);
        let places = &mut self.places[..count * parameters];
        by_chunks(parameters, (0, places), &mut self.slots, self.threads, &|_, places: &mut [R], slots| {
            places.chunks_exact_mut(parameters).zip(slots).for_each(|(place, slot)| slot.aim_at(place));
        });
        self.units.clear();
        self.units.extend(self.slots.iter().map(|slot| slot.unit));
        let gradients = &mut self.gradients[..count * parameters];
        objective.evaluate(
            &self.units,
            &self.places[..count * parameters],
            gradients,
            &mut self.values[..count],
        );
        self.slots.iter_mut().zip(&self.values).for_each(|(slot, value)| slot.found = *value);
    }

    /// Gives every slot what was found.
    fn learn(&mut self, rules: Rules) {
        let parameters = self.parameters;
        let gradients = &mut self.gradients[..self.slots.len() * parameters];
        let piece = |_: usize, gradients: &mut [R], slots: &mut [Slot<R>]| {
            let gradients = gradients.chunks_exact(parameters);
            slots.iter_mut().zip(gradients).for_each(|(slot, gradient)| slot.learn(gradient, rules));
        };
        by_chunks(parameters, (0, gradients), &mut self.slots, self.threads, &piece);
    }

    /// Calls `ended` with every slot whose unit has ended, and gives its place to the next.
    fn replace(&mut self, mut ended: impl FnMut(&Slot<R>, Stop)) {
        let mut at = 0;
        while at < self.slots.len() {
            let slot = &mut self.slots[at];
            let Some(stop) = slot.stop else {
                at += 1;
                continue;
            };
            ended(slot, stop);
            match self.waiting.next() {
                Some(unit) => slot.begin(unit),
                None => drop(self.slots.swap_remove(at)),
            }
        }
    }
}

/// The sums of two units.
fn together(a: Minimum, b: Minimum) -> Minimum {
    let rank = |stop| match stop {
        Stop::MaxIterations => 2,
        Stop::PrecisionLimit => 1,
        _ => 0,
    };
    Minimum {
        iterations: a.iterations + b.iterations,
        evaluations: a.evaluations + b.evaluations,
        value: a.value + b.value,
        stop: if rank(a.stop) < rank(b.stop) { b.stop } else { a.stop },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rosenbrock's function of two numbers in each unit, whose valley is steeper in each.
    struct Valleys {
        calls: usize,
    }

    impl Valleys {
        fn steepness(unit: usize) -> f64 {
            10.0 + unit as f64
        }
    }

    impl UnitObjective<f64> for Valleys {
        fn parameters(&self) -> usize {
            2
        }

        fn evaluate(&mut self, units: &[usize], x: &[f64], gradients: &mut [f64], values: &mut [f64]) {
            self.calls += 1;
            for (k, &unit) in units.iter().enumerate() {
                let (x, g) = (&x[2 * k..], &mut gradients[2 * k..]);
                let (a, b, steep) = (1.0 - x[0], x[1] - x[0] * x[0], Self::steepness(unit));
                values[k] = a * a + steep * b * b;
                g[0] = -2.0 * a - 4.0 * steep * x[0] * b;
                g[1] = 2.0 * steep * b;
            }
        }

        fn threads(&self) -> Par {
            Par::rayon(2)
        }
    }

    #[test]
    fn every_unit_ends_at_its_own_optimum() {
        let units = 2 * SLOTS + 17;
        let (mut valleys, mut kept) = (Valleys { calls: 0 }, vec![0; units]);
        let rules = Rules { max_iterations: 500, gradient_tolerance: 1e-9 };
        let mut keep = |unit: usize, x: &[f64]| {
            kept[unit] += 1;
            assert!(x.iter().all(|x| (x - 1.0).abs() < 1e-6), "{x:?} of {unit}");
        };
        let mut watch = |_| ControlFlow::Continue(());
        let found = minimise_units(&mut valleys, units, rules, &mut watch, &mut keep).unwrap();
        assert_eq!(found.stop, Stop::GradientTolerance);
        assert!(kept.iter().all(|&times| times == 1), "{kept:?}");
        assert!(found.value.abs() < 1e-12 && found.iterations < found.evaluations, "{found:?}");
        // A place is taken anew as its unit ends: it waits for no other.
        let least = found.evaluations * units as u64 / SLOTS as u64;
        assert!((valleys.calls as u64) < 2 * least, "{} calls, {found:?}", valleys.calls);
    }

    #[test]
    fn a_unit_that_may_take_no_more_steps_says_so() {
        let rules = Rules { max_iterations: 3, gradient_tolerance: 1e-9 };
        let mut watch = |_| ControlFlow::Continue(());
        let valleys = &mut Valleys { calls: 0 };
        let found = minimise_units(valleys, 5, rules, &mut watch, &mut |_, _: &[f64]| {}).unwrap();
        assert_eq!((found.stop, found.iterations), (Stop::MaxIterations, 3));
    }

    #[test]
    fn a_watch_ends_it() {
        let rules = Rules { max_iterations: 500, gradient_tolerance: 0.0 };
        let mut watch =
            |k| if k == 3 { ControlFlow::Break("enough".into()) } else { ControlFlow::Continue(()) };
        let valleys = &mut Valleys { calls: 0 };
        let ended = minimise_units(valleys, 5, rules, &mut watch, &mut |_, _: &[f64]| {});
        assert_eq!(ended.unwrap_err(), (3, "enough".to_string()));
        assert_eq!(valleys.calls, 3);
    }
}
