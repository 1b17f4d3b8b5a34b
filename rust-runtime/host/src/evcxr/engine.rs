//! evcxr's context, with our own prelude in it.

use crate::build::build_orders::BuildOrders;
use crate::build::setup::{self, Setup};
use crate::build::target_cpu;
use crate::build::toolchain::{Toolchain, ToolchainError};
use crate::cell::Cell;
use crate::evcxr::input::Input;
use crate::evcxr::prelude;
use crate::evcxr::std_sources;
use crate::process::output::Output;
use crate::program::SharedProgram;
use crate::program::known_types::{self, KnownTypes, Surroundings, Typing};
use evcxr::{CommandContext, CompilationError, Completions, Error, EvalContext, EvalOutputs};
use ferrobook_protocol::Versions;
use ferrobook_protocol::build::Kind;
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;

const EVCXR_VERSION: &str = "0.22.0";
const DEFAULT_FORMAT: &str = "{:?}";

/// What rust-analyzer has read to answer from.
#[derive(Default)]
struct Sources {
    /// Whether it has read the standard library and the crates of the notebook, or is about to.
    are_read: bool,
    /// Whether it was asked to while the last cell was executed.
    are_new: bool,
    /// Whether it is told of no crates now.
    are_hidden: bool,
    /// How often the manifest was changed to have them read.
    changes: usize,
}

pub struct Engine {
    context: CommandContext,
    output: Arc<Output>,
    orders: BuildOrders,
    support_library: PathBuf,
    program: SharedProgram,
    crate_dir: PathBuf,
    /// The processor that code is made for.
    pub target_cpu: Option<String>,
    format: String,
    /// Whether our trait shows values; a trait of the user's own takes its place.
    shows: bool,
    has_thread_locals: bool,
    sources: Sources,
    known_types: KnownTypes,
}

impl Engine {
    /// Starts evcxr, and its cell process. The last value is what is wrong with the user's own settings.
    pub fn start(
        setup: &Setup,
        program: &SharedProgram,
        output: &Arc<Output>,
    ) -> Result<(Self, Versions, Vec<String>), ToolchainError> {
        let toolchain = Toolchain::find(&setup.path)?;
        let (target_cpu, no_target_cpu) = target_cpu::choose(&toolchain.rustc);
        setup.prepare(&toolchain, target_cpu.as_deref()).map_err(|error| ToolchainError::Start(error.to_string()))?;
        std_sources::withhold(&setup.private).map_err(|error| ToolchainError::Start(error.to_string()))?;
        let mut command = Command::new(&setup.cell_program);
        output.link().attach(&mut command, &setup.path, &setup.support_library());
        let start = |error: Error| ToolchainError::Start(error.to_string());
        // evcxr's own channels stay empty: cells print to our pipes.
        let (context, _) = EvalContext::with_subprocess_command(command).map_err(start)?;
        let mut engine = Self {
            context: CommandContext::with_eval_context(context),
            output: Arc::clone(output),
            orders: setup.orders.clone(),
            support_library: setup.support_library(),
            program: program.clone(),
            crate_dir: PathBuf::new(),
            target_cpu,
            format: DEFAULT_FORMAT.to_owned(),
            shows: true,
            has_thread_locals: false,
            sources: Sources::default(),
            known_types: KnownTypes::new(
                setup.store.as_ref(),
                format!("evcxr {EVCXR_VERSION}, rustc {}", toolchain.rustc_version),
            ),
        };
        let crate_dir = engine.context.execute(":last_compile_dir").map_err(start)?;
        engine.crate_dir = PathBuf::from(crate_dir.get("text/plain").unwrap_or_default().trim());
        program.lock().crate_dir.clone_from(&engine.crate_dir);
        engine.define_prelude().map_err(start)?;
        if setup::user_config().is_some() {
            // Its prelude may define variables.
            engine.read_sources().map_err(start)?;
        }
        let config = engine.context.execute(":load_config --quiet").err();
        let config = config.map(|error| format!("evcxr's configuration was not loaded: {error}"));
        let versions = Versions {
            evcxr: EVCXR_VERSION.to_owned(),
            rustc: toolchain.rustc_version,
            cargo: toolchain.cargo_version,
        };
        Ok((engine, versions, config.into_iter().chain(no_target_cpu).collect()))
    }

    /// What rust-analyzer has to know for a first cell: first what each needs, then a `let`, then completions. A cell
    /// that is asked for meanwhile waits for the one that is being done, and needs most of what it does anyway.
    pub const WARM_UPS: [&str; 4] = [
        "let warm = 1;",
        "let warm = String::new();",
        "let warm = vec![String::new()];",
        "let warm = vec![String::new()].into_iter().map(|x| x.len()).collect::<Vec<_>>();\nwarm.",
    ];

