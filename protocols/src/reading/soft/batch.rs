//! A batch of queries is read together: their graded states take each step at once.

use super::trap::{Room, Trap};
use crate::aligned::Aligned;
use crate::reading::{Cues, End, Log};
use crate::real::{tanh_f32, vectorised};

/// A state is not near a trap while a unit is farther than this from its tanh.
const FAR: f32 = 0.3;

/// A `Step` is one of a read.
#[derive(Clone, Copy)]
pub(super) struct Step {
    /// Which, counted from 1.
    pub(super) number: u32,
    /// Its gain.
    pub(super) gain: f32,
    /// The share of the present state that is kept.
    pub(super) damping: f32,
    /// Whether the next one has another gain.
    pub(super) anneals: bool,
}

/// A `Look` says when it is looked whether a state is in a trap: where it is near one, and the less often the more
/// looks were in vain.
#[derive(Clone, Copy, Default)]
struct Look {
    near: bool,
    next: u32,
    wait: u32,
}

impl Look {
    /// Tells whether to look at a step.
    fn is_due(&mut self, step: u32) -> bool {
        let due = self.near && step >= self.next;
        if due {
            self.wait = (3 * self.wait).max(1);
            self.next = step + self.wait;
        }
        due
    }
}

/// The states of a batch of queries. Those that may still change a sign stand before those that do not.
pub(super) struct Batch<'a> {
    cues: Cues<'a>,
    /// Numbers of a state, with what it is filled up with.
    length: usize,
    states: Aligned<f32>,
    fields: Aligned<f32>,
    drive: Aligned<f32>,
    /// States that may still change a sign.
    active: usize,
    /// The query whose state stands at each place, and where the state of each query stands.
    queries: Vec<usize>,
    places: Vec<usize>,
    /// Whether the state at each place may still change a sign.
    open: Vec<bool>,
    /// When it is next looked whether the state at each place is in a trap.
    looks: Vec<Look>,
    /// For each query, the last step in which a unit changed its sign.
    turned: Vec<u32>,
    room: Room,
}

impl<'a> Batch<'a> {
    pub(super) fn new(cues: Cues<'a>, length: usize, room: usize, drive: Aligned<f32>) -> Self {
        let count = cues.count();
        let mut states: Aligned<f32> = Aligned::zeros(length * room);
        for (q, state) in states.chunks_exact_mut(length).take(count).enumerate() {
            state.iter_mut().zip(cues.values(q)).for_each(|(s, x)| *s = x);
        }
        Self {
            cues,
            length,
            states,
            fields: Aligned::zeros(length * room),
            drive,
            active: count,
            queries: (0..count).collect(),
            places: (0..count).collect(),
            open: vec![true; count],
            looks: vec![Look::default(); count],
            turned: vec![0; count],
            room: Room::default(),
        }
    }

    /// Returns how many states may still change a sign.
    pub(super) fn active(&self) -> usize {
        self.active
    }

    /// Returns where fields W s go, and the states that they are of.
    pub(super) fn fields_of_states(&mut self) -> (&mut [f32], &[f32]) {
        (&mut self.fields, &self.states)
    }

    /// The state of a query.
    fn state(&self, query: usize) -> &[f32] {
        &self.states[self.places[query] * self.length..][..self.cues.n()]
    }

    /// The signs of a query's state; where it is 0, those of the query.
    fn signs(&self, query: usize) -> impl Iterator<Item = i8> {
        let states = self.state(query).iter().zip(self.cues.row(query));
        states.map(|(&s, &x)| if s == 0.0 { x } else { s.signum() as i8 })
    }

    /// Keeps the signs for every checkpoint at that step.
    pub(super) fn keep(&self, step: u32, checkpoints: &[u32], log: &mut Log) {
        for (&wanted, kept) in checkpoints.iter().zip(&mut log.checkpoints) {
            if wanted == step {
                (0..self.places.len()).for_each(|q| kept.extend(self.signs(q)));
            }
        }
    }

    /// Takes one step with the fields at hand.
    pub(super) fn advance(&mut self, now: Step, trap: &Trap<'_>) {
        let (n, Step { number, gain, damping, anneals }) = (self.cues.n(), now);
        let Self { length, active, queries, turned, room, .. } = self;
        let fields = self.fields.chunks_exact(*length).zip(self.drive.chunks_exact(*length));
        let batch = fields.zip(self.states.chunks_exact_mut(*length)).take(*active);
        let notes = queries.iter().zip(&mut self.open).zip(&mut self.looks);
        vectorised(
            #[inline(always)]
            move || {
                for (((fields, drive), states), ((query, open), look)) in batch.zip(notes) {
                    let held =
                        look.is_due(number) && trap.holds(&fields[..n], &drive[..n], &states[..n], room);
                    let (mut turns, mut moves, mut far) = (0_u32, 0_u32, 0_u32);
                    for ((&h, &d), s) in fields.iter().zip(drive).zip(states) {
                        let next = damping.mul_add(*s, (1.0 - damping) * tanh_f32(gain * (h + d)));
                        turns += u32::from((next > 0.0) != (*s > 0.0));
                        moves += u32::from(next != *s);
                        far += u32::from((next - *s).abs() > (1.0 - damping) * FAR);
                        *s = next;
                    }
                    if turns > 0 {
                        turned[*query] = number;
                    }
                    look.near = turns == 0 && far == 0;
                    // A state that did not move by a bit will not move again, if the gain stays as it is.
                    *open = !held && (moves > 0 || anneals);
                }
            },
        );
    }

    /// Puts the states whose signs are settled behind those that are not.
    pub(super) fn retire(&mut self) {
        for place in (0..self.active).rev() {
            if !self.open[place] {
                self.active -= 1;
                self.swap(place, self.active);
            }
        }
    }

    fn swap(&mut self, place: usize, other: usize) {
        if place == other {
            return;
        }
        for numbers in [&mut self.states, &mut self.drive] {
            let (before, after) = numbers.split_at_mut(other * self.length);
            before[place * self.length..][..self.length].swap_with_slice(&mut after[..self.length]);
        }
        self.queries.swap(place, other);
        self.open.swap(place, other);
        self.looks.swap(place, other);
        self.places[self.queries[place]] = place;
        self.places[self.queries[other]] = other;
    }

    /// Hands the ends of all reads on.
    pub(super) fn end(&self, log: &mut Log) {
        for (q, &turned) in self.turned.iter().enumerate() {
            let ties = self.state(q).iter().filter(|&&s| s == 0.0).count() as u64;
            let signs: Vec<i8> = self.signs(q).collect();
            log.push(&signs, End::Stopped, turned, ties);
        }
    }
}
