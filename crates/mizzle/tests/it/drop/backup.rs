//! `drop --backup`: no table is deleted without the requested backup.

use super::{Stage, create, error_kind, left, names, protect, python};
use mizzle_test::{Database, DynamoDbLocal, Fault, Ministack, Moto, On};
use serde_json::{Value, json};

/// Returns the existing backups: names and states by table.
fn backups(database: &Database) -> Value {
    python(
        database,
        r#"
result = {}
for backup in client.list_backups()["BackupSummaries"]:
    result.setdefault(backup["TableName"], []).append([backup["BackupArn"], backup["BackupName"], backup["BackupStatus"]])
"#,
    )
}

#[test]
fn tables_are_backed_up_before_they_go() {
    for server in [Ministack::from_env(), Moto::from_env()] {
        let stage = Stage::at(server.isolated());
        create(&stage.database, &["Carts", "Orders", "Users"]);
        protect(&stage.database, "Orders");
        let report =
            stage.drop(&["Orders", "Carts", "Nowhere", "--backup", "--unprotect", "--yes"], 0);
        assert_eq!(names(&report, "dropped"), ["Carts", "Orders"]);
        assert_eq!(names(&report, "backups"), ["Carts", "Orders"]);
        let taken = backups(&stage.database);
        for (table, entry) in ["Carts", "Orders"].iter().zip(report["backups"].as_array().unwrap())
        {
            let [backup] = taken[table].as_array().unwrap().as_slice() else { panic!("{taken:#}") };
            assert_eq!(backup[0], entry["arn"]);
            assert_eq!(backup[2], "AVAILABLE");
            let name = backup[1].as_str().unwrap();
            let moment = name.strip_prefix(&format!("{table}-mizzle-")).unwrap();
            assert_eq!(moment.len(), "20260131T120000Z".len(), "{name}");
        }
        assert_eq!(taken.as_object().unwrap().len(), 2);
        assert_eq!(left(&stage.database), json!({ "Users": 2 }));

        // The backup contains the items of the table.
        let arn = report["backups"][1]["arn"].as_str().unwrap();
        let restore = format!(
            "client.restore_table_from_backup(TargetTableName=\"Restored\", BackupArn={arn:?})"
        );
        python(&stage.database, &restore);
        assert_eq!(left(&stage.database)["Restored"], 2);
    }
}

#[test]
fn a_backup_is_waited_for() {
    let stage = Stage::at(Ministack::from_env().isolated());
    create(&stage.database, &["Orders"]);
    stage.proxy.inject(On::operation("CreateBackup"), Fault::Hold { looks: 4 });
    stage.drop(&["Orders", "--backup", "--yes"], 0);
    let requests = stage.proxy.requests();
    let looks = requests.iter().filter(|request| request.operation == "DescribeBackup").count();
    assert_eq!(looks, 5);
    let at = |operation| requests.iter().rposition(|request| request.operation == operation);
    assert!(at("DescribeBackup") < at("DeleteTable"), "{requests:?}");
}

#[test]
fn where_there_are_no_backups_nothing_is_deleted_and_nothing_is_asked() {
    for stage in [Stage::embedded(), Stage::at(DynamoDbLocal::from_env().isolated())] {
        create(&stage.database, &["Carts", "Orders"]);
        // Without --yes it would have to ask, but there is no terminal.
        for args in
            [&["Orders", "Carts", "--backup"][..], &["Orders", "Carts", "--backup", "--yes"]]
        {
            let report = stage.drop(args, 4);
            assert_eq!(error_kind(&report), "no-backups");
            assert_eq!(names(&report, "skipped"), ["Carts", "Orders"]);
            let hints = &report["error"]["hints"];
            assert_eq!(*hints, json!(["leave out --backup to delete it without one"]));
        }
        assert!(stage.proxy.writes().is_empty());
        assert_eq!(left(&stage.database), json!({ "Carts": 2, "Orders": 2 }));
    }
}

