//! Square matrices and their transposes are taken tile by tile. A tile and its mirror image stay in cache
//! together, and every access to the matrix runs along a column.
//!
//! A symmetric matrix with zero diagonal is also kept *packed*, every pair once: it is cut into blocks of
//! columns, and of each block follow the strictly lower triangle of the square on the diagonal and the
//! rectangle below, both column after column. So the rectangles, which are nearly all of it, are matrices as
//! they lie, and products with them need no other copy of it.

use crate::parallel::{halved, matmul};
use crate::real::Real;
use faer::{Accum, MatMut, MatRef, Par};
use std::ops::Range;

/// Side of a tile.
const TILE: usize = 16;

type Tile<R> = [[R; TILE]; TILE];

/// Copies the lower triangle onto the upper.
pub(crate) fn mirror<R: Real>(matrix: MatMut<'_, R>) {
    pairs(matrix, |_, lower| lower);
}

/// Sets A <- (A + A^T)/2. Both triangles get the same bits.
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

/// `tile[j][i]` = A_{row + i, column + j}.
fn load<R: Real>(matrix: MatRef<'_, R>, row: usize, column: usize, tile: &mut Tile<R>) {
    let n = matrix.nrows();
    for (j, values) in tile.iter_mut().enumerate().take(n - column.min(n)) {
        let height = TILE.min(n - row);
        values[..height].copy_from_slice(&self::column(matrix, column + j)[row..][..height]);
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

/// Returns a column as a slice, which it is in every matrix that owns its values.
pub(crate) fn column<R>(matrix: MatRef<'_, R>, column: usize) -> &[R] {
    matrix.col(column).try_as_col_major().expect("columns are contiguous").as_slice()
}

/// Returns the same column, to be changed.
pub(crate) fn column_mut<R>(matrix: MatMut<'_, R>, column: usize) -> &mut [R] {
    matrix.col_mut(column).try_as_col_major_mut().expect("columns are contiguous").as_slice_mut()
}

/// Returns the length of a packed matrix of side `n`.
pub(crate) fn packed_len(n: usize) -> usize {
    n * n.saturating_sub(1) / 2
}

/// Columns of a block: with these, products take between a sixth less and an eighth more time than with the
/// whole matrix (N = 64 to 1024, M = 48 to 192), and squares stay in the first-level cache.
const BLOCK: usize = 96;

/// A block of columns of a packed matrix.
struct Block {
    /// Its columns, and so the rows of its square.
    columns: Range<usize>,
    /// The rows below.
    below: Range<usize>,
    /// Where the triangle is packed.
    triangle: Range<usize>,
    /// Where the rectangle is packed.
    rectangle: Range<usize>,
}

/// The blocks of a packed matrix of side `n`.
fn blocks(n: usize) -> impl Iterator<Item = Block> {
    let mut end = 0;
    (0..n).step_by(BLOCK).map(move |first| {
        let columns = first..n.min(first + BLOCK);
        let below = columns.end..n;
        let triangle = end..end + packed_len(columns.len());
        let rectangle = triangle.end..triangle.end + columns.len() * below.len();
        end = rectangle.end;
        Block { columns, below, triangle, rectangle }
    })
}

/// Makes a buffer for the squares of a packed matrix of side `n`.
pub(crate) fn square<R: Real>(n: usize) -> Vec<R> {
    vec![R::default(); n.min(BLOCK).pow(2)]
}

/// Columns that a thread should have, at least, of a product with a packed matrix.
const FEWEST_COLUMNS: usize = 64;

/// Columns of the last block with which a product of those columns is no small one for the library, which sums small
/// ones by another program: where products are cut must not show in their bits.
const FEWEST_OF_BLOCK: usize = 16;

/// Sets product <- scale A x for a packed A. Threads have some columns of the product each: a product of a block is too
/// little work to be shared.
pub(crate) fn multiply<R: Real>(
    scale: R,
    packed: &[R],
    x: MatRef<'_, R>,
    mut product: MatMut<'_, R>,
    buffer: &mut [R],
    threads: Par,
) {
    let (n, half) = (x.nrows(), x.ncols() / 2);
    let is_wide = half >= FEWEST_COLUMNS && (n.max(1) - 1) % BLOCK + 1 >= FEWEST_OF_BLOCK;
    if let Some(threads) = halved(threads).filter(|_| is_wide) {
        let (near, far) = x.split_at_col(half);
        let (to_near, to_far) = product.split_at_col_mut(half);
        rayon::join(
            || multiply(scale, packed, near, to_near, buffer, threads),
            || multiply(scale, packed, far, to_far, &mut square(n), threads),
        );
        return;
    }
    for Block { columns, below, triangle, rectangle } in blocks(n) {
        let width = columns.len();
        // The first block sets all rows.
        let accumulate = if columns.start == 0 { Accum::Replace } else { Accum::Add };
        spread(&packed[triangle], width, buffer);
        let square = MatRef::from_column_major_slice(&buffer[..width * width], width, width);
        let rectangle = MatRef::from_column_major_slice(&packed[rectangle], below.len(), width);
        let (own, others) = (rows(x, &columns), rows(x, &below));
        let (_, product) = product.as_mut().split_at_row_mut(columns.start);
        let (mut top, bottom) = product.split_at_row_mut(width);
        matmul(top.as_mut(), accumulate, square, own, scale, threads);
        matmul(top, Accum::Add, rectangle.transpose(), others, scale, threads);
        matmul(bottom, accumulate, rectangle, own, scale, threads);
    }
}

/// Sets packed <- scale (f x^T + x f^T), without its diagonal. Threads have some blocks each.
pub(crate) fn pack_products<R: Real>(
    scale: R,
    f: MatRef<'_, R>,
    x: MatRef<'_, R>,
    packed: &mut [R],
    buffer: &mut [R],
    threads: Par,
) {
    let all = 0..x.nrows().div_ceil(BLOCK);
    pack_blocks(scale, [f, x], (all, packed), buffer, threads);
}

/// The same for some of the blocks, which are all of `packed`.
fn pack_blocks<R: Real>(
    scale: R,
    [f, x]: [MatRef<'_, R>; 2],
    (which, packed): (Range<usize>, &mut [R]),
    buffer: &mut [R],
    threads: Par,
) {
    let n = x.nrows();
    let chosen = || blocks(n).skip(which.start).take(which.len());
    let Some(start) = chosen().next().map(|block| block.triangle.start) else { return };
    if let Some(threads) = halved(threads).filter(|_| which.len() > 1) {
        // The first blocks are the longest: the two parts have about as many numbers.
        let middle = start + packed.len() / 2;
        let near =
            chosen().take_while(|block| block.triangle.start.midpoint(block.rectangle.end) < middle).count();
        let cut = which.start + near.clamp(1, which.len() - 1);
        let end = blocks(n).nth(cut).expect("there are blocks behind the cut").triangle.start;
        let (near, far) = packed.split_at_mut(end - start);
        rayon::join(
            || pack_blocks(scale, [f, x], (which.start..cut, near), buffer, threads),
            || pack_blocks(scale, [f, x], (cut..which.end, far), &mut square(n), threads),
        );
        return;
    }
    for Block { columns, below, triangle, rectangle } in chosen() {
        let width = columns.len();
        let (own_f, own_x) = (rows(f, &columns).transpose(), rows(x, &columns).transpose());
        let square = &mut buffer[..width * width];
        let product = MatMut::from_column_major_slice_mut(square, width, width);
        matmul(product, Accum::Replace, rows(f, &columns), own_x, scale, threads);
        gather(square, width, &mut packed[triangle.start - start..triangle.end - start]);
        let rectangle = &mut packed[rectangle.start - start..rectangle.end - start];
        let mut rectangle = MatMut::from_column_major_slice_mut(rectangle, below.len(), width);
        matmul(rectangle.as_mut(), Accum::Replace, rows(f, &below), own_x, scale, threads);
        matmul(rectangle, Accum::Add, rows(x, &below), own_f, scale, threads);
    }
}

/// Sets the matrix that is packed, times `scale`.
pub(crate) fn unpack<R: Real>(scale: R, packed: &[R], mut matrix: MatMut<'_, R>) {
    let n = matrix.nrows();
    let mut whole = square(n);
    for Block { columns, below, triangle, rectangle } in blocks(n) {
        let width = columns.len();
        spread(&packed[triangle], width, &mut whole);
        for (j, square) in columns.clone().zip(whole.chunks_exact(width)) {
            let from = rectangle.start + (j - columns.start) * below.len();
            let entries = square.iter().chain(&packed[from..][..below.len()]);
            let column = &mut column_mut(matrix.as_mut(), j)[columns.start..];
            column.iter_mut().zip(entries).for_each(|(value, &x)| *value = scale * x);
        }
    }
    mirror(matrix);
}

fn rows<'a, R>(matrix: MatRef<'a, R>, rows: &Range<usize>) -> MatRef<'a, R> {
    matrix.subrows(rows.start, rows.len())
}

/// Sets the symmetric matrix of side `n` with zero diagonal whose lower triangle is given.
fn spread<R: Real>(triangle: &[R], n: usize, matrix: &mut [R]) {
    let mut rest = triangle;
    for j in 0..n {
        let (column, others) = rest.split_at(n - j - 1);
        rest = others;
        matrix[j * n + j] = R::default();
        matrix[j * n..][j + 1..n].copy_from_slice(column);
        let below = matrix[(j + 1) * n..].chunks_exact_mut(n);
        below.zip(column).for_each(|(column, &x)| column[j] = x);
    }
}

/// Sets the lower triangle of A + A^T.
fn gather<R: Real>(matrix: &[R], n: usize, triangle: &mut [R]) {
    let mut rest = triangle;
    for j in 0..n {
        let (packed, others) = rest.split_at_mut(n - j - 1);
        rest = others;
        let (column, following) = matrix[j * n..].split_at(n);
        let both = column[j + 1..].iter().zip(following.chunks_exact(n));
        packed.iter_mut().zip(both).for_each(|(value, (&x, following))| *value = x + following[j]);
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
    fn threads_leave_the_bits_of_packed_products_alone() {
        for (n, m) in
            [(BLOCK, 200), (2 * BLOCK + 1, 200), (2 * BLOCK + 40, 130), (5 * BLOCK + 16, 131), (300, 90)]
        {
            let entry = |i: usize, j: usize| ((i * 31 + j * 17) % 101) as f32 / 7.0 - 6.0;
            let f = Mat::from_fn(n, m, |i, j| entry(i + 3, 2 * j));
            let x = Mat::from_fn(n, m, entry);
            let found = [Par::Seq, Par::rayon(2), Par::rayon(3), Par::rayon(5)].map(|threads| {
                let (mut packed, mut buffer) = (vec![f32::NAN; packed_len(n)], square(n));
                pack_products(0.3, f.as_ref(), x.as_ref(), &mut packed, &mut buffer, threads);
                let mut product = Mat::from_fn(n, m, |_, _| f32::NAN);
                multiply(0.7, &packed, x.as_ref(), product.as_mut(), &mut buffer, threads);
                (packed, product)
            });
            assert!(found.iter().all(|threaded| *threaded == found[0]), "side {n}, {m} columns");
        }
    }

    #[test]
    fn packed_matrices_are_what_their_products_say() {
        for n in [1, 2, 3, BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK, 250] {
            let m = 7;
            let f = Mat::from_fn(n, m, |i, j| ((i * 5 + j * 3) % 11) as f64);
            let x = Mat::from_fn(n, m, |i, j| ((i * 7 + j * j) % 13) as f64);
            let sum = &f * x.transpose() + &x * f.transpose();
            let whole = Mat::from_fn(n, n, |i, j| if i == j { 0.0 } else { sum[(i, j)] });
            let (mut packed, mut buffer) = (vec![f64::NAN; packed_len(n)], square(n));
            pack_products(0.5, f.as_ref(), x.as_ref(), &mut packed, &mut buffer, Par::Seq);
            let mut back = Mat::from_fn(n, n, |_, _| f64::NAN);
            unpack(2.0, &packed, back.as_mut());
            assert_eq!(back, whole, "side {n}");
            let mut product = Mat::from_fn(n, m, |_, _| f64::NAN);
            multiply(2.0, &packed, x.as_ref(), product.as_mut(), &mut buffer, Par::Seq);
            assert_eq!(product, &whole * &x, "side {n}");
        }
    }
}
