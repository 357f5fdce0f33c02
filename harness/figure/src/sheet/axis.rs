//! An axis says where a value lies and which ticks stand there.
//!
//! The axes of the drawing library label decades only where they are logarithmic and drop the ticks at their ends,
//! hence these. Ticks stand at 1, 2 and 5 (linear axes also 2.5) times a power of ten; as many get a number as fit
//! without touching.

use crate::canvas::{line_height, text_width};
use crate::style::{GUTTER, SMALL};

/// An `Axis` is an axis with its values from `low` to `high`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Axis {
    low: f64,
    high: f64,
    scale: Scale,
}

#[derive(Clone, Debug, PartialEq)]
enum Scale {
    /// With numbers at multiples of the step, if one is given.
    Linear(Option<f64>),
    Log,
    /// Logarithmic, with ticks at these values.
    LogAt(Vec<f64>),
    /// Rows or columns of equal size, each with its label.
    Matrix(Vec<String>),
}

/// A `Direction` says which way an axis runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Direction {
    Across,
    Up,
}

/// Holds the ticks of an axis.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Ticks {
    /// With their numbers; an empty one where there is no room.
    pub(super) major: Vec<(f64, String)>,
    /// Without.
    pub(super) minor: Vec<f64>,
    /// Whether the numbers of an axis across are turned to run upwards.
    pub(super) turned: bool,
}

impl Axis {
    /// Returns a linear axis from `low` to `high`.
    pub(crate) fn linear(low: f64, high: f64) -> Self {
        Self { low, high, scale: Scale::Linear(None) }
    }

    /// Returns the axis of shares: 0 to 1 in quarters, with room for markers at both ends.
    pub(crate) fn shares() -> Self {
        Self { low: -0.03, high: 1.03, scale: Scale::Linear(Some(0.25)) }
    }

    /// Returns a logarithmic axis around positive values from `low` to `high`.
    pub(crate) fn log(low: f64, high: f64) -> Self {
        let pad = ((high / low).ln() * 0.06).max(0.1).exp();
        Self { low: low / pad, high: high * pad, scale: Scale::Log }
    }

    /// Returns a logarithmic axis around positive values that rise. It has a tick at each as far as their
    /// numbers fit.
    pub(crate) fn log_at(values: Vec<f64>) -> Self {
        let (low, high) = (values.first().copied().unwrap_or(1.0), values.last().copied().unwrap_or(1.0));
        Self { scale: Scale::LogAt(values), ..Self::log(low, high) }
    }

    /// Returns an axis with a row or column for each label. Value i lies in the middle of the i-th.
    pub(crate) fn matrix(labels: Vec<String>) -> Self {
        Self { low: -0.5, high: labels.len() as f64 - 0.5, scale: Scale::Matrix(labels) }
    }

    /// Returns the length in mm that lets every row have its name, where rows have names rather than numbers: a
    /// number is read off its neighbours, a name is not.
    pub(super) fn room_for_names(&self) -> f64 {
        match &self.scale {
            Scale::Matrix(labels) if labels.iter().all(|label| label.starts_with(char::is_alphabetic)) => {
                labels.len() as f64 * line_height(SMALL) * 1.12
            }
            _ => 0.0,
        }
    }

    /// Returns whether it has rows or columns rather than numbers.
    pub(super) fn is_matrix(&self) -> bool {
        matches!(self.scale, Scale::Matrix(_))
    }

    /// Returns where a value lies: 0 at the low end, 1 at the high end. It is NaN or infinite where the value
    /// cannot lie on the axis.
    pub(crate) fn position(&self, value: f64) -> f64 {
        match self.scale {
            Scale::Log | Scale::LogAt(_) => (value / self.low).ln() / (self.high / self.low).ln(),
            _ => (value - self.low) / (self.high - self.low),
        }
    }

    /// Returns whether a value lies on the axis.
    pub(crate) fn contains(&self, value: f64) -> bool {
        (-1e-9..=1.0 + 1e-9).contains(&self.position(value))
    }

    /// Returns the ticks of an axis `room` mm long.
    pub(super) fn ticks(&self, room: f64, direction: Direction) -> Ticks {
        match &self.scale {
            Scale::Linear(step) => self.linear_ticks(*step, room, direction),
            Scale::Log => self.log_ticks(room, direction),
            Scale::LogAt(values) => self.ticks_at(values, room, direction),
            Scale::Matrix(labels) => self.matrix_ticks(labels, room, direction),
        }
    }

    /// Whether labels at these values do not touch on an axis `room` mm long.
    fn fits(&self, ticks: &[(f64, String)], room: f64, direction: Direction) -> bool {
        let extent = |label: &str| match direction {
            Direction::Across => text_width(label, SMALL, false) + 1.6,
            Direction::Up => line_height(SMALL) * 1.1,
        };
        let touches = ticks.windows(2).any(|pair| {
            let apart = (self.position(pair[1].0) - self.position(pair[0].0)).abs() * room;
            apart < 0.5 * (extent(&pair[0].1) + extent(&pair[1].1))
        });
        !touches
    }

