//! A sheet is laid out from top to foot. It has a legend on top, panels in rows with shared axes, labels, and
//! a caption at the foot.

use super::axes::{Numbered, numbers_height, paint_axes, paint_grid};
use super::axis::Direction;
use super::colour_bar::ColourBar;
use super::legend::{self, Entry};
use super::panel::{Frame, Panel};
use crate::canvas::{
    Across, Canvas, Down, Frontmatter, Painted, Place, Rect, Type, line_height, svg, text_width, wrapped,
};
use crate::error::FigureError;
use crate::style::{GUTTER, NORMAL, QUIET, SMALL, TICK};
use study::figure::PrintWidth;

/// A `Sheet` is a figure on its way to the printer.
pub(crate) struct Sheet {
    pub(crate) width: PrintWidth,
    /// Panels in a row.
    pub(crate) columns: usize,
    /// What the panels of a row have in common, where it differs from the row above.
    pub(crate) headings: Vec<Option<String>>,
    /// What sets each panel apart from the others.
    pub(crate) titles: Vec<Vec<String>>,
    /// Row by row; an empty place stays white.
    pub(crate) panels: Vec<Option<Panel>>,
    pub(crate) bar: Option<ColourBar>,
    pub(crate) legend: Vec<Entry>,
    pub(crate) x_label: String,
    pub(crate) y_label: String,
    pub(crate) caption: Words,
}

/// `Words` are the caption of a sheet.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Words {
    /// Paragraphs.
    pub(crate) text: Vec<String>,
    /// Whether they are drawn at the foot, or stand apart.
    pub(crate) drawn: bool,
}

const MARGIN: f64 = 1.0;
const LETTER: f64 = 3.6;
/// Panels narrower than this have smaller markers, mm.
const NARROW: f64 = 50.0;
/// Room right of the last column, for half a number of its x axis.
const RIGHT: f64 = 3.0;

/// Where everything goes, mm.
struct Layout {
    /// Left edges of the frames, by column.
    lefts: Vec<f64>,
    plot: (f64, f64),
    /// By row.
    rows: Vec<Row>,
    x_label: f64,
    caption: Vec<String>,
    caption_top: f64,
    height: f64,
}

/// A row of panels.
struct Row {
    heading: f64,
    title: f64,
    frame: f64,
    foot: f64,
}

impl Sheet {
    /// Returns the figure as SVG.
    pub(crate) fn svg(&self, about: &Frontmatter<'_>) -> Result<String, FigureError> {
        let layout = self.layout();
        let size = (self.width.millimetres(), layout.height);
        svg(size, about, |canvas| self.paint(canvas, &layout))
    }

    fn inner_width(&self) -> f64 {
        self.width.millimetres() - 2.0 * MARGIN
    }

    fn panel(&self, index: usize) -> Option<&Panel> {
        self.panels.get(index).and_then(Option::as_ref)
    }

    /// Whether a panel shows the numbers of its y axis: its left neighbour has other ones, or there is none.
    fn numbers_y(&self, index: usize) -> bool {
        let left = if index.is_multiple_of(self.columns) { None } else { self.panel(index - 1) };
        self.panel(index).is_some_and(|panel| left.is_none_or(|left| left.y != panel.y))
    }

    /// Whether a panel shows the numbers of its x axis: the panel below has other ones, or there is none.
    fn numbers_x(&self, index: usize) -> bool {
        let below = self.panel(index + self.columns);
        self.panel(index).is_some_and(|panel| below.is_none_or(|below| below.x != panel.x))
    }

    fn row_panels(&self, row: usize) -> impl Iterator<Item = (usize, &Panel)> {
        let indices = row * self.columns..(row + 1) * self.columns;
        indices.filter_map(|index| self.panel(index).map(|panel| (index, panel)))
    }

    /// Width that the numbers of a column's y axes take.
    fn numbers_width(&self, column: usize, height: f64) -> f64 {
        let indices = (column..self.panels.len()).step_by(self.columns);
        let numbered = indices.filter(|&index| self.numbers_y(index)).filter_map(|index| self.panel(index));
        let widest = numbered.map(|panel| {
            let ticks = panel.y.ticks(height, Direction::Up);
            let widths = ticks.major.iter().map(|tick| text_width(&tick.1, SMALL, false));
            widths.fold(0.0, f64::max) + TICK + 0.8
        });
        widest.fold(0.0, f64::max)
    }

    fn header_height(&self) -> f64 {
        let bar = self.bar.as_ref().map_or(0.0, |bar| bar.height(self.inner_width()));
        bar + legend::height(&self.legend, self.inner_width())
    }

