//! How many values are tried, and which.

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};

/// What was wrong with values of some strategies.
#[derive(Default)]
pub(crate) struct Checks(Vec<String>);

impl Checks {
    /// Tries `check` on values of a strategy, as often as `PROPTEST_CASES` says, times `share`.
    /// `SEED` of the environment chooses other values.
    pub(crate) fn check<S: Strategy>(
        &mut self,
        what: &str,
        strategy: &S,
        share: f64,
        check: impl Fn(S::Value) -> Result<(), TestCaseError>,
    ) {
        let config = Config::default();
        let cases = ((f64::from(config.cases) * share).ceil() as u32).max(1);
        let (failure_persistence, max_shrink_iters) = (None, 2000);
        let config = Config { cases, failure_persistence, max_shrink_iters, ..config };
        let mut runner = TestRunner::new_with_rng(config, random(what));
        match runner.run(strategy, check) {
            Ok(()) => {}
            Err(TestError::Fail(why, value)) => self.0.push(format!("{what}: {why}\n{value:?}")),
            Err(error) => self.0.push(format!("{what}: {error}")),
        }
    }

    /// Fails if something was wrong.
    pub(crate) fn end(self) {
        assert!(self.0.is_empty(), "{} are wrong:\n\n{}", self.0.len(), self.0.join("\n\n"));
    }
}

/// A source of random values: the same for the same seed and the same words.
fn random(what: &str) -> TestRng {
    let seed: u64 = std::env::var("SEED").map_or(1, |seed| seed.parse().expect("a number"));
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    for (place, byte) in bytes[8..].iter_mut().zip(what.bytes().rev()) {
        *place = byte;
    }
    TestRng::from_seed(RngAlgorithm::ChaCha, &bytes)
}

/// Some values of a strategy.
pub(crate) fn some<S: Strategy>(what: &str, strategy: &S, count: usize) -> Vec<S::Value> {
    let mut runner = TestRunner::new_with_rng(Config::default(), random(what));
    let value = |_| strategy.new_tree(&mut runner).expect("a value").current();
    (0..count).map(value).collect()
}
