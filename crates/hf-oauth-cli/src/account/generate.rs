//! What packagers and shells read: completion scripts and the manual page, made from the command line's own definition.

use std::io::{self, Write as _};
use std::process::ExitCode;

use clap::CommandFactory as _;
use clap_complete::Shell;
use clap_mangen::Man;

use crate::failure::{Failure, Kind};
use crate::output;

/// `hf-oauth completions SHELL`
#[derive(clap::Args)]
pub(crate) struct Completions {
    /// For which shell.
    shell: Shell,
}

pub(crate) fn completions(options: &Completions) -> Result<ExitCode, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(options.shell, &mut crate::Arguments::command(), "hf-oauth", &mut script);
    say(&script);
    Ok(ExitCode::SUCCESS)
}

/// `hf-oauth man [COMMAND]`
#[derive(clap::Args)]
pub(crate) struct Manual {
    /// The page of one command; without this the page of all of them.
    command: Option<String>,
}

pub(crate) fn man(options: &Manual) -> Result<ExitCode, Failure> {
    // Built, so that each command knows its whole name.
    let mut all = crate::Arguments::command();
    all.build();
    let page = match &options.command {
        None => whole(&all),
        Some(name) => {
            let found = all.find_subcommand(name).ok_or_else(|| {
                Failure::new(Kind::Usage, format_args!("no command `{name}`")).next("hf-oauth --help")
            })?;
            let mut page = Vec::new();
            manual(found).render(&mut page).map(|()| page)
        }
    };
    let page = page.map_err(|error| Failure::new(Kind::Failed, "the manual page").because(error))?;
    say(&page);
    Ok(ExitCode::SUCCESS)
}

/// One page: the options of all, then a section for each command.
fn whole(all: &clap::Command) -> io::Result<Vec<u8>> {
    let mut page = Vec::new();
    manual(all).render(&mut page)?;
    for command in all.get_subcommands().filter(|command| !command.is_hide_set()) {
        let name = format!("hf-oauth {}", command.get_name()).to_uppercase();
        writeln!(page, ".SH \"{name}\"")?;
        let man = Man::new(command.clone());
        for part in
            [Man::render_description_section, Man::render_synopsis_section, Man::render_options_section]
        {
            let mut section = Vec::new();
            part(&man, &mut section)?;
            // Below the command's own heading.
            page.extend(String::from_utf8_lossy(&section).replace("\n.SH ", "\n.SS ").bytes());
        }
    }
    Ok(page)
}

/// With its name and version in the footer, a subcommand's as well.
fn manual(command: &clap::Command) -> Man {
    Man::new(command.clone()).source(concat!("hf-oauth ", env!("CARGO_PKG_VERSION")))
}

fn say(text: &[u8]) {
    output::say(String::from_utf8_lossy(text).trim_end());
}
