//! Settings that figures show often have a name and a look that are written down here.
//!
//! A setting has one name and one look in every figure of every run, whatever a definition calls it. What is not listed
//! keeps the label of its definition, and has a look by the hash of its parameters.

use super::look::Dash::{self, Dashed, Dotted, Long, Solid};
use super::look::Marker::{
    self, BowTie, Circle, Diamond, DownTriangle, FourStar, Hexagon, Hourglass, LeftTriangle, Octagon,
    Pentagon, Plus, RightTriangle, Saltire, SixStar, Square, Star, Triangle,
};
use super::shade::Shade::{self, Dark, Full, Light};
use protocols::Spec;
use std::sync::OnceLock;

/// A `Setting` is a rule with its parameters, under the name that all figures give it.
#[derive(Debug)]
pub(super) struct Setting {
    pub(super) name: &'static str,
    pub(super) spec: Spec,
    pub(super) marker: Marker,
    pub(super) shade: Shade,
    pub(super) dash: Dash,
}

/// Name, parameters as definitions have them, and the look within the family.
type Line = (&'static str, &'static str, Marker, Shade, Dash);

const SETTINGS: [Line; 38] = [
    ("HOP", r#"{"hop":{}}"#, Circle, Full, Solid),
    ("HOP, literal", r#"{"hop":{"diagonal":"literal"}}"#, DownTriangle, Light, Dashed),
    ("PSE", r#"{"pse":{}}"#, Square, Full, Solid),
    ("PSE, zero diagonal", r#"{"pse":{"diagonal":"zero"}}"#, Hexagon, Dark, Dashed),
    ("MPF", r#"{"mpf":{}}"#, Triangle, Full, Solid),
    ("MPF, L2 0.01", r#"{"mpf":{"l2":0.01}}"#, LeftTriangle, Light, Dotted),
    ("MPF, tuned", r#"{"mpf":{"thresholds":true,"l2":0.01}}"#, RightTriangle, Dark, Dashed),
    ("exponential", r#"{"margin":{}}"#, DownTriangle, Full, Solid),
    ("exponential, tuned", r#"{"margin":{"thresholds":true}}"#, BowTie, Dark, Dashed),
    ("logistic, tuned", r#"{"margin":{"loss":"logistic","thresholds":true}}"#, Plus, Light, Dotted),
    ("exponential, copies at 0.05", r#"{"margin":{"copies":20,"noise":0.05}}"#, Hourglass, Dark, Dotted),
    ("MCF", r#"{"mcf":{}}"#, Pentagon, Full, Solid),
    ("MCF, tuned", r#"{"mcf":{"thresholds":true}}"#, Star, Light, Dashed),
    ("MCF, at 3/4", r#"{"mcf":{"thresholds":true,"noise":0.003,"l2":0.0}}"#, SixStar, Dark, Dotted),
    ("TRN", r#"{"trn":{}}"#, Diamond, Full, Solid),
    ("TRN, thresholds", r#"{"trn":{"thresholds":true}}"#, FourStar, Light, Dashed),
    ("TRN, one step", r#"{"trn":{"steps":1}}"#, Square, Dark, Dotted),
    ("TRN, input", r#"{"trn":{"input":true,"thresholds":true}}"#, Hexagon, Dark, Long),
    ("TRN, noise 0", r#"{"trn":{"noise":0.0}}"#, Circle, Light, Dotted),
    ("TRN, noise 0.05", r#"{"trn":{"noise":0.05}}"#, LeftTriangle, Light, Dotted),
    ("TRN, noise 0.15", r#"{"trn":{"noise":0.15}}"#, Octagon, Full, Long),
    ("TRN, noise 0.2", r#"{"trn":{"noise":0.2}}"#, RightTriangle, Dark, Dotted),
    ("TRN, noise 0.25", r#"{"trn":{"noise":0.25}}"#, Plus, Dark, Dashed),
    ("TRN, noise 0.3", r#"{"trn":{"noise":0.3}}"#, Triangle, Dark, Long),
    ("TRN, zero diagonal, noise 0.05", r#"{"trn":{"diagonal":"zero","noise":0.05}}"#, BowTie, Light, Long),
    ("TRN, zero diagonal", r#"{"trn":{"diagonal":"zero","noise":0.15}}"#, DownTriangle, Light, Dashed),
    (
        "TRN, zero diagonal, squared",
        r#"{"trn":{"diagonal":"zero","noise":0.2,"cost":"squared"}}"#,
        DownTriangle,
        Dark,
        Dotted,
    ),
    ("TRN, one step, noise 0.05", r#"{"trn":{"steps":1,"noise":0.05}}"#, SixStar, Dark, Dashed),
    ("TRN, one step, thresholds", r#"{"trn":{"steps":1,"thresholds":true}}"#, Pentagon, Light, Dotted),
    (
        "TRN, HOP start, 30 epochs",
        r#"{"trn":{"start":"hop","epochs":30,"noise":0.15}}"#,
        Saltire,
        Dark,
        Dashed,
    ),
    (
        "TRN, input, at 3/4",
        r#"{"trn":{"input":true,"thresholds":true,"noise_model":"exact","noise":0.031,"learning_rate":0.01,
            "schedule":"cosine"}}"#,
        Star,
        Dark,
        Long,
    ),
    (
        "TRN, at 3/4",
        r#"{"trn":{"thresholds":true,"steps":3,"noise_model":"exact","noise":0.031,"cost":"squared",
            "learning_rate":0.01,"schedule":"cosine"}}"#,
        Circle,
        Dark,
        Long,
    ),
    ("TRN, literal", r#"{"trn-literal":{}}"#, Star, Full, Solid),
    ("TRN, literal, noise 0.15", r#"{"trn-literal":{"noise":0.15}}"#, Saltire, Dark, Dashed),
    ("TRN, literal, all steps", r#"{"trn-literal":{"loss":"all","noise":0.15}}"#, Square, Light, Dotted),
    (
        "TRN, literal, all steps, zero diagonal",
        r#"{"trn-literal":{"loss":"all","diagonal":"zero","noise":0.15}}"#,
        Triangle,
        Dark,
        Long,
    ),
    ("TRN, literal, 10 epochs", r#"{"trn-literal":{"epochs":10}}"#, Octagon, Dark, Dashed),
    ("TRN, soft", r#"{"trn-soft":{}}"#, Octagon, Full, Solid),
];

/// Returns all settings that have a name, in the order of legends.
pub(super) fn settings() -> &'static [Setting] {
    static READ: OnceLock<Vec<Setting>> = OnceLock::new();
    READ.get_or_init(|| {
        let read = |&(name, text, marker, shade, dash): &Line| {
            // A test reads every line; one that a later catalogue refuses would have no name.
            let spec = serde_json::from_str(text).ok()?;
            Some(Setting { name, spec, marker, shade, dash })
        };
        SETTINGS.iter().filter_map(read).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::super::families::known;
    use super::*;

    #[test]
    fn every_setting_is_read_and_each_has_a_name_and_a_look_of_its_own() {
        assert_eq!(settings().len(), SETTINGS.len());
        for (i, a) in settings().iter().enumerate() {
            let family = a.spec.about().name;
            assert!(known(family).is_some(), "{}", a.name);
            for b in &settings()[..i] {
                assert!(a.name != b.name && a.spec != b.spec, "{} and {}", a.name, b.name);
                if family == b.spec.about().name {
                    assert!((a.marker, a.shade) != (b.marker, b.shade), "{} and {}", a.name, b.name);
                }
            }
        }
    }

    #[test]
    fn defaults_have_the_marker_and_the_full_hue_of_their_family() {
        for spec in Spec::catalogue() {
            let Some(family) = known(spec.about().name) else { continue };
            if let Some(setting) = settings().iter().find(|setting| setting.spec == spec) {
                assert_eq!((setting.marker, setting.shade), (family.marker, Full), "{}", setting.name);
            }
        }
    }
}
