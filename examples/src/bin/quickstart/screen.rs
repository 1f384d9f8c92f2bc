//! What the person sees: lines of text and, on a terminal, a progress bar.

use std::fmt::Display;
use std::io::{self, IsTerminal, Write};
use std::time::Duration;

use indicatif::{DecimalBytes, ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::pack::Progress;

/// The standard output. What is no terminal gets plain lines without control characters.
pub(crate) struct Screen {
    out: Box<dyn Write + Send>,
    terminal: bool,
    bar: Option<ProgressBar>,
    /// Where there is no bar: the last ten per cent that had a line.
    tens: Option<u64>,
}

impl Screen {
    /// The standard output.
    pub(crate) fn stdout() -> Self {
        let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        Self::new(io::stdout(), io::stdout().is_terminal() && !dumb)
    }

    fn new(out: impl Write + Send + 'static, terminal: bool) -> Self {
        Self {
            out: Box::new(out),
            terminal,
            bar: None,
            tens: None,
        }
    }

    /// Writes a line, above the bar if there is one.
    pub(crate) fn say(&mut self, line: impl Display) {
        let out = &mut self.out;
        // Whoever closes the pipe (`| head`) has seen enough: that is no error.
        let mut write = || {
            let _ = writeln!(out, "{line}").and_then(|()| out.flush());
        };
        match &self.bar {
            Some(bar) => bar.suspend(write),
            None => write(),
        }
    }

    /// Begins a bar.
    pub(crate) fn begin(&mut self) {
        self.tens = None;
        if self.terminal {
            let bar = ProgressBar::with_draw_target(Some(1000), ProgressDrawTarget::stdout());
            let style = ProgressStyle::with_template("  [{bar:24}] {percent:>3} %  {msg}");
            bar.set_style(
                style
                    .unwrap_or_else(|_| ProgressStyle::default_bar())
                    .progress_chars("=> "),
            );
            self.bar = Some(bar);
        }
    }

    /// Shows what the service learned with its `count`th heartbeat.
    pub(crate) fn heartbeat(&mut self, progress: &Progress, count: u64) {
        let line = describe(progress, count);
        if let Some(bar) = &self.bar {
            bar.set_position(progress.per_mille());
            bar.set_message(line);
            return;
        }
        let tens = progress.per_mille() / 100;
        if self.tens.is_none_or(|shown| shown < tens) {
            self.tens = Some(tens);
            self.say(format_args!("  {:>3} %  {line}", progress.per_mille() / 10));
        }
    }

    /// Ends the bar: full if the work is done, else where it stands.
    pub(crate) fn end(&mut self, done: bool) {
        if let Some(bar) = self.bar.take() {
            if done {
                bar.set_position(1000);
            }
            bar.abandon();
        }
    }
}

/// One heartbeat in words; short enough for a line of 80 with a bar before it.
fn describe(progress: &Progress, count: u64) -> String {
    let Progress { pass, passes, .. } = progress;
    let done = DecimalBytes(progress.bytes);
    let all = DecimalBytes(progress.bytes_total);
    format!("{done} of {all}, pass {pass}/{passes}, heartbeat {count}")
}

/// A duration for people.
pub(crate) fn seconds(duration: Duration) -> String {
    if duration < Duration::from_secs(1) {
        format!("{} ms", duration.as_millis())
    } else {
        format!("{:.1} s", duration.as_secs_f64())
    }
}

/// A number of bytes for people.
pub(crate) fn bytes(count: u64) -> String {
    DecimalBytes(count).to_string()
}

/// A number of things, in the singular where it is one.
pub(crate) fn count(number: u64, thing: &str) -> String {
    if number == 1 {
        format!("1 {thing}")
    } else {
        format!("{number} {thing}s")
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    /// A screen that is no terminal, and what is written on it.
    #[derive(Clone, Default)]
    pub(crate) struct Paper(Arc<Mutex<Vec<u8>>>);

    impl Paper {
        pub(crate) fn screen(&self) -> Screen {
            Screen::new(self.clone(), false)
        }

        pub(crate) fn text(&self) -> String {
            String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
        }
    }

    impl Write for Paper {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn progress(bytes: u64) -> Progress {
        Progress {
            pass: 1,
            passes: 2,
            bytes,
            bytes_total: 1000,
        }
    }

    #[test]
    fn without_a_terminal_there_is_a_plain_line_for_every_ten_per_cent() {
        let paper = Paper::default();
        let mut screen = paper.screen();
        screen.begin();
        for beat in 0..=100 {
            screen.heartbeat(&progress(beat * 10), beat + 1);
        }
        screen.end(true);
        let text = paper.text();
        assert_eq!(text.lines().count(), 11, "{text}");
        assert!(
            text.starts_with("    0 %  0 B of 1.00 kB, pass 1/2, heartbeat 1\n"),
            "{text}"
        );
        assert!(
            !text.contains(|c: char| c.is_control() && c != '\n'),
            "{text}"
        );
    }

    #[test]
    fn a_second_bar_begins_at_its_own_beginning() {
        let paper = Paper::default();
        let mut screen = paper.screen();
        for _ in 0..2 {
            screen.begin();
            screen.heartbeat(&progress(500), 1);
            screen.end(false);
        }
        assert_eq!(paper.text().lines().count(), 2);
    }

    #[test]
    fn words_for_people() {
        assert_eq!(seconds(Duration::from_millis(87)), "87 ms");
        assert_eq!(seconds(Duration::from_millis(4_260)), "4.3 s");
        assert_eq!(count(1, "file"), "1 file");
        assert_eq!(count(0, "file"), "0 files");
    }
}
