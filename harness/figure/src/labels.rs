//! Quantities and conditions have labels, with their units, that axes, titles and captions share.

use analysis::summary::Estimate;
use protocols::reading::Reader;
use protocols::{Corruption, CorruptionKind, Source};
use serde::Serialize;
use study::measure::Measure;

/// Holds the label of the load axis.
pub(crate) const LOAD: &str = "load M/N";
/// Holds the label of the noise axis.
pub(crate) const NOISE: &str = "noise d/N (share of bits flipped)";
/// Holds the label of the noise axis where the rows name the bits.
pub(crate) const NOISE_ROWS: &str = "noise d/N (flipped bits)";
/// Holds the label of the axis of units.
pub(crate) const UNITS: &str = "units N";

/// Returns the label of a measure, which names it with its unit, as axes do.
pub fn measure(measure: Measure) -> &'static str {
    match measure {
        Measure::FixedPoints => "fixed points (share of messages)",
        Measure::BitErrors => "unstable bits (share)",
        Measure::StrictMinima => "strict local minima (share of messages)",
        Measure::Symmetric => "symmetric W (share of memories)",
        Measure::ZeroDiagonal => "zero diagonal (share of memories)",
        Measure::EnergyDescent => "flips that do not raise the energy (share)",
        Measure::BitCorrections => "flipped bits corrected in one step (share)",
        Measure::BitPredictions => "corrections as the diagonal predicts (share)",
        Measure::NeighbourReturns => "neighbours returned in one step (share)",
        Measure::RandomStored => "random starts that end at a message (share)",
        Measure::RandomSpurious => "random starts that end elsewhere (share)",
        Measure::Recovered => "recovered queries (share)",
        Measure::RecoveredFirst => "recovered after one step (share of queries)",
        Measure::RecoveredCheckpoint => "recovered after L steps (share of queries)",
        Measure::Overlap => "final overlap m (mean)",
        Measure::WriteSeconds => "write time (s)",
    }
}

/// Returns a value's name in definitions and tables, such as `fixed-points`.
pub(crate) fn name(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(name)) => name,
        other => format!("{other:?}"),
    }
}

/// Returns the words for messages of a source.
pub(crate) fn messages(source: Source) -> String {
    source.title()
}

/// Returns the word for a way of reading.
fn reading(reader: Reader) -> String {
    let about = reader.about();
    match reader.name() {
        name if name == about.name => about.title.to_owned(),
        // Its parameters stand beside, as definitions spell them.
        name => format!("{} {}", about.title, &name[about.name.len()..]),
    }
}

/// Returns the words for reads by these readers, such as `synchronous and soft reads`.
pub(crate) fn reads(readers: impl IntoIterator<Item = Reader>) -> String {
    let words: Vec<String> = readers.into_iter().map(reading).collect();
    format!("{} reads", listed(&words))
}

/// Lists words as a sentence does: `a, b and c`.
pub(crate) fn listed(words: &[String]) -> String {
    match words.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => words.concat(),
    }
}

/// Returns the words for a kind of corruption.
pub(crate) fn corruption(kind: CorruptionKind) -> &'static str {
    match kind {
        CorruptionKind::Flips => "flipped units",
        CorruptionKind::Bernoulli => "units flipped by chance",
        CorruptionKind::Erasure => "erased units",
        CorruptionKind::Block => "a block flipped",
        CorruptionKind::Occlusion => "a block covered",
        CorruptionKind::Mixture => "mixed with another message",
        CorruptionKind::Own => "queries of a file",
    }
}

/// Returns a load, as short as it is told apart from others of the same N.
pub(crate) fn load(m: u32, n: u32) -> String {
    format!("load {} (M = {m})", short(f64::from(m) / f64::from(n)))
}

/// Returns the words for a noise level.
pub(crate) fn noise(corruption: Corruption, n: u32) -> String {
    let Corruption { kind, units } = corruption;
    let of = match kind {
        CorruptionKind::Flips => String::new(),
        CorruptionKind::Own => {
            let share = short(f64::from(units) / f64::from(n));
            return format!("{}, mean noise {share}", self::corruption(kind));
        }
        kind => format!("{}, ", self::corruption(kind)),
    };
    match units {
        0 => format!("{of}no noise (d = 0)"),
        _ => format!("{of}noise {} (d = {units})", short(f64::from(units) / f64::from(n))),
    }
}

/// Formats a number with up to three decimals, without trailing zeros.
pub(crate) fn short(x: f64) -> String {
    let text = format!("{x:.3}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Formats a confidence, such as `95 %`.
pub(crate) fn percent(confidence: f64) -> String {
    format!("{} %", short((1e4 * confidence).round() / 100.0))
}

/// Says where an estimate stands, for errors.
pub(crate) fn place(e: &Estimate) -> String {
    let mut place = format!("{} on {}, N = {}, M = {}", e.protocol, messages(e.source), e.n, e.m);
    if let Some(dynamics) = e.dynamics {
        place += &format!(", {}", reads([dynamics]));
    }
    if let Some(flips) = e.flips {
        place += &format!(", d = {flips}");
    }
    place
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_definitions() {
        assert_eq!(name(&Measure::RecoveredFirst), "recovered-first");
        assert_eq!(noise(Corruption::flips(6), 64), "noise 0.094 (d = 6)");
        assert_eq!(
            noise(Corruption { kind: CorruptionKind::Erasure, units: 6 }, 64),
            "erased units, noise 0.094 (d = 6)"
        );
        assert_eq!(reads([Reader::Sync, Reader::Async]), "synchronous and asynchronous reads");
        assert_eq!(reads(["soft(beta=2)".parse().unwrap()]), "soft (beta=2) reads");
        assert_eq!((percent(0.95), percent(1.0 - 0.05 / 3.0)), ("95 %".to_owned(), "98.33 %".to_owned()));
        assert_eq!(load(16, 64), "load 0.25 (M = 16)");
    }
}
