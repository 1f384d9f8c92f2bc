//! What is printed: one place for both streams, so that a closed pipe, a terminal and JSON are
//! thought of once.

mod progress;
mod screen;
mod table;
mod text;
mod time;

use std::io::{self, IsTerminal, Write};

use serde::Serialize;

pub(crate) use progress::Progress;
pub(crate) use screen::{PARTS, Screen, parts, progress_line, style};
pub(crate) use table::Table;
use text::escape_json;
pub(crate) use text::{cut, escape, pad, wrap};
pub(crate) use time::{duration, rfc3339, seconds_text, since};

use crate::args::Format;
use crate::problem::{Problem, ProblemKind};

/// Both streams, and how to print.
pub(crate) struct Output {
    format: Format,
    out: Box<dyn Write + Send>,
    err: Box<dyn Write + Send>,
    out_terminal: bool,
    err_terminal: bool,
    /// The first write to stdout that failed, other than that nobody reads any more.
    failed: Option<io::Error>,
    /// Nobody reads stdout any more.
    closed: bool,
}

impl Output {
    /// The process's own streams.
    pub(crate) fn new(format: Format) -> Self {
        let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        Self {
            format,
            out: Box::new(io::stdout()),
            err: Box::new(io::stderr()),
            out_terminal: io::stdout().is_terminal() && !dumb,
            err_terminal: io::stderr().is_terminal() && !dumb,
            failed: None,
            closed: false,
        }
    }

    /// Whether one JSON document is wanted.
    pub(crate) fn json(&self) -> bool {
        self.format == Format::Json
    }

    /// Whether stdout is a terminal.
    pub(crate) fn is_terminal(&self) -> bool {
        self.out_terminal
    }

    /// Whether stderr is a terminal, on which a line may be drawn again and again.
    pub(crate) fn err_is_terminal(&self) -> bool {
        self.err_terminal
    }

    /// How wide stdout is, if it is a terminal.
    pub(crate) fn columns(&self) -> Option<usize> {
        let (_, columns) = self.out_terminal.then(|| console::Term::stdout().size())?;
        Some(usize::from(columns))
    }

    /// Whether nobody reads stdout any more.
    pub(crate) fn is_closed(&self) -> bool {
        self.closed
    }

    /// Prints a line that this program wrote, on stdout.
    pub(crate) fn line(&mut self, line: &str) {
        let result = writeln!(self.out, "{line}").and_then(|()| self.out.flush());
        match result {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => self.closed = true,
            Err(error) if self.failed.is_none() => self.failed = Some(error),
            _ => {}
        }
    }

    /// Prints what somebody else wrote, on stdout: to the letter for a program, without control
    /// characters for a terminal.
    pub(crate) fn payload(&mut self, payload: &str) {
        if self.out_terminal {
            self.line(&escape(payload));
        } else {
            self.line(payload);
        }
    }

    /// Prints a JSON document on stdout.
    pub(crate) fn document(&mut self, document: &impl Serialize) {
        self.line(&json_text(document, self.out_terminal));
    }

    /// Prints a JSON document on stdout in one line, where there are several.
    pub(crate) fn json_line(&mut self, document: &impl Serialize) {
        self.line(&json_text(document, false));
    }

    /// Says something on stderr, to a person: not if JSON is wanted. Whatever it quotes, there
    /// is no control character in it.
    pub(crate) fn note(&mut self, note: &str) {
        if !self.json() {
            self.err_line(&escape(note));
        }
    }

    fn err_line(&mut self, line: &str) {
        // If this cannot be written either, there is nobody left to tell.
        let _ = writeln!(self.err, "{line}").and_then(|()| self.err.flush());
    }

    /// Says on stderr what stood in the way.
    pub(crate) fn problem(&mut self, problem: &Problem) {
        if self.json() {
            let text = json_text(&ProblemDocument::new(problem), self.err_terminal);
            self.err_line(&text);
            return;
        }
        self.err_line(&format!("error: {}", escape(&problem.message)));
        if let Some(hint) = &problem.hint {
            self.err_line(&format!("  {}", escape(hint)));
        }
    }

