//! A preset names what those parameters of TRN are that are not given. The serialised form spells all of them out, so a
//! preset is no part of what a rule is.

use super::parameters::{
    Cost, Coupling, Entry, LossSteps, NoiseModel, Optimiser, Schedule, Start, Trn, TrnDiagonal,
};
use crate::protocol::parameter::{Noise, NonNegative, Positive, allowed};
use serde::{Deserialize, Deserializer};
use std::num::NonZeroU32;

/// A `TrnPreset` is a choice of all parameters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TrnPreset {
    /// The defaults of this study.
    #[default]
    Default,
    /// Less than a tenth of their time: three steps instead of five, three queries a message instead of twenty, each
    /// with 6 % of its units flipped, and a step size that begins larger and falls by a cosine. They were chosen on the
    /// tuning stream.
    Fast,
}

impl TrnPreset {
    /// Returns the parameters.
    pub fn parameters(self) -> Trn {
        let count = |value| NonZeroU32::new(value).expect("no preset has a zero");
        match self {
            Self::Default => Trn::default(),
            Self::Fast => Trn {
                steps: count(3),
                queries: count(3),
                epochs: 300,
                noise: allowed(0.06),
                noise_model: NoiseModel::Exact,
                learning_rate: allowed(0.006),
                schedule: Schedule::Cosine,
                ..Trn::default()
            },
        }
    }
}

/// Reads a parameter that is given. A null is no value of it.
fn value<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// Makes the forms in which parameters are read, any of them or none: with a preset, and without one.
macro_rules! given {
    ($($parameter:ident: $type:ty),* $(,)?) => {
        /// The parameters of [`Trn`] as they are given: what is not, the preset says.
        #[derive(Default, Deserialize)]
        #[serde(deny_unknown_fields, default, expecting = "a table of parameters")]
        struct GivenTrn {
            $(#[serde(deserialize_with = "value")] $parameter: Option<$type>,)*
            preset: TrnPreset,
        }

        /// The parameters as they are given where there is no preset.
        #[derive(Default, Deserialize)]
        #[serde(deny_unknown_fields, default, expecting = "a table of parameters")]
        pub(super) struct Given {
            $(#[serde(deserialize_with = "value")] $parameter: Option<$type>,)*
        }

        impl Given {
            /// Returns the parameters; those that are not given are `default`'s.
            pub(super) fn or(self, default: Trn) -> Trn {
                Trn { $($parameter: self.$parameter.unwrap_or(default.$parameter),)* }
            }
        }

        impl From<GivenTrn> for Trn {
            fn from(GivenTrn { preset, $($parameter),* }: GivenTrn) -> Self {
                Given { $($parameter),* }.or(preset.parameters())
            }
        }
    };
}

impl<'de> Deserialize<'de> for Trn {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        GivenTrn::deserialize(deserializer).map(Self::from)
    }
}

given! {
    steps: NonZeroU32,
    queries: NonZeroU32,
    noise: Noise,
    noise_model: NoiseModel,
    epochs: u32,
    learning_rate: Positive,
    optimiser: Optimiser,
    start: Start,
    coupling: Coupling,
    diagonal: TrnDiagonal,
    loss: LossSteps,
    cost: Cost,
    redraw: u32,
    entry: Entry,
    input: bool,
    thresholds: bool,
    gain: Positive,
    gain_end: NonNegative,
    batch: u32,
    clip: NonNegative,
    schedule: Schedule,
    patience: u32,
    validate_every: NonZeroU32,
    start_diagonal: NonNegative,
}

#[cfg(test)]
mod tests {
    use super::super::TrnLiteral;
    use super::*;

    fn read(text: &str) -> Trn {
        serde_json::from_str(text).expect("parameters")
    }

    #[test]
    fn a_preset_gives_way_to_what_is_given() {
        assert_eq!(read("{}"), Trn::default());
        assert_eq!(read(r#"{"preset": "default"}"#), Trn::default());
        let fast = TrnPreset::Fast.parameters();
        assert_eq!(read(r#"{"preset": "fast"}"#), fast);
        let asked = read(r#"{"steps": 5, "preset": "fast", "schedule": "constant"}"#);
        let steps = Trn::default().steps;
        assert_eq!(asked, Trn { steps, schedule: Schedule::Constant, ..fast });
        // Written out and read again it is the same, without the preset.
        let text = serde_json::to_string(&asked).expect("parameters");
        assert!(!text.contains("preset") && read(&text) == asked, "{text}");
    }

    #[test]
    fn a_null_is_no_parameter() {
        for text in [r#"{"steps": null}"#, r#"{"preset": null}"#] {
            assert!(serde_json::from_str::<Trn>(text).is_err(), "{text}");
        }
        assert!(serde_json::from_str::<TrnLiteral>(r#"{"steps": null}"#).is_err());
        // And the notes' network has no presets.
        assert!(serde_json::from_str::<TrnLiteral>(r#"{"preset": "fast"}"#).is_err());
    }

    #[test]
    fn an_unknown_preset_names_those_that_there_are() {
        let error = serde_json::from_str::<Trn>(r#"{"preset": "quick"}"#).expect_err("there is none");
        assert!(error.to_string().contains("`default` or `fast`"), "{error}");
    }
}
