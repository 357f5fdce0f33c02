//! L-BFGS keeps its last steps and finds the next direction from them by inner products.
//!
//! The two-loop recursion (Nocedal 1980) passes some twenty times over vectors of the problem's size, and
//! where these leave the caches the passes are most of the cost. But all that it does is to combine the
//! gradient g, the steps s_k = x_{k+1} - x_k and the gradient's changes y_k, with factors that depend on
//! inner products among them alone. So these are kept, the recursion runs on the factors, and every vector is
//! read twice an iteration: once for the products with the new gradient and its change, once to form the
//! direction (Chen, Wang, Zhou 2014, Large-scale L-BFGS using MapReduce, NIPS 27; that only s_i.y_j with i <=
//! j occurs is in Byrd, Nocedal, Schnabel 1994, Math. Program. 63, 129).
//!
//! A step is kept as the direction that was searched, in the buffer in which it was formed, and its length. A
//! gradient's change is formed in the old gradient's buffer. Nothing is copied.

use crate::parallel::by_chunks;
use crate::real::{LANES, Real, total, vectorised};
use faer::Par;

/// Pairs of steps and gradient changes kept at most.
pub(crate) const MEMORY: usize = 5;
/// Entries of every vector taken at a time: what meets all the others in turn then stays in the first-level cache.
pub(super) const CHUNK: usize = 1024;

/// Inner products of a pair's two vectors with a third, or factors of the two in a sum.
#[derive(Clone, Copy, Debug, Default)]
struct Both {
    moved: f64,
    turned: f64,
}

/// A step and what it did to the gradient.
struct Pair<R> {
    /// The direction of the step.
    direction: Vec<R>,
    /// s = length times direction.
    length: f64,
    /// y, the gradient's change; of a step that is not taken yet nothing, or a buffer to spare.
    turned: Vec<R>,
    /// With the present gradient: s.g and y.g.
    with_gradient: Both,
    /// With the changes y of this pair and of the later ones, in order: s.y and y.y.
    with_turned: Vec<Both>,
}

impl<R: Real> Pair<R> {
    fn new(length: usize) -> Self {
        Self {
            direction: vec![R::default(); length],
            length: 0.0,
            turned: Vec::new(),
            with_gradient: Both::default(),
            with_turned: Vec::with_capacity(MEMORY),
        }
    }

    /// s.y of the pair itself.
    fn curvature(&self) -> f64 {
        self.with_turned[0].moved
    }

    fn scaled(&self, [moved, turned]: [f64; 2]) -> Both {
        Both { moved: self.length * moved, turned }
    }
}

/// A `History` holds the pairs kept, oldest first, and the direction being searched.
pub(super) struct History<R> {
    pairs: Vec<Pair<R>>,
    /// Its direction is set; what it did is not known yet.
    trial: Pair<R>,
    /// Pairs kept.
    memory: usize,
    /// What the chunks of a vector add to sums, in their order.
    parts: Parts,
}

/// Holds what the chunks of a vector add to a slope, and to the products of all pairs.
#[derive(Default)]
struct Parts {
    slopes: Vec<f64>,
    products: Vec<[Products; MEMORY]>,
}

impl<R: Real> History<R> {
    /// Makes a history of up to `memory` pairs, at most [`MEMORY`], of vectors of `length`.
    pub(super) fn new(length: usize, memory: usize) -> Self {
        let memory = memory.min(MEMORY);
        Self { pairs: Vec::with_capacity(memory), trial: Pair::new(length), memory, parts: Parts::default() }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.pairs.is_empty()
    }

    pub(super) fn clear(&mut self) {
        self.pairs.clear();
    }

    /// Returns the direction that `aim` has set.
    pub(super) fn direction(&self) -> &[R] {
        &self.trial.direction
    }

    /// Returns the first step to be tried along the direction, whose slope is given. A quasi-Newton step has its own
    /// length; the first along a gradient is of length one.
    pub(super) fn first_step(&self, slope: f64) -> f64 {
        if self.is_empty() { 1.0 / (-slope).sqrt() } else { 1.0 }
    }

    /// Sets the quasi-Newton direction, or minus the gradient where the former does not fall. Gives its
    /// slope.
    pub(super) fn aim(&mut self, gradient: &[R], threads: Par) -> f64 {
        if let Some((own, factors)) = self.factors() {
            let to = (&mut self.trial.direction[..], &mut self.parts.slopes);
            let slope = combine(own, gradient, (&self.pairs, &factors), to, threads);
            if slope < 0.0 {
                return slope;
            }
            self.pairs.clear();
        }
        let to = (&mut self.trial.direction[..], &mut self.parts.slopes);
        combine(-1.0, gradient, (&[], &[]), to, threads)
    }

