//! Where the workspace is, and which files it has.
//!
//! What is looked for in the files is `tidy`'s subject.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
};

/// Folders that hold what was built, installed or stored, not what was written. In a worktree `.git` is a file, which says
/// where on its machine the repository is.
const NOT_SOURCES: [&str; 5] = ["target", ".git", ".venv", "node_modules", "__pycache__"];

/// One file of the workspace that is text.
#[derive(Debug)]
pub(crate) struct TextFile {
    /// The path from the root, with `/` between its parts.
    pub(crate) path: String,
    /// The whole content.
    pub(crate) text: String,
}

impl TextFile {
    /// Whether this is Rust source.
    pub(crate) fn is_rust(&self) -> bool {
        Path::new(&self.path).extension().is_some_and(|extension| extension == "rs")
    }
}

/// The folder that holds the root manifest.
///
/// Cargo says where when it runs this program. Where it was compiled may be another checkout that shares the target folder.
pub(crate) fn root() -> PathBuf {
    let manifest = env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    Path::new(&manifest).parent().expect("xtask lies in the workspace's root").to_owned()
}

/// Every text file under `root`, sorted by path. Files that are not UTF-8 are left out.
///
/// # Errors
/// A folder or a file cannot be read; the message names it.
pub(crate) fn text_files(root: &Path) -> Result<Vec<TextFile>, String> {
    let mut files = Vec::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in entries(&folder).map_err(|error| format!("cannot list {}: {error}", folder.display()))? {
            let name = entry.file_name();
            if entry.path().is_symlink() || NOT_SOURCES.iter().any(|skipped| name == *skipped) {
                continue;
            }
            if entry.path().is_dir() {
                folders.push(entry.path());
                continue;
            }
            let bytes =
                fs::read(entry.path()).map_err(|error| format!("cannot read {}: {error}", entry.path().display()))?;
            if let Ok(text) = String::from_utf8(bytes) {
                files.push(TextFile { path: relative(root, &entry.path()), text });
            }
        }
    }
    files.sort_by(|left, right| left.path.cmp(&right.path));
    Ok(files)
}

fn entries(folder: &Path) -> io::Result<Vec<fs::DirEntry>> {
    fs::read_dir(folder)?.collect()
}

fn relative(root: &Path, path: &Path) -> String {
    let inside = path.strip_prefix(root).unwrap_or(path);
    let parts: Vec<_> = inside.components().map(|part| part.as_os_str().to_string_lossy()).collect();
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_files_are_those_of_this_workspace_and_nothing_that_was_built() {
        let files = text_files(&root()).unwrap();
        assert!(files.iter().any(|file| file.path == "xtask/src/workspace.rs"));
        let first = |file: &TextFile| file.path.split('/').next() == Some(".git") || file.path.starts_with("target/");
        assert!(!files.iter().any(first));
    }

    #[test]
    fn the_file_that_makes_a_folder_a_worktree_is_no_source() {
        let root = env::temp_dir().join(format!("xtask-worktree-{}", std::process::id()));
        fs::create_dir_all(&root).unwrap();
        fs::write(root.join(".git"), "gitdir: /somewhere").unwrap();
        fs::write(root.join(".gitignore"), "target").unwrap();
        let files = text_files(&root);
        fs::remove_dir_all(&root).unwrap();
        let paths: Vec<_> = files.unwrap().into_iter().map(|file| file.path).collect();
        assert_eq!(paths, [".gitignore"]);
    }
}
