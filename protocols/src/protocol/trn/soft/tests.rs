//! The gradient through the soft reader is tested in f64 against central finite differences, with rows divided by
//! their lengths; the reader word for word; and the products in tiles against the library's.

use super::network::{Reader, Unrolled, normalise, tangent};
use super::products::{Library, Tiles};
use super::training::Descent;
use super::*;
use crate::protocol::trn::batch::{Batch, Flips};
use crate::protocol::{Protocol, Stop};
use proptest::prelude::*;
use serde_json::Value;

/// Messages and noisy queries.
struct Task {
    messages: Vec<f64>,
    queries: Vec<f64>,
    targets: Vec<u32>,
    ends: Vec<usize>,
}

impl Task {
    fn draw(n: usize, m: usize, queries: usize, stream: &mut Stream) -> Self {
        let messages: Vec<f64> =
            Patterns::random(n, m, stream).signs().iter().map(|&s| f64::from(s)).collect();
        let targets: Vec<u32> = (0..queries).map(|q| (q % m) as u32).collect();
        let noisy = |&sign: &f64, stream: &mut Stream| if stream.unit() < 0.2 { -sign } else { sign };
        let rows = targets.iter().flat_map(|&m| &messages[m as usize * n..][..n]);
        let queries = rows.map(|sign| noisy(sign, stream)).collect();
        // What was flipped is no matter to this network.
        let ends = vec![0; targets.len()];
        Self { messages, queries, targets, ends }
    }

    fn batch<'a, R>(&'a self, messages: &'a [R], queries: &'a [R]) -> Batch<'a, R> {
        let flips = Flips { units: &[], ends: &self.ends, start: 0 };
        Batch { messages, queries, targets: &self.targets, flips }
    }

    fn exact(&self) -> Batch<'_, f64> {
        self.batch(&self.messages, &self.queries)
    }
}

fn single(x: &[f64]) -> Vec<f32> {
    x.iter().map(|&x| x as f32).collect()
}

fn any_reader() -> impl Strategy<Value = Reader> {
    let sizes = (1_usize..9, 1_usize..8);
    let numbers = (0.5_f64..3.0, 0.0_f64..0.9, 0.0_f64..0.5);
    (sizes, numbers, any::<[bool; 3]>()).prop_map(|((n, steps), (beta, damping, lambda), on)| Reader {
        n,
        steps,
        beta,
        damping,
        lambda,
        cost: if on[0] { Cost::CrossEntropy } else { Cost::Squared },
        loss: if on[1] { LossSteps::All } else { LossSteps::Last },
        thresholds: on[2],
    })
}

fn normal(reader: &Reader, stream: &mut Stream) -> Vec<f64> {
    (0..reader.parameters()).map(|_| 0.3 * stream.normal()).collect()
}

