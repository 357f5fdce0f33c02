//! The figures of all shipped definitions obey one table of looks: a setting has one name and one look in all of them,
//! and no two of one figure look alike, to eyes of any kind.

use crate::style::{Look, Looks, VISIONS, distance, name};
use std::collections::{BTreeMap, BTreeSet};
use study::canonical::canonical;
use study::definition::Definition;
use study::figure::{FigureKind, FigureSpec};
use study::label::is_of;

/// A figure with the protocols that it may show, by label and parameters.
type Shown = (String, FigureSpec, Vec<(String, String)>);

/// Every figure that tells protocols apart by their looks: in a table of rows or in maps, words do.
fn shipped() -> Vec<Shown> {
    let mut found = Vec::new();
    for (run, text) in Definition::shipped() {
        let definition = Definition::parse(run, std::path::Path::new(run), text).expect(run);
        for spec in &definition.figures {
            let words = [FigureKind::HeatMap, FigureKind::Ranking, FigureKind::Basins, FigureKind::Margins];
            // Variants along an axis are one curve, that of their first.
            let joined = spec.kind == FigureKind::Curves || spec.kind == FigureKind::QueriesNeeded;
            if words.contains(&spec.kind) || joined {
                continue;
            }
            let is_run = |label: &str| {
                let at = definition.protocols.get_index_of(label);
                let conditions = definition.conditions.iter().filter(|c| Some(c.protocol) == at);
                conditions.into_iter().any(|c| spec.shows_place(c.source, c.n, c.m))
            };
            let named = definition.protocols.iter().filter(|(label, _)| spec.names(label) && is_run(label));
            let shown = named.map(|(label, rule)| (label.clone(), canonical(rule))).collect();
            found.push((format!("{run}/{}", spec.name), spec.clone(), shown));
        }
    }
    found
}

fn looks_of(shown: &[(String, String)]) -> Looks {
    Looks::of_protocols(shown.iter().map(|(label, parameters)| (label.as_str(), parameters.as_str())))
}

#[test]
fn a_setting_has_one_name_and_one_look_in_all_figures_of_all_runs() {
    let mut looks: BTreeMap<String, (String, Look, String)> = BTreeMap::new();
    let mut names: BTreeMap<String, String> = BTreeMap::new();
    for (figure, _, shown) in shipped() {
        let found = looks_of(&shown);
        for (label, parameters) in &shown {
            let (name, look) = (name(label, parameters), found.get(label));
            let known = looks.entry(parameters.clone()).or_insert((name.clone(), look, figure.clone()));
            assert_eq!((&known.0, known.1), (&name, look), "{label} in {figure} and in {}", known.2);
            let known = names.entry(name.clone()).or_insert_with(|| parameters.clone());
            assert_eq!(known, parameters, "{name} in {figure}");
        }
    }
    assert!(looks.len() > 20);
}

#[test]
fn no_two_of_a_figure_share_marker_and_hue() {
    for (figure, _, shown) in shipped() {
        let looks = looks_of(&shown);
        for (i, (a, _)) in shown.iter().enumerate() {
            for (b, _) in &shown[..i] {
                let (of_a, of_b) = (looks.get(a), looks.get(b));
                let differ = of_a.hue != of_b.hue || of_a.marker != of_b.marker;
                assert!(differ || is_of(a, b) || is_of(b, a), "{a} and {b} in {figure}");
            }
        }
    }
}

/// Colours at this distance in L*a*b* are told apart at a glance, in marks of this size.
const APART: f64 = 10.0;

#[test]
fn no_two_of_a_figure_look_alike_to_eyes_of_any_kind() {
    for (figure, _, shown) in shipped() {
        let looks = looks_of(&shown);
        for (i, (a, _)) in shown.iter().enumerate() {
            for (b, _) in &shown[..i] {
                let (of_a, of_b) = (looks.get(a), looks.get(b));
                for (eyes, matrix) in &VISIONS {
                    let apart = distance(of_a.colour, of_b.colour, matrix) >= APART;
                    assert!(apart || of_a.marker != of_b.marker, "{a} and {b} in {figure}, {eyes}");
                }
            }
        }
    }
}

#[test]
fn the_rules_that_are_drawn_most_differ_in_colour_alone_to_eyes_of_any_kind() {
    let rules = ["hop", "pse", "mpf", "margin", "mcf", "trn"].map(|rule| format!(r#"{{"{rule}":{{}}}}"#));
    let looks = Looks::of_protocols(rules.iter().map(|rule| (rule.as_str(), rule.as_str())));
    let distinct: BTreeSet<String> =
        rules.iter().map(|rule| format!("{:?}", looks.get(rule).marker)).collect();
    assert_eq!(distinct.len(), rules.len());
    for (i, a) in rules.iter().enumerate() {
        for b in &rules[..i] {
            for (eyes, matrix) in &VISIONS {
                let found = distance(looks.get(a).colour, looks.get(b).colour, matrix);
                assert!(found >= 15.0, "{a} and {b}, {eyes}: {found:.1}");
            }
        }
    }
}
