//! Keeps one connection to the daemon: opens it, watches it, opens it again.
//!
//! Not the starting of daemons, nor whether one that was stopped by hand may be started: the
//! protocol's client knows. One task owns the connection; a [`Link`] is a handle to it. An outage
//! is told to the event loop when the first attempt has failed, its end when one succeeds.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use inkstone_protocol::{Call, DocumentId, InsertedOrigin, Judged, SAVED_PATH_BYTES_MAX};
use tokio::sync::{mpsc, watch};
use tokio::task::{JoinError, JoinSet};
use tokio_util::sync::CancellationToken;

use crate::daemon::backoff::Backoff;
use crate::daemon::connection::{Connection, Delivery};
use crate::daemon::problem::DaemonProblem;
use crate::daemon::unsent::{Message, Unsent};
use crate::event::Event;
use crate::host::Host;

/// Orders that may wait; they are hints, so one that finds no room is dropped.
const ORDERS_MAX: usize = 64;

/// Hints that the daemon answers at once; past it the oldest must end first.
const HINTS_MAX: usize = 8;

/// A request shortens a wait for the next attempt, but attempts stay so far apart.
const ATTEMPT_EVERY_MIN: Duration = Duration::from_millis(250);

/// How long what is unsent may take at the end: an editor that closes waits for us.
const FAREWELL_MAX: Duration = Duration::from_millis(500);

/// A handle to the connection's task.
#[derive(Debug, Clone)]
pub(crate) struct Link {
    state: watch::Receiver<State>,
    orders: mpsc::Sender<Order>,
}

#[derive(Debug, Clone)]
enum State {
    /// Not looked for yet, or being looked for.
    Seeking,
    /// Open.
    Up(Arc<Connection>),
    /// The last attempt failed.
    Away(DaemonProblem),
}

#[derive(Debug)]
enum Order {
    /// Find the daemon from now on, or now rather than later.
    Connect,
    Warm(String),
    Typed,
    Judged(Judged),
    Close(DocumentId),
    Remember(InsertedOrigin, Vec<u64>),
    Saved(String),
}

impl Link {
    /// A handle, and the task that it belongs to. Nothing is connected before the first order.
    pub(crate) fn new(
        host: &Host,
        events: mpsc::Sender<Event>,
        stop: CancellationToken,
    ) -> (Self, impl Future<Output = ()> + Send + 'static) {
        let (published, state) = watch::channel(State::Seeking);
        let (orders, received) = mpsc::channel(ORDERS_MAX);
        let keeper = Keeper {
            host: host.clone(),
            events,
            orders: received,
            state: published,
            last_warm: None,
            hints: JoinSet::new(),
            unsent: Unsent::default(),
            remembers: true,
            sending: JoinSet::new(),
        };
        let task = async move {
            let mut keeper = keeper;
            tokio::select! {
                () = stop.cancelled() => {}
                () = keeper.keep() => {}
            }
            if tokio::time::timeout(FAREWELL_MAX, keeper.send_the_rest())
                .await
                .is_err()
            {
                tracing::debug!("the daemon did not take in time what is to be remembered");
            }
        };
        (Self { state, orders }, task)
    }

    /// Finds the daemon from now on.
    pub(crate) fn connect(&self) {
        // Orders wait while the daemon is being looked for. One of these says as much as many, and
        // they must not take the room of the others.
        if self.orders.capacity() > ORDERS_MAX / 2 {
            self.order(Order::Connect);
        }
    }

    /// Lets the daemon load the model that serves such text.
    pub(crate) fn warm(&self, sample: String) {
        self.order(Order::Warm(sample));
    }

    /// Tells the daemon that somebody types. It is not looked for to be told that: while it is away there
    /// is nobody to make room.
    pub(crate) fn typed(&self) {
        if matches!(&*self.state.borrow(), State::Up(_)) {
            self.order(Order::Typed);
        }
    }

