//! This module has axes that run in step. Of a zipped group the first values belong together, then the second
//! values, and so on.

use super::error::{Checked, Fault};
use super::problem::Problem;
use super::section::Section;
use super::wire::{Axis, Grid, Messages};
use std::collections::HashSet;

/// A `Zip` holds groups of axes of equal length.
#[derive(Debug, Default)]
pub(super) struct Zip(Vec<Vec<Axis>>);

impl Zip {
    /// Returns the groups of a section. Their lists are given and equally long.
    pub(super) fn of(section: &Section) -> Checked<Self> {
        let groups = section.grid.zip.clone().unwrap_or_default();
        let mut seen = HashSet::new();
        for (i, group) in groups.iter().enumerate() {
            let place = section.key("zip").at(i);
            if group.len() < 2 {
                return Err(Fault::new(place, Problem::ZipOfOne));
            }
            let mut first = None;
            for (j, &axis) in group.iter().enumerate() {
                let (key, place) = (axis.name(), place.at(j));
                if !seen.insert(axis) {
                    return Err(Fault::new(place, Problem::Repeated { value: key.to_owned() }));
                }
                let Some(length) = length(&section.grid, axis) else {
                    return Err(Fault::new(place, Problem::ZipOfNoList { key }));
                };
                match first {
                    None => first = Some((key, length)),
                    Some((_, expected)) if expected == length => {}
                    Some((first, expected)) => {
                        let problem = Problem::ZipLengths { first, expected, second: key, length };
                        return Err(Fault::new(place, problem));
                    }
                }
            }
        }
        Ok(Self(groups))
    }

    /// Returns whether values at these places of their lists belong together, as far as the axes are told.
    pub(super) fn joins(&self, at: &[(Axis, usize)]) -> bool {
        self.0.iter().all(|group| {
            let mut places = at.iter().filter(|(axis, _)| group.contains(axis)).map(|&(_, place)| place);
            let first = places.next();
            places.all(|place| Some(place) == first)
        })
    }
}

fn length(grid: &Grid, axis: Axis) -> Option<usize> {
    match axis {
        Axis::Sources => grid.sources.as_ref().map(Vec::len),
        Axis::N => grid.n.as_ref().map(Vec::len),
        Axis::Load => grid.load.as_ref().map(Vec::len),
        Axis::M => match &grid.m {
            Some(Messages::Listed(m)) => Some(m.len()),
            _ => None,
        },
        Axis::Noise => grid.noise.as_ref().map(Vec::len),
        Axis::Flips => grid.flips.as_ref().map(Vec::len),
        Axis::K => grid.k.as_ref().map(Vec::len),
        Axis::Steps => grid.steps.as_ref().map(Vec::len),
    }
}
