//! Protocols that differ only in what runs along the axes are one protocol of the figure.

use crate::style::Looks;
use analysis::summary::Estimate;
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};
use study::figure::Coordinate;

/// Joins protocols that differ only along the axes. It gives all estimates whose parameters differ in no more
/// than those of `axes` one label, and that label the look of the first of them. Without a parameter among
/// the axes every label stays.
pub(crate) fn joined(mut found: Vec<Estimate>, axes: &[&Coordinate], looks: &mut Looks) -> Vec<Estimate> {
    if !axes.iter().any(|axis| matches!(axis, Coordinate::Parameter { .. })) {
        return found;
    }
    let mut groups: BTreeMap<String, BTreeSet<(usize, String)>> = BTreeMap::new();
    let mut first = groups.clone();
    for e in &found {
        let place = (looks.rank(&e.protocol), looks.name(&e.protocol).to_owned());
        first.entry(rest(&e.parameters, axes).to_string()).or_default().insert((place.0, e.protocol.clone()));
        groups.entry(rest(&e.parameters, axes).to_string()).or_default().insert(place);
    }
    let names = names(&groups);
    for (rest, labels) in &first {
        let first = labels.first().expect("every group was made for a label");
        looks.alias(&names[rest], &first.1);
    }
    for e in &mut found {
        e.protocol = names[&rest(&e.parameters, axes).to_string()].clone();
    }
    found
}

/// The parameters without those that run along the axes.
fn rest(parameters: &str, axes: &[&Coordinate]) -> Json {
    let Ok(mut json) = serde_json::from_str::<Json>(parameters) else { return Json::from(parameters) };
    for axis in axes {
        let Coordinate::Parameter { protocol, parameter } = axis else { continue };
        if let Some(Json::Object(values)) = json.get_mut(protocol) {
            values.remove(parameter);
        }
    }
    json
}

/// Holds what stands between the labels of protocols that are one.
pub(super) const JOINT: &str = " / ";

/// A name for each group: the parts, between commas, that the labels have in common; where they have nothing in
/// common, their protocol. Groups that would have the same name are told apart by all labels
/// that they hold.
fn names(groups: &BTreeMap<String, BTreeSet<(usize, String)>>) -> BTreeMap<String, String> {
    let common = |labels: &BTreeSet<(usize, String)>| -> String {
        let mut labels = labels.iter().map(|(_, label)| label.split(", ").collect::<Vec<&str>>());
        let mut parts = labels.next().unwrap_or_default();
        for others in labels {
            parts.retain(|part| others.contains(part));
        }
        parts.join(", ")
    };
    let family = |rest: &str| match serde_json::from_str(rest) {
        Ok(Json::Object(tagged)) => tagged.keys().next().map_or(String::new(), |tag| {
            // Names of three letters are abbreviations.
            if tag.len() == 3 { tag.to_uppercase() } else { tag.clone() }
        }),
        _ => String::new(),
    };
    let brief = |rest: &str, labels: &BTreeSet<(usize, String)>| {
        let common = common(labels);
        if common.is_empty() { family(rest) } else { common }
    };
    let all = |labels: &BTreeSet<(usize, String)>| {
        labels.iter().map(|(_, label)| label.as_str()).collect::<Vec<&str>>().join(JOINT)
    };
    let short: BTreeMap<&String, String> = groups.iter().map(|(rest, l)| (rest, brief(rest, l))).collect();
    let name = |(rest, labels): (&String, &BTreeSet<(usize, String)>)| {
        let name = &short[rest];
        let unique = !name.is_empty() && short.values().filter(|other| *other == name).count() == 1;
        (rest.clone(), if unique { name.clone() } else { all(labels) })
    };
    groups.iter().map(name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn variants_along_an_axis_share_a_label_and_a_look() {
        let one = |label: &str, parameters: &str| Estimate {
            protocol: label.to_owned(),
            parameters: parameters.to_owned(),
            ..sample::estimate()
        };
        let found = vec![
            one("TRN, K=5", r#"{"trn":{"queries":5,"redraw":0}}"#),
            one("TRN, K=20", r#"{"trn":{"queries":20,"redraw":0}}"#),
            one("fresh, K=5", r#"{"trn":{"queries":5,"redraw":1}}"#),
            one("HOP", r#"{"hop":{}}"#),
        ];
        let k = Coordinate::named("trn.queries").unwrap();
        let mut looks = Looks::of(&found);
        let look = looks.get("TRN, K=20");
        let named = |found: Vec<Estimate>| found.into_iter().map(|e| e.protocol).collect::<Vec<_>>();
        let plain = joined(found.clone(), &[&Coordinate::Load], &mut looks);
        assert_eq!(plain, found);
        assert_eq!(named(joined(found, &[&k], &mut looks)), ["TRN", "TRN", "fresh, K=5", "HOP"]);
        assert_eq!(looks.get("TRN"), look, "that of the first by rank");
    }

    #[test]
    fn groups_without_a_name_of_their_own_say_all_labels() {
        let group =
            |labels: [&str; 2]| labels.iter().enumerate().map(|(i, l)| (i, (*l).to_owned())).collect();
        let groups = BTreeMap::from([
            ("a".to_owned(), group(["T, 1", "T, 2"])),
            ("b".to_owned(), group(["T, 3", "T, 4"])),
        ]);
        assert_eq!(names(&groups)["b"], "T, 3 / T, 4");
        let rest = r#"{"trn":{"redraw":1}}"#.to_owned();
        let groups = BTreeMap::from([(rest.clone(), group(["L = 1", "TRN"]))]);
        assert_eq!(names(&groups)[&rest], "TRN");
    }
}
