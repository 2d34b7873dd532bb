//! `init` in a terminal: the screen, and the effects of keys. `j` moves down a list.

use super::{empty, init, set_up_aws};
use mizzle_test::{Screen, TempProject, Terminal};

const ESCAPE: &str = "\u{1b}";
const CTRL_C: &str = "\u{3}";

/// Questions, and the keys that answer them.
type Answers = [(&'static str, &'static str)];

const EMBEDDED: &Answers = &[
    ("Where is the schema?", "\r"),
    ("Where do migrations go?", "\r"),
    ("Where is DynamoDB?", "\r"),
    ("There is no schema yet.", "\r"),
    ("Add .mizzle/ to .gitignore?", "\r"),
];

const SERVER: &Answers = &[
    ("Where is the schema?", "./db/tables.ts\r"),
    ("Where do migrations go?", "./db/migrations\r"),
    ("Where is DynamoDB?", "j\r"),
    ("At which URL?", "\r"),
    ("There is no schema yet.", "y"),
];

const AWS: &Answers = &[
    ("Where is the schema?", "\r"),
    ("Where do migrations go?", "\r"),
    ("Where is DynamoDB?", "jj\r"),
    ("Which AWS profile?", "jj\r"),
    ("Which region?", "\r"),
    ("There is no schema yet.", "n"),
];

fn answer(terminal: &mut Terminal, answers: &Answers) {
    for (question, keys) in answers {
        terminal.wait_for(question).press(keys);
    }
}

/// Creates a project for the path with AWS.
fn with_aws() -> TempProject {
    let project = empty();
    set_up_aws(&project);
    project
}

#[test]
fn the_embedded_dynamodb_needs_nothing_but_enter() {
    let project = empty();
    let mut terminal = init(&project, &[]).in_terminal(80, 50);
    answer(&mut terminal, EMBEDDED);
    let Screen { code, text } = terminal.finish();
    insta::assert_snapshot!("embedded", text);
    assert_eq!(code, 0);
    assert_eq!(project.files(), [".gitignore", "mizzle.config.ts", "schema.ts"]);
    project.mizzle(["push", "--yes"]).run().assert_code(0);
}

