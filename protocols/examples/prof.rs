//! Scratch.
use protocols::protocol::*;
use protocols::reading::*;
use protocols::*;
use std::time::Instant;
fn best(name: &str, reps: usize, mut f: impl FnMut()) -> f64 {
    let mut b = f64::INFINITY;
    for _ in 0..reps {
        let t = Instant::now();
        f();
        b = b.min(t.elapsed().as_secs_f64());
    }
    println!("{name:40} {:.3} ms", b * 1e3);
    b
}
fn main() {
    faer::set_global_parallelism(faer::Par::Seq);
    let mut s = Stream::named(1, "m", &[]);
    let a = faer::Mat::<f32>::from_fn(512, 512, |i, j| (i + j) as f32);
    let mut c = faer::Mat::<f32>::zeros(512, 512);
    let t = best("product 512", 20, || {
        faer::linalg::matmul::matmul(c.as_mut(), faer::Accum::Replace, &a, &a, 1.0, faer::Par::Seq)
    });
    let peak = 2.0 * 512f64.powi(3) / t / 1e9;
    println!("peak {peak:.1} GFLOP/s");
    for (n, m, k, l, e) in [(64, 48, 20, 3, 100), (128, 100, 20, 5, 20)] {
        for cost in [Cost::Squared, Cost::CrossEntropy] {
            let msgs = Patterns::random(n, m, &mut s);
            let tr = Trn {
                queries: (k as u32).try_into().unwrap(),
                steps: (l as u32).try_into().unwrap(),
                epochs: e as u32,
                redraw: 0,
                start: Start::Hop,
                cost,
                ..Trn::default()
            };
            let t = best(&format!("trn {n} {cost:?}"), 7, || {
                tr.write(&msgs, &mut s.clone()).unwrap();
            });
            let f = 6.0 * (n * n * m * k * l * e) as f64 / 1e9;
            println!(
                "   {:.1} GFLOP/s {:.2} of peak, {:.3} ms per epoch",
                f / t,
                f / t / peak,
                t * 1e3 / e as f64
            );
            let t2 = best("  redraw", 5, || {
                Trn { redraw: 1, ..tr }.write(&msgs, &mut s.clone()).unwrap();
            });
            println!("   draw {:.3} ms", (t2 - t) * 1e3 / e as f64);
        }
    }
    let msgs = Patterns::random(1024, 64, &mut s);
    best("hop 1024/64", 10, || {
        Hop::default().write(&msgs, &mut s.clone()).unwrap();
    });
    let w = Hop::default().write(&msgs, &mut s.clone()).unwrap().weights;
    let q = Queries::exact(&msgs, 102, 1000, &mut s);
    best("read sync", 10, || {
        read(&w, &q.states, Settings { dynamics: Dynamics::Sync, max_steps: 50 }, &mut s.clone());
    });
    best("read async", 5, || {
        read(&w, &q.states, Settings { dynamics: Dynamics::Async, max_steps: 50 }, &mut s.clone());
    });
    let msgs = Patterns::random(1024, 512, &mut s);
    best("pse 1024/512", 7, || {
        Pse::default().write(&msgs, &mut s.clone()).unwrap();
    });
    for (n, m) in [(64, 48), (128, 96), (256, 192)] {
        let msgs = Patterns::random(n, m, &mut s);
        best(&format!("mpf {n}"), 10, || {
            Mpf::default().write(&msgs, &mut s.clone()).unwrap();
        });
        println!("{:?}", Mpf::default().write(&msgs, &mut s.clone()).unwrap().report);
    }
    let t = Instant::now();
    let mut c = 0;
    for m in (1..=16).map(|i| (i as f64 * 0.05 * 64.0).round() as usize) {
        for trial in 0..20 {
            let mut s = Stream::named(1, "x", &[("t", trial), ("m", m as u64)]);
            let msgs = Patterns::random(64, m, &mut s);
            let w = Hop::default().write(&msgs, &mut s).unwrap();
            let q = Queries::exact(&msgs, 6, 50, &mut s);
            c += probe::recovery(
                &w.weights,
                &msgs,
                &q,
                Settings { dynamics: Dynamics::Sync, max_steps: 50 },
                5,
                &mut s,
            )
            .recovered;
        }
    }
    println!("hop sweep {:.2} ms {c}", t.elapsed().as_secs_f64() * 1e3);
}
