//! Samples are small jobs, of the sizes that a definition has.

use protocols::{Patterns, Stream};
use study::definition::Definition;

/// Units N and messages M.
pub(crate) type Size = (usize, usize);

/// Returns the sizes that a protocol is run at, the least first.
pub(crate) fn sizes(definition: &Definition, label: &str) -> Vec<Size> {
    let place = definition.protocols.get_index_of(label);
    let of_it = definition.conditions.iter().filter(|condition| Some(condition.protocol) == place);
    let mut sizes: Vec<Size> = of_it.map(|condition| (condition.n as usize, condition.m as usize)).collect();
    sizes.sort_unstable_by_key(|&(n, m)| (n * n + n * m, n));
    sizes.dedup();
    sizes
}

/// Returns the least size of a definition.
pub(crate) fn least(definition: &Definition) -> Size {
    let labels = definition.protocols.keys();
    labels.filter_map(|label| sizes(definition, label).first().copied()).min().unwrap_or((16, 3))
}

/// Draws as many message sets. Sets of another `name` are others.
pub(crate) fn messages(name: &str, (n, m): Size, trials: usize) -> Vec<Patterns> {
    let mut stream = stream(name);
    (0..trials).map(|_| Patterns::random(n, m, &mut stream)).collect()
}

/// Draws as many seeds.
pub(crate) fn seeds(name: &str, trials: usize) -> Vec<u64> {
    let mut stream = stream(&format!("seeds/{name}"));
    (0..trials).map(|_| stream.word()).collect()
}

pub(crate) fn stream(name: &str) -> Stream {
    Stream::named(1, &format!("check/{name}"), &[])
}
