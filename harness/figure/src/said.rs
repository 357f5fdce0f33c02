//! What pictures that show no estimates say, in a sentence made from what they show.

use analysis::claim::KStar;
use analysis::margins::Sample;
use analysis::trajectory::Trajectory;
use indexmap::IndexMap;
use protocols::reading::End;

/// How many of the queries of a picture of basins each protocol leads to their message.
pub(super) fn of_reads(trajectories: &[Trajectory]) -> String {
    let mut counts: IndexMap<&str, (usize, usize)> = IndexMap::new();
    for read in trajectories {
        let (settled, all) = counts.entry(&read.protocol).or_default();
        *settled += usize::from(read.end == End::Fixed && read.last == read.stored);
        *all += 1;
    }
    let parts: Vec<String> =
        counts.iter().map(|(label, (settled, all))| format!("{label} {settled} of {all}")).collect();
    if parts.is_empty() {
        String::new()
    } else {
        format!("Queries that settle at their message: {}.", parts.join("; "))
    }
}

/// The smallest margin of each protocol, and the share of bits whose margin is negative.
pub(super) fn of_margins(samples: &[Sample]) -> String {
    let part = |sample: &Sample| {
        let least = sample.margins.iter().copied().min_by(f64::total_cmp)?;
        let wrong = sample.margins.iter().filter(|&&margin| margin < 0.0).count();
        let share = 100.0 * wrong as f64 / sample.margins.len() as f64;
        let wrong = if wrong == 0 { String::new() } else { format!(", {share:.1} % of the bits wrong") };
        Some(format!("{} {least:.2}{wrong}", sample.protocol))
    };
    let parts: Vec<String> = samples.iter().filter_map(part).collect();
    if parts.is_empty() { String::new() } else { format!("Smallest margin: {}.", parts.join("; ")) }
}

/// The queries that training needs at the smallest and the largest N, and how they grow.
pub(super) fn of_queries(k_stars: &[KStar]) -> String {
    let part = |found: &KStar| {
        let (first, last) = (found.sizes.first()?, found.sizes.last()?);
        let (least, most, exponent) = (first.subject?, last.subject?, found.fit?.power);
        let (slope, ends) = (exponent.slope, exponent.slope_interval);
        Some(format!(
            "{} needs {least:.0} queries a message at N = {} and {most:.0} at N = {}, which grow as N to the power {slope:.2} \
             ({:.2} to {:.2}).",
            found.test.subject, first.at.n, last.at.n, ends.low, ends.high
        ))
    };
    k_stars.iter().filter_map(part).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocols::Source;

    #[test]
    fn margins_are_told_by_the_smallest_and_by_those_below_zero() {
        let sample = |protocol: &str, margins: &[f64]| Sample {
            protocol: protocol.to_owned(),
            parameters: "{}".to_owned(),
            source: Source::Random,
            n: 64,
            m: 16,
            sets: 1,
            margins: margins.to_vec(),
        };
        let found = of_margins(&[sample("A", &[0.5, 0.25]), sample("B", &[-0.1, 1.0])]);
        assert_eq!(found, "Smallest margin: A 0.25; B -0.10, 50.0 % of the bits wrong.");
        assert_eq!(of_margins(&[]), "");
    }
}
