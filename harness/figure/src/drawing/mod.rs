//! A figure is drawn from a task onto papers. This module has what all kinds of figure work with.

mod caption;
mod drawer;
mod line_figure;
mod map_figure;
mod paper;
mod task;

pub(crate) use caption::{alternative, caption};
pub(crate) use drawer::{Abscissa, Drawer};
pub(crate) use line_figure::{BESIDE, LineFigure};
pub(crate) use map_figure::{MapFigure, NOT_TO_SCALE};
pub(crate) use paper::{Paper, Surroundings, papers};
pub(crate) use task::Task;
