use protocols::protocol::*;
use protocols::reading::*;
use protocols::*;
use std::time::Instant;
fn main() {
    let specs: Vec<String> = std::env::args().skip(1).collect();
    for text in &specs {
        let spec: Spec = serde_json::from_str(text).unwrap();
        println!("{text}");
        for (n, m) in [(64, 16), (64, 32), (64, 64), (256, 64), (256, 128), (256, 256)] {
            let messages =
                Patterns::random(n, m, &mut Stream::named(5, "m", &[("n", n as u64), ("m", m as u64)]));
            let t = Instant::now();
            match spec.protocol().write(&messages, &mut Stream::named(1, "t", &[])) {
                Ok(w) => {
                    let took = t.elapsed().as_secs_f64();
                    let all = probe::margins(&w.weights, &messages);
                    let rows = all.map(|a| {
                        (0..n)
                            .map(|i| a.iter().skip(i).step_by(n).copied().fold(f64::INFINITY, f64::min))
                            .sum::<f64>()
                            / n as f64
                    });
                    let st = probe::stability(&w.weights, &messages);
                    println!(
                        "  {n} {m}: {:.4}s {} {:?} kappa min {:.4} rows {:.4} fixed {} obj {:.3}",
                        took,
                        w.report.iterations,
                        w.report.stop,
                        st.margins.map_or(f64::NAN, |x| x.min),
                        rows.unwrap_or(f64::NAN),
                        st.fixed,
                        w.report.objective.unwrap_or(0.0)
                    );
                }
                Err(e) => println!("  {n} {m} {e}"),
            }
        }
        let (mut rec, trials) = (0, 50);
        for trial in 0..trials {
            let messages = Patterns::random(64, 32, &mut Stream::named(7, "oracle", &[("trial", trial)]));
            let Ok(w) = spec.protocol().write(&messages, &mut Stream::named(1, "t", &[])) else { continue };
            let q = Queries::exact(&messages, 6, 100, &mut Stream::named(7, "q", &[("trial", trial)]));
            rec += probe::recovery(
                &w.weights,
                &messages,
                &q,
                Settings { dynamics: Dynamics::Sync, max_steps: 50 },
                5,
                &mut Stream::named(7, "r", &[]),
            )
            .recovered;
        }
        println!("  recovered {}", f64::from(rec) / (100 * trials) as f64);
    }
}
