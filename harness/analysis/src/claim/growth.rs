//! This module asks whether a number grows with N exponentially or as a power law. This is what the
//! tests `write-time`, `queries-needed` and `exhaustive-queries` have in common.
//!
//! Each N gives a number by its trials. Both laws are fitted through the numbers ([`stats::fit_growth`]), and again
//! through those of resampled trials, N by N. Required: the evidence for the exponential exceeds what the definition
//! asks, at the numbers themselves and, at 95 %, over the resamples, and the exponential grows. Map: how far the
//! exponent of the power law is from what the definition calls slow, which decides nothing, as an exponential of a
//! small rate is as slow; the numbers; and both laws with their slopes.

use super::row::{Bearing, EvidenceRow, Role};
use super::trial::Lacking;
use stats::{self, GrowthFit, Interval};
use study::claim::{At, Growth};

/// A `GrowthPoint` holds what is known of one N.
pub(super) struct GrowthPoint {
    pub(super) at: At,
    /// Its number; none where trials lack, or give none.
    pub(super) value: Option<f64>,
    /// The same from resampled trials: as many for every N, one where nothing is resampled.
    pub(super) resampled: Vec<f64>,
    /// Message sets behind it.
    pub(super) trials: usize,
    /// What the number cannot say.
    pub(super) note: Option<String>,
    pub(super) lacking: Lacking,
}

/// Returns the rows of `points`, from small N to large.
pub(super) fn rows(
    quantity: &str,
    points: &[GrowthPoint],
    rule: &Growth,
    confidence: f64,
) -> Vec<EvidenceRow> {
    let Some(at) = over(points) else { return Vec::new() };
    let mut lacking = Lacking::default();
    for point in points {
        lacking.failed += point.lacking.failed;
        lacking.missing += point.lacking.missing;
    }
    let trials = points.iter().map(|point| point.trials).sum();
    let deciding = |role, name: &str, against: String| EvidenceRow {
        against: Some(against),
        trials,
        lacking,
        ..EvidenceRow::empty(role, name, at)
    };
    let bound = format!("odds of e^{} against a power law", rule.evidence);
    let mut required = deciding(Role::Required, "ln likelihood ratio", bound);
    // Slow growth is no proof of a power law: over these N an exponential of a small rate is as slow.
    let mut pace_of = deciding(Role::Map, "pace", format!("at least {}", rule.exponent));
    required.note = points.iter().find_map(|point| point.note.clone());
    let mut rows = Vec::new();
    if let Some(fit) = fit(points) {
        let fits = refitted(points);
        weigh(&mut required, &fit, rule.evidence, &fits);
        pace(&mut pace_of, &fit, rule.exponent, &fits);
        let tail = (1.0 - confidence) / 2.0;
        required = required.with_quantiles(fits.iter().map(|fit| fit.evidence), tail);
        pace_of = pace_of.with_quantiles(fits.iter().map(|fit| fit.power.slope), tail);
        let words = in_words(quantity, &fit, &fits);
        pace_of.note = Some(words.clone());
        required.note.get_or_insert(words);
        rows.extend([law("exponent", &fit.power, at), law("rate", &fit.exponential, at)]);
    }
    pace_of.p = None;
    rows.splice(0..0, [required, pace_of]);
    rows.extend(points.iter().map(|point| shown(quantity, point, confidence)));
    rows
}

/// Fits both laws through the points. There is no fit where a number is not known.
pub(super) fn fit(points: &[GrowthPoint]) -> Option<GrowthFit> {
    fitted(numbers(points))
}

/// The numbers at N; none where one is not known.
fn numbers(points: &[GrowthPoint]) -> Option<Vec<(f64, f64)>> {
    points.iter().map(|point| Some((f64::from(point.at.n), point.value?))).collect()
}

/// Both laws through numbers at N.
fn fitted(numbers: Option<Vec<(f64, f64)>>) -> Option<GrowthFit> {
    let (n, values): (Vec<f64>, Vec<f64>) = numbers?.into_iter().unzip();
    stats::fit_growth(&n, &values, 0.95)
}

/// Both laws through every resample.
fn refitted(points: &[GrowthPoint]) -> Vec<GrowthFit> {
    let resamples = points.iter().map(|point| point.resampled.len()).min().unwrap_or(0);
    let numbers = |r: usize| points.iter().map(|point| (f64::from(point.at.n), point.resampled[r])).collect();
    (0..resamples).filter_map(|r| fitted(Some(numbers(r)))).collect()
}

/// Sets `row` to the excess of the evidence over what it has to exceed, on the side on which it lies.
fn weigh(row: &mut EvidenceRow, fit: &GrowthFit, bound: f64, fits: &[GrowthFit]) {
    let side = if fit.evidence < 0.0 { -1.0 } else { 1.0 };
    let short = fits.iter().filter(|other| side * other.evidence <= bound).count();
    (row.subject, row.rival) = (Some(fit.evidence), Some(side * bound));
    row.effect = Some(fit.evidence - side * bound);
    // An exponential that falls, however well it fits, is no growth.
    let grows = side < 0.0 || fit.exponential.slope_interval.low > 0.0;
    decide(row, side * fit.evidence > bound && grows, side > 0.0, (short, fits.len()));
}

