//! A finding says what a figure shows, in a sentence made from its numbers. It is for those who do not see
//! the figure, and for those who skim.
//!
//! The sentence describes, it does not judge: which protocol has the largest mean over the conditions that
//! all of them share. Verdicts are the claims'.

use analysis::summary::{Contrast, Estimate};
use figure::shown;
use indexmap::IndexMap;
use protocols::reading::Reader;
use protocols::{Corruption, Source};
use std::collections::{HashMap, HashSet};
use study::figure::{FigureSpec, Shown};
use study::measure::Measure;

/// Returns the finding of the figure `spec` among `estimates`. It is empty where its kind has none, or
/// nothing is comparable.
pub(super) fn finding(spec: &FigureSpec, estimates: &[Estimate], contrasts: &[Contrast]) -> String {
    match spec.kind.shown() {
        Shown::Contrasts => of_contrasts(spec, contrasts),
        Shown::Trajectories | Shown::QueriesNeeded | Shown::Ranking => String::new(),
        Shown::Estimates | Shown::Margins => {
            shown(spec, estimates).map_or_else(|_| String::new(), |found| of_means(&found))
        }
    }
}

/// Says where something was measured.
type FigurePlace = (Source, u32, u32, Option<Reader>, Option<Corruption>);

fn of_means(found: &[Estimate]) -> String {
    let mut protocols: IndexMap<&str, HashMap<FigurePlace, f64>> = IndexMap::new();
    for e in found {
        if let Some(value) = e.value {
            let place = (e.source, e.n, e.m, e.dynamics, e.flips);
            protocols.entry(&e.protocol).or_default().insert(place, value);
        }
    }
    let everywhere = |place: &&FigurePlace| protocols.values().all(|values| values.contains_key(*place));
    let shared: HashSet<FigurePlace> =
        protocols.values().next().into_iter().flat_map(HashMap::keys).filter(everywhere).copied().collect();
    if protocols.len() < 2 || shared.is_empty() {
        return String::new();
    }
    let time = found.iter().any(|e| e.measure == Measure::WriteSeconds);
    let mean = |values: &HashMap<FigurePlace, f64>| {
        let mut values: Vec<f64> =
            values.iter().filter(|(at, _)| shared.contains(*at)).map(|(_, v)| *v).collect();
        // In an order of their own, so that the sum has the same bits every time.
        values.sort_by(f64::total_cmp);
        values.iter().sum::<f64>() / values.len() as f64
    };
    let mut means: Vec<(&str, f64)> =
        protocols.iter().map(|(label, values)| (*label, mean(values))).collect();
    means.sort_by(|a, b| b.1.total_cmp(&a.1));
    let named = |&(label, mean): &(&str, f64)| match time {
        true => format!("{label} ({})", seconds(mean)),
        false => format!("{label} ({mean:.3})"),
    };
    let (last, others) = means.split_last().expect("there are two at least");
    let first: Vec<String> = others.iter().take(3).map(named).collect();
    let places = match shared.len() {
        1 => "In the one condition that all protocols share, the value".to_owned(),
        count => format!("Over the {count} conditions that all protocols share, the mean"),
    };
    format!("{places} is highest for {} and lowest for {}.", first.join(", then "), named(last))
}

/// Writes a time to three digits.
fn seconds(time: f64) -> String {
    let (time, unit) = match time {
        t if t < 1e-3 => (t * 1e6, "\u{b5}s"),
        t if t < 1.0 => (t * 1e3, "ms"),
        t => (t, "s"),
    };
    let digits = if time < 10.0 { 2 } else { usize::from(time < 100.0) };
    format!("{time:.digits$} {unit}")
}

fn of_contrasts(spec: &FigureSpec, contrasts: &[Contrast]) -> String {
    let Some(subject) = &spec.subject else { return String::new() };
    let mut cells: IndexMap<FigurePlace, Vec<&Contrast>> = IndexMap::new();
    for c in contrasts {
        cells.entry((c.source, c.n, c.m, Some(c.dynamics), Some(c.flips))).or_default().push(c);
    }
    if cells.is_empty() {
        return String::new();
    }
    let better = |c: &Contrast| c.is_significant() && c.difference.value > 0.0;
    let worse = |c: &Contrast| c.is_significant() && c.difference.value < 0.0;
    let ahead = cells.values().filter(|rivals| rivals.iter().all(|c| better(c))).count();
    let behind = cells.values().filter(|rivals| rivals.iter().any(|c| worse(c))).count();
    format!(
        "{subject} is better than every other protocol shown in {ahead} of {} conditions and worse than at least \
         one in {behind}, \
         beyond chance (p at most {:.2} after Holm's correction over all comparisons of a source and N).",
        cells.len(),
        Contrast::LEVEL
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::estimate;
    use study::figure::FigureKind;

    #[test]
    fn times_have_the_unit_that_suits_them() {
        assert_eq!(
            [3.954, 0.0415, 1.57e-4, 123.4].map(seconds),
            ["3.95 s", "41.5 ms", "157 \u{b5}s", "123 s"]
        );
    }

    #[test]
    fn means_are_over_what_all_protocols_share() {
        let spec = FigureSpec::new("f", FigureKind::Load);
        let at = |label: &str, m: u32, value: f64| Estimate { value: Some(value), m, ..estimate(label) };
        // At M = 20 only A was measured, so .9 plays no part.
        let found = [at("A", 5, 0.4), at("A", 10, 0.2), at("A", 20, 0.9), at("B", 5, 0.6), at("B", 10, 0.2)];
        assert_eq!(
            finding(&spec, &found, &[]),
            "Over the 2 conditions that all protocols share, the mean is highest for B (0.400) and lowest for A \
             (0.300)."
        );
        assert_eq!(finding(&spec, &found[..3], &[]), "", "one protocol has no rival");
    }
}
