//! Figures onto the disk.

use super::Drawn;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Writes `<name>.svg`, `<name>.png` and `<name>.csv` into `folder`, which is made if need be, and returns their paths.
/// Each file appears whole or not at all.
///
/// # Errors
/// If the folder or a file cannot be written; the error names it.
pub fn save(drawn: &Drawn, folder: &Path) -> io::Result<[PathBuf; 3]> {
    fs::create_dir_all(folder).map_err(|error| at(folder, &error))?;
    let files: [(&str, &[u8]); 3] =
        [("svg", drawn.svg.as_bytes()), ("png", &drawn.png), ("csv", drawn.csv.as_bytes())];
    let mut paths = [const { PathBuf::new() }; 3];
    for (path, (extension, bytes)) in paths.iter_mut().zip(files) {
        *path = folder.join(format!("{}.{extension}", drawn.name));
        replace(path, bytes).map_err(|error| at(path, &error))?;
    }
    Ok(paths)
}

/// Writes beside the file, then renames: a reader sees the old file or the new one.
fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(format!(".{}.part", std::process::id()));
    let beside = PathBuf::from(beside);
    let written = File::create(&beside).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()
    });
    let renamed = written.and_then(|()| fs::rename(&beside, path));
    if renamed.is_err() {
        // The error at hand says more than one about cleaning up.
        fs::remove_file(&beside).ok();
    }
    renamed
}

fn at(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn() -> Drawn {
        let text = String::from("text");
        Drawn {
            name: "load".to_owned(),
            alternative: text.clone(),
            svg: text.clone(),
            png: vec![1],
            csv: text,
        }
    }

    #[test]
    fn three_files_and_nothing_beside_them() {
        let folder = tempfile::tempdir().unwrap();
        for _ in 0..2 {
            let paths = save(&drawn(), &folder.path().join("new")).unwrap();
            assert!(paths.iter().all(|path| path.is_file()));
            assert_eq!(fs::read_dir(folder.path().join("new")).unwrap().count(), 3);
        }
    }

    #[test]
    fn an_error_names_the_file() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("load.svg")).unwrap();
        let error = save(&drawn(), folder.path()).unwrap_err();
        assert!(error.to_string().contains("load.svg"), "{error}");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
