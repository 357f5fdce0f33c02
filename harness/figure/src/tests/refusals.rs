//! A figure that cannot be drawn is refused, with what is missing and what to do.

use super::figures::{context, spec};
use crate::draw;
use crate::error::FigureError;
use crate::sample;
use analysis::summary::Estimate;
use study::figure::{FigureKind, FigureSpec};
use study::measure::Measure;

#[test]
fn what_is_missing_is_said_with_a_remedy() {
    let error = |spec: &FigureSpec, estimates: &[Estimate]| {
        draw(spec, estimates, &context()).unwrap_err().to_string()
    };
    let load = spec("load", FigureKind::Load);
    assert!(error(&load, &[]).contains("no estimates at all"));
    let far = FigureSpec { n: Some(999), ..load.clone() };
    let text = error(&far, &sample::sweep());
    assert!(text.contains("n = 999") && text.contains("n = 64") && text.contains("sweep again"), "{text}");
    let text = error(&spec("cost", FigureKind::Cost), &sample::sweep());
    assert!(text.contains("write-seconds") && text.contains("fixed-points, recovered"), "{text}");
    let text =
        error(&FigureSpec { measure: Some(Measure::FixedPoints), ..spec("map", FigureKind::HeatMap) }, &[]);
    assert!(text.contains("heat-map") && text.contains("recovered-first"), "{text}");
    assert!(
        error(&FigureSpec { name: "../load".to_owned(), ..load }, &sample::sweep()).contains("\"../load\"")
    );
}

#[test]
fn what_cannot_be_drawn_is_refused() {
    let load = spec("load", FigureKind::Load);
    let fixed = Estimate { dynamics: None, flips: None, measure: Measure::FixedPoints, ..sample::estimate() };
    let refused = |estimates: &[Estimate]| draw(&load, estimates, &context()).unwrap_err();
    assert!(matches!(refused(&[fixed.clone(), fixed.clone()]), FigureError::Twice { .. }));
    assert!(matches!(refused(&[Estimate { low: Some(f64::NAN), ..fixed }]), FigureError::NoNumber { .. }));
    let mut times = sample::times(&[0.25]);
    times[0].low = Some(0.0);
    let error = draw(&spec("cost", FigureKind::Cost), &times, &context()).unwrap_err();
    assert!(matches!(error, FigureError::NotPositive { .. }), "{error}");
}
