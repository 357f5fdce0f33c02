//! The CSV behind a figure has every estimate drawn. There is one a row, in the order of panels and curves.

use crate::labels;
use analysis::summary::{Contrast, CriticalLoad, Estimate};
use base::spreadsheet::text;
use stats::Crossing;

/// Holds the columns.
pub(crate) const HEADER: &str =
    "source,n,dynamics,protocol,m,load,flips,noise,measure,value,low,high,trials,failed,status,parameters";

/// Returns the rows behind a figure. Fields are empty where there is no value. Numbers are exact: reading
/// them back gives the same.
pub(crate) fn estimates<'a>(estimates: impl IntoIterator<Item = &'a Estimate>) -> String {
    let mut csv = format!("{HEADER}\n");
    for e in estimates {
        let number = |x: Option<f64>| x.map_or_else(String::new, |x| x.to_string());
        let fields = [
            e.source.name().to_owned(),
            e.n.to_string(),
            e.dynamics.map_or_else(String::new, |d| d.name().to_owned()),
            text(&e.protocol).into_owned(),
            e.m.to_string(),
            e.load.to_string(),
            e.flips.map_or_else(String::new, |d| d.to_string()),
            number(e.noise()),
            labels::name(&e.measure),
            number(e.value),
            number(e.low),
            number(e.high),
            e.trials.to_string(),
            e.failed.to_string(),
            labels::name(&e.status),
            text(&e.parameters).into_owned(),
        ];
        csv += &fields.map(quoted).join(",");
        csv.push('\n');
    }
    csv
}

/// Returns rows of the critical loads of the curves that `estimates` make. The load is the value, and the
/// measure says of what.
pub(crate) fn critical_loads(estimates: &[Estimate], crossings: &[CriticalLoad]) -> String {
    let mut csv = String::new();
    for c in crossings {
        let on_curve = |e: &&Estimate| {
            (&e.protocol, e.source, e.n) == (&c.protocol, c.source, c.n)
                && (e.dynamics, e.flips, e.measure) == (c.dynamics, c.flips, c.measure)
        };
        let Some(e) = estimates.iter().find(on_curve) else { continue };
        let load = |crossing: Crossing| crossing.load().map_or_else(String::new, |load| load.to_string());
        let noise = e.noise().map_or_else(String::new, |noise| noise.to_string());
        let fields = [
            c.source.name().to_owned(),
            c.n.to_string(),
            c.dynamics.map_or_else(String::new, |d| d.name().to_owned()),
            text(&c.protocol).into_owned(),
            String::new(),
            String::new(),
            c.flips.map_or_else(String::new, |d| d.to_string()),
            noise,
            format!("load at {} of {}", c.level, c.measure.name()),
            load(c.crossing.value),
            load(c.crossing.low),
            load(c.crossing.high),
            c.trials.to_string(),
            String::new(),
            match c.crossing.value {
                Crossing::At(_) => "ok",
                Crossing::BelowGrid => "below the grid",
                Crossing::AboveGrid => "above the grid",
            }
            .to_owned(),
            text(&e.parameters).into_owned(),
        ];
        csv += &fields.map(quoted).join(",");
        csv.push('\n');
    }
    csv
}

/// Returns the rows behind a figure of differences. They are every contrast in the places of `estimates`, the
/// best other first.
pub(crate) fn contrasts(estimates: &[Estimate], contrasts: &[Contrast]) -> String {
    let mut csv =
        "source,n,dynamics,m,load,flips,noise,measure,subject,rival,difference,low,high,p_adjusted,trials\n"
            .to_owned();
    for e in estimates {
        let mut here: Vec<&Contrast> = contrasts.iter().filter(|contrast| contrast.is_at(e)).collect();
        here.sort_by(|a, b| {
            a.difference.value.total_cmp(&b.difference.value).then_with(|| a.rival.cmp(&b.rival))
        });
        for c in here {
            let fields = [
                c.source.name().to_owned(),
                c.n.to_string(),
                c.dynamics.name().to_owned(),
                c.m.to_string(),
                e.load.to_string(),
                c.flips.to_string(),
                (f64::from(c.flips) / f64::from(c.n)).to_string(),
                c.measure.name().to_owned(),
                text(&c.subject).into_owned(),
                text(&c.rival).into_owned(),
                c.difference.value.to_string(),
                c.difference.interval.low.to_string(),
                c.difference.interval.high.to_string(),
                c.difference.p_value.to_string(),
                c.trials.to_string(),
            ];
            csv += &fields.map(quoted).join(",");
            csv.push('\n');
        }
    }
    csv
}

/// Returns a field, in quotes where it needs them (RFC 4180).
pub(crate) fn quoted(field: String) -> String {
    if field.contains([',', '"', '\n', '\r']) { format!("\"{}\"", field.replace('"', "\"\"")) } else { field }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn a_label_is_no_formula_to_a_spreadsheet() {
        let estimate = Estimate { protocol: "=1+1".to_owned(), value: Some(-0.5), ..sample::estimate() };
        let csv = estimates([&estimate]);
        assert!(csv.contains(",'=1+1,") && csv.contains(",-0.5,"), "{csv}");
    }

    #[test]
    fn fields_are_quoted_where_they_must_be() {
        let estimate = Estimate { protocol: "TRN, \"free\"".to_owned(), ..sample::estimate() };
        let csv = estimates([&estimate]);
        assert!(csv.contains(r#","TRN, ""free""","#), "{csv}");
        assert!(csv.starts_with(HEADER) && csv.lines().count() == 2);
    }
}
