//! A kernel for tests: starts the real host, and reads its events like a transcript. An event that no assertion
//! names is a failure.

#![allow(dead_code, reason = "each test file uses a part")]

use ferrobook_protocol::{
    Answer, BuildProgress, CacheUsage, CellError, CellOptions, CellTiming, CompletenessStatus, Diagnostic, Event,
    LivePhase, NotebookCell, Question, Request, Status, StreamName, VariableValue,
};
use std::collections::{BTreeMap, VecDeque};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::LazyLock;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(120);

/// What earlier runs of the tests have compiled must not hide what this one would compile.
static CACHE: LazyLock<PathBuf> = LazyLock::new(|| {
    let program = std::env::current_exe().unwrap();
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join(program.file_name().unwrap());
    let _ = std::fs::remove_dir_all(&directory);
    directory
});

pub struct Host {
    pub child: Child,
    stdin: Option<ChildStdin>,
    events: Receiver<Event>,
    last_id: u32,
    /// The process that holds the variables.
    pub holder: i32,
    /// Where cells have been since the last one began: the phase, and how far its crates were.
    pub phases: Vec<(LivePhase, Option<BuildProgress>)>,
}

impl Host {
    /// Starts a host and waits until it is ready.
    pub fn start() -> Self {
        let mut host = Self::start_with(|_| {});
        match host.next() {
            Event::Ready { versions, .. } => assert!(versions.rustc.starts_with("1."), "{versions:?}"),
            other => panic!("not ready: {other:?}"),
        }
        host
    }

