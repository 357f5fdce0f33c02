//! Synchronous reading as a walk on a graph of states.
//!
//! The synchronous map gives every state one successor, and reads of many noisy queries soon meet in the same states. So
//! each distinct state is evaluated once for the whole batch: states are interned level by level, their successors
//! computed in one batch, and every query then walks the pointers. A successor that differs from its state in few units
//! gets its fields from the state's own by adding the columns that changed; only the others go through a matrix product.
//! With an input coupling U the map depends on the query, so states are shared between equal queries only.

use super::fields::{differing, each_differing, signs, turn};
use super::{End, Log};
use crate::patterns::Patterns;
use crate::weights::{Product, Weights};
use std::ops::Range;

/// Up to N / `UPDATE_SHARE` changed units the columns are cheaper than the product.
const UPDATE_SHARE: usize = 12;

const NONE: u32 = u32::MAX;

/// Reads all queries into `log`.
pub(super) fn read(
    weights: &Weights,
    queries: &Patterns,
    max_steps: u32,
    checkpoints: &[u32],
    log: &mut Log,
) {
    let mut graph = Graph::new(weights, queries);
    let starts: Vec<u32> = (0..queries.count() as u32)
        .map(|q| {
            let owner = if graph.drive.is_some() { q } else { 0 };
            graph.nodes.intern(queries.row(q as usize), owner).0
        })
        .collect();
    graph.expand(max_steps);
    let mut seen = vec![(NONE, 0); graph.nodes.count()];
    for (q, &start) in starts.iter().enumerate() {
        graph.walk(q as u32, start, max_steps, checkpoints, &mut seen, log);
    }
}

/// The distinct states met so far and the successor of each.
struct Graph<'a> {
    weights: &'a Weights,
    product: Product<'a>,
    /// U p + b for every query, where the memory has an input coupling.
    drive: Option<Vec<f32>>,
    nodes: Nodes,
    next: Vec<u32>,
    ties: Vec<u64>,
}

impl<'a> Graph<'a> {
    fn new(weights: &'a Weights, queries: &Patterns) -> Self {
        let drive = weights.input().is_some().then(|| weights.drive(queries));
        let product = Product::new(weights.matrix(), queries.count());
        Self {
            weights,
            product,
            drive,
            nodes: Nodes::new(queries.n(), queries.count()),
            next: Vec::new(),
            ties: Vec::new(),
        }
    }

    /// Computes successors level by level, until no new state appears or `max_steps` levels are done.
    fn expand(&mut self, max_steps: u32) {
        let n = self.weights.n();
        let mut level = 0..self.nodes.count();
        let (mut before, mut fields) = (Vec::new(), Vec::new());
        let mut parents: Vec<u32> = Vec::new();
        let mut successors = Vec::new();
        let mut gathered = Gathered::default();
        for _ in 0..max_steps {
            if level.is_empty() {
                return;
            }
            std::mem::swap(&mut before, &mut fields);
            self.set_fields(&level, &parents, &before, &mut fields, &mut gathered);
            parents.clear();
            successors.resize(fields.len(), 0);
            let present = &self.nodes.states[level.start * n..];
            signs(n, &fields, present, &mut successors, &mut self.ties);
            for (k, node) in level.clone().enumerate() {
                let (next, new) = self.nodes.intern(&successors[k * n..][..n], self.nodes.owner[node]);
                self.next.push(next);
                if new {
                    parents.push(k as u32);
                }
            }
            level = level.end..self.nodes.count();
        }
        self.next.resize(self.nodes.count(), NONE);
        self.ties.resize(self.nodes.count(), 0);
    }

    /// Sets the fields of the states of a level. `parents` gives for each the position in the level before of the state it
    /// succeeds, whose fields are `before`; it is empty for the first level.
    fn set_fields(
        &self,
        level: &Range<usize>,
        parents: &[u32],
        before: &[f32],
        fields: &mut Vec<f32>,
        gathered: &mut Gathered,
    ) {
        let n = self.weights.n();
        fields.clear();
        gathered.which.clear();
        let first_parent = level.start - before.len() / n;
        for (k, node) in level.clone().enumerate() {
            let state = self.nodes.state(node);
            if let Some(p) = parents.get(k).map(|&p| p as usize) {
                let old = self.nodes.state(first_parent + p);
                if differing(state, old) * UPDATE_SHARE <= n {
                    fields.extend_from_slice(&before[p * n..][..n]);
                    let column = &mut fields[k * n..];
                    each_differing(state, old, |unit| turn(self.weights, unit, state[unit], column));
                    continue;
                }
            }
            fields.resize((k + 1) * n, 0.0);
            self.set_drive(node, &mut fields[k * n..]);
            gathered.which.push(k);
        }
        self.add_products(level.start, gathered, fields);
    }

    fn set_drive(&self, node: usize, column: &mut [f32]) {
        if let Some(drive) = &self.drive {
            column.copy_from_slice(&drive[self.nodes.owner[node] as usize * column.len()..][..column.len()]);
        } else if let Some(b) = self.weights.thresholds() {
            column.copy_from_slice(b);
        }
    }

