//! What figures say in words: labels with their units, titles of panels, the caption.

use super::Context;
use super::style::Looks;
use analysis::summary::Estimate;
use protocols::Source;
use protocols::reading::Dynamics;
use serde::Serialize;
use std::collections::BTreeSet;
use study::figure::FigureSpec;
use study::measure::Measure;

/// Every measure.
pub(super) const MEASURES: [Measure; 16] = [
    Measure::FixedPoints,
    Measure::BitErrors,
    Measure::StrictMinima,
    Measure::Symmetric,
    Measure::ZeroDiagonal,
    Measure::EnergyDescent,
    Measure::BitCorrections,
    Measure::BitPredictions,
    Measure::NeighbourReturns,
    Measure::RandomStored,
    Measure::RandomSpurious,
    Measure::Recovered,
    Measure::RecoveredFirst,
    Measure::RecoveredCheckpoint,
    Measure::Overlap,
    Measure::WriteSeconds,
];

/// The measures that are shares of one, which one axis of 0 to 1 can show.
pub(super) const SHARES: [Measure; 6] = [
    Measure::FixedPoints,
    Measure::StrictMinima,
    Measure::Recovered,
    Measure::RecoveredFirst,
    Measure::RecoveredCheckpoint,
    Measure::Overlap,
];

/// The label of the load axis.
pub(super) const LOAD: &str = "load M/N";
/// The label of the noise axis.
pub(super) const NOISE: &str = "noise d/N (share of bits flipped)";
/// The label of the noise axis where the rows name the bits.
pub(super) const NOISE_ROWS: &str = "noise d/N (flipped bits)";
/// The label of the axis of units.
pub(super) const UNITS: &str = "units N";

/// The label of a measure, with its unit.
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

/// A value's name in definitions and tables, such as `fixed-points`.
pub(super) fn name(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(name)) => name,
        other => format!("{other:?}"),
    }
}

/// Messages of a source.
pub(super) fn messages(source: Source) -> String {
    match source {
        Source::Random => "random messages".to_owned(),
        Source::Glyphs => "glyphs".to_owned(),
    }
}

/// A way of reading.
pub(super) fn reading(dynamics: Dynamics) -> &'static str {
    match dynamics {
        Dynamics::Sync => "synchronous",
        Dynamics::Async => "asynchronous",
    }
}

/// A load, as short as it is told apart from others of the same N.
pub(super) fn load(m: u32, n: u32) -> String {
    format!("load {} (M = {m})", short(f64::from(m) / f64::from(n)))
}

/// A noise level.
pub(super) fn noise(flips: u32, n: u32) -> String {
    match flips {
        0 => "no noise (d = 0)".to_owned(),
        _ => format!("noise {} (d = {flips})", short(f64::from(flips) / f64::from(n))),
    }
}

/// Up to three decimals, without trailing zeros.
pub(super) fn short(x: f64) -> String {
    let text = format!("{x:.3}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// A confidence, such as `95 %`.
pub(super) fn percent(confidence: f64) -> String {
    format!("{} %", short((1e4 * confidence).round() / 100.0))
}

/// Where an estimate stands, for errors.
pub(super) fn place(e: &Estimate) -> String {
    let mut place = format!("{} on {}, N = {}, M = {}", e.protocol, messages(e.source), e.n, e.m);
    if let Some(dynamics) = e.dynamics {
        place += &format!(", {} reads", reading(dynamics));
    }
    if let Some(flips) = e.flips {
        place += &format!(", d = {flips}");
    }
    place
}

/// What the uncertainty of a measure is, and how many trials there are.
fn interval(found: &[Estimate], shown_as: &str, confidence: f64) -> String {
    let trials: BTreeSet<u32> = found.iter().filter(|e| e.value.is_some()).map(|e| e.trials).collect();
    let (least, most) = (trials.first().copied().unwrap_or(0), trials.last().copied().unwrap_or(0));
    let trials = if least == most { least.to_string() } else { format!("{least} to {most}") };
    let plural = if most == 1 { "" } else { "s" };
    let time = found.first().is_some_and(|e| e.measure == Measure::WriteSeconds);
    let what = match time {
        true => "median and middle half of".to_owned(),
        false => format!("{} intervals over", percent(confidence)),
    };
    if shown_as.is_empty() {
        format!("{trials} trial{plural}")
    } else {
        format!("{shown_as}: {what} {trials} trial{plural}")
    }
}

/// The caption of a figure: its sentence, the conditions, how to draw it again. `shown_as` names what shows intervals;
/// `facts` says more.
pub(super) fn caption(
    spec: &FigureSpec,
    context: &Context<'_>,
    found: &[Estimate],
    shown_as: &str,
    facts: &[String],
) -> Vec<String> {
    let listed =
        |values: BTreeSet<u32>| values.iter().map(u32::to_string).collect::<Vec<String>>().join(", ");
    let mut conditions = vec![format!("N = {}", listed(found.iter().map(|e| e.n).collect()))];
    let sources: BTreeSet<Source> = found.iter().map(|e| e.source).collect();
    conditions.push(sources.into_iter().map(messages).collect::<Vec<String>>().join(" and "));
    let dynamics: BTreeSet<Dynamics> = found.iter().filter_map(|e| e.dynamics).collect();
    if !dynamics.is_empty() {
        conditions.push(format!(
            "{} reads",
            dynamics.into_iter().map(reading).collect::<Vec<&str>>().join(" and ")
        ));
    }
    let flips: BTreeSet<(u32, u32)> = found.iter().filter_map(|e| e.flips.map(|d| (d, e.n))).collect();
    if let (1, Some(&(d, n))) = (flips.len(), flips.first()) {
        conditions.push(noise(d, n));
    }
    conditions.push(interval(found, shown_as, context.confidence));
    conditions.extend(facts.iter().chain(context.facts).cloned());
    let mut paragraphs = Vec::new();
    if !spec.caption.trim().is_empty() {
        paragraphs.push(spec.caption.trim().to_owned());
    }
    paragraphs.push(format!("{}.", conditions.join("; ")));
    paragraphs.push(format!("Experiment {}; redraw with: {}", context.experiment, context.command));
    paragraphs
}

/// One sentence for readers who do not see the picture.
pub(super) fn alternative(found: &[Estimate], looks: &Looks, drawn: &str) -> String {
    let mut protocols: Vec<&str> = found.iter().map(|e| e.protocol.as_str()).collect();
    protocols.sort_by_key(|label| looks.rank(label));
    protocols.dedup();
    format!("{drawn} for {}.", protocols.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_measure_has_a_label_with_a_unit() {
        for which in MEASURES {
            assert!(measure(which).ends_with(')'), "{which:?}");
        }
    }

    #[test]
    fn names_are_those_of_definitions() {
        assert_eq!(name(&Measure::RecoveredFirst), "recovered-first");
        assert_eq!(noise(6, 64), "noise 0.094 (d = 6)");
        assert_eq!((percent(0.95), percent(1.0 - 0.05 / 3.0)), ("95 %".to_owned(), "98.33 %".to_owned()));
        assert_eq!(load(16, 64), "load 0.25 (M = 16)");
    }
}
