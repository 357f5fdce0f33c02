//! Labels name the protocols of a sweep. This is the one place that writes and reads those of variants.
//!
//! A definition gives each protocol a label. The grid's `k` and `steps` make variants of a protocol, whose
//! labels add the values to the protocol's own: `TRN, K=5, L=3`.

use std::fmt;
use unicode_normalization::{UnicodeNormalization, is_nfc};
use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};
use unicode_security::confusable_detection::skeleton;

/// A `Label` is the label of a protocol or of one of its variants, in parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Label<'a> {
    /// The label in the definition.
    pub protocol: &'a str,
    /// The queries a message K, where the grid's `k` varies them.
    pub k: Option<u32>,
    /// The steps L, where the grid's `steps` vary them.
    pub steps: Option<u32>,
}

impl<'a> Label<'a> {
    /// Reads a label. What stands before the values of a variant is the protocol's own.
    pub fn parse(label: &'a str) -> Self {
        let (label, steps) = without(label, ", L=");
        let (protocol, k) = without(label, ", K=");
        Self { protocol, k, steps }
    }

    /// Returns whether the grid made it of another protocol.
    pub fn is_variant(&self) -> bool {
        self.k.is_some() || self.steps.is_some()
    }
}

impl fmt::Display for Label<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.protocol)?;
        self.k.map_or(Ok(()), |k| write!(f, ", K={k}"))?;
        self.steps.map_or(Ok(()), |steps| write!(f, ", L={steps}"))
    }
}

/// Splits a value off the end of a label, if it is one as [`Label`] writes it.
fn without<'a>(label: &'a str, key: &str) -> (&'a str, Option<u32>) {
    let split = label.rsplit_once(key).and_then(|(start, value)| {
        let number: u32 = value.parse().ok()?;
        (number.to_string() == value && !start.is_empty()).then_some((start, number))
    });
    split.map_or((label, None), |(start, number)| (start, Some(number)))
}

/// Returns whether `label` is that of a protocol, or of one of its variants. Variants are what the grid's `k`
/// and `steps` make of it.
pub fn is_of(label: &str, protocol: &str) -> bool {
    label == protocol || Label::parse(label).protocol == protocol
}

/// Returns what keeps a text from being a label that a reader sees as it is.
///
/// Letters of any script are fine. Invisible characters, blanks at the ends, blanks other than the space, and
/// accents apart from their letters (anything but Unicode's form NFC) would make two labels of what looks
/// like one.
pub(crate) fn hidden(label: &str) -> Option<String> {
    use GeneralCategory as Of;
    let fault = |c: char| match c.general_category() {
        Of::SpaceSeparator if c != ' ' => Some("a blank other than the space"),
        Of::Control | Of::Format | Of::Surrogate | Of::LineSeparator | Of::ParagraphSeparator => {
            Some("an invisible character")
        }
        Of::PrivateUse | Of::Unassigned => Some("a character that Unicode does not define"),
        // Characters that fonts leave out, whatever their category, such as the Hangul filler.
        _ if c != ' ' && skeleton(c.encode_utf8(&mut [0; 4])).next().is_none() => {
            Some("an invisible character")
        }
        _ => None,
    };
    if let Some((c, what)) = label.chars().find_map(|c| fault(c).map(|what| (c, what))) {
        return Some(format!("it holds {what} (U+{:04X})", u32::from(c)));
    }
    if label.trim() != label {
        return Some("it begins or ends with a blank".to_owned());
    }
    (!is_nfc(label)).then(|| {
        format!(
            "its accents stand apart from their letters; in one piece it is {:?}",
            label.nfc().collect::<String>()
        )
    })
}

/// Returns what a reader may take for the same label. It is the same letters apart from case and blanks, or
/// letters that look alike.
pub fn look(label: &str) -> [String; 2] {
    let visible: String = label.chars().filter(|c| !c.is_whitespace()).collect();
    [skeleton(&visible.to_lowercase()).collect(), skeleton(&visible).collect()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_reads_back() {
        for k in [None, Some(1), Some(20)] {
            for steps in [None, Some(3)] {
                for protocol in ["TRN", "TRN at 3/4", "a, b", "TRN, K=x", "MPF, L2 = 0.01"] {
                    let label = Label { protocol, k, steps };
                    let text = label.to_string();
                    assert_eq!(Label::parse(&text), label, "{text}");
                    assert!(is_of(&text, protocol));
                }
            }
        }
    }

    #[test]
    fn only_variants_are_of_another_protocol() {
        for (label, protocol) in [
            ("TRN at 3/4", "TRN"),
            ("TRN2", "TRN"),
            ("HOP literal", "HOP"),
            ("TRN", "TR"),
            ("TRN, thresholds", "TRN"),
            ("TRN, thresholds, K=5", "TRN"),
            ("TRN, K=05", "TRN"),
            ("TRN, K=", "TRN"),
            ("TRN, K=5, noise", "TRN"),
            ("TRN,K=5", "TRN"),
            ("trn", "TRN"),
            (", K=5", ""),
        ] {
            assert!(!is_of(label, protocol), "{label} is not of {protocol}");
        }
        assert!(is_of("TRN, thresholds, K=5", "TRN, thresholds"));
        assert!(is_of("TRN, K=5", "TRN, K=5"), "every label is its own");
    }

    #[test]
    fn labels_that_do_not_show_are_refused() {
        for label in [
            "\u{200b}",
            "A\u{200b}",
            "A ",
            " A",
            "A\u{a0}B",
            "A\u{202e}",
            "e\u{301}",
            "\u{3164}",
            "A\tB",
            "A\u{fe0f}",
            "\u{e000}",
            "A\u{2028}B",
            "\u{feff}A",
            "A\u{ad}B",
        ] {
            assert!(hidden(label).is_some(), "{label:?}");
        }
        for label in
            ["TRN", "\u{e9}", "MPF, L2 = 0.01", "\u{3b1} = 1/2", "\u{8a18}\u{61b6}", "a-b_c (d) [e] \"f\""]
        {
            assert_eq!(hidden(label), None, "{label:?}");
        }
    }

    #[test]
    fn labels_that_look_alike_are_one() {
        let alike = |a: &str, b: &str| look(a).iter().zip(look(b)).any(|(a, b)| *a == b);
        for (a, b) in
            [("TRN", "trn"), ("TRN 2", "TRN2"), ("TRN", "\u{422}RN"), ("MPF l", "MPF I"), ("A", "\u{391}")]
        {
            assert!(alike(a, b), "{a:?} {b:?}");
        }
        for (a, b) in [("TRN", "TRN2"), ("TRN", "TR"), ("noise 0.1", "noise 0.15")] {
            assert!(!alike(a, b), "{a:?} {b:?}");
        }
    }
}
