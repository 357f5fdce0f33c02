//! Buffers that start on a cache line, so that vectors of 16 f32 never straddle two.

use std::ops::{Deref, DerefMut};

const CACHE_LINE: usize = 64;

/// A fixed-length buffer whose first element lies on a cache line.
#[derive(Clone, Debug)]
pub(crate) struct Aligned<R> {
    data: Vec<R>,
    start: usize,
    len: usize,
}

impl<R: Copy + Default> Aligned<R> {
    pub(crate) fn zeros(len: usize) -> Self {
        let data = vec![R::default(); len + CACHE_LINE / size_of::<R>()];
        let start = data.as_ptr().align_offset(CACHE_LINE).min(CACHE_LINE / size_of::<R>());
        Self { data, start, len }
    }
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
