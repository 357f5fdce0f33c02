//! Figures are saved as files, each whole or not at all.

use crate::drawn::Drawn;
use anyhow::Context;
use base::atomic;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Writes `<name>.svg`, `.png`, `.pdf` and `.csv` into `folder` and returns their paths.
///
/// The folder is made if need be. Each file appears whole or not at all.
///
/// # Errors
/// If the folder or a file cannot be written; the error names it.
pub fn save(drawn: &Drawn, folder: &Path) -> anyhow::Result<[PathBuf; 4]> {
    fs::create_dir_all(folder).with_context(|| format!("{}: the folder cannot be made", folder.display()))?;
    let path = |extension: &str| folder.join(format!("{}.{extension}", drawn.name));
    let paths = ["svg", "png", "pdf", "csv"].map(path);
    let (png, pdf) = (drawn.png()?, drawn.pdf()?);
    for (path, bytes) in paths.iter().zip([drawn.svg.as_bytes(), &png, &pdf, drawn.csv.as_bytes()]) {
        atomic::write(path, |file| file.write_all(bytes))?;
    }
    Ok(paths)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_files_and_nothing_beside_them() {
        let svg =
            r#"<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><text y="9">N</text></svg>"#;
        let text = String::from("text");
        let name = String::from("load");
        let parameters = Vec::new();
        let drawn = Drawn {
            name,
            alternative: text.clone(),
            parameters,
            finding: String::new(),
            svg: svg.to_owned(),
            csv: text,
        };
        let folder = tempfile::tempdir().unwrap();
        for _ in 0..2 {
            let paths = save(&drawn, &folder.path().join("new")).unwrap();
            assert!(paths.iter().all(|path| path.is_file()));
            assert!(fs::read(&paths[2]).unwrap().starts_with(b"%PDF-"));
            assert_eq!(fs::read_dir(folder.path().join("new")).unwrap().count(), 4);
        }
    }
}
