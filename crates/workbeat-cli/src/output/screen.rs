//! What a person sees on stderr while a command waits: one line that changes on a terminal,
//! and a line for each change elsewhere.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use tokio::time::Instant;

use super::{Output, Progress};

/// How often progress is worth a line where lines stay.
const LINE_INTERVAL: Duration = Duration::from_secs(1);

/// The parts of a bar's length.
pub(crate) const PARTS: u64 = 1000;

/// One activity's state, as it changes.
pub(crate) struct Screen {
    bar: Option<ProgressBar>,
    stage: String,
    progress: Option<Progress>,
    /// Where lines stay: what was said last of the progress, and when.
    said: Option<(Progress, Instant)>,
}

impl Screen {
    /// Begins.
    pub(crate) fn new(output: &Output) -> Self {
        let bar = (output.err_is_terminal() && !output.json()).then(|| {
            let bar = ProgressBar::with_draw_target(Some(PARTS), ProgressDrawTarget::stderr());
            bar.set_style(style("{spinner} {elapsed:>4} {wide_msg}"));
            bar.enable_steady_tick(Duration::from_millis(120));
            bar
        });
        Self {
            bar,
            stage: String::new(),
            progress: None,
            said: None,
        }
    }

    /// Says a line that stays.
    pub(crate) fn say(&self, output: &mut Output, line: &str) {
        match &self.bar {
            Some(bar) => bar.suspend(|| output.note(line)),
            None => output.note(line),
        }
    }

    /// The activity has come so far.
    pub(crate) fn stage(&mut self, output: &mut Output, stage: &str) {
        if self.stage == stage {
            return;
        }
        stage.clone_into(&mut self.stage);
        match &self.bar {
            Some(_) => self.draw(),
            None => output.note(stage),
        }
    }

    /// The activity reported progress.
    pub(crate) fn progress(&mut self, output: &mut Output, progress: Progress) {
        if self.bar.is_some() {
            self.progress = Some(progress);
            self.draw();
            return;
        }
        let news = self
            .said
            .as_ref()
            .is_none_or(|(said, at)| *said != progress && at.elapsed() >= LINE_INTERVAL);
        if news {
            output.note(&format!("  {}", progress_line(&progress)));
            self.said = Some((progress, Instant::now()));
        }
    }

    fn draw(&self) {
        let Some(bar) = &self.bar else { return };
        let Some(progress) = &self.progress else {
            bar.set_message(self.stage.clone());
            return;
        };
        if let Some(fraction) = progress.fraction {
            bar.set_style(style(
                "{spinner} {elapsed:>4} [{bar:24}] {percent:>3}%  {wide_msg}",
            ));
            bar.set_position(parts(fraction));
        } else {
            bar.set_style(style("{spinner} {elapsed:>4} {wide_msg}"));
        }
        let text = &progress.text;
        let message = match (text.is_empty(), self.stage.starts_with("running")) {
            (false, true) => text.clone(),
            (false, false) => format!("{text}; {}", self.stage),
            (true, _) => self.stage.clone(),
        };
        bar.set_message(message);
    }

    /// Ends: what changed goes, what was said stays.
    pub(crate) fn end(self) {
        if let Some(bar) = self.bar {
            bar.finish_and_clear();
        }
    }
}

/// Progress in a line.
pub(crate) fn progress_line(progress: &Progress) -> String {
    match (progress.fraction, progress.text.as_str()) {
        (Some(fraction), "") => format!("{:>3.0}%", fraction * 100.0),
        (Some(fraction), text) => format!("{:>3.0}%  {text}", fraction * 100.0),
        (None, text) => text.to_owned(),
    }
}

/// A fraction as a bar's position.
pub(crate) fn parts(fraction: f64) -> u64 {
    // It is between 0 and 1.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let parts = (fraction * PARTS as f64).round() as u64;
    parts
}

/// A style from a template that is part of this program.
pub(crate) fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template)
        .unwrap_or_else(|_| ProgressStyle::default_bar())
        .progress_chars("=> ")
}

#[cfg(test)]
mod tests {
    use super::super::tests::Paper;
    use super::*;
    use crate::args::Format;

    #[tokio::test(start_paused = true)]
    async fn elsewhere_each_change_has_a_line_but_not_each_heartbeat() {
        let err = Paper::default();
        let mut output = Output::to(Format::Text, Paper::default(), err.clone());
        let mut screen = Screen::new(&output);
        screen.stage(&mut output, "waiting");
        screen.stage(&mut output, "waiting");
        screen.stage(&mut output, "running");
        for done in 0..=20 {
            screen.progress(&mut output, Progress::of(&format!("[{done},20]")));
            tokio::time::advance(Duration::from_millis(250)).await;
        }
        screen.say(&mut output, "done");
        screen.end();
        let text = err.text();
        let lines: Vec<_> = text.lines().collect();
        let expected = [
            "waiting",
            "running",
            "    0%  0 of 20",
            "   20%  4 of 20",
            "   40%  8 of 20",
        ];
        assert_eq!(lines[..5], expected, "{text}");
        assert_eq!(lines.last(), Some(&"done"));
        assert_eq!(lines.len(), 9);
    }
}
