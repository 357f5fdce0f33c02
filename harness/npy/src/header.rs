//! This module reads the header: magic bytes, version, and a dict of exactly the keys `descr`,
//! `fortran_order` and `shape`.

use super::Fault;
use npyz::{DType, TypeChar, TypeStr};
use std::io::Read;

/// Says how many bytes a header has at most. That is all that version 1.0 can hold, and far more than numpy
/// needs for plain numbers.
const LIMIT: u64 = 65_535;

/// A `Header` holds what a header says, once it agrees with the length of the file.
pub(super) struct Header {
    /// The dtype with its byte order.
    pub(super) dtype: DType,
    /// The element type that the dtype means.
    pub(super) element: Element,
    /// Whether the first index runs fastest.
    pub(super) fortran: bool,
    /// The sides, none of them 0; their product times the element's size is the length of the data.
    pub(super) shape: Vec<usize>,
    /// The dtype as it is written.
    pub(super) descr: String,
}

/// An `Element` is one of the element types that are read.
#[derive(Clone, Copy)]
pub(super) enum Element {
    I1,
    I2,
    I4,
    I8,
    U1,
    U2,
    U4,
    U8,
    Bool,
    F4,
    F8,
}

/// The `Wanted` says which arrays are taken.
#[derive(Clone, Copy)]
pub(super) enum Wanted {
    /// Signed numbers with so many axes.
    Signed(usize),
    /// Any numbers or truth values, with two axes or more.
    Any,
    /// Any numbers or truth values, with one axis, or a second of one.
    List,
}

impl Header {
    /// Reads the header of a file of `length` bytes whose array must be as wanted.
    pub(super) fn read(source: &mut impl Read, length: u64, wanted: Wanted) -> Result<Self, Fault> {
        let (text, present) = text(source, length)?;
        let Dict { descr, fortran, shape } = Parser { text: &text, at: 0 }.dict()?;
        let (dtype, element, size) = element(&descr, wanted)?;
        match wanted {
            Wanted::Signed(needed) if shape.len() != needed => {
                return Err(Fault::Dimensions { shape, needed });
            }
            Wanted::Any if shape.len() < 2 => return Err(Fault::Dimensions { shape, needed: 2 }),
            Wanted::List if !matches!(shape[..], [_] | [_, 1] | [1, _]) => {
                return Err(Fault::Dimensions { shape, needed: 1 });
            }
            _ => (),
        }
        if shape.contains(&0) {
            return Err(Fault::Empty { shape });
        }
        let promised = shape.iter().try_fold(size, |bytes, &side| bytes.checked_mul(side));
        if promised != Some(present) {
            return Err(Fault::Length { shape, promised, present });
        }
        let sides = shape.iter().map(|&side| usize::try_from(side).ok()).collect::<Option<Vec<_>>>();
        let shape = sides.ok_or(Fault::Memory { values: usize::MAX })?;
        Ok(Self { dtype, element, fortran, shape, descr })
    }

    pub(super) fn rows(&self) -> usize {
        self.shape[0]
    }

    /// Returns the number of columns; 1 for a vector.
    pub(super) fn columns(&self) -> usize {
        self.shape.get(1).copied().unwrap_or(1)
    }
}

/// Reads the header's text. It also returns the number of bytes that follow it in a file of `length` bytes.
fn text(source: &mut impl Read, length: u64) -> Result<(Vec<u8>, u64), Fault> {
    let mut start = Vec::new();
    source.by_ref().take(8).read_to_end(&mut start).map_err(Fault::Read)?;
    if start.starts_with(b"PK\x03\x04") || start.starts_with(b"PK\x05\x06") {
        return Err(Fault::Npz);
    }
    let [0x93, b'N', b'U', b'M', b'P', b'Y', major, minor] = start[..] else { return Err(Fault::NotNpy) };
    let mut size = [0; 4];
    let width = match (major, minor) {
        (1, 0) => 2,
        (2 | 3, 0) => 4,
        _ => return Err(Fault::Version { major, minor }),
    };
    let Some(present) = length.checked_sub(8 + width as u64) else {
        return Err(Fault::Header { at: 0, expected: "its length" });
    };
    source.read_exact(&mut size[..width]).map_err(Fault::Read)?;
    let claimed = u64::from(u32::from_le_bytes(size));
    if claimed > present.min(LIMIT) {
        return Err(Fault::HeaderLength { claimed, present, limit: LIMIT });
    }
    let mut text = vec![0; claimed as usize];
    source.read_exact(&mut text).map_err(Fault::Read)?;
    Ok((text, present - claimed))
}