    /// The direction as factors of the gradient and of every pair's s and y: the two-loop recursion on these.
    fn factors(&self) -> Option<(f64, [Both; MEMORY])> {
        let newest = self.pairs.last()?;
        let scale = newest.curvature() / newest.with_turned[0].turned;
        let mut factors = [Both::default(); MEMORY];
        for (k, pair) in self.pairs.iter().enumerate().rev() {
            let later = factors[k..].iter().zip(&pair.with_turned);
            let product =
                later.map(|(f, with)| f.turned * with.moved).sum::<f64>() - pair.with_gradient.moved;
            factors[k].turned = -product / pair.curvature();
        }
        for (k, pair) in self.pairs.iter().enumerate() {
            let later = factors[k..].iter().zip(&pair.with_turned).map(|(f, with)| f.turned * with.turned);
            let earlier = self.pairs[..k].iter().zip(&factors).enumerate();
            let (moved, turned) = earlier.fold((0.0, 0.0), |(moved, turned), (j, (earlier, f))| {
                let with = earlier.with_turned[k - j];
                (moved + f.moved * with.moved, turned + f.turned * with.turned)
            });
            let product = scale * (later.sum::<f64>() + turned - pair.with_gradient.turned) + moved;
            factors[k].moved = -factors[k].turned - product / pair.curvature();
        }
        factors.iter_mut().for_each(|f| f.turned *= scale);
        Some((-scale, factors))
    }

    /// Keeps the step of `length` along the direction, unless its curvature is not positive at this
    /// precision. The oldest pair goes in either case where as many are kept as may be. The gradient before the step
    /// gives up its buffer for another.
    pub(super) fn record(&mut self, length: f64, gradient: &[R], previous: &mut Vec<R>, threads: Par) {
        let full = self.pairs.len() == self.memory;
        let next = if full { self.pairs.remove(0) } else { Pair::new(gradient.len()) };
        let mut newest = std::mem::replace(&mut self.trial, next);
        // The gradient's change is formed where the old gradient stands; for the next gradient there is room where that
        // of the pair that goes was, or of a step that was forgotten.
        let spare = [&mut newest.turned, &mut self.trial.turned].into_iter().find(|spare| !spare.is_empty());
        let spare = spare.map_or_else(|| vec![R::default(); gradient.len()], std::mem::take);
        newest.turned = std::mem::replace(previous, spare);
        newest.length = length;
        newest.with_turned.clear();
        let products = turn(&self.pairs, (&mut newest, &mut self.parts.products), gradient, threads);
        self.pairs.push(newest);
        for (pair, [with_gradient, with_turned]) in self.pairs.iter_mut().zip(products) {
            pair.with_gradient = pair.scaled(with_gradient);
            pair.with_turned.push(pair.scaled(with_turned));
        }
        let Both { moved, turned } = self.pairs.last().expect("one was added").with_turned[0];
        if moved.is_nan() || moved <= f64::EPSILON * turned {
            self.trial = self.pairs.pop().expect("one was added");
            self.pairs.iter_mut().for_each(|pair| pair.with_turned.truncate(pair.with_turned.len() - 1));
        }
    }
}

/// direction <- own gradient + sum_k factors_k (s_k, y_k); its product with the gradient. It goes backwards
/// through the vectors, as `turn`, which has just gone forwards, left their ends in cache.
fn combine<R: Real>(
    own: f64,
    gradient: &[R],
    (pairs, factors): (&[Pair<R>], &[Both]),
    (direction, slopes): (&mut [R], &mut Vec<f64>),
    threads: Par,
) -> f64 {
    let own = R::round_from(own);
    slopes.clear();
    slopes.resize(direction.len().div_ceil(CHUNK), 0.0);
    let piece = |first: usize, direction: &mut [R], slopes: &mut [f64]| {
        vectorised(
            #[inline(always)]
            || {
                let chunks = direction.chunks_mut(CHUNK).zip(slopes).enumerate();
                for (chunk, (direction, slope)) in chunks.rev() {
                    let (from, count) = ((first + chunk) * CHUNK, direction.len());
                    let gradient = &gradient[from..][..count];
                    for (d, g) in direction.iter_mut().zip(gradient) {
                        *d = own * *g;
                    }
                    for (pair, f) in pairs.iter().zip(factors) {
                        let (moved, turned) = (R::round_from(f.moved * pair.length), R::round_from(f.turned));
                        let vectors =
                            pair.direction[from..][..count].iter().zip(&pair.turned[from..][..count]);
                        for (d, (s, y)) in direction.iter_mut().zip(vectors) {
                            *d += moved * *s + turned * *y;
                        }
                    }
                    *slope = dot(direction, gradient);
                }
            },
        );
    };
    by_chunks(CHUNK, (0, direction), slopes, threads, &piece);
    slopes.iter().rev().sum()
}