    /// Adds W x for the states at the gathered positions of the level that starts at node `first`.
    fn add_products(&self, first: usize, gathered: &mut Gathered, fields: &mut [f32]) {
        let n = self.weights.n();
        let Gathered { which, states, fields: columns } = gathered;
        if which.len() * n == fields.len() {
            self.product.add(&self.nodes.states[first * n..][..fields.len()], fields);
            return;
        }
        states.clear();
        columns.clear();
        for &k in &*which {
            states.extend_from_slice(self.nodes.state(first + k));
            columns.extend_from_slice(&fields[k * n..][..n]);
        }
        self.product.add(states, columns);
        for (column, &k) in columns.chunks_exact(n).zip(&*which) {
            fields[k * n..][..n].copy_from_slice(column);
        }
    }

    /// Follows one query to its end and logs it. `seen` holds, per node, the query that saw it last and when.
    fn walk(
        &self,
        query: u32,
        start: u32,
        max_steps: u32,
        checkpoints: &[u32],
        seen: &mut [(u32, u32)],
        log: &mut Log,
    ) {
        let (mut node, mut step, mut ties) = (start, 0, 0);
        let (end, steps) = loop {
            let (by, at) = seen[node as usize];
            if by == query {
                break (End::Cycle { length: step - at }, at);
            }
            if step == max_steps {
                break (End::Unsettled, max_steps);
            }
            seen[node as usize] = (query, step);
            ties += self.ties[node as usize];
            let next = self.next[node as usize];
            if next == node {
                break (End::Fixed, step);
            }
            node = next;
            step += 1;
        };
        let after = |wanted: u32| {
            let ahead = match end {
                _ if wanted <= steps => wanted,
                End::Fixed => steps,
                End::Cycle { length } => steps + (wanted - steps) % length,
                End::Unsettled => steps,
            };
            (0..ahead).fold(start, |node, _| self.next[node as usize])
        };
        for (&wanted, states) in checkpoints.iter().zip(&mut log.checkpoints) {
            states.extend_from_slice(self.nodes.state(after(wanted.min(max_steps)) as usize));
        }
        log.push(self.nodes.state(after(max_steps) as usize), end, steps, ties);
    }
}

/// The states of a level whose fields are found by a product.
#[derive(Default)]
struct Gathered {
    /// Their positions in the level.
    which: Vec<usize>,
    states: Vec<i8>,
    fields: Vec<f32>,
}

/// Distinct states, found again by an open-addressing hash table of node numbers.
struct Nodes {
    n: usize,
    states: Vec<i8>,
    owner: Vec<u32>,
    table: Vec<u32>,
}

impl Nodes {
    /// With room for twice as many states as there are `queries`, before it grows.
    fn new(n: usize, queries: usize) -> Self {
        Self {
            n,
            states: Vec::with_capacity(2 * n * queries),
            owner: Vec::with_capacity(2 * queries),
            table: vec![NONE; (4 * queries).next_power_of_two()],
        }
    }

    fn count(&self) -> usize {
        self.owner.len()
    }

    fn state(&self, node: usize) -> &[i8] {
        &self.states[node * self.n..][..self.n]
    }

    /// The node of a state of an owner, and whether it is new.
    fn intern(&mut self, state: &[i8], owner: u32) -> (u32, bool) {
        if 2 * self.count() >= self.table.len() {
            self.grow();
        }
        let mask = self.table.len() - 1;
        let mut slot = hash(state, owner) as usize & mask;
        loop {
            match self.table[slot] {
                NONE => break,
                node if self.owner[node as usize] == owner && self.state(node as usize) == state => {
                    return (node, false);
                }
                _ => slot = (slot + 1) & mask,
            }
        }
        let node = self.count() as u32;
        self.table[slot] = node;
        self.states.extend_from_slice(state);
        self.owner.push(owner);
        (node, true)
    }

    fn grow(&mut self) {
        let mask = 2 * self.table.len() - 1;
        let mut table = vec![NONE; mask + 1];
        for node in 0..self.count() {
            let mut slot = hash(self.state(node), self.owner[node]) as usize & mask;
            while table[slot] != NONE {
                slot = (slot + 1) & mask;
            }
            table[slot] = node as u32;
        }
        self.table = table;
    }
}

/// A product of 128 bits for every 16 units, folded; none waits for another. Equal states must collide, others need not be
/// told apart with certainty because states are compared.
fn hash(state: &[i8], owner: u32) -> u64 {
    const FACTORS: [u64; 2] = [0x9e37_79b9_7f4a_7c15, 0xd1b5_4a32_d192_ed03];
    let word = |signs: &[i8]| {
        let mut bytes = [0; 8];
        bytes.iter_mut().zip(signs).for_each(|(byte, &sign)| *byte = sign as u8);
        u64::from_le_bytes(bytes)
    };
    let fold = |a: u64, b: u64| {
        let product = u128::from(a ^ FACTORS[0]) * u128::from(b ^ FACTORS[1]);
        product as u64 ^ (product >> 64) as u64
    };
    let (pairs, rest) = state.as_chunks::<16>();
    let mut hash = u64::from(owner).wrapping_mul(FACTORS[0]);
    for pair in pairs {
        hash = hash.rotate_left(23) ^ fold(word(&pair[..8]), word(&pair[8..]));
    }
    let (low, high) = rest.split_at(rest.len().min(8));
    fold(hash.rotate_left(23) ^ word(low), word(high))
}
