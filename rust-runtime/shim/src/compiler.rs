//! Which compiler it is.

use ferrobook_cache::content::Stamp;
use std::path::{Path, PathBuf};
use std::process::Command;

#[derive(Clone, Debug)]
pub struct Compiler {
    /// Everything by which it can be told from another one.
    pub identity: Vec<String>,
    pub sysroot: PathBuf,
}

impl Compiler {
    /// Asks the compiler itself, unless it is a program that lies where a toolchain has it: such a program is the same
    /// one as long as it and the libraries beside it are the same files. A script, or rustup's proxy, can be another
    /// compiler from one moment to the next.
    pub fn of(program: &Path) -> std::io::Result<Self> {
        let path = program.canonicalize()?;
        let toolchain = path.parent().and_then(Path::parent).filter(|root| root.join("lib/rustlib").is_dir());
        match toolchain {
            Some(sysroot) if is_machine_code(&path)? => {
                Ok(Self { identity: identity(&path, sysroot)?, sysroot: sysroot.to_owned() })
            }
            _ => {
                let version = ask(program, &["-vV"])?;
                let sysroot = PathBuf::from(ask(program, &["--print", "sysroot"])?.trim());
                let mut identity = identity(&path, &sysroot)?;
                identity.push(version);
                Ok(Self { identity, sysroot })
            }
        }
    }

    /// The directory with the standard library of a target.
    pub fn libraries(&self, target: Option<&str>) -> PathBuf {
        let rustlib = self.sysroot.join("lib/rustlib");
        match target {
            Some(target) => rustlib.join(target).join("lib"),
            None => self.sysroot.join("lib"),
        }
    }
}

/// A script can do something else from one moment to the next.
pub fn is_machine_code(program: &Path) -> std::io::Result<bool> {
    let mut start = [0; 4];
    std::io::Read::read_exact(&mut std::fs::File::open(program)?, &mut start)?;
    Ok(&start == b"\x7fELF")
}

fn identity(program: &Path, sysroot: &Path) -> std::io::Result<Vec<String>> {
    let mut identity = vec![program.display().to_string(), format!("{:?}", Stamp::of(program)?)];
    identity.extend(files(&sysroot.join("lib")));
    if let Ok(targets) = std::fs::read_dir(sysroot.join("lib/rustlib")) {
        let mut targets: Vec<PathBuf> = targets.filter_map(|target| target.ok().map(|target| target.path())).collect();
        targets.sort();
        for target in targets {
            identity.extend(["lib", "bin", "codegen-backends"].iter().flat_map(|folder| files(&target.join(folder))));
        }
    }
    Ok(identity)
}

/// The files of a directory, without reading them.
fn files(directory: &Path) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(directory) else { return Vec::new() };
    let describe = |path: PathBuf| {
        let stamp = Stamp::of(&path).ok()?;
        path.is_file().then(|| format!("{} {stamp:?}", path.display()))
    };
    let mut files: Vec<String> = entries.filter_map(|entry| describe(entry.ok()?.path())).collect();
    files.sort();
    files
}

fn ask(program: &Path, words: &[&str]) -> std::io::Result<String> {
    let output = Command::new(program).args(words).output()?;
    match String::from_utf8(output.stdout) {
        Ok(text) if output.status.success() => Ok(text),
        _ => Err(std::io::Error::other(format!("{} {words:?} failed", program.display()))),
    }
}