    pub fn start_with(change: impl FnOnce(&mut Command)) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ferrobook-runtime"));
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        command.env("FERROBOOK_CACHE_DIR", &*CACHE);
        if std::env::var_os("FERROBOOK_TEST_LOG").is_none() {
            command.stderr(Stdio::null());
        }
        change(&mut command);
        let mut child = command.spawn().unwrap();
        let stdin = child.stdin.take();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let (sender, events) = channel();
        std::thread::spawn(move || {
            for line in stdout.lines().map_while(Result::ok) {
                let event = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"));
                if sender.send(event).is_err() {
                    return;
                }
            }
        });
        Self { child, stdin, events, last_id: 0, holder: 0, phases: Vec::new() }
    }

    pub fn next(&mut self) -> Event {
        self.next_within(PATIENCE).expect("the host says nothing")
    }

    pub fn next_within(&mut self, patience: Duration) -> Option<Event> {
        loop {
            match self.events.recv_timeout(patience).ok()? {
                Event::Holder { pid } => self.holder = pid,
                Event::Phase { phase, crates, .. } => self.phases.push((phase, crates)),
                event => return Some(event),
            }
        }
    }

    pub fn send(&mut self, request: &Request) {
        let line = serde_json::to_string(request).unwrap();
        writeln!(self.stdin.as_mut().unwrap(), "{line}").unwrap();
    }

    /// Sends a cell, without waiting.
    pub fn begin(&mut self, code: &str) -> u32 {
        self.begin_with(code, false)
    }

    pub fn begin_with(&mut self, code: &str, allow_stdin: bool) -> u32 {
        self.begin_as(code, allow_stdin, CellOptions::default())
    }

    fn begin_as(&mut self, code: &str, allow_stdin: bool, options: CellOptions) -> u32 {
        self.begin_cell(None, code, allow_stdin, options)
    }

    fn begin_cell(&mut self, cell: Option<&str>, code: &str, allow_stdin: bool, options: CellOptions) -> u32 {
        self.last_id += 1;
        let id = self.last_id;
        self.phases.clear();
        let cell = NotebookCell { id: cell.map(str::to_owned), execution_count: Some(id) };
        self.send(&Request::Execute { id, code: code.to_owned(), allow_stdin, options, cell });
        id
    }

    /// Runs a cell that the frontend knows by this id.
    pub fn cell_of(&mut self, cell: &str, code: &str) -> Transcript {
        let id = self.begin_cell(Some(cell), code, false, CellOptions::default());
        self.finish(id, code)
    }

    /// Runs a cell whose marker has options.
    pub fn cell_with(&mut self, options: CellOptions, code: &str) -> Transcript {
        let id = self.begin_as(code, false, options);
        self.finish(id, code)
    }

    /// Runs a cell to its end.
    pub fn cell(&mut self, code: &str) -> Transcript {
        let id = self.begin(code);
        self.finish(id, code)
    }

    /// Collects the rest of a cell that was begun.
    pub fn finish(&mut self, id: u32, code: &str) -> Transcript {
        let mut lines: VecDeque<Line> = VecDeque::new();
        loop {
            match self.next() {
                Event::Stream { id: of, name, text } => {
                    assert_eq!(of, id);
                    match lines.back_mut() {
                        Some(Line::Stream(last, known)) if *last == name => known.push_str(&text),
                        _ => lines.push_back(Line::Stream(name, text)),
                    }
                }
                Event::Display { id: of, data, result } => {
                    assert_eq!(of, id);
                    lines.push_back(Line::Display(data, result));
                }
                Event::Error { id: of, error, diagnostics } => {
                    assert_eq!(of, id);
                    lines.push_back(Line::Error(error, diagnostics));
                }
                Event::Done { id: of, status, timing } => {
                    assert_eq!(of, id);
                    return Transcript { code: code.to_owned(), lines, status, timing };
                }
                other => panic!("{code:?} led to {other:?}"),
            }
        }
    }

    /// Waits for text on stdout or stderr while a cell runs.
    pub fn wait_for(&mut self, wanted: &str) {
        let mut seen = String::new();
        while !seen.contains(wanted) {
            match self.next() {
                Event::Stream { text, .. } => seen.push_str(&text),
                other => panic!("waiting for {wanted:?} after {seen:?}, but {other:?}"),
            }
        }
    }

    pub fn interrupt(&mut self) {
        self.send(&Request::Interrupt);
    }

    /// Sends a question, without waiting.
    pub fn begin_asking(&mut self, question: Question) -> u32 {
        self.last_id += 1;
        self.send(&Request::Ask { id: self.last_id, question });
        self.last_id
    }

    pub fn answer_to(&mut self, id: u32) -> Answer {
        match self.next() {
            Event::Answer { id: of, answer } if of == id => answer,
            other => panic!("{other:?}"),
        }
    }

    pub fn ask(&mut self, question: Question) -> Answer {
        let id = self.begin_asking(question);
        self.answer_to(id)
    }

    pub fn complete(&mut self, code: &str, cursor: usize) -> (Vec<String>, u32, u32) {
        match self.ask(Question::Complete { code: code.to_owned(), cursor: u32::try_from(cursor).unwrap() }) {
            Answer::Complete { matches, start, end } => {
                (matches.into_iter().map(|found| found.text).collect(), start, end)
            }
            other => panic!("{other:?}"),
        }
    }

    pub fn inspect(&mut self, code: &str, cursor: usize) -> BTreeMap<String, String> {
        match self.ask(Question::Inspect { code: code.to_owned(), cursor: u32::try_from(cursor).unwrap() }) {
            Answer::Inspect { data } => data,
            other => panic!("{other:?}"),
        }
    }

    /// Sends a check, without waiting.
    pub fn begin_check(&mut self, code: &str) -> u32 {
        self.begin_asking(Question::Check { code: code.to_owned(), cell: None })
    }

    /// Checks a cell that the frontend knows by this id.
    pub fn check_of(&mut self, cell: &str, code: &str) -> Option<Vec<Diagnostic>> {
        let id = self.begin_asking(Question::Check { code: code.to_owned(), cell: Some(cell.to_owned()) });
        self.checked(id)
    }

    pub fn check(&mut self, code: &str) -> Option<Vec<Diagnostic>> {
        let id = self.begin_check(code);
        self.checked(id)
    }

    pub fn checked(&mut self, id: u32) -> Option<Vec<Diagnostic>> {
        match self.answer_to(id) {
            Answer::Check { diagnostics } => diagnostics,
            other => panic!("{other:?}"),
        }
    }

    pub fn is_complete(&mut self, code: &str) -> (CompletenessStatus, String) {
        match self.ask(Question::IsComplete { code: code.to_owned() }) {
            Answer::IsComplete { status, indent } => (status, indent),
            other => panic!("{other:?}"),
        }
    }

    pub fn value(&mut self, name: &str) -> VariableValue {
        match self.ask(Question::Value { name: name.to_owned() }) {
            Answer::Value { value } => value,
            other => panic!("{other:?}"),
        }
    }

    pub fn cache(&mut self, clear: bool) -> CacheUsage {
        match self.ask(Question::Cache { clear }) {
            Answer::Cache { usage } => usage,
            other => panic!("{other:?}"),
        }
    }

    pub fn close_stdin(&mut self) {
        self.stdin = None;
    }

    pub fn wait_for_exit(&mut self) -> std::process::ExitStatus {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(Instant::now() < deadline, "the host does not end");
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        self.stdin = None;
        let _ = self.child.wait();
    }
}

#[derive(Debug, PartialEq)]
enum Line {
    Stream(StreamName, String),
    Display(BTreeMap<String, String>, bool),
    Error(CellError, Vec<Diagnostic>),
}

