//! A pull in a terminal: the prompts, and the effects of the answers.

use super::Stage;
use mizzle_test::Screen;

const ESCAPE: &str = "\u{1b}";

#[test]
fn it_asks_before_it_makes_a_ledger() {
    let stage = Stage::small();
    let mut terminal = stage.project.mizzle(["pull"]).in_terminal(100, 40);
    terminal.wait_for("Mark 0001_init as applied?").press("y");
    let Screen { code, text } = terminal.finish();
    insta::assert_snapshot!(text, @"
    ┌   mizzle pull
    │
    ●  Target: http://127.0.0.1:[port] (us-east-1)
    │
    ◆  schema.ts
    │  mizzle.config.ts
    │  migrations/0001_init.ts
    │  migrations/0001_init.snapshot.json
    │
    ◇  Mark 0001_init as applied? This creates the table mizzle_migrations at http://127.0.0.1:[port]
    │  (us-east-1)
    │  Yes
    │
    └  Pulled 2 tables, and 0001_init is marked as applied
    ");
    assert_eq!(code, 0);
    stage.assert_settled();
}

#[test]
fn it_is_readable_in_a_narrow_window() {
    let stage = Stage::small();
    let mut terminal = stage.project.mizzle(["pull"]).in_terminal(40, 60);
    terminal.wait_for("Mark 0001_init").press("n");
    let Screen { code, text } = terminal.finish();
    insta::assert_snapshot!(text, @"
    ┌   mizzle pull
    │
    ●  Target: http://127.0.0.1:[port]
    │  (us-east-1)
    │
    ◆  schema.ts
    │  mizzle.config.ts
    │  migrations/0001_init.ts
    │  migrations/0001_init.snapshot.json
    │
    ◇  Mark 0001_init as applied? This
    │  creates the table mizzle_migrations
    │  at http://127.0.0.1:[port] (us-east-1)
    │  No
    │
    └  Pulled 2 tables. Next: mizzle migrate
       --baseline
    ");
    assert_eq!(code, 0);
    assert_eq!(stage.proxy.writes(), []);
}

#[test]
fn leaving_at_either_question() {
    let stage = Stage::small();
    let mut terminal = stage.project.mizzle(["pull"]).in_terminal(100, 40);
    terminal.wait_for("Mark 0001_init as applied?").press(ESCAPE);
    let Screen { code, text } = terminal.finish();
    assert_eq!(code, 130, "{text}");
    assert!(text.contains("schema.ts") && text.ends_with("└  Operation cancelled."), "{text}");
    assert_eq!(stage.proxy.writes(), []);
    assert!(stage.project.exists("migrations/0001_init.ts"));

    let mine = "export {};\n";
    for (keys, expected) in [("n", 4), (ESCAPE, 130)] {
        stage.project.write("schema.ts", mine);
        let mut terminal = stage.project.mizzle(["pull"]).in_terminal(100, 40);
        terminal.wait_for("schema.ts already exists. Overwrite it?").press(keys);
        let Screen { code, text } = terminal.finish();
        assert_eq!(code, expected, "{text}");
        assert_eq!(stage.project.read("schema.ts"), mine);
    }
    let mut terminal = stage.project.mizzle(["pull"]).in_terminal(100, 40);
    terminal.wait_for("schema.ts already exists. Overwrite it?").press("y");
    assert_eq!(terminal.finish().code, 0);
    assert!(stage.project.read("schema.ts").contains("dynamoTable"));
}
