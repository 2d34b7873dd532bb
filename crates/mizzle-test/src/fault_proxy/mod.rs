//! A proxy that injects faults that no test server has itself: throttling, broken connections,
//! delayed statuses.

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

/// The time limit of [`FaultProxy::wait_until`].
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
/// The proxy can be the endpoint itself, or an HTTP proxy (`HTTP_PROXY`): requests for any host go
/// to the one server. So a test can use "remote" endpoints without leaving this machine. TLS is not
/// supported.
///
/// Statuses and stale answers are kept by table: give each database its own proxy.
///
/// The proxy serves on its own thread until the value is dropped.
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
    /// Host and port of the server behind the proxy.
    server: String,
    state: Mutex<State>,
    arrived: Condvar,
}

#[derive(Debug, Default)]
struct State {
    rules: Rules,
    requests: Vec<Request>,
    views: Views,
    /// The billing modes, if AWS's rules about them are enforced.
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

    /// Returns the URL of the proxy.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// Applies a fault to requests that arrive from now on.
    ///
    /// If several faults match a request, only the first injected one is applied; the others do not
    /// count the request.
    pub fn inject(&self, on: On, fault: Fault) -> Injected {
        self.shared.lock().rules.add(on, fault)
    }

    /// From now on refuses, like AWS, an `UpdateTable` that sets the capacity of a new index in an
    /// on-demand table, or omits it in a provisioned one. The proxy learns the billing mode of a
    /// table from the requests.
    pub fn enforce_billing_modes(&self) {
        self.shared.lock().billing = Some(BillingModes::default());
    }

    /// Removes all faults, including the statuses and answers that they still hold.
    pub fn heal(&self) {
        let mut state = self.shared.lock();
        state.rules.clear();
        state.views.clear();
    }

    /// Returns the requests that have arrived, in order, including failed ones.
    pub fn requests(&self) -> Vec<Request> {
        self.shared.lock().requests.clone()
    }

    /// Returns the requests that have arrived and may change data, in order, including failed ones.
    pub fn writes(&self) -> Vec<Request> {
        self.requests().into_iter().filter(Request::is_write).collect()
    }

    /// Clears the requests that have arrived so far.
    pub fn forget_requests(&self) {
        self.shared.lock().requests.clear();
    }

    /// Waits until a condition on the requests holds; fails the test after half a minute.
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
            // A panic there has been printed; a second one here would hide the test's own failure.
            let _ = thread.join();
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Records a request, and returns the fault to apply.
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

/// Serves until `stopped`. Tests are synchronous, so the proxy has its own runtime.
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
