//! Whether any matrix at all stores a given message set is a question of linear programming, also where W has
//! to be symmetric.
//!
//! A matrix W with zero diagonal stores the messages where all bits have xi_i sum_{j != i} W_ij xi_j > 0. As W may
//! be scaled, that is the same as a positive optimum t of
//!
//! ```text
//! maximise t   subject to   xi_i^m sum_{j != i} W_ij xi_j^m >= t for all m and i,   -1 <= W_ij <= 1.
//! ```
//!
//! W = 0, t = 0 is always allowed, so there is an optimum. *Free* rows decide each for themselves, in N programs with
//! N - 1 unknowns and M constraints. A *symmetric* W is one program with N(N-1)/2 unknowns and MN constraints: what
//! it stores a free one does. The fraction of random message sets that can be stored, over sets that the caller
//! draws, is the capacity at finite N; for free rows in general position it is Cover's count, [`super::cover_row`].
//!
//! Limits: the decision is made with floating-point numbers, at [`POSITIVE`]. The vertices are rational, and a positive
//! optimum below that would need determinants of 10^7 and more; the simplex method's own tolerance is as coarse.
//! A symmetric program of 16 units takes some hundredths of a second, one of 32 at load 1 seconds and more.
//!
//! Source: linear separability as linear programming, O. L. Mangasarian, Oper. Res. 13, 444 (1965).

use microlp::{ComparisonOp, LinearExpr, OptimizationDirection, Problem, Variable};
use thiserror::Error;

/// An optimum above this is taken for positive.
pub const POSITIVE: f64 = 1e-7;

/// A `LinearProgramError` says why no linear program decided.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum LinearProgramError {
    /// The messages have not all `n` bits.
    #[error("{bits} bits are no messages of {n} units: give rows of {n} bits, at least 2")]
    Shape {
        /// Bits given.
        bits: usize,
        /// Units.
        n: usize,
    },
    /// The solver gave up; by construction there is an optimum.
    #[error("the linear program was not solved: {message}")]
    Unsolved {
        /// What the solver says.
        message: String,
    },
}

/// Decides whether some matrix with zero diagonal stores all messages, which stand in rows of `n` bits.
///
/// # Errors
/// If the bits are not whole rows, or the solver gives up.
pub fn stores_free(messages: &[i8], n: usize) -> Result<bool, LinearProgramError> {
    for unit in 0..n {
        if !stores_unit(messages, n, unit)? {
            return Ok(false);
        }
    }
    rows(messages, n).map(|_| true)
}

/// Decides whether some row without self-coupling holds the bits of one `unit` in all messages.
///
/// # Errors
/// If the bits are not whole rows, or the solver gives up.
pub fn stores_unit(messages: &[i8], n: usize, unit: usize) -> Result<bool, LinearProgramError> {
    let constraint = |message: &[i8]| {
        let others = (0..n).filter(|&j| j != unit).map(|j| f64::from(message[j]));
        others.map(|bit| bit * f64::from(message[unit])).collect()
    };
    let constraints: Vec<Vec<f64>> = rows(messages, n)?.map(constraint).collect();
    let dense = |row: &Vec<f64>| row.iter().copied().enumerate().collect();
    Ok(margin(n - 1, constraints.iter().map(dense))? > POSITIVE)
}

/// Decides whether some symmetric matrix with zero diagonal stores all messages, which stand in rows of `n`
/// bits.
///
/// # Errors
/// If the bits are not whole rows, or the solver gives up.
pub fn stores_symmetric(messages: &[i8], n: usize) -> Result<bool, LinearProgramError> {
    // W_ij with i < j, row by row.
    let place = |i: usize, j: usize| {
        let (low, high) = (i.min(j), i.max(j));
        low * (2 * n - low - 1) / 2 + high - low - 1
    };
    let constraint = |(message, i): (&[i8], usize)| {
        let others = (0..n).filter(|&j| j != i);
        others.map(|j| (place(i, j), f64::from(message[i] * message[j]))).collect()
    };
    let bits = rows(messages, n)?.flat_map(|message| (0..n).map(move |i| (message, i)));
    Ok(margin(n * (n - 1) / 2, bits.map(constraint))? > POSITIVE)
}

/// Messages as rows.
fn rows(messages: &[i8], n: usize) -> Result<impl Iterator<Item = &[i8]>, LinearProgramError> {
    if n < 2 || !messages.len().is_multiple_of(n) {
        return Err(LinearProgramError::Shape { bits: messages.len(), n });
    }
    Ok(messages.chunks_exact(n))
}

