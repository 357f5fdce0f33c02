//! This module does fuzzing with a fixed seed. Valid inputs, mutated byte by byte, are handed to a reader
//! that must not panic.
//!
//! `cargo test` runs a few inputs of every target; `FUZZ_INPUTS=1000000 cargo test -p harness --lib fuzz --
//! --nocapture` a million in all and prints the counts. The inputs are the same in every run of as many.

use protocols::Stream;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Inputs of all targets together, unless `FUZZ_INPUTS` says otherwise.
const INPUTS: u64 = 10_000;

/// Bytes at which readers trip.
const TRIPPING: [u8; 8] = [0, 1, 0x0a, 0x22, 0x7f, 0x80, 0xfe, 0xff];

/// A `Target` says what is fuzzed, from what.
pub struct Target<'a> {
    /// Its name, also of the random stream.
    pub name: &'a str,
    /// Its inputs, out of a hundred of all targets.
    pub percent: u64,
    /// Valid inputs to start from.
    pub seeds: &'a [Vec<u8>],
    /// Words of its language, to be spliced in.
    pub words: &'a [&'a [u8]],
}

impl Target<'_> {
    /// Hands mutated inputs to `accepts`, which says whether it took the input for valid.
    ///
    /// # Panics
    /// If `accepts` does: with the input that made it.
    pub fn run(&self, mut accepts: impl FnMut(&[u8]) -> bool) {
        let all: u64 =
            std::env::var("FUZZ_INPUTS").map_or(INPUTS, |n| n.parse().expect("FUZZ_INPUTS is a number"));
        let inputs = all * self.percent / 100;
        let mut stream = Stream::named(1, &format!("fuzz/{}", self.name), &[]);
        let mut accepted = 0;
        for number in 0..inputs {
            let input = self.mutated(&mut stream);
            match catch_unwind(AssertUnwindSafe(|| accepts(&input))) {
                Ok(valid) => accepted += u64::from(valid),
                Err(_) => panic!("input {number} of {} makes it panic: {}", self.name, input.escape_ascii()),
            }
        }
        println!(
            "fuzz {}: {inputs} inputs, {accepted} accepted, {} refused, no panic",
            self.name,
            inputs - accepted
        );
    }

    /// A seed after one to eight mutations.
    fn mutated(&self, stream: &mut Stream) -> Vec<u8> {
        let mut bytes = self.seeds[stream.below(self.seeds.len() as u32) as usize].clone();
        for _ in 0..=stream.below(8) {
            self.mutate(&mut bytes, stream);
        }
        bytes
    }

    fn mutate(&self, bytes: &mut Vec<u8>, stream: &mut Stream) {
        let mut below = |bound: usize| stream.below(bound.max(1) as u32) as usize;
        let at = below(bytes.len());
        let end = (at + 1 + below(16)).min(bytes.len());
        let kind = below(8);
        // An empty input can only grow.
        if bytes.is_empty() && kind < 6 {
            bytes.push(TRIPPING[below(TRIPPING.len())]);
            return;
        }
        match kind {
            0 => bytes[at] ^= 1 << below(8),
            1 => bytes[at] = below(256) as u8,
            2 => bytes[at] = TRIPPING[below(TRIPPING.len())],
            3 => drop(bytes.drain(at..end)),
            4 => {
                let copy = bytes[at..end].to_vec();
                let to = below(bytes.len());
                bytes.splice(to..to, copy);
            }
            5 => bytes.truncate(at),
            6 => {
                let other = &self.seeds[below(self.seeds.len())];
                let from = below(other.len());
                let until = (from + below(64)).min(other.len());
                bytes.splice(at..end, other[from..until].iter().copied());
            }
            _ => {
                let word = self.words[below(self.words.len())];
                let end = if below(2) == 0 { at } else { end };
                bytes.splice(at..end, word.iter().copied());
            }
        }
    }
}

#[test]
fn a_panic_is_reported_with_its_input() {
    let seeds = [b"harmless".to_vec()];
    let target = Target { name: "self", percent: 10, seeds: &seeds, words: &[b"boom"] };
    let found =
        catch_unwind(|| target.run(|input| input.windows(4).all(|word| word != b"boom" || panic!("!"))));
    let panic = found.expect_err("one input in eight has the word");
    assert!(panic.downcast_ref::<String>().is_some_and(|text| text.contains("boom")));
}

#[test]
fn mutations_reach_what_they_should() {
    let seeds = [b"abc".to_vec(), b"xyz".to_vec()];
    let target = Target { name: "reach", percent: 10, seeds: &seeds, words: &[b"WORD"] };
    let mut stream = Stream::named(1, "reach", &[]);
    let inputs: Vec<Vec<u8>> = (0..2000).map(|_| target.mutated(&mut stream)).collect();
    let any = |found: fn(&[u8]) -> bool| inputs.iter().any(|input| found(input));
    assert!(any(|input| input.is_empty()) && any(|input| input.len() > 20), "shorter and longer");
    assert!(any(|input| input.windows(4).any(|word| word == b"WORD")), "words");
    assert!(any(|input| input.starts_with(b"a") && input.contains(&b'z')), "pieces of other seeds");
    assert!(any(|input| input.contains(&0xff)), "bytes at which readers trip");
}