#[test]
fn a_server_is_named_by_its_url() {
    let project = empty();
    let mut terminal = init(&project, &[]).in_terminal(80, 50);
    answer(&mut terminal, SERVER);
    let Screen { code, text } = terminal.finish();
    insta::assert_snapshot!("server", text);
    assert_eq!(code, 0);
    insta::assert_snapshot!(project.read("mizzle.config.ts"), @r#"
    export default {
      schema: "./db/tables.ts",
      out: "./db/migrations",
      endpoint: "http://127.0.0.1:8000",
    };
    "#);
    assert_eq!(project.files(), ["db/tables.ts", "mizzle.config.ts"]);
}

#[test]
fn a_server_that_was_found_is_one_of_the_choices() {
    let project = empty();
    let serving = project.mizzle(["local", "--port", "0", "--in-memory"]).serve();
    let port = serving.endpoint().rsplit(':').next().unwrap();
    let mut terminal = init(&project, &[]).env("MIZZLE_LOCAL_PORTS", port).in_terminal(80, 50);
    answer(&mut terminal, &EMBEDDED[..2]);
    terminal.wait_for("Another server").press("j\r");
    terminal.wait_for("There is no schema yet.").press("y");
    let Screen { code, text } = terminal.finish();
    insta::assert_snapshot!("server_found", text);
    assert_eq!(code, 0);
    let push = project.mizzle(["push", "--yes"]).run().assert_code(0);
    assert!(push.stderr.contains(serving.endpoint()), "{}", push.stderr);
}

#[test]
fn aws_has_a_profile_and_a_region() {
    let project = with_aws();
    let mut terminal = init(&project, &[]).in_terminal(80, 50);
    answer(&mut terminal, AWS);
    let Screen { code, text } = terminal.finish();
    insta::assert_snapshot!("aws", text);
    assert_eq!(code, 0);
    insta::assert_snapshot!(project.read("mizzle.config.ts"), @r#"
    export default {
      schema: "./schema.ts",
      out: "./migrations",
      // Without an endpoint it is AWS.
      region: "eu-west-3",
      profile: "work",
    };
    "#);
    assert_eq!(project.files(), ["mizzle.config.ts"]);
}

#[test]
fn among_many_profiles_typing_finds_one() {
    let project = with_aws();
    let profiles: String = (1..=30).map(|n| format!("[profile team-{n:02}]\n")).collect();
    std::fs::write(project.home().join(".aws/config"), profiles).unwrap();
    let mut terminal = init(&project, &["--schema", "./a.ts"]).in_terminal(80, 24);
    terminal.wait_for("Where do migrations go?").press("\r");
    terminal.wait_for("Where is DynamoDB?").press("jj\r");
    terminal.wait_for("Which AWS profile?").press("team-17");
    terminal.wait_for("● team-17");
    terminal.press("\r");
    terminal.wait_for("Which region?").press("\r");
    terminal.wait_for("There is no schema yet.").press("n");
    let Screen { code, text } = terminal.finish();
    assert_eq!(code, 0, "{text}");
    assert!(project.read("mizzle.config.ts").contains("profile: \"team-17\""));

    project.remove("mizzle.config.ts");
    let mut terminal = init(&project, &["--schema", "./a.ts"]).in_terminal(80, 24);
    terminal.wait_for("Where do migrations go?").press("\r");
    terminal.wait_for("Where is DynamoDB?").press("jj\r");
    terminal.wait_for("Which AWS profile?").press("team").press(ESCAPE);
    assert_eq!(terminal.finish().code, 130);
}

#[test]
fn leaving_at_any_question_leaves_nothing_behind() {
    let paths = [(EMBEDDED, empty()), (SERVER, empty()), (AWS, with_aws())];
    for (answers, project) in &paths {
        for (position, (question, _)) in answers.iter().enumerate() {
            for keys in [ESCAPE, CTRL_C] {
                let mut terminal = init(project, &[]).in_terminal(80, 50);
                answer(&mut terminal, &answers[..position]);
                terminal.wait_for(question).press(keys);
                let Screen { code, text } = terminal.finish();
                assert_eq!(code, 130, "{question} {keys:?}\n{text}");
                // Ctrl-C may arrive as a key or, slightly earlier, as a signal; the latter prints
                // no final line.
                let says_goodbye = text.ends_with("└  Operation cancelled.");
                assert!(says_goodbye || keys == CTRL_C, "{question}\n{text}");
                assert_eq!(project.files(), [""; 0], "{question} {keys:?}");
            }
        }
    }
}

#[test]
fn a_wrong_answer_can_be_mended() {
    let project = empty();
    let mut terminal = init(&project, &["--no-starter"]).in_terminal(80, 50);
    terminal.wait_for("Where is the schema?").press("src/{a\r");
    terminal.wait_for("not a pattern").press("}.ts\r");
    terminal.wait_for("Where do migrations go?").press("\r");
    terminal.wait_for("Where is DynamoDB?").press("j\r");
    terminal.wait_for("At which URL?").press("localhost\r");
    terminal.wait_for("is not usable");
    for _ in 0.."localhost".len() {
        terminal.press("\u{7f}");
    }
    terminal.press("http://localhost:1\r");
    let Screen { code, text } = terminal.finish();
    assert_eq!(code, 0, "{text}");
    assert!(text.ends_with("└  Next: write src/{a}.ts, then mizzle push"), "{text}");
    assert!(project.read("mizzle.config.ts").contains("endpoint: \"http://localhost:1\""));
}

#[test]
fn it_fits_a_narrow_window() {
    let project = empty();
    let mut terminal = init(&project, &[]).in_terminal(40, 60);
    answer(&mut terminal, EMBEDDED);
    let Screen { code, text } = terminal.finish();
    insta::assert_snapshot!("narrow_embedded", text);
    assert_eq!(code, 0);

    let project = with_aws();
    let mut terminal = init(&project, &[]).in_terminal(40, 60);
    answer(&mut terminal, AWS);
    let Screen { code, text } = terminal.finish();
    insta::assert_snapshot!("narrow_aws", text);
    assert_eq!(code, 0);
}

#[test]
fn the_list_is_drawn_within_a_narrow_window() {
    let project = with_aws();
    let serving = project.mizzle(["local", "--port", "0", "--in-memory"]).serve();
    let port = serving.endpoint().rsplit(':').next().unwrap();
    let mut terminal = init(&project, &[]).env("MIZZLE_LOCAL_PORTS", port).in_terminal(40, 60);
    answer(&mut terminal, &EMBEDDED[..2]);
    // Every choice is active once: a broken line would leave traces.
    terminal.wait_for("● Embedded (nothing to start)").press("j");
    terminal.wait_for("(answers)").press("j");
    terminal.wait_for("● Another server (by its URL)").press("j");
    let text = terminal.wait_until(|screen| screen.contains("● AWS (eu-north-1)"));
    insta::assert_snapshot!(text, @"
    ┌   mizzle init
    │
    ◇  Found
    │    schema    none yet
    │    DynamoDB  http://127.0.0.1:[port]
    │    AWS       profiles default, work;
    │    region eu-north-1
    │
    ◇  Where is the schema?
    │  ./schema.ts
    │
    ◇  Where do migrations go?
    │  ./migrations
    │
    ◆  Where is DynamoDB?
    │  ○ Embedded
    │  ○ http://127.0.0.1:[port]
    │  ○ Another server
    │  ● AWS (eu-north-1)
    └
    ");
    terminal.press(ESCAPE);
    assert_eq!(terminal.finish().code, 130);
}

#[test]
fn no_questions_are_asked_where_none_are_wanted() {
    let project = empty();
    let Screen { code, text } = init(&project, &["--yes"]).in_terminal(80, 40).finish();
    insta::assert_snapshot!(text, @"
    ┌   mizzle init
    │
    ◇  Found
    │    schema    none yet
    │
    ◇  Chosen
    │    schema    ./schema.ts
    │    out       ./migrations
    │    DynamoDB  embedded
    │
    ◆  schema.ts
    │  .gitignore
    │  mizzle.config.ts
    │
    └  Next: mizzle push
    ");
    assert_eq!(code, 0);

    let project = empty();
    let Screen { code, text } = init(&project, &[]).env("CI", "1").in_terminal(80, 40).finish();
    assert!(text.ends_with("Next: mizzle push"), "{text}");
    assert_eq!((code, text.contains("Where is")), (0, false), "{text}");
}

#[test]
fn the_look_around_can_be_left() {
    let project = empty();
    // A server that accepts connections and never answers, so that `init` has to wait.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = silent.local_addr().unwrap().port().to_string();
    let mut terminal = init(&project, &[]).env("MIZZLE_LOCAL_PORTS", port).in_terminal(80, 40);
    terminal.wait_for("Looking around").interrupt();
    assert_eq!(terminal.finish().code, 130);
    assert_eq!(project.files(), [""; 0]);
}
