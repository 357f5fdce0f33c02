use super::{BASE, parse};
use proptest::prelude::*;

/// Pieces of definitions, so that random texts get past the first error.
const PIECES: &[&str] = &[
    "question = ",
    "analysis = ",
    "\"a\"",
    "seed = ",
    "probes = ",
    "[protocols]\n",
    "HOP = ",
    "{ hop = {} }",
    "TRN = ",
    "{ trn = { steps = 3 } }",
    "[grid]\n",
    "sources = ",
    "[\"glyphs\"]",
    "n = ",
    "[64]",
    "load = ",
    "m = ",
    "noise = ",
    "flips = ",
    "[0.0]",
    "[1, 2]",
    "[0, -1]",
    "k = ",
    "steps = ",
    "trials = ",
    "[[grid.part]]\n",
    "protocols = [\"TRN\"]\n",
    "zip = [[\"n\", \"m\"]]",
    "exclude = [{ when = ",
    "\"n > 1\"",
    "\"round(load * n)\"",
    "\"m + (\"",
    "{ sources = [\"random\"] }",
    "queries = ",
    "[read]\n",
    "checkpoint = ",
    "max_steps = ",
    "[[figure]]\n",
    "name = ",
    "kind = ",
    "\"load\"",
    "\"\"\"",
    "\n",
    ",",
    "]",
    "[",
    "}",
    "{",
    ".",
    "=",
    "nan",
    "inf",
    "1e308",
    "18446744073709551615",
    "1979-05-27",
    "true",
    "#",
    "\\u0000",
    "\u{1f600}",
    "\t",
    "\r",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = parse(&String::from_utf8_lossy(&bytes)).map_err(|error| error.to_string());
    }

    #[test]
    fn pieces_never_panic(pieces in prop::collection::vec(prop::sample::select(PIECES), 0..80)) {
        let _ = parse(&pieces.concat()).map_err(|error| error.to_string());
    }

    #[test]
    fn damage_never_panics(edits in prop::collection::vec((0..BASE.len(), any::<u8>(), 0..3_u8), 1..8)) {
        let mut bytes = BASE.as_bytes().to_vec();
        for (at, byte, kind) in edits {
            let at = at % bytes.len();
            match kind {
                0 => bytes[at] = byte,
                1 => bytes.insert(at, byte),
                _ => { bytes.remove(at); }
            }
        }
        let _ = parse(&String::from_utf8_lossy(&bytes)).map_err(|error| error.to_string());
    }

    #[test]
    fn numbers_never_panic(n in any::<u32>(), load in any::<f64>(), noise in any::<f64>(), trials in any::<i64>()) {
        let text = BASE
            .replace("[64]", &format!("[{n}]"))
            .replace("[0.1, 0.5]", &format!("[{load:?}]").replace("NaN", "nan"))
            .replace("[0.0, 0.1]", &format!("[{noise:?}]").replace("NaN", "nan"))
            .replace("trials = 2", &format!("trials = {trials}"));
        let _ = parse(&text).map_err(|error| error.to_string());
    }
}

#[test]
fn deep_nesting_is_an_error() {
    for text in [
        "[".repeat(100_000),
        format!("a = {}", "[".repeat(100_000)),
        format!("a{} = 1", ".a".repeat(100_000)),
    ] {
        parse(&text).expect_err("nobody nests that deep").to_string();
    }
}
