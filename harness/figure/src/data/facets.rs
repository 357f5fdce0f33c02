//! A facet is what the estimates of one panel have in common. It is what sets the panel apart from other
//! panels.

use super::series::JOINT;
use crate::labels;
use crate::style::Looks;
use analysis::summary::Estimate;
use protocols::reading::Reader;
use protocols::{Corruption, CorruptionKind, Source};
use std::collections::{BTreeMap, BTreeSet};
use study::figure::Coordinate;

/// A `Facet` is what the estimates of a panel have in common. The condition that varies fastest from panel to
/// panel stands last. All facets of a figure have the same conditions in the same order, which is that of its
/// panels.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Facet(Vec<Condition>);

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Condition {
    Source(Source),
    Corruption(CorruptionKind),
    Units(u32),
    Reader(Reader),
    Messages(Level),
    Flips(Level),
    /// A protocol: its place in legends and its label.
    Protocol(usize, String),
}

/// A count of messages or flips. Where several N share a panel, one nominal load or noise is another count at each N,
/// and its rank among those of the same N stands for it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Level {
    rank: usize,
    name: String,
    /// The count, where it is one, of messages or of corrupted units.
    count: Option<Corruption>,
}

/// A `By` is what a panel can have to itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum By {
    Source,
    Corruption,
    Units,
    Reader,
    Messages,
    Flips,
    Protocol,
}

impl Facet {
    /// Everything but what varies fastest.
    fn outer(&self) -> &[Condition] {
        self.0.split_last().map_or(&[], |(_, outer)| outer)
    }

    /// Returns whether it differs from another in the fastest condition only.
    pub(super) fn is_beside(&self, other: &Self) -> bool {
        self.outer() == other.outer()
    }

    fn find<T>(&self, of: impl Fn(&Condition) -> Option<T>) -> Option<T> {
        self.0.iter().find_map(of)
    }

    /// Returns how its fastest condition is called.
    pub(crate) fn last(&self) -> Option<String> {
        self.0.last().map(Condition::name)
    }

    /// Returns the source of its messages.
    pub(crate) fn source(&self) -> Option<Source> {
        self.find(|c| if let Condition::Source(source) = c { Some(*source) } else { None })
    }

    /// Returns its N, unless several share the panel.
    pub(crate) fn n(&self) -> Option<u32> {
        self.find(|c| if let Condition::Units(n) = c { Some(*n) } else { None })
    }

    /// Returns how it is read.
    pub(crate) fn dynamics(&self) -> Option<Reader> {
        self.find(|c| if let Condition::Reader(dynamics) = c { Some(*dynamics) } else { None })
    }

    /// Returns its M, if it has one.
    pub(crate) fn m(&self) -> Option<u32> {
        self.find(|c| if let Condition::Messages(level) = c { level.count } else { None })
            .map(|count| count.units)
    }

    /// Returns whether it shows one protocol.
    pub(crate) fn has_protocol(&self) -> bool {
        self.0.iter().any(|c| matches!(c, Condition::Protocol(..)))
    }

    /// Returns how its queries are corrupted, where that sets it apart.
    pub(crate) fn corruption(&self) -> Option<CorruptionKind> {
        let own = self.find(|c| if let Condition::Corruption(kind) = c { Some(*kind) } else { None });
        own.or(self.flips().map(|corruption| corruption.kind))
    }

    /// Returns the corruption of its queries, mostly a number of flipped bits, if there is one.
    pub(crate) fn flips(&self) -> Option<Corruption> {
        self.find(|c| if let Condition::Flips(level) = c { level.count } else { None })
    }
}

impl Condition {
    /// How a title calls it.
    fn name(&self) -> String {
        match self {
            Self::Source(source) => labels::messages(*source),
            Self::Corruption(kind) => labels::corruption(*kind).to_owned(),
            Self::Units(n) => format!("N = {n}"),
            Self::Reader(dynamics) => labels::reads([*dynamics]),
            Self::Messages(level) | Self::Flips(level) => level.name.clone(),
            Self::Protocol(_, name) => in_short(name),
        }
    }
}