    /// Lets rust-analyzer load what it needs for this code, without any effect on the state.
    pub fn warm_up(&mut self, code: &str) {
        self.want_sources();
        if let Err(error) = self.context.completions(code, code.len()) {
            tracing::debug!("warming up: {error}");
        }
    }

    /// What rustc says about a cell's code, which has no effect. The second value is how many lines stand above the cell in
    /// what evcxr was given.
    pub fn check(&mut self, cell: &Cell) -> Result<(Vec<CompilationError>, usize), Error> {
        let mut source = String::new();
        if self.shows && prelude::defines_display_trait(cell.code()) {
            source.push_str(prelude::NO_SHOW_TRAIT);
        }
        if !self.has_thread_locals && cell.code().contains("thread_local") {
            source.push_str(prelude::THREAD_LOCALS);
        }
        let above = source.matches('\n').count();
        source.push_str(&Input::without_commands(cell).for_evcxr(&[]));
        self.orders.change(|order| order.kind = Kind::Check);
        let checked = self.context.check(&source);
        self.orders.change(|order| order.kind = Kind::Cell);
        Ok((checked?, above))
    }

    pub fn execute(&mut self, input: &Input) -> Result<EvalOutputs, Error> {
        let code = input.cell.code();
        if self.shows && prelude::defines_display_trait(code) {
            self.context.execute(prelude::NO_SHOW_TRAIT)?;
            self.shows = false;
        }
        if !self.has_thread_locals && code.contains("thread_local") {
            self.context.execute(prelude::THREAD_LOCALS)?;
            self.has_thread_locals = true;
        }
        self.sources.are_new = false;
        self.hide_crates(true);
        let manifest = self.manifest();
        let outputs = self.execute_code(input);
        if self.sources.are_hidden && self.manifest() != manifest {
            self.sources.are_read = false;
        }
        outputs
    }

    fn execute_code(&mut self, input: &Input) -> Result<EvalOutputs, Error> {
        known_types::begin(&self.crate_dir);
        let typing = self.typing(input);
        if let Typing::Known { types, .. } = &typing {
            match self.context.execute(&input.for_evcxr(types)) {
                // They are no longer the right ones.
                Err(Error::CompilationErrors(_)) => {}
                outputs => return outputs,
            }
        }
        if typing != Typing::Complete || input.head.contains(":load_config") {
            self.read_sources()?;
        }
        let outputs = self.context.execute(&input.for_evcxr(&[]))?;
        if let Typing::Known { key: Some(key), .. } | Typing::Unknown { key: Some(key) } = typing
            && let Err(error) = self.known_types.keep(&key, input, &self.crate_dir)
        {
            tracing::debug!("the types of variables are not kept: {error}");
        }
        Ok(outputs)
    }

    fn typing(&self, input: &Input) -> Typing {
        let variables = self.variables().into_iter().collect();
        self.known_types.of(input, &Surroundings { program: &self.program.lock(), variables })
    }

    /// Whether rust-analyzer will probably not be asked for anything by a cell that is still to come.
    pub fn is_simple(&self, cell: &Cell) -> bool {
        self.known_types.has_met(cell)
    }

    /// Lets rust-analyzer read the standard library and the crates the next time that it is asked, unless it has: nothing but a
    /// changed manifest makes it do so, be it by a comment.
    fn read_sources(&mut self) -> Result<(), Error> {
        self.hide_crates(false);
        if self.sources.are_read {
            return Ok(());
        }
        std_sources::show();
        let manifest = self.manifest();
        let value = manifest.lines().find_map(|line| line.strip_prefix("opt-level = ")).unwrap_or("3");
        let level = value.split('#').next().unwrap_or_default().trim();
        self.sources.changes += 1;
        let changed = format!("{level} {}", "#".repeat(self.sources.changes));
        self.context.execute(&format!(":opt {changed}"))?;
        // evcxr writes the same when it runs a cell; for a completion it does not.
        let changed = manifest.replace(&format!("opt-level = {value}"), &format!("opt-level = {changed}"));
        std::fs::write(self.crate_dir.join("Cargo.toml"), changed)?;
        self.sources.are_read = true;
        self.sources.are_new = true;
        Ok(())
    }

    fn manifest(&self) -> String {
        std::fs::read_to_string(self.crate_dir.join("Cargo.toml")).unwrap_or_default()
    }

