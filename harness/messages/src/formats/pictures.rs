//! Pictures are messages, one each: PNG, and PBM and PGM of the portable anymap family. Colours become grey.

use super::{Numbers, bounded};
use crate::error::Trouble;
use image::io::{Limits, Reader};
use image::{DynamicImage, ImageFormat};
use std::io::Cursor;

/// Pixels a side that are read at most, long beyond what a memory can have as units.
const MOST_SIDE: u32 = 65_536;
/// Bytes that a picture may unpack to.
const MOST_BYTES: u64 = 64 << 20;

/// Tells whether a file begins as a picture does.
pub(crate) fn is_picture(bytes: &[u8]) -> bool {
    format(bytes).is_some()
}

fn format(bytes: &[u8]) -> Option<ImageFormat> {
    match bytes {
        [0x89, b'P', b'N', b'G', ..] => Some(ImageFormat::Png),
        [b'P', b'1'..=b'6', blank, ..] if blank.is_ascii_whitespace() || *blank == b'#' => {
            Some(ImageFormat::Pnm)
        }
        _ => None,
    }
}

/// Returns the values of pictures, row by row of each: 0 is black.
pub(crate) fn pictures(pictures: &[(String, Vec<u8>)]) -> Result<Numbers, Trouble> {
    let (mut values, mut first) = (Vec::new(), None);
    for (name, bytes) in pictures {
        let picture = decode(name, bytes)?;
        let size = (picture.width(), picture.height());
        let (first_name, first_size) = *first.get_or_insert((name, size));
        if size != first_size {
            return Err(Trouble::Sizes {
                name: name.clone(),
                size,
                first_name: first_name.clone(),
                first_size,
            });
        }
        if shows_through(&picture) {
            return Err(Trouble::Transparent { name: name.clone() });
        }
        match picture {
            DynamicImage::ImageLuma16(_)
            | DynamicImage::ImageLumaA16(_)
            | DynamicImage::ImageRgb16(_)
            | DynamicImage::ImageRgba16(_) => {
                values.extend(picture.into_luma16().iter().map(|&x| f64::from(x)))
            }
            _ => values.extend(picture.into_luma8().iter().map(|&x| f64::from(x))),
        }
        bounded(values.len())?;
    }
    Ok(Numbers { rows: pictures.len(), values })
}

/// Tells whether a picture has pixels that are not opaque.
fn shows_through(picture: &DynamicImage) -> bool {
    match picture {
        DynamicImage::ImageLumaA16(picture) => picture.pixels().any(|pixel| pixel.0[1] < u16::MAX),
        DynamicImage::ImageRgba16(picture) => picture.pixels().any(|pixel| pixel.0[3] < u16::MAX),
        picture if picture.color().has_alpha() => {
            picture.to_rgba8().pixels().any(|pixel| pixel.0[3] < u8::MAX)
        }
        _ => false,
    }
}

fn decode(name: &str, bytes: &[u8]) -> Result<DynamicImage, Trouble> {
    let damaged =
        |reason: String| Trouble::Damaged { format: "a picture", reason: format!("{name}: {reason}") };
    let format = format(bytes).ok_or_else(|| damaged("it is neither PNG nor PBM or PGM".to_owned()))?;
    let mut limits = Limits::default();
    limits.max_image_width = Some(MOST_SIDE);
    limits.max_image_height = Some(MOST_SIDE);
    limits.max_alloc = Some(MOST_BYTES);
    let mut reader = Reader::with_format(Cursor::new(bytes), format);
    reader.limits(limits);
    // A decoder of foreign bytes may fail in ways that it does not say.
    let decoded = base::panics::caught(|| reader.decode().map_err(|error| error.to_string()));
    decoded.unwrap_or_else(Err).map_err(damaged)
}
