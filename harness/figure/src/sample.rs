//! Tests draw made-up estimates that look like a sweep's: sigmoid curves, intervals, failures.

use crate::data::{By, Facet, grouped};
use crate::style::Looks;
use analysis::summary::{Contrast, CriticalLoad, Estimate, Rank};
use protocols::reading::Reader;
use protocols::{Corruption, Source};
use stats::{Crossing, CrossingInterval, Interval, RatioDifference};
use std::collections::BTreeMap;
use study::measure::Measure;
use study::record::Status;

/// Label, tag, load at which half is recovered without noise, how much noise lowers it.
const PROTOCOLS: [(&str, &str, f64, f64); 4] = [
    ("HOP", "hop", 0.16, 0.7),
    ("PSE", "pse", 0.95, 4.4),
    ("MPF", "mpf", 0.98, 3.1),
    ("TRN", "trn", 1.05, 2.6),
];

const LOADS: [f64; 12] = [0.05, 0.1, 0.125, 0.15, 0.2, 0.25, 0.375, 0.5, 0.625, 0.75, 1.0, 1.25];
const FLIPS: [u32; 4] = [0, 3, 6, 13];

/// Returns one estimate.
pub(super) fn estimate() -> Estimate {
    Estimate {
        protocol: "HOP".to_owned(),
        parameters: r#"{"hop":{"diagonal":"zero"}}"#.to_owned(),
        source: Source::Random,
        n: 64,
        m: 16,
        load: 0.25,
        dynamics: Some(Reader::Sync),
        flips: Some(Corruption::flips(6)),
        measure: Measure::Recovered,
        value: Some(0.5),
        low: Some(0.45),
        high: Some(0.55),
        trials: 20,
        failed: 0,
        status: Status::Ok,
    }
}

