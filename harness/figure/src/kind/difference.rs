//! A diverging map shows by how much a protocol is better or worse than the others. It is set against the
//! best of them, over load x noise.
//!
//! The best other is, cell by cell, the one that the subject exceeds by least; its marker stands in the cell, unless
//! several are equally good. Differences are paired over trials, and all contrasts of a source and N, at all loads,
//! noise levels and dynamics, are one family of tests (Holm): the same as on the map of a claim with these rivals. A
//! cell is hatched as possible chance unless the subject is beyond chance better than *every* other, or worse than
//! the best one: choosing the best by the same data is covered, because its contrast is one of the family.

use crate::data::{csv, grouped, remaining};
use crate::drawing::{Drawer, MapFigure, NOT_TO_SCALE, Paper, Task};
use crate::error::FigureError;
use crate::labels;
use crate::plot::{Cell, Sign, fates};
use crate::sheet::{Entry, Sheet, Symbol};
use crate::style::Scale;
use analysis::summary::{Contrast, Estimate};
use study::claim::At;
use study::figure::{Coordinate, FigureKind, FigureSpec};
use study::measure::Measure;

/// Draws the kind `difference`.
pub(super) struct Difference;

impl Drawer for Difference {
    fn kind(&self) -> FigureKind {
        FigureKind::Difference
    }

    fn measures(&self, _spec: &FigureSpec) -> (Measure, &'static [Measure]) {
        (Measure::Recovered, &Measure::OF_RECALLS)
    }

    fn draw(&self, task: &Task<'_>) -> Result<Vec<Paper>, FigureError> {
        let subject = subject(task)?;
        let (x, y) = task.spec.axes();
        let mut found: Vec<Estimate> = task.found.iter().filter(|e| e.protocol == subject).cloned().collect();
        for e in &mut found {
            // A subject that failed everywhere stays without a value, and so does a place without a rival.
            let of = best(task.context.contrasts, e).map(|contrast| contrast.difference);
            e.value = of.map(|difference| difference.value);
            (e.low, e.high) =
                of.map(|difference| (difference.interval.low, difference.interval.high)).unzip();
        }
        let failed = |e: &Estimate| e.trials == 0 && e.failed > 0;
        if found.iter().all(|e| e.value.is_none()) && !found.iter().all(failed) {
            return Err(FigureError::NoRival { figure: task.spec.name.clone(), subject });
        }
        let contrasts = task.context.contrasts;
        // Without noise a memory that keeps every state recovers all: those differences would take up all colours.
        let noisy = |e: &Estimate| e.flips.is_some_and(|flips| flips.units > 0);
        let left_out = found.iter().any(noisy) && !found.iter().all(noisy);
        if left_out {
            found.retain(noisy);
        }
        let is_asked = |e: &Estimate| task.context.region.is_some_and(|region| region.has(&at(e)));
        let mut facts = vec![family(task), NOT_TO_SCALE.to_owned()];
        facts.extend(left_out.then(|| "queries without noise are left out".to_owned()));
        facts.extend(beyond(&found, scale(&found, &is_asked)));
        facts.extend(powerless(contrasts));
        let figure = MapFigure {
            scale: scale(&found, &is_asked),
            meaning: format!(
                "{} less the best other, {}",
                task.looks.name(&subject),
                labels::measure(task.measure)
            ),
            level: None,
            cell: &|e| cell(task, e),
            mark: &|e| sign(task, e),
            is_outlined: &is_asked,
            legend: &|found, _| legend(task, found, &is_asked),
            facts,
        };
        let panels = remaining(&[&x, &y, &Coordinate::Protocol]);
        let mut papers = figure.draw(task, grouped(&found, &panels, &task.looks));
        for paper in &mut papers {
            paper.csv = Some(csv::contrasts(&paper.found, contrasts));
        }
        Ok(papers)
    }

