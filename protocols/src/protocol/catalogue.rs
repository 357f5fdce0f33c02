//! The catalogue: every protocol with its parameters, defaults and sources.

use super::{Hop, Margin, Mcf, Mpf, Protocol, Pse, Trn, TrnLiteral, hop, margin, mcf, mpf, pse, trn};
use serde::{Deserialize, Serialize};

/// A protocol with its parameters, as a definition gives it: `{ trn = { steps = 3 } }`; what is not given takes its
/// default.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Spec {
    /// Outer product.
    Hop(Hop),
    /// Pseudo-inverse.
    Pse(Pse),
    /// Minimum probability flow.
    Mpf(Mpf),
    /// Exponential or logistic loss of the margins, without symmetry.
    Margin(Margin),
    /// Exponential loss of the margins, in the mean over all noisy copies.
    Mcf(Mcf),
    /// Trained as an unrolled recurrent network.
    Trn(Trn),
    /// The same, the notes word for word.
    #[serde(rename = "trn-literal")]
    TrnLiteral(TrnLiteral),
}

/// What the catalogue says of a protocol.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct About {
    /// The name in definitions.
    pub name: &'static str,
    /// The name in full.
    pub title: &'static str,
    /// The rule.
    pub formula: &'static str,
    /// Where it comes from.
    pub source: &'static str,
    /// Raised whenever the same parameters, messages and stream give other weights than before.
    pub version: u32,
    /// Its parameters, in the order of the definition.
    pub parameters: &'static [Parameter],
}

/// A parameter of a protocol.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Parameter {
    /// Its key in a definition.
    pub name: &'static str,
    /// The values it takes.
    pub allowed: &'static str,
    /// What it does.
    pub meaning: &'static str,
}

impl Spec {
    /// Every protocol with its defaults, in the order of tables and legends.
    pub fn catalogue() -> Vec<Self> {
        vec![
            Self::Hop(Hop::default()),
            Self::Pse(Pse::default()),
            Self::Mpf(Mpf::default()),
            Self::Margin(Margin::default()),
            Self::Mcf(Mcf::default()),
            Self::Trn(Trn::default()),
            Self::TrnLiteral(TrnLiteral::default()),
        ]
    }

    /// The protocol behind the parameters.
    pub fn protocol(&self) -> &dyn Protocol {
        match self {
            Self::Hop(p) => p,
            Self::Pse(p) => p,
            Self::Mpf(p) => p,
            Self::Margin(p) => p,
            Self::Mcf(p) => p,
            Self::Trn(p) => p,
            Self::TrnLiteral(p) => p,
        }
    }

    /// What the catalogue says of it.
    pub fn about(&self) -> &'static About {
        match self {
            Self::Hop(_) => &hop::ABOUT,
            Self::Pse(_) => &pse::ABOUT,
            Self::Mpf(_) => &mpf::ABOUT,
            Self::Margin(_) => &margin::ABOUT,
            Self::Mcf(_) => &mcf::ABOUT,
            Self::Trn(_) => &trn::ABOUT,
            Self::TrnLiteral(_) => &trn::ABOUT_LITERAL,
        }
    }

    /// The parameters of a network that is trained, whatever its defaults.
    pub fn trained(&self) -> Option<&Trn> {
        match self {
            Self::Trn(trn) | Self::TrnLiteral(TrnLiteral(trn)) => Some(trn),
            _ => None,
        }
    }

    /// The same, to be varied.
    pub fn trained_mut(&mut self) -> Option<&mut Trn> {
        match self {
            Self::Trn(trn) | Self::TrnLiteral(TrnLiteral(trn)) => Some(trn),
            _ => None,
        }
    }

    /// Parameters that the serialised form leaves out at their default, each with that default as JSON: they were added when
    /// results had been stored already, whose identities hang on that form.
    pub fn left_out(&self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Mpf(_) => mpf::LEFT_OUT,
            Self::Margin(_) => margin::LEFT_OUT,
            Self::Trn(_) | Self::TrnLiteral(_) => trn::LEFT_OUT,
            _ => &[],
        }
    }
}
