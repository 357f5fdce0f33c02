//! What can run along an axis or set curves apart: a coordinate of the grid, or a parameter of a protocol.

use super::words;
use crate::summary::Estimate;
use protocols::Spec;
use serde::de::{Deserializer, Error};
use serde::{Deserialize, Serialize, Serializer};
use serde_json::Value as Json;
use std::cmp::Ordering;
use std::fmt;

/// A coordinate of estimates, named in definitions `load`, `noise`, `n`, `protocol`, or by a protocol and its parameter as
/// `trn.queries`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Coordinate {
    /// M/N.
    Load,
    /// d/N.
    Noise,
    /// N.
    Units,
    /// The protocol's label.
    Protocol,
    /// A parameter; protocols of other families have no value.
    Parameter {
        /// The protocol's name in the catalogue.
        protocol: String,
        /// The parameter's key.
        parameter: String,
    },
}

/// What a parameter is called that is not spelled out.
pub(super) const DEFAULT: &str = "default";

/// A value of a coordinate; numbers come before texts.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    Number(f64),
    Text(String),
}

impl Eq for Value {}

impl PartialOrd for Value {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Value {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Number(a), Self::Number(b)) => a.total_cmp(b),
            (Self::Text(a), Self::Text(b)) => a.cmp(b),
            (Self::Number(_), Self::Text(_)) => Ordering::Less,
            (Self::Text(_), Self::Number(_)) => Ordering::Greater,
        }
    }
}

impl Coordinate {
    const PLAIN: [(&'static str, Self); 4] =
        [("load", Self::Load), ("noise", Self::Noise), ("n", Self::Units), ("protocol", Self::Protocol)];

    /// The coordinate of a name.
    ///
    /// # Errors
    /// The names that there are, if it is none of them.
    pub fn named(name: &str) -> Result<Self, Vec<String>> {
        if let Some((_, plain)) = Self::PLAIN.iter().find(|(known, _)| *known == name) {
            return Ok(plain.clone());
        }
        let parameters = |spec: &Spec| {
            let about = spec.about();
            about.parameters.iter().map(move |parameter| (about.name, parameter.name)).collect::<Vec<_>>()
        };
        let all: Vec<(&str, &str)> = Spec::catalogue().iter().flat_map(parameters).collect();
        let is_named = |(protocol, parameter): &&(&str, &str)| name == format!("{protocol}.{parameter}");
        if let Some((protocol, parameter)) = all.iter().find(is_named) {
            let (protocol, parameter) = ((*protocol).to_owned(), (*parameter).to_owned());
            return Ok(Self::Parameter { protocol, parameter });
        }
        let plain = Self::PLAIN.iter().map(|(name, _)| (*name).to_owned());
        // All parameters of all protocols would be many; those of the protocol meant are enough, or of one as an example.
        let family = name.split_once('.').map(|(family, _)| family).filter(|f| all.iter().any(|p| p.0 == *f));
        let of = all.iter().filter(|parameter| parameter.0 == family.unwrap_or("trn"));
        Err(plain.chain(of.map(|(protocol, parameter)| format!("{protocol}.{parameter}"))).collect())
    }

    /// Where an estimate lies on it, if anywhere.
    pub(super) fn value(&self, e: &Estimate) -> Option<Value> {
        match self {
            Self::Load => Some(Value::Number(e.load)),
            Self::Noise => e.noise().map(Value::Number),
            Self::Units => Some(Value::Number(e.n.into())),
            Self::Protocol => Some(Value::Text(e.protocol.clone())),
            Self::Parameter { protocol, parameter } => {
                let parameters: Json = serde_json::from_str(&e.parameters).ok()?;
                // Parameters that are younger than the first results are not spelled out at their defaults.
                let Some(value) = parameters.get(protocol)?.get(parameter) else {
                    return Some(Value::Text(DEFAULT.to_owned()));
                };
                match value {
                    Json::Number(number) => number.as_f64().map(Value::Number),
                    Json::String(text) => Some(Value::Text(text.clone())),
                    Json::Null => Some(Value::Text("none".to_owned())),
                    other => Some(Value::Text(other.to_string())),
                }
            }
        }
    }

    /// The label of an axis along which it runs, with its unit.
    pub(super) fn label(&self) -> String {
        match self {
            Self::Load => words::LOAD.to_owned(),
            Self::Noise => words::NOISE.to_owned(),
            Self::Units => words::UNITS.to_owned(),
            Self::Protocol => "protocol".to_owned(),
            Self::Parameter { protocol, parameter } => {
                let catalogue = Spec::catalogue();
                let spec = catalogue.iter().find(|spec| spec.about().name == *protocol);
                let known = spec.and_then(|s| s.about().parameters.iter().find(|p| p.name == *parameter));
                let meaning = known.map_or(parameter.as_str(), |parameter| parameter.meaning);
                format!("{meaning} ({self})")
            }
        }
    }

    /// What a curve at `value` is called.
    pub(super) fn named_value(&self, value: &Value) -> String {
        let value = value.to_string();
        match self {
            Self::Load => format!("load {value}"),
            Self::Noise => format!("noise {value}"),
            Self::Units => format!("N = {value}"),
            Self::Protocol => value,
            Self::Parameter { parameter, .. } => format!("{parameter} = {value}"),
        }
    }
}

impl fmt::Display for Coordinate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Parameter { protocol, parameter } => write!(f, "{protocol}.{parameter}"),
            plain => {
                let name = Self::PLAIN.iter().find(|(_, known)| known == plain);
                f.write_str(name.map_or("", |(name, _)| name))
            }
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(x) if x.abs() >= 1e-3 || *x == 0.0 => f.write_str(&words::short(*x)),
            Self::Number(x) => write!(f, "{x}"),
            Self::Text(text) => f.write_str(text),
        }
    }
}