    /// Whether the labels at the ends leave those of a panel beside it some room.
    fn stays(&self, ticks: &[(f64, String)], room: f64, direction: Direction) -> bool {
        const APART: f64 = 0.6;
        let ([first, .., last], Direction::Across) = (ticks, direction) else { return true };
        let half = |tick: &(f64, String)| 0.5 * text_width(&tick.1, SMALL, false);
        let (left, right) = (self.position(first.0) * room, (1.0 - self.position(last.0)) * room);
        (half(first) - left).max(0.0) + (half(last) - right).max(0.0) + APART <= GUTTER
    }

    fn linear_ticks(&self, step: Option<f64>, room: f64, direction: Direction) -> Ticks {
        const MOST: usize = 7;
        let span = self.high - self.low;
        let decade = span.log10().floor() as i32;
        let finest_first =
            (decade - 2..=decade).flat_map(|power| [1.0, 2.0, 2.5, 5.0].map(|digit| (digit, power)));
        let steps = finest_first.map(|(digit, power)| digit * 10_f64.powi(power));
        let steps: Vec<f64> = match step {
            Some(step) => vec![step, 2.0 * step],
            None => steps.collect(),
        };
        let labelled = |step: f64| -> Vec<(f64, String)> {
            let decimals = (0..6).find(|&d| is_whole(step * 10_f64.powi(d))).unwrap_or(6) as usize;
            let multiples = (self.low / step - 1e-9).ceil() as i64..=(self.high / step + 1e-9).floor() as i64;
            multiples.map(|k| (k as f64 * step, format!("{:.decimals$}", k as f64 * step))).collect()
        };
        let fits = |ticks: &[(f64, String)]| ticks.len() <= MOST && self.fits(ticks, room, direction);
        let fitting = || steps.iter().map(|&step| (step, labelled(step))).filter(|(_, ticks)| fits(ticks));
        let found = fitting().find(|(_, ticks)| self.stays(ticks, room, direction));
        let Some((step, major)) = found.or_else(|| fitting().next()) else { return Ticks::default() };
        let parts = if is_whole(step / 10_f64.powf(step.log10().floor()) / 2.0) { 4 } else { 5 };
        let fine = step / f64::from(parts);
        let minor = (self.low / fine - 1e-9).ceil() as i64..=(self.high / fine + 1e-9).floor() as i64;
        let minor = minor.filter(|k| k % i64::from(parts) != 0).map(|k| k as f64 * fine).collect();
        Ticks { major, minor, turned: false }
    }

    fn log_ticks(&self, room: f64, direction: Direction) -> Ticks {
        let decades = self.low.log10().floor() as i32..=self.high.log10().ceil() as i32;
        let at = |digits: &[i32], every: i32| -> Vec<(i32, i32)> {
            let powers = decades.clone().filter(|power| power.rem_euclid(every) == 0);
            powers.flat_map(|power| digits.iter().map(move |&digit| (digit, power))).collect()
        };
        let value = |(digit, power): (i32, i32)| f64::from(digit) * 10_f64.powi(power);
        let on_axis = |ticks: Vec<(i32, i32)>| -> Vec<(i32, i32)> {
            ticks.into_iter().filter(|&tick| self.contains(value(tick))).collect()
        };
        let plain = self.low > 0.9e-3 && self.high < 1.1e4;
        let labelled = |ticks: Vec<(i32, i32)>| -> Vec<(f64, String)> {
            on_axis(ticks).into_iter().map(|tick| (value(tick), power_of_ten(tick, plain))).collect()
        };
        let choices = [at(&[1, 2, 5], 1), at(&[1], 1), at(&[1], 2), at(&[1], 3)].map(labelled);
        let fits = |ticks: &&Vec<(f64, String)>| ticks.len() <= 9 && self.fits(ticks, room, direction);
        let major = choices.iter().find(fits).cloned().unwrap_or_default();
        let is_major = |x: f64| major.iter().any(|tick| (tick.0 / x - 1.0).abs() < 1e-9);
        let all = on_axis(at(&[1, 2, 3, 4, 5, 6, 7, 8, 9], 1)).into_iter().map(value);
        let minor = all.filter(|&x| !is_major(x)).collect();
        Ticks { major, minor, turned: false }
    }

    fn ticks_at(&self, values: &[f64], room: f64, direction: Direction) -> Ticks {
        let major: Vec<(f64, String)> = values.iter().map(|&value| (value, value.to_string())).collect();
        match self.fits(&major, room, direction) {
            true => Ticks { major, ..Ticks::default() },
            false => self.log_ticks(room, direction),
        }
    }

    fn matrix_ticks(&self, labels: &[String], room: f64, direction: Direction) -> Ticks {
        let every = |stride: usize| -> Vec<(f64, String)> {
            labels.iter().enumerate().step_by(stride).map(|(i, label)| (i as f64, label.clone())).collect()
        };
        let fits = |direction: Direction| move |stride: &usize| self.fits(&every(*stride), room, direction);
        // Turned numbers need no more room across than lines of text need up.
        let turned = direction == Direction::Across && !fits(direction)(&1);
        let direction = if turned { Direction::Up } else { direction };
        let stride = (1..=labels.len()).find(fits(direction)).unwrap_or(labels.len());
        let label = |(i, label): (usize, &String)| {
            (i as f64, if i % stride == 0 { label.clone() } else { String::new() })
        };
        Ticks { major: labels.iter().enumerate().map(label).collect(), minor: Vec::new(), turned }
    }
}

