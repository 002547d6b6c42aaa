//! What the documents say of the project is so: their Rust is compiled, their links lead somewhere, the steps, packages,
//! dependencies, types and tests that they name are there.

mod dependencies;
mod named;

use std::collections::BTreeSet;
use std::fs;

use crate::process::{capture, command, root};
use crate::{Result, STEPS, output};

/// Compiles what it lists; see `examples/src/lib.rs`.
const COMPILED_BY: &str = "examples/src/lib.rs";

/// A file and its text.
struct Document {
    path: String,
    text: String,
}

pub(crate) fn run() -> Result {
    let documents = documents()?;
    let list =
        fs::read_to_string(root().join(COMPILED_BY)).map_err(|error| format!("{COMPILED_BY}: {error}"))?;
    let steps: Vec<_> = STEPS.iter().map(|(name, ..)| *name).collect();
    let exists = |path: &str| root().join(path).exists();
    let mut broken = Vec::new();
    for document in &documents {
        broken.extend(document.uncompiled(&list));
        broken.extend(document.unknown_steps(&steps));
        broken.extend(document.dead_links(exists));
    }
    broken.extend(dependencies::check(&text(&documents, "DESIGN.md")?)?);
    broken.extend(named::check(&text(&documents, "SECURITY.md")?)?);
    if broken.is_empty() {
        output::note(&format!("{} documents say what is so", documents.len()));
        return Ok(());
    }
    Err(format!("documents:\n  {}", broken.join("\n  ")))
}

/// Every Markdown file that belongs to the project, folders of others' code left out.
fn documents() -> Result<Vec<Document>> {
    let list = ["ls-files", "--cached", "--others", "--exclude-standard", "--", "*.md"];
    let paths = capture(&mut command("git", &list))?;
    let read = |path: &str| {
        Some(Document { path: path.to_owned(), text: fs::read_to_string(root().join(path)).ok()? })
    };
    // A file that was deleted but not yet committed is still in the list.
    Ok(paths.lines().filter_map(read).collect())
}

fn text(documents: &[Document], path: &str) -> Result<String> {
    let found = documents.iter().find(|document| document.path == path);
    found.map(|document| document.text.clone()).ok_or_else(|| format!("{path} is missing"))
}

impl Document {
    /// Its Rust must be compiled, or say by `no_run` that it is only that: `ignore` rots.
    fn uncompiled(&self, list: &str) -> Vec<String> {
        let rust: BTreeSet<_> = self
            .text
            .lines()
            .filter_map(|line| line.trim().strip_prefix("```"))
            .filter(|language| language.starts_with("rust"))
            .collect();
        let mut broken = Vec::new();
        if !rust.is_empty() && !list.contains(&format!("\"{}\"", self.path)) {
            broken.push(format!("{}: has Rust and is not in {COMPILED_BY}", self.path));
        }
        if rust.iter().any(|language| language.contains("ignore")) {
            broken.push(format!("{}: has Rust that is marked `ignore`", self.path));
        }
        broken
    }

    fn unknown_steps(&self, steps: &[&str]) -> Vec<String> {
        let mentions = self.text.split("cargo xtask ").skip(1);
        let names = mentions
            .filter_map(|rest| rest.split(|c: char| !c.is_ascii_lowercase()).next())
            .filter(|name| !name.is_empty());
        let unknown: BTreeSet<_> = names.filter(|name| !steps.contains(name)).collect();
        unknown.iter().map(|name| format!("{}: there is no `cargo xtask {name}`", self.path)).collect()
    }

    /// `[..](path)` from the document's own folder, and `--manifest-path path` from the root.
    fn dead_links(&self, exists: impl Fn(&str) -> bool) -> Vec<String> {
        let folder = self.path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let links = self.text.split("](").skip(1).filter_map(|rest| rest.split([')', '#']).next());
        let links =
            links.filter(|link| !link.is_empty() && !link.contains(':')).map(|link| resolved(folder, link));
        let manifests = self.text.split("--manifest-path ").skip(1);
        let manifests =
            manifests.filter_map(|rest| rest.split(|c: char| c.is_whitespace() || "`)".contains(c)).next());
        let dead = links.chain(manifests.map(str::to_owned)).filter(|path| !exists(path));
        dead.map(|path| format!("{}: there is no {path}", self.path)).collect()
    }
}

fn resolved(folder: &str, link: &str) -> String {
    let mut parts: Vec<_> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in link.split('/') {
        match part {
            ".." => drop(parts.pop()),
            "." => {}
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// The cells of each row of the table that begins with this heading row's first cell.
fn table<'a>(text: &'a str, first: &str) -> Vec<Vec<&'a str>> {
    let cells = |line: &'a str| -> Option<Vec<&'a str>> {
        Some(line.strip_prefix('|')?.trim_end().strip_suffix('|')?.split('|').map(str::trim).collect())
    };
    let mut lines = text.lines().skip_while(|line| cells(line).is_none_or(|cells| cells[0] != first));
    lines.next();
    lines.skip(1).map_while(cells).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(text: &str) -> Document {
        Document { path: "docs/a.md".to_owned(), text: text.to_owned() }
    }

    #[test]
    fn the_documents_of_this_project_say_what_is_so() {
        run().unwrap();
    }

    #[test]
    fn rust_that_nobody_compiles_is_found() {
        let guide = document("```rust,no_run\nfn main() {}\n```");
        assert_eq!(guide.uncompiled("\"docs/a.md\""), [""; 0]);
        assert_eq!(guide.uncompiled("\"docs/b.md\"").len(), 1);
        assert_eq!(document("```rust,ignore\n```").uncompiled("\"docs/a.md\"").len(), 1);
    }

    #[test]
    fn a_step_that_is_gone_is_found() {
        let guide = document("`cargo xtask test`, then `cargo xtask polish --all`.");
        assert_eq!(guide.unknown_steps(&["test"]), ["docs/a.md: there is no `cargo xtask polish`"]);
    }

    #[test]
    fn a_dead_link_is_found() {
        let guide = document(
            "[a](../README.md#top) [b](b.md) [c](https://example.com) --manifest-path x/Cargo.toml`",
        );
        let dead = guide.dead_links(|path| path == "README.md");
        assert_eq!(dead, ["docs/a.md: there is no docs/b.md", "docs/a.md: there is no x/Cargo.toml"]);
    }

    #[test]
    fn a_table_is_found_by_its_first_heading() {
        let text = "| x |\n|---|\n| 1 |\n\n| crate | for |\n|---|---|\n| `a` | b |\n\nend";
        assert_eq!(table(text, "crate"), [["`a`", "b"]]);
    }
}
