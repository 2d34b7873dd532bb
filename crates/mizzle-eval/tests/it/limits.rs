//! Limits of time and memory, in cases that could easily bypass them.

use crate::project::{Project, Run};
use mizzle_eval::{Direction, EvalError, EvalErrorKind, Limits, ScriptFacts};
use serde_json::{Value, json};
use std::fs::File;
use std::time::{Duration, Instant};

/// Runs `up` against a database without effect, as before a migration.
fn record(project: &Project, time: Duration) -> Run {
    let facts = ScriptFacts { dry_run: true, ..ScriptFacts::default() };
    let limits = Limits { time, ..Limits::default() };
    let file = project.path("0001_test.ts");
    let script = project.evaluator().script(&file, Direction::Up, facts, limits);
    Run::of(script, |_| Ok(json!({})))
}

#[track_caller]
fn kind(outcome: Result<(), EvalError>) -> EvalErrorKind {
    outcome.expect_err("there is an error").kind()
}

#[test]
fn a_recorded_script_that_waits_for_what_never_comes_is_ended() {
    for body in [
        "while (true) await db.get({ TableName: 'T', Key: {} });",
        "for (;;) { const { Table } = await db.createTable({ TableName: 'T' }) as any; if (Table) break; }",
        "while (true) await new Promise((resolve) => setTimeout(resolve, 10));",
        "while (true) await new Promise((resolve) => setTimeout(resolve, 3_600_000));",
        "setInterval(() => {}, 1000); await new Promise(() => {});",
        "while (true) { await db.get({ TableName: 'T', Key: {} }); await new Promise((resolve) => setTimeout(resolve, 10)); }",
        "await Promise.all([1, 2, 3].map(async () => { for (;;) await db.scan({ TableName: 'T' }); }));",
        "for (;;) db.log('again');",
        "for (;;) await null;",
        "for (;;);",
    ] {
        let started = Instant::now();
        let run = record(&Project::of_up(body), Duration::from_millis(300));
        assert_eq!(kind(run.outcome), EvalErrorKind::TimeLimit, "{body}");
        assert!(started.elapsed() < Duration::from_secs(30), "{body}: {:?}", started.elapsed());
    }
}

#[test]
fn a_recorded_script_inside_of_a_native_function_is_given_up() {
    let body = "'a'.repeat(200_000).indexOf('a'.repeat(100_000) + 'b');";
    let started = Instant::now();
    let run = record(&Project::of_up(body), Duration::from_millis(100));
    let error = run.outcome.unwrap_err();
    assert_eq!(error.kind(), EvalErrorKind::TimeLimit);
    assert!(error.message().ends_with("and cannot be interrupted"), "{error}");
    assert!(started.elapsed() < Duration::from_secs(30), "{:?}", started.elapsed());
}