/// The largest t, at most 1, that all constraints can have as their value, with unknowns in [-1, 1].
fn margin(
    unknowns: usize,
    constraints: impl Iterator<Item = Vec<(usize, f64)>>,
) -> Result<f64, LinearProgramError> {
    let mut problem = Problem::new(OptimizationDirection::Maximize);
    let weights: Vec<Variable> = (0..unknowns).map(|_| problem.add_var(0.0, (-1.0, 1.0))).collect();
    let t = problem.add_var(1.0, (0.0, 1.0));
    for constraint in constraints {
        let mut sum = LinearExpr::empty();
        for (place, factor) in constraint {
            sum.add(weights[place], factor);
        }
        sum.add(t, -1.0);
        problem.add_constraint(sum, ComparisonOp::Ge, 0.0);
    }
    let unsolved = |message: String| LinearProgramError::Unsolved { message };
    let outcome = problem.solve().map_err(|error| unsolved(error.to_string()))?;
    // It can be interrupted only where a limit was set.
    let solution = outcome.into_solution().map_err(|_| unsolved("interrupted".to_owned()))?;
    Ok(solution[t])
}

#[cfg(test)]
mod tests {
    use super::super::cover_row;
    use super::*;
    use protocols::Stream;

    fn drawn(stream: &mut Stream, n: usize, m: usize) -> Vec<i8> {
        let mut messages = vec![0; n * m];
        stream.signs(&mut messages);
        messages
    }

    #[test]
    fn small_sets_by_hand() {
        // Two units: W_01 has the sign of the product, so messages store together where their products agree.
        assert_eq!(stores_symmetric(&[1, 1, -1, -1], 2), Ok(true));
        assert_eq!(stores_free(&[1, 1, 1, -1], 2), Ok(false));
        assert_eq!(stores_symmetric(&[], 3), Ok(true));
        let shape = LinearProgramError::Shape { bits: 3, n: 2 };
        assert_eq!(
            (stores_free(&[1, 1, 1], 2), stores_symmetric(&[1, 1, 1], 2)),
            (Err(shape.clone()), Err(shape))
        );
        // Neighbours, at distance 1, cannot both be stored.
        assert_eq!(stores_symmetric(&[1, 1, 1, 1, 1, -1], 3), Ok(false));
    }

    #[test]
    fn random_points_are_separated_as_often_as_cover_counted() {
        // Gaussian points are in general position: 6 standard deviations of 600 sets.
        let sets = 600;
        for (dimension, m) in [(7_usize, 14_usize), (7, 12), (11, 26)] {
            let mut stream = Stream::named(18, "points", &[("m", m as u64)]);
            let separable = (0..sets).filter(|_| {
                let points = (0..m).map(|_| (0..dimension).map(|j| (j, stream.normal())).collect::<Vec<_>>());
                margin(dimension, points).unwrap() > POSITIVE
            });
            let share = separable.count() as f64 / f64::from(sets);
            let p = cover_row(dimension as u32 + 1, m as u32);
            let room = 6.0 * (p * (1.0 - p) / f64::from(sets)).sqrt();
            assert!((share - p).abs() < room, "{dimension} {m}: {share} {p}");
        }
    }

    #[test]
    fn rows_of_messages_nearly_reach_covers_count() {
        let (n, m, sets) = (16, 30, 40);
        let mut stream = Stream::named(18, "rows", &[]);
        let mut held = 0_usize;
        for _ in 0..sets {
            let messages = drawn(&mut stream, n, m);
            held += (0..n).filter(|&unit| stores_unit(&messages, n, unit).unwrap()).count();
        }
        let share = held as f64 / (n * sets) as f64;
        // Rows of one set are not independent: between 6 deviations of the rows' and of the sets' number.
        let p = cover_row(16, 30);
        assert!((share - p).abs() < 0.15, "{share} {p}");
    }

    /// The messages of scripts/golden/linear_program.py.
    fn golden_messages(seed: u64, n: usize, m: usize) -> Vec<i8> {
        let mut state = seed;
        let mut bit = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            if state >> 63 == 1 { 1 } else { -1 }
        };
        (0..n * m).map(|_| bit()).collect()
    }

    #[test]
    fn another_solver_decides_alike() {
        // By scipy's HiGHS: n for none, f for a free matrix only, s for a symmetric one.
        for (n, m, expected) in [
            (12, 12, "nssnssnssssnnssnsnnsnnsnssnnnn"),
            (14, 16, "nsnsfssssssssns"),
            (16, 20, "ssssssnsssssssssnsssnnssfsss"),
        ] {
            let decide = |seed: u64| {
                let messages = golden_messages(seed, n, m);
                match (stores_free(&messages, n).unwrap(), stores_symmetric(&messages, n).unwrap()) {
                    (true, true) => 's',
                    (true, false) => 'f',
                    (false, false) => 'n',
                    (false, true) => panic!("{messages:?}: no free matrix does what a symmetric one does"),
                }
            };
            let decided: String = (1..).zip(expected.chars()).map(|(seed, _)| decide(seed)).collect();
            assert_eq!(decided, expected);
        }
    }
}
