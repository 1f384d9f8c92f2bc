//! How much work a folder is made into, so that it takes a few seconds on this machine.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;
use std::time::Duration;

use tokio::time::Instant;

use crate::archive::Archive;
use crate::files::{Selection, SourceFile};

/// How long one pack should take.
const AIM: f64 = 4.0;
/// What takes less than this is packed in several passes.
const SHORTEST: f64 = 3.0;
/// What would take longer than this is packed at a lower level, and at the lowest one only as
/// far as the time reaches.
const LONGEST: f64 = 5.0;

/// More than this is never packed: writing it could take a slow disk too long.
const MOST: u64 = 500_000_000;

/// The levels that are tried: smallest archive first, fastest last.
const LEVELS: [u32; 3] = [9, 6, 1];

/// A folder of up to this many bytes is measured whole, which is exact.
const SMALL: u64 = 4 * 1024 * 1024;

/// What opening one of very many files costs beside its bytes, roughly.
const SECONDS_PER_FILE: f64 = 10e-6;

/// How hard a folder is packed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Plan {
    /// From 1, fast, to 9, small.
    pub(crate) level: u32,
    /// How many times over.
    pub(crate) passes: u32,
    /// How many bytes of it, if not all.
    pub(crate) budget: Option<u64>,
}

impl Plan {
    /// Measures how fast this machine packs these files into `folder`, and decides.
    pub(crate) fn for_files(selection: &Selection, folder: &Path) -> io::Result<Self> {
        let samples = samples(selection);
        let mut scratch = tempfile::tempfile_in(folder)?;
        Self::decide(selection.bytes, selection.files.len(), |level| {
            bytes_per_second(&samples, level, &mut scratch)
        })
    }

    /// Decides from what is to be packed, and from how fast that goes at a level.
    fn decide(
        bytes: u64,
        files: usize,
        mut bytes_per_second: impl FnMut(u32) -> io::Result<f64>,
    ) -> io::Result<Self> {
        let most = bytes.min(MOST);
        let per_file = if bytes > SMALL { SECONDS_PER_FILE } else { 0.0 };
        let opening = files as f64 * per_file * (most as f64 / bytes as f64);
        let mut speed = 1.0;
        for level in LEVELS {
            speed = bytes_per_second(level)?;
            let seconds = most as f64 / speed + opening;
            if seconds <= LONGEST {
                let passes = if seconds < SHORTEST {
                    (AIM / seconds).ceil() as u32
                } else {
                    1
                };
                return Ok(Self {
                    level,
                    passes,
                    budget: (most < bytes).then_some(most),
                });
            }
        }
        Ok(Self {
            level: LEVELS[LEVELS.len() - 1],
            passes: 1,
            budget: Some(most.min((speed * AIM) as u64 + 1)),
        })
    }
}

/// A piece of a file to measure with.
struct Sample<'a> {
    file: &'a SourceFile,
    offset: u64,
    length: u64,
}

/// A small folder whole; of a bigger one, pieces in which each byte has the same chance to be.
fn samples(selection: &Selection) -> Vec<Sample<'_>> {
    const COUNT: u64 = 32;
    const LENGTH: u64 = 128 * 1024;

    if selection.bytes <= SMALL {
        return selection.files.iter().map(Sample::whole).collect();
    }
    let most = selection.bytes.min(MOST);
    let stride = most / COUNT;
    let mut samples = Vec::new();
    let mut end = 0;
    for file in &selection.files {
        let begin = end;
        end = most.min(begin + file.size);
        let length = file.size.min(LENGTH);
        for at in (begin.next_multiple_of(stride)..end).step_by(stride as usize) {
            samples.push(Sample {
                file,
                offset: (at - begin).min(file.size - length),
                length,
            });
        }
    }
    samples
}

