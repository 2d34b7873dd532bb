//! A proxy that injects what no test server shows by itself: throttling, broken connections,
//! statuses that take their time.

mod answer;
mod billing;
mod fault;
mod request;
mod rules;
mod serve;
mod views;

pub use fault::Fault;
pub use request::Request;
pub use rules::{Injected, On};

use billing::BillingModes;
use rules::Rules;
use serde_json::Value;
use std::{
    net::{Ipv4Addr, TcpListener},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread::{self, JoinHandle},
    time::Duration,
};
use tokio::sync::oneshot;
use views::Views;

/// How long [`FaultProxy::wait_until`] waits before the test fails.
const DEADLINE: Duration = Duration::from_secs(30);

/// An HTTP proxy on this machine in front of one DynamoDB server.
///
/// ```no_run
/// # use mizzle_test::{DynamoDbLocal, Fault, FaultProxy, On};
/// let database = DynamoDbLocal::from_env().isolated();
/// let proxy = FaultProxy::start(&database.endpoint);
/// let throttled = proxy.inject(On::operation("UpdateTable").table("Shop"), Fault::throttle());
/// // … run something against `database.through(&proxy)` …
/// assert_eq!(throttled.met(), 1);
/// ```
///
/// It can be the endpoint itself, or an HTTP proxy (`HTTP_PROXY`): whatever host a request names,
/// it goes to the one server. So a test reaches "remote" endpoints without leaving this machine.
/// TLS it does not speak.
///
/// Statuses and stale answers are kept by table: give each database a proxy of its own.
///
/// It serves on a thread of its own until the value goes away.
#[derive(Debug)]
pub struct FaultProxy {
    endpoint: String,
    shared: Arc<Shared>,
    /// Dropped to end the thread.
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug)]
struct Shared {
    /// Host and port of the server behind.
    server: String,
    state: Mutex<State>,
    arrived: Condvar,
}

#[derive(Debug, Default)]
struct State {
    rules: Rules,
    requests: Vec<Request>,
    views: Views,
    /// Where AWS's rules about them are kept.
    billing: Option<BillingModes>,
}

impl FaultProxy {
    /// Starts a proxy in front of a server, which is given by its `http://` URL.
    #[track_caller]
    pub fn start(server: &str) -> Self {
        let address = server.strip_prefix("http://").map(|rest| rest.trim_end_matches('/'));
        let Some(server) = address else { panic!("not a plain HTTP endpoint: {server}") };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("there is a free port");
        let address = listener.local_addr().expect("the port is known");
        let shared = Arc::new(Shared {
            server: server.to_owned(),
            state: Mutex::default(),
            arrived: Condvar::new(),
        });
        let (stop, stopped) = oneshot::channel();
        let serving = Arc::clone(&shared);
        let thread = thread::spawn(move || serve(listener, serving, stopped));
        Self {
            endpoint: format!("http://{address}"),
            shared,
            stop: Some(stop),
            thread: Some(thread),
        }
    }

    /// The URL under which the proxy answers.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// Lets requests that arrive from now on meet a fault.
    ///
    /// Of several faults that a request would meet, it meets the one that was injected first; the
    /// others do not count the request.
    pub fn inject(&self, on: On, fault: Fault) -> Injected {
        self.shared.lock().rules.add(on, fault)
    }

    /// Refuses from now on, as AWS does, an `UpdateTable` that gives a new index capacity in a table that
    /// is on demand, or none in one that is provisioned. What a table is the proxy learns from the
    /// requests that it has seen.
    pub fn enforce_billing_modes(&self) {
        self.shared.lock().billing = Some(BillingModes::default());
    }

    /// Takes all faults back, and with them the statuses and answers that they still hold.
    pub fn heal(&self) {
        let mut state = self.shared.lock();
        state.rules.clear();
        state.views.clear();
    }

    /// What has arrived, in order, whatever became of it.
    pub fn requests(&self) -> Vec<Request> {
        self.shared.lock().requests.clone()
    }

    /// What has arrived and may change something, in order, whatever became of it.
    pub fn writes(&self) -> Vec<Request> {
        self.requests().into_iter().filter(Request::is_write).collect()
    }

    /// Forgets what has arrived until now.
    pub fn forget_requests(&self) {
        self.shared.lock().requests.clear();
    }

    /// Waits until a condition on what has arrived holds; fails the test after half a minute.
    #[track_caller]
    pub fn wait_until(&self, condition: impl Fn(&[Request]) -> bool) {
        let waited =
            self.shared.arrived.wait_timeout_while(self.shared.lock(), DEADLINE, |state| {
                !condition(&state.requests)
            });
        let (state, timeout) = waited.unwrap_or_else(PoisonError::into_inner);
        let requests = state.requests.clone();
        drop(state);
        assert!(!timeout.timed_out(), "not after {DEADLINE:?}; what has arrived: {requests:?}");
    }
}

impl Drop for FaultProxy {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A panic there has been printed; a second one here would hide how the test failed.
            let _ = thread.join();
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes note of a request, and says which fault it meets.
    fn arrived(&self, request: &Request, input: &Value) -> Option<Fault> {
        let mut state = self.lock();
        state.requests.push(request.clone());
        let refusal = state.billing.as_mut().and_then(|billing| billing.refusal(request, input));
        let fault = state.rules.pick(request).or(refusal);
        drop(state);
        self.arrived.notify_all();
        fault
    }
}

/// Serves until told to stop. Tests are synchronous, so the runtime is the proxy's own.
fn serve(listener: TcpListener, shared: Arc<Shared>, stopped: oneshot::Receiver<()>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("the system gives a runtime").block_on(async {
        listener.set_nonblocking(true).expect("the listener can be made asynchronous");
        let listener = tokio::net::TcpListener::from_std(listener);
        let listener = listener.expect("the runtime takes the listener");
        tokio::select! {
            () = serve::run(listener, shared) => {}
            _ = stopped => {}
        }
    });
}
