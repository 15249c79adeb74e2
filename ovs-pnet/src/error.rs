//! What can go wrong with devices and their threads.

use std::io;

/// Why a device or a thread could not be made or changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The operating system has no descriptor left for the wake-up of a port in memory.
    #[error("cannot make a port in memory: {source}")]
    Memory {
        /// What it said.
        source: io::Error,
    },
    /// The operating system has no descriptor or thread left for a runner, or cannot wait for a device.
    #[error("cannot run or watch devices: {source}")]
    Runner {
        /// What it said.
        source: io::Error,
    },
    /// The thread of the runner has ended before its time.
    #[error("the runner has stopped")]
    RunnerStopped,
}
