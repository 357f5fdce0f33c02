//! These tests read npy files of any bytes. They are refused, or read into an array of the claimed shape.

use npy::{exactly, matrix, patterns, vector};
use study::fuzz::Target;

const WORDS: &[&[u8]] = &[
    b"\x93NUMPY\x01\x00",
    b"\x93NUMPY\x02\x00",
    b"\x93NUMPY\x03\x00",
    b"'descr': ",
    b"'fortran_order': ",
    b"'shape': ",
    b"True",
    b"False",
    b"'<f4'",
    b"'>f8'",
    b"'|i1'",
    b"'|O'",
    b"'<U4'",
    b"(",
    b")",
    b"(0,)",
    b"(1,)",
    b"(18446744073709551615, 2)",
    b"(4294967296, 4294967296)",
    b"(-1, 2)",
    b"((((",
    b", ",
    b"}",
    b"{",
    b"\n",
    b" ",
    b"'",
    b"\"",
    b"\xff\xff",
    b"\x00\x00",
    b"\x00\x00\xc0\x7f",
    b"\x00\x00\x80\x3f",
];

/// An npy file after NEP 1.
fn file(version: u8, descr: &str, fortran: &str, shape: &str, data: &[u8]) -> Vec<u8> {
    let dict = format!("{{'descr': '{descr}', 'fortran_order': {fortran}, 'shape': {shape}, }}\n");
    let mut bytes = vec![0x93, b'N', b'U', b'M', b'P', b'Y', version, 0];
    match version {
        1 => bytes.extend((dict.len() as u16).to_le_bytes()),
        _ => bytes.extend((dict.len() as u32).to_le_bytes()),
    }
    bytes.extend(dict.bytes());
    bytes.extend(data);
    bytes
}

#[test]
fn fuzzed_arrays_never_panic() {
    let signs: Vec<u8> = [1_i8, -1, -1, 1, 1, -1].iter().map(|&x| x as u8).collect();
    let floats: Vec<u8> = [1.0_f32, -1.0, 0.5, 2.0].iter().flat_map(|x| x.to_le_bytes()).collect();
    let doubles: Vec<u8> = [1.0_f64, -1.0].iter().flat_map(|x| x.to_be_bytes()).collect();
    let seeds = [
        file(1, "|i1", "False", "(2, 3)", &signs),
        file(2, "|i1", "True", "(3, 2)", &signs),
        file(3, "<f4", "False", "(2, 2)", &floats),
        file(1, ">f8", "True", "(2, 1)", &doubles),
        file(1, "<f4", "False", "(4,)", &floats),
    ];
    for seed in &seeds {
        let length = seed.len() as u64;
        assert!(matrix(&seed[..], length).is_ok() || vector(&seed[..], length).is_ok(), "seeds are valid");
    }
    let target = Target { name: "npy", percent: 41, seeds: &seeds, words: WORDS };
    target.run(|input| {
        let length = input.len() as u64;
        let signs = patterns(input, length).map(|read| read.signs().len() == read.count() * read.n());
        let real = matrix(input, length).map(|read| read.nrows() * read.ncols() <= input.len());
        let line = vector(input, length).map(|read| read.len() <= input.len());
        let cube = exactly(input, length, &[1, 2, 2]).map(|read| read.len() == 4);
        let broken = matches!((&signs, &real, &line), (Ok(false), ..) | (_, Ok(false), _) | (.., Ok(false)));
        assert!(!broken, "no array is larger than its file");
        assert!(
            cube.as_ref().is_ok_and(|whole| *whole) || cube.is_err(),
            "an array has the shape that was asked for"
        );
        signs.is_ok() || real.is_ok() || line.is_ok() || cube.is_ok()
    });
}
