//! This module writes times and sizes in words that a reader takes in at a glance.

/// Writes a time with two digits and a unit.
pub(crate) fn duration(seconds: f64) -> String {
    match seconds {
        0.0 => "0 s".to_owned(),
        s if s < 1e-3 => format!("{} us", two_digits(s * 1e6)),
        s if s < 1.0 => format!("{} ms", two_digits(s * 1e3)),
        s if s < 120.0 => format!("{} s", two_digits(s)),
        s if s < 7200.0 => format!("{} min", two_digits(s / 60.0)),
        s => format!("{} h", two_digits(s / 3600.0)),
    }
}

/// Writes a number of bytes, with two digits and a unit.
pub(crate) fn bytes(bytes: f64) -> String {
    match bytes {
        b if b < 1e6 => format!("{} kB", two_digits(b / 1e3)),
        b if b < 1e9 => format!("{} MB", two_digits(b / 1e6)),
        b => format!("{} GB", two_digits(b / 1e9)),
    }
}

fn two_digits(x: f64) -> String {
    if x < 10.0 { format!("{x:.1}") } else { format!("{x:.0}") }
}