/// Packs the samples again and again, for as long as it takes to be sure enough, and says how
/// fast the fastest round was: in the others something else had the processor or the disk. A
/// machine that seems slow and is not would be done before there is anything to watch.
fn bytes_per_second(samples: &[Sample<'_>], level: u32, scratch: &mut File) -> io::Result<f64> {
    const LONG_ENOUGH: Duration = Duration::from_millis(150);
    /// What any machine packs in about that time.
    const LITTLE: u64 = 1024 * 1024;
    /// The fewest rounds with so little.
    const ROUNDS: usize = 3;

    let little = samples.iter().map(|sample| sample.length).sum::<u64>() <= LITTLE;
    let start = Instant::now();
    let mut speeds = Vec::new();
    loop {
        scratch.set_len(0)?;
        scratch.rewind()?;
        let round_start = Instant::now();
        let mut archive = Archive::new(&*scratch, level);
        let mut bytes = 0;
        let mut whole = true;
        for sample in samples {
            // Whether a file can be read is for the activity to find out.
            bytes += sample.pack(&mut archive).unwrap_or(0);
            if !little && start.elapsed() >= LONG_ENOUGH {
                whole = false;
                break;
            }
        }
        archive.finish()?;
        // What was cut short counts only if there is nothing else.
        if whole || speeds.is_empty() {
            let elapsed = round_start.elapsed().as_secs_f64().max(1e-6);
            speeds.push(bytes.max(1) as f64 / elapsed);
        }
        if start.elapsed() >= LONG_ENOUGH && (!little || speeds.len() >= ROUNDS) {
            return Ok(speeds.into_iter().fold(1.0, f64::max));
        }
    }
}

impl<'a> Sample<'a> {
    fn whole(file: &'a SourceFile) -> Self {
        Self {
            file,
            offset: 0,
            length: file.size,
        }
    }

    fn pack(&self, archive: &mut Archive<impl io::Write>) -> io::Result<u64> {
        let mut file = File::open(&self.file.path)?;
        file.seek(SeekFrom::Start(self.offset))?;
        let mut content = vec![0; usize::try_from(self.length).unwrap_or(0)];
        file.read_exact(&mut content)?;
        archive.begin_file(&self.file.name, self.length)?;
        archive.add(&content)?;
        archive.end_file()?;
        Ok(self.length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MB: u64 = 1_000_000;

    /// 10 MB/s at level 9, 25 at level 6, 100 at level 1.
    fn decide(bytes: u64) -> Plan {
        let speed = |level| match level {
            9 => 1e7,
            6 => 2.5e7,
            _ => 1e8,
        };
        Plan::decide(bytes, 1, |level| Ok(speed(level))).unwrap()
    }

    fn plan(level: u32, passes: u32, budget: Option<u64>) -> Plan {
        Plan {
            level,
            passes,
            budget,
        }
    }

    #[test]
    fn a_small_folder_is_packed_several_times_over_at_the_highest_level() {
        assert_eq!(decide(MB), plan(9, 40, None));
        assert_eq!(decide(20 * MB), plan(9, 2, None));
    }

    #[test]
    fn what_takes_a_few_seconds_anyway_is_packed_once() {
        assert_eq!(decide(40 * MB), plan(9, 1, None));
    }

    #[test]
    fn a_bigger_folder_is_packed_at_a_lower_level() {
        assert_eq!(decide(120 * MB), plan(6, 1, None));
        assert_eq!(decide(400 * MB), plan(1, 1, None));
    }

    #[test]
    fn of_a_huge_folder_only_a_part_is_packed() {
        let fast = Plan::decide(5_000 * MB, 1, |_| Ok(1.5e8)).unwrap();
        assert_eq!(fast, plan(9, 1, Some(500 * MB)));
        let slow = Plan::decide(5_000 * MB, 1, |_| Ok(1e7)).unwrap();
        assert_eq!(slow, plan(1, 1, Some(40 * MB + 1)));
    }

    #[test]
    fn very_many_small_files_cost_more_than_their_bytes() {
        let passes = |files| Plan::decide(10 * MB, files, |_| Ok(1e8)).unwrap().passes;
        assert_eq!((passes(1), passes(40_000)), (40, 8));
    }

    fn selection(sizes: &[u64]) -> Selection {
        let file = |size: &u64| SourceFile {
            path: "/no/such/file".into(),
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
    fn a_small_folder_is_measured_whole() {
        let selection = selection(&[1, 0, 20_000, 300]);
        let lengths = samples(&selection).into_iter().map(|sample| sample.length);
        assert!(lengths.eq([1, 0, 20_000, 300]));
    }

    #[test]
    fn one_huge_file_is_measured_all_over() {
        let selection = selection(&[5_000 * MB]);
        let samples = samples(&selection);
        assert_eq!(samples.len(), 32);
        assert!(samples.iter().any(|sample| sample.offset > 480 * MB));
        assert!(
            samples
                .iter()
                .all(|sample| sample.offset + sample.length <= 501 * MB)
        );
    }

    #[test]
    fn files_that_cannot_be_read_are_left_to_the_activity() {
        let folder = tempfile::tempdir().unwrap();
        let plan = Plan::for_files(&selection(&[1, 2, 3]), folder.path()).unwrap();
        assert!(plan.passes >= 1);
    }
}
