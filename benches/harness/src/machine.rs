//! On what, with what, when.

use std::fs;

use super::tools::Tools;
use crate::Result;
use crate::process::{first_line, root};

const PEERS: &[&str] = &["axum", "axum-extra", "hyper", "jsonwebtoken", "openidconnect", "tower-sessions"];
const PYTHON: &[&str] = &["huggingface_hub", "fastapi", "starlette", "uvicorn"];

pub(super) fn describe(tools: &Tools) -> Result<Vec<(String, String)>> {
    let read = |path: &str| fs::read_to_string(root().join(path)).map_err(|error| format!("{path}: {error}"));
    let model = fs::read_to_string("/proc/cpuinfo").ok().and_then(|text| {
        let line = text.lines().find(|line| line.starts_with("model name"))?;
        Some(line.split_once(':')?.1.trim().to_owned())
    });
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let mut all = vec![
        ("date".to_owned(), first_line("date", &["-u", "+%Y-%m-%d"])),
        ("processor".to_owned(), format!("{}, {cores} cores", model.unwrap_or_else(|| "unknown".to_owned()))),
        ("system".to_owned(), first_line("uname", &["-srm"])),
        ("rustc".to_owned(), first_line("rustc", &["--version"])),
        ("crates".to_owned(), locked(&read("benches/peers/Cargo.lock")?)),
    ];
    if let Some(python) = &tools.python {
        let pins = read("tests-env/python/requirements.txt")?;
        let pins: Vec<_> = pins.lines().filter_map(|line| line.split_once("==")).collect();
        let named = pins.iter().filter(|(name, _)| PYTHON.contains(name));
        let named: Vec<_> = named.map(|(name, version)| format!("{name} {version}")).collect();
        let version = first_line(&python.display().to_string(), &["--version"]);
        all.push(("Python".to_owned(), format!("{version}, {}", named.join(", "))));
    }
    if tools.node {
        let mut named = vec![first_line("node", &["--version"])];
        for file in ["tests-env/node/package.json", "benches/node/package.json"] {
            let package: serde_json::Value =
                serde_json::from_str(&read(file)?).map_err(|error| format!("{file}: {error}"))?;
            let dependencies = package["dependencies"].as_object().into_iter().flatten();
            let ours = dependencies.filter(|(name, _)| !name.starts_with('@'));
            named.extend(
                ours.map(|(name, version)| format!("{name} {}", version.as_str().unwrap_or_default())),
            );
        }
        all.push(("Node".to_owned(), named.join(", ")));
    }
    Ok(all)
}

fn locked(lock: &str) -> String {
    let lines: Vec<&str> = lock.lines().collect();
    let packages = lines.windows(2).filter_map(|pair| {
        let name = pair[0].strip_prefix("name = \"")?.strip_suffix('"')?;
        let version = pair[1].strip_prefix("version = \"")?.strip_suffix('"')?;
        PEERS.contains(&name).then(|| format!("{name} {version}"))
    });
    packages.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    #[test]
    fn versions_are_read_from_a_lock_file() {
        let lock = "[[package]]\nname = \"axum\"\nversion = \"0.8.9\"\n\n[[package]]\nname = \"x\"\nversion = \"1\"\n";
        assert_eq!(super::locked(lock), "axum 0.8.9");
    }
}
