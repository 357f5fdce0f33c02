//! The caption of a figure stands apart from the picture, unless it is asked to be drawn into it.

use serde::{Deserialize, Serialize, Serializer};

/// A `Caption` is what a definition says of a figure, and whether the picture bears it.
///
/// It is spelled `caption = "text"`, `caption = true` or `false`, or `caption = { text = "text", drawn = true }`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(from = "Spelled")]
pub struct Caption {
    /// A sentence or a few; the conditions stand behind it by themselves.
    pub text: String,
    /// Whether it is drawn into the picture.
    pub drawn: bool,
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "a text, true or false, or a table with text and drawn")]
enum Spelled {
    Text(String),
    Drawn(bool),
    Both(Both),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Both {
    #[serde(default)]
    text: String,
    #[serde(default)]
    drawn: bool,
}

impl From<Spelled> for Caption {
    fn from(spelled: Spelled) -> Self {
        match spelled {
            Spelled::Text(text) => Self { text, drawn: false },
            Spelled::Drawn(drawn) => Self { text: String::new(), drawn },
            Spelled::Both(Both { text, drawn }) => Self { text, drawn },
        }
    }
}

impl From<&str> for Caption {
    fn from(text: &str) -> Self {
        Self { text: text.to_owned(), drawn: false }
    }
}

impl Serialize for Caption {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.drawn {
            false => serializer.serialize_str(&self.text),
            true => Both { text: self.text.clone(), drawn: true }.serialize(serializer),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Serialize, Deserialize)]
    struct Figure {
        caption: Caption,
    }

    #[test]
    fn every_spelling_is_read_and_written_again() {
        for (spelled, text, drawn) in [
            (r#"caption = "A.""#, "A.", false),
            ("caption = true", "", true),
            ("caption = false", "", false),
            (r#"caption = { text = "A.", drawn = true }"#, "A.", true),
            (r#"caption = { text = "A." }"#, "A.", false),
        ] {
            let read: Figure = toml::from_str(spelled).expect(spelled);
            assert_eq!(read.caption, Caption { text: text.to_owned(), drawn }, "{spelled}");
            let again: Figure = toml::from_str(&toml::to_string(&read).expect("text")).expect("again");
            assert_eq!(again.caption, read.caption, "{spelled}");
        }
        assert!(toml::from_str::<Figure>("caption = 3").is_err());
    }
}
