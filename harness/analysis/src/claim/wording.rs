//! This module puts rows of evidence in words, as tables and pages print them.

use super::{Bearing, EvidenceRow};

/// Returns what the decisive row compares with, and where.
pub fn against(row: &EvidenceRow) -> String {
    let at = &row.at;
    let parts = [
        row.against.clone(),
        Some(format!("N {}", at.n)),
        at.load().map(|load| format!("load {load:.2}")),
        at.noise().map(|noise| format!("d/N {noise:.2}")),
        at.dynamics.map(|dynamics| dynamics.name().to_owned()),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// Formats a number with its sign. The text is empty where there is none.
pub fn signed(x: Option<f64>) -> String {
    x.map_or(String::new(), |x| format!("{x:+.3}"))
}

/// Formats a number. The text is empty where there is none.
pub fn number(x: Option<f64>) -> String {
    x.map_or(String::new(), |x| format!("{x:.3}"))
}

/// Formats the interval of an effect, with signs, or of a number that nothing is tested of. An open end is
/// said to be.
pub fn interval(row: &EvidenceRow) -> String {
    let none = if row.p.is_some() { row.effect.is_none() } else { row.low.or(row.high).is_none() };
    if none {
        return String::new();
    }
    let end = |x: Option<f64>| match x {
        None => "open".to_owned(),
        Some(x) if row.effect.is_some() => format!("{x:+.3}"),
        Some(x) => format!("{x:.3}"),
    };
    format!("[{} {}]", end(row.low), end(row.high))
}

/// Formats a p-value. The text is empty where nothing is tested.
pub fn p_value(p: Option<f64>) -> String {
    match p {
        None => String::new(),
        Some(p) if p < 0.001 => "<.001".to_owned(),
        Some(p) => format!("{p:.3}"),
    }
}

/// Returns what the row says of the claim. The text is empty where that is open.
pub fn says(row: &EvidenceRow) -> &'static str {
    match row.outcome {
        Bearing::For => "for",
        Bearing::Against => "AGAINST",
        Bearing::Open => "",
        Bearing::Lacking => "lacking",
    }
}
