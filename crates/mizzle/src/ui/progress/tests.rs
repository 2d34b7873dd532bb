//! Boards at selected times, on terminals of every size.

use super::{board::Board, frame, summary};
use console::{measure_text_width, strip_ansi_codes};
use mizzle_core::{
    apply::{Event, ServiceError, ServiceErrorKind, StepError, WaitError},
    diff::diff,
    model::{
        AttributeDefinition, KeySchemaElement, KeyType, PointInTimeRecoverySpecification,
        ScalarType, TableDefinition, TimeToLiveSpecification,
    },
    plan::{Context, Plan, Step, plan},
};
use std::time::Duration;

/// Creates a plan of new tables with three steps each.
fn plan_of(tables: &[&str]) -> Plan {
    let table = |name: &&str| TableDefinition {
        table_name: (*name).to_owned(),
        attribute_definitions: vec![AttributeDefinition {
            attribute_name: "pk".to_owned(),
            attribute_type: ScalarType::S,
        }],
        key_schema: vec![KeySchemaElement {
            attribute_name: "pk".to_owned(),
            key_type: KeyType::Hash,
        }],
        time_to_live_specification: Some(TimeToLiveSpecification {
            enabled: true,
            attribute_name: Some("expires".to_owned()),
        }),
        point_in_time_recovery_specification: Some(PointInTimeRecoverySpecification {
            point_in_time_recovery_enabled: true,
            recovery_period_in_days: None,
        }),
        ..TableDefinition::default()
    };
    let tables: Vec<TableDefinition> = tables.iter().map(table).collect();
    plan(&diff(&[], &tables), &Context::default())
}

/// A board, and the plan that it shows.
struct Run {
    plan: Plan,
    board: Board,
}

impl Run {
    fn new(tables: &[&str]) -> Self {
        let plan = plan_of(tables);
        let board = Board::new(&plan);
        Self { plan, board }
    }

    fn step(&self, table: usize, step: usize) -> Step {
        let tables: Vec<&[Step]> = self.plan.by_table().collect();
        tables[table][step].clone()
    }

    fn note(&mut self, second: u64, event: &Event<'_>) {
        self.board.note(event, Duration::from_secs(second));
    }

    fn start(&mut self, second: u64, table: usize, step: usize) {
        let step = self.step(table, step);
        self.note(second, &Event::Started(&step));
    }

    fn wait(&mut self, second: u64, table: usize, status: &str) {
        let step = &self.step(table, 0);
        self.note(second, &Event::Waiting { step, status });
    }

    fn end(&mut self, second: u64, table: usize, step: usize) {
        let step = &self.step(table, step);
        let elapsed = Duration::from_secs(1);
        self.note(second, &Event::Done { step, elapsed, adopted: false });
    }

    fn fail(&mut self, second: u64, table: usize, error: &StepError) {
        let step = &self.step(table, 0);
        self.note(second, &Event::Failed { step, error });
    }

    fn show(&self, second: u64, columns: u16, rows: u16) -> String {
        let now = Duration::from_secs(second);
        strip_ansi_codes(&frame::lines(&self.board, now, columns, rows).join("\n")).into_owned()
    }

    fn summary(&self) -> String {
        strip_ansi_codes(&summary::text(&self.board)).into_owned()
    }
}

fn throttled() -> ServiceError {
    ServiceError {
        kind: ServiceErrorKind::Throttled,
        operation: "CreateTable",
        table: None,
        code: Some("ThrottlingException".to_owned()),
        message: "Rate exceeded".to_owned(),
        background: Box::default(),
    }
}

/// Creates a board with a table in each state: waiting, called, retrying, settling, between two
/// steps, done, failed, interrupted.
fn mixed() -> Run {
    let mut run = Run::new(&["a", "b", "c", "d", "e", "f", "g", "h"]);
    for table in 1..8 {
        run.start(1, table, 0);
    }
    let (error, pause) = (throttled(), Duration::from_millis(2500));
    let step = &run.step(2, 0);
    run.note(3, &Event::Retrying { step, error: &error, pause });
    run.wait(3, 3, "CREATING");
    run.end(2, 4, 0);
    run.end(2, 5, 0);
    run.start(2, 5, 1);
    run.end(3, 5, 1);
    run.start(3, 5, 2);
    let step = &run.step(5, 2);
    run.note(3, &Event::Unsupported { step, error: &error });
    run.fail(3, 6, &StepError::Service(throttled()));
    let stopped = WaitError::Stopped { table: "h".to_owned(), status: "CREATING".to_owned() };
    run.fail(3, 7, &StepError::Wait(stopped));
    run
}

