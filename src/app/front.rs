//! Which front end a session gets.

use std::io::{self, IsTerminal, Stdout};
use std::path::Path;

use jiff::tz::TimeZone;
use tokio::sync::mpsc::UnboundedReceiver;

use super::cast::Cast;
use super::config::Config;
use super::ending::{Seen, Trace};
use super::folders::Folders;
use super::{last, print};
use crate::cli::{self, ColorChoice, StreamFormat, ThemeChoice};
use crate::error::Fault;
use crate::headless::{self, Format, Printer, Script};
use crate::model::{RunId, RunState, Runbook};
use crate::report;
use crate::session::Session;
use crate::tui::{self, Palette};

/// How a session is shown.
#[derive(Debug)]
pub(super) enum Front {
    /// On the screen.
    Console {
        /// The colours.
        palette: Palette,
        /// Only ASCII characters are drawn.
        ascii: bool,
        /// What the person who is at it likes.
        config: Config,
        /// Where the screen is recorded.
        cast: Option<Cast>,
    },
    /// As lines.
    Headless(Printer<Stdout>),
}

/// What a front end leaves.
#[derive(Debug)]
pub(super) struct Ended {
    /// The last state.
    pub(super) state: RunState,
    /// Why script and reality parted.
    pub(super) difference: Option<String>,
    /// The signal that ended a session without controls.
    pub(super) signal: Option<i32>,
    /// Which side served, where somebody looked.
    pub(super) seen: Option<Seen>,
    /// What is left of a run that was driven.
    pub(super) trace: Option<Trace>,
}

impl Ended {
    fn in_state(state: RunState) -> Self {
        Self { state, difference: None, signal: None, seen: None, trace: None }
    }
}

/// What happens when there is no terminal and `--headless` was not said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NoTerminal {
    /// It goes on with lines for people: nothing real is at stake.
    GoOn,
    /// It refuses: somebody must answer.
    Refuse,
}

impl Front {
    /// The front end that was asked for. What belongs to the run is kept in `folder`.
    pub(super) fn choose(
        asked: &cli::Front,
        run: RunId,
        folder: &Path,
        without: NoTerminal,
    ) -> Result<Self, Fault> {
        let format = match asked.output {
            Some(StreamFormat::Text) => Format::Text,
            Some(StreamFormat::Json) => Format::Json,
            None if asked.headless => Format::Json,
            None if io::stdin().is_terminal() && io::stdout().is_terminal() => {
                let cast = asked.cast.as_ref().map(|file| Cast::create(file.as_deref(), folder));
                let cast = cast.transpose()?;
                let mut config = Config::read()?;
                config.mouse |= asked.mouse;
                let (palette, ascii) = (palette(asked, &config), asked.ascii || config.ascii);
                return Ok(Self::Console { palette, ascii, config, cast });
            }
            None if without == NoTerminal::Refuse => {
                return Err(Fault::usage("there is no terminal for the console").hint(
                    "add `--headless`, with `--script FILE` or `--confirm STEP=ANSWER` for what is asked",
                ));
            }
            None => {
                print::say("there is no terminal: going on as `--headless -o text`");
                Format::Text
            }
        };
        Ok(Self::Headless(Printer::new(io::stdout(), format, run, TimeZone::system())))
    }

    /// True for the screen.
    pub(super) const fn is_console(&self) -> bool {
        matches!(self, Self::Console { .. })
    }

    /// Gives it a session until that ends, or the operator leaves. A panic leaves `farewell` on the terminal.
    pub(super) async fn show(
        &mut self,
        session: Session,
        script: &Script,
        place: String,
        farewell: String,
        folders: &Folders,
        signals: &mut UnboundedReceiver<i32>,
    ) -> io::Result<Ended> {
        match self {
            Self::Headless(printer) => {
                let ended = headless::drive(session, script, printer, signals).await?;
                let headless::Ended { state, difference, signal } = ended;
                Ok(Ended { difference, signal, ..Ended::in_state(state) })
            }
            Self::Console { palette, ascii, config, cast } => {
                let (recorded, cast) = cast.take().map(|cast| (cast.path, cast.file)).unzip();
                let options = tui::Options {
                    protected: config.protects(&place),
                    mouse: config.mouse,
                    acts,
                    last: last::times(folders, &session),
                    place,
                    palette: *palette,
                    ascii: *ascii,
                    stderr: stderr_file(&folders.logs),
                    cast,
                    farewell,
                };
                // the future of a console is a large one
                let tui::Ended { state } =
                    Box::pin(tui::console(session, options, signals)).await?;
                if let Some(path) = recorded {
                    print::say(format!("the screen is recorded in {}", path.display()));
                }
                Ok(Ended::in_state(state))
            }
        }
    }
}

/// The colours that were asked for. A flag counts more than `NO_COLOR`, and that more than the terminal.
pub(super) fn palette(asked: &cli::Front, config: &Config) -> Palette {
    let said = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    let theme = asked.theme.or(config.theme).unwrap_or_default();
    match (asked.color, theme) {
        (ColorChoice::Never, _) => Palette::Mono,
        (ColorChoice::Auto, _) if said || dumb => Palette::Mono,
        (_, ThemeChoice::Default) => Palette::Default,
        (_, ThemeChoice::Light) => Palette::Light,
        (_, ThemeChoice::ColourBlind) => Palette::ColourBlind,
        (_, ThemeChoice::Mono) => Palette::Mono,
    }
}

/// What each step says to the world.
fn acts(runbook: &Runbook) -> tui::Acts {
    let calls = |all: Vec<report::Said>| -> Vec<tui::Call> {
        all.into_iter().map(|said| tui::Call { line: said.line, whole: said.whole }).collect()
    };
    let act = |step| tui::Act {
        runs: calls(report::step_acts(runbook, step)),
        undoes: calls(report::step_undoes(runbook, step)),
    };
    runbook.steps().map(|(_, step)| (step.id.clone(), act(step))).collect()
}

/// What other code writes to stderr while the console has the terminal.
fn stderr_file(logs: &Path) -> Option<std::fs::File> {
    std::fs::create_dir_all(logs).ok()?;
    std::fs::File::options().create(true).append(true).open(logs.join("stderr.log")).ok()
}
