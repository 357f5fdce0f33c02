//! This module has the two precisions of training and their vectorised transcendental functions.
//!
//! Protocols train in f32; f64 is the oracle that their gradients are tested in. The functions named by their
//! type are written for the auto-vectoriser, and `pulp` compiles them once per instruction set and picks the
//! best at run time; libm's take 10 to 30 ns an element, which would cost more than the matrix products
//! between them.

use faer::traits::{ComplexField, RealField};
use pulp::Arch;
use std::ops::{Add, AddAssign, Div, Mul, Neg, Sub, SubAssign};

/// A `Real` is a precision: f32 or f64.
pub(crate) trait Real:
    RealField
    + ComplexField
    + Copy
    + PartialOrd
    + Default
    + From<i8>
    + From<f32>
    + Into<f64>
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
    + AddAssign
    + SubAssign
    + std::iter::Sum
    + Send
    + Sync
{
    /// Rounds from f64.
    fn round_from(value: f64) -> Self;

    /// Returns the square root.
    fn root(self) -> Self;

    /// Sets x <- tanh(gain x) for every element.
    fn map_tanh(gain: Self, x: &mut [Self]);

    /// Returns the exponential.
    fn exponential(self) -> Self;

    /// Returns ln(1 + exp x) and its derivative 1/(1 + exp -x).
    fn softplus(self) -> (Self, Self);
}

impl Real for f64 {
    #[inline(always)]
    fn round_from(value: f64) -> Self {
        value
    }

    #[inline(always)]
    fn root(self) -> Self {
        self.sqrt()
    }

    fn map_tanh(gain: Self, x: &mut [Self]) {
        x.iter_mut().for_each(|x| *x = (gain * *x).tanh());
    }

    fn exponential(self) -> Self {
        self.exp()
    }

    fn softplus(self) -> (Self, Self) {
        let e = (-self.abs()).exp();
        (self.max(0.0) + e.ln_1p(), if self < 0.0 { e } else { 1.0 } / (1.0 + e))
    }
}

impl Real for f32 {
    #[inline(always)]
    fn round_from(value: f64) -> Self {
        value as f32
    }

    #[inline(always)]
    fn root(self) -> Self {
        self.sqrt()
    }

    fn map_tanh(gain: Self, x: &mut [Self]) {
        vectorised(
            #[inline(always)]
            move || {
                for x in x.iter_mut() {
                    *x = tanh_f32(gain * *x);
                }
            },
        );
    }

    #[inline(always)]
    fn exponential(self) -> Self {
        exp2_f32(self * std::f32::consts::LOG2_E)
    }

    #[inline(always)]
    fn softplus(self) -> (Self, Self) {
        let e = exp2_f32(-std::f32::consts::LOG2_E * self.abs());
        let reciprocal = reciprocal_f32(1.0 + e);
        (self.max(0.0) + ln_1p_f32(e), if self < 0.0 { e * reciprocal } else { reciprocal })
    }
}

/// Runs an element-wise loop compiled for the best instruction set of this machine.
#[inline(always)]
pub(crate) fn vectorised<O>(body: impl FnOnce() -> O) -> O {
    Arch::new().dispatch(body)
}

/// A sum that is vectorised has so many partial sums. They also keep its rounding error small.
pub(crate) const LANES: usize = 32;

/// Adds partial sums by halves in f64. One after the other, every addition would wait for the last.
#[inline(always)]
pub(crate) fn total<R: Real>(lanes: [R; LANES]) -> f64 {
    let mut sums = [0.0; LANES];
    for (sum, lane) in sums.iter_mut().zip(lanes) {
        *sum = lane.into();
    }
    let mut half = LANES / 2;
    while half > 0 {
        for lane in 0..half {
            sums[lane] += sums[lane + half];
        }
        half /= 2;
    }
    sums[0]
}

/// 2^y by 2^k 2^f with k the nearest whole number and the Taylor series of 2^f to f^6 (relative error below 2e-7 on
/// |f| <= 1/2). Clamped to the range of normal numbers, so that the result is always finite and positive.
#[inline(always)]
fn exp2_f32(y: f32) -> f32 {
    // Adding 3 2^22 leaves round(y) in the low bits of the sum, without a conversion.
    const ROUND: f32 = 12_582_912.0;
    const LN2: f32 = std::f32::consts::LN_2;
    const C2: f32 = LN2 * LN2 / 2.0;
    const C3: f32 = C2 * LN2 / 3.0;
    const C4: f32 = C3 * LN2 / 4.0;
    const C5: f32 = C4 * LN2 / 5.0;
    const C6: f32 = C5 * LN2 / 6.0;
    let y = y.clamp(-126.0, 127.0);
    let shifted = y + ROUND;
    let f = y - (shifted - ROUND);
    let p = C6.mul_add(f, C5).mul_add(f, C4).mul_add(f, C3).mul_add(f, C2).mul_add(f, LN2).mul_add(f, 1.0);
    f32::from_bits(p.to_bits().wrapping_add(shifted.to_bits() << 23))
}

