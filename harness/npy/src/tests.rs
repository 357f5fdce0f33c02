use super::*;
use proptest::prelude::*;
use std::time::{Duration, Instant};

/// Version 1.0 of the format by hand: magic, version, header length (u16, little endian), the dict padded with spaces
/// and ended by a newline so that the data start at a multiple of 64, data.
fn npy(descr: &str, fortran: &str, shape: &str, data: &[u8]) -> Vec<u8> {
    with_dict(&format!("{{'descr': {descr}, 'fortran_order': {fortran}, 'shape': {shape}, }}"), data)
}

fn with_dict(dict: &str, data: &[u8]) -> Vec<u8> {
    let padded = (10 + dict.len() + 1).next_multiple_of(64) - 10;
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((padded as u16).to_le_bytes());
    bytes.extend(format!("{dict:<0$}\n", padded - 1).bytes());
    bytes.extend(data);
    bytes
}

fn read_patterns_of(bytes: &[u8]) -> Result<Patterns, Fault> {
    patterns(bytes, bytes.len() as u64)
}

fn read_matrix_of(bytes: &[u8]) -> Result<Mat<f32>, Fault> {
    matrix(bytes, bytes.len() as u64)
}

fn refusal(bytes: &[u8]) -> String {
    let fault = read_patterns_of(bytes).expect_err("refused");
    NpyError { path: "x.npy".into(), fault }.to_string()
}

/// Values in the byte order and element type of a dtype.
fn encoded(descr: &str, values: &[i8]) -> Vec<u8> {
    let one = |x: i8| match &descr[1..] {
        "i1" => x.to_le_bytes().to_vec(),
        "i2" => i16::from(x).to_le_bytes().to_vec(),
        "i4" => i32::from(x).to_le_bytes().to_vec(),
        "i8" => i64::from(x).to_le_bytes().to_vec(),
        "f4" => f32::from(x).to_le_bytes().to_vec(),
        "f8" => f64::from(x).to_le_bytes().to_vec(),
        _ => panic!("no such dtype in this test"),
    };
    let ordered = |mut bytes: Vec<u8>| {
        if descr.starts_with('>') {
            bytes.reverse();
        }
        bytes
    };
    values.iter().flat_map(|&x| ordered(one(x))).collect()
}

const DTYPES: [&str; 12] =
    ["|i1", "<i1", "<i2", ">i2", "<i4", ">i4", "<i8", ">i8", "<f4", ">f4", "<f8", ">f8"];
const ROWS: [i8; 6] = [1, -1, 1, -1, -1, 1];
const COLUMNS_FIRST: [i8; 6] = [1, -1, -1, -1, 1, 1];

/// What `numpy.save("x.npy", numpy.array([[1, -1, 1], [-1, -1, 1]], dtype=numpy.int8))` writes, by hand after
/// the specification of version 1.0 (NEP 1 and `numpy.lib.format`): 118 = 0x76 bytes of header, data from
/// byte 128. numpy 2.4.6 writes the same bytes.
const GOLDEN: &[u8] = b"\x93NUMPY\x01\x00\x76\x00{'descr': '|i1', 'fortran_order': False, 'shape': (2, 3), }\
\x20\x20\x20\x20\x20\x20\x20\x20\x20\x20\x20\x20\x20\x20\x20\x20\x20\x20\x20\x20\x20\x20\x20\x20\x20\x20\x20\x20\x20\
\x20\x20\x20\x20\x20\x20\x20\x20\x20\x20\x20\x20\x20\x20\x20\x20\x20\x20\x20\x20\x20\x20\x20\x20\x20\x20\x20\x20\x20\n\
\x01\xff\x01\xff\xff\x01";

#[test]
fn the_golden_file_is_read() {
    assert_eq!(GOLDEN.len(), 128 + 6);
    let patterns = read_patterns_of(GOLDEN).expect("as numpy writes it");
    assert_eq!((patterns.count(), patterns.n()), (2, 3));
    assert_eq!(patterns.signs(), ROWS);
}

