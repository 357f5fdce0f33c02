//! Synchronous reading is a walk on a graph of states.
//!
//! The synchronous map gives every state one successor, and reads of many noisy queries soon meet in the same
//! states. So each distinct state is evaluated once for the whole batch: states are interned level by level,
//! their successors computed in one batch, and every query then walks the pointers. A successor that differs
//! from its state in few units gets its fields from the state's own by adding the columns that changed; only
//! the others go through a matrix product. With an input coupling U, or where the query is held, the map depends on the
//! query, so states are not shared between queries. Where queries leave units unknown, the first step is a product of
//! its own and the walk begins after it.

use super::cues::Cues;
use super::fields::{add, differing, drive, each_differing, signs, turn};
use super::held::Held;
use super::{End, Log};
use crate::patterns::words;
use crate::real::vectorised;
use crate::weights::{Product, Weights};
use std::ops::Range;

/// Up to N / `UPDATE_SHARE` changed units the columns are cheaper than the product.
const UPDATE_SHARE: usize = 12;

const NONE: u32 = u32::MAX;

/// Reads all queries into `log`.
pub(super) fn read(
    weights: &Weights,
    cues: Cues<'_>,
    held: Option<Held>,
    max_steps: u32,
    checkpoints: &[u32],
    log: &mut Log,
) {
    let own_map = weights.input().is_some() || held.is_some();
    let drive = (own_map || cues.has_unknown()).then(|| drive(weights, cues, held));
    if let Some(drive) = drive.as_ref().filter(|_| cues.has_unknown() && max_steps > 0) {
        let own = own_map.then_some(drive.as_slice());
        return after_first_step(weights, cues, drive, own, max_steps, checkpoints, log);
    }
    walk_all(weights, cues, drive.filter(|_| own_map), max_steps, checkpoints, log);
}

/// Takes the first step from cues with unknown units, and walks on from there.
fn after_first_step(
    weights: &Weights,
    cues: Cues<'_>,
    drive: &[f32],
    own: Option<&[f32]>,
    max_steps: u32,
    checkpoints: &[u32],
    log: &mut Log,
) {
    let n = weights.n();
    let mut fields = drive.to_vec();
    add(weights.matrix(), cues, &mut fields);
    let (mut next, mut ties) = (vec![0; fields.len()], Vec::new());
    signs(n, &fields, cues.signs(), &mut next, &mut ties);
    let starts = crate::patterns::Patterns::known(n, next);
    let later: Vec<u32> = checkpoints.iter().map(|wanted| wanted.saturating_sub(1)).collect();
    let mut rest = Log::new((&starts).into(), &later);
    walk_all(weights, (&starts).into(), own.map(<[f32]>::to_vec), max_steps - 1, &later, &mut rest);
    for (k, (&wanted, states)) in checkpoints.iter().zip(&mut log.checkpoints).enumerate() {
        states.extend_from_slice(if wanted == 0 { cues.signs() } else { &rest.checkpoints[k] });
    }
    log.states.append(&mut rest.states);
    log.ends.append(&mut rest.ends);
    log.steps.extend(rest.steps.iter().map(|steps| steps + 1));
    log.ties += rest.ties + ties.iter().sum::<u64>();
}

