//! A test that needs what this machine does not have.

/// Says that a test did not look, and why. `.ci/run` counts these lines and fails on those that this machine could have run.
#[expect(clippy::print_stdout, reason = "the line is read by `.ci/run`")]
pub(crate) fn skip(why: &str) {
    println!("SKIP: {why}");
}
