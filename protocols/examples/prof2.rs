//! Scratch.
use protocols::protocol::*;
use protocols::reading::*;
use protocols::*;
use std::time::Instant;
fn main() {
    faer::set_global_parallelism(faer::Par::Seq);
    let what = std::env::args().nth(1).unwrap();
    let reps: usize = std::env::args().nth(2).unwrap().parse().unwrap();
    let mut s = Stream::named(1, "m", &[]);
    let m64 = Patterns::random(1024, 64, &mut s);
    let m512 = Patterns::random(1024, 512, &mut s);
    let w = Hop::default().write(&m64, &mut s).unwrap().weights;
    let q = Queries::exact(&m64, 102, 1000, &mut s);
    let m256 = Patterns::random(256, 192, &mut s);
    let m48 = Patterns::random(64, 48, &mut s);
    let t = Instant::now();
    for _ in 0..reps {
        match what.as_str() {
            "hop" => {
                Hop::default().write(&m64, &mut s.clone()).unwrap();
            }
            "pse" => {
                Pse::default().write(&m512, &mut s.clone()).unwrap();
            }
            "sync" => {
                read(&w, &q.states, Settings { dynamics: Dynamics::Sync, max_steps: 50 }, &mut s.clone());
            }
            "async" => {
                read(&w, &q.states, Settings { dynamics: Dynamics::Async, max_steps: 50 }, &mut s.clone());
            }
            "mpf256" => {
                Mpf::default().write(&m256, &mut s.clone()).unwrap();
            }
            "mpf64" => {
                Mpf::default().write(&m48, &mut s.clone()).unwrap();
            }
            "sweep" => {
                for m in (1..=16).map(|i| (i as f64 * 0.05 * 64.0).round() as usize) {
                    for trial in 0..20 {
                        let mut s = Stream::named(1, "x", &[("t", trial), ("m", m as u64)]);
                        let msgs = Patterns::random(64, m, &mut s);
                        let w = Hop::default().write(&msgs, &mut s).unwrap();
                        let q = Queries::exact(&msgs, 6, 50, &mut s);
                        probe::recovery(
                            &w.weights,
                            &msgs,
                            &q,
                            Settings { dynamics: Dynamics::Sync, max_steps: 50 },
                            5,
                            &mut s,
                        );
                    }
                }
            }
            _ => panic!(),
        }
    }
    println!("{:.3} ms", t.elapsed().as_secs_f64() * 1e3 / reps as f64);
}