/// Sets `row` to the excess of the power law's exponent over the least that is no slow growth.
fn pace(row: &mut EvidenceRow, fit: &GrowthFit, bound: f64, fits: &[GrowthFit]) {
    let exponent = fit.power.slope;
    let fast = fits.iter().filter(|other| other.power.slope >= bound).count();
    (row.subject, row.rival) = (Some(exponent), Some(bound));
    row.effect = Some(exponent - bound);
    decide(row, exponent < bound, false, (fast, fits.len()));
}

/// Sets what a row says: nothing, unless its number is `beyond` what it has to exceed; then that the claim is
/// true or not (`speaks_for`), with a p-value by the share of resamples that are not. Without resamples
/// nothing is left to chance.
fn decide(row: &mut EvidenceRow, beyond: bool, speaks_for: bool, (not, resamples): (usize, usize)) {
    if resamples < 2 {
        row.p = None;
        row.outcome = match (beyond, speaks_for) {
            (false, _) => Bearing::Open,
            (true, true) => Bearing::For,
            (true, false) => Bearing::Against,
        };
    } else if beyond {
        row.p = Some((2.0 * (not as f64 + 1.0) / (resamples as f64 + 1.0)).min(1.0));
    }
}

/// Returns the row of the power law's exponent alone, for which no trial is resampled. There is none where a number is
/// not known.
pub(super) fn exponent(points: &[GrowthPoint]) -> Option<EvidenceRow> {
    Some(law("exponent", &fit(points)?.power, over(points)?))
}

/// Returns the row of the exponent of what grows, beside a fixed cost. There is none where a number is not known, or no
/// cost is fixed.
pub(super) fn exponent_beyond_fixed_cost(points: &[GrowthPoint]) -> Option<EvidenceRow> {
    let (n, values): (Vec<f64>, Vec<f64>) = numbers(points)?.into_iter().unzip();
    let fit = stats::fit_fixed_cost(&n, &values, 0.95)?;
    let row = EvidenceRow {
        subject: Some(fit.exponent),
        note: Some(format!("beside a fixed cost of {:.1e}", fit.cost)),
        ..EvidenceRow::shown(Role::Map, "exponent beyond a fixed cost", over(points)?)
    };
    Some(row.with_interval(fit.exponent_interval))
}

/// Where the rows of all points stand: at the largest N. Nowhere without points.
fn over(points: &[GrowthPoint]) -> Option<At> {
    let (first, last) = (points.first()?, points.last()?);
    Some(At { n: last.at.n, m: None, ..first.at })
}

/// The slope of a law, by Student's interval over the points.
fn law(quantity: &str, line: &stats::Line, at: At) -> EvidenceRow {
    let row = EvidenceRow { subject: Some(line.slope), ..EvidenceRow::shown(Role::Map, quantity, at) };
    row.with_interval(line.slope_interval)
}

/// Returns the row that shows the number of one N.
pub(super) fn shown(quantity: &str, point: &GrowthPoint, confidence: f64) -> EvidenceRow {
    let row = EvidenceRow {
        subject: point.value,
        trials: point.trials,
        note: point.note.clone(),
        lacking: point.lacking,
        ..EvidenceRow::shown(Role::Map, quantity, point.at)
    };
    row.with_quantiles(point.resampled.iter().copied(), (1.0 - confidence) / 2.0)
}

impl EvidenceRow {
    /// The same with the interval between the quantiles of resampled values, less the bound where there is an effect.
    fn with_quantiles(self, values: impl Iterator<Item = f64>, tail: f64) -> Self {
        let less = self.effect.map_or(0.0, |effect| self.subject.unwrap_or(0.0) - effect);
        let values: Vec<f64> = values.map(|value| value - less).collect();
        let ends = stats::quantile(&values, tail).zip(stats::quantile(&values, 1.0 - tail));
        match ends {
            Some((low, high)) if values.len() > 1 => self.with_interval(Interval { low, high }),
            _ => self,
        }
    }
}

/// Both laws in words, which fits better, and how surely.
fn in_words(quantity: &str, fit: &GrowthFit, fits: &[GrowthFit]) -> String {
    let (power, exponential) = (&fit.power, &fit.exponential);
    let (exponent, rate) = (power.slope_interval, exponential.slope_interval);
    let is_exponential = |fit: &GrowthFit| fit.evidence > 0.0;
    let better = if is_exponential(fit) { "exponential" } else { "power law" };
    let same = fits.iter().filter(|other| is_exponential(other) == is_exponential(fit)).count();
    let sure = match fits.len() {
        0 | 1 => String::new(),
        all => format!(", and in {:.0} % of the resamples", 100.0 * same as f64 / all as f64),
    };
    // Where the exponential fits better it may still fall, or stay as it is.
    let excluded = match is_exponential(fit) && rate.low > 0.0 {
        true => String::new(),
        false => format!("; exponential growth with a rate above {:.4} is excluded", rate.high),
    };
    format!(
        "{quantity} grows as N^{:.2} [{:.2} {:.2}] or e^({:.4} N) [{:.4} {:.4}]; the {better} fits better, ln \
         likelihood ratio {:.1}{sure}{excluded}",
        power.slope,
        exponent.low,
        exponent.high,
        exponential.slope,
        rate.low,
        rate.high,
        fit.evidence.abs()
    )
}
