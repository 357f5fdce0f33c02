//! This module has the effects that a study declares: what is compared with what, under which reader, over
//! which region of the grid, in which runs.
//!
//! A study of effects is a file beside the definitions. A *rule* there is a combination of levels, such as
//! `TRN, trained, noisy, plain`; each run holds it under the settings that were chosen for one *reading*, a
//! reader with its parameters. An effect takes one level for another with all else alike, one reading for another
//! with the rule alike, or one named side for another.

use crate::claim::Region;
use crate::measure::Measure;
use indexmap::{IndexMap, IndexSet};
use protocols::reading::Reader;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// An `EffectStudy` is a file of effects: what was asked, where, and in which runs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EffectStudy {
    /// What it is to answer.
    pub question: String,
    /// What was expected and how the answer is taken, written before the runs.
    pub analysis: String,
    /// The quantity, a share of the queries.
    pub measure: Measure,
    /// Confidence of all intervals of one N together.
    #[serde(default = "usual_confidence")]
    pub confidence: f64,
    /// The part of the grid that an effect is a mean over.
    pub region: Region,
    /// The sizes of memories, ascending in N.
    pub size: Vec<StudySize>,
    /// What is compared; a study may only rank its rules.
    #[serde(default)]
    pub effect: Vec<EffectSpec>,
}

fn usual_confidence() -> f64 {
    crate::measure::CONFIDENCE
}

/// A `StudySize` has what was run at one N.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StudySize {
    /// Units N.
    pub n: u32,
    /// Names of the runs, one a root seed; an effect has to show in each by itself.
    pub runs: Vec<String>,
    /// For every rule and reading, which protocol and reader stand for it.
    pub rules: IndexMap<String, IndexMap<String, RuleReading>>,
    /// Protocols and readers that stand for more than a rule, such as the best of a kind.
    #[serde(default)]
    pub sides: IndexMap<String, RuleReading>,
}

/// A `RuleReading` is a protocol's label in the runs, and the reader that reads it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct RuleReading(pub String, pub Reader);

/// An `EffectSpec` is an `[[effect]]`: one thing less another.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EffectSpec {
    /// Its name in tables, once in the file.
    pub name: String,
    /// What it answers, in a sentence.
    pub question: String,
    /// Levels that a rule has on the one side.
    #[serde(default)]
    pub with: Vec<String>,
    /// Levels that it has on the other, in the same order.
    #[serde(default)]
    pub without: Vec<String>,
    /// Levels that the rules of both sides have besides.
    #[serde(default)]
    pub among: Vec<String>,
    /// Only these readings; all where it is empty.
    #[serde(default)]
    pub readings: Vec<String>,
    /// The reading of the other side, where that is another.
    #[serde(default)]
    pub against: Option<String>,
    /// Two named sides instead of levels.
    #[serde(default)]
    pub sides: Option<[String; 2]>,
}

/// A `PairedEntries` is what one pair of an effect compares: the one side less the other.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PairedEntries {
    /// The rule of the one side, or the name of the side.
    pub rule: String,
    /// The one side.
    pub with: RuleReading,
    /// The other.
    pub without: RuleReading,
}

/// The errors of a file of effects.
#[derive(Debug, thiserror::Error)]
pub enum EffectStudyError {
    /// A file that cannot be read.
    #[error("cannot read the effects {}: {reason}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why not.
        reason: String,
    },
    /// A text that is no study of effects.
    #[error("{}: {reason}", path.display())]
    Syntax {
        /// The file.
        path: PathBuf,
        /// The place, and what is wrong there.
        reason: String,
    },
    /// A value that does not fit the rest.
    #[error("{}: `{key}` is {found}\nallowed: {allowed}\nremedy: {remedy}", path.display())]
    Misfit {
        /// The file.
        path: PathBuf,
        /// The key.
        key: String,
        /// What stands there.
        found: String,
        /// What may.
        allowed: String,
        /// What to do.
        remedy: String,
    },
}

