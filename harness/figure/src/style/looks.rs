//! A protocol has one name and one look in every figure of every run.
//!
//! Both are functions of its rule and its parameters: the hue is that of the rule, marker, shade and dash are those of
//! the setting. Settings that are drawn often are listed in `settings`; others have what a hash of their parameters
//! says, and only where two of one figure would then look alike does the second take the next marker that is free.

use super::colour::Colour;
use super::families::{SPARE, known};
use super::look::{Dash, Look, Marker};
use super::settings::{Setting, settings};
use super::shade::Shade;
use analysis::summary::Estimate;
use protocols::Spec;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};
use study::canonical::canonical;

/// Holds the look of every protocol of a figure, by its label.
#[derive(Clone, Debug)]
pub(crate) struct Looks {
    labels: Vec<String>,
    looks: BTreeMap<String, Look>,
    names: BTreeMap<String, String>,
}

/// What a protocol looks like by itself.
struct Own {
    look: Look,
    /// Whether another of the figure may move it to another marker.
    is_free: bool,
}

impl Looks {
    /// Returns the looks of all protocols in `estimates`, which are best those of the figure.
    pub(crate) fn of(estimates: &[Estimate]) -> Self {
        let all = estimates.iter().map(|e| (e.protocol.as_str(), e.parameters.as_str()));
        Self::of_protocols(all)
    }

    /// Returns the looks of protocols by their labels and parameters.
    pub(crate) fn of_protocols<'a>(protocols: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        // There are thousands of estimates and a few protocols: parameters are taken apart once each.
        let protocols: BTreeSet<(&str, &str)> = protocols.into_iter().collect();
        let mut placed: Vec<(Place, &str, &str)> = protocols
            .into_iter()
            .map(|(label, parameters)| (place(label, parameters), label, parameters))
            .collect();
        placed.sort();
        let mut found = Self { labels: Vec::new(), looks: BTreeMap::new(), names: BTreeMap::new() };
        for (_, label, parameters) in &placed {
            found.names.entry((*label).to_owned()).or_insert_with(|| name(label, parameters));
        }
        let owned = || placed.iter().map(|(_, label, parameters)| (*label, own(label, parameters)));
        // Settings with a look of their own come first: only the others give way.
        for is_free in [false, true] {
            for (label, own) in owned().filter(|(_, own)| own.is_free == is_free) {
                if !found.looks.contains_key(label) {
                    let look = if is_free { found.free(own.look) } else { own.look };
                    found.looks.insert(label.to_owned(), look);
                }
            }
        }
        for (_, label, _) in placed {
            if !found.labels.iter().any(|known| known == label) {
                found.labels.push(label.to_owned());
            }
        }
        found
    }

    /// The same look, or where another of the same hue has its marker, with the next that none has.
    fn free(&self, look: Look) -> Look {
        let is_taken = |marker: Marker| self.looks.values().any(|o| o.hue == look.hue && o.marker == marker);
        let start = Marker::ALL.iter().position(|marker| *marker == look.marker).unwrap_or(0);
        let mut next = Marker::ALL.into_iter().cycle().skip(start).take(Marker::ALL.len());
        let marker = next.find(|&marker| !is_taken(marker)).unwrap_or(look.marker);
        Look { marker, ..look }
    }

    /// Returns the look of one protocol.
    pub(crate) fn get(&self, label: &str) -> Look {
        self.looks.get(label).copied().unwrap_or_else(|| own(label, label).look)
    }

    /// Returns what figures call a protocol.
    pub(crate) fn name<'a>(&'a self, label: &'a str) -> &'a str {
        self.names.get(label).map_or(label, String::as_str)
    }

    /// Makes `label`, which is then its name, look like one that is known, and gives it that one's place in legends.
    pub(crate) fn alias(&mut self, label: &str, known: &str) {
        self.names.insert(label.to_owned(), label.to_owned());
        if !self.looks.contains_key(label) {
            let (look, place) = (self.get(known), self.rank(known));
            self.looks.insert(label.to_owned(), look);
            self.labels.insert(place, label.to_owned());
        }
    }

    /// Returns the place of a protocol in legends.
    pub(crate) fn rank(&self, label: &str) -> usize {
        self.labels.iter().position(|known| known == label).unwrap_or(self.labels.len())
    }
}

