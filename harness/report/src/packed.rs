//! This module packs what is large, so that the page stays small: a text is deflated and written in base64, and the
//! page's scripts read it by a `DecompressionStream`.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use miniz_oxide::deflate::compress_to_vec_zlib;

/// Says how hard texts are compressed. Above it a few parts in a hundred are gained, for several times as long.
const LEVEL: u8 = 7;

/// Packs a text: zlib's format in base64, of which no character means anything to HTML.
pub(super) fn packed(text: &str) -> String {
    STANDARD.encode(compress_to_vec_zlib(text.as_bytes(), LEVEL))
}

/// Returns the text that was packed.
#[cfg(test)]
pub(crate) fn unpacked(packed: &str) -> String {
    let bytes = STANDARD.decode(packed).unwrap();
    String::from_utf8(miniz_oxide::inflate::decompress_to_vec_zlib(&bytes).unwrap()).unwrap()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_packed_without_loss_and_without_marks() {
        let text = "</script>\u{2028}\u{3b1}".repeat(100);
        let short = packed(&text);
        assert!(short.len() < text.len() / 5);
        assert!(short.chars().all(|c| c.is_ascii_alphanumeric() || "+/=".contains(c)));
        assert_eq!(unpacked(&short), text);
    }
}
