//! A live table at a terminal; lines elsewhere.

use crate::report::Report;
use std::io::{IsTerminal, Write, stdout};
use std::time::{Duration, Instant};

/// Where progress is shown: redrawn in place at a terminal, appended elsewhere if asked for.
pub(crate) struct Screen {
    silent: bool,
    live: bool,
    every: Option<Duration>,
    shown: Option<Instant>,
    /// Lines of the table that is on the terminal now.
    lines: usize,
}

impl Screen {
    /// `every`: how often, if the user said so.
    pub(crate) fn new(silent: bool, every: Option<Duration>) -> Self {
        let live = stdout().is_terminal();
        let every = every.or(live.then_some(Duration::from_secs(1)));
        Self { silent, live, every, shown: None, lines: 0 }
    }

    /// Is it time to show the table?
    pub(crate) fn is_due(&self) -> bool {
        let since = |every| self.shown.is_none_or(|shown| shown.elapsed() >= every);
        !self.silent && self.every.is_some_and(since)
    }

    /// Shows the table, in place of the one before.
    pub(crate) fn show(&mut self, report: &Report) {
        self.erase();
        let text = report.to_string();
        if self.live {
            self.lines = text.lines().count();
            print!("{text}");
        } else {
            println!("{text}");
        }
        self.shown = Some(Instant::now());
        stdout().flush().ok();
    }

    /// Says something that stays, above the table.
    pub(crate) fn say(&mut self, line: &str) {
        if self.silent {
            eprintln!("{line}");
            return;
        }
        self.erase();
        println!("{line}");
        // The table comes again at once.
        self.shown = None;
    }

    /// Makes room for the summary.
    pub(crate) fn finish(&mut self) {
        self.erase();
    }

    fn erase(&mut self) {
        if self.lines > 0 {
            // Up to the first line of the table, and clear from there.
            print!("\x1b[{}A\x1b[J", self.lines);
            self.lines = 0;
        }
    }
}
