//! A batch holds training pairs, and the units in which its queries differ from their messages.

/// A `Batch` is a batch of training pairs. They are vectors of N units side by side.
pub(crate) struct Batch<'a, R> {
    /// M messages.
    pub(crate) messages: &'a [R],
    /// The queries.
    pub(crate) queries: &'a [R],
    /// For each query its message.
    pub(crate) targets: &'a [u32],
    /// For each query the units in which it differs from its message.
    pub(crate) flips: Flips<'a>,
}

/// `Flips` holds, for each of some queries, the units that were flipped.
#[derive(Clone, Copy)]
pub(crate) struct Flips<'a> {
    /// The units of all queries, one query after another.
    pub(crate) units: &'a [u32],
    /// Where each query's units end, counted from the first query of the batch that this is a part of.
    pub(crate) ends: &'a [usize],
    /// Where the first query's begin.
    pub(crate) start: usize,
}

impl<'a> Flips<'a> {
    /// Returns the flipped units of every query.
    pub(crate) fn each(self) -> impl Iterator<Item = &'a [u32]> {
        let starts = std::iter::once(self.start).chain(self.ends.iter().copied());
        starts.zip(self.ends).map(move |(start, &end)| &self.units[start - self.start..end - self.start])
    }

    /// Returns the flipped units of one query.
    pub(super) fn of(self, query: usize) -> &'a [u32] {
        let start = query.checked_sub(1).map_or(self.start, |before| self.ends[before]);
        &self.units[start - self.start..self.ends[query] - self.start]
    }

    /// Parts of `size` queries.
    fn chunks(self, size: usize) -> impl Iterator<Item = Self> {
        let mut start = self.start;
        self.ends.chunks(size).map(move |ends| {
            let end = *ends.last().expect("a chunk is not empty");
            let part = Self { units: &self.units[start - self.start..end - self.start], ends, start };
            start = end;
            part
        })
    }
}

impl<R> Clone for Batch<'_, R> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<R> Copy for Batch<'_, R> {}

impl<'a, R> Batch<'a, R> {
    /// Splits the batch into parts of `size` queries. The last may be smaller.
    pub(super) fn chunks(self, n: usize, size: usize) -> impl Iterator<Item = Self> {
        let parts = self.queries.chunks(n * size).zip(self.targets.chunks(size)).zip(self.flips.chunks(size));
        parts.map(move |((queries, targets), flips)| Self {
            messages: self.messages,
            queries,
            targets,
            flips,
        })
    }
}
