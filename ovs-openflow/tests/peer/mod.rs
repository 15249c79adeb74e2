//! Programs that know OpenFlow too, and what they make of messages.

pub(crate) mod ofctl;
pub(crate) mod subjects;
pub(crate) mod tshark;

use std::io::Write;

/// Is there a program of this name? Where `CI=true` it must be there.
pub(crate) fn is_installed(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path).any(|folder| folder.join(program).is_file());
    if !found {
        assert!(std::env::var("CI").as_deref() != Ok("true"), "{program} is not installed");
        // Past the test harness, which hides what tests that pass print.
        writeln!(std::io::stderr(), "skipped: {program} is not installed").ok();
    }
    found
}

/// A file that is gone when this is.
pub(crate) struct Scratch(std::path::PathBuf);

impl Scratch {
    /// A file with this content and a name that no other has.
    pub(crate) fn new(extension: &str, content: &[u8]) -> Self {
        use std::sync::atomic::{AtomicU32, Ordering};
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("{}-{number}.{extension}", std::process::id());
        let path = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        std::fs::write(&path, content).expect("a place for files");
        Self(path)
    }

    pub(crate) fn path(&self) -> &std::path::Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        std::fs::remove_file(&self.0).ok();
    }
}
