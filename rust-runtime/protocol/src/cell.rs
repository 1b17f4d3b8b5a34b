//! What the cell process tells the host, as JSON in one datagram each.
//!
//! Output itself travels in pipes; this is the side channel beside them. Of the messages, those in [`Request`] wait for their answer. By then the host has read everything that was written to the pipes before, so
//! an answer also means that what was printed so far is in its place.

use serde::{Deserialize, Serialize};

/// Stands behind the name of a variable that is lost because there never was one.
pub const NOT_MADE: &str = "was-not-made";

/// How a cell process finds the host: in its environment as `FERROBOOK_CELL`, removed before any cell runs.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Endpoints {
    /// File descriptor of the `SOCK_SEQPACKET` socket that the messages of this module travel on.
    pub control: i32,
    /// File descriptor that becomes the cells' stdout.
    pub stdout: i32,
    /// File descriptor that becomes the cells' stderr.
    pub stderr: i32,
    /// Library with the support functions, loaded at start when it is there (see the host's `prelude`).
    pub support: String,
    /// The user's own `PATH`: the one that evcxr sees begins with our shims.
    pub path: String,
    /// The pid of the host, to notice that it was gone before this process could ask to be told.
    pub host: i32,
}

/// A message of the cell process. `pid` and `sequence` name a request, so that an answer meant for a process that
/// died in the meantime is not taken for one's own.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Message {
    Request {
        pid: i32,
        sequence: u64,
        request: Request,
    },
    /// The keeper reaped the process that ran cells: `status` is wait(2)'s.
    Exited {
        pid: i32,
        status: i32,
    },
    /// The process is about to be ended by a signal that its own code has caused.
    Crashed {
        pid: i32,
        crash: Crash,
    },
    /// The process ends itself: all of its threads wait for each other, or for threads that went with an earlier
    /// process.
    Stuck {
        pid: i32,
    },
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Request {
    /// The compiled cell is loaded. May a snapshot be taken?
    Loaded,
    /// The compiled cell is about to be called.
    Started { library: String, snapshot: Snapshot },
    /// The function of the compiled cell has returned.
    Finished { run_ms: f64, cpu_ms: f64 },
    /// A thread panicked; the hook runs before unwinding.
    Panicked(Panic),
    /// A cell reads from its stdin.
    Read,
    /// The process that ran the cell is gone, and this snapshot of it holds the state from before the cell.
    TookOver { dead: i32, lost_threads: Vec<String> },
}

/// What became of the copy of the process that is made before each cell.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Snapshot {
    /// It was not asked for.
    Off,
    Taken {
        ms: f64,
    },
    /// The process holds more than may be copied, in bytes.
    TooLarge {
        resident: u64,
        limit: u64,
    },
    /// The system refused.
    Failed {
        reason: String,
    },
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Answer {
    Go,
    /// To [`Request::Loaded`]: the resident bytes above which no snapshot is taken; 0 for none at all.
    SnapshotLimit(u64),
    /// Lines that evcxr must see before it is told that the cell is over.
    Print(Vec<String>),
    /// What the user typed; `None` when this frontend cannot answer.
    Input(Option<String>),
}

/// An [`Answer`] and the request that it belongs to.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Reply {
    pub pid: i32,
    pub sequence: u64,
    pub answer: Answer,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Panic {
    pub message: String,
    pub file: String,
    pub line: u32,
    pub column: u32,
    /// `None` for a thread without a name.
    pub thread: Option<String>,
    /// Whether it is the thread that runs the cell.
    pub main: bool,
    /// Return addresses, innermost first.
    pub frames: Vec<Frame>,
}

/// A signal that the cell's own code has raised, by an access or by an abort.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Crash {
    pub signal: i32,
    /// The memory that was accessed, for SIGSEGV and SIGBUS.
    pub address: Option<u64>,
    /// Whether the access was at the end of the thread's stack.
    pub stack_overflow: bool,
    /// The instruction itself and the return addresses, innermost first; what is too deep is left out.
    pub frames: Vec<Frame>,
}

/// A place in machine code: the library it is in, and the offset from where that library is loaded.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Frame {
    pub library: String,
    pub offset: u64,
}
