//! A source is written as one text, `biased(activity=0.1)`, and read from that, or from a table of parameters.

use super::{Biased, Chain, Cliques, Features, Hierarchical, MessageFile, Patches, Source};
use crate::spelling::{name_and_parameters, pairs};
use serde::de::value::{Error as TextError, MapDeserializer};
use serde::de::{DeserializeOwned, Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::fmt;
use std::str::FromStr;

/// The names of all kinds, in the order of tables.
const NAMES: &[&str] = &[
    "random",
    "glyphs",
    "small-glyphs",
    "digits",
    "biased",
    "chain",
    "patches",
    "hierarchical",
    "features",
    "cliques",
    "codes",
    "file",
];

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.about().name)?;
        let parameters = self.parameters();
        if parameters.is_empty() {
            return Ok(());
        }
        let pairs: Vec<String> = parameters.iter().map(|(name, value)| format!("{name}={value}")).collect();
        // No comma, so that it needs no quotes in CSV.
        write!(f, "({})", pairs.join(" "))
    }
}

impl FromStr for Source {
    type Err = TextError;

    fn from_str(text: &str) -> Result<Self, TextError> {
        from_text(text)
    }
}

impl Serialize for Source {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Source {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Given)
    }
}

/// Reads a text, or a table of one key whose value is the table of parameters.
struct Given;

impl<'de> Visitor<'de> for Given {
    type Value = Source;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a source, or a table such as { biased = { activity = 0.1 } }")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Source, E> {
        from_text(text)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Source, A::Error> {
        let Some(Name(name)) = map.next_key()? else {
            return Err(A::Error::invalid_length(0, &self));
        };
        let source = map.next_value_seed(Parameters(name))?;
        match map.next_key::<Name>()? {
            None => Ok(source),
            Some(_) => Err(A::Error::invalid_length(2, &self)),
        }
    }
}

/// The name of a kind.
struct Name(&'static str);

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visit;
        impl Visitor<'_> for Visit {
            type Value = Name;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the name of a source")
            }

            fn visit_str<E: Error>(self, name: &str) -> Result<Name, E> {
                known(name).map(Name)
            }
        }
        deserializer.deserialize_identifier(Visit)
    }
}

fn known<E: Error>(name: &str) -> Result<&'static str, E> {
    let found = NAMES.iter().find(|known| **known == name);
    found.copied().ok_or_else(|| E::unknown_variant(name, NAMES))
}

/// Reads the parameters of the kind of that name.
struct Parameters(&'static str);

impl<'de> de::DeserializeSeed<'de> for Parameters {
    type Value = Source;

    fn deserialize<D: Deserializer<'de>>(self, table: D) -> Result<Source, D::Error> {
        fn of<'de, T: DeserializeOwned, D: Deserializer<'de>>(
            table: D,
            kind: fn(T) -> Source,
        ) -> Result<Source, D::Error> {
            T::deserialize(table).map(kind)
        }
        match self.0 {
            "biased" => of::<Biased, D>(table, Source::Biased),
            "chain" => of::<Chain, D>(table, Source::Chain),
            "patches" => of::<Patches, D>(table, Source::Patches),
            "hierarchical" => of::<Hierarchical, D>(table, Source::Hierarchical),
            "features" => of::<Features, D>(table, Source::Features),
            "cliques" => of::<Cliques, D>(table, Source::Cliques),
            "file" => of::<MessageFile, D>(table, Source::File),
            name => {
                #[derive(Deserialize)]
                #[serde(deny_unknown_fields)]
                struct Nothing {}
                let Nothing {} = Nothing::deserialize(table)?;
                Ok(match name {
                    "glyphs" => Source::Glyphs,
                    "small-glyphs" => Source::SmallGlyphs,
                    "digits" => Source::Digits,
                    "codes" => Source::Codes,
                    _ => Source::Random,
                })
            }
        }
    }
}

