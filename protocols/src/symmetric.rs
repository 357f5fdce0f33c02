//! Square matrices and their transposes, tile by tile: a tile and its mirror image stay in cache together, and every access
//! to the matrix runs along a column.
//!
//! A symmetric matrix with zero diagonal is also kept *packed*: its strictly lower triangle, column after column.

use crate::real::Real;
use faer::{MatMut, MatRef};

/// Side of a tile.
const TILE: usize = 16;

type Tile<R> = [[R; TILE]; TILE];

/// Copies the lower triangle onto the upper.
pub(crate) fn mirror<R: Real>(matrix: MatMut<'_, R>) {
    pairs(matrix, |_, lower| lower);
}

/// A <- (A + A^T)/2; both triangles get the same bits.
pub(crate) fn symmetrise<R: Real>(matrix: MatMut<'_, R>) {
    let half = R::round_from(0.5);
    pairs(matrix, |upper, lower| half * (upper + lower));
}

/// Sets A_ij and A_ji, i > j, to `f(A_ji, A_ij)`.
fn pairs<R: Real>(mut matrix: MatMut<'_, R>, f: impl Fn(R, R) -> R) {
    let n = matrix.nrows();
    let mut lower = [[R::default(); TILE]; TILE];
    let mut upper = lower;
    for column in (0..n).step_by(TILE) {
        for row in (column..n).step_by(TILE) {
            load(matrix.as_ref(), row, column, &mut lower);
            load(matrix.as_ref(), column, row, &mut upper);
            for j in 0..TILE {
                // On the diagonal tile the two buffers hold the same entries, and only i > j may decide.
                let first = if row == column { j + 1 } else { 0 };
                for i in first..TILE {
                    let value = f(upper[i][j], lower[j][i]);
                    lower[j][i] = value;
                    upper[i][j] = value;
                    if row == column {
                        lower[i][j] = value;
                    }
                }
            }
            store(matrix.as_mut(), row, column, &lower);
            if row != column {
                store(matrix.as_mut(), column, row, &upper);
            }
        }
    }
}

/// tile[j][i] = A_{row + i, column + j}.
fn load<R: Real>(matrix: MatRef<'_, R>, row: usize, column: usize, tile: &mut Tile<R>) {
    let n = matrix.nrows();
    for (j, values) in tile.iter_mut().enumerate().take(n - column.min(n)) {
        let height = TILE.min(n - row);
        let entries = matrix.col(column + j).try_as_col_major().expect("columns are contiguous").as_slice();
        values[..height].copy_from_slice(&entries[row..][..height]);
    }
}

fn store<R: Real>(matrix: MatMut<'_, R>, row: usize, column: usize, tile: &Tile<R>) {
    let n = matrix.nrows();
    let mut matrix = matrix;
    for (j, values) in tile.iter().enumerate().take(n - column.min(n)) {
        let height = TILE.min(n - row);
        column_mut(matrix.as_mut(), column + j)[row..][..height].copy_from_slice(&values[..height]);
    }
}

/// A column as a slice, which it is in every matrix that owns its values.
pub(crate) fn column_mut<R>(matrix: MatMut<'_, R>, column: usize) -> &mut [R] {
    matrix.col_mut(column).try_as_col_major_mut().expect("columns are contiguous").as_slice_mut()
}

/// Length of a packed matrix of side `n`.
pub(crate) fn packed_len(n: usize) -> usize {
    n * n.saturating_sub(1) / 2
}

/// Where entry (`row`, `column`), row > column, of a matrix of side `n` is packed.
fn packed_at(n: usize, row: usize, column: usize) -> usize {
    // Columns before it hold n - 1, n - 2, ... entries.
    column * (n - 1) - column * column.saturating_sub(1) / 2 + row - column - 1
}