/// Returns the dtype, the element type it means, and the element's size in bytes.
fn element(descr: &str, wanted: Wanted) -> Result<(DType, Element, u64), Fault> {
    const SAME: &str = "x.astype(numpy.float32)";
    let any = !matches!(wanted, Wanted::Signed(_));
    let refuse = |reason, remedy| Err(Fault::Dtype { dtype: descr.to_owned(), reason, remedy, any });
    let Ok(dtype) = descr.parse::<TypeStr>() else {
        return match descr {
            "|O" => refuse("Python objects", "numpy.array(x.tolist(), dtype=numpy.int8)"),
            _ => refuse("which is unknown", SAME),
        };
    };
    let size = dtype.size_field();
    let element = match (dtype.type_char(), size) {
        (TypeChar::Int, 1) => Element::I1,
        (TypeChar::Int, 2) => Element::I2,
        (TypeChar::Int, 4) => Element::I4,
        (TypeChar::Int, 8) => Element::I8,
        (TypeChar::Float, 4) => Element::F4,
        (TypeChar::Float, 8) => Element::F8,
        (TypeChar::Uint, 1) if any => Element::U1,
        (TypeChar::Uint, 2) if any => Element::U2,
        (TypeChar::Uint, 4) if any => Element::U4,
        (TypeChar::Uint, 8) if any => Element::U8,
        (TypeChar::Bool, 1) if any => Element::Bool,
        (TypeChar::Uint | TypeChar::Bool, _) => {
            return refuse(
                "which cannot hold -1",
                "2*x.astype(numpy.int8) - 1 makes signs of 0 and 1, x.astype(numpy.float32) keeps the numbers",
            );
        }
        (TypeChar::Complex, _) => return refuse("complex numbers", "x.real.astype(numpy.float32)"),
        (TypeChar::Float, _) => return refuse("floats of another size", SAME),
        _ => return refuse("which holds no numbers", SAME),
    };
    Ok((DType::new_scalar(dtype), element, size))
}

/// A `Dict` is the header's dict, as claimed.
struct Dict {
    descr: String,
    fortran: bool,
    shape: Vec<u64>,
}

/// A `Parser` reads the subset of Python that numpy writes for plain dtypes. It is linear in the text,
/// without recursion.
struct Parser<'a> {
    text: &'a [u8],
    at: usize,
}

impl Parser<'_> {
    fn dict(mut self) -> Result<Dict, Fault> {
        const KEYS: &str = "each of the keys 'descr', 'fortran_order' and 'shape' once";
        let (mut descr, mut fortran, mut shape) = (None, None, None);
        self.expect(b'{', "'{'")?;
        while !self.eat(b'}') {
            let key_at = self.at;
            let key = self.string()?;
            self.expect(b':', "':'")?;
            match key.as_str() {
                "descr" if descr.is_none() => descr = Some(self.descr()?),
                "fortran_order" if fortran.is_none() => fortran = Some(self.boolean()?),
                "shape" if shape.is_none() => shape = Some(self.shape()?),
                _ => return Err(Fault::Header { at: key_at, expected: KEYS }),
            }
            if !self.eat(b',') {
                self.expect(b'}', "',' or '}'")?;
                break;
            }
        }
        self.skip_space();
        if self.at < self.text.len() {
            return self.fault("nothing more");
        }
        match (descr, fortran, shape) {
            (Some(descr), Some(fortran), Some(shape)) => Ok(Dict { descr, fortran, shape }),
            _ => self.fault(KEYS),
        }
    }

    /// Reads a dtype as a string. A list of fields is known by its bracket.
    fn descr(&mut self) -> Result<String, Fault> {
        self.skip_space();
        if self.peek() == Some(b'[') {
            return Err(Fault::Dtype {
                dtype: "[...]".to_owned(),
                reason: "records of named fields",
                remedy: "x[\"name of a field\"].astype(numpy.float32)",
                any: false,
            });
        }
        self.string()
    }

    fn shape(&mut self) -> Result<Vec<u64>, Fault> {
        let mut shape = Vec::new();
        self.expect(b'(', "'('")?;
        while !self.eat(b')') {
            shape.push(self.number()?);
            if !self.eat(b',') {
                self.expect(b')', "',' or ')'")?;
                break;
            }
        }
        Ok(shape)
    }

    fn boolean(&mut self) -> Result<bool, Fault> {
        self.skip_space();
        for (word, value) in [("True", true), ("False", false)] {
            if self.text[self.at..].starts_with(word.as_bytes()) {
                self.at += word.len();
                return Ok(value);
            }
        }
        self.fault("True or False")
    }

    fn number(&mut self) -> Result<u64, Fault> {
        self.skip_space();
        let digits = self.text[self.at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        let text = str::from_utf8(&self.text[self.at..][..digits]).expect("digits are UTF-8");
        match text.parse() {
            Ok(number) => {
                self.at += digits;
                Ok(number)
            }
            Err(_) => self.fault("a whole number below 2^64"),
        }
    }

    /// Reads a quoted string of printable ASCII without escapes.
    fn string(&mut self) -> Result<String, Fault> {
        self.skip_space();
        let Some(quote @ (b'\'' | b'"')) = self.peek() else { return self.fault("a quoted string") };
        let rest = &self.text[self.at + 1..];
        let end = rest.iter().position(|&byte| byte == quote);
        match end.map(|end| &rest[..end]) {
            Some(inside) if inside.iter().all(|&byte| byte == b' ' || byte.is_ascii_graphic()) => {
                self.at += inside.len() + 2;
                Ok(inside.iter().map(|&byte| char::from(byte)).collect())
            }
            _ => self.fault("a quoted string of printable ASCII"),
        }
    }

    fn expect(&mut self, byte: u8, expected: &'static str) -> Result<(), Fault> {
        if self.eat(byte) { Ok(()) } else { self.fault(expected) }
    }

    /// Skips space, then `byte` if it stands there.
    fn eat(&mut self, byte: u8) -> bool {
        self.skip_space();
        let there = self.peek() == Some(byte);
        self.at += usize::from(there);
        there
    }

    fn skip_space(&mut self) {
        self.at += self.text[self.at..].iter().take_while(|byte| byte.is_ascii_whitespace()).count();
    }

    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn fault<T>(&self, expected: &'static str) -> Result<T, Fault> {
        Err(Fault::Header { at: self.at, expected })
    }
}