/// Reads `name` or `name(key=number key=number)`, also with commas between them.
fn from_text<E: Error>(text: &str) -> Result<Source, E> {
    let unclosed = || E::custom(format_args!("`{text}` is no name, and no name with parameters in brackets"));
    let (name, inside) = name_and_parameters(text).ok_or_else(unclosed)?;
    let name = known(name)?;
    if name == "file" {
        // Names and hashes are texts, also where they look like numbers.
        return MessageFile::spelled(inside).map(Source::File).map_err(E::custom);
    }
    let table = MapDeserializer::<_, TextError>::new(pairs(inside).map_err(E::custom)?.into_iter());
    de::DeserializeSeed::deserialize(Parameters(name), table).map_err(E::custom)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(text: &str) -> Result<Source, String> {
        #[derive(Deserialize)]
        struct Table {
            x: Source,
        }
        toml::from_str::<Table>(text)
            .map(|table| table.x)
            .map_err(|error| format!("{}: {}", &text[error.span().expect("a place")], error.message()))
    }

    #[test]
    fn a_source_is_read_from_what_it_is_written_as() {
        let others = [
            "biased(activity=0.25)",
            "chain(correlation=1)",
            "chain(correlation=0)",
            "patches(length=0.0001220703125)",
            "hierarchical(children=9,overlap=0.30000000000000004)",
            "features(ratio=100)",
            "cliques(k=5)",
        ];
        let others = others.map(|text| text.parse::<Source>().expect(text));
        for (source, text) in others.iter().zip(others.map(|source| source.to_string())) {
            assert_eq!(&text.parse::<Source>(), &Ok(*source), "{text}");
        }
        for source in Source::catalogue().into_iter().chain(others) {
            let text = source.to_string();
            assert_eq!(text.parse(), Ok(source));
            assert_eq!(source.name(), text);
            assert_eq!(serde_json::to_string(&source).unwrap(), format!("\"{text}\""));
            assert_eq!(serde_json::from_str::<Source>(&format!("\"{text}\"")).unwrap(), source);
            // The same in a table.
            let pairs: Vec<String> =
                source.parameters().iter().map(|(name, value)| format!("{name} = {value}")).collect();
            let given = format!("x = {{ {} = {{ {} }} }}", source.about().name, pairs.join(", "));
            assert_eq!(table(&given), Ok(source));
        }
    }

    #[test]
    fn names_are_those_of_the_catalogue_and_defaults_need_not_be_said() {
        let catalogue = Source::catalogue();
        let names: Vec<&str> = catalogue.iter().map(|source| source.about().name).chain(["file"]).collect();
        assert_eq!(names, NAMES);
        for source in catalogue {
            assert_eq!(source.about().name.parse(), Ok(source));
            let listed: Vec<&str> = source.about().parameters.iter().map(|p| p.name).collect();
            let given: Vec<&str> = source.parameters().iter().map(|(name, _)| *name).collect();
            assert!(given == listed || source == Source::Cliques(Cliques::default()), "{source}");
        }
    }

    #[test]
    fn sources_are_ordered_and_equal_by_their_numbers() {
        let of = |text: &str| text.parse::<Source>().expect(text);
        assert!(of("biased(activity=0.1)") < of("biased(activity=0.2)"));
        assert!(Source::Random < Source::Glyphs && Source::Glyphs < of("biased"));
        assert_eq!(of("chain(correlation=-0.0)"), of("chain(correlation=0)"));
        assert_eq!(of("chain(correlation=-0.0)").name(), "chain(correlation=0)");
    }

    #[test]
    fn errors_stand_where_they_were_found() {
        let unknown = NAMES.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        let cases = [
            ("x = 'glyph'", format!("'glyph': unknown variant `glyph`, expected one of {unknown}")),
            ("x = { glyph = {} }", format!("glyph: unknown variant `glyph`, expected one of {unknown}")),
            ("x = { biased = { activity = 1.5 } }", "1.5: 1.5 is not a number between 0 and 1".to_owned()),
            (
                "x = { biased = { actvity = 0.1 } }",
                "actvity: unknown field `actvity`, expected `activity`".to_owned(),
            ),
            ("x = { codes = { rows = 3 } }", "rows: unknown field `rows`, there are no fields".to_owned()),
            (
                "x = { hierarchical = { children = 0 } }",
                "0: invalid value: integer `0`, expected a nonzero u32".to_owned(),
            ),
        ];
        for (text, expected) in cases {
            assert_eq!(table(text), Err(expected), "{text}");
        }
        for text in ["x = 3", "x = {}", "x = { random = {}, glyphs = {} }", "x = { biased = 3 }"] {
            assert!(table(text).is_err(), "{text}");
        }
        for text in [
            "",
            "biased(",
            "biased()",
            "random( )",
            "biased(activity)",
            "biased(activity=x)",
            "biased(activity=nan)",
            "random(a=1)",
            "biased(activity=0.1,activity=0.2)",
        ] {
            assert!(text.parse::<Source>().is_err(), "{text}");
        }
    }
}
