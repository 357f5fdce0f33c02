//! Square matrices and their transposes, tile by tile: a tile and its mirror image stay in cache together, and every access
//! to the matrix runs along a column.

use crate::real::Real;
use faer::MatMut;

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
            load(matrix.as_mut(), row, column, &mut lower);
            load(matrix.as_mut(), column, row, &mut upper);
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
fn load<R: Real>(matrix: MatMut<'_, R>, row: usize, column: usize, tile: &mut Tile<R>) {
    let n = matrix.nrows();
    let mut matrix = matrix;
    for (j, values) in tile.iter_mut().enumerate().take(n - column.min(n)) {
        let height = TILE.min(n - row);
        values[..height].copy_from_slice(&slice(matrix.as_mut(), column + j)[row..][..height]);
    }
}

fn store<R: Real>(matrix: MatMut<'_, R>, row: usize, column: usize, tile: &Tile<R>) {
    let n = matrix.nrows();
    let mut matrix = matrix;
    for (j, values) in tile.iter().enumerate().take(n - column.min(n)) {
        let height = TILE.min(n - row);
        slice(matrix.as_mut(), column + j)[row..][..height].copy_from_slice(&values[..height]);
    }
}

fn slice<R>(matrix: MatMut<'_, R>, column: usize) -> &mut [R] {
    matrix.col_mut(column).try_as_col_major_mut().expect("columns are contiguous").as_slice_mut()
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
}
