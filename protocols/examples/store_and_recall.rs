//! This example is the place to start. Eight random messages are written into a memory of 100 units by every
//! rule, and recalled from noisy queries.
//!
//! `cargo run -p protocols --example store_and_recall`

use protocols::reading::{Reader, Settings, read};
use protocols::{Patterns, Queries, Spec, Stream, WriteError};

fn main() -> Result<(), WriteError> {
    // All randomness comes from a stream, and a stream from its name: run this again, and the numbers are the same.
    let mut stream = Stream::named(1, "example", &[]);
    let messages = Patterns::random(100, 8, &mut stream);
    // Fifty noisy copies of the messages, ten of whose hundred signs are wrong.
    let queries = Queries::exact(&messages, 10, 50, &mut stream);
    let settings = Settings { reader: Reader::Sync, max_steps: 50 };
    for spec in Spec::catalogue() {
        let written = spec.protocol().write(&messages, &mut stream)?;
        let reads = read(&written.weights, &queries.states, settings, &mut stream);
        let recalled = (0..50).filter(|&q| reads.states.row(q) == messages.row(queries.message[q] as usize));
        println!("{:<12} recalls {:>2} of 50: {}", spec.about().name, recalled.count(), spec.about().title);
    }
    Ok(())
}
