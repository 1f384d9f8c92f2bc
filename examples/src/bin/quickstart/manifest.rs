//! The list of every packed file's digest, as `sha256sum` writes and checks it.

use std::io::{self, Write};
use std::path::Path;

use crate::archive::Digest;
use crate::files::SourceFile;

/// Writes one line a file. Check them with `cd DIR && sha256sum -c MANIFEST`.
pub(crate) fn write(
    mut out: impl Write,
    files: &[SourceFile],
    digests: &[Digest],
) -> io::Result<()> {
    for (file, digest) in files.iter().zip(digests) {
        if file.cut {
            writeln!(out, "# only the first {} bytes of the next one:", file.size)?;
        }
        write_line(&mut out, &file.name, *digest)?;
    }
    out.flush()
}

/// A name with a line break in it is escaped, and the line then begins with a backslash.
fn write_line(out: &mut impl Write, name: &Path, digest: Digest) -> io::Result<()> {
    let name = name.as_os_str().as_encoded_bytes();
    let escape = name.iter().any(|byte| b"\\\n\r".contains(byte));
    if escape {
        out.write_all(b"\\")?;
    }
    write!(out, "{}  ", digest.to_hex())?;
    for byte in name {
        match byte {
            b'\\' => out.write_all(b"\\\\")?,
            b'\n' => out.write_all(b"\\n")?,
            b'\r' => out.write_all(b"\\r")?,
            byte => out.write_all(&[*byte])?,
        }
    }
    out.write_all(b"\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::archive::Archive;

    fn manifest(name: &str, cut: bool) -> String {
        let mut archive = Archive::new(io::sink(), 1);
        archive.begin_file(Path::new("abc"), 3).unwrap();
        archive.add(b"abc").unwrap();
        let digest = archive.end_file().unwrap();
        let file = SourceFile {
            path: name.into(),
            name: name.into(),
            size: 3,
            cut,
        };
        let mut out = Vec::new();
        write(&mut out, &[file], &[digest]).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_line_is_a_digest_and_a_name() {
        assert_eq!(
            manifest("a/b c", false),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  a/b c\n"
        );
    }

    #[test]
    fn a_name_with_a_line_break_stays_on_its_line() {
        let manifest = manifest("a\nb\\c", false);
        assert!(manifest.starts_with("\\ba78"), "{manifest}");
        assert!(manifest.ends_with("  a\\nb\\\\c\n"), "{manifest}");
    }

    #[test]
    fn a_cut_file_is_said_to_be_cut() {
        assert!(manifest("a", true).starts_with("# only the first 3 bytes"));
    }
}