#[test]
fn what_a_recorded_script_waits_for_is_said() {
    let project = Project::of_up("  while (true) await db.get({ TableName: 'T', Key: {} });");
    let mut run = record(&project, Duration::from_millis(200));
    run.calls.clear();
    insta::assert_snapshot!(run.failure(&project), @"
    [time-limit]
      × the script does not end within 0.2 s when its calls are only noted, and not sent
       ╭─[0001_test.ts:3:23]
     2 │
     3 │ export async function up(db: Database): Promise<void> {
       ·                       ─┬
       ·                        ╰── this is still running
     4 │   while (true) await db.get({ TableName: 'T', Key: {} });
       ╰────
      help: look for a loop that waits until the database has changed: before a migration is run, its
            calls find no items and change nothing; leave such a loop out if `db.dryRun` is true
    ");
}

#[test]
fn a_recorded_script_waits_for_no_timer() {
    let project = Project::of_up(
        "
        const wait = (ms: number, name: string) =>
            new Promise<void>((resolve) => setTimeout(() => { db.log(name); resolve(); }, ms));
        await Promise.all([wait(3_600_000, 'an hour'), wait(60_000, 'a minute'), wait(7_200_000, 'two')]);
        const first = await Promise.race([
            db.get({ TableName: 'T', Key: {} }).then(() => 'call'),
            new Promise((resolve) => setTimeout(() => resolve('timer'), 1)),
        ]);
        db.log(first);
        let ticks = 0;
        await new Promise<void>((resolve) => {
            const id = setInterval(() => { if (++ticks === 100) { clearInterval(id); resolve(); } }, 60_000);
        });
        ",
    );
    let started = Instant::now();
    let run = record(&project, Duration::from_secs(60));
    assert!(started.elapsed() < Duration::from_secs(30), "{:?}", started.elapsed());
    assert_eq!(run.logs_of(&project), ["a minute", "an hour", "two", "call"]);
}

#[test]
fn files_and_random_bytes_count_as_memory() {
    for code in [
        "import { readFileSync } from 'node:fs'; const all = []; for (;;) all.push(readFileSync('large'));",
        "import { readFileSync } from 'node:fs'; const all = []; for (;;) all.push(readFileSync('large', 'latin1'));",
        "import { randomBytes } from 'node:crypto'; const all = []; for (;;) all.push(randomBytes(1 << 20));",
        "const all = []; for (;;) all.push(new TextEncoder().encode('x'.repeat(1 << 20)));",
        "const all = []; for (;;) all.push(Buffer.alloc(1 << 20));",
        "const all = []; for (;;) all.push(new Float64Array(1 << 17));",
        "const all = []; for (;;) all.push(structuredClone(new Uint8Array(1 << 20)));",
    ] {
        let project = Project::of(code);
        File::create(project.path("large")).unwrap().set_len(10 << 20).unwrap();
        let limits = Limits { memory: 64 << 20, time: Duration::from_secs(30) };
        let error = project.evaluator().schema(&[project.path("schema.ts")], limits).unwrap_err();
        assert_eq!(error.kind(), EvalErrorKind::MemoryLimit, "{code}: {}", project.render(&error));
    }
}

#[test]
fn the_reading_of_an_exception_has_limits_too() {
    for code in [
        "throw { stack: '', get message() { const all = []; for (;;) all.push(new Uint8Array(1 << 20)); } };",
        "throw { stack: '', get message() { for (;;); } };",
        "throw { get a() { return 1 }, toString() { for (;;); }, constructor: { get name() { for (;;); } } };",
    ] {
        let started = Instant::now();
        let error = Project::of(code).schema().unwrap_err();
        assert!(error.message().len() < 200, "{error}");
        assert!(started.elapsed() < Duration::from_secs(30), "{code}: {:?}", started.elapsed());
    }
}

#[test]
fn messages_without_end_are_cut_where_they_come_from() {
    for code in [
        "throw new Error('x'.repeat(50 << 20));",
        "throw 'x'.repeat(50 << 20);",
        "throw Object.assign(new Error('a'), { name: 'x'.repeat(50 << 20) });",
        "await Promise.reject('x'.repeat(50 << 20));",
        "Promise.reject(new Error('x'.repeat(50 << 20)));",
    ] {
        let error = Project::of(code).schema().unwrap_err();
        let message = error.message();
        assert!(message.len() < 6000, "{code}: {}", message.len());
        assert!(message.contains("xxxx… (52 MB more)"), "{code}: {message}");
    }
    let error = Project::of("throw { text: 'x'.repeat(50 << 20) };").schema().unwrap_err();
    assert!(error.message().contains("xxxx… ("), "{error}");
    assert!(error.message().len() < 6000);
}

#[test]
fn so_are_the_lines_and_the_errors_of_scripts() {
    let project = Project::of_up(
        "db.log('x'.repeat(30 << 20)); console.log('y'.repeat(30 << 20));
         await db.get({ TableName: 'T', Key: {} });",
    );
    let run = project.migrate("0001_test.ts", Direction::Up, |_| {
        Err(mizzle_eval::CallError::new("Odd", "z".repeat(1 << 20)))
    });
    assert!(run.logs[0].ends_with("xx… (31 MB more)") && run.logs[0].len() < 20_000);
    let printed = project.printed();
    assert!(printed[0].ends_with("yy… (31 MB more)") && printed[0].len() < 20_000);
    let message = run.outcome.unwrap_err().message().to_owned();
    assert!(message.ends_with("zz… (1 MB more)") && message.len() < 6000, "{}", message.len());
}

#[test]
fn requests_that_nobody_waits_for_are_limited() {
    let project = Project::of_up(
        "const Item = { pk: 'a', text: 'x'.repeat(1 << 20) }; const all = [];
         for (let i = 0; i < 20; i++) all.push(db.put({ TableName: 'T', Item }));
         await Promise.all(all);",
    );
    let limits = Limits { memory: 64 << 20, time: Duration::from_secs(60) };
    let file = project.path("0001_test.ts");
    let script = project.evaluator().script(&file, Direction::Up, ScriptFacts::default(), limits);
    let mut waiting = Vec::new();
    let mut script = script;
    while let Some(event) = pollster::block_on(script.next()) {
        if let mizzle_eval::ScriptEvent::Call(call) = event {
            waiting.push(call);
            if waiting.len() == 7 {
                std::thread::sleep(Duration::from_millis(200));
                waiting.drain(..).for_each(|call| call.reply(Ok(Value::Null)));
            }
        }
    }
    let error = script.finish().unwrap_err();
    assert!(
        error.message().contains("the calls of db that have no answer yet hold more than 8 MiB"),
        "{}",
        project.render(&error)
    );
}
