//! IDX is the format of MNIST: two zeros, a type, the number of axes, their sizes as big-endian 32-bit numbers, and the
//! values, the last axis fastest. All axes but the first are a row. It may be packed by gzip, as it is published.
//!
//! Source: LeCun, Cortes, Burges, The MNIST database of handwritten digits.

use super::{MOST_VALUES, Numbers, bounded};
use crate::error::Trouble;
use flate2::read::MultiGzDecoder;
use std::io::Read;

pub(super) fn numbers(bytes: &[u8]) -> Result<Numbers, Trouble> {
    if !bytes.starts_with(&[0x1f, 0x8b]) {
        return plain(bytes);
    }
    let mut unpacked = Vec::new();
    let most = MOST_VALUES as u64 + 1024;
    let read = MultiGzDecoder::new(bytes).take(most + 1).read_to_end(&mut unpacked);
    read.map_err(|error| Trouble::Damaged { format: "a gzip file", reason: error.to_string() })?;
    if unpacked.len() as u64 > most {
        return Err(Trouble::Large { most });
    }
    plain(&unpacked)
}

fn plain(bytes: &[u8]) -> Result<Numbers, Trouble> {
    let damaged = |reason: String| Trouble::Damaged { format: "an IDX file", reason };
    let (header, rest) = bytes.split_first_chunk().ok_or_else(|| damaged("it has no header".to_owned()))?;
    let &[0, 0, kind, axes] = header else {
        return Err(damaged(format!(
            "it begins with {header:02x?} where 00 00 08 03 or the like should stand"
        )));
    };
    let number: fn(u8) -> f64 = match kind {
        0x08 => |byte| byte.into(),
        0x09 => |byte| (byte as i8).into(),
        _ => return Err(damaged(format!("its type is {kind:#04x}; bytes, 0x08 and 0x09, are read"))),
    };
    if axes < 2 {
        let told = format!(
            "it has {axes} axes, where rows have two or more; are these labels, and the images elsewhere?"
        );
        return Err(damaged(told));
    }
    let (sizes, values) = rest
        .split_at_checked(4 * usize::from(axes))
        .ok_or_else(|| damaged(format!("it ends within the sizes of its {axes} axes")))?;
    let sizes: Vec<u64> =
        sizes.as_chunks::<4>().0.iter().map(|size| u32::from_be_bytes(*size).into()).collect();
    let promised = sizes.iter().try_fold(1, |product: u64, size| product.checked_mul(*size));
    if promised != Some(values.len() as u64) {
        let promised = promised.map_or("2^64 or more".to_owned(), |count| count.to_string());
        return Err(damaged(format!(
            "its sizes {sizes:?} promise {promised} values, and {} follow",
            values.len()
        )));
    }
    bounded(values.len())?;
    Ok(Numbers { rows: sizes[0] as usize, values: values.iter().copied().map(number).collect() })
}
