//! What the tests share that show random frames to another program: a capture file, and
//! randomness that can be had again.

use std::io::Write;

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

/// A capture file in the classic format of libpcap (pcap-savefile(5)), Ethernet, of `frames`.
pub(crate) fn pcap<'a>(frames: impl IntoIterator<Item = &'a [u8]>) -> Vec<u8> {
    const SNAP_LENGTH: u32 = 0x4_0000;
    const ETHERNET: u32 = 1;
    let mut file = Vec::new();
    file.extend(0xa1b2_c3d4u32.to_be_bytes());
    file.extend([0, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0]);
    file.extend(SNAP_LENGTH.to_be_bytes());
    file.extend(ETHERNET.to_be_bytes());
    for (seconds, frame) in (0u32..).zip(frames) {
        let length = (frame.len() as u32).to_be_bytes();
        file.extend(seconds.to_be_bytes());
        file.extend([0; 4]);
        file.extend(length);
        file.extend(length);
        file.extend(frame);
    }
    file
}

/// The seed of this run: `SEED` of the environment, or a fixed number; printed.
pub(crate) fn seed() -> u64 {
    let seed = std::env::var("SEED").map_or(1, |seed| seed.parse().unwrap());
    println!("SEED={seed}");
    seed
}

/// A source of random values that gives the same for the same `seed`.
pub(crate) fn runner(seed: u64) -> TestRunner {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let random = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    TestRunner::new_with_rng(Config::default(), random)
}

/// One random value.
pub(crate) fn sample<S: Strategy>(strategy: &S, runner: &mut TestRunner) -> S::Value {
    strategy.new_tree(runner).unwrap().current()
}

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
