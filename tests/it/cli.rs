//! The command line without a world.

use crate::support::Binary;

#[test]
fn an_unknown_command_is_refused_with_the_nearest_one() {
    Binary::new(["rehearce"])
        .stderr(
            "error: unrecognized subcommand 'rehearce'\n\n  tip: a similar subcommand exists: 'rehearse'\n\n\
             Usage: pgcutover [OPTIONS] <COMMAND>\n\nFor more information, try '--help'.\n",
        )
        .status(2)
        .run();
}

#[test]
fn a_confirmation_without_an_answer_is_refused() {
    Binary::new(["run", "chronicle", "--confirm", "stop-writers"])
        .stderr(
            "error: invalid value 'stop-writers' for '--confirm <STEP=ANSWER>': write it as `STEP=ANSWER`, such as \
             `stop-writers=yes`\n\nFor more information, try '--help'.\n",
        )
        .status(2)
        .run();
}

#[test]
fn the_long_help_lists_every_exit_code() {
    let help = Binary::new(["--help"]).any_stdout().run().stdout;
    for (exit, words) in pgcutover::exit::Exit::TABLE {
        assert!(help.contains(&format!("{:>3}  {words}\n", exit.code())), "{words}");
    }
}

#[test]
fn every_command_has_long_help_and_every_working_one_has_an_example() {
    for command in
        ["rehearse", "run", "plan", "preflight", "monitor", "resume", "replay", "report", "init"]
    {
        let help = Binary::new([command, "--help"]).any_stdout().run().stdout;
        assert!(help.contains(&format!("Examples:\n  pgcutover {command}")), "{command}");
    }
}

#[test]
fn paths_are_below_home_by_default() {
    Binary::new(["paths"])
        .stdout(
            "runs   $HOME/.local/state/pgcutover/runs\nlogs   $HOME/.local/state/pgcutover/logs\n\
             cache  $HOME/.cache/pgcutover\n",
        )
        .run();
}

#[test]
fn completions_and_the_man_page_come_from_the_same_definition() {
    for shell in ["bash", "zsh", "fish"] {
        let script = Binary::new(["completions", shell]).any_stdout().run().stdout;
        assert!(script.contains("rehearse"), "{shell}");
    }
    let page = Binary::new(["man"]).any_stdout().run().stdout;
    assert!(page.contains(".TH pgcutover 1"), "{page}");
}

#[test]
fn a_log_level_that_cannot_be_read_is_refused() {
    let output =
        Binary::new(["replay", "x", "--log-level", "loud=x=y"]).any_stderr().status(2).run();
    assert!(output.stderr.starts_with("error: cannot log with `loud=x=y`\n"), "{}", output.stderr);
}
