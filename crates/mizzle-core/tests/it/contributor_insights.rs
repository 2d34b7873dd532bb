//! Contributor insights of a table and of its indexes, from the config to the calls and back.

use crate::{
    fake::ManualClock,
    support::{TableExt, table},
};
use mizzle_core::{
    apply::{ControlPlane, Event, Observer, Options, ServiceError, apply},
    diff::diff,
    export::{ExportedTable, Format, export},
    history::{Tables, rebase},
    model::{
        AuxiliarySetting, AuxiliarySettings, ContributorInsights, ContributorInsightsMode,
        ContributorInsightsSpecification, Projection, TableDefinition, TableDescription,
        Transition, TransitionState,
    },
    plan::{Call, Context, Plan, Simulator, plan},
    pull,
};
use serde_json::{Value, json};
use std::sync::Mutex;
use tokio_util::sync::CancellationToken;

const OFF: ContributorInsightsSpecification = ContributorInsightsSpecification::DISABLED;

fn on(mode: Option<ContributorInsightsMode>) -> ContributorInsightsSpecification {
    ContributorInsightsSpecification::enabled(mode)
}

const THROTTLED: Option<ContributorInsightsMode> = Some(ContributorInsightsMode::ThrottledKeys);

/// Returns a table with two indexes, and these insights.
fn shop(
    table_itself: Option<ContributorInsightsSpecification>,
    indexes: &[(&str, ContributorInsightsSpecification)],
) -> TableDefinition {
    let indexes = indexes.iter().map(|(name, index)| ((*name).to_owned(), *index)).collect();
    TableDefinition {
        contributor_insights: Some(ContributorInsights { table: table_itself, indexes }),
        ..bare()
    }
}

fn bare() -> TableDefinition {
    table("Shop").gsi("byA", &["a"], &[], Projection::all()).gsi(
        "byB",
        &["b"],
        &[],
        Projection::all(),
    )
}

fn planned(before: &TableDefinition, after: &TableDefinition) -> Plan {
    plan(&diff([before], [after]), &Context::default())
}

fn steps(before: &TableDefinition, after: &TableDefinition) -> Vec<String> {
    planned(before, after).steps.iter().map(|step| format!("{}: {}", step.id, step.title)).collect()
}

#[test]
fn the_table_and_each_index_have_steps_of_their_own() {
    let before = shop(Some(OFF), &[("byA", on(None)), ("byB", on(THROTTLED))]);
    let after = shop(Some(on(THROTTLED)), &[("byA", OFF)]);
    let plan = planned(&before, &after);
    let inputs: Vec<Value> = plan.steps.iter().map(|step| step.call.input()).collect();
    assert_eq!(
        inputs,
        [
            json!({
                "TableName": "Shop",
                "ContributorInsightsAction": "ENABLE",
                "ContributorInsightsMode": "THROTTLED_KEYS",
            }),
            json!({
                "TableName": "Shop",
                "IndexName": "byA",
                "ContributorInsightsAction": "DISABLE",
            }),
        ]
    );
    assert!(plan.steps.iter().all(|step| step.hazards.is_empty()));
    assert_eq!(
        steps(&before, &after),
        [
            "Shop:enable-contributor-insights: Turn on contributor insights (THROTTLED_KEYS)",
            "Shop:disable-contributor-insights:byA: Turn off contributor insights of byA",
        ]
    );
    for step in &plan.steps {
        let parsed = Call::parse(step.call.method(), &step.call.input()).unwrap();
        assert_eq!(parsed, step.call);
    }
}

#[test]
fn any_mode_will_do_where_none_is_wanted() {
    let before = shop(Some(on(THROTTLED)), &[]);
    assert_eq!(steps(&before, &shop(Some(on(None)), &[])), [""; 0]);
    let all = Some(ContributorInsightsMode::AccessedAndThrottledKeys);
    assert_eq!(steps(&before, &shop(Some(on(all)), &[])).len(), 1);
}

