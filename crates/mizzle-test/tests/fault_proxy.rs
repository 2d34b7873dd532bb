//! Every fault of the proxy, in front of the embedded server, as a minimal client receives it.

mod wire;

use mizzle_local::Store;
use mizzle_test::{Database, Fault, FaultProxy, On};
use serde_json::{Value, json};
use std::{
    thread,
    time::{Duration, Instant},
};
use tokio::runtime::Runtime;

const ANSWERS: &str = "the server answers";

/// The embedded server, a proxy in front of it, and the connections to both.
struct Setup {
    /// Direct to the server.
    direct: Database,
    /// Through the proxy.
    database: Database,
    proxy: FaultProxy,
    /// The runtime of the server.
    _runtime: Runtime,
}

impl Setup {
    fn start() -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .expect("the system gives a runtime");
        let server = runtime.block_on(async {
            Store::in_memory().expect("memory is at hand").spawn().await.expect("a port is free")
        });
        let direct = Database::new(server.endpoint(), "local", "us-east-1");
        // Dropping it would stop the server, which ends with the runtime.
        runtime.spawn(async move {
            let _server = server;
            std::future::pending::<()>().await;
        });
        let proxy = FaultProxy::start(&direct.endpoint);
        Self { database: direct.through(&proxy), direct, proxy, _runtime: runtime }
    }

    fn with_table() -> Self {
        let setup = Self::start();
        let answer = wire::ask(&setup.direct, "CreateTable", &table()).expect(ANSWERS);
        assert_eq!(answer.status, 200, "{}", answer.text());
        // The first read of a new table shows CREATING.
        setup.truth();
        setup
    }

    fn ask(&self, operation: &str, input: &Value) -> Option<wire::Answer> {
        wire::ask(&self.database, operation, input)
    }

    /// Returns the server's own description of the table; `Null` if it does not exist.
    fn truth(&self) -> Value {
        let answer = wire::ask(&self.direct, "DescribeTable", &shop()).expect(ANSWERS);
        answer.json()["Table"].clone()
    }

    /// Returns the statuses of the table and its indexes through the proxy.
    fn look(&self) -> String {
        let answer = self.ask("DescribeTable", &shop()).expect(ANSWERS);
        if answer.status == 200 { statuses(&answer.json()["Table"]) } else { answer.error() }
    }
}

fn shop() -> Value {
    json!({ "TableName": "Shop" })
}

fn table() -> Value {
    json!({
        "TableName": "Shop",
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [
            { "AttributeName": "pk", "AttributeType": "S" },
            { "AttributeName": "email", "AttributeType": "S" },
        ],
        "KeySchema": [{ "AttributeName": "pk", "KeyType": "HASH" }],
        "GlobalSecondaryIndexes": [index("byEmail", "email")],
    })
}

fn index(name: &str, key: &str) -> Value {
    json!({
        "IndexName": name,
        "KeySchema": [{ "AttributeName": key, "KeyType": "HASH" }],
        "Projection": { "ProjectionType": "ALL" },
    })
}

fn add_index() -> Value {
    json!({
        "TableName": "Shop",
        "AttributeDefinitions": [
            { "AttributeName": "pk", "AttributeType": "S" },
            { "AttributeName": "email", "AttributeType": "S" },
            { "AttributeName": "status", "AttributeType": "S" },
        ],
        "GlobalSecondaryIndexUpdates": [{ "Create": index("byStatus", "status") }],
    })
}

fn drop_index() -> Value {
    json!({
        "TableName": "Shop",
        "GlobalSecondaryIndexUpdates": [{ "Delete": { "IndexName": "byEmail" } }],
    })
}

fn protect() -> Value {
    json!({ "TableName": "Shop", "DeletionProtectionEnabled": true })
}

/// Formats statuses: `ACTIVE byEmail=ACTIVE`.
fn statuses(table: &Value) -> String {
    let text = |value: &'_ Value| value.as_str().expect("it is a text").to_owned();
    let mut all = text(&table["TableStatus"]);
    for index in table["GlobalSecondaryIndexes"].as_array().into_iter().flatten() {
        all.push_str(&format!(" {}={}", text(&index["IndexName"]), text(&index["IndexStatus"])));
        if index["Backfilling"] == true {
            all.push_str("(backfilling)");
        }
    }
    all
}