    /// rust-analyzer reads all sources of new crates at once. That takes seconds for some, and is of no use before it is asked.
    fn hide_crates(&mut self, are_hidden: bool) {
        self.sources.are_hidden = are_hidden;
        self.orders.change(|order| order.hides_crates = are_hidden);
    }

    /// An interrupt has ended what rust-analyzer asks cargo and rustc, too; it goes on without an answer.
    pub fn was_interrupted(&mut self) {
        if self.sources.are_new {
            self.sources.are_read = false;
        }
    }

    /// Executes a command that our own state depends on, too. `line` is its line, from 0.
    pub fn command(&mut self, line: usize, name: &str, arguments: &str) -> Result<EvalOutputs, Error> {
        if matches!(name, ":clear" | ":restart") {
            self.end_cell_processes();
        }
        if name == ":restart" {
            return self.restart();
        }
        let outputs = self.context.execute(format!("{}{name} {arguments}", "\n".repeat(line)).trim_end())?;
        let text = outputs.get("text/plain").unwrap_or_default().trim().to_owned();
        match name {
            ":opt" => setup::set_opt_level(text.rsplit(' ').next().unwrap_or("3")),
            ":types" => self.output.set_show_types(text.ends_with("true")),
            ":fmt" => {
                self.format = if arguments.is_empty() { DEFAULT_FORMAT.to_owned() } else { arguments.to_owned() };
                self.define_show();
            }
            ":clear" => {
                self.shows = true;
                self.has_thread_locals = false;
                self.define_show();
            }
            ":toolchain" if !arguments.is_empty() => self.define_prelude()?,
            _ => {}
        }
        Ok(outputs)
    }

    /// evcxr's own `:restart` goes on to believe in the variables of the process that it has ended. It forgets them
    /// when it finds the process gone.
    fn restart(&mut self) -> Result<EvalOutputs, Error> {
        match self.context.execute("()") {
            Err(Error::SubprocessTerminated(_)) => {}
            Err(error) => return Err(error),
            Ok(_) => return self.context.execute(":restart"),
        }
        let text = ("text/plain".to_owned(), "Child process restarted\n".to_owned());
        Ok(EvalOutputs { content_by_mime_type: [text].into(), ..EvalOutputs::new() })
    }

    /// Commands that [`Self::command`] must see.
    pub fn wants(name: &str) -> bool {
        matches!(name, ":opt" | ":types" | ":fmt" | ":clear" | ":restart" | ":toolchain")
    }

    /// What cells have started ends with their process; evcxr would end only that.
    fn end_cell_processes(&self) {
        if let Ok(process) = self.context.process_handle().lock() {
            let _ = killpg(Pid::from_raw(i32::try_from(process.id()).unwrap_or(i32::MAX)), Signal::SIGKILL);
        }
    }

    fn define_prelude(&mut self) -> Result<(), Error> {
        self.context.execute(&(prelude::show_trait(&self.format) + prelude::SUPPORT))?;
        let Some(library) = self.output.last_library() else { return Ok(()) };
        let _ = std::fs::remove_file(&self.support_library);
        // A link: evcxr keeps the libraries of all cells anyway.
        std::fs::hard_link(library, &self.support_library)?;
        Ok(())
    }

    /// With a format that nothing can be shown in, evcxr's own way reports what is wrong with it.
    fn define_show(&mut self) {
        if self.shows && self.context.execute(&prelude::show_trait(&self.format)).is_err() {
            let _ = self.context.execute(prelude::NO_SHOW_TRAIT);
        }
    }

    /// The same, for what is not worth an error.
    fn want_sources(&mut self) {
        if let Err(error) = self.read_sources() {
            tracing::debug!("sources are not read: {error}");
        }
    }

    /// The names and types of what cells have left, in no order.
    pub fn variables(&self) -> Vec<(String, String)> {
        let variables = self.context.variables_and_types();
        variables.map(|(name, type_name)| (name.to_owned(), type_name.to_owned())).collect()
    }

    pub fn completions(&mut self, code: &str, byte: usize) -> Result<Completions, Error> {
        self.want_sources();
        Ok(self.context.completions(code, byte)?)
    }

    /// What is known of the name that ends at `byte`: as text and as HTML.
    pub fn hover_at(&mut self, code: &str, byte: usize) -> Result<(String, String), Error> {
        self.want_sources();
        Ok(self.context.hover_at(code, byte)?)
    }

    /// The text of `:help`.
    pub fn help(&mut self) -> Result<String, Error> {
        Ok(self.context.execute(":help")?.get("text/plain").unwrap_or_default().to_owned())
    }
}
