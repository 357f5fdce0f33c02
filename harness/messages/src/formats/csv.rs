//! A text has a message in every line, its values divided by commas, semicolons, tabs or blanks, whichever the first
//! line has. Several blanks are one. A first line of names is passed over, and so are empty lines and those that begin
//! with `#`, and the mark of UTF-8 that spreadsheets write. Names that are no units, such as `label`, and a first line
//! that counts columns are refused: they would be taken for a unit, or for a message.

use super::{Numbers, bounded};
use crate::error::Trouble;
use csv_core::{ReadRecordResult, ReaderBuilder};

/// What columns beside units are called.
const NO_UNITS: [&str; 8] = ["", "label", "labels", "class", "target", "digit", "id", "index"];

/// Reads a text of messages.
pub(super) fn numbers(bytes: &[u8]) -> Result<Numbers, Trouble> {
    read(bytes, is_names)
}

/// Reads a text of a list, of which any words are the name.
pub(super) fn list(bytes: &[u8]) -> Result<Numbers, Trouble> {
    read(bytes, |_, numbers| Ok(numbers.iter().all(Option::is_none)))
}

/// Tells of a first line whether it names columns, by its fields and the numbers that they are.
type IsNames = fn(&[Vec<u8>], &[Option<f64>]) -> Result<bool, Trouble>;

fn read(bytes: &[u8], is_names: IsNames) -> Result<Numbers, Trouble> {
    if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
        return Err(Trouble::Wide);
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let lines = bytes.split(|byte| *byte == b'\n').filter(|line| !line.starts_with(b"#"));
    let first = lines.map(<[u8]>::trim_ascii).find(|line| !line.is_empty()).ok_or(Trouble::Empty)?;
    let delimiter = *b",;\t ".iter().find(|byte| first.contains(byte)).unwrap_or(&b',');
    let (mut rows, mut values, mut units) = (0, Vec::new(), None);
    let reader = ReaderBuilder::new().delimiter(delimiter).comment(Some(b'#')).build();
    let mut records = Records { reader, text: bytes, read: 0 };
    while let Some(mut fields) = records.next() {
        if delimiter == b' ' {
            fields.retain(|field| !field.is_empty());
        }
        let numbers: Vec<Option<f64>> = fields.iter().map(|field| number(field)).collect();
        // Blanks alone are no message, whatever divides values.
        if fields.iter().all(|field| field.trim_ascii().is_empty()) {
            continue;
        }
        if units.is_none() && is_names(&fields, &numbers)? {
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

/// Tells whether the first line names columns.
fn is_names(fields: &[Vec<u8>], numbers: &[Option<f64>]) -> Result<bool, Trouble> {
    let names: Vec<String> =
        fields.iter().map(|field| String::from_utf8_lossy(field).trim().to_lowercase()).collect();
    let column = |(column, name): (usize, &String)| (column + 1, name.clone());
    let counts = |from: f64| (0..).zip(numbers).all(|(k, number)| *number == Some(from + f64::from(k)));
    if numbers.len() > 2 && (counts(0.0) || counts(1.0)) {
        return Err(Trouble::Counted);
    }
    // One that names some columns and counts the others does not begin with a number.
    let of_names = numbers.iter().all(Option::is_none) || (numbers.len() > 2 && numbers[0].is_none());
    match names.iter().enumerate().find(|(_, name)| of_names && NO_UNITS.contains(&name.as_str())).map(column)
    {
        Some((column, name)) => Err(Trouble::NoUnit { column, name }),
        None => Ok(numbers.iter().all(Option::is_none)),
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn values(text: &str) -> Result<(usize, Vec<f64>), String> {
        numbers(text.as_bytes()).map(|read| (read.rows, read.values)).map_err(|trouble| trouble.to_string())
    }

    #[test]
    fn what_spreadsheets_and_numpy_write_is_read() {
        let due = Ok((2, vec![-1.0, 1.0, 1.0, -1.0]));
        for text in [
            "\u{feff}-1,1\r\n1,-1\r\n",
            "\u{feff}a,b\r\n-1,1\r\n1,-1\r\n",
            " -1   1\n  1  -1\n",
            "-1.0e+00 1.0e+00\n1.0e+00 -1.0e+00\n",
            "-1,1\r1,-1",
            "\"-1\",\"1\"\n\"1\",\"-1\"\n",
        ] {
            assert_eq!(values(text), due, "{text:?}");
        }
    }

    #[test]
    fn what_would_pass_for_a_unit_or_a_message_is_told() {
        let told = |text: &str| values(text).unwrap_err();
        assert!(told("label,p0,p1\n7,0,1\n").starts_with("has a column 1 named \"label\", which is no unit"));
        assert!(told(",0,1,2\n0,1,0,1\n").starts_with("has a column 1 named \"\", which is no unit"));
        assert!(told("p0,p1,Class\n0,1,4\n").starts_with("has a column 3 named \"class\""));
        assert!(told("0,1,2,3\n0,1,0,1\n").starts_with("begins with a line that counts its columns"));
        assert!(told("1,2,3\n0,1,0\n").starts_with("begins with a line that counts its columns"));
        assert_eq!(values("0,1\n1,0\n").unwrap().0, 2, "two values count nothing");
        assert!(numbers(b"\xff\xfe1\0").unwrap_err().to_string().contains("UTF-16"));
        // In a list such a line is what it is.
        assert_eq!(list(b"0,1,2,3\n").unwrap().values, [0.0, 1.0, 2.0, 3.0]);
        assert_eq!(list(b"target\n2\n0\n").unwrap().values, [2.0, 0.0]);
    }
}
