//! A text has a message in every line, its values divided by commas, semicolons, tabs or blanks, whichever the first
//! line has. A first line of names is passed over, and so are empty lines and those that begin with `#`.

use super::{Numbers, bounded};
use crate::error::Trouble;
use csv_core::{ReadRecordResult, ReaderBuilder};

pub(super) fn numbers(bytes: &[u8]) -> Result<Numbers, Trouble> {
    let lines = bytes.split(|byte| *byte == b'\n').filter(|line| !line.starts_with(b"#"));
    let first = lines.map(<[u8]>::trim_ascii).find(|line| !line.is_empty()).ok_or(Trouble::Empty)?;
    let delimiter = *b",;\t ".iter().find(|byte| first.contains(byte)).unwrap_or(&b',');
    let (mut rows, mut values, mut units) = (0, Vec::new(), None);
    let reader = ReaderBuilder::new().delimiter(delimiter).comment(Some(b'#')).build();
    let mut records = Records { reader, text: bytes, read: 0 };
    while let Some(fields) = records.next() {
        let numbers: Vec<Option<f64>> = fields.iter().map(|field| number(field)).collect();
        // Blanks alone are no message, whatever divides values.
        if fields.iter().all(|field| field.trim_ascii().is_empty()) {
            continue;
        }
        if units.is_none() && numbers.iter().all(Option::is_none) {
            units = Some(numbers.len());
            continue;
        }
        let first = *units.get_or_insert(numbers.len());
        if numbers.len() != first {
            return Err(Trouble::Ragged { line: records.line(), found: numbers.len(), first });
        }
        for (column, (field, number)) in fields.iter().zip(numbers).enumerate() {
            values.push(number.ok_or_else(|| Trouble::Field {
                line: records.line(),
                column: column + 1,
                value: String::from_utf8_lossy(field).chars().take(40).collect(),
            })?);
        }
        rows += 1;
        bounded(values.len())?;
    }
    Ok(Numbers { rows, values })
}

fn number(field: &[u8]) -> Option<f64> {
    std::str::from_utf8(field).ok()?.trim().parse().ok()
}

/// The records of a text, one after another.
struct Records<'a> {
    reader: csv_core::Reader,
    text: &'a [u8],
    /// How much of it was read.
    read: usize,
}

impl Records<'_> {
    /// Returns the fields of the next record.
    fn next(&mut self) -> Option<Vec<Vec<u8>>> {
        let (mut output, mut ends) = (vec![0; 1024], vec![0; 64]);
        let (mut written, mut fields) = (0, 0);
        loop {
            let left = &self.text[self.read..];
            let (result, read, out, ended) =
                self.reader.read_record(left, &mut output[written..], &mut ends[fields..]);
            self.read += read;
            (written, fields) = (written + out, fields + ended);
            match result {
                ReadRecordResult::OutputFull => output.resize(2 * output.len(), 0),
                ReadRecordResult::OutputEndsFull => ends.resize(2 * ends.len(), 0),
                // Of no more bytes it makes its last record.
                ReadRecordResult::InputEmpty => (),
                ReadRecordResult::End => return None,
                ReadRecordResult::Record => break,
            }
        }
        let starts = std::iter::once(0).chain(ends[..fields].iter().copied());
        Some(starts.zip(&ends[..fields]).map(|(start, &end)| output[start..end].to_vec()).collect())
    }

    /// Returns the line at which the last record ends, from 1.
    fn line(&self) -> u64 {
        let read = &self.text[..self.read];
        let read = read.strip_suffix(b"\n").unwrap_or(read);
        1 + read.iter().filter(|byte| **byte == b'\n').count() as u64
    }
}
