//! The archive's format: a tar, compressed with gzip, and a digest of all that passes through.

use std::fmt::Write as _;
use std::io::{self, Write};
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest as _, Sha256};

/// A tar's unit: every file's content is filled up with zeros to a multiple of it.
const BLOCK: u64 = 512;

/// An archive that is being written, one file after another and each chunk by chunk.
///
/// tar's own functions read a file to its end in one go. Here the loop over the chunks is the
/// caller's, which can so report its progress and be cancelled between any two of them.
pub(crate) struct Archive<W: Write> {
    tar: tar::Builder<GzEncoder<Digesting<W>>>,
    content: Sha256,
    length: u64,
}

impl<W: Write> Archive<W> {
    /// An empty archive; `level` goes from 1, fast, to 9, small.
    pub(crate) fn new(out: W, level: u32) -> Self {
        let out = Digesting::new(out);
        Self {
            tar: tar::Builder::new(GzEncoder::new(out, Compression::new(level))),
            content: Sha256::new(),
            length: 0,
        }
    }

    /// Begins a file. Its content must have exactly `size` bytes.
    pub(crate) fn begin_file(&mut self, name: &Path, size: u64) -> io::Result<()> {
        // No owner and no time: the same content gives the same archive on every machine.
        let mut header = tar::Header::new_gnu();
        header.set_mode(0o644);
        header.set_mtime(0);
        header.set_size(size);
        self.content = Sha256::new();
        self.length = 0;
        self.tar.append_data(&mut header, name, io::empty())
    }

    /// Adds the next chunk of the file.
    pub(crate) fn add(&mut self, chunk: &[u8]) -> io::Result<()> {
        self.content.update(chunk);
        self.length += chunk.len() as u64;
        self.tar.get_mut().write_all(chunk)
    }

    /// Ends the file and gives its digest.
    pub(crate) fn end_file(&mut self) -> io::Result<Digest> {
        let padding = self.length.next_multiple_of(BLOCK) - self.length;
        let zeros = [0; BLOCK as usize];
        self.tar.get_mut().write_all(&zeros[..padding as usize])?;
        Ok(Digest(self.content.finalize_reset().into()))
    }

    /// Ends the archive and says how long it is, with its digest.
    pub(crate) fn finish(self) -> io::Result<(u64, Digest)> {
        let mut out = self.tar.into_inner()?.finish()?;
        out.inner.flush()?;
        Ok((out.length, Digest(out.sha.finalize().into())))
    }
}

/// A SHA-256 digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Digest([u8; 32]);

impl Digest {
    /// As `sha256sum` writes it.
    pub(crate) fn to_hex(self) -> String {
        self.0.iter().fold(String::new(), |mut hex, byte| {
            // Writing to a string cannot fail.
            let _ = write!(hex, "{byte:02x}");
            hex
        })
    }
}

/// Passes everything on and keeps its digest and its length.
struct Digesting<W> {
    inner: W,
    sha: Sha256,
    length: u64,
}

impl<W> Digesting<W> {
    fn new(inner: W) -> Self {
        Self {
            inner,
            sha: Sha256::new(),
            length: 0,
        }
    }
}

impl<W: Write> Write for Digesting<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.sha.update(&bytes[..written]);
        self.length += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    fn archive(files: &[(&str, &[u8])]) -> (Vec<u8>, Vec<Digest>, u64, Digest) {
        let mut out = Vec::new();
        let mut archive = Archive::new(&mut out, 6);
        let mut digests = Vec::new();
        for (name, content) in files {
            archive
                .begin_file(Path::new(name), content.len() as u64)
                .unwrap();
            for chunk in content.chunks(100) {
                archive.add(chunk).unwrap();
            }
            digests.push(archive.end_file().unwrap());
        }
        let (length, digest) = archive.finish().unwrap();
        (out, digests, length, digest)
    }

    #[test]
    fn what_is_packed_can_be_unpacked() {
        let long_name = format!("{}/file", "folder/".repeat(40));
        let exact = [7; 1024];
        let files: [(&str, &[u8]); 4] = [
            ("empty", b""),
            ("a/text", b"some text"),
            (&long_name, &[42; 1000]),
            ("exact", &exact),
        ];
        let (out, ..) = archive(&files);

        let mut unpacked = tar::Archive::new(flate2::read::GzDecoder::new(&out[..]));
        let mut entries = unpacked.entries().unwrap();
        for (name, content) in files {
            let mut entry = entries.next().unwrap().unwrap();
            assert_eq!(
                entry.path().unwrap(),
                Path::new(name).components().as_path()
            );
            let mut read = Vec::new();
            entry.read_to_end(&mut read).unwrap();
            assert_eq!(read, content);
        }
        assert!(entries.next().is_none());
    }

    #[test]
    fn the_digests_are_those_of_each_file_and_of_the_whole() {
        let (out, digests, length, digest) = archive(&[("abc", b"abc")]);
        assert_eq!(
            digests[0].to_hex(),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
        assert_eq!(length, out.len() as u64);
        assert_eq!(digest, Digest(Sha256::digest(&out).into()));
    }

    #[test]
    fn the_same_content_gives_the_same_archive() {
        let files: [(&str, &[u8]); 1] = [("abc", b"abc")];
        assert_eq!(archive(&files).0, archive(&files).0);
    }
}
