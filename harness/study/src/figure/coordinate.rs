//! The axes of a figure run along coordinates of the estimates. These are load, noise, N, the protocol, a parameter of
//! one, the reader, the corruption of queries, or the source of messages.

use protocols::Spec;
use serde::de::{Deserializer, Error};
use serde::{Deserialize, Serialize, Serializer};
use std::fmt;

/// A `Coordinate` is what an axis of a figure can run along.
///
/// Definitions name it `load`, `noise`, `n`, `protocol`, `reader`, `corruption`, `source`, or by a protocol and its
/// parameter as `trn.queries`.
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
    /// The reader.
    Reader,
    /// How queries are corrupted.
    Corruption,
    /// Where messages come from.
    Source,
    /// A parameter; protocols of other families have no value.
    Parameter {
        /// The protocol's name in the catalogue.
        protocol: String,
        /// The parameter's key.
        parameter: String,
    },
}

impl Coordinate {
    const PLAIN: [(&'static str, Self); 7] = [
        ("load", Self::Load),
        ("noise", Self::Noise),
        ("n", Self::Units),
        ("protocol", Self::Protocol),
        ("reader", Self::Reader),
        ("corruption", Self::Corruption),
        ("source", Self::Source),
    ];

    /// Returns the coordinate of a name.
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
        // All parameters of all protocols would be many; those of the protocol meant are enough.
        let family = name.split_once('.').map(|(family, _)| family).filter(|f| all.iter().any(|p| p.0 == *f));
        let of = all.iter().filter(|parameter| parameter.0 == family.unwrap_or("trn"));
        Err(plain.chain(of.map(|(protocol, parameter)| format!("{protocol}.{parameter}"))).collect())
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

    #[test]
    fn names_of_all_coordinates_read_back() {
        for name in
            ["load", "noise", "n", "protocol", "reader", "corruption", "source", "trn.queries", "mpf.l2"]
        {
            assert_eq!(Coordinate::named(name).unwrap().to_string(), name);
        }
        let allowed = Coordinate::named("mpf.l3").unwrap_err();
        assert!(
            allowed.contains(&"load".to_owned()) && allowed.contains(&"mpf.l2".to_owned()),
            "{allowed:?}"
        );
        assert!(!allowed.contains(&"trn.queries".to_owned()));
    }
}