    /// Tells the daemon that a document was closed.
    pub(crate) fn close(&self, document: DocumentId) {
        self.order(Order::Close(document));
    }

    /// Tells the daemon what became of a suggestion; while it is away nobody counts.
    pub(crate) fn judged(&self, judged: Judged) {
        self.order(Order::Judged(judged));
    }

    /// Lets the daemon remember the shingles of text that was not typed.
    pub(crate) fn remember(&self, origin: InsertedOrigin, shingles: Vec<u64>) {
        if !shingles.is_empty() {
            self.order(Order::Remember(origin, shingles));
        }
    }

    /// Tells the daemon that a document was saved.
    pub(crate) fn saved(&self, path: PathBuf) {
        // A name that is no text, or longer than any: the watcher notices by itself.
        if let Ok(path) = path.into_os_string().into_string()
            && path.len() <= SAVED_PATH_BYTES_MAX
        {
            self.order(Order::Saved(path));
        }
    }

    /// The connection; waits while the daemon is being looked for, fails while it is away.
    pub(crate) async fn connection(&self) -> Result<Arc<Connection>, DaemonProblem> {
        self.connect();
        let mut state = self.state.clone();
        // A connection that broke a moment ago may still be published.
        let is_settled = |state: &State| match state {
            State::Seeking => false,
            State::Up(connection) => !connection.is_closed(),
            State::Away(_) => true,
        };
        match state.wait_for(is_settled).await.as_deref() {
            Ok(State::Up(connection)) => Ok(Arc::clone(connection)),
            Ok(State::Away(problem)) => Err(problem.clone()),
            Ok(State::Seeking) | Err(_) => Err(DaemonProblem::Lost),
        }
    }

    fn order(&self, order: Order) {
        if self.orders.try_send(order).is_err() {
            tracing::debug!("a hint to the daemon was dropped: too many wait");
        }
    }
}

/// The task's own state.
struct Keeper {
    host: Host,
    events: mpsc::Sender<Event>,
    orders: mpsc::Receiver<Order>,
    state: watch::Sender<State>,
    last_warm: Option<String>,
    hints: JoinSet<()>,
    /// What the daemon has not taken yet of what is for the trainer.
    unsent: Unsent,
    /// Whether the daemon at the other end takes it.
    remembers: bool,
    /// At most one, so that they come in order and take no room of the hints.
    sending: JoinSet<(Message, Delivery)>,
}

impl Keeper {
    async fn keep(&mut self) {
        let mut backoff = Backoff::default();
        if self.wait_for_first_order().await.is_none() {
            return;
        }
        loop {
            self.state.send_replace(State::Seeking);
            let attempted = Instant::now();
            let wait = match Connection::open(&self.host).await {
                Ok(connection) => {
                    self.use_connection(Arc::new(connection)).await;
                    backoff.ended(attempted.elapsed())
                }
                Err(problem) => {
                    self.tell(Event::DaemonAway(problem.clone())).await;
                    self.state.send_replace(State::Away(problem));
                    backoff.failed()
                }
            };
            if self.wait(attempted, wait).await.is_none() {
                return;
            }
        }
    }

    /// None when every handle is gone.
    async fn wait_for_first_order(&mut self) -> Option<()> {
        let order = self.orders.recv().await?;
        self.note(order);
        Some(())
    }