/// Without permission to list backups, only the attempt shows that they are unsupported.
#[test]
fn a_backup_that_turns_out_to_be_unknown_saves_its_table() {
    let stage = Stage::at(Ministack::from_env().isolated());
    create(&stage.database, &["Carts", "Orders"]);
    let denied = Fault::access_denied("dynamodb:ListBackups");
    stage.proxy.inject(On::operation("ListBackups").every(), denied);
    let unknown = Fault::refuse(400, "UnknownOperationException", "");
    stage.proxy.inject(On::operation("CreateBackup").table("Orders").every(), unknown);
    let report = stage.drop(&["Carts", "Orders", "--backup", "--yes"], 1);
    assert_eq!(error_kind(&report), "no-backups");
    assert_eq!(names(&report, "dropped"), ["Carts"]);
    assert_eq!(names(&report, "skipped"), ["Orders"]);
    assert_eq!(left(&stage.database), json!({ "Orders": 2 }));
}

#[test]
fn a_backup_that_fails_saves_its_table_and_no_other() {
    let stage = Stage::at(Ministack::from_env().isolated());
    create(&stage.database, &["Carts", "Orders", "Users"]);
    let denied = Fault::access_denied("dynamodb:CreateBackup");
    stage.proxy.inject(On::operation("CreateBackup").table("Orders").every(), denied);
    let denied = Fault::access_denied("dynamodb:DescribeBackup");
    stage.proxy.inject(On::operation("DescribeBackup").table("Users").every(), denied);
    let output = stage
        .project
        .mizzle(["drop", "--accept-data-loss", "Carts", "Orders", "Users", "--backup", "--yes"])
        .run()
        .assert_code(1);
    insta::assert_snapshot!("backup_fails", output.snapshot());
    assert_eq!(left(&stage.database), json!({ "Orders": 2, "Users": 2 }));
}

#[test]
fn a_backup_whose_answer_got_lost_is_taken_once() {
    let stage = Stage::at(Ministack::from_env().isolated());
    create(&stage.database, &["Orders"]);
    let lost = stage.proxy.inject(On::operation("CreateBackup"), Fault::CutAfter);
    let report = stage.drop(&["Orders", "--backup", "--yes"], 0);
    assert_eq!(lost.met(), 1);
    assert_eq!(names(&report, "backups"), ["Orders"]);
    assert_eq!(backups(&stage.database)["Orders"].as_array().unwrap().len(), 1);
    assert_eq!(left(&stage.database), json!({}));
}

#[cfg(unix)]
#[test]
fn an_interrupt_while_a_backup_is_made_deletes_nothing() {
    let stage = Stage::at(Ministack::from_env().isolated());
    create(&stage.database, &["Carts", "Orders"]);
    let held = On::operation("CreateBackup").table("Orders");
    stage.proxy.inject(held, Fault::Hold { looks: usize::MAX });
    let args = ["drop", "--accept-data-loss", "Carts", "Orders", "--backup", "--yes", "--json"];
    let running = stage.project.mizzle(args).start();
    stage.proxy.wait_until(|requests| {
        let looks = |table: &str| {
            let is_look = |request: &&mizzle_test::Request| {
                request.operation == "DescribeBackup" && request.table.as_deref() == Some(table)
            };
            requests.iter().filter(is_look).count()
        };
        looks("Orders") > 2 && looks("Carts") > 0
    });
    running.interrupt();
    let report = running.finish().assert_code(130).json();
    assert_eq!(error_kind(&report), "interrupted");
    // The backups were started, and continue: the user, who pays for them, should see them.
    assert_eq!(names(&report, "backups"), ["Carts", "Orders"]);
    assert_eq!(names(&report, "skipped"), ["Orders", "Carts"]);
    assert_eq!(report["dropped"], json!([]));
    assert_eq!(left(&stage.database), json!({ "Carts": 2, "Orders": 2 }));

    stage.proxy.heal();
    stage.drop(&["Carts", "Orders", "--backup", "--yes"], 0);
    assert_eq!(left(&stage.database), json!({}));
}