impl Serialize for Coordinate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Coordinate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        Self::named(&name).map_err(|allowed| {
            // In the words of serde for names that do not exist, so that it is told like them.
            let allowed: Vec<String> = allowed.iter().map(|name| format!("`{name}`")).collect();
            D::Error::custom(format!("unknown variant `{name}`, expected one of {}", allowed.join(", ")))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figure::sample;

    #[test]
    fn names_of_all_coordinates_read_back() {
        for name in ["load", "noise", "n", "protocol", "trn.queries", "mpf.l2"] {
            assert_eq!(Coordinate::named(name).unwrap().to_string(), name);
        }
        let allowed = Coordinate::named("mpf.l3").unwrap_err();
        assert!(
            allowed.contains(&"load".to_owned()) && allowed.contains(&"mpf.l2".to_owned()),
            "{allowed:?}"
        );
        assert!(!allowed.contains(&"trn.queries".to_owned()));
    }

    #[test]
    fn values_are_those_of_the_parameters() {
        let parameters = r#"{"trn":{"queries":20,"start":"hop","input":false}}"#.to_owned();
        let e = Estimate { parameters, ..sample::estimate() };
        let value = |name: &str| Coordinate::named(name).unwrap().value(&e).map(|value| value.to_string());
        assert_eq!(value("trn.queries").as_deref(), Some("20"));
        assert_eq!(value("trn.start").as_deref(), Some("hop"));
        assert_eq!(value("trn.input").as_deref(), Some("false"));
        assert_eq!(value("mpf.l2"), None);
        assert_eq!(value("trn.gain").as_deref(), Some("default"));
        assert_eq!(value("noise").as_deref(), Some("0.094"));
    }

    #[test]
    fn numbers_come_in_their_order_and_before_texts() {
        let mut values = [Value::Text("a".to_owned()), Value::Number(10.0), Value::Number(9.0)];
        values.sort();
        assert_eq!(values.map(|value| value.to_string()), ["9", "10", "a"]);
    }
}
