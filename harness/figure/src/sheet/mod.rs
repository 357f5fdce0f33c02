//! A sheet is a page of a figure: panels with their axes, a legend, labels and a caption.

mod axes;
mod axis;
mod colour_bar;
mod layout;
mod legend;
mod panel;

pub(crate) use axis::{Axis, distinct};
pub(crate) use colour_bar::ColourBar;
pub(crate) use layout::{Sheet, Words};
pub(crate) use legend::{Entry, Symbol};
pub(crate) use panel::{Frame, Panel, Plot};
