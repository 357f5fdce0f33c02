//! Buffers here start on a cache line, so that vectors of 16 f32 never straddle two.

use std::ops::{Deref, DerefMut};

const CACHE_LINE: usize = 64;

/// An `Aligned` is a fixed-length buffer whose first element lies on a cache line.
#[derive(Clone, Debug)]
pub(crate) struct Aligned<R> {
    data: Vec<R>,
    start: usize,
    len: usize,
}

impl<R: Copy + Default> Aligned<R> {
    pub(crate) fn zeros(len: usize) -> Self {
        let data = vec![R::default(); len + spare::<R>()];
        let start = lead(data.as_ptr());
        Self { data, start, len }
    }

    /// Makes an empty buffer with room for `capacity` values.
    pub(crate) fn with_capacity(capacity: usize) -> Self {
        let mut data = Vec::with_capacity(capacity + spare::<R>());
        let start = lead(data.as_ptr());
        data.resize(start, R::default());
        Self { data, start, len: 0 }
    }

    /// Appends zeros, for which there must be room. The buffer would else move, off its cache line.
    pub(crate) fn append_zeros(&mut self, count: usize) -> &mut [R] {
        let first = self.data.len();
        assert!(self.data.capacity() - first >= count, "an aligned buffer does not grow");
        self.data.resize(first + count, R::default());
        self.len += count;
        &mut self.data[first..]
    }
}

/// Values of a cache line: as many are kept in reserve, to begin on one.
fn spare<R>() -> usize {
    CACHE_LINE / size_of::<R>()
}

/// Values from `start` on that lie before a cache line begins.
fn lead<R>(start: *const R) -> usize {
    start.align_offset(CACHE_LINE).min(spare::<R>())
}

impl<R> Deref for Aligned<R> {
    type Target = [R];

    fn deref(&self) -> &[R] {
        &self.data[self.start..][..self.len]
    }
}

impl<R> DerefMut for Aligned<R> {
    fn deref_mut(&mut self) -> &mut [R] {
        &mut self.data[self.start..][..self.len]
    }
}