/// The mean loss at rows v, divided by their lengths, by the definition.
fn definition(reader: &Reader, v: &[f64], batch: Batch<'_, f64>) -> f64 {
    let &Reader { n, steps, beta, damping, lambda, cost, loss, thresholds } = reader;
    let entry = |i: usize, j: usize| if i == j { 0.0 } else { v[j * n + i] };
    let length = |i: usize| (0..n).map(|j| entry(i, j).powi(2)).sum::<f64>().sqrt();
    let lengths: Vec<f64> = (0..n).map(length).collect();
    let (mut total, mut terms) = (0.0, 0.0);
    for (query, &target) in batch.queries.chunks(n).zip(batch.targets) {
        let xi = &batch.messages[target as usize * n..][..n];
        let mut s = query.to_vec();
        for step in 1..=steps {
            let field = |i: usize| {
                let sum: f64 = (0..n).filter(|&j| j != i).map(|j| entry(i, j) / lengths[i] * s[j]).sum();
                sum + if thresholds { v[n * n + i] } else { 0.0 } + lambda * query[i]
            };
            let u: Vec<f64> = (0..n).map(|i| beta * field(i)).collect();
            s = s.iter().zip(&u).map(|(s, u)| damping * s + (1.0 - damping) * u.tanh()).collect();
            if step == steps || loss == LossSteps::All {
                let costs = u.iter().zip(xi).map(|(&u, &xi)| match cost {
                    Cost::Squared => (u.tanh() - xi).powi(2),
                    // -ln((1 + xi tanh u)/2), without the rounding of tanh.
                    Cost::CrossEntropy => (-2.0 * xi * u).exp().ln_1p(),
                });
                total += costs.sum::<f64>();
                terms += n as f64;
            }
        }
    }
    total / terms
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn loss_and_gradient_are_those_of_the_definition(
        reader in any_reader(), m in 1_usize..4, queries in 1_usize..20, seed: u64,
    ) {
        let n = reader.n;
        let mut stream = Stream::named(seed, "soft-test", &[]);
        let task = Task::draw(n, m, queries, &mut stream);
        let (mut x, direction) = (normal(&reader, &mut stream), normal(&reader, &mut stream));
        normalise(n, &mut x);
        let mut network = Unrolled::<f64, Library<f64>>::new(reader, queries);
        let (loss, expected) = (network.loss(&x, task.exact()), definition(&reader, &x, task.exact()));
        prop_assert!((loss - expected).abs() <= 1e-6 * expected.max(1.0), "{reader:?}: {loss} {expected}");
        let mut gradient = vec![0.0; x.len()];
        network.gradient(&x, task.exact(), &mut gradient);
        tangent(n, &x, &mut gradient);
        let analytic: f64 = gradient.iter().zip(&direction).map(|(g, d)| g * d).sum();
        // Rows leave length 1 on the way, and the definition divides by it.
        let at = |t: f64| {
            let moved: Vec<f64> = x.iter().zip(&direction).map(|(x, d)| x + t * d).collect();
            definition(&reader, &moved, task.exact())
        };
        let h = 1e-3;
        let numeric = (8.0 * (at(h) - at(-h)) - (at(2.0 * h) - at(-2.0 * h))) / (12.0 * h);
        let norm = |x: &[f64]| x.iter().map(|x| x * x).sum::<f64>().sqrt();
        // The quotient's own errors: h^4 times a fifth derivative that grows with beta and the steps, and rounding.
        let allowed = 1e-5 * norm(&gradient) * norm(&direction) + 1e-9 * loss.max(1.0);
        prop_assert!((analytic - numeric).abs() <= allowed, "{reader:?}: {analytic} against {numeric}");
    }

    #[test]
    fn tiles_give_the_same_loss_and_gradient(
        reader in any_reader(), n in 2_usize..130, m in 1_usize..9, queries in 1_usize..150, seed: u64,
    ) {
        // A larger slope saturates states up to where tanh in f32 ends, and the cross-entropy with it.
        let reader = Reader { n, beta: reader.beta.min(1.0), ..reader };
        let mut stream = Stream::named(seed, "soft-test", &[]);
        let task = Task::draw(n, m, queries, &mut stream);
        let mut x = normal(&reader, &mut stream);
        normalise(n, &mut x);
        let (messages, inputs) = (single(&task.messages), single(&task.queries));
        // Buffers used before, and for more queries than are given now.
        let mut tiled = Unrolled::<f32, Tiles>::new(reader, queries + 50);
        let mut library = Unrolled::<f64, Library<f64>>::new(reader, queries);
        let (mut own, mut exact) = (vec![0.0; x.len()], vec![0.0; x.len()]);
        for x in [x.iter().map(|x| -x).collect(), x] {
            tiled.gradient(&single(&x), task.batch(&messages, &inputs), &mut own);
            library.gradient(&x, task.exact(), &mut exact);
            let norm = exact.iter().map(|g| g * g).sum::<f64>().sqrt();
            let apart = own.iter().zip(&exact).map(|(&a, b)| (f64::from(a) - b).powi(2)).sum::<f64>().sqrt();
            prop_assert!(apart <= 5e-5 * norm, "{reader:?}: {apart} of {norm}");
            let losses = (tiled.loss(&single(&x), task.batch(&messages, &inputs)), library.loss(&x, task.exact()));
            prop_assert!((losses.0 - losses.1).abs() <= 1e-3 * losses.1, "{reader:?}: losses {losses:?}");
        }
    }
}

fn messages(n: usize, m: usize) -> Patterns {
    Patterns::random(n, m, &mut Stream::named(21, "soft-training", &[("n", n as u64), ("m", m as u64)]))
}

fn stream() -> Stream {
    Stream::named(21, "soft-training-stream", &[])
}

#[test]
fn training_lowers_the_loss_and_leaves_rows_of_length_one() {
    let messages = messages(40, 30);
    let soft = TrnSoft {
        epochs: 60,
        redraw: 0,
        learning_rate: allowed(0.003),
        thresholds: true,
        ..TrnSoft::default()
    };
    let written = soft.write(&messages, &mut stream()).unwrap();
    let (n, w) = (40, written.weights.matrix());
    for i in 0..n {
        let length = (0..n).map(|j| f64::from(w[(i, j)]).powi(2)).sum::<f64>();
        assert!((length - 1.0).abs() < 1e-5 && w[(i, i)] == 0.0, "row {i} has length^2 {length}");
    }
    assert!(written.weights.thresholds().is_some());
    assert_eq!((written.report.stop, written.report.iterations), (Stop::Epochs, 60));
    // 600 queries make four minibatches of 128 and one of 88.
    assert_eq!(written.report.evaluations, 60 * 5);
    let first =
        TrnSoft { epochs: 1, ..soft }.write(&messages, &mut stream()).unwrap().report.objective.unwrap();
    let last = written.report.objective.unwrap();
    assert!(last < 0.8 * first, "{first}, then {last}");
}