/// The setting that these parameters are, if it has a name. Keys that a stored result lacks, because it is older than
/// they are, count as their defaults.
fn setting(parameters: &str) -> Option<&'static Setting> {
    let spec: Spec = serde_json::from_str(parameters).ok()?;
    settings().iter().find(|setting| setting.spec == spec)
}

/// Returns what figures call a protocol of this label: the name of its setting, if that has one.
pub(crate) fn name(label: &str, parameters: &str) -> String {
    if let Some(setting) = setting(parameters) {
        return setting.name.to_owned();
    }
    match settings().iter().find(|setting| setting.name == label) {
        // The name of one setting is not lent to another.
        Some(taken) => format!("{label} ({})", difference(&taken.spec, parameters)),
        None => label.to_owned(),
    }
}

/// The parameters in which a protocol differs from a setting.
fn difference(from: &Spec, parameters: &str) -> String {
    let Ok(spec) = serde_json::from_str::<Spec>(parameters) else { return "another rule".to_owned() };
    let (theirs, ours) = (study::canonical::parameters(from), study::canonical::parameters(&spec));
    if from.about().name != spec.about().name {
        return spec.about().name.to_owned();
    }
    let differing = ours.iter().filter(|(key, value)| theirs.get(*key) != Some(value));
    differing.map(|(key, value)| format!("{key} {value}").replace('"', "")).collect::<Vec<_>>().join(", ")
}

/// Where a protocol stands in legends: by the catalogue, the list of settings, and its label.
type Place = (usize, usize, String);

fn place(label: &str, parameters: &str) -> Place {
    let listed = |s: &&Setting| settings().iter().position(|known| known.name == s.name);
    let setting = setting(parameters);
    (family_rank(parameters), setting.as_ref().and_then(listed).unwrap_or(usize::MAX), label.to_owned())
}

/// The tag of a protocol's parameters: `trn` of `{"trn":{"steps":3}}`. A rule over a rule is of the family of the rule
/// beneath.
fn family(parameters: &str) -> String {
    // Asked of every estimate of a figure, of a few dozen protocols: to read the parameters each time takes half of
    // what some figures take to draw.
    static KNOWN: Mutex<BTreeMap<String, String>> = Mutex::new(BTreeMap::new());
    let known = || KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    let found = known().get(parameters).cloned();
    found.unwrap_or_else(|| {
        let family = read_family(parameters);
        known().insert(parameters.to_owned(), family.clone());
        family
    })
}

fn read_family(parameters: &str) -> String {
    if let Some(rule) = serde_json::from_str::<Spec>(parameters).ok().and_then(|spec| beneath(&spec)) {
        return rule.about().name.to_owned();
    }
    match serde_json::from_str(parameters) {
        Ok(serde_json::Value::Object(tagged)) => tagged.keys().next().cloned().unwrap_or_default(),
        Ok(serde_json::Value::String(tag)) => tag,
        _ => parameters.to_owned(),
    }
}

/// Returns the place of a protocol's family in the catalogue.
pub(crate) fn family_rank(parameters: &str) -> usize {
    let family = family(parameters);
    Spec::names().iter().position(|known| *known == family).unwrap_or(usize::MAX)
}

/// The rule that this one is over, if it is over any: what it writes is that rule's, changed.
fn beneath(spec: &Spec) -> Option<Spec> {
    spec.rules().into_iter().find(|(parameter, _)| *parameter == "rule").map(|(_, rule)| rule)
}

/// Returns the look of a rule at its defaults, whatever the setting.
pub(crate) fn family_look(parameters: &str) -> Look {
    match known(&family(parameters)) {
        Some(of) => Look { hue: of.hue, colour: of.hue, marker: of.marker, dash: Dash::Solid },
        None => own("", parameters).look,
    }
}