#[test]
fn what_meets_no_fault_passes_unchanged() {
    let setup = Setup::with_table();
    let (direct, proxied) = (&setup.direct, &setup.database);
    for (operation, input) in [
        ("DescribeTable", shop()),
        ("ListTables", json!({})),
        ("DescribeTable", json!({ "TableName": "Nobody" })),
        ("DescribeContinuousBackups", shop()),
    ] {
        let expected = wire::ask(direct, operation, &input).unwrap();
        let found = wire::ask(proxied, operation, &input).unwrap();
        assert_eq!((found.status, &found.body), (expected.status, &expected.body), "{operation}");
        assert_eq!(found.announced, found.body.len());
    }
    let arrived: Vec<String> = setup.proxy.requests().iter().map(ToString::to_string).collect();
    assert_eq!(
        arrived,
        [
            "DescribeTable Shop",
            "ListTables",
            "DescribeTable Nobody",
            "DescribeContinuousBackups Shop"
        ]
    );
    assert_eq!(setup.proxy.writes(), []);
}

#[test]
fn a_refused_request_never_reaches_the_server() {
    for (fault, status, error) in [
        (Fault::throttle(), 400, "ThrottlingException"),
        (Fault::limit_exceeded(), 400, "LimitExceededException"),
        (Fault::in_use(), 400, "ResourceInUseException"),
        (Fault::internal_error(), 500, "InternalServerError"),
        (Fault::access_denied("dynamodb:UpdateTable"), 400, "AccessDeniedException"),
        (Fault::expired_token(), 400, "ExpiredTokenException"),
        (Fault::refuse(503, "ServiceUnavailable", "later"), 503, "ServiceUnavailable"),
    ] {
        let setup = Setup::with_table();
        let injected = setup.proxy.inject(On::operation("UpdateTable"), fault);
        let answer = setup.ask("UpdateTable", &protect()).unwrap();
        assert_eq!((answer.status, answer.error().as_str()), (status, error));
        assert!(answer.json()["message"].is_string());
        assert_eq!(setup.truth()["DeletionProtectionEnabled"], false, "{error}");
        // The next request does not have the fault.
        assert_eq!(setup.ask("UpdateTable", &protect()).unwrap().status, 200);
        assert_eq!(setup.truth()["DeletionProtectionEnabled"], true);
        assert_eq!((injected.met(), setup.proxy.writes().len()), (1, 2));
    }
}

#[test]
fn an_answer_gets_lost_before_or_after_the_server_acts() {
    for (fault, carried_out) in [(Fault::CutBefore, false), (Fault::CutAfter, true)] {
        let setup = Setup::with_table();
        setup.proxy.inject(On::any(), fault.clone());
        assert!(setup.ask("UpdateTable", &protect()).is_none(), "{fault:?}");
        assert_eq!(setup.truth()["DeletionProtectionEnabled"], carried_out, "{fault:?}");
    }
}

#[test]
fn a_failure_after_the_server_acted_is_a_500() {
    let setup = Setup::with_table();
    setup.proxy.inject(On::any(), Fault::FailAfter);
    let answer = setup.ask("UpdateTable", &protect()).unwrap();
    assert_eq!((answer.status, answer.error().as_str()), (500, "InternalServerError"));
    assert_eq!(setup.truth()["DeletionProtectionEnabled"], true);
}

#[test]
fn a_truncated_answer_announces_more_than_comes() {
    for bytes in [0, 1, 40, 1_000_000] {
        let setup = Setup::with_table();
        setup.proxy.inject(On::any(), Fault::Truncate(bytes));
        let answer = setup.ask("UpdateTable", &protect()).unwrap();
        assert_eq!(answer.status, 200);
        assert_eq!(answer.body.len(), bytes.min(answer.announced - 1));
        assert!(serde_json::from_slice::<Value>(&answer.body).is_err());
        assert_eq!(setup.truth()["DeletionProtectionEnabled"], true);
    }
}

#[test]
fn a_delayed_answer_is_late_but_the_server_is_not() {
    let setup = Setup::with_table();
    let delay = Duration::from_secs(1);
    setup.proxy.inject(On::operation("UpdateTable"), Fault::Delay(delay));
    let started = Instant::now();
    thread::scope(|scope| {
        let answer = scope.spawn(|| setup.ask("UpdateTable", &protect()).unwrap());
        setup.proxy.wait_until(|requests| !requests.is_empty());
        while setup.truth()["DeletionProtectionEnabled"] != true {
            assert!(started.elapsed() < delay, "the server waits, too");
        }
        assert!(!answer.is_finished());
        assert_eq!(answer.join().unwrap().status, 200);
    });
    assert!(started.elapsed() >= delay);
}

