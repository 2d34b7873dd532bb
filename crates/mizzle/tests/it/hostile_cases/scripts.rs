//! Migration scripts that never end, throw arbitrary values, and access the ledger.

use super::Case;

fn script(up: &str) -> String {
    format!(
        "import type {{ Database }} from \"mizzle-cli\";\nexport async function up(db: Database): Promise<void> {{\n{up}\n}}\nexport async function down(db: Database): Promise<void> {{}}\n"
    )
}

/// Adds a project with a table, whose second migration is the script.
fn with(case: Case, up: &str) -> Case {
    let text = script(up);
    case.prepared(move |project| {
        project.mizzle(["generate", "--name", "init"]).run().assert_code(0);
        project.mizzle(["migrate"]).run().assert_code(0);
        project.mizzle(["generate", "--custom", "--name", "c"]).run().assert_code(0);
        project.write("migrations/0002_c.ts", &text);
        project.replace("mizzle.config.ts", "};\n", "  evaluation: { timeLimit: 2 },\n};\n");
    })
}

pub(super) fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for (name, up) in [
        ("loop", "for (;;) {}"),
        ("timers", "for (;;) await new Promise((resolve) => setTimeout(resolve, 5));"),
        ("interval", "await new Promise(() => setInterval(() => {}, 5));"),
        ("long timer", "await new Promise((resolve) => setTimeout(resolve, 1e9));"),
        ("microtasks", "for (;;) await null;"),
        (
            "polls an item",
            "for (;;) if ((await db.get({ TableName: \"Shop\", Key: { pk: \"a\", sk: \"b\" } })).Item) break;",
        ),
        (
            "polls a scan",
            "for (;;) if ((await db.scan({ TableName: \"Shop\" })).Count > 1e6) break;",
        ),
        (
            "polls a table",
            "for (let n = 0; ; n++) await db.updateTable({ TableName: \"Shop\", BillingMode: \"PAY_PER_REQUEST\" });",
        ),
        ("never settles", "await new Promise(() => {});"),
        ("recursion", "const f = (): number => f() + 1; f();"),
        (
            "asynchronous recursion",
            "const f = async (): Promise<void> => { await f(); }; await f();",
        ),
        ("regular expression", "/^(a+)+$/.test(\"a\".repeat(40) + \"b\");"),
    ] {
        for command in [&["check"][..], &["migrate", "--dry-run"]] {
            let case = Case::new(
                format!("scripts/endless/{name}/{}", command.join(" ")),
                "a script that never ends is ended by the time limit; a timer is not waited for",
                command,
                if name == "long timer" { &[0] } else { &[1, 2, 3] },
            );
            cases.push(with(case, up));
        }
    }
    for (name, up) in [
        ("a huge message", "if (!db.dryRun) throw new Error(\"x\".repeat(900_000));"),
        (
            "control characters",
            "if (!db.dryRun) throw new Error(\"a\\u001b[2J\\u0007\\r\\napplied    0099_fake\");",
        ),
        ("undefined", "if (!db.dryRun) throw undefined;"),
        ("a symbol", "if (!db.dryRun) throw Symbol(\"x\");"),
        ("a proxy", "if (!db.dryRun) throw new Proxy({}, { get() { throw 1; } });"),
        (
            "an error with getters",
            "if (!db.dryRun) throw Object.defineProperty(new Error(), \"message\", { get() { throw 1; } });",
        ),
        ("a circle", "const a: any = new Error(\"x\"); a.cause = a; if (!db.dryRun) throw a;"),
        ("a large number", "if (!db.dryRun) throw 10n ** 100_000n;"),
        ("half a pair", "if (!db.dryRun) throw new Error(String.fromCharCode(0xd800));"),
        ("a huge list", "if (!db.dryRun) throw Array.from({ length: 1e5 }, (_, n) => n);"),
    ] {
        let case = Case::new(
            format!("scripts/throws/{name}"),
            "what a script throws is shown safely, and the ledger says failed",
            &["migrate"],
            &[1],
        );
        cases.push(with(case, up).check(|project, _| {
            let status = project.mizzle(["status"]).run();
            let fake = status.stdout.lines().any(|line| line.starts_with("applied    0099"));
            let acts = status.stdout.chars().any(|c| c != '\n' && mizzle_core::text::is_unsafe(c));
            match status.stdout.contains("failed") && !fake && !acts && status.code == Some(0) {
                true => Ok(()),
                false => Err(format!("status ends with {:?}: {:?}", status.code, status.stdout)),
            }
        }));
    }
    for (name, up) in [
        ("deletes it", "await db.deleteTable({ TableName: \"mizzle_migrations\" });"),
        (
            "puts an item",
            "await db.put({ TableName: \"mizzle_migrations\", Item: { id: \"x\" } });",
        ),
        (
            "deletes an item",
            "await db.delete({ TableName: \"mizzle_migrations\", Key: { id: \"0001_init\" } });",
        ),
        (
            "updates it",
            "await db.updateTable({ TableName: \"mizzle_migrations\", BillingMode: \"PROVISIONED\", ProvisionedThroughput: { ReadCapacityUnits: 1, WriteCapacityUnits: 1 } });",
        ),
        (
            "writes a batch",
            "await db.batchWrite({ RequestItems: { mizzle_migrations: [{ DeleteRequest: { Key: { id: \"0001_init\" } } }] } });",
        ),
        (
            "writes a transaction",
            "await db.transactWrite({ TransactItems: [{ Delete: { TableName: \"mizzle_migrations\", Key: { id: \"0001_init\" } } }] });",
        ),
        (
            "catches the refusal",
            "try { await db.deleteTable({ TableName: \"mizzle_migrations\" }); } catch {}",
        ),
    ] {
        for command in [&["migrate", "--yes", "--accept-data-loss"][..], &["check"]] {
            let case = Case::new(
                format!("scripts/ledger/{name}/{}", command.join(" ")),
                "the ledger is not a script's",
                command,
                &[0, 1, 2, 3],
            );
            cases.push(with(case, up).check(|project, _| {
                let status = project.mizzle(["status", "--json"]).run().json();
                match status["applied"] == serde_json::json!(["0001_init"])
                    || status["applied"] == serde_json::json!(["0001_init", "0002_c"])
                {
                    true => Ok(()),
                    false => Err(format!("the ledger holds {}", status["applied"])),
                }
            }));
        }
    }
    for (name, up) in [
        ("a long table name", "await db.deleteTable({ TableName: \"x\".repeat(1_000_000) });"),
        (
            "a table name with control characters",
            "await db.deleteTable({ TableName: \"a\\u001b[2Jb\" });",
        ),
        ("no table name", "await (db as any).deleteTable({});"),
        ("a number", "await (db as any).deleteTable(7);"),
        ("nothing", "await (db as any).put();"),
        ("a circle", "const a: any = {}; a.a = a; await db.put({ TableName: \"Shop\", Item: a });"),
        (
            "a deep item",
            "let a: any = 1; for (let n = 0; n < 50_000; n++) a = [a]; await db.put({ TableName: \"Shop\", Item: { pk: \"a\", sk: \"b\", a } });",
        ),
        (
            "a huge item",
            "await db.put({ TableName: \"Shop\", Item: { pk: \"a\", sk: \"b\", a: \"x\".repeat(5_000_000) } });",
        ),
        (
            "a function",
            "await (db as any).put({ TableName: \"Shop\", Item: { pk: \"a\", sk: \"b\", f() {} } });",
        ),
        (
            "not a number",
            "await db.put({ TableName: \"Shop\", Item: { pk: \"a\", sk: \"b\", n: NaN } });",
        ),
        ("a getter that throws", "await (db as any).put({ get TableName() { throw 1; } });"),
        ("an unknown method", "await (db as any).explode({});"),
        (
            "many at once",
            "await Promise.all(Array.from({ length: 2_000 }, (_, n) => db.put({ TableName: \"Shop\", Item: { pk: \"a\", sk: `${n}` } })));",
        ),
        (
            "many timers",
            "await Promise.all(Array.from({ length: 20_000 }, () => new Promise<void>((resolve) => setTimeout(resolve, 5))));",
        ),
        ("a forgotten await", "db.put({ TableName: \"Shop\", Item: { pk: \"a\", sk: \"b\" } });"),
        ("an exit", "process.exit(0);"),
        ("a file", "(await import(\"node:fs\")).writeFileSync(\"x\", \"y\");"),
        ("a process", "(await import(\"node:child_process\")).execSync(\"id\");"),
        ("a request", "await fetch(\"http://127.0.0.1:1\");"),
        ("much to say", "for (let n = 0; n < 500; n++) console.log(\"\\u001b[2J\" + n);"),
    ] {
        let case = Case::new(
            format!("scripts/calls/{name}"),
            "a call is done or refused, and nothing else happens",
            &["migrate", "--yes"],
            &[0, 1, 2, 4],
        );
        cases.push(with(case, up).check(|project, _| match project.exists("x") {
            false => Ok(()),
            true => Err("a file was written".to_owned()),
        }));
    }
    cases
}