/// What a protocol looks like, whatever stands beside it.
fn own(label: &str, parameters: &str) -> Own {
    let spec = serde_json::from_str::<Spec>(parameters).ok();
    // A program is what it runs; what cannot be read is what it is called.
    let text = spec.as_ref().map_or_else(|| format!("{label} {parameters}"), canonical);
    let hash = hash(&text);
    let (hue, marker) = match known(&family(parameters)) {
        Some(family) => (family.hue, Some(family.marker)),
        None => (SPARE[(hash % SPARE.len() as u64) as usize], None),
    };
    if let Some(Setting { marker, shade, dash, .. }) = setting(parameters) {
        return Own { look: look(hue, *shade, *marker, *dash), is_free: false };
    }
    if let (Some(marker), true) = (marker, spec.is_some_and(|spec| Spec::catalogue().contains(&spec))) {
        return Own { look: look(hue, Shade::Full, marker, Dash::Solid), is_free: false };
    }
    // An octagon is easily taken for a circle.
    let is_other = |other: &Marker| Some(*other) != marker && *other != Marker::Octagon;
    let others: Vec<Marker> = Marker::ALL.into_iter().filter(is_other).collect();
    let pick = |digits: u32, count: usize| ((hash >> digits) % count as u64) as usize;
    let shade = [Shade::Dark, Shade::Light][pick(17, 2)];
    let dash = [Dash::Dashed, Dash::Dotted, Dash::Long][pick(29, 3)];
    Own { look: look(hue, shade, others[pick(5, others.len())], dash), is_free: true }
}

fn look(hue: Colour, shade: Shade, marker: Marker, dash: Dash) -> Look {
    Look { hue, colour: shade.of(hue), marker, dash }
}

/// FNV-1a of 64 bits, the same on every machine.
fn hash(text: &str) -> u64 {
    let step = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    let mixed = text.bytes().fold(0xcbf2_9ce4_8422_2325, step);
    // Its low bits alone hang on few letters.
    mixed ^ (mixed >> 32)
}

#[cfg(test)]
mod tests {
    use super::super::families::FAMILIES;
    use super::*;

    #[test]
    fn a_setting_looks_the_same_whatever_else_is_drawn() {
        let trn = ("TRN", r#"{"trn":{}}"#);
        let alone = Looks::of_protocols([trn]);
        let among = Looks::of_protocols([
            ("MY", r#"{"abc":{}}"#),
            trn,
            ("HOP", r#"{"hop":{}}"#),
            ("A", r#"{"trn":{"epochs":7}}"#),
        ]);
        assert_eq!(alone.get("TRN"), among.get("TRN"));
        assert_eq!(["HOP", "TRN", "A", "MY"].map(|label| among.rank(label)), [0, 1, 2, 3]);
    }

    #[test]
    fn a_setting_has_one_name_and_lends_it_to_no_other() {
        let tuned = r#"{"mpf":{"thresholds":true,"l2":0.01}}"#;
        for label in ["MPF, tuned", "MPF, b, l2 .01", "mine"] {
            assert_eq!(name(label, tuned), "MPF, tuned");
        }
        assert_eq!(name("TRN", r#"{"trn":{"noise":0.15}}"#), "TRN, noise 0.15");
        assert_eq!(name("TRN", r#"{"trn":{"noise":0.12}}"#), "TRN (noise 0.12)");
        assert_eq!(name("TRN", r#"{"hop":{"diagonal":"literal"}}"#), "HOP, literal");
        assert_eq!(name("my rule", r#"{"abc":{}}"#), "my rule");
    }

    #[test]
    fn every_rule_of_the_catalogue_has_a_hue_and_a_marker_of_its_own() {
        for spec in Spec::catalogue() {
            let name = spec.about().name;
            if beneath(&spec).is_some() {
                continue;
            }
            let family = known(name).unwrap_or_else(|| panic!("{name} has none"));
            let same =
                FAMILIES.iter().filter(|other| other.hue == family.hue || other.marker == family.marker);
            assert_eq!(same.count(), 1, "{name}");
        }
    }

    #[test]
    fn what_has_no_name_differs_from_all_of_its_hue_by_the_marker() {
        let texts: Vec<String> = (1..=15).map(|l| format!(r#"{{"trn":{{"epochs":{l}}}}}"#)).collect();
        let programs: Vec<String> = (1..=9).map(|i| format!(r#"{{"mine-{i}":{{}}}}"#)).collect();
        let all = texts.iter().chain(&programs).map(|text| (text.as_str(), text.as_str()));
        let looks = Looks::of_protocols(all.clone().chain([("TRN", r#"{"trn":{}}"#)]));
        let labels: Vec<&str> = all.map(|(label, _)| label).chain(["TRN"]).collect();
        for (i, a) in labels.iter().enumerate() {
            for b in &labels[..i] {
                let (a, b) = (looks.get(a), looks.get(b));
                assert!(a.hue != b.hue || a.marker != b.marker);
            }
        }
        assert_eq!(looks.get("TRN").marker, Marker::Diamond);
    }
}