    fn layout(&self) -> Layout {
        let columns = self.columns as f64;
        let usual = (0.68 * (self.inner_width() / columns - 9.0)).clamp(28.0, 64.0);
        let named = self.panels.iter().flatten().map(|panel| panel.y.room_for_names());
        let height = named.fold(usual, f64::max);
        let row_count = self.panels.len().div_ceil(self.columns);
        let numbers: Vec<f64> = (0..self.columns).map(|column| self.numbers_width(column, height)).collect();
        let y_label = self.y_label_lines(height, row_count).len() as f64 * line_height(NORMAL) + 0.6;
        let gutters = GUTTER * (columns - 1.0);
        let taken = y_label + numbers.iter().sum::<f64>() + gutters + RIGHT;
        let width = (self.inner_width() - taken) / columns;
        let mut lefts = Vec::with_capacity(self.columns);
        let mut x = MARGIN + y_label;
        for numbers in &numbers {
            lefts.push(x + numbers);
            x += numbers + width + GUTTER;
        }
        let mut y = MARGIN + self.header_height() + 1.2;
        let mut rows = Vec::with_capacity(row_count);
        for row in 0..row_count {
            let most = |size: &dyn Fn(usize, &Panel) -> f64| {
                self.row_panels(row).map(|(index, panel)| size(index, panel)).fold(0.0, f64::max)
            };
            let title = most(&|index, panel| self.title_height(index, panel, width));
            let (head, foot) = (most(&|_, panel| panel.plot.head()), most(&|_, panel| panel.plot.foot()));
            let headed = self.headings.get(row).is_some_and(Option::is_some);
            let heading = if headed { line_height(NORMAL) + 0.6 } else { 0.0 };
            let frame = y + heading + title + head + 0.6;
            rows.push(Row { heading: y, title: y + heading, frame, foot });
            let numbered = self.row_panels(row).filter(|&(index, _)| self.numbers_x(index));
            let numbers = numbered.map(|(_, panel)| numbers_height(&panel.x.ticks(width, Direction::Across)));
            y = frame + height + foot + TICK + numbers.fold(0.0, f64::max) + 1.6;
        }
        let x_label = y - 0.9;
        let drawn = self.caption.text.iter().filter(|_| self.caption.drawn);
        let caption: Vec<String> = drawn.flat_map(|text| wrapped(text, SMALL, self.inner_width())).collect();
        let caption_top = x_label
            + self.x_label_lines().len() as f64 * line_height(NORMAL)
            + if caption.is_empty() { 0.0 } else { 1.4 };
        let height_of_all = caption_top + caption.len() as f64 * line_height(SMALL) + MARGIN;
        Layout { lefts, plot: (width, height), rows, x_label, caption, caption_top, height: height_of_all }
    }

    fn paint(&self, canvas: &Canvas<'_>, layout: &Layout) -> Painted {
        let mut top = MARGIN;
        if let Some(bar) = &self.bar {
            bar.paint(canvas, (MARGIN, top), self.inner_width())?;
            top += bar.height(self.inner_width());
        }
        legend::paint(canvas, &self.legend, (MARGIN, top), self.inner_width())?;
        for (row, heading) in layout.rows.iter().zip(&self.headings) {
            let at = (layout.lefts[0], row.heading + line_height(NORMAL) / 2.0);
            canvas.text(at, heading.as_deref().unwrap_or(""), Type { bold: true, ..Type::of(NORMAL) })?;
        }
        for index in 0..self.panels.len() {
            self.paint_panel(canvas, layout, index)?;
        }
        self.paint_labels(canvas, layout)?;
        for (i, text) in layout.caption.iter().enumerate() {
            let at = (MARGIN, layout.caption_top + (i as f64 + 0.5) * line_height(SMALL));
            canvas.text(at, text, Type { colour: QUIET, ..Type::of(SMALL) })?;
        }
        Ok(())
    }

    fn paint_panel(&self, canvas: &Canvas<'_>, layout: &Layout, index: usize) -> Painted {
        let Some(panel) = self.panel(index) else { return Ok(()) };
        let row = &layout.rows[index / self.columns];
        let (width, height) = layout.plot;
        let rect = Rect { x: layout.lefts[index % self.columns], y: row.frame, width, height };
        self.paint_title(canvas, index, panel, (rect.x, row.title), width)?;
        let frame = Frame { rect, x: &panel.x, y: &panel.y, scale: if width < NARROW { 0.75 } else { 1.0 } };
        let x = Numbered { ticks: panel.x.ticks(width, Direction::Across), numbers: self.numbers_x(index) };
        let y = Numbered { ticks: panel.y.ticks(height, Direction::Up), numbers: self.numbers_y(index) };
        if !panel.x.is_matrix() {
            paint_grid(canvas, &frame, &x.ticks, &y.ticks)?;
        }
        panel.plot.paint(canvas, &frame)?;
        paint_axes(canvas, &frame, &x, &y, row.foot)
    }

