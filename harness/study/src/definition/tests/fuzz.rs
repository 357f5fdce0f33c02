//! These tests hand definitions of any bytes to the reader. Each is refused with an error that can be shown,
//! or planned.

use super::{BASE, parse};
use crate::definition::Definition;
use crate::fuzz::Target;
use crate::plan::plan;

const WORDS: &[&[u8]] = &[
    b"[[grid.part]]\n",
    b"[sequential]\n",
    b"[budget]\n",
    b"[read]\n",
    b"[[figure]]\n",
    b"[protocols]\n",
    b"exclude = [{ when = ",
    b"zip = [[\"n\", \"load\"]]",
    b"m = \"round(load * n)\"",
    b"trials = \"max(1, 64 / n)\"",
    b"looks = [5, 10]",
    b"width = 0.1",
    b"measure = ",
    b"\"recovered\"",
    b"sources = [\"glyphs\"]",
    b"{ biased = { activity = 0.1 } }",
    b"\"cliques(k=3)\"",
    b"dynamics = [\"soft(beta=2)\"]",
    b"{ held = { c = 0.1, order = \"async\" } }",
    b"\"nearest\"",
    b"corruptions = [\"erasure\", \"block\"]",
    b"flips = \"occlusion 6\"",
    b"{ diagonal = { rule = { pse = {} }, value = { scalar = 0.2 } } }",
    b"{ trn = { steps = 3 } }",
    b"{ pse = {} }",
    b"k = [5]",
    b"flips = [0, 1]",
    b"nan",
    b"-inf",
    b"1e308",
    b"4294967296",
    b"9223372036854775807",
    b"-1",
    b"0",
    b"\"\"\"",
    b"'",
    b"\\u0000",
    b"\xf0\x9f\x98\x80",
    b"1979-05-27T07:32:00Z",
    b"[[[[",
    b"}}}}",
    b"# ",
    b" = ",
    b"\r\n",
    b".",
    b"n / 0",
    b"((((((((",
    b"ln(0 - n)",
];

#[test]
fn fuzzed_definitions_never_panic() {
    let mut seeds: Vec<Vec<u8>> =
        Definition::shipped().iter().map(|(_, text)| text.as_bytes().to_vec()).collect();
    // Small ones more often: a mutation hits something that counts.
    seeds.extend(std::iter::repeat_n(BASE.as_bytes().to_vec(), 8));
    let target = Target { name: "definitions", percent: 47, seeds: &seeds, words: WORDS };
    target.run(|input| match parse(&String::from_utf8_lossy(input)) {
        Ok(definition) => {
            let cells: u64 = definition.conditions.iter().map(|condition| u64::from(condition.trials)).sum();
            // The plan of a million cells is right, too, but slow.
            cells > 500 || plan(&definition).len() as u64 == cells
        }
        Err(error) => error.to_string().is_empty(),
    });
}
