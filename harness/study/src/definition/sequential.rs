//! The table `[sequential]` says how many trials are enough.

use super::document::KeyPath;
use super::error::{Checked, Fault};
use super::membership::one_of;
use super::problem::Problem;
use super::wire::Sequential;
use super::{Condition, ReadSettings};
use crate::measure::Probe;
use crate::stopping::{StoppingRule, nine_digits};
use std::num::NonZeroU32;

/// The fewest trials to look at: with fewer no interval reaches 95 % (see [`stats`]).
const FEWEST: u32 = 5;

/// Returns the rule, checked against what is run and measured.
pub(super) fn rule(
    given: Option<Sequential>,
    conditions: &[Condition],
    reads: &ReadSettings,
    probes: &[Probe],
) -> Checked<Option<StoppingRule>> {
    let Some(Sequential { measure, dynamics, width, looks }) = given else { return Ok(None) };
    let place = KeyPath::default().at("sequential");
    // Times differ from run to run: the same definition would stop elsewhere.
    let Some(probe) = measure.probe() else { return Err(Fault::not_allowed(place.at("measure"))) };
    let no_effect = |key: &str, because| Err(Fault::new(place.at(key), Problem::NoEffect { because }));
    if !probes.contains(&probe) {
        return no_effect("measure", "none of the probes measures it");
    }
    if dynamics.is_some() && probe != Probe::Recovery {
        return no_effect("dynamics", "the measure is none of reading");
    }
    let run = reads.dynamics.iter().map(|x| x.name());
    one_of(&place.at("dynamics"), dynamics.map(|x| x.name()), run)?;
    let width = nine_digits(width);
    let widest = measure.range().width();
    if !(width > 0.0 && width < widest) {
        return Err(Fault::not_allowed(place.at("width")));
    }
    let looks: Vec<u32> = looks.into_iter().map(NonZeroU32::get).collect();
    if looks.is_empty() {
        return Err(Fault::new(place.at("looks"), Problem::Empty));
    }
    let before = std::iter::once(&(FEWEST - 1)).chain(&looks);
    let rising = looks.iter().zip(before).position(|(look, last)| look <= last);
    if let Some(i) = rising {
        return Err(Fault::not_allowed(place.at("looks").at(i)));
    }
    let most = conditions.iter().map(|condition| condition.trials).max().unwrap_or(0);
    if let Some(i) = looks.iter().position(|&look| look >= most) {
        let because = "every condition has ended by then: a look comes before the grid's `trials`";
        return Err(Fault::new(place.at("looks").at(i), Problem::NoEffect { because }));
    }
    Ok(Some(StoppingRule { measure, dynamics, width, looks }))
}
