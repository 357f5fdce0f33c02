//! A figure shows some of the estimates. These are checked: there are some, and none is there twice.

use crate::error::FigureError;
use crate::labels;
use analysis::summary::Estimate;
use std::collections::BTreeSet;
use study::figure::FigureSpec;
use study::measure::Measure;

/// Returns the estimates of `measure` that `spec` asks for. Those without a value are among them where a
/// protocol failed in all trials.
///
/// # Errors
/// If there is none, one is no number, or two stand in the same place.
pub(crate) fn select(
    spec: &FigureSpec,
    measure: Measure,
    all: &[Estimate],
) -> Result<Vec<Estimate>, FigureError> {
    let reads = Measure::OF_RECALLS.contains(&measure);
    let wanted = |e: &&Estimate| {
        spec.shows(&e.protocol, e.source, e.n, e.m)
            && (!reads || spec.dynamics.is_none_or(|dynamics| e.dynamics == Some(dynamics)))
            && (!reads || e.flips.is_none_or(|flips| spec.shows_flips(e.n, flips)))
    };
    let found: Vec<Estimate> = all.iter().filter(|e| e.measure == measure).filter(wanted).cloned().collect();
    if found.is_empty() {
        return Err(nothing(spec, measure, all));
    }
    check(spec, &found)?;
    Ok(found)
}

fn check(spec: &FigureSpec, found: &[Estimate]) -> Result<(), FigureError> {
    let figure = || spec.name.clone();
    let mut seen = BTreeSet::new();
    for e in found {
        if !seen.insert((&e.protocol, e.source, e.n, e.m, e.dynamics, e.flips)) {
            return Err(FigureError::Twice { figure: figure(), place: labels::place(e) });
        }
        let numbers = [e.value, e.low, e.high];
        if let Some(number) = numbers.iter().flatten().find(|x| !x.is_finite()) {
            return Err(FigureError::NoNumber { figure: figure(), place: labels::place(e), value: *number });
        }
        let time = e.measure == Measure::WriteSeconds;
        if let Some(number) = numbers.iter().flatten().find(|&&x| time && x <= 0.0) {
            return Err(FigureError::NotPositive {
                figure: figure(),
                place: labels::place(e),
                value: *number,
            });
        }
    }
    Ok(())
}

/// Says what was wanted and what there is instead.
fn nothing(spec: &FigureSpec, measure: Measure, all: &[Estimate]) -> FigureError {
    let mut wanted = vec![format!("measure {}", labels::name(&measure))];
    wanted.extend(spec.source.map(|source| format!("source {}", source.name())));
    wanted.extend(spec.dynamics.map(|dynamics| format!("dynamics {}", dynamics.name())));
    wanted.extend(spec.n.map(|n| format!("n = {n}")));
    wanted.extend(spec.m.map(|m| format!("m = {m}")));
    wanted.extend(spec.flips.map(|flips| format!("flips = {flips}")));
    wanted.extend(spec.protocols.as_ref().map(|labels| format!("protocols {}", labels.join(", "))));
    let listed = |what: &str, values: BTreeSet<String>| match values.is_empty() {
        true => None,
        false => Some(format!("{what} {}", values.into_iter().collect::<Vec<String>>().join(", "))),
    };
    let same: Vec<&Estimate> = all.iter().filter(|e| e.measure == measure).collect();
    let present = if all.is_empty() {
        "nothing: there are no estimates at all".to_owned()
    } else if same.is_empty() {
        let measures: BTreeSet<Measure> = all.iter().map(|e| e.measure).collect();
        let measures = measures.iter().map(labels::name).collect::<Vec<String>>();
        format!("only measures {}", measures.join(", "))
    } else {
        let of = |f: &dyn Fn(&Estimate) -> Option<String>| same.iter().filter_map(|e| f(e)).collect();
        // Numbers sort as numbers, so they are padded while sorting.
        let parts = [
            listed("source", of(&|e| Some(e.source.name().to_owned()))),
            listed("dynamics", of(&|e| e.dynamics.map(|d| d.name().to_owned()))),
            listed("n =", of(&|e| Some(format!("{:>6}", e.n)))),
            listed("m =", of(&|e| Some(format!("{:>6}", e.m)))),
            listed("flips =", of(&|e| e.flips.map(|d| format!("{d:>6}")))),
        ];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        parts.join("; ").split_whitespace().collect::<Vec<&str>>().join(" ")
    };
    FigureError::Nothing { figure: spec.name.clone(), wanted: wanted.join(", "), present }
}
