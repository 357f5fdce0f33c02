//! This module says what protocols look like. Others who draw them, such as a page in a browser, learn it
//! here.

use super::look::{Dash, Marker};
use super::looks::Looks;
use analysis::summary::Estimate;
use indexmap::{IndexMap, IndexSet};
use serde::Serialize;

/// An `Appearance` says what the curves of a protocol look like. They have a colour, a dash and a marker, in
/// the terms of SVG and CSS.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Appearance {
    /// What figures call it.
    pub name: String,
    /// As `#rrggbb`.
    pub colour: String,
    /// Lengths of dashes and gaps as SVG has them, in tenths of a millimetre; empty for a solid line.
    pub dash: String,
    /// The shape of its points.
    pub marker: &'static str,
}

/// Returns for every protocol in `estimates` the look that it has in figures of them.
///
/// By label, in the order of legends.
pub fn appearances(estimates: &[Estimate]) -> IndexMap<String, Appearance> {
    let looks = Looks::of(estimates);
    let mut labels: Vec<&str> =
        estimates.iter().map(|e| e.protocol.as_str()).collect::<IndexSet<_>>().into_iter().collect();
    labels.sort_by_key(|label| looks.rank(label));
    let one = |label: &str| {
        let look = looks.get(label);
        let (r, g, b) = (look.colour.0, look.colour.1, look.colour.2);
        let dash = Dash::lengths(look.dash).map(|(dash, gap)| format!("{} {}", tenths(dash), tenths(gap)));
        Appearance {
            name: looks.name(label).to_owned(),
            colour: format!("#{r:02x}{g:02x}{b:02x}"),
            dash: dash.unwrap_or_default(),
            marker: shape(look.marker),
        }
    };
    labels.into_iter().map(|label| (label.to_owned(), one(label))).collect()
}

fn shape(marker: Marker) -> &'static str {
    match marker {
        Marker::Circle => "circle",
        Marker::Square => "square",
        Marker::Triangle => "triangle",
        Marker::Diamond => "diamond",
        Marker::Pentagon => "pentagon",
        Marker::DownTriangle => "down-triangle",
        Marker::Star => "star",
        Marker::Hexagon => "hexagon",
        Marker::LeftTriangle => "left-triangle",
        Marker::RightTriangle => "right-triangle",
        Marker::Plus => "plus",
        Marker::Saltire => "saltire",
        Marker::FourStar => "four-star",
        Marker::SixStar => "six-star",
        Marker::Hourglass => "hourglass",
        Marker::BowTie => "bow-tie",
        Marker::Bar => "bar",
        Marker::Pillar => "pillar",
        Marker::Octagon => "octagon",
    }
}

fn tenths(millimetres: f64) -> f64 {
    (10.0 * millimetres).round()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn a_family_has_the_colour_of_its_figures() {
        let one = |label: &str, parameters: &str| Estimate {
            protocol: label.to_owned(),
            parameters: parameters.to_owned(),
            ..sample::estimate()
        };
        let estimates = [one("TRN", r#"{"trn":{}}"#), one("HOP", r#"{"hop":{}}"#)];
        let found = appearances(&estimates);
        let brief: Vec<(&str, &str)> = found.iter().map(|(l, a)| (l.as_str(), a.colour.as_str())).collect();
        assert_eq!(brief, [("HOP", "#0072b2"), ("TRN", "#d55e00")]);
    }
}
