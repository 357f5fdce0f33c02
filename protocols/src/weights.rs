//! A written memory is the matrix W, thresholds b and an optional input coupling U. It has local fields and
//! an energy.

use crate::parallel::{matmul, threads};
use crate::patterns::Patterns;
use crate::sign_product::Whole;
use crate::symmetric::column;
use crate::tiles::{self, Panels};
use faer::{Accum, Mat, MatMut, MatRef};

/// `Weights` holds the weights of a memory of N units. They are W (N x N), thresholds b (N, absent means
/// zero), and the coupling U (N x N) by which some protocols offer the query itself at every step (absent
/// means zero).
///
/// The local field of state x under query p is h = W x + U p + b. Values are f32; whole-number weights (the outer
/// product) have exact fields below 2^24.
#[derive(Clone, Debug, PartialEq)]
pub struct Weights {
    matrix: Mat<f32>,
    thresholds: Option<Vec<f32>>,
    input: Option<Mat<f32>>,
}

/// A `WeightsError` says why a matrix cannot be a memory.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum WeightsError {
    /// Not square, or not of the size of W.
    #[error("{what} has shape {rows} x {columns}, expected {expected} x {expected}")]
    Shape {
        /// Which part.
        what: &'static str,
        /// Rows given.
        rows: usize,
        /// Columns given.
        columns: usize,
        /// The side it must have.
        expected: usize,
    },
    /// A threshold for each unit.
    #[error("{given} thresholds for {n} units")]
    Thresholds {
        /// Thresholds given.
        given: usize,
        /// Units.
        n: usize,
    },
    /// NaN or infinite.
    #[error("{what}[{row}, {column}] is {value}; every weight must be finite")]
    NotFinite {
        /// Which part.
        what: &'static str,
        /// Row of the first such value.
        row: usize,
        /// Its column.
        column: usize,
        /// The value.
        value: f32,
    },
}

impl Weights {
    /// Makes a memory with matrix W, no thresholds and no input coupling.
    ///
    /// # Errors
    /// If W is not square or has a value that is not finite.
    pub fn new(matrix: Mat<f32>) -> Result<Self, WeightsError> {
        check("W", matrix.as_ref(), matrix.nrows())?;
        Ok(Self { matrix, thresholds: None, input: None })
    }

    /// Makes a memory whose matrix is known to be square and finite.
    pub(crate) fn known(matrix: Mat<f32>) -> Self {
        debug_assert!(check("W", matrix.as_ref(), matrix.nrows()).is_ok());
        Self { matrix, thresholds: None, input: None }
    }

    /// Adds thresholds b.
    ///
    /// # Errors
    /// If there is not one finite threshold a unit.
    pub fn with_thresholds(mut self, thresholds: Vec<f32>) -> Result<Self, WeightsError> {
        if thresholds.len() != self.n() {
            return Err(WeightsError::Thresholds { given: thresholds.len(), n: self.n() });
        }
        if let Some(row) = thresholds.iter().position(|b| !b.is_finite()) {
            return Err(WeightsError::NotFinite { what: "b", row, column: 0, value: thresholds[row] });
        }
        self.thresholds = Some(thresholds);
        Ok(self)
    }

    /// Replaces the diagonal of W.
    ///
    /// # Errors
    /// If a value is not finite.
    ///
    /// # Panics
    /// If there is not one value a unit.
    pub(crate) fn with_diagonal(mut self, diagonal: &[f32]) -> Result<Self, WeightsError> {
        assert_eq!(diagonal.len(), self.n(), "a diagonal has a value for each unit");
        for (i, &value) in diagonal.iter().enumerate() {
            if !value.is_finite() {
                return Err(WeightsError::NotFinite { what: "W", row: i, column: i, value });
            }
            self.matrix[(i, i)] = value;
        }
        Ok(self)
    }

    /// Adds the input coupling U.
    ///
    /// # Errors
    /// If U is not of W's shape or has a value that is not finite.
    pub fn with_input(mut self, input: Mat<f32>) -> Result<Self, WeightsError> {
        check("U", input.as_ref(), self.n())?;
        self.input = Some(input);
        Ok(self)
    }

    /// Returns the number of units N.
    pub fn n(&self) -> usize {
        self.matrix.nrows()
    }