#[test]
fn divergence_is_told_with_its_epoch() {
    let far = TrnSoft { learning_rate: allowed(1e38), epochs: 3, ..TrnSoft::default() };
    let ended = far.write(&messages(24, 8), &mut stream());
    assert!(matches!(ended, Err(WriteError::Diverged { .. })), "{ended:?}");
}

/// By `scripts/golden/trained_rules.py`.
const GOLDEN: &str = include_str!("../../../../tests/golden/trained_rules.json");

/// A case of the golden file: a memory, queries and a reader that are given there.
struct Given(Value);

impl Given {
    fn number(&self, key: &str) -> f64 {
        self.0[key].as_f64().expect("a number")
    }

    fn whole(&self, key: &str) -> usize {
        self.0[key].as_u64().expect("a whole number") as usize
    }

    fn numbers(&self, key: &str) -> Vec<f64> {
        self.0[key].as_array().expect("a list").iter().map(|x| x.as_f64().expect("a number")).collect()
    }

    /// W, whose rows the file lists, column by column, and b where there are thresholds.
    fn parameters(&self, w: &str, b: &str) -> Vec<f64> {
        let (n, w) = (self.whole("n"), self.numbers(w));
        let thresholds = if self.soft().thresholds { self.numbers(b) } else { vec![] };
        (0..n * n).map(|k| w[k % n * n + k / n]).chain(thresholds).collect()
    }

    /// What each of the queries is a copy of, in turn.
    fn task(&self) -> Task {
        let (m, n) = (self.whole("m"), self.whole("n"));
        let sign = |k: u64| {
            // The top bits of splitmix64.
            let z = k.wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(self.whole("seed") as u64);
            let z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            1.0 - 2.0 * ((z ^ (z >> 31)) >> 63) as f64
        };
        let targets: Vec<u32> = (0..(self.whole("copies") * m) as u32).map(|q| q % m as u32).collect();
        let messages = (1..=(m * n) as u64).map(sign).collect();
        Task { messages, queries: self.numbers("queries"), ends: vec![0; targets.len()], targets }
    }

    fn soft(&self) -> TrnSoft {
        TrnSoft {
            steps: NonZeroU32::new(self.whole("steps") as u32).expect("not 0"),
            beta: allowed(self.number("beta")),
            damping: allowed(self.number("damping")),
            lambda: allowed(self.number("lambda")),
            cost: if self.0["cost"] == "squared" { Cost::Squared } else { Cost::CrossEntropy },
            loss: if self.0["loss"] == "last" { LossSteps::Last } else { LossSteps::All },
            thresholds: self.0["thresholds"] == true,
            learning_rate: allowed(self.number("rate")),
            epochs: self.whole("epochs") as u32,
            schedule: Schedule::Constant,
            ..TrnSoft::default()
        }
    }
}

fn assert_near(found: &[f32], expected: &[f64], most: f64) {
    assert_eq!(found.len(), expected.len());
    for (k, (&a, b)) in found.iter().zip(expected).enumerate() {
        assert!((f64::from(a) - b).abs() <= most, "entry {k}: {a} against {b}");
    }
}

#[test]
fn loss_gradient_and_steps_are_those_of_an_independent_program() {
    let mut golden: Value = serde_json::from_str(GOLDEN).expect("JSON");
    let cases = golden["given_queries"].take();
    assert_eq!(cases.as_array().map(Vec::len), Some(2));
    for case in cases.as_array().expect("a list") {
        let given = Given(case.clone());
        let (soft, task, x) = (given.soft(), given.task(), given.parameters("w", "b"));
        let (messages, queries) = (single(&task.messages), single(&task.queries));
        let batch = task.batch(&messages, &queries);
        let reader = soft.reader(given.whole("n"));
        let mut network = Unrolled::<f32, Tiles>::new(reader, batch.targets.len());
        let x = single(&x);
        let loss = network.loss(&x, batch);
        assert!((loss / given.number("value") - 1.0).abs() < 2e-5, "{loss}");
        let mut gradient = vec![0.0; x.len()];
        network.gradient(&x, batch, &mut gradient);
        tangent(reader.n, &x, &mut gradient);
        assert_near(&gradient, &given.parameters("gradient_w", "gradient_b"), 1e-6);
        let mut descent = Descent::<Tiles>::new(&soft, reader, batch.targets.len(), x);
        for epoch in 0..soft.epochs {
            descent.step(&soft, epoch, batch).expect("it is finite");
        }
        // Adam divides by the gradient's size: entries of 1e-5, of which f32 knows three digits, are worth a step.
        assert_near(&descent.x, &given.parameters("after_w", "after_b"), 5e-4);
    }
}