/// Walks from every state to its end.
fn walk_all(
    weights: &Weights,
    starts: Cues<'_>,
    drive: Option<Vec<f32>>,
    max_steps: u32,
    checkpoints: &[u32],
    log: &mut Log,
) {
    let mut graph = Graph::new(weights, starts, drive);
    let starts: Vec<u32> = (0..starts.count() as u32)
        .map(|q| {
            let owner = if graph.drive.is_some() { q } else { 0 };
            graph.nodes.intern(starts.row(q as usize), owner).0
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
    /// What the state does not change for every query, where that depends on the query.
    drive: Option<Vec<f32>>,
    nodes: Nodes,
    next: Vec<u32>,
    ties: Vec<u64>,
}

impl<'a> Graph<'a> {
    fn new(weights: &'a Weights, queries: Cues<'_>, drive: Option<Vec<f32>>) -> Self {
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

    /// Sets the fields of the states of a level. `parents` gives for each the position in the level before of
    /// the state it succeeds, whose fields are `before`; it is empty for the first level.
    fn set_fields(
        &mut self,
        level: &Range<usize>,
        parents: &[u32],
        before: &[f32],
        fields: &mut Vec<f32>,
        gathered: &mut Gathered,
    ) {
        let n = self.weights.n();
        fields.clear();
        // Grown as it fills up, it would be twice as long in the end as is needed, and there thrice on the way.
        fields.reserve_exact(level.len() * n);
        gathered.which.clear();
        let first_parent = level.start - before.len() / n;
        vectorised(
            #[inline(always)]
            || {
                for (k, node) in level.clone().enumerate() {
                    let bits = self.nodes.bits(node);
                    if let Some(p) = parents.get(k).map(|&p| p as usize) {
                        let old = self.nodes.bits(first_parent + p);
                        if differing(bits, old) * UPDATE_SHARE <= n {
                            fields.extend_from_slice(&before[p * n..][..n]);
                            let (state, column) = (self.nodes.state(node), &mut fields[k * n..]);
                            each_differing(bits, old, |unit| turn(self.weights, unit, state[unit], column));
                            continue;
                        }
                    }
                    fields.resize((k + 1) * n, 0.0);
                    self.set_drive(node, &mut fields[k * n..]);
                    gathered.which.push(k);
                }
            },
        );
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
    fn add_products(&mut self, first: usize, gathered: &mut Gathered, fields: &mut [f32]) {
        let n = self.weights.n();
        let Gathered { which, states, fields: columns } = gathered;
        if which.len() * n == fields.len() {
            self.product.add(&self.nodes.states[first * n..][..fields.len()], fields);
            return;
        }
        states.clear();
        columns.clear();
        states.reserve_exact(which.len() * n);
        columns.reserve_exact(which.len() * n);
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
        let ahead = |from: u32, steps: u32| (0..steps).fold(from, |node, _| self.next[node as usize]);
        // `node` is what the state at `steps` is, where the read stays or comes again.
        let after = |wanted: u32| match end {
            _ if wanted < steps => ahead(start, wanted),
            End::Cycle { length } => ahead(node, (wanted - steps) % length),
            End::Fixed | End::Unsettled | End::Stopped => node,
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
    /// The states again, as bits: what they are compared by.
    bits: Vec<u64>,
    owner: Vec<u32>,
    table: Vec<u32>,
}

impl Nodes {
    /// With room for four times as many states as there are `queries`, before it grows.
    fn new(n: usize, queries: usize) -> Self {
        Self {
            n,
            states: Vec::with_capacity(4 * n * queries),
            bits: Vec::with_capacity(4 * n.div_ceil(64) * queries),
            owner: Vec::with_capacity(4 * queries),
            table: vec![NONE; (8 * queries).next_power_of_two()],
        }
    }

    fn count(&self) -> usize {
        self.owner.len()
    }

    fn state(&self, node: usize) -> &[i8] {
        &self.states[node * self.n..][..self.n]
    }

    #[inline(always)]
    fn bits(&self, node: usize) -> &[u64] {
        let words = self.n.div_ceil(64);
        &self.bits[node * words..][..words]
    }

    /// The node of a state of an owner, and whether it is new.
    fn intern(&mut self, state: &[i8], owner: u32) -> (u32, bool) {
        if 2 * self.count() >= self.table.len() {
            self.grow();
        }
        // Its bits stand where a new node's would.
        let start = self.bits.len();
        self.bits.extend(words(state));
        let bits = &self.bits[start..];
        let mask = self.table.len() - 1;
        let mut slot = hash(bits, owner) as usize & mask;
        loop {
            let node = self.table[slot];
            if node == NONE {
                break;
            }
            let found = self.bits(node as usize);
            if self.owner[node as usize] == owner && found.iter().zip(bits).all(|(a, b)| a == b) {
                self.bits.truncate(start);
                return (node, false);
            }
            slot = (slot + 1) & mask;
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
            let mut slot = hash(self.bits(node), self.owner[node]) as usize & mask;
            while table[slot] != NONE {
                slot = (slot + 1) & mask;
            }
            table[slot] = node as u32;
        }
        self.table = table;
    }
}

/// A product of 128 bits for every two words, folded; none waits for another. Equal states must collide,
/// others need not be told apart with certainty because states are compared.
fn hash(bits: &[u64], owner: u32) -> u64 {
    const FACTORS: [u64; 2] = [0x9e37_79b9_7f4a_7c15, 0xd1b5_4a32_d192_ed03];
    let fold = |a: u64, b: u64| {
        let product = u128::from(a ^ FACTORS[0]) * u128::from(b ^ FACTORS[1]);
        product as u64 ^ (product >> 64) as u64
    };
    let (pairs, last) = bits.as_chunks::<2>();
    let pairs = pairs.iter().fold(u64::from(owner), |hash, &[a, b]| hash.rotate_left(23) ^ fold(a, b));
    fold(pairs.rotate_left(23), last.first().copied().unwrap_or(0))
}