/// Names and texts of the studies that come with the program.
const SHIPPED: &[(&str, &str)] = &[
    ("settle", include_str!("../../effects/settle.toml")),
    ("field", include_str!("../../effects/field.toml")),
];

/// A misfit before it knows its file: key, found, allowed, remedy.
type Fit = Result<(), [String; 4]>;

impl EffectStudy {
    /// Returns names and texts of the studies that come with the program.
    pub fn shipped() -> &'static [(&'static str, &'static str)] {
        SHIPPED
    }

    /// Reads a shipped study by name, or a file by path.
    ///
    /// # Errors
    /// If there is none, or it is no study whose parts fit together.
    pub fn load(name_or_path: &str) -> Result<Self, EffectStudyError> {
        if let Some((name, text)) = SHIPPED.iter().find(|(name, _)| *name == name_or_path) {
            return Self::parse(&Path::new("harness/effects").join(format!("{name}.toml")), text);
        }
        let path = Path::new(name_or_path);
        let shipped: Vec<&str> = SHIPPED.iter().map(|(name, _)| *name).collect();
        let text = std::fs::read_to_string(path).map_err(|error| EffectStudyError::Unreadable {
            path: path.to_owned(),
            reason: format!("{error}; shipped studies are {}", shipped.join(", ")),
        })?;
        Self::parse(path, &text)
    }

    /// Reads `text`; `path` is where errors say that it stands.
    ///
    /// # Errors
    /// If it is no TOML, no study, or its parts do not fit together.
    pub fn parse(path: &Path, text: &str) -> Result<Self, EffectStudyError> {
        let study: Self = toml::from_str(text)
            .map_err(|error| EffectStudyError::Syntax { path: path.to_owned(), reason: error.to_string() })?;
        study.check().map_err(|[key, found, allowed, remedy]| EffectStudyError::Misfit {
            path: path.to_owned(),
            key,
            found,
            allowed,
            remedy,
        })?;
        Ok(study)
    }

    /// Returns whether it is about the run of that name.
    pub fn names(&self, run: &str) -> bool {
        self.size.iter().any(|size| size.runs.iter().any(|name| name == run))
    }

    /// Returns the readings of its rules, in the order of the file.
    pub fn readings(&self) -> IndexSet<&str> {
        let rules = self.size.iter().flat_map(|size| size.rules.values());
        rules.flat_map(|readings| readings.keys().map(String::as_str)).collect()
    }

    /// Returns the levels of its rules, in the order of the file.
    fn levels(&self) -> IndexSet<&str> {
        self.size.iter().flat_map(|size| size.rules.keys().flat_map(|rule| levels(rule))).collect()
    }

    fn check(&self) -> Fit {
        let wrong = |key: &str, found: String, allowed: &str, remedy: &str| {
            Err([key.to_owned(), found, allowed.to_owned(), remedy.to_owned()])
        };
        if !Measure::OF_RECALLS.contains(&self.measure) {
            return wrong(
                "measure",
                self.measure.name().to_owned(),
                "a measure of reading",
                "take `recovered`",
            );
        }
        if !(self.confidence > 0.0 && self.confidence < 1.0) {
            return wrong("confidence", self.confidence.to_string(), "between 0 and 1", "take 0.95");
        }
        if !self.size.is_sorted_by(|a, b| a.n < b.n) || self.size.is_empty() {
            let found = self.size.iter().map(|size| size.n.to_string()).collect::<Vec<_>>().join(", ");
            return wrong("size.n", format!("[{found}]"), "each N once, ascending", "put the sizes in order");
        }
        if let Some(size) = self.size.iter().find(|size| size.runs.is_empty()) {
            return wrong("size.runs", format!("empty at N = {}", size.n), "names of runs", "name a run");
        }
        for (i, effect) in self.effect.iter().enumerate() {
            if self.effect[..i].iter().any(|other| other.name == effect.name) {
                let found = format!("{:?} twice", effect.name);
                return wrong("effect.name", found, "a name for each effect", "rename one");
            }
            self.check_effect(effect)?;
        }
        Ok(())
    }

    fn check_effect(&self, effect: &EffectSpec) -> Fit {
        let key = |key: &str| format!("effect {:?}, {key}", effect.name);
        let one_of =
            |place: &str, found: &String, known: &IndexSet<&str>| match known.contains(found.as_str()) {
                true => Ok(()),
                false => {
                    let allowed: Vec<&str> = known.iter().copied().collect();
                    let remedy = "use one of these, or add it to the rules of a size";
                    Err([key(place), format!("{found:?}"), allowed.join(", "), remedy.to_owned()])
                }
            };
        let (levels, readings) = (self.levels(), self.readings());
        for (place, list) in [("with", &effect.with), ("without", &effect.without), ("among", &effect.among)]
        {
            list.iter().try_for_each(|level| one_of(place, level, &levels))?;
        }
        let named = effect.readings.iter().map(|reading| ("readings", reading));
        let against = effect.against.iter().map(|reading| ("against", reading));
        named.chain(against).try_for_each(|(place, reading)| one_of(place, reading, &readings))?;
        let misfit = |place: &str, found: &str, allowed: &str, remedy: &str| {
            Err([key(place), found.to_owned(), allowed.to_owned(), remedy.to_owned()])
        };
        if effect.with.len() != effect.without.len() {
            return misfit("without", "of another length", "a level for each of `with`", "add what lacks");
        }
        let kinds = [!effect.with.is_empty(), effect.against.is_some(), effect.sides.is_some()];
        if kinds.iter().filter(|&&kind| kind).count() != 1 {
            let allowed = "one of `with` and `without`, `against`, `sides`";
            return misfit("with", "not the one thing that is compared", allowed, "keep one of them");
        }
        if self
            .readings_of(effect)
            .iter()
            .all(|reading| self.size.iter().all(|s| s.pairs(effect, reading).is_empty()))
        {
            let remedy = "rules differ in nothing but the levels that are compared: see their names";
            return misfit("with", "found in no two rules", "levels by which two rules differ", remedy);
        }
        Ok(())
    }

    /// Returns the readings under which an effect is looked at; for two named sides there is one, `best`.
    pub fn readings_of<'a>(&'a self, effect: &'a EffectSpec) -> Vec<&'a str> {
        if effect.sides.is_some() {
            return vec!["best"];
        }
        match effect.readings.is_empty() {
            true => {
                let all = self.readings().into_iter();
                all.filter(|&reading| effect.against.as_deref() != Some(reading)).collect()
            }
            false => effect.readings.iter().map(String::as_str).collect(),
        }
    }
}

