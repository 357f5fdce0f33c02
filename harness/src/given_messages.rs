//! This module reads the names of files of messages, and of their queries, that stand on the command line.

use anyhow::{Context, Result};
use protocols::Source;
use protocols::source::MessageFile;
use std::path::{Component, Path, PathBuf};

/// Returns a file of messages that is given by its path, or by the text of a source with one, and the folder in
/// which it stands. Queries and their targets are given by their paths, or in that text.
pub(crate) fn given(
    text: &str,
    queries: Option<&Path>,
    targets: Option<&Path>,
) -> Result<(MessageFile, PathBuf)> {
    let wrong = |reason| anyhow::anyhow!("{text}: {reason}; give the path of a file");
    let file = match text.starts_with("file(").then(|| text.parse::<Source>()) {
        Some(Ok(Source::File(file))) => file,
        Some(Err(error)) => return Err(wrong(error.to_string())),
        _ => MessageFile::new(text, None, None).map_err(wrong)?,
    };
    let path = Path::new(file.name());
    let name = path.file_name().and_then(|name| name.to_str()).context("this names no file of messages")?;
    let folder = path.parent().unwrap_or(Path::new(""));
    let seen_from = |path: Option<&Path>| path.map(|path| relative(path, folder)).transpose();
    let queries = seen_from(queries.or(file.queries().map(Path::new)))?;
    let targets = seen_from(targets.or(file.targets().map(Path::new)))?;
    let beside = MessageFile::new(name, file.entry(), file.threshold())
        .and_then(|file| file.with_queries(queries.as_deref(), targets.as_deref()))
        .map_err(wrong)?;
    let beside = file.content().map_or(beside, |content| beside.found(content));
    Ok((beside, folder.to_owned()))
}

/// Returns the path of a file as it is seen from a folder: definitions name files so.
fn relative(path: &Path, folder: &Path) -> Result<String> {
    let folder = if folder == Path::new("") { Path::new(".") } else { folder };
    let opened = |path: &Path| {
        path.canonicalize()
            .with_context(|| format!("{}: cannot be opened; give the path of a file", path.display()))
    };
    let (path, folder) = (opened(path)?, opened(folder)?);
    let common = path.components().zip(folder.components()).take_while(|(a, b)| a == b).count();
    let up = folder.components().skip(common).map(|_| Component::ParentDir);
    let seen: PathBuf = up.chain(path.components().skip(common)).collect();
    seen.to_str()
        .map(str::to_owned)
        .with_context(|| format!("{}: its path is no text; rename it", seen.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries_are_named_from_the_folder_of_their_messages() {
        let root = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(root.path().join("a/b")).unwrap();
        for name in ["a/b/x.npy", "a/q.npy"] {
            std::fs::write(root.path().join(name), "").unwrap();
        }
        let at = |name: &str| root.path().join(name);
        let (file, folder) = given(at("a/b/x.npy").to_str().unwrap(), Some(&at("a/q.npy")), None).unwrap();
        assert_eq!((file.name(), file.queries(), file.targets()), ("x.npy", Some("../q.npy"), None));
        assert_eq!(folder, at("a/b"));
        let text = format!("file({0}/a/q.npy queries={0}/a/b/x.npy)", root.path().display());
        assert_eq!(given(&text, None, None).unwrap().0.queries(), Some("b/x.npy"));
        let missing = given("x.npy", Some(&at("none.npy")), None).unwrap_err().to_string();
        assert!(missing.contains("none.npy: cannot be opened"), "{missing}");
        let alone = given("x.npy", None, Some(&at("a/q.npy"))).unwrap_err().to_string();
        assert!(alone.contains("there are no `queries`"), "{alone}");
    }
}