#[test]
fn an_index_begins_without() {
    let without = table("Shop");
    // Insights of a new index need not be disabled.
    let new = shop(None, &[("byA", OFF), ("byB", on(None))]);
    let steps_of = |before: &TableDefinition, after: &TableDefinition| -> Vec<String> {
        let steps = steps(before, after).into_iter();
        steps.filter(|step| step.contains("insights")).collect()
    };
    let turned_on = ["Shop:enable-contributor-insights:byB: Turn on contributor insights of byB"];
    assert_eq!(steps_of(&without, &new), turned_on);

    // A rebuilt index gets its insights again, after it was created.
    let kept = shop(None, &[("byB", on(None))]);
    let mut rebuilt = kept.clone();
    rebuilt.global_secondary_indexes[1].projection = Projection::keys_only();
    assert_eq!(steps_of(&kept, &rebuilt), turned_on);
    assert!(steps(&kept, &rebuilt).last().unwrap().contains("insights"));
}

#[test]
fn a_replaced_table_keeps_what_is_not_managed() {
    let before = shop(Some(on(THROTTLED)), &[("byA", on(None)), ("byB", on(None))]);
    let mut after = shop(None, &[("byA", OFF)]);
    after.key_schema[0].attribute_name = "other".to_owned();
    after.attribute_definitions[0].attribute_name = "other".to_owned();
    after.global_secondary_indexes.pop();
    let context = Context { accept_data_loss: true, ..Context::default() };
    let plan = plan(&diff([&before], [&after.normalised()]), &context);
    let titles: Vec<&str> = plan.steps.iter().map(|step| step.title.as_str()).collect();
    assert_eq!(
        titles,
        ["Delete table", "Create table", "Turn on contributor insights (THROTTLED_KEYS)"]
    );
}

#[test]
fn a_snapshot_says_what_is_managed_and_no_more() {
    for (definition, written) in [
        (shop(Some(on(None)), &[]), json!({ "Enabled": true })),
        (
            shop(None, &[("byA", on(THROTTLED))]),
            json!({ "Indexes": { "byA": { "Enabled": true, "Mode": "THROTTLED_KEYS" } } }),
        ),
    ] {
        let json = serde_json::to_value(&definition).unwrap();
        assert_eq!(json["ContributorInsightsSpecification"], written);
        assert_eq!(serde_json::from_value::<TableDefinition>(json).unwrap(), definition);
    }
    let mut wrong = serde_json::to_value(bare()).unwrap();
    wrong["ContributorInsightsSpecification"] = json!({ "Mode": "THROTTLED_KEYS" });
    assert!(serde_json::from_value::<TableDefinition>(wrong).is_err());
}

#[test]
fn branches_are_merged_part_by_part() {
    let of = |table: TableDefinition| Tables::from([("Shop".to_owned(), table)]);
    let common = shop(Some(OFF), &[("byA", OFF)]);
    let newer = shop(Some(on(None)), &[("byA", OFF)]);
    let other = shop(Some(OFF), &[("byA", on(THROTTLED)), ("byB", on(None))]);
    let merged = rebase(&of(common.clone()), &of(newer.clone()), &of(other)).unwrap();
    let both = shop(Some(on(None)), &[("byA", on(THROTTLED)), ("byB", on(None))]);
    assert_eq!(merged["Shop"].contributor_insights, both.contributor_insights);

    let conflict = shop(Some(on(THROTTLED)), &[("byA", OFF)]);
    assert_eq!(rebase(&of(common), &of(newer), &of(conflict)).unwrap_err().len(), 1);
}