/// The levels of a rule.
fn levels(rule: &str) -> impl Iterator<Item = &str> {
    rule.split(", ")
}

impl StudySize {
    /// Returns the pairs of an effect under a reading, in the order of the rules; none where this size has not
    /// what is compared.
    pub fn pairs(&self, effect: &EffectSpec, reading: &str) -> Vec<PairedEntries> {
        if let Some([with, without]) = &effect.sides {
            let pair = self.sides.get(with).zip(self.sides.get(without));
            let rule = with.clone();
            let pair = pair.map(|(a, b)| PairedEntries { rule, with: a.clone(), without: b.clone() });
            return pair.into_iter().collect();
        }
        let other_reading = effect.against.as_deref().unwrap_or(reading);
        let of = |(rule, readings): (&String, &IndexMap<String, RuleReading>)| {
            let has = |level: &String| levels(rule).any(|own| own == level);
            if !effect.with.iter().chain(&effect.among).all(has) {
                return None;
            }
            let other = |level| match effect.with.iter().position(|with| with == level) {
                Some(i) => effect.without[i].as_str(),
                None => level,
            };
            let counterpart = levels(rule).map(other).collect::<Vec<_>>().join(", ");
            let (with, without) = (readings.get(reading)?, self.rules.get(&counterpart)?.get(other_reading)?);
            Some(PairedEntries { rule: rule.clone(), with: with.clone(), without: without.clone() })
        };
        self.rules.iter().filter_map(of).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"
question = "What does it?"
analysis = "Two sizes."
measure = "recovered"
region = { load = { from = 0.3, to = 0.7 } }

[[size]]
n = 64
runs = ["a", "b"]
sides = { best = ["A1", "soft(beta=2)"], convex = ["B1", "sync"] }

[size.rules]
"TRN, trained, plain" = { sync = ["A1", "sync"], soft = ["A1", "soft(beta=2)"] }
"TRN, zero, plain" = { sync = ["A0", "sync"], soft = ["A2", "soft"] }
"one step, trained, plain" = { sync = ["B1", "sync"] }
"one step, zero, thresholds" = { sync = ["B2", "sync"] }

[[effect]]
name = "diagonal"
question = "What does a diagonal that is trained do?"
with = ["trained"]
without = ["zero"]

[[effect]]
name = "soft"
question = "What does the soft reader do?"
readings = ["soft"]
against = "sync"

[[effect]]
name = "best"
question = "Who is best?"
sides = ["best", "convex"]
"#;

    fn parsed(text: &str) -> Result<EffectStudy, EffectStudyError> {
        EffectStudy::parse(Path::new("my.toml"), text)
    }

    fn labels(study: &EffectStudy, effect: usize, reading: &str) -> Vec<(String, String)> {
        let pairs = study.size[0].pairs(&study.effect[effect], reading);
        pairs.into_iter().map(|pair| (pair.with.0, pair.without.0)).collect()
    }

    #[test]
    fn a_level_is_compared_where_nothing_else_differs() {
        let study = parsed(TEXT).unwrap();
        // The single steps differ in their thresholds too.
        assert_eq!(labels(&study, 0, "sync"), [("A1".to_owned(), "A0".to_owned())]);
        assert_eq!(labels(&study, 0, "soft"), [("A1".to_owned(), "A2".to_owned())]);
        assert_eq!(study.readings_of(&study.effect[0]), ["sync", "soft"]);
    }

    #[test]
    fn a_reading_is_compared_with_another_of_the_same_rule() {
        let study = parsed(TEXT).unwrap();
        let expected = [("A1".to_owned(), "A1".to_owned()), ("A2".to_owned(), "A0".to_owned())];
        assert_eq!(labels(&study, 1, "soft"), expected);
        let [pair, _] = &study.size[0].pairs(&study.effect[1], "soft")[..] else { panic!("two pairs") };
        assert_eq!((pair.with.1.name(), pair.without.1.name()), ("soft(beta=2)", "sync"));
        assert_eq!(labels(&study, 2, "best"), [("A1".to_owned(), "B1".to_owned())]);
    }

    #[test]
    fn what_does_not_fit_is_told_with_its_key() {
        for (from, to, words) in [
            ("with = [\"trained\"]", "with = [\"traind\"]", "effect \"diagonal\", with` is \"traind\""),
            ("without = [\"zero\"]", "without = []", "of another length"),
            ("without = [\"zero\"]", "without = [\"one step\"]", "found in no two rules"),
            ("against = \"sync\"", "against = \"held\"", "allowed: sync, soft"),
            ("name = \"soft\"", "name = \"best\"", "\"best\" twice"),
            ("readings = [\"soft\"]\nagainst = \"sync\"", "readings = [\"soft\"]", "not the one thing"),
            ("runs = [\"a\", \"b\"]", "runs = []", "names of runs"),
            ("measure = \"recovered\"", "measure = \"fixed-points\"", "a measure of reading"),
            ("n = 64", "n = 64\nm = 3", "unknown field"),
            ("\"soft(beta=2)\"", "\"soft(beta=x)\"", "my.toml"),
        ] {
            let text = TEXT.replacen(from, to, 1);
            assert_ne!(text, TEXT, "{from}");
            let error = parsed(&text).unwrap_err().to_string();
            assert!(error.contains(words), "{error}");
        }
    }

    #[test]
    fn shipped_studies_fit() {
        for (name, text) in EffectStudy::shipped() {
            EffectStudy::parse(Path::new(name), text).unwrap();
        }
    }
}