#[test]
fn what_was_sent_is_carried_out_when_the_client_goes_away() {
    let setup = Setup::with_table();
    setup.proxy.inject(On::operation("UpdateTable"), Fault::Delay(Duration::from_secs(600)));
    let connection = wire::send(&setup.database, "UpdateTable", &protect());
    setup.proxy.wait_until(|requests| !requests.is_empty());
    drop(connection);
    let deadline = Instant::now() + Duration::from_secs(30);
    while setup.truth()["DeletionProtectionEnabled"] != true {
        assert!(Instant::now() < deadline, "it was never carried out");
    }
}

#[test]
fn a_held_create_shows_everything_being_created() {
    let setup = Setup::start();
    setup.proxy.inject(On::operation("CreateTable"), Fault::Hold { looks: 2 });
    let answer = setup.ask("CreateTable", &table()).unwrap();
    assert_eq!(statuses(&answer.json()["TableDescription"]), "CREATING byEmail=CREATING");
    assert_eq!(setup.look(), "CREATING byEmail=CREATING");
    for (operation, input) in
        [("UpdateTable", protect()), ("DeleteTable", shop()), ("CreateTable", table())]
    {
        let refusal = setup.ask(operation, &input).unwrap();
        assert_eq!(refusal.error(), "ResourceInUseException", "{operation}");
    }
    assert_eq!(setup.look(), "CREATING byEmail=CREATING");
    assert_eq!(setup.look(), "ACTIVE byEmail=ACTIVE");
    assert_eq!(setup.ask("UpdateTable", &protect()).unwrap().status, 200);
}

#[test]
fn a_held_update_shows_the_table_and_its_indexes_changing() {
    for (input, held, done) in [
        (protect(), "UPDATING byEmail=ACTIVE", "ACTIVE byEmail=ACTIVE"),
        (
            add_index(),
            "UPDATING byEmail=ACTIVE byStatus=CREATING(backfilling)",
            "ACTIVE byEmail=ACTIVE byStatus=ACTIVE",
        ),
        (drop_index(), "UPDATING byEmail=DELETING", "ACTIVE"),
    ] {
        let setup = Setup::with_table();
        setup.proxy.inject(On::operation("UpdateTable"), Fault::Hold { looks: 2 });
        let answer = setup.ask("UpdateTable", &input).unwrap();
        assert_eq!(statuses(&answer.json()["TableDescription"]), held);
        assert_eq!(setup.look(), held);
        // Requests for other tables pass.
        assert_eq!(setup.ask("ListTables", &json!({})).unwrap().status, 200);
        assert_eq!(setup.look(), held);
        assert_eq!(setup.look(), done);
    }
}

#[test]
fn a_held_delete_shows_the_table_being_deleted() {
    let setup = Setup::with_table();
    setup.proxy.inject(On::operation("DeleteTable"), Fault::Hold { looks: 1 });
    let answer = setup.ask("DeleteTable", &shop()).unwrap();
    assert_eq!(answer.json()["TableDescription"]["TableStatus"], "DELETING");
    assert_eq!(setup.ask("CreateTable", &table()).unwrap().error(), "ResourceInUseException");
    assert!(setup.look().starts_with("DELETING"));
    assert_eq!(setup.look(), "ResourceNotFoundException");
    assert_eq!(setup.ask("CreateTable", &table()).unwrap().status, 200);
}