/// Returns a sweep at N = 64: two sources, two dynamics, twelve loads, four noise levels. TRN fails at the
/// two highest loads (in some trials at the one below), and glyphs end at M = 64.
pub(super) fn sweep() -> Vec<Estimate> {
    let mut estimates = Vec::new();
    for source in [Source::Random, Source::Glyphs] {
        for (protocol, tag, load50, decline) in PROTOCOLS {
            let load50 = if source == Source::Glyphs { 0.7 * load50 } else { load50 };
            for m in LOADS.map(|load| (load * 64.0_f64).round() as u32) {
                if source == Source::Glyphs && m > 64 {
                    continue;
                }
                let base = Estimate {
                    protocol: protocol.to_owned(),
                    parameters: format!(r#"{{"{tag}":{{}}}}"#),
                    source,
                    m,
                    load: f64::from(m) / 64.0,
                    ..estimate()
                };
                let curve = Curve { load50, decline };
                estimates.push(with_fate(curve.memory(&base)));
                for dynamics in [Reader::Sync, Reader::Async] {
                    let read = |d| with_fate(curve.recall(&base, dynamics, d));
                    estimates.extend(FLIPS.map(read));
                }
            }
        }
    }
    estimates
}

/// Returns contrasts of `subject` with the others in the estimates of recovery. Those above 0.1 are
/// significant.
pub(super) fn contrasts(estimates: &[Estimate], subject: &str) -> Vec<Contrast> {
    let read = |e: &&Estimate| e.measure == Measure::Recovered && e.value.is_some();
    let ours: Vec<&Estimate> = estimates.iter().filter(read).filter(|e| e.protocol == subject).collect();
    let mut found = Vec::new();
    for e in estimates.iter().filter(read).filter(|e| e.protocol != subject) {
        let place = |o: &&&Estimate| {
            (o.source, o.n, o.m, o.dynamics, o.flips) == (e.source, e.n, e.m, e.dynamics, e.flips)
        };
        let (Some(our), Some(dynamics), Some(flips)) = (ours.iter().find(place), e.dynamics, e.flips) else {
            continue;
        };
        let value = our.value.unwrap_or(0.0) - e.value.unwrap_or(0.0);
        let interval = Interval { low: value - 0.05, high: value + 0.05 };
        let p_value = if value.abs() > 0.1 { 0.01 } else { 0.5 };
        let difference = RatioDifference { value, interval, p_value };
        let (subject, rival) = (subject.to_owned(), e.protocol.clone());
        let (source, n, m, measure) = (e.source, e.n, e.m, e.measure);
        found.push(Contrast {
            subject,
            rival,
            source,
            n,
            m,
            dynamics,
            flips,
            measure,
            difference,
            trials: 20,
            family: 1,
        });
    }
    let family = found.len();
    found.iter_mut().for_each(|contrast| contrast.family = family);
    found
}

/// Returns a load at which half is recovered for every curve in the estimates of recovery.
pub(super) fn crossings(estimates: &[Estimate]) -> Vec<CriticalLoad> {
    let mut curves = BTreeMap::new();
    for e in estimates.iter().filter(|e| e.measure == Measure::Recovered) {
        curves.entry((e.protocol.clone(), e.source, e.n, e.dynamics, e.flips)).or_insert(e.noise());
    }
    let of = |((protocol, source, n, dynamics, flips), noise): (_, Option<f64>)| {
        let load = 0.6 - noise.unwrap_or(0.0);
        let crossing = CrossingInterval {
            value: Crossing::At(load),
            low: Crossing::At(load - 0.04),
            high: Crossing::At(load + 0.05),
            cell: None,
        };
        let measure = Measure::Recovered;
        CriticalLoad { protocol, source, n, dynamics, flips, measure, level: 0.5, crossing, trials: 20 }
    };
    curves.into_iter().map(of).collect()
}

/// Returns the ranks of the protocols in the estimates of recovery, each less TRN.
pub(super) fn ranks(estimates: &[Estimate]) -> Vec<Rank> {
    let mut means: BTreeMap<_, Vec<f64>> = BTreeMap::new();
    for e in estimates.iter().filter(|e| e.measure == Measure::Recovered) {
        let place = (e.source, e.n, e.dynamics, e.protocol.clone(), e.parameters.clone());
        means.entry(place).or_default().extend(e.value);
    }
    let of = |((source, n, dynamics, protocol, parameters), values): (_, Vec<f64>)| {
        let (mut values, place): (Vec<f64>, (_, u32, Option<Reader>, String, String)) =
            (values, (source, n, dynamics, protocol, parameters));
        // In an order of their own, so that the sum has the same bits every time.
        values.sort_by(f64::total_cmp);
        let mean = values.iter().sum::<f64>() / values.len().max(1) as f64;
        let (source, n, dynamics, protocol, parameters) = place;
        let value = mean - 0.6;
        let interval = Interval { low: value - 0.05, high: value + 0.05 };
        Rank {
            difference: (protocol != "TRN").then_some(RatioDifference { value, interval, p_value: 0.5 }),
            protocol,
            parameters,
            against: "TRN".to_owned(),
            source,
            n,
            dynamics: dynamics.unwrap_or(Reader::Sync),
            measure: Measure::Recovered,
            mean,
            conditions: 8,
            trials: 20,
        }
    };
    means.into_iter().filter(|(_, values)| !values.is_empty()).map(of).collect()
}

struct Curve {
    load50: f64,
    decline: f64,
}

impl Curve {
    fn memory(&self, base: &Estimate) -> Estimate {
        let share = sigmoid((self.load50 * 1.05 - base.load) / 0.06);
        Estimate { dynamics: None, flips: None, measure: Measure::FixedPoints, ..with_share(base, share) }
    }

    fn recall(&self, base: &Estimate, dynamics: Reader, d: u32) -> Estimate {
        let noise = f64::from(d) / 64.0;
        let slack = if dynamics == Reader::Async { 0.02 } else { 0.0 };
        let share = sigmoid((self.load50 * (1.0 - self.decline * noise) + slack - base.load) / 0.05);
        Estimate { dynamics: Some(dynamics), flips: Some(Corruption::flips(d)), ..with_share(base, share) }
    }
}

fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

fn with_share(base: &Estimate, share: f64) -> Estimate {
    // A wobble that looks like sampling and is the same every time.
    let wobble = (f64::from(base.m) * 12.9898 + share * 78.233).sin();
    let error = (share * (1.0 - share) / 20.0).sqrt();
    let value = (share + 0.4 * error * wobble).clamp(0.0, 1.0);
    let (low, high) = ((value - 1.96 * error).max(0.0), (value + 1.96 * error).min(1.0));
    Estimate { value: Some(value), low: Some(low), high: Some(high), ..base.clone() }
}

fn with_fate(e: Estimate) -> Estimate {
    match (e.protocol.as_str(), e.m) {
        ("TRN", 64..) => Estimate {
            value: None,
            low: None,
            high: None,
            trials: 0,
            failed: 20,
            status: Status::Diverged,
            ..e
        },
        ("TRN", 48) => Estimate { trials: 14, failed: 6, status: Status::Timeout, ..e },
        _ => e,
    }
}

/// Returns write times of the four protocols at `loads`, N = 32 to 512.
pub(super) fn times(loads: &[f64]) -> Vec<Estimate> {
    let laws = [
        ("HOP", "hop", 3e-9, 1.9),
        ("PSE", "pse", 9e-9, 2.6),
        ("MPF", "mpf", 2e-7, 2.9),
        ("TRN", "trn", 3e-5, 2.4),
    ];
    let mut estimates = Vec::new();
    for (protocol, tag, factor, exponent) in laws {
        for n in [32_u32, 64, 128, 256, 512] {
            for &load in loads {
                let m = (load * f64::from(n)).round() as u32;
                let wobble = (f64::from(n) * 1.7 + exponent).sin();
                let seconds = factor * f64::from(n).powf(exponent) * (0.5 + load) * (1.0 + 0.15 * wobble);
                estimates.push(Estimate {
                    protocol: protocol.to_owned(),
                    parameters: format!(r#"{{"{tag}":{{}}}}"#),
                    n,
                    m,
                    load: f64::from(m) / f64::from(n),
                    dynamics: None,
                    flips: None,
                    measure: Measure::WriteSeconds,
                    value: Some(seconds),
                    low: Some(seconds * 0.85),
                    high: Some(seconds * 1.2),
                    ..estimate()
                });
            }
        }
    }
    estimates
}

/// Returns panels of estimates of these sources, each at so many numbers of flips.
pub(crate) fn facets(sources: &[Source], flips: u32) -> BTreeMap<Facet, Vec<Estimate>> {
    let one = estimate();
    let of = |source| (0..flips).map(move |d| (source, d));
    let place = |(source, d)| Estimate { source, flips: Some(Corruption::flips(d)), ..one.clone() };
    let found: Vec<Estimate> = sources.iter().flat_map(|&source| of(source)).map(place).collect();
    grouped(&found, &[By::Source, By::Units, By::Reader, By::Flips], &Looks::of(&found))
}
