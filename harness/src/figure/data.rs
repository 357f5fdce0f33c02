//! The CSV behind a figure: every estimate drawn, one a row, in the order of panels and curves.

use super::words;
use crate::summary::Estimate;

/// The columns.
pub(super) const HEADER: &str =
    "source,n,dynamics,protocol,m,load,flips,noise,measure,value,low,high,trials,failed,status,parameters";

/// The rows behind a figure; empty fields where there is no value. Numbers are exact: reading them back gives the same.
pub(super) fn csv<'a>(estimates: impl IntoIterator<Item = &'a Estimate>) -> String {
    let mut csv = format!("{HEADER}\n");
    for e in estimates {
        let number = |x: Option<f64>| x.map_or_else(String::new, |x| x.to_string());
        let fields = [
            e.source.name().to_owned(),
            e.n.to_string(),
            e.dynamics.map_or_else(String::new, |d| d.name().to_owned()),
            e.protocol.clone(),
            e.m.to_string(),
            e.load.to_string(),
            e.flips.map_or_else(String::new, |d| d.to_string()),
            number(e.noise()),
            words::name(&e.measure),
            number(e.value),
            number(e.low),
            number(e.high),
            e.trials.to_string(),
            e.failed.to_string(),
            words::name(&e.status),
            e.parameters.clone(),
        ];
        csv += &fields.map(quoted).join(",");
        csv.push('\n');
    }
    csv
}

/// A field, in quotes where it needs them (RFC 4180).
fn quoted(field: String) -> String {
    if field.contains([',', '"', '\n', '\r']) { format!("\"{}\"", field.replace('"', "\"\"")) } else { field }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figure::sample;

    #[test]
    fn fields_are_quoted_where_they_must_be() {
        let estimate = Estimate { protocol: "TRN, \"free\"".to_owned(), ..sample::estimate() };
        let csv = csv([&estimate]);
        assert!(csv.contains(r#","TRN, ""free""","#), "{csv}");
        assert!(csv.starts_with(HEADER) && csv.lines().count() == 2);
    }
}
