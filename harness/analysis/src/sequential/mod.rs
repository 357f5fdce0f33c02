//! Sequential stopping adds trials until the intervals are narrow enough.
//!
//! A definition declares its looks beforehand. At a look, all protocols on one source, N and M have the same
//! trials; where the widest interval of the deciding measure, over protocols, dynamics and levels of noise,
//! is narrower than asked, the size ends, else it goes on to the next look, at last to the grid's `trials`.
//! Protocols of a size go on together, so that their differences stay paired over all trials.
//!
//! Stopping where an interval happens to be narrow favours trials that happen to agree, so an interval of
//! plain 95 % would cover less. With K looks in all (the last included) every interval, while deciding and in
//! all later tables, has the confidence 1 - 0.05/K: by Bonferroni all K cover together in at least 95 % of
//! all runs, and so does the one that is reported, wherever the rule stops.
//!
//! The rule sees records only, and of them only those of trials up to the look. So which cells run is a function of the
//! definition and its deterministic records, whatever else is stored: an interrupted sweep goes on as it would have.
//!
//! Source of the correction: O. J. Dunn, J. Am. Stat. Assoc. 56, 52 (1961). That fixed-width stopping costs
//! coverage: Y. S. Chow and H. Robbins, Ann. Math. Stat. 36, 457 (1965).

use crate::summary::summarise_measure;
use indexmap::IndexMap;
use protocols::Source;
use protocols::reading::Reader;
use std::borrow::Borrow;
use std::collections::{HashMap, HashSet};
use study::plan::Cell;
use study::records::Records;
use study::stopping::{StoppedSize, StoppingRule, nine_digits};

/// A `SequentialState` says how a sequential run stands.
#[derive(Clone, Debug, PartialEq)]
pub struct SequentialState<C = Cell> {
    /// The cells that are in the run as far as it is decided, finished or not, in the order of the plan.
    pub due: Vec<C>,
    /// The sizes that have ended.
    pub stops: Vec<StoppedSize>,
    /// Whether every size has.
    pub complete: bool,
}

/// Returns how far `rule` takes the cells of `plan`, given the records that are there.
///
/// Only the records' content counts, not their order: it is that of the plan, because intervals resample
/// trials by their place.
pub fn stage<C: Borrow<Cell> + Clone>(
    rule: &StoppingRule,
    plan: &[C],
    records: &Records,
) -> SequentialState<C> {
    let records = &in_order(plan, records);
    let known: HashSet<&str> = records.memories.iter().map(|memory| memory.at.cell.as_str()).collect();
    let mut sizes: IndexMap<(Source, u32, u32), Vec<&Cell>> = IndexMap::new();
    for cell in plan.iter().map(C::borrow) {
        sizes.entry((cell.source, cell.n, cell.m)).or_default().push(cell);
    }
    let (mut due, mut stops) = (HashSet::new(), Vec::new());
    for ((source, n, m), cells) in &sizes {
        let most = cells.iter().map(|cell| cell.trial + 1).max().unwrap_or(0);
        let ends = rule.looks.iter().copied().filter(|&look| look < most).chain([most]);
        for (look, trials) in ends.enumerate() {
            let ids: HashSet<&str> =
                cells.iter().filter(|cell| cell.trial < trials).map(|cell| cell.id.as_str()).collect();
            let finished = ids.is_subset(&known);
            due.extend(ids.iter().copied());
            if !finished {
                break;
            }
            let width = widest(rule, records, &ids);
            let narrow = width.is_none_or(|width| width < rule.width);
            if narrow || trials == most {
                let looks = look as u32 + 1;
                let width = width.map(nine_digits);
                stops.push(StoppedSize { source: *source, n: *n, m: *m, looks, trials, width, narrow });
                break;
            }
        }
    }
    let complete = stops.len() == sizes.len();
    let due = plan.iter().filter(|cell| due.contains((*cell).borrow().id.as_str())).cloned().collect();
    SequentialState { due, stops, complete }
}

/// The records of planned cells in the order of the plan; within a cell reads go by dynamics, then flips.
fn in_order<C: Borrow<Cell>>(plan: &[C], records: &Records) -> Records {
    let places: HashMap<&str, usize> =
        plan.iter().enumerate().map(|(i, cell)| (cell.borrow().id.as_str(), i)).collect();
    let place = |cell: &str| places.get(cell).copied();
    let mut memories = records.memories.clone();
    memories.retain(|memory| place(&memory.at.cell).is_some());
    memories.sort_by_key(|memory| place(&memory.at.cell));
    let mut recalls = records.recalls.clone();
    recalls.retain(|recall| place(&recall.at.cell).is_some());
    recalls.sort_by_key(|recall| (place(&recall.at.cell), recall.dynamics, recall.flips));
    Records { memories, recalls, ..Records::default() }
}

/// The widest interval of the deciding measure over the cells `ids`.
fn widest(rule: &StoppingRule, records: &Records, ids: &HashSet<&str>) -> Option<f64> {
    let has = |cell: &str| ids.contains(cell);
    let here = Records {
        memories: records.memories.iter().filter(|r| has(&r.at.cell)).cloned().collect(),
        recalls: records.recalls.iter().filter(|r| has(&r.at.cell)).cloned().collect(),
        timings: Vec::new(),
        confidence: rule.confidence(),
    };
    let decides = |dynamics: Option<Reader>| rule.dynamics.is_none() || dynamics == rule.dynamics;
    let estimates = summarise_measure(&here, rule.measure).into_iter().filter(|e| decides(e.dynamics));
    estimates.filter_map(|e| Some(e.high? - e.low?)).max_by(f64::total_cmp)
}

#[cfg(test)]
mod tests;
