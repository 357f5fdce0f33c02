//! This module says how many threads may work inside one memory, and splits work among them.
//!
//! Nothing depends on their number, to the bit. Products are split by rows and columns of the result, never within a
//! sum; other work is split into pieces that do not meet, and what is summed over pieces is summed in their order.

use faer::linalg::matmul;
use faer::mat::{AsMatMut, AsMatRef};
use faer::traits::ComplexField;
use faer::{Accum, MatMut, Par};

/// A memory of so many units is huge, and may have several threads inside. Smaller ones are written and read on one
/// thread each: several side by side use a machine better.
pub const HUGE_UNITS: usize = 1024;

/// Returns the threads inside a memory of `n` units. They are faer's global setting for [huge](HUGE_UNITS) ones,
/// else one. The crate starts no threads of its own and leaves that setting to its user.
pub(crate) fn threads(n: usize) -> Par {
    if n >= HUGE_UNITS { faer::get_global_parallelism() } else { Par::Seq }
}

/// Sets `to` to `factor` times the product of `a` and `b`, or adds it. As the library's, but for a product with a
/// vector, whose sums the library would split among threads: that has one.
pub(crate) fn matmul<T: ComplexField>(
    mut to: impl AsMatMut<T = T, Rows = usize, Cols = usize>,
    accumulate: Accum,
    a: impl AsMatRef<T = T, Rows = usize, Cols = usize>,
    b: impl AsMatRef<T = T, Rows = usize, Cols = usize>,
    factor: T,
    threads: Par,
) {
    let (to, a, b) = (to.as_mat_mut(), a.as_mat_ref(), b.as_mat_ref());
    let threads = if to.nrows() == 1 || to.ncols() == 1 { Par::Seq } else { threads };
    matmul::matmul(to, accumulate, a, b, factor, threads);
}

/// Returns the threads of the two halves of a work; `None` where it is not to be split.
pub(crate) fn halved(threads: Par) -> Option<Par> {
    let degree = threads.degree();
    (degree > 1).then(|| if degree > 3 { Par::rayon(degree.div_ceil(2)) } else { Par::Seq })
}

/// Calls `work(first chunk, values, results)` for pieces of `values`, which are cut between chunks of `size` entries.
/// Every chunk has its result.
pub(crate) fn by_chunks<A: Send, B: Send>(
    size: usize,
    (first, values): (usize, &mut [A]),
    results: &mut [B],
    threads: Par,
    work: &(impl Fn(usize, &mut [A], &mut [B]) + Sync),
) {
    let half = results.len() / 2;
    match halved(threads).filter(|_| half > 0) {
        None => work(first, values, results),
        Some(threads) => {
            let (near, far) = values.split_at_mut(half * size);
            let (of_near, of_far) = results.split_at_mut(half);
            rayon::join(
                || by_chunks(size, (first, near), of_near, threads, work),
                || by_chunks(size, (first + half, far), of_far, threads, work),
            );
        }
    }
}

/// Calls `work(first column, columns, results)` for pieces of `matrix`, each some of its columns. Every column has its
/// result.
pub(crate) fn by_columns<R: Send, B: Send>(
    (first, matrix): (usize, MatMut<'_, R>),
    results: &mut [B],
    threads: Par,
    work: &(impl Fn(usize, MatMut<'_, R>, &mut [B]) + Sync),
) {
    let half = results.len() / 2;
    match halved(threads).filter(|_| half > 0) {
        None => work(first, matrix, results),
        Some(threads) => {
            let (near, far) = matrix.split_at_col_mut(half);
            let (of_near, of_far) = results.split_at_mut(half);
            rayon::join(
                || by_columns((first, near), of_near, threads, work),
                || by_columns((first + half, far), of_far, threads, work),
            );
        }
    }
}

/// Returns the largest that `of` finds in pieces of `values`, in whatever pieces they are.
pub(crate) fn largest_of<A: Sync>(values: &[A], threads: Par, of: &(impl Fn(&[A]) -> f64 + Sync)) -> f64 {
    match halved(threads).filter(|_| values.len() > 1) {
        None => of(values),
        Some(threads) => {
            let (near, far) = values.split_at(values.len() / 2);
            let (a, b) = rayon::join(|| largest_of(near, threads, of), || largest_of(far, threads, of));
            a.max(b)
        }
    }
}
