//! A Dockerfile, read and followed as far as one goes without Docker.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Its instructions, in order.
pub(crate) struct Dockerfile {
    pub(crate) instructions: Vec<Instruction>,
}

#[derive(Debug)]
pub(crate) struct Instruction {
    pub(crate) name: String,
    pub(crate) rest: String,
}

impl Dockerfile {
    /// One instruction a line, but for those that a backslash continues; `#` begins a comment at the beginning of a line.
    pub(crate) fn parse(text: &str) -> Self {
        let kept: Vec<_> = text.lines().filter(|line| !line.trim_start().starts_with('#')).collect();
        let joined = kept.join("\n").replace("\\\n", " ");
        let lines = joined.lines().map(str::trim).filter(|line| !line.is_empty());
        let instructions = lines.map(|line| {
            let (name, rest) = line.split_once(' ').unwrap();
            Instruction { name: name.to_owned(), rest: rest.trim().to_owned() }
        });
        Self { instructions: instructions.collect() }
    }

    /// What follows `FROM ... AS name`, up to the next stage.
    pub(crate) fn stage(&self, name: &str) -> &[Instruction] {
        let suffix = format!(" AS {name}");
        let from =
            self.instructions.iter().position(|it| it.name == "FROM" && it.rest.ends_with(&suffix)).unwrap();
        let rest = &self.instructions[from + 1..];
        &rest[..rest.iter().position(|it| it.name == "FROM").unwrap_or(rest.len())]
    }

    pub(crate) fn last_stage(&self) -> &[Instruction] {
        let from = self.instructions.iter().rposition(|it| it.name == "FROM").unwrap();
        &self.instructions[from + 1..]
    }
}

/// A stage that is followed in a folder, which stands for the root of its file system.
pub(crate) struct Build {
    context: PathBuf,
    root: PathBuf,
    target: PathBuf,
}

/// The crates of this repository that the app stands on, in the place of the published ones.
const CRATES: [&str; 6] =
    ["hf-oauth", "hf-oauth-axum", "hf-oauth-core", "hf-oauth-hub", "hf-oauth-session", "hf-oauth-web"];

impl Build {
    /// Always the same folder: cargo takes another path for another package, and keeps what it made of each.
    pub(crate) fn new(context: &Path) -> Self {
        let repository = context.join("../..").canonicalize().unwrap();
        let scratch = Path::new(env!("CARGO_TARGET_TMPDIR"));
        let root = scratch.join("space");
        if root.exists() {
            fs::remove_dir_all(&root).unwrap();
        }
        fs::create_dir_all(root.join(".cargo")).unwrap();
        let patches =
            CRATES.map(|name| format!("{name} = {{ path = {:?} }}\n", repository.join("crates").join(name)));
        let config = format!("[net]\noffline = true\n[patch.crates-io]\n{}", patches.concat());
        fs::write(root.join(".cargo/config.toml"), config).unwrap();
        // Whoever pushes the Space has a lock file; here it is the one by which everything else was built.
        let context = root.join("context");
        copy(&repository.join("deploy/space"), &context);
        fs::copy(repository.join("Cargo.lock"), context.join("Cargo.lock")).unwrap();
        Self { context, root, target: scratch.parent().unwrap().to_owned() }
    }

    /// What the steps that run something said on standard error.
    pub(crate) fn run(&self, stage: &[Instruction]) -> Vec<String> {
        let mut workdir = self.root.clone();
        let (mut arguments, mut outputs) = (Vec::new(), Vec::new());
        for Instruction { name, rest } in stage {
            match name.as_str() {
                "ARG" => {
                    // As with `--build-arg PROFILE=dev`: by the profile of the tests, most is built already.
                    let (name, value) = rest.split_once('=').unwrap();
                    let value = if name == "PROFILE" { "dev" } else { value };
                    arguments.push((name.to_owned(), value.to_owned()));
                }
                "WORKDIR" => {
                    workdir = self.inside(rest);
                    fs::create_dir_all(&workdir).unwrap();
                }
                "COPY" => self.copy_in(rest, &workdir),
                "RUN" => outputs.push(self.step(rest, &workdir, &arguments)),
                other => panic!("{other} {rest}: not known here"),
            }
        }
        outputs
    }

    fn inside(&self, path: &str) -> PathBuf {
        self.root.join(path.trim_start_matches('/'))
    }

    /// Sources of the context, of which one with a star may be missing.
    fn copy_in(&self, rest: &str, workdir: &Path) {
        let (sources, to) = rest.rsplit_once(' ').unwrap();
        let to = workdir.join(to);
        for source in sources.split(' ') {
            let from = self.context.join(source.trim_end_matches('*'));
            if from.is_dir() {
                fs::remove_dir_all(&to).ok();
                copy(&from, &to);
            } else if from.exists() || !source.ends_with('*') {
                fs::copy(&from, to.join(from.file_name().unwrap())).unwrap();
            }
        }
    }

    fn step(&self, run: &str, workdir: &Path, arguments: &[(String, String)]) -> String {
        let ran = Command::new("sh")
            .args(["-ec", run])
            .current_dir(workdir)
            .envs(arguments.iter().map(|(name, value)| (name, value)))
            .env("CARGO_TARGET_DIR", &self.target)
            // The profile of this workspace, so that what both have in common is built once.
            .env("CARGO_PROFILE_DEV_DEBUG", "line-tables-only")
            .env("CARGO_TERM_COLOR", "never")
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&ran.stderr).into_owned();
        assert!(ran.status.success(), "{run}\n{said}");
        said
    }

    /// The program that the image runs: what its command names was copied from the build.
    pub(crate) fn path_of_command(&self, dockerfile: &Dockerfile) -> PathBuf {
        let last = dockerfile.last_stage();
        let command = &last.iter().rfind(|it| it.name == "CMD").unwrap().rest;
        let program = command
            .strip_prefix("[\"")
            .and_then(|it| it.strip_suffix("\"]"))
            .expect("a list, without a shell");
        let copied = last.iter().filter(|it| it.name == "COPY").find_map(|it| {
            let (from, to) = it.rest.strip_prefix("--from=build ")?.split_once(' ')?;
            (to == program).then(|| from.to_owned())
        });
        let path = self.inside(&copied.unwrap_or_else(|| panic!("{program} is copied from the build")));
        assert!(path.is_file(), "{}", path.display());
        path
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let (path, to) = (entry.path(), to.join(entry.file_name()));
        match entry.file_type().unwrap().is_dir() {
            // What somebody built there by hand is no part of the context (`.dockerignore`).
            true if entry.file_name() == "target" => {}
            true => copy(&path, &to),
            false => drop(fs::copy(&path, &to).unwrap()),
        }
    }
}