    /// Returns W. W_ij couples unit j to the field of unit i.
    pub fn matrix(&self) -> MatRef<'_, f32> {
        self.matrix.as_ref()
    }

    /// Returns b, if the memory has thresholds.
    pub fn thresholds(&self) -> Option<&[f32]> {
        self.thresholds.as_deref()
    }

    /// Returns U, if the memory offers the query at every step.
    pub fn input(&self) -> Option<MatRef<'_, f32>> {
        self.input.as_ref().map(|u| u.as_ref())
    }

    /// Tells whether W equals its transpose exactly.
    pub fn is_symmetric(&self) -> bool {
        let w = self.matrix();
        (0..self.n()).all(|j| (0..j).all(|i| w[(i, j)] == w[(j, i)]))
    }

    /// Computes the lengths of the rows of W without its diagonal, in f64: squares of large weights fit.
    pub fn row_lengths(&self) -> Vec<f64> {
        let mut squares = vec![0.0; self.n()];
        for j in 0..self.n() {
            for (i, (square, &weight)) in squares.iter_mut().zip(column(self.matrix(), j)).enumerate() {
                *square += if i == j { 0.0 } else { f64::from(weight).powi(2) };
            }
        }
        squares.into_iter().map(f64::sqrt).collect()
    }

    /// Computes the part of the field that the state does not change. It is U p + b for every query, side by
    /// side, N each.
    pub(crate) fn drive(&self, queries: &Patterns) -> Vec<f32> {
        let n = self.n();
        let mut drive = vec![0.0; queries.signs().len()];
        if let Some(b) = self.thresholds() {
            drive.chunks_exact_mut(n).for_each(|column| column.copy_from_slice(b));
        }
        if let Some(u) = self.input() {
            add_product(u, queries.signs(), &mut drive);
        }
        drive
    }

    /// Computes the fields h = W x + U x + b of states that are their own query. The result is N x states.
    pub fn fields(&self, states: &Patterns) -> Mat<f32> {
        let mut fields = self.drive(states);
        add_product(self.matrix(), states.signs(), &mut fields);
        MatRef::from_column_major_slice(&fields, self.n(), states.count()).to_owned()
    }

    /// Computes the energy E(x) = -1/2 x^T W x - b^T x in f64 (Hopfield 1982). The input coupling has no
    /// energy and is left out.
    pub fn energy(&self, x: &[i8]) -> f64 {
        let mut energy = 0.0;
        for (j, &xj) in x.iter().enumerate() {
            let column = self.matrix.col(j);
            let field: f64 = x.iter().enumerate().map(|(i, &xi)| f64::from(column[i]) * f64::from(xi)).sum();
            energy -= 0.5 * f64::from(xj) * field;
        }
        if let Some(b) = self.thresholds() {
            energy -= x.iter().zip(b).map(|(&xi, &bi)| f64::from(xi) * f64::from(bi)).sum::<f64>();
        }
        energy
    }

    /// Returns the symmetric part (W + W^T)/2 with the same thresholds. It has the same energy as W.
    pub fn symmetric_part(&self) -> Self {
        let w = self.matrix();
        let matrix = Mat::from_fn(self.n(), self.n(), |i, j| 0.5 * (w[(i, j)] + w[(j, i)]));
        Self { matrix, thresholds: self.thresholds.clone(), input: None }
    }
}

/// From this number of states on it pays to lay a matrix out anew.
const STATES_FOR_LAYOUT: usize = 24;

/// Up to here a matrix is multiplied in [`Panels`]: a library's product would take as long again to pack what
/// is in cache already.
const UNITS_FOR_PANELS: usize = 256;

/// A `Product` is a matrix made ready for products with batches of states. Whole-number matrices (the outer
/// product) take the integer path.
pub(crate) struct Product<'a> {
    matrix: MatRef<'a, f32>,
    layout: Layout,
}

enum Layout {
    /// As it is.
    Plain,
    /// In parts of columns, of a matrix that is whole.
    Whole(Vec<Whole>),
    /// Of a small matrix.
    Small(Small),
}

/// A small matrix with room for states and their products.
struct Small {
    panels: Panels,
    states: Vec<f32>,
    products: Vec<f32>,
}

impl<'a> Product<'a> {
    /// Makes a matrix ready for batches of up to `states` states.
    pub(crate) fn new(matrix: MatRef<'a, f32>, states: usize) -> Self {
        let layout = if states < STATES_FOR_LAYOUT {
            Layout::Plain
        } else if let Some(parts) = Whole::parts(matrix) {
            Layout::Whole(parts)
        } else if matrix.nrows() <= UNITS_FOR_PANELS {
            Layout::Small(Small::new(matrix))
        } else {
            Layout::Plain
        };
        Self { matrix, layout }
    }

