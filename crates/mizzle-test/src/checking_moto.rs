//! A server that checks credentials and permissions.

use crate::{Database, Serving, environment, servers::query};
use std::{process::Command, time::Duration};

/// The time limit for Python on a busy machine.
const DEADLINE: Duration = Duration::from_secs(60);

/// The number of requests before moto begins to check: those of [`CheckingMoto::start`].
const UNCHECKED: &str = "3";

/// A moto for one test that checks keys, signatures and policies, like AWS and no other server
/// here.
///
/// It has one user, `ci`. It answers unknown credentials in XML, which DynamoDB never does.
#[derive(Debug)]
pub struct CheckingMoto {
    serving: Serving,
    access_key: String,
    secret_key: String,
}

impl CheckingMoto {
    /// Starts the server; the user has permission for these actions: `dynamodb:ListTables`.
    #[track_caller]
    pub fn start(actions: &[&str]) -> Self {
        let mut command = Command::new(environment::required(environment::MOTO_PYTHON));
        environment::clear(&mut command)
            .args(["-m", "moto.server", "-H", "127.0.0.1", "-p", "0"])
            .env("INITIAL_NO_AUTH_ACTION_COUNT", UNCHECKED);
        let serving = Serving::start(command, "moto.server", DEADLINE);
        let actions: Vec<String> = actions.iter().map(|action| format!("%22{action}%22")).collect();
        let policy = format!(
            "%7B%22Version%22:%222012-10-17%22,%22Statement%22:[%7B%22Effect%22:%22Allow%22,\
             %22Action%22:[{}],%22Resource%22:%22*%22%7D]%7D",
            actions.join(",")
        );
        let ask = |action: &str| {
            let body = format!("Version=2010-05-08&UserName=ci&{action}");
            query(serving.endpoint(), "iam", &body)
                .unwrap_or_else(|error| panic!("moto makes no user: {error}"))
        };
        ask("Action=CreateUser");
        ask(&format!("Action=PutUserPolicy&PolicyName=ci&PolicyDocument={policy}"));
        let answer = ask("Action=CreateAccessKey");
        let (access_key, secret_key) = (answer.text("AccessKeyId"), answer.text("SecretAccessKey"));
        Self { serving, access_key, secret_key }
    }

    /// Returns the database, with the keys of the user.
    pub fn database(&self) -> Database {
        let database = Database::new(self.serving.endpoint(), &self.access_key, "us-east-1");
        Database { secret_key: self.secret_key.clone(), ..database }
    }
}