    /// Serves a connection until it breaks.
    async fn use_connection(&mut self, connection: Arc<Connection>) {
        self.tell(Event::DaemonUp).await;
        self.state.send_replace(State::Up(Arc::clone(&connection)));
        self.remembers = true;
        if let Some(sample) = self.last_warm.clone() {
            self.hint(&connection, Call::Warm { sample });
        }
        loop {
            self.send_next(&connection);
            tokio::select! {
                () = connection.closed() => break,
                Some(_) = self.hints.join_next() => {}
                Some(sent) = self.sending.join_next() => self.sent(sent),
                order = self.orders.recv() => match order {
                    None => break,
                    Some(Order::Connect) => {}
                    Some(Order::Warm(sample)) => {
                        self.last_warm = Some(sample.clone());
                        self.hint(&connection, Call::Warm { sample });
                    }
                    Some(Order::Typed) => self.hint(&connection, Call::Typed),
                    Some(Order::Judged(judged)) => self.hint(&connection, Call::Judged(judged)),
                    Some(Order::Close(document)) => self.hint(&connection, Call::Close { document }),
                    Some(order) => self.note(order),
                },
            }
        }
        tracing::info!("the connection to the daemon ended");
        self.hints.shutdown().await;
        while let Some(sent) = self.sending.join_next().await {
            self.sent(sent);
        }
    }

    /// Sends the next message for the trainer, if none is on its way.
    fn send_next(&mut self, connection: &Arc<Connection>) {
        if self.remembers
            && self.sending.is_empty()
            && let Some(message) = self.unsent.take()
        {
            let connection = Arc::clone(connection);
            self.sending.spawn(async move {
                let delivery = connection.deliver(message.call()).await;
                (message, delivery)
            });
        }
    }

    fn sent(&mut self, sent: Result<(Message, Delivery), JoinError>) {
        match sent {
            Ok((_, Delivery::Taken | Delivery::Refused)) => {}
            // Over this connection it would go as before.
            Ok((message, Delivery::Lost)) => {
                self.unsent.give_back(message);
                self.remembers = false;
            }
            // It closes the connection on whoever sends many such messages.
            Ok((_, Delivery::Unknown)) => self.remembers = false,
            Err(error) => tracing::error!(%error, "a task failed; please report this bug"),
        }
    }

    /// At the end: what still waits, over the connection that there is.
    async fn send_the_rest(&mut self) {
        while let Ok(order) = self.orders.try_recv() {
            self.note(order);
        }
        let connection = match &*self.state.borrow() {
            State::Up(connection) => Arc::clone(connection),
            State::Seeking | State::Away(_) => return,
        };
        loop {
            self.send_next(&connection);
            match self.sending.join_next().await {
                Some(sent) => self.sent(sent),
                None => return,
            }
            if connection.is_closed() {
                return;
            }
        }
    }

    /// Sends something whose answer matters to nobody.
    fn hint(&mut self, connection: &Arc<Connection>, call: Call) {
        if self.hints.len() >= HINTS_MAX {
            tracing::debug!("a hint to the daemon was dropped: too many run");
            return;
        }
        let connection = Arc::clone(connection);
        self.hints.spawn(async move { connection.hint(call).await });
    }

    /// Waits before the next attempt, less long when somebody asks. None when every handle is gone.
    async fn wait(&mut self, attempted: Instant, wait: Duration) -> Option<()> {
        let mut until = Instant::now() + wait;
        let soonest = attempted + ATTEMPT_EVERY_MIN;
        loop {
            let now = Instant::now();
            if now >= until {
                return Some(());
            }
            tokio::select! {
                () = tokio::time::sleep(until - now) => return Some(()),
                order = self.orders.recv() => {
                    let asks = matches!(order, Some(Order::Connect));
                    self.note(order?);
                    if asks {
                        until = until.min(soonest);
                    }
                }
            }
        }
    }

    /// Remembers what matters when the daemon is back.
    fn note(&mut self, order: Order) {
        match order {
            Order::Warm(sample) => self.last_warm = Some(sample),
            Order::Remember(origin, shingles) => self.unsent.inserted(origin, &shingles),
            Order::Saved(path) => self.unsent.saved(path),
            Order::Connect | Order::Typed | Order::Close(_) | Order::Judged(_) => {}
        }
    }

    async fn tell(&self, event: Event) {
        // A loop that has ended needs no news; the stop signal ends this task too.
        let _ = self.events.send(event).await;
    }
}
