//! Random schemas through the binary, and the same tables created by boto3 alone: the results have
//! to be the same.
//!
//! A model (`model.rs`) describes the tables once. It is converted to TypeScript and a config for
//! mizzle, and to requests for boto3.

mod boto3;
mod model;
mod typescript;

use crate::support::BINARY;
use mizzle_test::{Boto3, Database, DynamoDbLocal, Ministack, Random, TempProject, TestServer};
use model::{Limits, Tables};
use serde_json::Value;
use std::env;

/// The variable for the number of rounds of each test, each with other tables.
const ROUNDS: &str = "MIZZLE_TEST_ROUNDS";

/// The versions of a random walk.
const VERSIONS: usize = 30;

/// The versions of the walk without [`ROUNDS`].
const PLAIN_VERSIONS: usize = 10;

/// The servers, each with its limits.
fn servers() -> [(TestServer, Limits); 2] {
    [
        (
            DynamoDbLocal::from_env(),
            Limits {
                keys_of_several_attributes: false,
                names_by_case: false,
                indexes_alike: false,
            },
        ),
        (
            Ministack::from_env(),
            Limits { keys_of_several_attributes: true, names_by_case: true, indexes_alike: true },
        ),
    ]
}

fn rounds(default: usize) -> usize {
    match env::var(ROUNDS) {
        Ok(rounds) => {
            rounds.parse().unwrap_or_else(|error| panic!("{ROUNDS}: {rounds:?}: {error}"))
        }
        Err(_) => default,
    }
}

/// Creates the source of the tables. A run without [`ROUNDS`] is the same every time, because
/// emulators have more faults than are known, and it must not fail at random; further rounds are
/// random.
fn random() -> Random {
    match env::var_os(ROUNDS) {
        None => Random::with_seed(1),
        Some(_) => Random::new(),
    }
}

/// A project with its own database.
struct Side {
    project: TempProject,
    database: Database,
}

impl Side {
    fn new(server: &TestServer) -> Self {
        let side = Self { project: TempProject::new(BINARY), database: server.isolated() };
        side.project.write("mizzle.config.ts", typescript::CONFIG);
        side.project.connect(&side.database);
        side
    }

    fn write(&self, tables: &Tables) {
        self.project.write("schema.ts", &typescript::schema(tables));
        self.project.write("settings.json", &typescript::settings(tables).to_string());
    }

    fn run(&self, args: &[&str]) {
        self.project.mizzle(args).run().assert_code(0);
    }

    fn describe(&self) -> Value {
        described(&self.database)
    }
}

/// Describes the tables of a database except mizzle's own.
fn described(database: &Database) -> Value {
    let mut tables = Boto3::from_env().describe(database);
    tables.as_object_mut().expect("tables by name").remove("mizzle_migrations");
    tables
}

/// Describes the tables as boto3 creates them in an empty database.
fn reference(server: &TestServer, tables: &Tables) -> Value {
    let database = server.isolated();
    Boto3::from_env().run(&database, &boto3::creation(tables));
    described(&database)
}

#[track_caller]
fn assert_same(seen: &Value, expected: &Value, of: &str) {
    if seen != expected {
        let pretty = |value: &Value| format!("{value:#}");
        let (seen, expected) = (pretty(seen), pretty(expected));
        let differing =
            seen.lines().zip(expected.lines()).find(|(seen, expected)| seen != expected);
        panic!("{of}: {differing:?}\n{seen}\n\n-- not --\n\n{expected}");
    }
}

#[test]
fn a_random_schema_becomes_what_boto3_makes_of_it() {
    let mut random = random();
    for _ in 0..rounds(3) {
        for (server, limits) in servers() {
            let tables = Tables::random(&mut random, limits);
            let expected = reference(&server, &tables);
            let pushed = Side::new(&server);
            pushed.write(&tables);
            pushed.run(&["push", "--yes"]);
            assert_same(&pushed.describe(), &expected, &format!("push, {}", server.name()));
            let migrated = Side::new(&server);
            migrated.write(&tables);
            migrated.run(&["generate", "--name", "init"]);
            migrated.run(&["migrate", "--yes"]);
            assert_same(&migrated.describe(), &expected, &format!("migrate, {}", server.name()));
        }
    }
}

/// Thirty versions, each pushed in one project, and generated in another, which migrates sometimes.
fn walk(server: &TestServer, limits: Limits) {
    let mut random = random();
    for _ in 0..rounds(1) {
        let (pushed, migrated) = (Side::new(server), Side::new(server));
        let mut tables = Tables::random(&mut random, limits);
        let mut replaced = Vec::new();
        let versions = if env::var_os(ROUNDS).is_some() { VERSIONS } else { PLAIN_VERSIONS };
        for version in 0..versions {
            pushed.write(&tables);
            pushed.run(&["push", "--yes", "--accept-data-loss"]);
            migrated.write(&tables);
            let replace = replaced.iter().flat_map(|table: &String| ["--replace", table]);
            let generate = ["generate", "--yes"].into_iter().chain(replace);
            migrated.run(&generate.collect::<Vec<_>>());
            let is_last = version + 1 == versions;
            if is_last || random.number(0..3) > 0 {
                migrated.run(&["migrate", "--yes", "--accept-data-loss"]);
                let of = format!("version {version} on {}", server.name());
                assert_same(&migrated.describe(), &pushed.describe(), &of);
            }
            if !is_last {
                replaced = tables.change(&mut random, limits);
            }
        }
        let end = reference(server, &tables);
        assert_same(&pushed.describe(), &end, &format!("the end on {}", server.name()));
        migrated.run(&["check"]);
        let report = migrated.project.mizzle(["status", "--json"]).run().assert_code(0).json();
        assert_eq!(report["drift"], serde_json::json!([]), "{report:#}");
    }
}

#[test]
fn random_versions_come_to_the_same_on_dynamodb_local() {
    let [(server, limits), _] = servers();
    walk(&server, limits);
}

#[test]
fn random_versions_come_to_the_same_on_ministack() {
    let [_, (server, limits)] = servers();
    walk(&server, limits);
}