/// The absolute error of [`tanh_f32`] is below this.
pub(crate) const TANH_ERROR: f32 = 5e-7;

/// Computes tanh x = x P(x^2)/Q(x^2) with polynomials of degrees 3 and 4. It is the quotient of smallest
/// largest error on [-8, 8] (1.3e-7; fitted by Lawson's iteration), beyond which tanh is 1 but for 2.3e-7.
/// Absolute error below [`TANH_ERROR`], odd, and never beyond ±1.
#[inline(always)]
pub(crate) fn tanh_f32(x: f32) -> f32 {
    const END: f32 = 8.0;
    const P: [f32; 4] = [0.999_999_36, 0.129_136_39, 2.938_825_8e-3, 1.131_020_5e-5];
    const Q: [f32; 5] = [1.0, 0.462_467_38, 2.376_381_9e-2, 2.370_282_1e-4, 2.423_835_8e-7];
    let x = x.clamp(-END, END);
    let z = x * x;
    let p = P[3].mul_add(z, P[2]).mul_add(z, P[1]).mul_add(z, P[0]);
    let q = Q[4].mul_add(z, Q[3]).mul_add(z, Q[2]).mul_add(z, Q[1]).mul_add(z, Q[0]);
    x * p / q
}

/// 1/d for d in [1, 2], relative error about 1e-7: a division of 16 numbers takes as long as 32 multiply-adds
/// of 16. The first guess is the quadratic with the smallest relative error, (1 - T_3(3 - 2d)/T_3(3))/d with
/// the Chebyshev polynomial T_3, off by 1/99; each of the two Newton steps squares that.
#[inline(always)]
fn reciprocal_f32(d: f32) -> f32 {
    let guess = (32.0 / 99.0_f32).mul_add(d, -144.0 / 99.0).mul_add(d, 210.0 / 99.0);
    let newton = |r: f32| r.mul_add((-d).mul_add(r, 1.0), r);
    newton(newton(guess))
}

/// ln(1 + e) for e in [0, 1], relative error below 3e-7: 2 artanh s with s = e/(2 + e), at most 1/3, by its
/// series to s^13.
#[inline(always)]
fn ln_1p_f32(e: f32) -> f32 {
    let s = 0.5 * e * reciprocal_f32(0.5_f32.mul_add(e, 1.0));
    let t = s * s;
    let series = (1.0 / 13.0_f32).mul_add(t, 1.0 / 11.0).mul_add(t, 1.0 / 9.0).mul_add(t, 1.0 / 7.0);
    2.0 * s * series.mul_add(t, 1.0 / 5.0).mul_add(t, 1.0 / 3.0).mul_add(t, 1.0)
}

/// Computes exp x by 2^k exp r with |r| <= ln(2)/2. The Taylor series of exp r goes to r^12, relative error
/// below 5e-16. Clamped to the range of normal numbers, so that the result is always finite and positive.
#[inline(always)]
pub(crate) fn exp_f64(x: f64) -> f64 {
    // As in `exp2_f32`: 3 2^51.
    const ROUND: f64 = 6_755_399_441_055_744.0;
    /// ln 2 beyond f64.
    const LN2_LOW: f64 = 2.319_046_813_846_3e-17;
    const TAYLOR: [f64; 13] = {
        let mut inverse = [1.0; 13];
        let mut k = 1;
        while k < 13 {
            inverse[k] = inverse[k - 1] / k as f64;
            k += 1;
        }
        inverse
    };
    let x = x.clamp(-708.0, 709.0);
    let shifted = x.mul_add(std::f64::consts::LOG2_E, ROUND);
    let k = shifted - ROUND;
    let r = (-k).mul_add(LN2_LOW, (-k).mul_add(std::f64::consts::LN_2, x));
    f64::from_bits(polynomial(&TAYLOR, r).to_bits().wrapping_add(shifted.to_bits() << 52))
}

/// Computes ln x of a normal number x > 0 by k ln 2 + ln m. Here m is in [1/sqrt 2, sqrt 2] and ln m = 2
/// artanh s, s = (m - 1)/(m + 1), by its series to s^19; relative error below 1e-15.
#[inline(always)]
pub(crate) fn ln_f64(x: f64) -> f64 {
    const LEAST: u64 = std::f64::consts::FRAC_1_SQRT_2.to_bits();
    const ONE: u64 = 1.0_f64.to_bits();
    /// With a whole number below 2^52 as its low bits, this is 2^52 and that number.
    const SHIFT: f64 = 4_503_599_627_370_496.0;
    const BIAS: f64 = 1023.0;
    const MANTISSA: u64 = (1 << 52) - 1;
    const ARTANH: [f64; 10] = [
        1.0,
        1.0 / 3.0,
        1.0 / 5.0,
        1.0 / 7.0,
        1.0 / 9.0,
        1.0 / 11.0,
        1.0 / 13.0,
        1.0 / 15.0,
        1.0 / 17.0,
        1.0 / 19.0,
    ];
    let bits = x.to_bits().wrapping_add(ONE - LEAST);
    let k = f64::from_bits(SHIFT.to_bits() | bits >> 52) - (SHIFT + BIAS);
    let m = f64::from_bits((bits & MANTISSA) + LEAST);
    let s = (m - 1.0) / (m + 1.0);
    k.mul_add(std::f64::consts::LN_2, 2.0 * s * polynomial(&ARTANH, s * s))
}