fn is_whole(x: f64) -> bool {
    x > 0.5 && (x - x.round()).abs() < 1e-6
}

/// The label of digit x 10^power.
fn power_of_ten((digit, power): (i32, i32), plain: bool) -> String {
    if plain {
        let decimals = (-power).max(0) as usize;
        return format!("{:.decimals$}", f64::from(digit) * 10_f64.powi(power));
    }
    const RAISED: [char; 10] = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
    let raise = |c: char| c.to_digit(10).map_or('⁻', |digit| RAISED[digit as usize]);
    let exponent: String = power.to_string().chars().map(raise).collect();
    if digit == 1 { format!("10{exponent}") } else { format!("{digit}·10{exponent}") }
}

/// Returns labels for `values`, short and all distinct.
pub(crate) fn distinct(values: &[f64]) -> Vec<String> {
    let with = |decimals: usize| values.iter().map(|x| format!("{x:.decimals$}")).collect::<Vec<String>>();
    let all_differ = |labels: &Vec<String>| labels.iter().enumerate().all(|(i, a)| !labels[..i].contains(a));
    let exact = |decimals: &usize| {
        let scale = 10_f64.powi(*decimals as i32);
        values.iter().all(|x| (x * scale - (x * scale).round()).abs() < 1e-9)
    };
    let decimals = (0..2).find(exact).unwrap_or(2);
    (decimals..=6).map(with).find(all_differ).unwrap_or_else(|| with(6))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(ticks: &Ticks) -> Vec<&str> {
        ticks.major.iter().map(|tick| tick.1.as_str()).collect()
    }

    #[test]
    fn shares_have_quarters() {
        let ticks = Axis::shares().ticks(40.0, Direction::Up);
        assert_eq!(labels(&ticks), ["0.00", "0.25", "0.50", "0.75", "1.00"]);
        assert_eq!(ticks.minor.len(), 16);
    }

    #[test]
    fn numbers_thin_out_where_room_is_short() {
        let axis = Axis::linear(0.0, 1.0);
        assert_eq!(labels(&axis.ticks(60.0, Direction::Across)), ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]);
        assert_eq!(labels(&axis.ticks(14.0, Direction::Across)), ["0.0", "0.5", "1.0"]);
    }

    #[test]
    fn numbers_at_the_ends_do_not_reach_those_of_the_next_panel() {
        let axis = Axis::linear(0.0, 1.5);
        assert_eq!(labels(&axis.ticks(40.0, Direction::Across)), ["0.0", "0.5", "1.0", "1.5"]);
        let wider = Axis::linear(-0.1, 1.6);
        assert_eq!(labels(&wider.ticks(50.0, Direction::Across)).last(), Some(&"1.50"));
    }

    #[test]
    fn logarithmic_ticks_are_1_2_5_and_keep_their_ends() {
        let axis = Axis::log(20.0, 500.0);
        assert_eq!(labels(&axis.ticks(60.0, Direction::Across)), ["20", "50", "100", "200", "500"]);
        let wide = Axis::log(1e-5, 100.0).ticks(40.0, Direction::Up);
        assert_eq!(labels(&wide), ["10⁻⁵", "10⁻⁴", "10⁻³", "10⁻²", "10⁻¹", "10⁰", "10¹", "10²"]);
    }

    #[test]
    fn ticks_at_values_give_way_where_they_do_not_fit() {
        let axis = Axis::log_at(vec![16.0, 24.0, 32.0, 48.0, 64.0, 96.0]);
        assert_eq!(labels(&axis.ticks(60.0, Direction::Across)), ["16", "24", "32", "48", "64", "96"]);
        assert_eq!(labels(&axis.ticks(19.0, Direction::Across)), ["20", "50", "100"]);
        assert!(axis.position(16.0) > 0.0 && axis.position(96.0) < 1.0);
    }

    #[test]
    fn every_row_has_a_tick_even_without_its_number() {
        let axis = Axis::matrix((0..30).map(|i| format!("0.{i:02}")).collect());
        let ticks = axis.ticks(40.0, Direction::Across);
        assert_eq!(ticks.major.len(), 30);
        let named = ticks.major.iter().filter(|tick| !tick.1.is_empty()).count();
        assert!((3..15).contains(&named), "{named}");
    }

    #[test]
    fn labels_are_as_long_as_they_must_be() {
        assert_eq!(distinct(&[0.0, 0.5, 1.0]), ["0.0", "0.5", "1.0"]);
        assert_eq!(distinct(&[0.046875, 0.09375]), ["0.05", "0.09"]);
        assert_eq!(distinct(&[0.121, 0.124]), ["0.121", "0.124"]);
    }
}
