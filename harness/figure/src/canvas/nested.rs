//! Drawn figures can stand within another, each at its own place.

use super::geometry::Place;
use super::units::units;

/// Returns the size in millimetres of a drawing that a canvas has made.
pub(crate) fn size(svg: &str) -> Option<(f64, f64)> {
    let number = |name: &str| svg.split_once(name)?.1.split_once("mm\"")?.0.parse::<f64>().ok();
    Some((number("<svg width=\"")?, number(" height=\"")?))
}

/// Puts drawings into another, each with its upper left corner at a place, on top of what is drawn there.
pub(crate) fn nested(outer: &str, inner: &[(&str, Place)]) -> String {
    let placed = |(svg, (x, y)): &(&str, Place)| {
        let (width, height) = size(svg).unwrap_or_default();
        let (w, h) = (units(width), units(height));
        let body = svg.split_once(">\n").map_or("", |(_, body)| body);
        format!(
            "<svg x=\"{}\" y=\"{}\" width=\"{w}\" height=\"{h}\" viewBox=\"0 0 {w} {h}\">\n{body}\n",
            units(*x),
            units(*y)
        )
    };
    let inner: String = inner.iter().map(placed).collect();
    match outer.rfind("</svg>") {
        Some(end) => format!("{}{inner}{}", &outer[..end], &outer[end..]),
        None => outer.to_owned(),
    }
}
