//! A trap is a box of states that no later step leaves. Where no unit of a state inside has the other sign, the signs
//! are settled, and a read of signs is over long before the last bit of the state has come to rest.
//!
//! Take a state s with fields h = W s + d, and radii r_i. A state that is no farther from s than r_i at any unit has a
//! field within m_i of h_i, where m_i = sum_(j in K) |W_ij| r_j + |W_i| |r_S|: the few units K whose tanh is not near
//! its ends count one by one, and all others S together, by Cauchy and Schwarz. A step with damping takes unit i of it
//! to between its old state and tanh beta (h_i -+ m_i). So if these two are no farther from s_i than r_i, the box of
//! all states between them and s_i is never left. The radii are found by iteration from |s_i - tanh beta h_i|.
//!
//! What is lost by rounding is added to the margins and radii: gamma_n |W_i| |s| for a product of n terms (Higham 2002,
//! Accuracy and Stability of Numerical Algorithms, 3.1), and the error of tanh.
//!
//! Cost: three tanh a unit for the first try and two for each other, and N |K| multiply-adds.

use crate::real::{LANES, TANH_ERROR, tanh_f32, total};
use crate::symmetric::column;
use faer::MatRef;

/// Tries to find a box for a state at a step.
const TRIES: usize = 6;

/// How much larger a box is tried than the last one would have to be.
const ROOM: f32 = 1.3;

/// Units count one by one whose tanh is below this.
const STEEP: f32 = 0.995;

/// Of so many units one may be steep: states with more are seldom in a trap, and cost much to look at.
const MOST_STEEP: usize = 4;

/// More than sums in f32 lose, in parts of them: of squares of radii, and of products with weights.
const SUMS: f32 = 1e-3;

/// More than the sum of a field and a drive and its product with a gain lose together, in parts of the field.
const FIELD: f32 = 1e-6;

/// A `Trap` has what holds of all the steps that are left of a read.
#[derive(Clone, Copy)]
pub(super) struct Trap<'a> {
    matrix: MatRef<'a, f32>,
    /// The length of the longest row of W.
    longest: f32,
    /// The least and the largest gain.
    gains: [f32; 2],
    /// What fields may differ by beside what states do.
    error: f32,
    /// What a unit's next state may differ by from what is between its old one and its tanh.
    slack: f32,
}

/// The `Room` has the numbers of a search for a box.
#[derive(Default)]
pub(super) struct Room {
    /// The radii of units.
    radii: Vec<f32>,
    /// What their fields may differ by.
    margins: Vec<f32>,
    /// The units that count one by one.
    steep: Vec<Steep>,
}

/// A `Steep` is a unit that counts by itself.
struct Steep {
    unit: usize,
    /// What its radius is taken to be.
    radius: f32,
    /// What it has to be at least.
    reach: f32,
}

impl<'a> Trap<'a> {
    /// Describes steps by W, whose rows are of length `longest` at most, with gains between two.
    pub(super) fn new(matrix: MatRef<'a, f32>, longest: f64, gains: [f32; 2], damping: f32) -> Self {
        let units = matrix.nrows() as f64;
        let terms = units * f64::from(f32::EPSILON) / 2.0;
        let of_a_product = if terms < 0.5 { terms / (1.0 - terms) } else { f64::INFINITY };
        Self {
            matrix,
            longest: (longest * 1.000_001) as f32,
            gains: [gains[0].min(gains[1]), gains[0].max(gains[1])],
            // Both fields were rounded. No state is longer than sqrt N.
            error: (2.001 * of_a_product * longest * units.sqrt()) as f32,
            slack: 2.0 * TANH_ERROR + f32::EPSILON / (1.0 - damping),
        }
    }

    /// Tells whether a state is sure to keep its signs, given its fields W s and what is added to them. It may be that
    /// a state keeps them and this does not tell.
    #[inline(always)]
    pub(super) fn holds(&self, fields: &[f32], drive: &[f32], state: &[f32], room: &mut Room) -> bool {
        room.radii.resize(state.len(), 0.0);
        room.margins.resize(state.len(), 0.0);
        self.begin(fields, drive, state, room);
        if room.steep.len() > state.len() / MOST_STEEP {
            return false;
        }
        let (mut others, mut excess) = (room.gather(), f32::INFINITY);
        room.grow();
        for _ in 0..TRIES {
            self.set_margins(others, room);
            if !self.set_radii(fields, drive, state, room) {
                return false;
            }
            let reach = room.gather();
            let last = std::mem::replace(&mut excess, room.excess().max(reach / others));
            if excess <= 1.0 {
                return true;
            }
            // A larger box needs to be larger still.
            if excess >= last {
                return false;
            }
            others = ROOM * reach;
            room.grow();
        }
        false
    }

