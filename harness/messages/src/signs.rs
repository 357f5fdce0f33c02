//! Values become signs here: -1 and +1 as they are, two other kinds of values by themselves, any others by a threshold.

use crate::error::Trouble;
use crate::formats::Numbers;
use crate::otsu;
use npy::UNITS;
use protocols::Patterns;
use protocols::source::Threshold;
use std::collections::HashSet;
use std::fmt;

/// A `Told` is what should be known of messages before they are stored.
#[derive(Clone, Debug, PartialEq)]
pub struct Told {
    /// How many messages there are.
    pub rows: usize,
    /// How many units they have.
    pub units: usize,
    /// What became -1: one value, or the largest of them.
    pub minus: f64,
    /// What became +1: one value, or the smallest of them.
    pub plus: f64,
    /// Whether a threshold stands between them.
    pub divided: bool,
    /// Rows that stand in the file before.
    pub repeated: usize,
    /// Units that are the same in all messages.
    pub constant: usize,
}

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { rows, units, minus, plus, divided, repeated, constant } = self;
        write!(f, "{rows} messages of {units} units; ")?;
        match divided {
            true => write!(f, "up to {minus} is -1, from {plus} on +1")?,
            false => write!(f, "{minus} is -1, {plus} is +1")?,
        }
        if *repeated > 0 {
            write!(f, "; rows that stand there before: {repeated}, so a trial may have a message twice")?;
        }
        if *constant > 0 {
            write!(f, "; units that are the same in all of them: {constant}")?;
        }
        Ok(())
    }
}

/// A `Division` says which values became -1 and which +1.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Division {
    /// These two, and there were no others.
    Two { minus: f64, plus: f64 },
    /// Values up to this one became -1.
    UpTo(f64),
}

/// Makes signs of values.
pub(crate) fn of(
    numbers: Numbers,
    threshold: Option<Threshold>,
) -> Result<(Patterns, Told, Division), Trouble> {
    let Numbers { rows, values } = numbers;
    let units = units(rows, &values)?;
    let most_minus = match threshold {
        // Signs are what they are, also where one of them is missing.
        None if values.iter().all(|value| value.abs() == 1.0) => -1.0,
        None => smaller_of_two(&values)?,
        Some(Threshold::At(level)) => level.get(),
        Some(Threshold::Otsu) => otsu::threshold(&values).unwrap_or(values[0]),
    };
    let signs: Vec<i8> = values.iter().map(|&value| if value > most_minus { 1 } else { -1 }).collect();
    let largest = values.iter().copied().filter(|x| *x <= most_minus).reduce(f64::max);
    let smallest = values.iter().copied().filter(|x| *x > most_minus).reduce(f64::min);
    let (minus, plus) = match (largest, smallest) {
        (Some(minus), Some(plus)) => (minus, plus),
        _ if threshold.is_none() => (-1.0, 1.0),
        _ => return Err(Trouble::OneSide { value: values[0] }),
    };
    let patterns = Patterns::new(units, signs).map_err(|_| Trouble::Empty)?;
    let told = Told {
        rows,
        units,
        minus,
        plus,
        divided: threshold.is_some(),
        repeated: rows - patterns.rows().collect::<HashSet<_>>().len(),
        constant: constant(&patterns),
    };
    let division = match threshold {
        Some(_) => Division::UpTo(most_minus),
        None => Division::Two { minus, plus },
    };
    Ok((patterns, told, division))
}

/// Returns the number of units of rows whose values are finite.
pub(crate) fn units(rows: usize, values: &[f64]) -> Result<usize, Trouble> {
    if rows == 0 || values.is_empty() {
        return Err(Trouble::Empty);
    }
    let units = values.len() / rows;
    if units > UNITS {
        return Err(Trouble::Units { units, most: UNITS });
    }
    if let Some(at) = values.iter().position(|value| !value.is_finite()) {
        return Err(Trouble::NotFinite { row: at / units, column: at % units });
    }
    Ok(units)
}

/// Returns the smaller of the two kinds of values that there are.
fn smaller_of_two(values: &[f64]) -> Result<f64, Trouble> {
    /// Examples that an error shows.
    const EXAMPLES: usize = 5;
    let mut kinds: Vec<f64> = Vec::new();
    for value in values {
        if !kinds.contains(value) {
            if kinds.len() == EXAMPLES {
                return Err(Trouble::Kinds { examples: kinds, more: true });
            }
            kinds.push(*value);
        }
    }
    match kinds[..] {
        [value] => Err(Trouble::OneKind { value }),
        [first, second] => Ok(first.min(second)),
        _ => Err(Trouble::Kinds { examples: kinds, more: false }),
    }
}

fn constant(patterns: &Patterns) -> usize {
    let first = patterns.row(0);
    let mut same = vec![true; patterns.n()];
    for row in patterns.rows() {
        same.iter_mut().zip(row.iter().zip(first)).for_each(|(same, (a, b))| *same &= a == b);
    }
    same.into_iter().filter(|same| *same).count()
}