#[test]
fn other_tools_get_the_insights_of_the_table_and_of_its_indexes() {
    let definition = shop(Some(on(THROTTLED)), &[("byA", on(None)), ("byB", OFF)]);
    let tables = [ExportedTable { name: "Shop".to_owned(), definition }];
    let text = |format| export(format, &tables, |_| true).text;
    let template: Value = serde_json::from_str(&text(Format::CloudFormationJson)).unwrap();
    let properties = &template["Resources"]["Shop"]["Properties"];
    let field = "ContributorInsightsSpecification";
    assert_eq!(properties[field], json!({ "Enabled": true, "Mode": "THROTTLED_KEYS" }));
    let indexes = &properties["GlobalSecondaryIndexes"];
    assert_eq!(indexes[0][field], json!({ "Enabled": true }));
    assert_eq!(indexes[1][field], json!({ "Enabled": false }));

    let terraform = text(Format::Terraform);
    let resources = terraform.split_once("resource \"aws_dynamodb_contributor_insights\"").unwrap();
    insta::assert_snapshot!(resources.1, @r#"
     "shop" {
      table_name = aws_dynamodb_table.shop.name
      mode       = "THROTTLED_KEYS"
    }

    resource "aws_dynamodb_contributor_insights" "shop-byA" {
      table_name = aws_dynamodb_table.shop.name
      index_name = "byA"
    }
    "#);
    let commands = text(Format::AwsCliScript);
    assert_eq!(commands.matches("aws dynamodb update-contributor-insights").count(), 2);
}

#[test]
fn what_is_on_is_pulled_into_the_entry() {
    let simulator = Simulator::holding([shop(Some(on(THROTTLED)), &[("byA", on(None))])]);
    let pulled = pull::settings(&simulator.describe("Shop").unwrap());
    assert_eq!(pulled.entry["contributorInsights"], json!({ "mode": "THROTTLED_KEYS" }));
    assert_eq!(pulled.entry["indexes"], json!({ "byA": { "contributorInsights": true } }));
}

/// A server that completes a change at the third look, or gives it up then.
struct Slow {
    simulator: Mutex<Simulator>,
    looks: Mutex<usize>,
    gives_up: bool,
}

impl ControlPlane for Slow {
    async fn list_tables(&self) -> Result<Vec<String>, ServiceError> {
        Ok(Vec::new())
    }

    async fn describe_table(
        &self,
        table: &str,
        extras: AuxiliarySettings,
    ) -> Result<Option<TableDescription>, ServiceError> {
        let described = self.simulator.lock().unwrap().describe(table);
        let mut looks = self.looks.lock().unwrap();
        *looks += usize::from(extras.contributor_insights);
        let state = match *looks {
            0..3 => Some(TransitionState::Pending("ENABLING".to_owned())),
            _ if self.gives_up => Some(TransitionState::Failed("AccessDenied: no".to_owned())),
            _ => None,
        };
        Ok(described.map(|mut table| {
            let (extra, part) = (AuxiliarySetting::ContributorInsights, Some("byA".to_owned()));
            table.transitions.extend(state.map(|state| Transition { extra, part, state }));
            table
        }))
    }

    async fn is_empty(&self, _: &str) -> Result<bool, ServiceError> {
        Ok(true)
    }

    async fn call(&self, call: &Call) -> Result<(), ServiceError> {
        self.simulator.lock().unwrap().call(call).unwrap();
        Ok(())
    }
}

/// Records the statuses that steps wait for.
#[derive(Default)]
struct Waits(Mutex<Vec<String>>);

impl Observer for Waits {
    fn event(&self, event: &Event<'_>) {
        if let Event::Waiting { status, .. } = event {
            self.0.lock().unwrap().push((*status).to_owned());
        }
    }
}

#[test]
fn a_step_waits_until_the_insights_are_on_and_says_why_they_are_not() {
    for gives_up in [false, true] {
        let before = shop(Some(OFF), &[("byA", OFF)]);
        let plan = planned(&before, &shop(Some(OFF), &[("byA", on(None))]));
        let simulator = Mutex::new(Simulator::holding([before]));
        let server = Slow { simulator, looks: Mutex::new(0), gives_up };
        let (clock, waits, stop) =
            (ManualClock::default(), Waits::default(), CancellationToken::new());
        let applied = apply(&plan, &server, &clock, &waits, &stop, Options::default());
        let report = pollster::block_on(applied);
        let status = "ACTIVE; contributor insights of byA ENABLING";
        assert_eq!(waits.0.into_inner().unwrap(), [status; 2]);
        let errors: Vec<String> =
            report.failures.iter().map(|failure| failure.error.to_string()).collect();
        let expected: &[&str] = match gives_up {
            true => &[
                "UpdateContributorInsights of Shop failed: DynamoDB accepted it and then gave up: AccessDenied: no",
            ],
            false => &[],
        };
        assert_eq!(errors, expected);
    }
}
