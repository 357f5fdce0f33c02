//! A plot is what a panel shows. It is curves with their intervals, or a map of cells, and lines beside the
//! data.

mod curves;
mod identity;
mod map;
mod reference_lines;

pub(crate) use curves::{Crossing, Curve, Curves, Intervals, Mark, Point};
pub(crate) use identity::{Identity, by_protocol, curves, entries, fates, y_axis};
pub(crate) use map::{Cell, Grid, Map, Sign, rows_label};
pub(crate) use reference_lines::{Constant, ReferenceLine, paint_line};