/// The labels of protocols that are one here, of many only the first.
fn in_short(joined: &str) -> String {
    let labels: Vec<&str> = joined.split(JOINT).collect();
    match labels[..] {
        [first, _, _, ..] => format!("{first} and {} more", labels.len() - 1),
        _ => joined.to_owned(),
    }
}

/// Groups estimates by panel. There is one panel for every combination of `by` that occurs, of which the last
/// varies fastest.
pub(crate) fn grouped(found: &[Estimate], by: &[By], looks: &Looks) -> BTreeMap<Facet, Vec<Estimate>> {
    let (one_size, by_flips) = (by.contains(&By::Units), by.contains(&By::Flips));
    // Messages are counted as corrupted units are, which have a kind beside.
    let messages =
        levels(found, one_size, |e| Some(Corruption::flips(e.m)), |m, n| labels::load(m.units, n), "load");
    // Where kinds of corruption run along an axis, a level is one for all of them.
    let by_kind = by.contains(&By::Corruption);
    let level = |e: &Estimate| e.flips.map(|d| if by_kind { d } else { Corruption::flips(d.units) });
    let flips = levels(found, one_size, level, labels::noise, "noise");
    let kinds: BTreeSet<CorruptionKind> = found.iter().filter_map(|e| e.flips).map(|d| d.kind).collect();
    let condition = |by: &By, e: &Estimate| match by {
        By::Source => Some(Condition::Source(e.source)),
        By::Units => Some(Condition::Units(e.n)),
        By::Reader => e.dynamics.map(Condition::Reader),
        // Levels of noise tell the kinds apart by themselves.
        By::Corruption if kinds.len() < 2 || by_flips => None,
        By::Corruption => e.flips.map(|d| Condition::Corruption(d.kind)),
        By::Messages => messages.get(&(e.n, Corruption::flips(e.m))).cloned().map(Condition::Messages),
        By::Flips => level(e).and_then(|d| flips.get(&(e.n, d))).cloned().map(Condition::Flips),
        By::Protocol => {
            Some(Condition::Protocol(looks.rank(&e.protocol), looks.name(&e.protocol).to_owned()))
        }
    };
    let mut groups: BTreeMap<Facet, Vec<Estimate>> = BTreeMap::new();
    for e in found {
        let facet = Facet(by.iter().filter_map(|by| condition(by, e)).collect());
        groups.entry(facet).or_default().push(e.clone());
    }
    groups
}

/// The level of every (N, count).
fn levels(
    found: &[Estimate],
    one_size: bool,
    count: impl Fn(&Estimate) -> Option<Corruption>,
    exact: fn(Corruption, u32) -> String,
    quantity: &str,
) -> BTreeMap<(u32, Corruption), Level> {
    let mut by_n: BTreeMap<u32, BTreeSet<Corruption>> = BTreeMap::new();
    for (n, count) in found.iter().filter_map(|e| Some((e.n, count(e)?))) {
        by_n.entry(n).or_default().insert(count);
    }
    let several = by_n.len() > 1 && !one_size;
    let mut of_rank: BTreeMap<usize, Vec<(u32, Corruption)>> = BTreeMap::new();
    for (&n, counts) in &by_n {
        for (rank, &count) in counts.iter().enumerate() {
            of_rank.entry(rank).or_default().push((n, count));
        }
    }
    let level = |(rank, places): (usize, Vec<(u32, Corruption)>)| -> Vec<((u32, Corruption), Level)> {
        let shared = if several { span(&places, quantity) } else { None };
        let of = |&(n, count): &(u32, Corruption)| {
            let level = match &shared {
                Some(name) => Level { rank, name: name.clone(), count: None },
                None if several => Level { rank, name: symbol(quantity, count), count: Some(count) },
                None => Level { rank: count.units as usize, name: exact(count, n), count: Some(count) },
            };
            ((n, count), level)
        };
        places.iter().map(of).collect()
    };
    of_rank.into_iter().flat_map(level).collect()
}