/// The products of one pair, as `turn` gives them.
type Products = [[f64; 2]; 2];

/// Sets the newest pair's change of the gradient, which stands where the old gradient stood, and gives the products
/// s.g and y.g with the new one, s.y and y.y with that change, of every pair and last of the newest.
fn turn<R: Real>(
    pairs: &[Pair<R>],
    (newest, of_chunks): (&mut Pair<R>, &mut Vec<[Products; MEMORY]>),
    gradient: &[R],
    threads: Par,
) -> [Products; MEMORY] {
    let Pair { direction, turned, .. } = newest;
    of_chunks.clear();
    of_chunks.resize(turned.len().div_ceil(CHUNK), [[[0.0; 2]; 2]; MEMORY]);
    let piece = |first: usize, turned: &mut [R], of_chunks: &mut [[Products; MEMORY]]| {
        vectorised(
            #[inline(always)]
            || {
                for (chunk, (turned, sums)) in turned.chunks_mut(CHUNK).zip(of_chunks).enumerate() {
                    let (from, count) = ((first + chunk) * CHUNK, turned.len());
                    let gradient = &gradient[from..][..count];
                    for (y, g) in turned.iter_mut().zip(gradient) {
                        *y = *g - *y;
                    }
                    for (pair, sums) in pairs.iter().zip(sums.iter_mut()) {
                        let own = [&pair.direction[from..][..count], &pair.turned[from..][..count]];
                        add_products(own, [gradient, turned], sums);
                    }
                    let own = [&direction[from..][..count], &*turned];
                    add_products(own, [gradient, turned], &mut sums[pairs.len()]);
                }
            },
        );
    };
    by_chunks(CHUNK, (0, turned), of_chunks, threads, &piece);
    let mut sums = [[[0.0; 2]; 2]; MEMORY];
    for of_chunk in of_chunks {
        let products = of_chunk.iter().flatten().flatten();
        sums.iter_mut().flatten().flatten().zip(products).for_each(|(sum, product)| *sum += product);
    }
    sums
}

/// Adds a.g and b.g to the first two totals, a.y and b.y to the others.
#[inline(always)]
fn add_products<R: Real>([a, b]: [&[R]; 2], [g, y]: [&[R]; 2], totals: &mut [[f64; 2]; 2]) {
    let mut sums = [[[R::default(); LANES]; 2]; 2];
    let chunks = |x| <[R]>::chunks_exact(x, LANES);
    let both = chunks(a).zip(chunks(b)).zip(chunks(g).zip(chunks(y)));
    for ((a, b), (g, y)) in both {
        for lane in 0..LANES {
            sums[0][0][lane] += a[lane] * g[lane];
            sums[0][1][lane] += b[lane] * g[lane];
            sums[1][0][lane] += a[lane] * y[lane];
            sums[1][1][lane] += b[lane] * y[lane];
        }
    }
    let rests = [[tail(a, g), tail(b, g)], [tail(a, y), tail(b, y)]];
    for ((totals, sums), rests) in totals.iter_mut().zip(sums).zip(rests) {
        for ((sum, lanes), rest) in totals.iter_mut().zip(sums).zip(rests) {
            *sum += total(lanes) + rest;
        }
    }
}

/// Computes x.y.
#[inline(always)]
pub(super) fn dot<R: Real>(x: &[R], y: &[R]) -> f64 {
    let mut sums = [R::default(); LANES];
    for (x, y) in x.chunks_exact(LANES).zip(y.chunks_exact(LANES)) {
        for lane in 0..LANES {
            sums[lane] += x[lane] * y[lane];
        }
    }
    total(sums) + tail(x, y)
}