#[test]
fn every_dtype_and_order_is_read_alike() {
    for descr in DTYPES {
        for (fortran, values) in [("False", ROWS), ("True", COLUMNS_FIRST)] {
            let bytes = npy(&format!("'{descr}'"), fortran, "(2, 3)", &encoded(descr, &values));
            assert_eq!(read_patterns_of(&bytes).expect(descr).signs(), ROWS, "{descr} {fortran}");
            let matrix = read_matrix_of(&bytes).expect(descr);
            for (at, &value) in ROWS.iter().enumerate() {
                assert_eq!(matrix[(at / 3, at % 3)], f32::from(value), "{descr} {fortran} {at}");
            }
        }
    }
}

#[test]
fn versions_2_and_3_are_read() {
    for major in [2, 3] {
        let mut bytes = npy("'|i1'", "False", "(2, 3)", &encoded("|i1", &ROWS));
        bytes[6] = major;
        bytes.splice(10..10, [0, 0]);
        assert_eq!(read_patterns_of(&bytes).expect("valid").signs(), ROWS);
    }
}

#[test]
fn what_is_written_is_read_again_and_by_npyz() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("x.npy");
    let patterns = Patterns::new(3, ROWS.to_vec()).expect("signs");
    write_patterns(&path, &patterns).expect("writable");
    assert_eq!(read_patterns(&path).expect("written above"), patterns);
    let matrix = Mat::from_fn(2, 3, |i, j| 0.1 * i as f32 - j as f32);
    write_matrix(&path, matrix.as_ref()).expect("writable");
    assert_eq!(read_matrix(&path).expect("written above"), matrix);
    let bytes = std::fs::read(&path).expect("written above");
    let other = npyz::NpyFile::new(&bytes[..]).expect("an npy file");
    assert_eq!((other.shape(), other.order()), (&[2, 3][..], npyz::Order::C));
    assert_eq!(other.into_vec::<f32>().expect("float32"), [0.0, -1.0, -2.0, 0.1, -0.9, -1.9]);
    write_vector(&path, &[0.5, -2.0]).expect("writable");
    assert_eq!(read_vector(&path).expect("written above"), [0.5, -2.0]);
}

#[test]
fn values_that_are_not_allowed_are_named() {
    let int = |values: &[i8]| npy("'|i1'", "False", "(2, 3)", &encoded("|i1", values));
    insta::assert_snapshot!(refusal(&int(&[1, -1, 1, -1, 0, 1])), @"x.npy: row 1, column 1 (counted from 0) is \
     0, but every value must be -1 or +1; correct it and save the array again");
    let fortran = npy("'>i2'", "True", "(2, 3)", &encoded(">i2", &[1, -1, 1, 3, 1, 1]));
    insta::assert_snapshot!(refusal(&fortran), @"x.npy: row 1, column 1 (counted from 0) is 3, but every value \
     must be -1 or +1; correct it and save the array again");
    let float = |x: f64| npy("'<f8'", "False", "(1, 1)", &x.to_le_bytes());
    for x in [f64::NAN, f64::INFINITY, 1.0 + f64::EPSILON, 0.0] {
        assert!(refusal(&float(x)).contains(&format!("row 0, column 0 (counted from 0) is {x},")));
    }
    for x in [f64::NAN, f64::NEG_INFINITY, 1e39] {
        assert!(matches!(read_matrix_of(&float(x)), Err(Fault::Value { place, .. }) if place == [0, 0]));
    }
    let huge = npy("'<i8'", "False", "(1, 1)", &9_007_199_254_740_993_i64.to_le_bytes());
    assert!(refusal(&huge).contains("is 9007199254740993,"));
}

