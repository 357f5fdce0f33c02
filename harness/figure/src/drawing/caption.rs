//! This module writes captions. A caption says under which conditions a figure holds; a sentence tells those who do
//! not see it what it shows.

use crate::context::Context;
use crate::labels;
use crate::sheet::Words;
use crate::style::Looks;
use analysis::summary::Estimate;
use protocols::reading::Reader;
use protocols::{Corruption, Source};
use std::collections::BTreeSet;
use study::figure::FigureSpec;
use study::measure::Measure;

/// Says what the uncertainty of a measure is, and how many trials there are.
fn interval(found: &[Estimate], shown_as: &str, confidence: f64) -> String {
    let trials: BTreeSet<u32> = found.iter().filter(|e| e.value.is_some()).map(|e| e.trials).collect();
    let (least, most) = (trials.first().copied().unwrap_or(0), trials.last().copied().unwrap_or(0));
    let trials = if least == most { least.to_string() } else { format!("{least} to {most}") };
    let plural = if most == 1 { "" } else { "s" };
    let time = found.first().is_some_and(|e| e.measure == Measure::WriteSeconds);
    let what = match time {
        true => "median and middle half of".to_owned(),
        false => format!("{} intervals over", labels::percent(confidence)),
    };
    if shown_as.is_empty() {
        format!("{trials} trial{plural}")
    } else {
        format!("{shown_as}: {what} {trials} trial{plural}")
    }
}

/// Says why there are no numbers, where all trials of all conditions failed.
fn all_failed(found: &[Estimate]) -> Option<String> {
    let failed = |e: &Estimate| e.value.is_none() && e.trials == 0 && e.failed > 0;
    let worst = found.iter().map(|e| e.status).max().filter(|_| found.iter().all(failed))?;
    Some(format!("no trial gave a number: all failed, the worst by {}", worst.name()))
}

/// Returns the caption of a figure: what it shows and the conditions. `shown_as` names what shows intervals; `facts`
/// says more.
pub(crate) fn caption(
    spec: &FigureSpec,
    context: &Context<'_>,
    found: &[Estimate],
    shown_as: &str,
    facts: &[String],
) -> Words {
    let listed =
        |values: BTreeSet<u32>| values.iter().map(u32::to_string).collect::<Vec<String>>().join(", ");
    let mut conditions = vec![format!("N = {}", listed(found.iter().map(|e| e.n).collect()))];
    let sources: BTreeSet<Source> = found.iter().map(|e| e.source).collect();
    conditions.push(labels::listed(&sources.into_iter().map(labels::messages).collect::<Vec<String>>()));
    let dynamics: BTreeSet<Reader> = found.iter().filter_map(|e| e.dynamics).collect();
    if !dynamics.is_empty() {
        conditions.push(labels::reads(dynamics));
    }
    let flips: BTreeSet<(Corruption, u32)> = found.iter().filter_map(|e| e.flips.map(|d| (d, e.n))).collect();
    if let (1, Some(&(d, n))) = (flips.len(), flips.first()) {
        conditions.push(labels::noise(d, n));
    }
    conditions.push(all_failed(found).unwrap_or_else(|| interval(found, shown_as, context.confidence)));
    conditions.extend(facts.iter().chain(context.facts).cloned());
    let mut text = Vec::new();
    if !spec.caption.text.trim().is_empty() {
        text.push(spec.caption.text.trim().to_owned());
    }
    text.push(capitalised(&format!("{}.", conditions.join("; "))));
    Words { text, drawn: spec.caption.drawn }
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// Returns one sentence for readers who do not see the picture.
pub(crate) fn alternative(found: &[Estimate], looks: &Looks, drawn: &str) -> String {
    let mut protocols: Vec<&str> = found.iter().map(|e| e.protocol.as_str()).collect();
    protocols.sort_by_key(|label| looks.rank(label));
    protocols.dedup();
    let names: Vec<&str> = protocols.into_iter().map(|label| looks.name(label)).collect();
    format!("{drawn} for {}.", names.join(", "))
}