/// The product of what whole groups of lanes leave over.
#[inline(always)]
fn tail<R: Real>(x: &[R], y: &[R]) -> f64 {
    let mut total = R::default();
    for (x, y) in x.chunks_exact(LANES).remainder().iter().zip(y.chunks_exact(LANES).remainder()) {
        total += *x * *y;
    }
    total.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seed::Stream;
    use proptest::prelude::*;

    /// The two-loop recursion as Nocedal writes it: minus the inverse Hessian of the pairs (s, y), oldest
    /// first, times the gradient.
    fn two_loop(pairs: &[(Vec<f64>, Vec<f64>)], gradient: &[f64]) -> Vec<f64> {
        let dot = |x: &[f64], y: &[f64]| x.iter().zip(y).map(|(x, y)| x * y).sum::<f64>();
        let add = |x: &mut [f64], factor: f64, y: &[f64]| {
            x.iter_mut().zip(y).for_each(|(x, y)| *x += factor * y);
        };
        let mut r: Vec<f64> = gradient.iter().map(|g| -g).collect();
        let mut alphas = Vec::new();
        for (s, y) in pairs.iter().rev() {
            alphas.push(dot(s, &r) / dot(s, y));
            add(&mut r, -alphas[alphas.len() - 1], y);
        }
        if let Some((s, y)) = pairs.last() {
            let scale = dot(s, y) / dot(y, y);
            r.iter_mut().for_each(|r| *r *= scale);
        }
        for ((s, y), alpha) in pairs.iter().zip(alphas.iter().rev()) {
            let beta = dot(y, &r) / dot(s, y);
            add(&mut r, alpha - beta, s);
        }
        r
    }

    proptest! {
        /// Steps in random directions, over each of which the gradient changes as that of another random quadratic.
        #[test]
        fn the_direction_is_that_of_the_two_loop_recursion(
            n in prop_oneof![1_usize..100, CHUNK - 3..CHUNK + 40], steps in 1_usize..3 * MEMORY,
            memory in 1_usize..=MEMORY, seed: u64,
        ) {
            let mut stream = Stream::named(seed, "test", &[]);
            let mut normal = || (0..n).map(|_| stream.normal()).collect::<Vec<f64>>();
            let mut gradient = normal();
            let mut history = History::new(n, memory);
            let mut pairs: Vec<(Vec<f64>, Vec<f64>)> = Vec::new();
            for step in 0..steps {
                let slope = history.aim(&gradient, Par::Seq);
                let expected = two_loop(&pairs[pairs.len().saturating_sub(memory)..], &gradient);
                let found = history.direction();
                let size = dot(&expected, &expected).sqrt();
                let apart: f64 = expected.iter().zip(found).map(|(e, f)| (e - f).powi(2)).sum();
                prop_assert!(apart.sqrt() <= 1e-9 * size, "{} of {size} at step {step}", apart.sqrt());
                prop_assert!(!history.is_empty() || step == 0);
                let expected = dot(found, &gradient);
                prop_assert!((slope - expected).abs() <= 1e-12 * size * dot(&gradient, &gradient).sqrt());

                history.trial.direction = normal();
                let length = 0.1 + normal()[0].abs();
                let moved: Vec<f64> = history.direction().iter().map(|d| length * d).collect();
                let turned: Vec<f64> = moved.iter().zip(normal()).map(|(s, a)| (1.0 + a * a) * s).collect();
                let mut previous = gradient.clone();
                gradient.iter_mut().zip(&turned).for_each(|(g, y)| *g += y);
                history.record(length, &gradient, &mut previous, Par::Seq);
                pairs.push((moved, turned));
            }
        }
    }

    #[test]
    fn a_step_without_positive_curvature_is_forgotten() {
        let mut history = History::new(2, MEMORY);
        history.aim(&[1.0, 0.0], Par::Seq);
        history.record(1.0, &[0.5, 0.0], &mut vec![1.0, 0.0], Par::Seq);
        assert!(!history.is_empty());
        let slope = history.aim(&[0.5, 0.0], Par::Seq);
        assert_eq!((history.direction(), slope), (&[-1.0, 0.0][..], -0.5));
        // The gradient grows against the step: the direction is then that of the pair before.
        history.record(1.0, &[0.75, 0.25], &mut vec![0.5, 0.0], Par::Seq);
        let slope = history.aim(&[0.75, 0.25], Par::Seq);
        let expected = two_loop(&[(vec![-1.0, 0.0], vec![-0.5, 0.0])], &[0.75, 0.25]);
        assert_eq!(history.direction(), &expected[..]);
        assert_eq!(slope, dot(&expected, &[0.75, 0.25]));
    }
}