/// What a cell led to. Assertions take it from the front; `ok` and `fails` want nothing to be left.
#[must_use]
pub struct Transcript {
    code: String,
    lines: VecDeque<Line>,
    status: Status,
    pub timing: CellTiming,
}

impl Transcript {
    fn take(&mut self, wanted: &str) -> Line {
        self.lines.pop_front().unwrap_or_else(|| panic!("{:?} ended without {wanted}", self.code))
    }

    pub fn stdout(self, text: &str) -> Self {
        self.stream(StreamName::Stdout, text)
    }

    pub fn stderr(self, text: &str) -> Self {
        self.stream(StreamName::Stderr, text)
    }

    fn stream(mut self, name: StreamName, text: &str) -> Self {
        assert_eq!(self.take(text), Line::Stream(name, text.to_owned()), "{:?}", self.code);
        self
    }

    /// Takes a stream whose text is not known in full.
    pub fn stream_with(mut self, name: StreamName, check: impl FnOnce(&str)) -> Self {
        match self.take("a stream") {
            Line::Stream(of, text) if of == name => check(&text),
            other => panic!("{:?} led to {other:?}", self.code),
        }
        self
    }

    pub fn result(self, text: &str) -> Self {
        self.bundle(&[("text/plain", text)], true)
    }

    pub fn display(self, bundle: &[(&str, &str)]) -> Self {
        self.bundle(bundle, false)
    }

    pub fn bundle(mut self, bundle: &[(&str, &str)], result: bool) -> Self {
        let data = bundle.iter().map(|(mime, text)| ((*mime).to_owned(), (*text).to_owned())).collect();
        assert_eq!(self.take("a display"), Line::Display(data, result), "{:?}", self.code);
        self
    }

    pub fn display_with(mut self, check: impl FnOnce(&BTreeMap<String, String>)) -> Self {
        match self.take("a display") {
            Line::Display(data, _) => check(&data),
            other => panic!("{:?} led to {other:?}", self.code),
        }
        self
    }

    /// What it has printed on stdout, and its result. It has not failed.
    pub fn shown(self) -> String {
        assert_eq!(self.status, Status::Ok, "{:?} led to {:?}", self.code, self.lines);
        let text = |line: &Line| match line {
            Line::Stream(StreamName::Stdout, text) => text.clone(),
            Line::Display(data, _) => data.get("text/plain").cloned().unwrap_or_default(),
            _ => String::new(),
        };
        self.lines.iter().map(text).collect()
    }

    /// Its error, if it has failed.
    pub fn failure(&self) -> Option<&CellError> {
        self.lines.iter().find_map(|line| match line {
            Line::Error(error, _) => Some(error),
            _ => None,
        })
    }

    /// The cell went well, and there is no more.
    pub fn ok(self) -> CellTiming {
        assert!(self.lines.is_empty(), "{:?} also led to {:?}", self.code, self.lines);
        assert_eq!(self.status, Status::Ok);
        self.timing
    }

    /// The cell failed with this error, and there is no more.
    pub fn fails(mut self, name: &str) -> Failure {
        let (error, diagnostics) = match self.take(name) {
            Line::Error(error, diagnostics) => (error, diagnostics),
            other => panic!("{:?} led to {other:?}", self.code),
        };
        assert_eq!(error.ename, name, "{:?}: {error:?}", self.code);
        assert!(self.lines.is_empty(), "{:?} also led to {:?}", self.code, self.lines);
        assert_eq!(self.status, Status::Error);
        let traceback = without_colours(&error.traceback.join("\n"));
        Failure { traceback, error, diagnostics, timing: self.timing }
    }
}

pub struct Failure {
    pub error: CellError,
    pub diagnostics: Vec<Diagnostic>,
    pub traceback: String,
    pub timing: CellTiming,
}

impl Failure {
    pub fn says(self, text: &str) -> Self {
        assert!(self.error.evalue.contains(text), "{text:?} is not in {:?}", self.error.evalue);
        self
    }

    pub fn shows(self, text: &str) -> Self {
        assert!(self.traceback.contains(text), "{text:?} is not in\n{}", self.traceback);
        self
    }

    pub fn hides(self, text: &str) -> Self {
        assert!(!self.traceback.contains(text), "{text:?} is in\n{}", self.traceback);
        self
    }
}

pub fn without_colours(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, escape)) = rest.split_once("\x1b[") {
        plain.push_str(before);
        rest = escape.split_once('m').map_or("", |(_, after)| after);
    }
    plain + rest
}
