//! The axes of a panel are drawn outside its frame, its grid lies inside.

use super::axis::Ticks;
use super::panel::Frame;
use crate::canvas::{Across, Canvas, Down, Painted, Stroke, Type, line_height, text_width};
use crate::style::{GRID, HAIR, INK, SMALL, SPINE, TICK};

/// A `Numbered` holds ticks, with their numbers or without.
pub(super) struct Numbered {
    pub(super) ticks: Ticks,
    pub(super) numbers: bool,
}

/// Returns the height of the numbers of an x axis.
pub(super) fn numbers_height(ticks: &Ticks) -> f64 {
    let widths = ticks.major.iter().map(|tick| text_width(&tick.1, SMALL, false));
    if ticks.turned { widths.fold(0.0, f64::max) + 0.8 } else { line_height(SMALL) }
}

/// Draws lines at the major ticks.
pub(super) fn paint_grid(canvas: &Canvas<'_>, frame: &Frame<'_>, x: &Ticks, y: &Ticks) -> Painted {
    let (rect, stroke) = (frame.rect, Stroke::solid(GRID, HAIR));
    for (value, _) in &x.major {
        let at = rect.x + frame.x.position(*value) * rect.width;
        canvas.line(&[(at, rect.y), (at, rect.bottom())], stroke)?;
    }
    for (value, _) in &y.major {
        let at = rect.bottom() - frame.y.position(*value) * rect.height;
        canvas.line(&[(rect.x, at), (rect.right(), at)], stroke)?;
    }
    Ok(())
}

/// Draws spines, ticks outside them, and numbers outside the ticks. The x axis lies `foot` mm below the
/// frame.
pub(super) fn paint_axes(
    canvas: &Canvas<'_>,
    frame: &Frame<'_>,
    x: &Numbered,
    y: &Numbered,
    foot: f64,
) -> Painted {
    let (rect, stroke) = (frame.rect, Stroke::solid(INK, SPINE));
    let base = rect.bottom() + foot;
    if !frame.x.is_matrix() {
        canvas.line(&[(rect.x, rect.y), (rect.x, base), (rect.right(), base)], stroke)?;
    }
    let across = |value: f64| rect.x + frame.x.position(value) * rect.width;
    let up = |value: f64| rect.bottom() - frame.y.position(value) * rect.height;
    for (value, label) in &x.ticks.major {
        let at = across(*value);
        canvas.line(&[(at, base), (at, base + TICK)], stroke)?;
        if x.numbers {
            let centred = Type { across: Across::Center, down: Down::Top, ..Type::of(SMALL) };
            let turned = Type { across: Across::Right, upwards: true, ..Type::of(SMALL) };
            let how = if x.ticks.turned { turned } else { centred };
            canvas.text((at, base + TICK + if x.ticks.turned { 0.5 } else { 0.3 }), label, how)?;
        }
    }
    for &value in &x.ticks.minor {
        canvas.line(&[(across(value), base), (across(value), base + TICK * 0.55)], stroke)?;
    }
    for (value, label) in &y.ticks.major {
        let at = up(*value);
        canvas.line(&[(rect.x - TICK, at), (rect.x, at)], stroke)?;
        if y.numbers {
            canvas.text(
                (rect.x - TICK - 0.5, at),
                label,
                Type { across: Across::Right, ..Type::of(SMALL) },
            )?;
        }
    }
    for &value in &y.ticks.minor {
        canvas.line(&[(rect.x - TICK * 0.55, up(value)), (rect.x, up(value))], stroke)?;
    }
    Ok(())
}
