//! This module saves figures as files, each whole or not at all.

use crate::drawn::Drawn;
use crate::error::FigureError;
use anyhow::Context;
use base::atomic;
use std::collections::HashMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

/// `FileNames` hold the names of the files that figures have taken in one folder, before anything is written.
///
/// How many pages a figure has is known when it is drawn: the second of `map` and a figure `map-2` are one
/// file.
#[derive(Clone, Debug, Default)]
pub struct FileNames {
    /// The figure that has a name, by the name in small letters: to file systems, capitals may be the same.
    taken: HashMap<String, String>,
}

impl FileNames {
    /// Takes the names of a figure's pages.
    ///
    /// # Errors
    /// If another figure, or page, has one of them.
    pub fn take(&mut self, figure: &str, pages: &[Drawn]) -> Result<(), FigureError> {
        for page in pages {
            if let Some(first) = self.taken.insert(page.name.to_lowercase(), figure.to_owned()) {
                let (second, file) = (figure.to_owned(), page.name.clone());
                return Err(FigureError::SameFile { first, second, file });
            }
        }
        Ok(())
    }
}

/// Writes `<name>.svg`, `.png`, `.pdf`, `.csv`, and the caption as `.txt` and `.tex` into `folder`, and returns their
/// paths.
///
/// The folder is made if need be. Each file appears whole or not at all.
///
/// # Errors
/// If the folder or a file cannot be written; the error names it.
pub fn save(drawn: &Drawn, folder: &Path) -> anyhow::Result<[PathBuf; 6]> {
    fs::create_dir_all(folder).with_context(|| format!("{}: the folder cannot be made", folder.display()))?;
    let path = |extension: &str| folder.join(format!("{}.{extension}", drawn.name));
    let paths = ["svg", "png", "pdf", "csv", "txt", "tex"].map(path);
    let (png, pdf) = (drawn.png()?, drawn.pdf()?);
    let (text, tex) = (drawn.caption_text(), drawn.caption_tex());
    let contents = [drawn.svg.as_bytes(), &png, &pdf, drawn.csv.as_bytes(), text.as_bytes(), tex.as_bytes()];
    for (path, bytes) in paths.iter().zip(contents) {
        atomic::write(path, |file| file.write_all(bytes))?;
    }
    Ok(paths)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(name: &str) -> Drawn {
        let svg =
            r#"<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><text y="9">N</text></svg>"#;
        let text = String::from("text");
        Drawn {
            name: name.to_owned(),
            alternative: text.clone(),
            parameters: Vec::new(),
            finding: String::new(),
            caption: vec![text.clone()],
            label: String::from("fig:n"),
            svg: svg.to_owned(),
            csv: text,
        }
    }

    #[test]
    fn no_figure_takes_the_files_of_another() {
        let mut names = FileNames::default();
        assert_eq!(names.take("hm", &[page("hm"), page("hm-2")]), Ok(()));
        assert_eq!(names.take("other", &[page("other")]), Ok(()));
        for (figure, name) in [("hm-2", "hm-2"), ("HM-2", "HM-2"), ("Other", "Other")] {
            let error = names.clone().take(figure, &[page(name)]).unwrap_err().to_string();
            let first = if figure == "Other" { "\"other\"" } else { "\"hm\"" };
            assert!(error.contains(first) && error.contains(&format!("{figure:?}")), "{error}");
            assert!(error.contains("Rename one of them"), "{error}");
        }
    }

    #[test]
    fn six_files_and_nothing_beside_them() {
        let drawn = page("load");
        let folder = tempfile::tempdir().unwrap();
        for _ in 0..2 {
            let paths = save(&drawn, &folder.path().join("new")).unwrap();
            assert!(paths.iter().all(|path| path.is_file()));
            assert!(fs::read(&paths[2]).unwrap().starts_with(b"%PDF-"));
            assert_eq!(fs::read_dir(folder.path().join("new")).unwrap().count(), 6);
        }
    }
}