#[test]
fn a_held_time_to_live_is_enabling_and_stops_nothing() {
    let setup = Setup::with_table();
    let spec = |on: bool| {
        let spec = json!({ "Enabled": on, "AttributeName": "expires" });
        json!({ "TableName": "Shop", "TimeToLiveSpecification": spec })
    };
    let look = || {
        let answer = setup.ask("DescribeTimeToLive", &shop()).unwrap().json();
        answer["TimeToLiveDescription"].clone()
    };
    for (on, held, done) in [(true, "ENABLING", "ENABLED"), (false, "DISABLING", "DISABLED")] {
        setup.proxy.inject(On::operation("UpdateTimeToLive"), Fault::Hold { looks: 1 });
        assert_eq!(setup.ask("UpdateTimeToLive", &spec(on)).unwrap().status, 200);
        assert_eq!(setup.look(), "ACTIVE byEmail=ACTIVE");
        assert_eq!(setup.ask("UpdateTable", &protect()).unwrap().status, 200);
        assert_eq!(look(), json!({ "TimeToLiveStatus": held, "AttributeName": "expires" }));
        assert_eq!(look()["TimeToLiveStatus"], done);
    }
}

#[test]
fn nothing_is_held_when_the_server_refuses() {
    let setup = Setup::with_table();
    setup.proxy.inject(On::operation("CreateTable"), Fault::Hold { looks: 5 });
    assert_eq!(setup.ask("CreateTable", &table()).unwrap().error(), "ResourceInUseException");
    assert_eq!(setup.look(), "ACTIVE byEmail=ACTIVE");
}

#[test]
fn stale_answers_are_those_from_before() {
    let setup = Setup::start();
    setup.proxy.inject(On::operation("CreateTable"), Fault::Stale { looks: 2 });
    assert_eq!(setup.ask("CreateTable", &table()).unwrap().status, 200);
    assert_eq!(setup.look(), "ResourceNotFoundException");
    assert_eq!(setup.look(), "ResourceNotFoundException");
    setup.truth();
    assert_eq!(setup.look(), "ACTIVE byEmail=ACTIVE");

    setup.proxy.inject(On::operation("UpdateTable"), Fault::Stale { looks: 1 });
    assert_eq!(setup.ask("UpdateTable", &drop_index()).unwrap().status, 200);
    assert_eq!(setup.look(), "ACTIVE byEmail=ACTIVE");
    assert_eq!(setup.look(), "ACTIVE");

    let arn = setup.truth()["TableArn"].clone();
    let tags = json!({ "ResourceArn": arn, "Tags": [{ "Key": "team", "Value": "shop" }] });
    setup.proxy.inject(On::operation("TagResource").table("Shop"), Fault::Stale { looks: 1 });
    assert_eq!(setup.ask("TagResource", &tags).unwrap().status, 200);
    let look = || {
        let answer = setup.ask("ListTagsOfResource", &json!({ "ResourceArn": arn })).unwrap();
        answer.json()["Tags"].clone()
    };
    assert_eq!(look(), json!([]));
    assert_eq!(look(), tags["Tags"]);
}

#[test]
fn healing_takes_back_what_is_still_to_come() {
    let setup = Setup::with_table();
    setup.proxy.inject(On::operation("UpdateTable"), Fault::Hold { looks: 1000 });
    setup.proxy.inject(On::operation("UpdateTable").every(), Fault::throttle());
    setup.ask("UpdateTable", &protect());
    assert_eq!(setup.look(), "UPDATING byEmail=ACTIVE");
    setup.proxy.heal();
    assert_eq!(setup.look(), "ACTIVE byEmail=ACTIVE");
    assert_eq!(setup.ask("UpdateTable", &protect()).unwrap().status, 200);
    setup.proxy.forget_requests();
    assert_eq!(setup.proxy.requests(), []);
}

#[test]
fn as_a_proxy_it_leads_every_host_to_its_server() {
    let setup = Setup::with_table();
    setup.proxy.inject(On::operation("DescribeTable").nth(2), Fault::throttle());
    let ask = |host: &str| {
        let proxy = setup.proxy.endpoint();
        wire::ask_through_proxy(proxy, host, &setup.database, "DescribeTable", &shop()).unwrap()
    };
    let answer = ask("dynamodb.example.test");
    assert_eq!(answer.json()["Table"]["TableName"], "Shop");
    assert_eq!(ask("dynamodb.eu-west-1.amazonaws.com").error(), "ThrottlingException");
}

#[test]
fn a_server_that_is_gone_is_a_502() {
    let proxy = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        FaultProxy::start(&format!("http://{}", listener.local_addr().unwrap()))
    };
    let database = Database::new(proxy.endpoint(), "local", "us-east-1");
    let answer = wire::ask(&database, "ListTables", &json!({})).unwrap();
    assert_eq!((answer.status, answer.error().as_str()), (502, "BadGateway"));
}
