//! What was typed after the program's name, and the mistakes in it.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use crate::mistake::Mistake;

/// What `--help` prints.
pub(crate) const HELP: &str = "\
Packs a folder through an activity worker, twice: once to the end, once until half way.

usage: cargo run --release --bin quickstart [-- DIR]

  DIR       the folder to pack; the project's own tree if it is left out.
            It is only read. What git would ignore in it is left out.
  --help    prints this

The archive goes to a temporary folder, whose path is printed.
Ctrl-C cancels what is being packed; a second Ctrl-C stops at once.
It ends with 0 if all went well, 1 if there was nothing to pack or it failed, 2 if the
arguments are wrong, 130 if Ctrl-C ended it before the second activity.";

/// What is asked for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Arguments {
    /// The help text.
    Help,
    /// To pack this folder.
    Pack(PathBuf),
}

impl Arguments {
    /// Reads the words after the program's name.
    pub(crate) fn parse(words: impl IntoIterator<Item = OsString>) -> Result<Self, Mistake> {
        let mut folder = None;
        let mut options = true;
        for word in words {
            match word.to_str() {
                Some("--help" | "-h") if options => return Ok(Self::Help),
                Some("--") if options => options = false,
                Some(option) if options && option.starts_with('-') => {
                    return Err(Mistake::usage(
                        format!("there is no option `{option}`"),
                        "for a folder of that name, type `-- ./NAME`; `-- --help` says what there is",
                    ));
                }
                _ if folder.is_some() => {
                    return Err(Mistake::usage(
                        "more than one folder was given",
                        "give one; put quotes around a name that has spaces in it",
                    ));
                }
                _ => folder = Some(PathBuf::from(word)),
            }
        }
        folder
            .map_or_else(own_tree, |folder| existing_folder(&folder))
            .map(Self::Pack)
    }
}

/// The folder in its full form, so that messages and the activity's input do not depend on
/// where the program was started.
fn existing_folder(folder: &Path) -> Result<PathBuf, Mistake> {
    let shown = folder.display();
    let metadata = fs::metadata(folder).map_err(|error| {
        Mistake::usage(
            format!("cannot open the folder `{shown}`: {error}"),
            "give a folder that exists and that you may read",
        )
    })?;
    if !metadata.is_dir() {
        let parent = folder
            .parent()
            .filter(|parent| !parent.as_os_str().is_empty())
            .unwrap_or_else(|| Path::new("."));
        return Err(Mistake::usage(
            format!("`{shown}` is a file, not a folder"),
            format!("give the folder that it lies in: `{}`", parent.display()),
        ));
    }
    let folder = fs::canonicalize(folder).map_err(|error| {
        Mistake::usage(
            format!("cannot open the folder `{shown}`: {error}"),
            "give a folder that exists and that you may read",
        )
    })?;
    if folder.to_str().is_none() {
        return Err(Mistake::usage(
            format!("the path `{}` is not UTF-8", folder.display()),
            "the path travels to the activity as JSON: rename the folder, or give another",
        ));
    }
    Ok(folder)
}

/// The project that this program was built from; where it is gone, the current folder.
fn own_tree() -> Result<PathBuf, Mistake> {
    let project = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    if project.join("Cargo.toml").is_file() {
        existing_folder(&project)
    } else {
        existing_folder(Path::new("."))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(words: &[&str]) -> Result<Arguments, Mistake> {
        Arguments::parse(words.iter().map(OsString::from))
    }

    #[test]
    fn without_a_folder_the_projects_own_tree_is_packed() {
        let Ok(Arguments::Pack(folder)) = parse(&[]) else {
            panic!("no folder");
        };
        assert!(folder.join("examples/Cargo.toml").is_file());
    }

    #[test]
    fn help_is_found_beside_anything() {
        assert_eq!(parse(&["--help"]).unwrap(), Arguments::Help);
        assert_eq!(parse(&["no such folder", "-h"]).unwrap(), Arguments::Help);
    }

    #[test]
    fn a_missing_folder_is_named() {
        let mistake = parse(&["/no/such/folder"]).unwrap_err();
        assert!(
            mistake.to_string().contains("`/no/such/folder`"),
            "{mistake}"
        );
    }

    #[test]
    fn for_a_file_the_folder_that_it_lies_in_is_offered() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file.txt");
        fs::write(&file, "text").unwrap();
        let mistake = parse(&[file.to_str().unwrap()]).unwrap_err().to_string();
        assert!(mistake.contains("is a file, not a folder"), "{mistake}");
        assert!(
            mistake.contains(folder.path().to_str().unwrap()),
            "{mistake}"
        );
    }

    #[test]
    fn two_folders_are_one_too_many() {
        let mistake = parse(&["/", "/"]).unwrap_err().to_string();
        assert!(mistake.contains("more than one folder"), "{mistake}");
    }

    #[test]
    fn an_option_that_does_not_exist_is_not_taken_for_a_folder() {
        let mistake = parse(&["--level=9"]).unwrap_err().to_string();
        assert!(mistake.contains("`--level=9`"), "{mistake}");
    }

    #[test]
    fn after_two_dashes_a_word_is_a_folder() {
        let mistake = parse(&["--", "--help"]).unwrap_err().to_string();
        assert!(
            mistake.contains("cannot open the folder `--help`"),
            "{mistake}"
        );
    }
}
