//! Every format is read from a file that is made here, and what is wrong with a file is told with its name, what was
//! found, and the remedy.

use super::*;
use flate2::Compression;
use flate2::write::GzEncoder;
use image::{DynamicImage, GrayImage, ImageFormat, Luma};
use proptest::prelude::*;
use protocols::source::Threshold;
use std::fs;
use std::io::{Cursor, Write};
use std::path::PathBuf;
use tempfile::TempDir;

/// Three messages of four units, as 0 and 1.
const ROWS: [[u8; 4]; 3] = [[1, 0, 0, 1], [0, 0, 1, 1], [1, 1, 0, 1]];

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

fn signs() -> Vec<i8> {
    ROWS.as_flattened().iter().map(|&bit| 2 * bit as i8 - 1).collect()
}

fn put(folder: &TempDir, name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.path().join(name);
    fs::write(&path, bytes).unwrap();
    path
}

/// What a file of that content is read as.
fn read_bytes(name: &str, bytes: &[u8]) -> Result<Found, MessagesError> {
    let folder = folder();
    put(&folder, name, bytes);
    read(MessageFile::new(name, None, None).unwrap(), folder.path())
}

#[track_caller]
fn assert_read(name: &str, bytes: &[u8]) {
    let found = read_bytes(name, bytes).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!((found.rows.n(), found.rows.signs()), (4, &signs()[..]), "{name}");
    assert_eq!(found.hash, blake3::hash(bytes).to_hex().to_string());
    assert_eq!(format!("{:016x}", found.file.content().unwrap()), found.hash[..16]);
}

/// What is wrong with a file, whose name the words begin with.
#[track_caller]
fn trouble(name: &str, bytes: &[u8]) -> String {
    let told = read_bytes(name, bytes).map(|found| found.told).unwrap_err().to_string();
    let (path, what) = told.split_once(": ").unwrap();
    assert!(path.ends_with(name), "{told}");
    what.to_owned()
}

fn npy(dtype: &str, shape: &str, data: &[u8]) -> Vec<u8> {
    let dict = format!("{{'descr': '{dtype}', 'fortran_order': False, 'shape': {shape}, }}");
    let header = format!("{dict:<117}\n");
    [b"\x93NUMPY\x01\x00", &(header.len() as u16).to_le_bytes()[..], header.as_bytes(), data].concat()
}

fn npz(arrays: &[(&str, &[u8])], method: zip::CompressionMethod) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in arrays {
        let options = zip::write::SimpleFileOptions::default().compression_method(method);
        archive.start_file(format!("{name}.npy"), options).unwrap();
        archive.write_all(bytes).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

fn idx(kind: u8, sizes: &[u32], data: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0, 0, kind, sizes.len() as u8];
    bytes.extend(sizes.iter().flat_map(|size| size.to_be_bytes()));
    bytes.extend(data);
    bytes
}