#[test]
fn each_state_has_its_line() {
    let mut run = mixed();
    insta::assert_snapshot!(run.show(4, 100, 30), @"
    ◒  Applying 24 steps on 8 tables  4s
    │  ○ a: waiting for its turn
    │  ◒ b 1/3: Create table  3s
    │  ◒ c 1/3: Create table: again in 2s after ThrottlingException  3s
    │  ◒ d 1/3: Create table: CREATING  3s
    │  ○ e 1/3
    │  ◇ f: 2 steps, 1 left out  2.0s
    │  ■ g 1/3: Create table: ThrottlingException  2.0s
    │  ■ h 1/3: Create table: interrupted  2.0s
    └
    ");
    insta::assert_snapshot!(run.show(4, 40, 20), @"
    ◒  Applying 24 steps on 8 tables  4s
    │  ○ a: waiting for its turn
    │  ◒ b 1/3: Create table  3s
    │  ◒ c 1/3: Create table  3s
    │  ◒ d 1/3: Create table  3s
    │  ○ e 1/3
    │  ◇ f: 2 steps, 1 left out  2.0s
    │  ■ g 1/3: Create table  2.0s
    │  ■ h 1/3: Create table  2.0s
    └
    ");
    insta::assert_snapshot!(run.show(64, 100, 8), @"
    ◒  Applying 24 steps on 8 tables  1m 4s
    │  ■ g 1/3: Create table: ThrottlingException  2.0s
    │  ◒ b 1/3: Create table  1m 3s
    │  ◒ c 1/3: Create table: again after ThrottlingException  1m 3s
    │  ◒ d 1/3: Create table: CREATING  1m 3s
    │  1 of 8 tables done, 3 at work, 1 failed, 1 interrupted
    └
    ");
    run.board.is_stopping = true;
    insta::assert_snapshot!(run.show(4, 40, 20), @"
    ◒  Stopping: waiting for running…  4s
    │  ○ a: waiting for its turn
    │  ◒ b 1/3: Create table  3s
    │  ◒ c 1/3: Create table  3s
    │  ◒ d 1/3: Create table  3s
    │  ○ e 1/3
    │  ◇ f: 2 steps, 1 left out  2.0s
    │  ■ g 1/3: Create table  2.0s
    │  ■ h 1/3: Create table  2.0s
    └
    ");
    insta::assert_snapshot!(run.summary(), @"
    Applying 24 steps on 8 tables
    ○ a: not started
    ○ b: not started
    ○ c: not started
    ○ d: not started
    ○ e: 1 of 3 steps done
    ◇ f: 2 steps, 1 left out  2.0s
    ■ g 1/3: Create table: failed after 2.0s
    ■ h 1/3: Create table: interrupted after 2.0s
    ");
}

#[test]
fn of_many_tables_those_at_work_are_shown_and_the_others_counted() {
    let names: Vec<String> = (0..200).map(|at| format!("Table{at:03}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut run = Run::new(&names);
    for table in 0..12 {
        for step in 0..3 {
            run.start(1, table, step);
            run.end(2, table, step);
        }
    }
    let failure = StepError::Service(throttled());
    for table in 12..30 {
        run.start(2, table, 0);
        run.fail(3, table, &failure);
    }
    for table in 30..46 {
        run.start(3, table, 0);
    }
    insta::assert_snapshot!("many", run.show(75, 100, 30));
    insta::assert_snapshot!(run.show(75, 40, 10), @"
    ◓  Applying 600 steps on 200 ta…  1m 15s
    │  ■ Table012 1/3: Create table  1.0s
    │  ■ Table013 1/3: Create table  1.0s
    │  ■ Table014 1/3: Create table  1.0s
    │  ◓ Table030 1/3: Create table  1m 12s
    │  ◓ Table031 1/3: Create table  1m 12s
    │  ◓ Table032 1/3: Create table  1m 12s
    │  12 of 200 done, 16 at work, 18 failed
    └
    ");
    insta::assert_snapshot!(run.summary(), @"
    Applying 600 steps on 200 tables
    ◇ 12 tables: 36 steps
    ■ Table012 1/3: Create table: failed after 1.0s
    ■ Table013 1/3: Create table: failed after 1.0s
    ■ Table014 1/3: Create table: failed after 1.0s
    ■ Table015 1/3: Create table: failed after 1.0s
    ■ Table016 1/3: Create table: failed after 1.0s
    ■ Table017 1/3: Create table: failed after 1.0s
    ■ Table018 1/3: Create table: failed after 1.0s
    ■ Table019 1/3: Create table: failed after 1.0s
    ■ Table020 1/3: Create table: failed after 1.0s
    ■ Table021 1/3: Create table: failed after 1.0s
    ■ 8 more
    ○ 170 tables: not started
    ");
}

/// No line exceeds the terminal, whatever its size and the names.
#[test]
fn every_frame_fits() {
    let long = "x".repeat(255);
    let wide = "表".repeat(40);
    let mut crowd = Run::new(&["a", &long, "b", &wide, "c", "d", "e", "f", "g", "h", "i", "j"]);
    for table in 0..12 {
        crowd.start(0, table, 0);
        crowd.wait(0, table, "UPDATING; byEmail CREATING, backfilling");
    }
    let mut stopping = mixed();
    stopping.board.is_stopping = true;
    for run in [crowd, mixed(), stopping] {
        for columns in 20..130 {
            for rows in 6..40 {
                let shown = run.show(3700, columns, rows);
                assert!(shown.lines().count() < usize::from(rows), "{columns}×{rows}\n{shown}");
                for line in shown.lines() {
                    let width = measure_text_width(line);
                    assert!(width <= usize::from(columns), "{columns}×{rows}: {width}\n{shown}");
                }
            }
        }
    }
}

/// Terminals that are too small for any line do not cause a panic.
#[test]
fn tiny_terminals_are_survived() {
    for columns in 0..20 {
        for rows in 0..6 {
            mixed().show(4, columns, rows);
        }
    }
}