    /// Adds A X to `fields`; the states X (±1) and the fields lie side by side, N each.
    pub(crate) fn add(&mut self, states: &[i8], fields: &mut [f32]) {
        let n = self.matrix.nrows();
        let width = states.len() / n;
        match &mut self.layout {
            Layout::Small(small) => return small.add(n, states, fields),
            Layout::Whole(parts) if width >= STATES_FOR_LAYOUT => return add_whole(parts, n, states, fields),
            Layout::Plain | Layout::Whole(_) => {}
        }
        let x: Vec<f32> = states.iter().map(|&s| f32::from(s)).collect();
        add_values(self.matrix, &x, fields);
    }
}

impl Small {
    fn new(matrix: MatRef<'_, f32>) -> Self {
        let n = matrix.nrows();
        let mut panels = Panels::zeros(n);
        panels.set_columns((0..n).map(|j| column(matrix, j)));
        Self { panels, states: Vec::new(), products: Vec::new() }
    }

    fn add(&mut self, n: usize, states: &[i8], fields: &mut [f32]) {
        let length = tiles::padded(n);
        let count = states.len() / n;
        let room = length * count.next_multiple_of(tiles::QUERIES);
        self.states.resize(room, 0.0);
        self.products.resize(room, 0.0);
        for (to, state) in self.states.chunks_exact_mut(length).zip(states.chunks_exact(n)) {
            to.iter_mut().zip(state).for_each(|(x, &sign)| *x = f32::from(sign));
        }
        self.panels.product(&self.states, &mut self.products, count, |state, first, products| {
            let fields = &mut fields[state * n..][first.min(n)..n];
            fields.iter_mut().zip(products).for_each(|(h, &mut product)| *h += product);
        });
    }
}

fn add_whole(parts: &[Whole], n: usize, states: &[i8], fields: &mut [f32]) {
    let mut first = 0;
    for part in parts {
        let units = first..first + part.columns();
        first = units.end;
        let put = |state: usize, row: usize, sums: &[i16]| {
            let fields = fields[state * n + row..].iter_mut().zip(sums);
            fields.for_each(|(h, &sum)| *h += f32::from(sum));
        };
        if units.len() == n {
            part.product(states, put);
        } else {
            let states: Vec<i8> =
                states.chunks_exact(n).flat_map(|state| &state[units.clone()]).copied().collect();
            part.product(&states, put);
        }
    }
}

/// Adds A X to `fields`, once.
pub(crate) fn add_product(a: MatRef<'_, f32>, states: &[i8], fields: &mut [f32]) {
    Product::new(a, states.len() / a.nrows()).add(states, fields);
}

/// Adds A X to `fields` for any real X; columns of both lie side by side.
pub(crate) fn add_values(a: MatRef<'_, f32>, x: &[f32], fields: &mut [f32]) {
    let n = a.nrows();
    let width = x.len() / n;
    let fields = MatMut::from_column_major_slice_mut(fields, n, width);
    matmul(fields, Accum::Add, a, MatRef::from_column_major_slice(x, n, width), 1.0, threads(n));
}

fn check(what: &'static str, matrix: MatRef<'_, f32>, n: usize) -> Result<(), WeightsError> {
    let (rows, columns) = (matrix.nrows(), matrix.ncols());
    if rows != n || columns != n {
        return Err(WeightsError::Shape { what, rows, columns, expected: n });
    }
    for (column, values) in matrix.col_iter().enumerate() {
        // Counting, unlike an early return, is vectorised.
        let values = values.iter();
        if values.map(|x| u32::from(!x.is_finite())).sum::<u32>() == 0 {
            continue;
        }
        let found = matrix.col(column).iter().enumerate().find(|(_, x)| !x.is_finite());
        if let Some((row, &value)) = found {
            return Err(WeightsError::NotFinite { what, row, column, value });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seed::Stream;

    #[test]
    fn products_in_any_layout_are_those_of_the_definition() {
        let mut stream = Stream::named(1, "test", &[]);
        for n in [1, 5, 16, 17, 64, 100, 256, 257] {
            for scale in [1.0, 0.3] {
                let matrix = Mat::from_fn(n, n, |_, _| scale * (stream.below(9) as f32 - 4.0));
                for count in [1, 30] {
                    let states = Patterns::random(n, count, &mut stream);
                    let mut fields = vec![0.5; n * count];
                    add_product(matrix.as_ref(), states.signs(), &mut fields);
                    for (state, fields) in states.rows().zip(fields.chunks_exact(n)) {
                        for (i, &field) in fields.iter().enumerate() {
                            let terms = state.iter().enumerate();
                            let terms = terms.map(|(j, &x)| f64::from(matrix[(i, j)]) * f64::from(x));
                            let exact = 0.5 + terms.sum::<f64>();
                            assert!((f64::from(field) - exact).abs() < 1e-3, "{field}, {exact} at {n}");
                        }
                    }
                }
            }
        }
    }
}