    fn subject(&self, measure: Measure, sheet: &Sheet) -> String {
        format!("difference in {} against {} and {}", labels::measure(measure), sheet.x_label, sheet.y_label)
    }

    /// The rivals stand in no cell of their own.
    fn concerned<'a>(&self, task: &'a Task<'_>, _drawn: &'a [Estimate]) -> &'a [Estimate] {
        &task.found
    }
}

fn family(task: &Task<'_>) -> String {
    let mut rivals: Vec<&String> = task.context.contrasts.iter().map(|contrast| &contrast.rival).collect();
    rivals.sort_by_key(|rival| (task.looks.rank(rival), *rival));
    rivals.dedup();
    // Labels may have commas themselves.
    let rivals = rivals.into_iter().map(|rival| task.looks.name(rival)).collect::<Vec<&str>>().join(" | ");
    if rivals.is_empty() {
        return "no difference, since there is no number to compare".to_owned();
    }
    let mut sizes: Vec<usize> = task.context.contrasts.iter().map(|contrast| contrast.family).collect();
    sizes.sort_unstable();
    sizes.dedup();
    let sizes = sizes.iter().map(usize::to_string).collect::<Vec<_>>().join(" or ");
    format!(
        "against {rivals}; differences paired over trials, p-values adjusted by Holm over the {sizes} contrasts of a \
         source and N"
    )
}

/// Says so where the trials are too few for any difference to be beyond chance: the sign-flip test of T pairs never
/// goes below 2^(1-T).
fn powerless(contrasts: &[Contrast]) -> Option<String> {
    let trials = contrasts.iter().map(|contrast| contrast.trials).max()?;
    let least = |c: &Contrast| 2.0_f64.powi(1 - c.trials as i32) * c.family as f64;
    contrasts
        .iter()
        .all(|contrast| least(contrast) > Contrast::LEVEL)
        .then(|| format!("{trials} trials are too few for any of them to fall below 0.05"))
}

fn subject(task: &Task<'_>) -> Result<String, FigureError> {
    let all = || {
        let mut labels: Vec<String> = task.found.iter().map(|e| e.protocol.clone()).collect();
        labels.sort();
        labels.dedup();
        labels.join(", ")
    };
    let subject = task.spec.subject.clone().filter(|s| task.found.iter().any(|e| e.protocol == *s));
    subject.ok_or_else(|| FigureError::Subject { figure: task.spec.name.clone(), labels: all() })
}

/// The contrast with the best other in the place of an estimate.
fn best<'a>(contrasts: &'a [Contrast], e: &Estimate) -> Option<&'a Contrast> {
    let here = contrasts.iter().filter(|contrast| contrast.is_at(e));
    here.min_by(|a, b| a.difference.value.total_cmp(&b.difference.value).then_with(|| a.rival.cmp(&b.rival)))
}

/// The same, if no other is as good.
fn alone<'a>(contrasts: &'a [Contrast], e: &Estimate) -> Option<&'a Contrast> {
    let best = best(contrasts, e)?;
    let equal = |c: &&Contrast| c.is_at(e) && c.difference.value - best.difference.value < 1e-9;
    (contrasts.iter().filter(equal).count() == 1).then_some(best)
}

/// The best other, or that there are several.
fn sign(task: &Task<'_>, e: &Estimate) -> Option<Sign> {
    best(task.context.contrasts, e)?;
    let alone = alone(task.context.contrasts, e);
    Some(alone.map_or(Sign::Tie, |contrast| Sign::Best(task.looks.get(&contrast.rival))))
}

/// Where an estimate stands.
fn at(e: &Estimate) -> At {
    At { source: e.source, dynamics: e.dynamics, n: e.n, m: Some(e.m), flips: e.flips }
}

