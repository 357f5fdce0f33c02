//! Cliques are subsets of the vertices of a graph with all edges between them, and units are possible edges.
//!
//! N = v (v - 1)/2 units are the pairs of v vertices, (0, 1), (0, 2), ..., (v - 2, v - 1). The message of a
//! clique on k vertices, v/2 where it is not given, has +1 on the k (k - 1)/2 pairs within it and -1
//! elsewhere. There are C(v, k) of them, drawn without replacement. All can be fixed points of one symmetric
//! network, far more than N, and minimum probability flow finds it from a fraction of them.
//!
//! Cost: N operations a message and few draws of k vertices. Source: Hillar and Tran 2018 (arXiv:1411.4625 of
//! 2014), Robust exponential memory in Hopfield networks, J. Math. Neurosci. 8, 1.

use super::error::Misfit;
use super::kind::{Kind, SourceAbout};
use crate::described::Parameter;
use crate::seed::Stream;
use serde::{Deserialize, Serialize};
use std::collections::HashSet;

/// `Cliques` are subsets of vertices, with all edges between them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Cliques {
    /// Vertices of a clique; v/2, rounded down, where it is not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub k: Option<u32>,
}

impl Kind for Cliques {
    fn about(&self) -> &'static SourceAbout {
        &SourceAbout {
            name: "cliques",
            title: "cliques",
            formula: "+1 on the edges between k of v vertices, N = v (v - 1)/2, without replacement",
            units: "v (v - 1)/2: 3, 6, 10, 15, ...",
            source: "Hillar, Tran 2018, doi 10.1186/s13408-017-0056-2",
            parameters: &[Parameter {
                name: "k",
                allowed: "a whole number from 2 to v; v/2 where it is not given",
                meaning: "vertices of a clique",
            }],
        }
    }

    fn parameters(&self) -> Vec<(&'static str, String)> {
        self.k.map(|k| ("k", k.to_string())).into_iter().collect()
    }

    fn check(&self, n: usize, m: usize) -> Result<(), Misfit> {
        // From three vertices on: between two there is but one edge.
        let vertices = 2 + Misfit::among("sets of edges", n, |k| (k + 2) * (k + 1) / 2)?;
        let size = self.size(vertices);
        if !(2..=vertices).contains(&size) {
            let allowed = format!("a whole number from 2 to {vertices}, the vertices of {n} edges");
            return Err(Misfit::Parameter { parameter: "k", value: size, allowed });
        }
        let available = choices(vertices, size);
        if m > available { Err(Misfit::Count { available, only: false }) } else { Ok(()) }
    }

    fn draw(&self, n: usize, m: usize, stream: &mut Stream) -> Vec<i8> {
        let vertices = vertices(n);
        let size = self.size(vertices);
        let (mut drawn, mut signs) = (HashSet::new(), Vec::with_capacity(n * m));
        let mut order: Vec<usize> = (0..vertices).collect();
        while drawn.len() < m {
            stream.choose(&mut order, size);
            let mut within = vec![false; vertices];
            order[..size].iter().for_each(|&vertex| within[vertex] = true);
            if drawn.insert(within.clone()) {
                let edges = (0..vertices).flat_map(|a| (a + 1..vertices).map(move |b| (a, b)));
                signs.extend(edges.map(|(a, b)| if within[a] && within[b] { 1_i8 } else { -1 }));
            }
        }
        signs
    }
}

impl Cliques {
    /// Vertices of a clique. With three vertices half of them are two.
    fn size(self, vertices: usize) -> usize {
        self.k.map_or((vertices / 2).max(2), |k| k as usize)
    }
}

/// The vertices v of a graph with N = v (v - 1)/2 possible edges.
fn vertices(n: usize) -> usize {
    // The positive root of v^2 - v - 2 N.
    (1 + 8 * n).isqrt().div_ceil(2)
}

/// C(v, k), as far as it can be counted.
fn choices(vertices: usize, size: usize) -> usize {
    let size = size.min(vertices - size);
    (0..size)
        .try_fold(1_usize, |ways, i| ways.checked_mul(vertices - i).map(|ways| ways / (i + 1)))
        .unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Source;

    #[test]
    fn half_the_vertices_of_ten_make_252_cliques() {
        let stream = &mut Stream::named(1, "test", &[]);
        for (v, k, count) in [(10_usize, 5, 252), (6, 3, 20), (3, 2, 3), (7, 3, 35)] {
            let n = v * (v - 1) / 2;
            let all = Source::Cliques(Cliques::default()).draw(n, count, stream).unwrap();
            assert_eq!(all.rows().collect::<HashSet<_>>().len(), count, "all of them once");
            for row in all.rows() {
                assert_eq!(row.iter().filter(|&&sign| sign == 1).count(), k * (k - 1) / 2);
            }
            let more = Source::Cliques(Cliques::default()).check(n, count + 1);
            assert_eq!(
                more.unwrap_err().to_string(),
                format!("there are {count} distinct cliques, but m = {} were asked for", count + 1)
            );
        }
        assert_eq!(choices(12, 6), 924);
        assert_eq!(choices(2000, 1000), usize::MAX);
    }

    #[test]
    fn the_edges_of_a_clique_are_those_between_its_vertices() {
        // A triangle among 5 vertices: the pairs of the three vertices that have an edge at all.
        let triangle = Cliques { k: Some(3) }.draw(10, 1, &mut Stream::named(1, "test", &[]));
        let pairs = [(0, 1), (0, 2), (0, 3), (0, 4), (1, 2), (1, 3), (1, 4), (2, 3), (2, 4), (3, 4)];
        let edges: Vec<_> =
            pairs.into_iter().zip(&triangle).filter(|(_, sign)| **sign == 1).map(|(e, _)| e).collect();
        let ends: HashSet<_> = edges.iter().flat_map(|&(a, b)| [a, b]).collect();
        assert_eq!((edges.len(), ends.len()), (3, 3));
    }

    #[test]
    fn what_no_graph_has_is_refused() {
        let told = |k, n| Source::Cliques(Cliques { k }).check(n, 1).unwrap_err().to_string();
        assert_eq!(told(None, 44), "cliques are sets of edges, so n must be 36 or 45, not 44");
        assert_eq!(told(None, 1), "cliques are sets of edges, so n must be 3, not 1");
        assert_eq!(
            told(Some(6), 10),
            "k = 6 does not fit n = 10: it must be a whole number from 2 to 5, the vertices of 10 edges"
        );
    }
}
