//! A matrix is written column by column here, from the first entry to the last. `Mat::zeros` would write all
//! of it once more: a sixth of the time that the outer product takes.

#![expect(unsafe_code, reason = "a matrix that is not initialised yet can be had in no other way")]

use faer::Mat;
use std::mem::MaybeUninit;

/// `Columns` is a square matrix of f32 under way.
pub(crate) struct Columns {
    /// Has room for n x n entries, and as yet no dimensions.
    matrix: Mat<f32>,
    n: usize,
    /// The column and the row of the next entry.
    next: (usize, usize),
}

impl Columns {
    /// Makes a matrix of side `n`, with nothing written.
    pub(crate) fn new(n: usize) -> Self {
        Self { matrix: Mat::with_capacity(n, n), n, next: (0, 0) }
    }

    /// Writes the next entries of a column.
    ///
    /// # Panics
    /// If they do not follow the last ones, or end beyond their column.
    #[inline(always)]
    pub(crate) fn write(&mut self, column: usize, first: usize, values: impl ExactSizeIterator<Item = f32>) {
        let end = first + values.len();
        assert!(self.next == (column, first) && column < self.n && end <= self.n, "entries come in order");
        let stride = self.matrix.col_stride().unsigned_abs();
        // SAFETY: the matrix has room for n columns, `stride` entries apart, of n entries each; these lie in
        // one of them, and nothing else refers to them.
        let entries = unsafe {
            let start = self.matrix.as_ptr_mut().add(column * stride + first);
            std::slice::from_raw_parts_mut(start.cast::<MaybeUninit<f32>>(), end - first)
        };
        // A short iterator would leave entries unwritten; it is then as if nothing had come.
        let written = entries.iter_mut().zip(values).map(|(entry, value)| entry.write(value)).count();
        assert!(written == end - first, "an iterator is as long as it says");
        self.next = if end == self.n { (column + 1, 0) } else { (column, end) };
    }

    /// Returns the matrix.
    ///
    /// # Panics
    /// If not all of it is written.
    pub(crate) fn finish(mut self) -> Mat<f32> {
        assert!(self.n == 0 || self.next == (self.n, 0), "every entry is written");
        // SAFETY: there is room for n x n entries, and all of them are initialised.
        unsafe { self.matrix.set_dims(self.n, self.n) };
        self.matrix
    }
}