fn gz(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn png(width: u32, pixels: &[u8]) -> Vec<u8> {
    let image = GrayImage::from_fn(width, pixels.len() as u32 / width, |x, y| {
        Luma([pixels[(y * width + x) as usize]])
    });
    let mut bytes = Cursor::new(Vec::new());
    DynamicImage::ImageLuma8(image).write_to(&mut bytes, ImageFormat::Png).unwrap();
    bytes.into_inner()
}

#[test]
fn arrays_of_every_kind_are_read() {
    let bits = ROWS.as_flattened();
    let signed: Vec<u8> = signs().iter().map(|&sign| sign as u8).collect();
    assert_read("x.npy", &npy("|i1", "(3, 4)", &signed));
    assert_read("x.npy", &npy("|u1", "(3, 4)", bits));
    assert_read("x.npy", &npy("|b1", "(3, 2, 2)", bits));
    let floats: Vec<u8> = bits.iter().flat_map(|&bit| f64::from(bit).to_le_bytes()).collect();
    assert_read("x.npy", &npy("<f8", "(3, 4)", &floats));
    let arrays = npy("|u1", "(3, 4)", bits);
    for method in [zip::CompressionMethod::Stored, zip::CompressionMethod::Deflated] {
        assert_read("x.npz", &npz(&[("images", &arrays)], method));
    }
    let images = idx(8, &[3, 2, 2], bits);
    assert_read("images-idx3-ubyte", &images);
    assert_read("images-idx3-ubyte.gz", &gz(&images));
    assert_read("x.idx", &idx(9, &[3, 4], &signed));
}

#[test]
fn texts_are_read_by_whatever_divides_their_values() {
    for (name, text) in [
        ("x.csv", "1,0,0,1\n0,0,1,1\n1,1,0,1\n"),
        ("x.csv", "a,b,c,d\r\n1,0,0,1\r\n0,0,1,1\r\n1,1,0,1"),
        ("x.csv", "1; 0; 0; 1\n0; 0; 1; 1\n1; 1; 0; 1\n\n"),
        ("x.tsv", "# by hand\n1\t0\t0\t1\n0\t0\t1\t1\n1\t1\t0\t1\n"),
        ("x.txt", "1.000e+00 0 0 1\n0 0 1 1\n1 1 0 1\n"),
    ] {
        assert_read(name, text.as_bytes());
    }
}

#[test]
fn pictures_and_folders_of_them_are_read() {
    let one = read_bytes("x.pbm", b"P1\n# a comment\n2 2\n0 1\n1 0\n").unwrap();
    // In PBM 1 is black, and black is the smaller value.
    assert_eq!((one.rows.signs(), one.told.minus, one.told.plus), (&[1, -1, -1, 1][..], 0.0, 255.0));
    let folder = folder();
    fs::create_dir(folder.path().join("pictures")).unwrap();
    for (name, row) in ["c.png", "a.png", "b.png"].into_iter().zip(ROWS) {
        put(&folder, &format!("pictures/{name}"), &png(2, &row.map(|bit| 255 * bit)));
    }
    put(&folder, "pictures/.hidden", b"anything");
    let file = MessageFile::new("pictures", None, None).unwrap();
    let found = read(file, folder.path()).unwrap();
    // In the order of names.
    let expected: Vec<i8> =
        [ROWS[1], ROWS[2], ROWS[0]].as_flattened().iter().map(|&bit| 2 * bit as i8 - 1).collect();
    assert_eq!(found.rows.signs(), expected);
    // A name is a part of what a folder holds.
    fs::rename(folder.path().join("pictures/a.png"), folder.path().join("pictures/d.png")).unwrap();
    assert_ne!(read(file, folder.path()).unwrap().hash, found.hash);
}

#[test]
fn transparent_pixels_are_told() {
    let picture = |alpha: u8| {
        let image = image::RgbaImage::from_fn(2, 1, |x, _| {
            image::Rgba([255, 255, 255, if x == 0 { alpha } else { 255 }])
        });
        let mut bytes = Cursor::new(Vec::new());
        DynamicImage::ImageRgba8(image).write_to(&mut bytes, ImageFormat::Png).unwrap();
        bytes.into_inner()
    };
    assert!(trouble("x.png", &picture(0)).starts_with("has transparent pixels in x.png"));
    assert!(trouble("x.png", &picture(255)).starts_with("has the value 255 everywhere"));
}

#[test]
fn thresholds_divide_grey_values() {
    let grey = [10, 20, 200, 210, 15, 220, 205, 30];
    let folder = folder();
    put(&folder, "x.idx", &idx(8, &[2, 4], &grey));
    let read = |threshold| read(MessageFile::new("x.idx", None, threshold).unwrap(), folder.path());
    let found = read(Some(Threshold::Otsu)).unwrap();
    assert_eq!(found.rows.signs(), [-1, -1, 1, 1, -1, 1, 1, -1]);
    assert_eq!(
        found.told.to_string(),
        "2 messages of 4 units; up to 30 is -1, from 200 on +1; units that are the same in all of them: 2"
    );
    let found = read(Some(Threshold::At(205.0.try_into().unwrap()))).unwrap();
    assert_eq!(found.rows.signs(), [-1, -1, -1, 1, -1, 1, -1, -1]);
    let told = read(None).unwrap_err().to_string();
    assert!(told.contains("more than two kinds of values, such as 10, 20, 200, 210, 15"), "{told}");
    assert!(told.contains("threshold = \"otsu\""), "{told}");
    let told = read(Some(Threshold::At(500.0.try_into().unwrap()))).unwrap_err().to_string();
    assert!(told.contains("on one side of `threshold`; change it"), "{told}");
}

#[test]
fn repeated_rows_and_constant_units_are_told() {
    let told = read_bytes("x.csv", b"1,0,1\n1,0,0\n1,0,1\n1,0,1\n").unwrap().told;
    assert_eq!((told.repeated, told.constant), (2, 2));
    let text = "4 messages of 3 units; 0 is -1, 1 is +1; rows that stand there before: 2, so a trial may have a \
    message \
                twice; units that are the same in all of them: 2";
    assert_eq!(told.to_string(), text);
}

#[test]
fn an_array_of_several_is_named() {
    let array = npy("|u1", "(3, 4)", ROWS.as_flattened());
    let bytes = npz(&[("a", &array), ("b c", &array)], zip::CompressionMethod::Stored);
    let folder = folder();
    put(&folder, "x.npz", &bytes);
    let read = |entry| read(MessageFile::new("x.npz", entry, None).unwrap(), folder.path());
    assert_eq!(read(Some("b c")).unwrap().rows.signs(), signs());
    let told = read(None).unwrap_err().to_string();
    assert!(
        told.ends_with("has \"a\", \"b c\"; say which one: { file = { name = \"...\", entry = \"a\" } }"),
        "{told}"
    );
    assert!(read(Some("c")).unwrap_err().to_string().contains("has no \"c\"; it has \"a\", \"b c\""));
    put(&folder, "x.csv", b"0,1\n1,0\n");
    let one = super::read(MessageFile::new("x.csv", Some("a"), None).unwrap(), folder.path());
    assert!(
        one.unwrap_err().to_string().contains("holds one array, so `entry = \"a\"` means nothing; remove it")
    );
}

#[test]
fn damaged_files_are_told_apart() {
    let bits = ROWS.as_flattened();
    let array = npy("|u1", "(3, 4)", bits);
    assert!(trouble("x.npy", &array[..array.len() - 1]).starts_with("is shorter than its header says"));
    assert!(trouble("x.npy", &npy("|u1", "(3000000000, 4)", bits)).contains("(3000000000, 4)"));
    assert!(trouble("x.npy", &npy("|u1", "(12,)", bits)).contains("2-D (rows x columns)"));
    assert!(trouble("x.npy", &npy("|O", "(3, 4)", bits)).contains("Python objects"));
    let nan: Vec<u8> = [0.0, f64::NAN].iter().flat_map(|x| x.to_le_bytes()).collect();
    assert!(trouble("x.npy", &npy("<f8", "(1, 2)", &nan)).contains("must be a finite number"));
    let archive = npz(&[("a", &array)], zip::CompressionMethod::Deflated);
    assert!(trouble("x.npz", &archive[..archive.len() / 2]).starts_with("is damaged an npz file"));
    assert!(trouble("x.npz", &npz(&[], zip::CompressionMethod::Stored)).contains("it holds no array"));
    let images = idx(8, &[3, 2, 2], bits);
    assert!(trouble("x", &images[..20]).contains("its sizes [3, 2, 2] promise 12 values, and 4 follow"));
    assert!(trouble("x", &images[..9]).contains("ends within the sizes of its 3 axes"));
    assert!(
        trouble("x", &idx(8, &[u32::MAX; 4], bits)).contains("promise 2^64 or more values, and 12 follow")
    );
    assert!(trouble("labels", &idx(8, &[12], bits)).contains("are these labels"));
    assert!(trouble("x", &idx(13, &[3, 4], bits)).contains("its type is 0x0d"));
    let packed = gz(&images);
    assert!(trouble("x.gz", &packed[..packed.len() - 9]).starts_with("is damaged a gzip file"));
    assert!(trouble("x.gz", &gz(b"hello")).starts_with("is damaged an IDX file"));
    let picture = png(2, &[0, 255, 255, 0]);
    assert!(trouble("x.png", &picture[..picture.len() / 2]).starts_with("is damaged a picture: x.png"));
    assert!(trouble("x.pbm", b"P1\n100000 100000\n0 1").starts_with("is damaged a picture"));
    assert!(trouble("x.parquet", b"PAR1 and no more").starts_with("is a Parquet file"));
}

#[test]
fn values_and_shapes_that_cannot_be_messages_are_told() {
    assert_eq!(trouble("x.npy", b""), "is empty; give a file with a message in every row");
    assert!(trouble("x.dat", b"hello you").starts_with("begins with 68 65 6c 6c 6f 20 79 6f, which is none"));
    assert!(
        trouble("x.csv", b"1,0,2\n")
            .starts_with("has 3 kinds of values, such as 1, 0, 2, and only two kinds")
    );
    assert!(
        trouble("x.csv", b"2,2\n2,2\n")
            .starts_with("has the value 2 everywhere, and nothing says which sign it is")
    );
    let signs = read_bytes("x.csv", b"1,1\n").unwrap().rows;
    assert_eq!(signs.signs(), [1, 1], "signs are what they are");
    assert!(trouble("x.csv", b"1,0\n1,0,1\n").starts_with("line 2 has 3 values where the first row has 2"));
    assert!(trouble("x.csv", b"1,0\n1,x\n").starts_with("line 2, column 2 is \"x\", not a number"));
    assert!(
        trouble("x.csv", b"1,0\n1,nan\n")
            .starts_with("has a value that is no finite number in row 1, column 1")
    );
    assert!(trouble("x.csv", b"a,b\n").starts_with("is empty"));
    assert!(trouble("x.csv", b"1,\xff\n").starts_with("line 1, column 2 is \"\u{fffd}\", not a number"));
}

#[test]
fn what_is_no_file_of_messages_is_told() {
    let folder = folder();
    let told = |name: &str| {
        read(MessageFile::new(name, None, None).unwrap(), folder.path()).unwrap_err().to_string()
    };
    assert!(told("absent.npy").contains("absent.npy: cannot be opened"), "{}", told("absent.npy"));
    assert!(told("/etc/hostname").contains("is not relative to the definition's folder"));
    fs::create_dir(folder.path().join("dir")).unwrap();
    assert!(told("dir").contains("dir: is empty"));
    put(&folder, "dir/a.png", &png(2, &[0, 255]));
    put(&folder, "dir/b.png", &png(1, &[0, 255]));
    assert!(told("dir").contains("its picture b.png is 1 x 2, but a.png is 2 x 1"), "{}", told("dir"));
    put(&folder, "dir/b.png", b"# notes\n");
    assert!(told("dir").contains("holds b.png, which is no picture that is read"), "{}", told("dir"));
    fs::remove_file(folder.path().join("dir/b.png")).unwrap();
    fs::create_dir(folder.path().join("dir/more")).unwrap();
    assert!(told("dir").contains("holds more, which is no regular file"), "{}", told("dir"));
}

/// Opening a pipe would wait for its writer for ever.
#[cfg(unix)]
#[test]
fn a_pipe_is_not_opened() {
    let folder = folder();
    let pipe = folder.path().join("pipe.npy");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status().unwrap();
    assert!(made.success());
    let told =
        read(MessageFile::new("pipe.npy", None, None).unwrap(), folder.path()).unwrap_err().to_string();
    assert!(told.contains("pipe.npy: is neither a regular file nor a folder"), "{told}");
}

#[test]
fn another_content_is_another_source() {
    let folder = folder();
    put(&folder, "x.csv", b"0,1\n1,0\n");
    let file = read(MessageFile::new("x.csv", None, None).unwrap(), folder.path()).unwrap().file;
    assert_eq!(read(file, folder.path()).unwrap().file, file);
    put(&folder, "x.csv", b"0,1\n1,1\n");
    let told = read(file, folder.path()).unwrap_err().to_string();
    assert!(told.contains("holds something else: its content is"), "{told}");
    // Where it stands is known only if somebody said so.
    assert!(
        need(protocols::Source::File(file)).unwrap_err().to_string().contains("do not say where it stands")
    );
    stands_in(file, folder.path());
    assert!(!at_hand(protocols::Source::File(file)));
    put(&folder, "x.csv", b"0,1\n1,0\n");
    need(protocols::Source::File(file)).unwrap();
    assert_eq!(file.rows().unwrap().signs(), [-1, 1, 1, -1]);
}

/// A valid file of some format.
fn valid() -> impl Strategy<Value = (&'static str, Vec<u8>)> {
    let array = npy("|u1", "(3, 4)", ROWS.as_flattened());
    let files = vec![
        ("x.npz", npz(&[("a", &array)], zip::CompressionMethod::Deflated)),
        ("x.npy", array),
        ("x.idx", idx(8, &[3, 2, 2], ROWS.as_flattened())),
        ("x.gz", gz(&idx(8, &[3, 4], ROWS.as_flattened()))),
        ("x.png", png(4, &ROWS.as_flattened().iter().map(|bit| 255 * bit).collect::<Vec<_>>())),
        ("x.pbm", b"P4\n8 2\n\xa5\x0f".to_vec()),
        ("x.csv", b"1,0\n0,1\n".to_vec()),
    ];
    prop::sample::select(files)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn changed_bytes_never_panic(
        (name, mut bytes) in valid(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..5),
        cut in any::<prop::sample::Index>(),
        is_cut in any::<bool>(),
    ) {
        for (at, value) in changes {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        if is_cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        let content = content::Content::File(name.to_owned(), bytes);
        match content.numbers(None).and_then(|numbers| signs::of(numbers, Some(Threshold::Otsu))) {
            Ok((rows, told, _)) => prop_assert_eq!((rows.count(), rows.n()), (told.rows, told.units)),
            Err(trouble) => prop_assert!(!trouble.to_string().is_empty()),
        }
    }
}
