//! Colours as readers with a colour deficiency see them, and how far apart they are: for tests.
//!
//! Sources: G. M. Machado, M. M. Oliveira, L. A. F. Fernandes, A Physiologically-based Model for Simulation of Color
//! Vision Deficiency, IEEE TVCG 15 (2009), the matrices of severity 1; CIE 15, L*a*b* under D65.

use super::colour::Colour;

/// A matrix over linear light.
type Matrix = [[f64; 3]; 3];

/// Holds full colour vision, and the lack of each kind of cone, by their names.
pub(crate) const VISIONS: [(&str, Matrix); 4] = [
    ("full", [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]),
    (
        "protanopia",
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    ),
    (
        "deuteranopia",
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    ),
    (
        "tritanopia",
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
    ),
];

/// Returns how far apart two colours are to eyes of this kind: the Euclidean distance in L*a*b*, of which about 2 can
/// just be told apart side by side.
pub(crate) fn distance(a: Colour, b: Colour, eyes: &Matrix) -> f64 {
    let (a, b) = (lab(a, eyes), lab(b, eyes));
    a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum::<f64>().sqrt()
}

fn lab(Colour(r, g, b): Colour, eyes: &Matrix) -> [f64; 3] {
    let linear = |c: u8| match f64::from(c) / 255.0 {
        c if c <= 0.04045 => c / 12.92,
        c => ((c + 0.055) / 1.055).powf(2.4),
    };
    let light = [r, g, b].map(linear);
    let through = |m: &Matrix, v: [f64; 3]| m.map(|row| row.iter().zip(v).map(|(a, b)| a * b).sum::<f64>());
    let seen = through(eyes, light).map(|c| c.clamp(0.0, 1.0));
    const XYZ: Matrix = [
        [0.4124564, 0.3575761, 0.1804375],
        [0.2126729, 0.7151522, 0.0721750],
        [0.0193339, 0.1191920, 0.9503041],
    ];
    let [x, y, z] = through(&XYZ, seen);
    let f = |t: f64| if t > 216.0 / 24389.0 { t.cbrt() } else { (24389.0 / 27.0 * t + 16.0) / 116.0 };
    let (x, y, z) = (f(x / 0.95047), f(y), f(z / 1.08883));
    [116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_are_the_known_ones() {
        let (white, black, red) = (Colour(255, 255, 255), Colour(0, 0, 0), Colour(255, 0, 0));
        let full = &VISIONS[0].1;
        // L* of white is 100; sRGB red is L* 53.24, a* 80.09, b* 67.20.
        assert!((distance(white, black, full) - 100.0).abs() < 0.01);
        let expected = (53.24_f64.powi(2) + 80.09_f64.powi(2) + 67.20_f64.powi(2)).sqrt();
        assert!((distance(red, black, full) - expected).abs() < 0.05);
        // Who lacks a kind of cone sees red and green of one lightness alike.
        let (red, green) = (Colour(200, 60, 40), Colour(108, 108, 30));
        assert!(distance(red, green, &VISIONS[2].1) < 0.5 * distance(red, green, full));
    }
}
