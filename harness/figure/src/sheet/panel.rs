//! A panel has two axes and a frame between them, in which a plot is drawn.

use super::axis::Axis;
use crate::canvas::{Canvas, Painted, Place, Rect};
use crate::style::Look;

/// A `Frame` is the area of a panel in which data are drawn.
pub(crate) struct Frame<'a> {
    pub(crate) rect: Rect,
    pub(crate) x: &'a Axis,
    pub(crate) y: &'a Axis,
    /// Size of markers and width of lines, 1 in a panel with room.
    pub(crate) scale: f64,
}

impl Frame<'_> {
    /// Returns where a point of the data lies on the sheet.
    pub(crate) fn at(&self, x: f64, y: f64) -> Place {
        let across = self.rect.x + self.x.position(x) * self.rect.width;
        (across, self.rect.bottom() - self.y.position(y) * self.rect.height)
    }
}

/// A `Plot` is what a panel shows.
pub(crate) trait Plot {
    /// Returns the room that it needs above its frame, mm.
    fn head(&self) -> f64 {
        0.0
    }

    /// Returns the room that it needs between its frame and the numbers of the x axis, mm.
    fn foot(&self) -> f64 {
        0.0
    }

    /// Draws it.
    fn paint(&self, canvas: &Canvas<'_>, frame: &Frame<'_>) -> Painted;
}

/// A `Panel` is one panel.
pub(crate) struct Panel {
    /// The protocol that it shows, if only one.
    pub(crate) look: Option<Look>,
    /// Lines under the title, each with the protocol that it is about.
    pub(crate) notes: Vec<(Look, String)>,
    pub(crate) x: Axis,
    pub(crate) y: Axis,
    pub(crate) plot: Box<dyn Plot>,
}

impl Panel {
    /// Returns a panel of several protocols, without notes.
    pub(crate) fn new(x: Axis, y: Axis, plot: impl Plot + 'static) -> Self {
        Self { look: None, notes: Vec::new(), x, y, plot: Box::new(plot) }
    }
}
