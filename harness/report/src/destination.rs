//! Where the figures of a run go: a folder below that of all figures, whatever path names the results.

use anyhow::{Context, Result};
use std::path::{Component, Path};

/// The name under which figures of the results in `folder` are kept: as seen from `root` if they are below
/// it, such as `reference/quick`, and that of the folder itself elsewhere. It never leads out of a folder.
///
/// # Errors
/// If the folder is not there or has no name, as that at the top of all.
pub fn destination(root: &Path, folder: &Path) -> Result<String> {
    let inside = |path: &Path| -> Option<String> {
        let part = |part: Component<'_>| match part {
            Component::Normal(name) => Some(name.to_string_lossy().into_owned()),
            _ => None,
        };
        let parts = path.components().map(part).collect::<Option<Vec<String>>>()?;
        (!parts.is_empty()).then(|| parts.join("/"))
    };
    // A link below the root keeps the name that it has there.
    if let Some(name) = folder.strip_prefix(root).ok().and_then(inside) {
        return Ok(name);
    }
    let real = |path: &Path| {
        path.canonicalize().with_context(|| format!("cannot find the folder {}", path.display()))
    };
    let real_folder = real(folder)?;
    let below = real(root).ok().and_then(|root| real_folder.strip_prefix(root).ok().and_then(inside));
    let own = || real_folder.file_name().map(|name| name.to_string_lossy().into_owned());
    below.or_else(own).with_context(|| {
        format!(
            "{}: results in a folder without a name; move them into a folder and name that",
            folder.display()
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn figures_stay_in_their_folder_however_results_are_named() {
        let top = tempfile::tempdir().unwrap();
        let root = top.path().join("results");
        let other = top.path().join("real/t");
        for folder in [root.join("reference/quick"), other.clone()] {
            fs::create_dir_all(folder).unwrap();
        }
        let named = |name: &str| destination(&root, &root.join(name)).unwrap();
        assert_eq!(named("reference/quick"), "reference/quick");
        assert_eq!(named("reference/../reference/quick"), "reference/quick");
        assert_eq!(named("./reference/quick/"), "reference/quick");
        assert_eq!(named("../real/t"), "t");
        assert_eq!(named(other.to_str().unwrap()), "t");
        assert_eq!(named(root.join("reference/quick").to_str().unwrap()), "reference/quick");
        assert_eq!(destination(&other, &other.join("")).unwrap(), "t");
        assert!(destination(&root, &root.join("../nowhere")).is_err());
        assert!(destination(&root, Path::new("/")).is_err());
    }
}