/// Packs scale (A + A^T), without its diagonal.
pub(crate) fn pack_sum<R: Real>(scale: R, matrix: MatRef<'_, R>, packed: &mut [R]) {
    let n = matrix.nrows();
    let mut lower = [[R::default(); TILE]; TILE];
    let mut upper = lower;
    for column in (0..n).step_by(TILE) {
        for row in (column..n).step_by(TILE) {
            load(matrix, row, column, &mut lower);
            load(matrix, column, row, &mut upper);
            for (j, values) in lower.iter_mut().enumerate().take(n - column) {
                let first = if row == column { j + 1 } else { 0 };
                let height = TILE.min(n - row);
                if first >= height {
                    continue;
                }
                for (i, value) in values.iter_mut().enumerate() {
                    *value = scale * (*value + upper[i][j]);
                }
                packed[packed_at(n, row + first, column + j)..][..height - first]
                    .copy_from_slice(&values[first..height]);
            }
        }
    }
}

/// Sets the symmetric matrix with zero diagonal whose packed entries times `scale` are its own.
#[expect(clippy::needless_range_loop, reason = "a transpose reads by both indices")]
pub(crate) fn unpack<R: Real>(scale: R, packed: &[R], mut matrix: MatMut<'_, R>) {
    let n = matrix.nrows();
    let mut lower = [[R::default(); TILE]; TILE];
    let mut upper = lower;
    for column in (0..n).step_by(TILE) {
        for row in (column..n).step_by(TILE) {
            let height = TILE.min(n - row);
            for (j, values) in lower.iter_mut().enumerate().take(n - column) {
                let first = if row == column { (j + 1).min(height) } else { 0 };
                let from = &packed[packed_at(n, row + first, column + j).min(packed.len())..];
                let entries = values[first..height].iter_mut().zip(from);
                entries.for_each(|(value, &x)| *value = scale * x);
            }
            if row == column {
                for j in 0..TILE {
                    lower[j][j] = R::default();
                    for i in 0..j {
                        lower[j][i] = lower[i][j];
                    }
                }
            }
            for (j, values) in lower.iter().enumerate() {
                values.iter().enumerate().for_each(|(i, &value)| upper[i][j] = value);
            }
            store(matrix.as_mut(), row, column, &lower);
            store(matrix.as_mut(), column, row, &upper);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use faer::Mat;

    #[test]
    fn every_pair_is_set_at_any_size() {
        for n in [1, 2, 15, 16, 17, 40, 64] {
            let original = Mat::from_fn(n, n, |i, j| (i * 100 + j) as f32);
            let (mut mirrored, mut mean) = (original.clone(), original.clone());
            mirror(mirrored.as_mut());
            symmetrise(mean.as_mut());
            for i in 0..n {
                for j in 0..n {
                    assert_eq!(mirrored[(i, j)], original[(i.max(j), i.min(j))], "mirror of {i}, {j} at {n}");
                    assert_eq!(
                        mean[(i, j)],
                        0.5 * (original[(i, j)] + original[(j, i)]),
                        "mean of {i}, {j} at {n}"
                    );
                }
            }
        }
    }

    #[test]
    fn packing_keeps_the_sum_with_the_transpose() {
        for n in [1, 2, 3, 15, 16, 17, 40, 64] {
            let original = Mat::from_fn(n, n, |i, j| (i * 100 + j) as f64);
            let mut packed = vec![f64::NAN; packed_len(n)];
            pack_sum(0.5, original.as_ref(), &mut packed);
            let mut back = Mat::from_fn(n, n, |_, _| f64::NAN);
            unpack(2.0, &packed, back.as_mut());
            let expected =
                Mat::from_fn(n, n, |i, j| if i == j { 0.0 } else { original[(i, j)] + original[(j, i)] });
            assert_eq!(back, expected, "side {n}");
            let columns = (0..n).flat_map(|j| (j + 1..n).map(move |i| (i, j)));
            let by_column: Vec<f64> = columns.map(|at| 0.5 * expected[at]).collect();
            assert_eq!(packed, by_column, "side {n}");
        }
    }
}
