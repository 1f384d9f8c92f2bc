//! Looks at the folder: what is there to pack, and how much work is that here?

use std::path::Path;

use crate::files::Selection;
use crate::mistake::{Mistake, with_sources};
use crate::plan::Plan;
use crate::screen::{bytes, count};

/// Decides how the folder is packed, and says so in words. `workplace` is where the archive
/// will go.
pub(crate) fn survey(folder: &Path, workplace: &Path) -> Result<(Plan, String), Mistake> {
    let shown = folder.display();
    let found = Selection::of(folder, workplace, None).map_err(|error| {
        Mistake::failed(
            with_sources(&error),
            "make it readable, or give another folder: `-- DIR`",
        )
    })?;
    if found.bytes == 0 {
        let what = if found.files.is_empty() {
            format!("there are no files to pack in `{shown}`")
        } else {
            format!("all files in `{shown}` are empty")
        };
        return Err(Mistake::failed(
            what,
            "give a folder with something in it: `-- DIR`; what git would ignore, and links, do not count",
        ));
    }
    let plan = Plan::for_files(&found, workplace).map_err(|error| {
        Mistake::failed(
            format!("cannot write to `{}`: {error}", workplace.display()),
            "set TMPDIR to a folder with room in it",
        )
    })?;
    let description = describe(&plan, found);
    Ok((plan, description))
}

fn describe(plan: &Plan, found: Selection) -> String {
    let first = if found.more { "the first " } else { "" };
    let mut lines = vec![format!(
        "  {first}{}, {}; links, and what git would ignore, are left out.",
        count(found.files.len() as u64, "file"),
        bytes(found.bytes)
    )];
    if let Some(budget) = plan.budget {
        let kept = found.within(budget);
        lines.push(format!(
            "  That is a lot for a demonstration: packing {}, leaving out {}.",
            count(kept.files.len() as u64, "file"),
            count(kept.left_out as u64, "file"),
        ));
        if let Some(cut) = kept.files.last().filter(|file| file.cut) {
            lines.push(format!(
                "  Of the last one, `{}`, only the first {} are packed.",
                cut.name.display(),
                bytes(cut.size)
            ));
        }
    }
    if plan.passes > 1 {
        lines.push(format!(
            "  That takes no time: it is packed {} times over, to have something to watch.",
            plan.passes
        ));
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::SourceFile;

    fn found(sizes: &[u64]) -> Selection {
        let file = |size: &u64| SourceFile {
            path: "file".into(),
            name: "file".into(),
            size: *size,
            cut: false,
        };
        Selection {
            files: sizes.iter().map(file).collect(),
            bytes: sizes.iter().sum(),
            ..Selection::default()
        }
    }

    #[test]
    fn what_a_huge_folder_loses_is_said() {
        let plan = Plan {
            level: 1,
            passes: 1,
            budget: Some(2_500),
        };
        assert_eq!(
            describe(&plan, found(&[2_000, 2_000, 2_000, 2_000])),
            "  4 files, 8.00 kB; links, and what git would ignore, are left out.
  That is a lot for a demonstration: packing 2 files, leaving out 2 files.
  Of the last one, `file`, only the first 500 B are packed."
        );
    }

    #[test]
    fn that_a_small_folder_is_packed_over_and_over_is_said() {
        let plan = Plan {
            level: 9,
            passes: 40,
            budget: None,
        };
        let text = describe(&plan, found(&[1]));
        assert!(
            text.contains("1 file, 1 B;") && text.contains("40 times over"),
            "{text}"
        );
    }

    #[test]
    fn an_empty_folder_and_a_folder_of_empty_files_are_told_apart() {
        let folder = tempfile::tempdir().unwrap();
        let mistake = |()| {
            survey(folder.path(), Path::new("/tmp"))
                .unwrap_err()
                .to_string()
        };
        assert!(mistake(()).contains("no files to pack"));
        std::fs::write(folder.path().join("empty"), "").unwrap();
        assert!(mistake(()).contains("are empty"));
    }
}
