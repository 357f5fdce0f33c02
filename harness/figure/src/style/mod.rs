//! This is the one place that decides what figures look like: sizes, colours, markers and dashes.

mod appearance;
mod colour;
mod families;
mod look;
mod looks;
mod scale;
mod settings;
mod shade;
mod size;
#[cfg(test)]
mod vision;

pub use appearance::{Appearance, appearances};
pub(crate) use colour::{
    Colour, GRID, HATCH, HATCH_GROUND, INK, QUIET, RIGHT, STRIKE, WHITE, WRONG_OFF, WRONG_ON,
};
pub(crate) use look::{Dash, Look, Marker, step};
pub(crate) use looks::{Looks, family_look, family_rank, name};
pub(crate) use scale::{Scale, diverging, viridis};
pub(crate) use size::{
    BAND, CURVE, GUTTER, HAIR, LEADING, MARKER, NORMAL, POINT, SMALL, SPINE, TICK, columns,
};
#[cfg(test)]
pub(crate) use vision::{VISIONS, distance};