#[test]
fn shapes_that_are_not_allowed_are_named() {
    let with_shape = |shape: &str, bytes: usize| refusal(&npy("'|i1'", "False", shape, &vec![1; bytes]));
    insta::assert_snapshot!(with_shape("(6,)", 6), @"x.npy: has shape (6,), which is 1-D, but 2-D (rows x \
     columns) is needed; change it with x.reshape(...) and save it again");
    insta::assert_snapshot!(with_shape("(1, 2, 3)", 6), @"x.npy: has shape (1, 2, 3), which is 3-D, but 2-D \
     (rows x columns) is needed; change it with x.reshape(...) and save it again");
    insta::assert_snapshot!(with_shape("(0, 64)", 0), @"x.npy: has shape (0, 64) and so holds no values; at \
     least one row and one column are needed");
    insta::assert_snapshot!(with_shape("(2, 3)", 5), @"x.npy: is shorter than its header says: shape (2, 3) \
     takes 6 bytes, but 5 follow; the file is truncated or damaged, write it anew with numpy.save");
    insta::assert_snapshot!(with_shape("(2, 3)", 7), @"x.npy: is longer than its header says: shape (2, 3) takes \
     6 bytes, but 7 follow; the file is truncated or damaged, write it anew with numpy.save");
    insta::assert_snapshot!(with_shape("(4294967296, 4294967296)", 6), @"x.npy: is shorter than its header says: \
     shape (4294967296, 4294967296) takes 2^64 or more bytes, but 6 follow; the file is truncated or damaged, \
     write it anew with numpy.save");
    insta::assert_snapshot!(with_shape("(2, -3)", 6), @"x.npy: has a damaged header: at byte 54 of it, expected \
     a whole number below 2^64; write the file anew with numpy.save");
    insta::assert_snapshot!(with_shape("(2, 36893488147419103232)", 6), @"x.npy: has a damaged header: at byte \
     54 of it, expected a whole number below 2^64; write the file anew with numpy.save");
    let column = npy("'<f4'", "False", "(2, 1)", &[0; 8]);
    assert!(matches!(vector(&column[..], column.len() as u64), Err(Fault::Dimensions { needed: 1, .. })));
}

#[test]
fn dtypes_that_are_not_allowed_are_named() {
    let with_dtype = |descr: &str| refusal(&npy(descr, "False", "(2, 3)", &[1; 6]));
    insta::assert_snapshot!(with_dtype("'|u1'"), @"x.npy: has dtype |u1, which cannot hold -1; allowed are int8, \
     int16, int32, int64, float32 and float64; convert it: 2*x.astype(numpy.int8) - 1 makes signs of 0 and 1, \
     x.astype(numpy.float32) keeps the numbers");
    insta::assert_snapshot!(with_dtype("'|O'"), @"x.npy: has dtype |O, Python objects; allowed are int8, int16, \
     int32, int64, float32 and float64; convert it: numpy.array(x.tolist(), dtype=numpy.int8)");
    insta::assert_snapshot!(with_dtype("[('a', '<i4'), ('b', \
     '<f8')]"), @"x.npy: has dtype [...], records of named fields; allowed are int8, int16, int32, \
      int64, float32 and float64; convert it: x[\"name of a field\"].astype(numpy.float32)");
    for descr in
        ["'|b1'", "'<c8'", "'<f2'", "'<f16'", "'<U3'", "'|S1'", "'|V8'", "'<M8[s]'", "'i'", "'<i3'", "'€'"]
    {
        assert!(matches!(
            read_patterns_of(&npy(descr, "False", "(2, 3)", &[1; 6])),
            Err(Fault::Dtype { .. } | Fault::Header { .. })
        ));
    }
}

/// Where one type is needed, no other is named as allowed; where any numbers are, all are.
#[test]
fn what_is_allowed_is_what_is_asked_for() {
    let one = |descr: &str| npy(descr, "False", "(2, 3)", &[1; 6]);
    for descr in ["'|b1'", "'<f2'", "'<c8'", "'|u1'", "'|O'"] {
        let (bytes, wanted) = (one(descr), "but float32 is needed; convert it: x.astype(numpy.float32)");
        let told = exactly(&bytes[..], bytes.len() as u64, &[2, 3]).unwrap_err().to_string();
        assert!(told.ends_with(wanted), "{told}");
        let told = states(&bytes[..], bytes.len() as u64, &[2, 3]).unwrap_err().to_string();
        assert!(told.contains("but int8 is needed"), "{told}");
    }
    let bytes = one("'|O'");
    let told = numbers(&bytes[..], bytes.len() as u64).unwrap_err().to_string();
    assert!(told.contains("float32 and float64, uint8 to uint64, and bool; convert it"), "{told}");
}

