//! `mizzle completions`.

use crate::support::BINARY;
use mizzle_test::TempProject;

#[test]
fn every_shell_has_its_script() {
    let project = TempProject::new(BINARY);
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let output = project.mizzle(["completions", shell]).run().assert_code(0);
        assert!(output.stdout.contains("accept-data-loss"), "{shell}: {}", output.stdout);
        assert_eq!(output.stderr, "", "{shell}");
    }
    let json = project.mizzle(["completions", "fish", "--json"]).run().assert_code(0).json();
    assert!(json["script"].as_str().unwrap().contains("accept-data-loss"), "{json}");
    project.mizzle(["completions", "tcsh"]).run().assert_code(2);
}

/// A shell reads the script at every start: there must be no other output.
#[test]
fn a_terminal_shows_nothing_but_the_script() {
    let project = TempProject::new(BINARY);
    let screen = project.mizzle(["completions", "elvish"]).in_terminal(200, 600).finish();
    assert!(screen.text.trim_start().starts_with("use builtin;"), "{}", screen.text);
    assert!(screen.text.ends_with('}'), "{}", screen.text);
}

#[cfg(unix)]
#[test]
fn bash_completes_with_it() {
    let project = TempProject::new(BINARY);
    let script = project.mizzle(["completions", "bash"]).run().assert_code(0).stdout;
    project.write("completions.bash", &script);
    for (words, cursor, expected) in [
        ("mizzle pus", 1, "push"),
        ("mizzle push --acc", 2, "--accept-data-loss"),
        ("mizzle --color nev", 2, "never"),
    ] {
        let complete = format!(
            "source completions.bash; COMP_WORDS=({words}); COMP_CWORD={cursor}; \
             _mizzle mizzle \"${{COMP_WORDS[COMP_CWORD]}}\" \"${{COMP_WORDS[COMP_CWORD-1]}}\"; \
             echo \"${{COMPREPLY[@]}}\""
        );
        let output = std::process::Command::new("bash")
            .args(["--norc", "-c", &complete])
            .current_dir(project.path())
            .output()
            .unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), expected, "{words}: {output:?}");
    }
}
