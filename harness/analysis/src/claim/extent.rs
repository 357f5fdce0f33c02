//! This module puts sets of places in words. It says how many they are, and how far they reach in load and
//! noise.

use protocols::Source;
use protocols::reading::Reader;
use std::collections::BTreeMap;
use std::fmt::Write;
use study::claim::At;

/// Describes the places in words, by source and dynamics: `sync: load 0.19 to 0.5, d/N 0.05 to 0.2`. They
/// reach that far; not every place between need be one of them.
pub(super) fn extent(places: &[At]) -> String {
    let mut groups: BTreeMap<(Source, Option<Reader>), Vec<&At>> = BTreeMap::new();
    for at in places {
        groups.entry((at.source, at.dynamics)).or_default().push(at);
    }
    let several = groups.keys().any(|key| key.0 != places[0].source);
    let mut words = String::new();
    for ((source, dynamics), places) in groups {
        let separator = if words.is_empty() { "" } else { "; " };
        let source = several.then(|| source.name());
        let of: Vec<&str> = source.into_iter().chain(dynamics.map(Reader::name)).collect();
        let of = if of.is_empty() { String::new() } else { format!("{}: ", of.join(" ")) };
        write!(words, "{separator}{of}{}", reach(&places)).expect("text can be written to");
    }
    words
}

/// How far places reach in N, load and noise.
fn reach(places: &[&At]) -> String {
    let spans = [
        ("N", span(places.iter().map(|at| Some(f64::from(at.n))))),
        ("load", span(places.iter().map(|at| at.load()))),
        ("d/N", span(places.iter().map(|at| at.noise()))),
    ];
    let words = spans.into_iter().filter_map(|(name, span)| Some(format!("{name} {}", span?)));
    words.collect::<Vec<_>>().join(", ")
}

/// The smallest and largest of the values that there are.
fn span(values: impl Iterator<Item = Option<f64>>) -> Option<String> {
    let values: Vec<f64> = values.flatten().collect();
    let low = values.iter().copied().min_by(f64::total_cmp)?;
    let high = values.iter().copied().max_by(f64::total_cmp)?;
    let (low, high) = (short(low), short(high));
    Some(if low == high { low } else { format!("{low} to {high}") })
}

/// Two digits behind the point at most.
fn short(x: f64) -> String {
    let text = format!("{x:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocols::Corruption;

    #[test]
    fn places_reach_as_far_as_they_do() {
        let at = |m: u32, flips: u32, dynamics| At {
            source: Source::Random,
            dynamics: Some(dynamics),
            n: 64,
            m: Some(m),
            flips: Some(Corruption::flips(flips)),
        };
        let places = [at(32, 6, Reader::Sync), at(12, 3, Reader::Sync), at(16, 0, Reader::Async)];
        let expected = "sync: N 64, load 0.19 to 0.5, d/N 0.05 to 0.09; async: N 64, load 0.25, d/N 0";
        assert_eq!(extent(&places), expected);
        assert_eq!(extent(&[]), "");
        let pooled = At { m: None, flips: None, dynamics: None, ..places[0] };
        assert_eq!(extent(&[pooled, At { source: Source::Glyphs, ..pooled }]), "random: N 64; glyphs: N 64");
    }
}
