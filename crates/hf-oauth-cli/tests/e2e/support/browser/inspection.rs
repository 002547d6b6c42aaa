//! Pages held to axe-core, as they are shown, and to html-validate, as they were sent.

use std::fs;
use std::path::PathBuf;

use serde_json::Value;

use super::Browser;
use crate::support::environment;
use crate::support::folder::Folder;
use crate::support::program::{Program, bare};

const SCREENS: [(u32, u32); 2] = [(1280, 900), (390, 844)];

/// What axe-core finds in the document that the driver is in: rule, element, what to do.
const RUN_AXE: &str = "return axe.run(document, { resultTypes: ['violations'] }).then((found) => found.violations.flatMap(\
    (it) => it.nodes.map((node) => `${it.id}: ${node.target.join(' ')}: ${node.failureSummary}`)));";

/// Looks at one page after the other, and says at the end what was found on all of them.
pub(crate) struct Inspection<'a> {
    browser: &'a Browser,
    axe: String,
    validator: PathBuf,
    folder: Folder,
    files: Vec<String>,
    findings: Vec<String>,
}

impl<'a> Inspection<'a> {
    /// None where Node was left out.
    pub(crate) fn new(browser: &'a Browser) -> Option<Self> {
        let node = environment::node()?;
        let axe = fs::read_to_string(node.join("node_modules/axe-core/axe.min.js")).unwrap();
        let validator = node.join("html-validate.mjs");
        Some(Self { browser, axe, validator, folder: Folder::new(), files: Vec::new(), findings: Vec::new() })
    }

    /// The page that the browser is on: on a screen and on a phone, by day and by night.
    pub(crate) async fn page(&mut self, name: &str) {
        // A parser that mends what is wrong would hide it, so it is the bytes that are kept. A script may have changed the page
        // since; then they were looked at before.
        if let Some(sent) = self.browser.sent().await {
            self.keep(name, &sent);
        }
        self.shown(name).await;
    }

    /// The page in the page's frame, which was sent as `sent`.
    pub(crate) async fn frame(&mut self, name: &str, sent: &str) {
        self.keep(name, sent);
        self.browser.client.enter_frame(0).await.unwrap();
        self.browser.find("h1").await;
        self.shown(name).await;
        self.browser.client.enter_parent_frame().await.unwrap();
    }

    async fn shown(&mut self, name: &str) {
        for dark in [false, true] {
            self.browser.dark(dark).await;
            for (width, height) in SCREENS {
                self.browser.screen(width, height).await;
                // A script of the driver's, so the page's content security policy does not stand in its way.
                self.browser.script(&self.axe).await;
                let found = self.browser.script(RUN_AXE).await;
                let light = if dark { "dark" } else { "light" };
                let found = found.as_array().unwrap().iter().map(|found| found.as_str().unwrap());
                self.findings.extend(found.map(|found| format!("{name}, {width} px, {light}: {found}")));
            }
        }
        self.browser.dark(false).await;
        self.browser.screen(1280, 900).await;
    }

    fn keep(&mut self, name: &str, sent: &str) {
        assert!(sent.to_lowercase().starts_with("<!doctype html>"), "{name} is no page: {sent}");
        let file = self.folder.file(&format!("{name}.html"), sent);
        self.files.push(file.to_str().unwrap().to_owned());
    }

    /// # Panics
    ///
    /// With everything that was found.
    pub(crate) fn end(self) {
        let mut command = bare("node");
        command.arg(self.validator).args(&self.files);
        let (status, out, err) = Program::start(command).end();
        assert!(status.success(), "{out}{err}");
        let invalid: Vec<Value> = serde_json::from_str(&out).unwrap();
        let said = |finding: &Value| {
            let text = |name: &str| finding[name].as_str().unwrap_or_default().to_owned();
            let (_, file) =
                text("file").rsplit_once('/').map(|(path, file)| (path.to_owned(), file.to_owned())).unwrap();
            format!(
                "{file}:{}: {}: {} ({})",
                finding["line"],
                text("rule"),
                text("message"),
                text("selector")
            )
        };
        let findings: Vec<_> = self.findings.into_iter().chain(invalid.iter().map(said)).collect();
        assert!(findings.is_empty(), "{} findings:\n{}", findings.len(), findings.join("\n"));
        assert!(!self.files.is_empty(), "no page was looked at");
    }
}
