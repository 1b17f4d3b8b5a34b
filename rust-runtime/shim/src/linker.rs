//! Cells are linked by lld itself. rustc has cc do it, which starts collect2, which starts a program of rustc's that
//! starts lld: that takes a twelfth of what a small cell does.
//!
//! What cc adds of its own (where libraries are, the objects at both ends) it says when it is asked how it would link.
//! Whenever anything is not understood, and when lld fails, it is cc's turn.

use crate::arguments::{self, Invocation};
use std::path::{Path, PathBuf};

/// What cc is asked for: how it would link a library. It starts nothing.
pub const QUESTION: [&str; 6] = ["-###", "-shared", "-nodefaultlibs", "-o", OUTPUT, OBJECT];
const OUTPUT: &str = "ferrobook-library.so";
const OBJECT: &str = "ferrobook-object.o";

/// What cc adds to the words for the linker, in its answer.
pub fn added_by_cc(answer: &str) -> Option<Vec<String>> {
    let commands = answer.lines().rev().filter_map(shlex::split);
    let mut commands = commands.filter(|words| words.iter().any(|word| word == OBJECT) && words[0].contains('/'));
    let mut words = commands.next()?.into_iter().skip(1);
    let mut added = Vec::new();
    while let Some(word) = words.next() {
        match word.as_str() {
            // rustc says these by itself, and knows its own objects.
            OBJECT | "-shared" | "--eh-frame-hdr" | "--as-needed" => {}
            "-o" | "-plugin" => drop(words.next()?),
            "-m" | "-z" => added.extend([word, words.next()?]),
            "-X" | "-EL" | "--fix-cortex-a53-843419" => added.push(word),
            _ if word.starts_with("-plugin-opt=") => {}
            _ if ["-L/", "-m", "--hash-style=", "--build-id", "--sysroot="]
                .iter()
                .any(|start| word.starts_with(start)) =>
            {
                added.push(word);
            }
            _ if word.starts_with('/') && word.ends_with(".o") => added.push(word),
            _ => return None,
        }
    }
    added.iter().any(|word| word.ends_with(".o")).then_some(added)
}

/// lld, as rustc brings it along for this target.
pub fn of_toolchain(sysroot: &Path, invocation: &Invocation) -> Option<PathBuf> {
    let target = invocation.target.as_deref().filter(|target| target.ends_with("-linux-gnu"))?;
    let path = sysroot.join("lib/rustlib").join(target).join("bin/rust-lld");
    path.is_file().then_some(path)
}

/// rustc's `words` with `linker` in the place of cc. `None` when they say more about linking than is understood.
pub fn words_for(linker: &Path, words: &[String], added: &[String]) -> Option<Vec<String>> {
    let mut direct = Vec::new();
    for argument in arguments::split(words)? {
        let value = argument.value.as_str();
        match (argument.option.as_str(), value.strip_prefix(FOR_LINKER)) {
            ("-C", Some(words)) => direct.extend(words.split(',').map(link_argument)),
            ("-C", None) if value.starts_with("link") || value.contains("crt-static") => return None,
            ("-Z", _) => return None,
            _ => direct.extend(argument.words),
        }
    }
    direct.extend(["-Clinker-flavor=ld.lld".to_owned(), format!("-Clinker={}", linker.display())]);
    direct.extend(added.iter().map(String::as_str).map(link_argument));
    Some(direct)
}

/// What cc hands on to the linker, one word for each comma.
const FOR_LINKER: &str = "link-arg=-Wl,";

fn link_argument(word: &str) -> String {
    format!("-Clink-arg={word}")
}

#[cfg(test)]
mod tests {
    use super::*;

    const GCC: &str = "Using built-in specs.\nTarget: x86_64-linux-gnu\n\
        COLLECT_GCC_OPTIONS='-shared' '-nodefaultlibs' '-o' 'ferrobook-library.so'\n \
        /usr/lib/gcc/12/collect2 -plugin /usr/lib/gcc/12/liblto_plugin.so \"-plugin-opt=-fresolution=/tmp/cc.res\" \
        --build-id --eh-frame-hdr -m elf_x86_64 \"--hash-style=gnu\" --as-needed -shared -z relro -o ferrobook-library.so \
        /usr/lib/crti.o \"/usr/lib/my gcc/crtbeginS.o\" -L/usr/lib/gcc/12 ferrobook-object.o /usr/lib/crtn.o\n\
        COLLECT_GCC_OPTIONS='-shared' '-nodefaultlibs'\n";
    const CLANG: &str = "Debian clang version 19\nInstalledDir: /usr/bin\n \
        \"/usr/bin/ld\" \"--hash-style=gnu\" \"--build-id\" \"--eh-frame-hdr\" \"-m\" \"elf_x86_64\" \"-shared\" \"-o\" \
        \"ferrobook-library.so\" \"/lib/crti.o\" \"-L/lib\" \"ferrobook-object.o\" \"/lib/crtn.o\"\n";

    #[test]
    fn what_compilers_add() {
        let gcc = "--build-id|-m|elf_x86_64|--hash-style=gnu|-z|relro|/usr/lib/crti.o|/usr/lib/my gcc/crtbeginS.o|\
                   -L/usr/lib/gcc/12|/usr/lib/crtn.o";
        assert_eq!(added_by_cc(GCC).unwrap().join("|"), gcc);
        let clang = "--hash-style=gnu|--build-id|-m|elf_x86_64|/lib/crti.o|-L/lib|/lib/crtn.o";
        assert_eq!(added_by_cc(CLANG).unwrap().join("|"), clang);
        for unknown in ["-rpath /x", "-lgcc", "-static", "--dynamic-list=x", "more.o", "-Lrelative"] {
            assert_eq!(added_by_cc(&GCC.replace("-z relro", unknown)), None, "{unknown}");
        }
        assert_eq!(added_by_cc(&CLANG.replace("/lib/crti.o", "").replace("/lib/crtn.o", "")), None);
        assert_eq!(added_by_cc("cc: error: unrecognized command-line option '-###'\n"), None);
    }

    fn words(text: &str) -> Vec<String> {
        text.split(' ').map(str::to_owned).collect()
    }

    fn direct(more: &str) -> Option<String> {
        let words = words(&format!("--crate-name ctx src/lib.rs -L native=/n {more}"));
        Some(words_for(Path::new("/bin/rust-lld"), &words, &["/lib/crti.o".to_owned()])?.join(" "))
    }

    #[test]
    fn words_for_the_linker_itself() {
        let first = "--crate-name ctx src/lib.rs -L native=/n";
        let last = "-Clinker-flavor=ld.lld -Clinker=/bin/rust-lld -Clink-arg=/lib/crti.o";
        for option in ["-C link-arg=-Wl,-rpath,/a", "-Clink-arg=-Wl,-rpath,/a", "--codegen=link-arg=-Wl,-rpath,/a"] {
            assert_eq!(direct(option).unwrap(), format!("{first} -Clink-arg=-rpath -Clink-arg=/a {last}"), "{option}");
        }
        assert_eq!(direct("-C opt-level=3").unwrap(), format!("{first} -C opt-level=3 {last}"));
        for other in [
            "-C linker=clang",
            "-Clink-arg=-fuse-ld=mold",
            "-C link-args=-Wl,-x",
            "-Clink-self-contained=no",
            "-Ctarget-feature=+crt-static",
            "-Zthreads=4",
        ] {
            assert_eq!(direct(other), None, "{other}");
        }
    }
}