    /// Whether all could be printed.
    pub(crate) fn finish(&mut self) -> Result<(), Problem> {
        match self.failed.take() {
            None => Ok(()),
            Some(error) => Err(Problem::new(
                ProblemKind::Refused,
                format!("cannot write to stdout: {error}"),
                "the output is not complete",
            )),
        }
    }

    /// Streams in memory, which are no terminals.
    #[cfg(test)]
    pub(crate) fn to(
        format: Format,
        out: impl Write + Send + 'static,
        err: impl Write + Send + 'static,
    ) -> Self {
        Self {
            format,
            out: Box::new(out),
            err: Box::new(err),
            out_terminal: false,
            err_terminal: false,
            failed: None,
            closed: false,
        }
    }
}

/// A problem in JSON.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ProblemDocument<'a> {
    error: ProblemMembers<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ProblemMembers<'a> {
    kind: &'a str,
    message: &'a str,
    hint: Option<&'a str>,
    exit_code: u8,
}

impl<'a> ProblemDocument<'a> {
    fn new(problem: &'a Problem) -> Self {
        Self {
            error: ProblemMembers {
                kind: problem.kind.name(),
                message: &problem.message,
                hint: problem.hint.as_deref(),
                exit_code: problem.kind.exit_code(),
            },
        }
    }
}

/// JSON as text, without a control character anywhere.
fn json_text(document: &impl Serialize, pretty: bool) -> String {
    let text = if pretty {
        serde_json::to_string_pretty(document)
    } else {
        serde_json::to_string(document)
    };
    escape_json(&text.unwrap_or_default())
}

#[cfg(test)]
pub(crate) mod tests {
    use std::sync::{Arc, Mutex};

    use serde_json::{Value, json};

    use super::*;

    /// A stream in memory.
    #[derive(Clone, Default)]
    pub(crate) struct Paper(Arc<Mutex<Vec<u8>>>);

    impl Paper {
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

    /// A pipe or a disk that takes nothing.
    struct Broken(io::ErrorKind);

    impl Write for Broken {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(self.0.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_problem_is_two_lines_or_one_document() {
        let problem = Problem::new(ProblemKind::NotFound, "no such thing", "look elsewhere");
        let (out, err) = (Paper::default(), Paper::default());
        Output::to(Format::Text, out.clone(), err.clone()).problem(&problem);
        assert_eq!(err.text(), "error: no such thing\n  look elsewhere\n");
        assert_eq!(out.text(), "");

        let err = Paper::default();
        let mut output = Output::to(Format::Json, out, err.clone());
        output.note("not for programs");
        output.problem(&problem);
        let document: Value = serde_json::from_str(&err.text()).unwrap();
        let expected = json!({"error": {
            "kind": "notFound", "message": "no such thing", "hint": "look elsewhere", "exitCode": 3,
        }});
        assert_eq!(document, expected);
    }

    #[test]
    fn a_closed_pipe_is_no_problem_and_a_full_disk_is() {
        let mut output = Output::to(
            Format::Text,
            Broken(io::ErrorKind::BrokenPipe),
            Paper::default(),
        );
        output.line("a");
        assert!(output.is_closed() && output.finish().is_ok());

        let full = Broken(io::ErrorKind::StorageFull);
        let mut output = Output::to(Format::Text, full, Paper::default());
        output.line("a");
        let problem = output.finish().unwrap_err();
        assert!(problem.message.contains("stdout"), "{problem}");
    }

    #[test]
    fn json_holds_no_control_character() {
        let paper = Paper::default();
        let mut output = Output::to(Format::Json, paper.clone(), Paper::default());
        output.document(&json!({"text": "\u{1b}[2J\u{9b}\u{202e}é"}));
        let expected = "{\"text\":\"\\u001b[2J\\u009b\\u202eé\"}\n";
        assert_eq!(paper.text(), expected);
    }
}
