//! A coordinate gives each estimate a place along an axis. It is one of the grid, or a parameter of a
//! protocol.

use crate::labels;
use crate::style::{family_rank, name};
use analysis::summary::Estimate;
use protocols::reading::Reader;
use protocols::{Source, Spec};
use serde_json::Value as Json;
use std::cmp::Ordering;
use std::fmt;
use study::figure::Coordinate;

/// Holds the name of a parameter that is not spelled out.
pub(crate) const DEFAULT: &str = "default";

/// A `Value` is a value of a coordinate. Numbers come before names, and names before other texts.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    Number(f64),
    /// A name that has a place among others, such as that of a reader in the list of readers.
    Name(usize, String),
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
            (Self::Name(a, name), Self::Name(b, other)) => (a, name).cmp(&(b, other)),
            (Self::Text(a), Self::Text(b)) => a.cmp(b),
            (Self::Number(_), _) | (Self::Name(..), Self::Text(_)) => Ordering::Less,
            (_, Self::Number(_)) | (Self::Text(_), Self::Name(..)) => Ordering::Greater,
        }
    }
}

/// The trait `Along` is what figures need of a coordinate.
pub(crate) trait Along {
    /// Returns where an estimate lies on it, if anywhere.
    fn value(&self, e: &Estimate) -> Option<Value>;
    /// Returns the label of an axis along which it runs, with its unit.
    fn label(&self) -> String;
    /// Returns what a curve at `value` is called.
    fn named_value(&self, value: &Value) -> String;
}

impl Along for Coordinate {
    fn value(&self, e: &Estimate) -> Option<Value> {
        match self {
            Self::Load => Some(Value::Number(e.load)),
            Self::Noise => e.noise().map(Value::Number),
            Self::Units => Some(Value::Number(e.n.into())),
            Self::Protocol => Some(Value::Name(family_rank(&e.parameters), name(&e.protocol, &e.parameters))),
            Self::Reader => e.dynamics.map(|reader| {
                let place = Reader::names().iter().position(|name| *name == reader.about().name);
                Value::Name(place.unwrap_or(usize::MAX), reader.name().to_owned())
            }),
            Self::Corruption => e.flips.map(|d| Value::Name(d.kind as usize, d.kind.name().to_owned())),
            Self::Source => {
                let same = |known: &Source| known.about().name == e.source.about().name;
                let place = Source::catalogue().iter().position(same);
                Some(Value::Name(place.unwrap_or(usize::MAX), e.source.name().to_owned()))
            }
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

    fn label(&self) -> String {
        match self {
            Self::Load => labels::LOAD.to_owned(),
            Self::Noise => labels::NOISE.to_owned(),
            Self::Units => labels::UNITS.to_owned(),
            Self::Protocol | Self::Reader | Self::Corruption => self.to_string(),
            Self::Source => "messages".to_owned(),
            Self::Parameter { protocol, parameter } => {
                let catalogue = Spec::catalogue();
                let spec = catalogue.iter().find(|spec| spec.about().name == *protocol);
                let known = spec.and_then(|s| s.about().parameters.iter().find(|p| p.name == *parameter));
                let meaning = known.map_or(parameter.as_str(), |parameter| parameter.meaning);
                format!("{meaning} ({self})")
            }
        }
    }

    fn named_value(&self, value: &Value) -> String {
        let value = value.to_string();
        match self {
            Self::Load => format!("load {value}"),
            Self::Noise => format!("noise {value}"),
            Self::Units => format!("N = {value}"),
            Self::Protocol | Self::Reader | Self::Corruption | Self::Source => value,
            Self::Parameter { parameter, .. } => match (parameter.as_str(), value.as_str()) {
                ("redraw", "0") => "queries fixed".to_owned(),
                ("redraw", "1") => "queries drawn afresh every epoch".to_owned(),
                ("diagonal", "free") => "diagonal trained".to_owned(),
                ("diagonal", "zero") => "diagonal zero".to_owned(),
                _ => format!("{parameter} = {value}"),
            },
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(x) if x.abs() >= 1e-3 || *x == 0.0 => f.write_str(&labels::short(*x)),
            Self::Number(x) => write!(f, "{x}"),
            Self::Text(text) | Self::Name(_, text) => f.write_str(text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

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
