//! This module puts in words what failed in a sweep. It says how many cells by status, the first few with
//! their reasons, and how to run them again.

use std::collections::BTreeMap;
use std::fmt::Write;
use study::record::{Memory, Status};

/// Failures that a summary shows one by one.
const SHOWN: usize = 5;

/// Holds the cells of a run that failed.
#[derive(Clone, Debug, PartialEq)]
pub struct Failures<'a> {
    /// How many, by status.
    pub counts: BTreeMap<Status, usize>,
    /// Cells of the run.
    pub cells: usize,
    /// The first of them, in the order of the run.
    pub first: Vec<&'a Memory>,
}

impl<'a> Failures<'a> {
    /// Collects the failures among `memories`. It is `None` where there are none.
    pub fn among(memories: &'a [Memory]) -> Option<Self> {
        let mut counts = BTreeMap::new();
        let mut first = Vec::new();
        for memory in memories.iter().filter(|memory| memory.status != Status::Ok) {
            *counts.entry(memory.status).or_default() += 1;
            if first.len() < SHOWN {
                first.push(memory);
            }
        }
        (!first.is_empty()).then_some(Self { counts, cells: memories.len(), first })
    }

    /// Returns how many there are.
    pub fn count(&self) -> usize {
        self.counts.values().sum()
    }

    /// Returns all of it as text. `one` is the command that runs a cell by itself, `all` the one that runs
    /// all of them again.
    pub fn text(&self, one: impl Fn(&Memory) -> String, all: &str) -> String {
        let mut text = format!("{} of {} cells failed: {}\n", self.count(), self.cells, listed(&self.counts));
        for memory in &self.first {
            let at = &memory.at;
            write!(
                text,
                "  {}: {}, {} messages, N = {}, M = {}, trial {}: {}\n    {}\n",
                memory.status.name(),
                at.protocol,
                at.source.name(),
                at.n,
                at.m,
                at.trial,
                memory.message,
                one(memory)
            )
            .expect("text can be written to");
        }
        let more = self.count() - self.first.len();
        if more > 0 {
            text += &format!("  and {more} more: see `status` and `message` in memories.parquet\n");
        }
        text + &format!("Run them again: {all}")
    }
}

/// Lists counts by status in words: `3 timeout, 1 panic`.
pub fn listed(counts: &BTreeMap<Status, usize>) -> String {
    let each: Vec<String> =
        counts.iter().map(|(status, count)| format!("{count} {}", status.name())).collect();
    each.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use study::record::Coordinates;
    use study::record::sample::{coordinates, without_figures};

    fn memory(trial: u32, status: Status, message: &str) -> Memory {
        let at = Coordinates { trial, ..coordinates(&format!("id{trial}"), "TRN", 20) };
        without_figures(at, status, message)
    }

    #[test]
    fn failures_are_counted_and_the_first_are_told() {
        assert_eq!(Failures::among(&[memory(0, Status::Ok, "")]), None);
        let mut memories = vec![memory(0, Status::Ok, ""), memory(1, Status::Diverged, "NaN at 3")];
        memories.extend((2..10).map(|trial| memory(trial, Status::Timeout, "too long")));
        let failures = Failures::among(&memories).unwrap();
        let text = failures.text(|m| format!("replay {}", m.at.cell), "sweep --rerun failed");
        insta::assert_snapshot!(text, @r"
        9 of 10 cells failed: 1 diverged, 8 timeout
          diverged: TRN, random messages, N = 64, M = 20, trial 1: NaN at 3
            replay id1
          timeout: TRN, random messages, N = 64, M = 20, trial 2: too long
            replay id2
          timeout: TRN, random messages, N = 64, M = 20, trial 3: too long
            replay id3
          timeout: TRN, random messages, N = 64, M = 20, trial 4: too long
            replay id4
          timeout: TRN, random messages, N = 64, M = 20, trial 5: too long
            replay id5
          and 4 more: see `status` and `message` in memories.parquet
        Run them again: sweep --rerun failed
        ");
    }
}