    /// Sets the least radii that there may be, and finds the units that count one by one.
    #[inline(always)]
    fn begin(&self, fields: &[f32], drive: &[f32], state: &[f32], room: &mut Room) {
        let Room { radii, steep, .. } = room;
        let parts = fields.chunks(LANES).zip(drive.chunks(LANES)).zip(state.chunks(LANES));
        steep.clear();
        for (part, (((fields, drive), state), radii)) in parts.zip(radii.chunks_mut(LANES)).enumerate() {
            let mut apart = [false; LANES];
            let units = fields.iter().zip(drive).zip(state).zip(radii.iter_mut());
            for (apart, (((h, d), s), radius)) in apart.iter_mut().zip(units) {
                let next = tanh_f32(self.gains[0] * (h + d));
                *radius = ROOM * ((next - s).abs() + self.slack);
                *apart = next.abs() < STEEP;
            }
            if apart.contains(&true) {
                let units = apart.iter().enumerate().filter(|(_, apart)| **apart);
                steep.extend(units.map(|(i, _)| Steep { unit: part * LANES + i, radius: 0.0, reach: 0.0 }));
            }
        }
    }

    /// Sets what fields may differ by, where units that do not count one by one are so far together.
    #[inline(always)]
    fn set_margins(&self, others: f32, room: &mut Room) {
        let Room { margins, steep, .. } = room;
        margins.fill(self.longest * others + self.error);
        for &Steep { unit, radius, .. } in &*steep {
            let weights = column(self.matrix, unit).iter();
            margins
                .iter_mut()
                .zip(weights)
                .for_each(|(margin, w)| *margin = w.abs().mul_add(radius, *margin));
        }
    }

    /// Sets how far units come in a step where fields differ by the margins; tells whether none comes to the other
    /// sign.
    #[inline(always)]
    fn set_radii(&self, fields: &[f32], drive: &[f32], state: &[f32], room: &mut Room) -> bool {
        let (Room { radii, margins, .. }, [least, most]) = (room, self.gains);
        let mut free = 0_u32;
        let fields = fields.chunks(LANES).zip(drive.chunks(LANES)).zip(margins.chunks(LANES));
        for (((fields, drive), margins), (state, radii)) in
            fields.zip(state.chunks(LANES).zip(radii.chunks_mut(LANES)))
        {
            let fields = fields.iter().zip(drive).zip(margins);
            for (((h, d), margin), (s, radius)) in fields.zip(state.iter().zip(radii)) {
                // In the direction of the unit's sign.
                let (h, s) = ((h + d) * 1.0_f32.copysign(*s), s.abs());
                let margin = (1.0 + SUMS) * margin + FIELD * h.abs();
                let low = tanh_f32(least * (h - margin)) - self.slack;
                let high = tanh_f32(most * (h + margin)) + self.slack;
                // What is not a number is not bound.
                let bound = low > 0.0 && s > 0.0;
                free += u32::from(!bound);
                *radius = (s - low).max(high - s).max(0.0);
            }
        }
        free == 0
    }
}

impl Room {
    /// Puts the radii of units that count one by one aside, and returns the length of all others.
    #[inline(always)]
    fn gather(&mut self) -> f32 {
        for Steep { unit, reach, .. } in &mut self.steep {
            *reach = std::mem::take(&mut self.radii[*unit]);
        }
        let mut sums = [0.0_f32; LANES];
        for radii in self.radii.chunks(LANES) {
            sums.iter_mut().zip(radii).for_each(|(sum, radius)| *sum = radius.mul_add(*radius, *sum));
        }
        (1.0 + SUMS) * total(sums).sqrt() as f32
    }

    /// The most that a unit has to reach which counts by itself, as a share of its radius.
    fn excess(&self) -> f32 {
        self.steep.iter().map(|steep| steep.reach / steep.radius).fold(0.0, f32::max)
    }

    /// Has units that count one by one reach somewhat farther than they have to.
    fn grow(&mut self) {
        self.steep.iter_mut().for_each(|steep| steep.radius = ROOM * steep.reach);
    }

    /// The radii of the box that was found.
    #[cfg(test)]
    pub(super) fn box_radii(&self) -> Vec<f32> {
        let mut radii = self.radii.clone();
        self.steep.iter().for_each(|steep| radii[steep.unit] = steep.radius);
        radii
    }
}