/// sum_k a_k x^k.
#[inline(always)]
fn polynomial<const TERMS: usize>(coefficients: &[f64; TERMS], x: f64) -> f64 {
    let mut value = coefficients[TERMS - 1];
    for k in (0..TERMS - 1).rev() {
        value = value.mul_add(x, coefficients[k]);
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every f32 in a dense walk over the whole range, subnormal and huge numbers among them.
    fn walk() -> Vec<f32> {
        (0..=u32::MAX >> 10)
            .map(|k| f32::from_bits(k << 10))
            .filter(|x| x.is_finite())
            .chain([0.0, -0.0, f32::MIN_POSITIVE, 1e-45, f32::MAX, f32::MIN])
            .collect()
    }

    #[test]
    fn tanh_keeps_its_error_bound_over_the_whole_range() {
        let x = walk();
        let mut y = x.clone();
        f32::map_tanh(1.0, &mut y);
        for (&x, &y) in x.iter().zip(&y) {
            let error = (f64::from(y) - f64::from(x).tanh()).abs();
            assert!(error < TANH_ERROR.into() && y.abs() <= 1.0, "tanh({x}) = {y}, error {error}");
        }
    }

    #[test]
    fn tanh_is_odd() {
        let mut up: Vec<f32> = (0..10_000).map(|k| k as f32 * 1e-3).collect();
        let mut down: Vec<f32> = up.iter().map(|x| -x).collect();
        f32::map_tanh(1.5, &mut up);
        f32::map_tanh(1.5, &mut down);
        assert!(up.iter().zip(&down).all(|(a, b)| *a == -*b));
    }

    #[test]
    fn exp_keeps_its_relative_error_and_stays_finite() {
        let x = walk();
        let y: Vec<f32> = x.iter().map(|x| x.exponential()).collect();
        for (&x, &y) in x.iter().zip(&y) {
            assert!(y.is_finite() && y > 0.0, "exp({x}) = {y}");
            let exact = f64::from(x).exp();
            if (-87.0..88.0).contains(&x) {
                // The argument's own rounding in x log2(e) adds |x| 2^-24.
                let bound = 3e-7 + f64::from(x.abs()) * 1.2e-7;
                assert!((f64::from(y) / exact - 1.0).abs() < bound, "exp({x}) = {y}");
            }
        }
    }

    #[test]
    fn exp_and_ln_in_f64_keep_their_relative_errors() {
        let steps = (-708_000..=709_000).map(|k| f64::from(k) * 1e-3);
        for x in steps.chain([0.0, -0.0, 1e-300, -1e-17, -1e-9]) {
            let error = (exp_f64(x) / x.exp() - 1.0).abs();
            assert!(error < 5e-16, "exp({x}), error {error}");
        }
        assert!(exp_f64(-1e300) > 0.0 && exp_f64(1e300).is_finite());
        // All binades, and closely around 1, where the logarithm vanishes.
        let binades = (0..2046 * 64).map(|k| f64::from_bits((1 << 52) + (k << 46) + 12345 * k));
        let near = (-1000..1000)
            .flat_map(|k| [1e-3, 1e-7, 1e-12, 1e-15].map(|step| 1.0 + f64::from(k) * step * 0.5));
        for x in binades.chain(near).filter(|&x| x != 1.0) {
            let error = (ln_f64(x) / x.ln() - 1.0).abs();
            assert!(error < 1e-15, "ln({x}), error {error}");
        }
        assert_eq!(ln_f64(1.0), 0.0);
    }

    #[test]
    fn softplus_and_its_derivative_keep_their_relative_error() {
        for x in walk() {
            let (value, derivative) = x.softplus();
            assert!(value.is_finite() && (0.0..=1.000001).contains(&derivative), "softplus({x})");
            if x > -87.0 {
                let (exact, slope) = f64::from(x).softplus();
                // As for the exponential, where x is negative: there both are about exp x.
                let bound = 5e-7 + f64::from(x.min(0.0).abs()) * 1.2e-7;
                assert!((f64::from(value) / exact - 1.0).abs() < bound, "softplus({x}) = {value}, {exact}");
                assert!(
                    (f64::from(derivative) / slope - 1.0).abs() < bound,
                    "its slope: {derivative}, {slope}"
                );
            }
        }
    }

    #[test]
    fn softplus_in_f64_is_the_logarithm_that_it_says() {
        for x in [-700.0, -30.0, -1.0, 0.0, 0.5, 20.0] {
            let x: f64 = x;
            let (value, derivative) = x.softplus();
            assert!((value / x.exp().ln_1p() - 1.0).abs() < 1e-15, "{x}");
            assert!((derivative * (1.0 + (-x).exp()) - 1.0).abs() < 1e-15, "{x}");
        }
        assert_eq!(1e300.softplus(), (1e300, 1.0));
    }
}