#[test]
fn lists_have_one_axis_that_counts() {
    let of = |shape: &str| {
        let bytes = npy("'|u1'", "False", shape, &[3, 1, 2]);
        list(&bytes[..], bytes.len() as u64)
    };
    for shape in ["(3,)", "(3, 1)", "(1, 3)"] {
        assert_eq!(of(shape).unwrap(), [3.0, 1.0, 2.0], "{shape}");
    }
    assert!(matches!(of("(1, 1, 3)"), Err(Fault::Dimensions { needed: 1, .. })));
}

#[test]
fn what_is_no_npy_file_is_told_apart() {
    insta::assert_snapshot!(refusal(b"PK\x03\x04\x14\x00\x00\x00\x00\x00"), @"x.npy: is a zip \
     archive (npz), which holds several arrays; give one array in an npy file: \
     numpy.save(\"x.npy\", numpy.load(\"x.npz\")[name])");
    insta::assert_snapshot!(refusal(b"1,-1,1\n-1,-1,1\n"), @"x.npy: is not an npy file (it does not \
     start with \\x93NUMPY); write one with numpy.save(\"x.npy\", x)");
    insta::assert_snapshot!(refusal(b""), @"x.npy: is not an npy file (it does not start with \
     \\x93NUMPY); write one with numpy.save(\"x.npy\", x)");
    insta::assert_snapshot!(refusal(b"\x93NUMPY\x09\x01\x76\x00{}"), @"x.npy: has version 9.1 of the npy format; \
     known are 1.0, 2.0 and 3.0; write it anew with numpy.save");
    insta::assert_snapshot!(refusal(&GOLDEN[..9]), @"x.npy: has a damaged header: at byte 0 of it, expected its \
     length; write the file anew with numpy.save");
    insta::assert_snapshot!(refusal(&GOLDEN[..40]), @"x.npy: claims a header of 118 bytes where 30 bytes follow \
     and at most 65535 are allowed; the file is damaged, write it anew with numpy.save");
    insta::assert_snapshot!(refusal(b"\x93NUMPY\x02\x00\xff\xff\xff\xff{}"), @"x.npy: claims a header of \
     4294967295 bytes where 2 bytes follow and at most 65535 are allowed; the file is damaged, write it anew \
     with numpy.save");
    let folder = tempfile::tempdir().expect("a temporary folder");
    let missing = read_patterns(&folder.path().join("m.npy")).expect_err("no such file");
    assert!(
        matches!(missing.fault, Fault::Open(_)) && missing.to_string().contains("m.npy: cannot be opened")
    );
    assert!(matches!(read_patterns(folder.path()).expect_err("a folder").fault, Fault::NotAFile));
}

#[test]
fn headers_other_than_numpys_are_refused() {
    let full = "'descr': '|i1', 'fortran_order': False, 'shape': (2, 3)";
    for dict in [
        String::new(),
        "{}".to_owned(),
        format!("{{{full}"),
        format!("{{{full}, 'more': 1}}"),
        format!("{{{full}, 'shape': (2, 3)}}"),
        format!("{{{full}}} x"),
        format!("{{{full},,}}"),
        "{'descr': '|i1', 'fortran_order': 0, 'shape': (2, 3)}".to_owned(),
        "{'descr': '|i1', 'fortran_order': False, 'shape': [2, 3]}".to_owned(),
        "{'descr': '|i1', 'fortran_order': False, 'shape': (,)}".to_owned(),
        "{'descr': '|i1, 'fortran_order': False, 'shape': (2, 3)}".to_owned(),
        "(".repeat(60_000),
        "{".repeat(60_000),
    ] {
        let bytes = with_dict(&dict, &encoded("|i1", &ROWS));
        assert!(
            matches!(read_patterns_of(&bytes), Err(Fault::Header { .. })),
            "{}",
            &dict[..dict.len().min(80)]
        );
    }
    for dict in
        [format!("{{{full}}}"), format!("{{{full} , }}"), full.replace('\'', "\"").replacen("", "{", 1) + "}"]
    {
        assert!(read_patterns_of(&with_dict(&dict, &encoded("|i1", &ROWS))).is_ok(), "{dict}");
    }
}

