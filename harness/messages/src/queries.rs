//! Queries of messages become signs as the messages do, and each is joined with the message that it belongs to.
//!
//! Where the messages are -1 and +1, a 0 among queries that have both is a unit that is unknown.

use crate::content::Content;
use crate::error::Trouble;
use crate::formats::Numbers;
use crate::signs::{Division, units};
use protocols::Patterns;
use protocols::source::Pairs;
use std::fmt;

/// A `QueriesTold` is what should be known of queries before they are read.
#[derive(Clone, Debug, PartialEq)]
pub struct QueriesTold {
    /// How many there are.
    pub queries: usize,
    /// How many messages have one.
    pub messages: usize,
    /// The fewest units in which one differs from its message.
    pub least: u32,
    /// The most.
    pub most: u32,
    /// The mean.
    pub mean: f64,
    /// Units that are unknown, of all queries together.
    pub unknown: usize,
}

impl fmt::Display for QueriesTold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { queries, messages, least, most, mean, unknown } = self;
        write!(
            f,
            "{queries} queries of {messages} messages, which differ from them in {least} to {most} units, {mean:.1} in \
             the mean"
        )?;
        if *unknown > 0 {
            write!(f, "; units that are unknown, 0: {unknown}, counted as differing")?;
        }
        Ok(())
    }
}

/// Reads which of so many messages each query belongs to.
pub(crate) fn targets(content: &Content, messages: usize) -> Result<Vec<u32>, Trouble> {
    let values = content.list()?;
    let is_row = |value: f64| value.fract() == 0.0 && (0.0..messages as f64).contains(&value);
    match values.iter().position(|&value| !is_row(value)) {
        Some(place) => {
            let one = values.iter().all(|&value| is_row(value - 1.0));
            Err(Trouble::Target { place, value: values[place], messages, one })
        }
        None => Ok(values.into_iter().map(|value| value as u32).collect()),
    }
}

/// Joins queries with their messages: the rows of `targets`, or else query q with message q.
pub(crate) fn of(
    content: &Content,
    targets: Option<Vec<u32>>,
    messages: &Patterns,
    division: Division,
) -> Result<(Pairs, QueriesTold), Trouble> {
    let Numbers { rows, values } = content.numbers(None)?;
    let found = units(rows, &values)?;
    if found != messages.n() {
        return Err(Trouble::Width { found, units: messages.n() });
    }
    let listed = targets.is_some();
    let targets = targets.unwrap_or_else(|| (0..messages.count() as u32).collect());
    let unpaired = Trouble::Unpaired { queries: rows, targets: targets.len(), listed };
    if targets.len() != rows {
        return Err(unpaired);
    }
    let (signs, unknown) = signs(&values, found, division)?;
    let lost = unknown.iter().flatten().filter(|unknown| **unknown).count();
    let states = Patterns::new(found, signs).map_err(|_| Trouble::Empty)?;
    let pairs = Pairs::new(messages, states, unknown, targets).ok_or(unpaired)?;
    let distances = pairs.distances();
    let sum: f64 = distances.iter().copied().map(f64::from).sum();
    let told = QueriesTold {
        queries: rows,
        messages: messages.count() - pairs.without(),
        least: distances.iter().copied().min().unwrap_or(0),
        most: distances.iter().copied().max().unwrap_or(0),
        mean: sum / rows as f64,
        unknown: lost,
    };
    Ok((pairs, told))
}

/// Signs of queries, and for each whether it stands for an unknown unit, where any does.
type Known = (Vec<i8>, Option<Vec<bool>>);

fn signs(values: &[f64], units: usize, division: Division) -> Result<Known, Trouble> {
    let (minus, plus) = match division {
        Division::UpTo(most) => {
            return Ok((values.iter().map(|&value| if value > most { 1 } else { -1 }).collect(), None));
        }
        Division::Two { minus, plus } => (minus, plus),
    };
    // Queries of 0 and 1 beside messages of -1 and +1 are another spelling, and their 0 is nothing unknown.
    let may_lack = minus == -1.0 && plus == 1.0 && values.contains(&minus) && values.contains(&plus);
    let is_known = |value: f64| value == minus || value == plus;
    if let Some(at) = values.iter().position(|&value| !is_known(value) && !(may_lack && value == 0.0)) {
        let (row, column) = (at / units, at % units);
        return Err(Trouble::QueryValue { value: values[at], row, column, minus, plus });
    }
    let unknown: Vec<bool> = values.iter().map(|&value| !is_known(value)).collect();
    let unknown = Some(unknown).filter(|unknown| unknown.contains(&true));
    Ok((values.iter().map(|&value| if value == plus { 1 } else { -1 }).collect(), unknown))
}
