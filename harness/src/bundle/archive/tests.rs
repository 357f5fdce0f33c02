use super::*;
use std::io::Write;
use tempfile::TempDir;

/// An archive of these entries, whose names are written as they are.
fn archive(entries: &[(&str, EntryType, &[u8])]) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.tar.zst");
    let mut tar = Builder::new(zstd::Encoder::new(File::create(&path).unwrap(), 3).unwrap());
    for (name, kind, bytes) in entries {
        let mut header = Header::new_gnu();
        header.set_entry_type(*kind);
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
        if matches!(kind, EntryType::Symlink | EntryType::Link) {
            header.set_link_name("/etc/passwd").unwrap();
        }
        header.set_cksum();
        tar.append(&header, *bytes).unwrap();
    }
    tar.into_inner().unwrap().finish().unwrap();
    (folder, path)
}

fn refusal(path: &Path) -> String {
    let folder = tempfile::tempdir().unwrap();
    format!("{:#}", unpack(path, folder.path()).unwrap_err())
}

#[test]
fn what_is_packed_is_unpacked_and_the_same_files_give_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let (one, two) = (folder.path().join("one"), folder.path().join("two"));
    let long = format!("deep/{}/{}", "d".repeat(90), "f".repeat(90));
    for (root, names) in [(&one, ["b", "a/c", long.as_str()]), (&two, [long.as_str(), "a/c", "b"])] {
        for name in names {
            fs::create_dir_all(root.join(name).parent().unwrap()).unwrap();
            fs::write(root.join(name), name).unwrap();
        }
    }
    let out = [&one, &two].map(|root| root.with_extension("tar.zst"));
    pack(&one, &out[0], 1_700_000_000).unwrap();
    pack(&two, &out[1], 1_700_000_000).unwrap();
    assert_eq!(fs::read(&out[0]).unwrap(), fs::read(&out[1]).unwrap());
    let there = folder.path().join("there");
    fs::create_dir(&there).unwrap();
    unpack(&out[0], &there).unwrap();
    assert_eq!(files(&there).unwrap(), files(&one).unwrap());
    assert_eq!(fs::read_to_string(there.join(&long)).unwrap(), long);
}

#[test]
fn names_that_lead_out_links_and_devices_are_refused() {
    for name in ["../x", "a/../../x", "/etc/x", "a\\..\\x", "C:x", "a\nb"] {
        let (_folder, path) = archive(&[(name, EntryType::Regular, b"x")]);
        assert!(refusal(&path).contains("refused"), "{name}: {}", refusal(&path));
    }
    for kind in [EntryType::Symlink, EntryType::Link, EntryType::Fifo, EntryType::Char, EntryType::Block] {
        let (_folder, path) = archive(&[("x", kind, b"")]);
        assert!(refusal(&path).contains("plain files alone"), "{kind:?}: {}", refusal(&path));
    }
    let (_folder, path) = archive(&[("x", EntryType::Regular, b"1"), ("X", EntryType::Regular, b"2")]);
    assert!(refusal(&path).contains("twice"));
}

#[test]
fn folders_and_a_leading_dot_are_as_good_as_none() {
    let (folder, path) = archive(&[("./", EntryType::Directory, b""), ("./a/b", EntryType::Regular, b"1")]);
    let there = folder.path().join("there");
    fs::create_dir(&there).unwrap();
    unpack(&path, &there).unwrap();
    assert_eq!(files(&there).unwrap(), BTreeSet::from(["a/b".to_owned()]));
}

#[test]
fn what_is_cut_off_changed_empty_or_another_file_is_told() {
    let content: Vec<u8> =
        (0..200_000_u32).flat_map(|i| i.wrapping_mul(2_654_435_761).to_le_bytes()).collect();
    let (folder, path) = archive(&[("x", EntryType::Regular, &content)]);
    let whole = fs::read(&path).unwrap();
    for length in [5, whole.len() / 2, whole.len() - 1] {
        fs::write(&path, &whole[..length]).unwrap();
        assert!(refusal(&path).contains("damaged, cut off"), "{length}: {}", refusal(&path));
    }
    fs::write(&path, [&whole[..], b"more"].concat()).unwrap();
    assert!(refusal(&path).contains("damaged"), "{}", refusal(&path));
    for other in [&b""[..], b"PK\x03\x04 a zip", b"question = \"?\""] {
        fs::write(&path, other).unwrap();
        assert!(refusal(&path).contains("is no bundle"), "{}", refusal(&path));
    }
    assert!(refusal(folder.path()).contains("is no file") || cfg!(windows));
    assert!(refusal(&folder.path().join("none")).contains("cannot be opened"));
    let (_folder, path) = archive(&[]);
    assert!(refusal(&path).contains("holds no file"));
}

#[test]
fn what_grows_beyond_measure_is_refused_before_it_fills_the_disk() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.tar.zst");
    let mut encoder = zstd::Encoder::new(File::create(&path).unwrap(), 3).unwrap();
    let mut header = Header::new_gnu();
    header.set_path("zeros").unwrap();
    header.set_entry_type(EntryType::Regular);
    let size = 4 * ALLOWANCE;
    header.set_size(size);
    header.set_cksum();
    encoder.write_all(header.as_bytes()).unwrap();
    io::copy(&mut io::repeat(0).take(size + 1024), &mut encoder).unwrap();
    encoder.finish().unwrap();
    let there = folder.path().join("there");
    fs::create_dir(&there).unwrap();
    let error = format!("{:#}", unpack(&path, &there).unwrap_err());
    assert!(error.contains("unpacks to more than"), "{error}");
    assert!(fs::metadata(there.join("zeros")).unwrap().len() < 2 * ALLOWANCE);
}