#[test]
fn a_forged_shape_costs_nothing() {
    let start = Instant::now();
    for descr in ["'|i1'", "'<f8'"] {
        let forged = npy(descr, "False", "(1099511627776, 64)", &[1; 64]);
        assert!(matches!(read_patterns_of(&forged), Err(Fault::Length { present: 64, .. })));
        assert!(matches!(read_matrix_of(&forged), Err(Fault::Length { .. })));
    }
    assert!(start.elapsed() < Duration::from_secs(30));
}

/// Valid files of many dtypes and orders.
fn valid() -> impl Strategy<Value = Vec<u8>> {
    (0..DTYPES.len(), any::<bool>()).prop_map(|(dtype, fortran)| {
        let descr = DTYPES[dtype];
        let order = if fortran { "True" } else { "False" };
        npy(&format!("'{descr}'"), order, "(2, 3)", &encoded(descr, &ROWS))
    })
}

/// A fault, or an array that lies within the file.
fn is_sound(bytes: &[u8]) -> Result<(), TestCaseError> {
    if let Ok(patterns) = read_patterns_of(bytes) {
        prop_assert!(patterns.n() > 0 && patterns.signs().len() <= bytes.len());
    }
    if let Ok(matrix) = read_matrix_of(bytes) {
        prop_assert!(matrix.nrows() * matrix.ncols() <= bytes.len());
    }
    if let Err(fault) = vector(bytes, bytes.len() as u64) {
        prop_assert!(!fault.to_string().is_empty());
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn changed_bytes_never_panic(
        mut bytes in valid(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        in_header in any::<bool>(),
    ) {
        for (at, value) in changes {
            let until = if in_header { 75 } else { bytes.len() };
            bytes[at.index(until)] = value;
        }
        is_sound(&bytes)?;
    }

    #[test]
    fn inserted_and_deleted_bytes_never_panic(
        mut bytes in valid(),
        at in any::<prop::sample::Index>(),
        deleted in 0_usize..20,
        inserted in "[ -~]{0,20}",
    ) {
        let start = at.index(bytes.len());
        let end = (start + deleted).min(bytes.len());
        bytes.splice(start..end, inserted.bytes());
        is_sound(&bytes)?;
    }

    #[test]
    fn any_dict_never_panics(dict in "[{}(),:' \"0-9\\[\\]<>|ifu]{0,60}|\\PC{0,40}", data in any::<[u8; 6]>()) {
        is_sound(&with_dict(&dict, &data))?;
    }

    #[test]
    fn any_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), magic in any::<bool>()) {
        let start: &[u8] = if magic { b"\x93NUMPY\x01\x00" } else { b"" };
        is_sound(&[start, &bytes].concat())?;
    }

    #[test]
    fn patterns_survive_a_round_trip(n in 1_usize..20, m in 1_usize..20, seed in any::<u64>()) {
        let patterns = Patterns::random(n, m, &mut protocols::Stream::named(seed, "test", &[]));
        let data: Vec<u8> = patterns.signs().iter().map(|&sign| sign as u8).collect();
        let bytes = npy("'|i1'", "False", &format!("({m}, {n})"), &data);
        prop_assert_eq!(read_patterns_of(&bytes).expect("valid"), patterns);
    }
}