fn cell(task: &Task<'_>, e: &Estimate) -> Option<Cell> {
    let contrasts = task.context.contrasts;
    let Some(best) = best(contrasts, e) else {
        return (e.trials == 0 && e.failed > 0).then_some(Cell::Failed);
    };
    let mut here = contrasts.iter().filter(|contrast| contrast.is_at(e));
    let certain = match best.difference.value {
        // What is equal in every trial is no chance difference.
        value if value.abs() < 1e-9 => true,
        value if value > 0.0 => here.all(Contrast::is_significant),
        _ => best.is_significant(),
    };
    // Where another failed, nobody knows whether it would have been the best.
    let place = |o: &Estimate| (o.source, o.n, o.m, o.dynamics, o.flips);
    let failed = task.found.iter().any(|o| o.failed > 0 && place(o) == place(e));
    Some(match certain {
        true if failed => Cell::Partial(best.difference.value),
        true => Cell::Value(best.difference.value),
        false => Cell::Chance(best.difference.value),
    })
}

/// The same to both sides, as far as the differences in question go, to the next round number.
fn scale(found: &[Estimate], is_asked: &dyn Fn(&Estimate) -> bool) -> Scale {
    let all = !found.iter().any(is_asked);
    let asked = found.iter().filter(|e| all || is_asked(e));
    let most = asked.filter_map(|e| e.value).map(f64::abs).fold(0.0, f64::max);
    let ends = [0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.75, 1.0];
    Scale::Diverging(ends.into_iter().find(|end| most <= *end).unwrap_or(2.0))
}

/// Says so where differences go beyond the colours.
fn beyond(found: &[Estimate], scale: Scale) -> Option<String> {
    let (_, end) = scale.range();
    let most = found.iter().filter_map(|e| e.value).map(f64::abs).fold(0.0, f64::max);
    (most > end).then(|| {
        let (end, most) = (labels::short(end), labels::short(most));
        format!("colours end at {end}, though differences outside the outline go up to {most}")
    })
}

fn legend(task: &Task<'_>, found: &[Estimate], is_asked: &dyn Fn(&Estimate) -> bool) -> Vec<Entry> {
    let alone = found.iter().filter_map(|e| alone(task.context.contrasts, e));
    let mut rivals: Vec<&String> = alone.map(|contrast| &contrast.rival).collect();
    rivals.sort_by_key(|rival| task.looks.rank(rival));
    rivals.dedup();
    let mut legend = vec![Entry::new(Symbol::None, "best other:")];
    let named = |rival: &String| Entry::new(Symbol::Point(task.looks.get(rival)), task.looks.name(rival));
    legend.extend(rivals.into_iter().map(named));
    if found.iter().any(|e| sign(task, e) == Some(Sign::Tie)) {
        legend.push(Entry::new(Symbol::Tie, "several are equally good"));
    }
    if found.iter().any(is_asked) {
        legend.push(Entry::new(Symbol::Outline, "where the claim is decided"));
    }
    let cells = || found.iter().map(|e| cell(task, e));
    if cells().any(|cell| matches!(cell, Some(Cell::Chance(_)))) {
        legend.push(Entry::new(Symbol::Chance, "may be chance (p above 0.05)"));
    }
    let fates = |ours: bool, all: Symbol, note: &str| -> Vec<Entry> {
        let is_ours = |e: &&Estimate| (Some(&e.protocol) == task.spec.subject.as_ref()) == ours;
        let failing: Vec<Estimate> =
            task.found.iter().filter(is_ours).filter(|e| e.failed > 0).cloned().collect();
        let entries = fates(&failing, all).into_iter();
        entries.map(|Entry { symbol, label }| Entry::new(symbol, label + note)).collect()
    };
    legend.extend(fates(true, Symbol::Hatch { crossed: true }, ""));
    legend.extend(fates(false, Symbol::Hollow, " (of another protocol)"));
    if cells().any(|cell| cell.is_none()) {
        legend.push(Entry::new(Symbol::Hatch { crossed: false }, "not measured"));
    }
    legend
}