    /// The label may stand out a little above and below the frames.
    fn y_label_lines(&self, height: f64, rows: usize) -> Vec<String> {
        wrapped(&self.y_label, NORMAL, height * rows as f64 + 8.0)
    }

    fn x_label_lines(&self) -> Vec<String> {
        wrapped(&self.x_label, NORMAL, self.inner_width())
    }

    fn lettered(&self) -> bool {
        self.panels.len() > 1
    }

    /// a, b, c, ... for the panels there are.
    fn letter(&self, index: usize) -> String {
        let nth = self.panels[..index].iter().flatten().count();
        let letter = |i: usize| char::from(b'a' + (i % 26) as u8);
        if nth < 26 { letter(nth).to_string() } else { format!("{}{}", letter(nth / 26 - 1), letter(nth)) }
    }

    /// Where the words of a title start: right of the panel's letter and its protocol's marker.
    fn title_indent(&self, panel: &Panel) -> f64 {
        (if self.lettered() { LETTER } else { 0.0 }) + (if panel.look.is_some() { 3.0 } else { 0.0 })
    }

    fn title_lines(&self, index: usize, panel: &Panel, width: f64) -> Vec<String> {
        let room = width - self.title_indent(panel);
        self.titles[index].iter().flat_map(|part| wrapped(part, NORMAL, room)).collect()
    }

    fn title_height(&self, index: usize, panel: &Panel, width: f64) -> f64 {
        let lines = self.title_lines(index, panel, width).len().max(usize::from(self.lettered()));
        lines as f64 * line_height(NORMAL) + panel.notes.len() as f64 * line_height(SMALL)
    }

    fn paint_title(
        &self,
        canvas: &Canvas<'_>,
        index: usize,
        panel: &Panel,
        (x, y): Place,
        width: f64,
    ) -> Painted {
        let middle = |line: usize| y + (line as f64 + 0.5) * line_height(NORMAL);
        let words = x + self.title_indent(panel);
        if self.lettered() {
            canvas.text((x, middle(0)), &self.letter(index), Type { bold: true, ..Type::of(NORMAL) })?;
        }
        if let Some(look) = &panel.look {
            canvas.marker((words - 1.8, middle(0)), look, 1.0, false)?;
        }
        for (i, text) in self.title_lines(index, panel, width).iter().enumerate() {
            canvas.text((words, middle(i)), text, Type::of(NORMAL))?;
        }
        let notes =
            y + self.title_height(index, panel, width) - panel.notes.len() as f64 * line_height(SMALL);
        for (i, (look, text)) in panel.notes.iter().enumerate() {
            let y = notes + (i as f64 + 0.5) * line_height(SMALL);
            canvas.marker((x + 1.0, y), look, 0.75, false)?;
            canvas.text((x + 2.6, y), text, Type::of(SMALL))?;
        }
        Ok(())
    }

    fn paint_labels(&self, canvas: &Canvas<'_>, layout: &Layout) -> Painted {
        let (width, height) = layout.plot;
        let (Some(first), Some(last)) = (layout.rows.first(), layout.rows.last()) else { return Ok(()) };
        let left = layout.lefts.first().copied().unwrap_or(MARGIN);
        let right = layout.lefts.last().copied().unwrap_or(MARGIN) + width;
        let centred = Type { across: Across::Center, down: Down::Top, ..Type::of(NORMAL) };
        for (i, text) in self.x_label_lines().iter().enumerate() {
            // A long label is kept on the sheet, even where it then is not in the middle of the frames.
            let half = text_width(text, NORMAL, false) / 2.0;
            let most = (self.width.millimetres() - MARGIN - half).max(MARGIN + half);
            let middle = ((left + right) / 2.0).clamp(MARGIN + half, most);
            let top = layout.x_label + i as f64 * line_height(NORMAL);
            canvas.text((middle, top), text, centred)?;
        }
        let middle = (first.frame + last.frame + height) / 2.0;
        for (i, text) in self.y_label_lines(height, layout.rows.len()).iter().enumerate() {
            let at = (MARGIN + i as f64 * line_height(NORMAL), middle);
            canvas.text(at, text, Type { upwards: true, ..centred })?;
        }
        Ok(())
    }
}