/// What counts of one rank have in common besides it: a share of N, or its range; none where the counts are the same.
fn span(places: &[(u32, Corruption)], quantity: &str) -> Option<String> {
    if places.len() > 1 && places.iter().all(|place| place.1 == places[0].1) {
        return None;
    }
    let shares = places.iter().map(|&(n, count)| f64::from(count) / f64::from(n));
    let (low, high) = shares.fold((f64::INFINITY, 0.0_f64), |(low, high), x| (low.min(x), high.max(x)));
    Some(match (labels::short(low), labels::short(high)) {
        (low, high) if low == high => format!("{quantity} {low}"),
        (low, high) => format!("{quantity} {low} to {high}"),
    })
}

/// A count that is the same at every N.
fn symbol(quantity: &str, count: Corruption) -> String {
    match (quantity, count) {
        ("load", m) => format!("M = {m}"),
        (_, Corruption { units: 0, .. }) => labels::noise(count, 1),
        (_, d) => format!("d = {d}"),
    }
}

/// Returns what of the fastest condition sets `facet` apart from the others of its figure.
pub(crate) fn title(facet: &Facet, all: &[Facet]) -> Option<String> {
    let last = facet.0.last()?;
    // A protocol is named even where it is the only one.
    let named = matches!(last, Condition::Protocol(..));
    (named || all.iter().any(|other| other.0.last() != Some(last))).then(|| last.name())
}

/// Returns what of the other conditions sets `facet` apart.
pub(crate) fn heading(facet: &Facet, all: &[Facet]) -> Option<String> {
    let outer = facet.outer().iter().enumerate();
    let varies = |place: usize| all.iter().any(|other| other.0.get(place) != facet.0.get(place));
    let parts: Vec<String> = outer.filter(|(place, _)| varies(*place)).map(|(_, c)| c.name()).collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// Returns what is left for panels where some coordinates run along axes or tell curves apart.
pub(crate) fn remaining(taken: &[&Coordinate]) -> Vec<By> {
    let all = [
        (By::Source, Some(Coordinate::Source)),
        (By::Corruption, Some(Coordinate::Corruption)),
        (By::Units, Some(Coordinate::Units)),
        (By::Reader, Some(Coordinate::Reader)),
        (By::Messages, Some(Coordinate::Load)),
        (By::Flips, Some(Coordinate::Noise)),
        (By::Protocol, Some(Coordinate::Protocol)),
    ];
    let is_free = |along: &Option<Coordinate>| along.as_ref().is_none_or(|along| !taken.contains(&along));
    all.into_iter().filter(|(_, along)| is_free(along)).map(|(by, _)| by).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::{self, facets};

    #[test]
    fn many_labels_are_named_by_their_first() {
        assert_eq!(in_short("TRN / TRN, zero diagonal"), "TRN / TRN, zero diagonal");
        assert_eq!(in_short("TRN / K = 5 / K = 80"), "TRN and 2 more");
    }

    #[test]
    fn a_title_says_only_what_varies() {
        let all: Vec<Facet> = facets(&[Source::Random, Source::Glyphs], 2).into_keys().collect();
        assert_eq!(title(&all[1], &all).as_deref(), Some("noise 0.016 (d = 1)"));
        assert_eq!(heading(&all[1], &all).as_deref(), Some("random messages"));
        assert_eq!(heading(&all[1], &all[..2]), None);
        assert_eq!(title(&all[1], &all[1..2]), None);
    }

    #[test]
    fn several_sizes_share_a_panel_by_nominal_load() {
        let at = |n: u32, m: u32| Estimate { n, m, load: f64::from(m) / f64::from(n), ..sample::estimate() };
        let names = |found: &[Estimate]| -> Vec<String> {
            let groups = grouped(found, &[By::Source, By::Messages], &Looks::of(found));
            groups.keys().map(|facet| facet.0[1].name()).collect()
        };
        assert_eq!(
            names(&[at(32, 8), at(64, 16), at(32, 10), at(64, 19)]),
            ["load 0.25", "load 0.297 to 0.312"]
        );
        assert_eq!(names(&[at(32, 8), at(64, 8)]), ["M = 8"]);
        assert_eq!(names(&[at(64, 8), at(64, 16)]), ["load 0.125 (M = 8)", "load 0.25 (M = 16)"]);
    }
}
