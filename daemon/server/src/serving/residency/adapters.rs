//! What the models in memory wear: the registry is read again apart, and adapters that a request names
//! are read for it.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::SyncSender;

use inkstone_engine::Model;
use inkstone_models::ModelName;
use inkstone_prose::{Language, language_around};
use inkstone_protocol::complete::NO_ADAPTER;
use inkstone_protocol::{AdapterReport, AdapterState, AdaptersReport, CompleteParams};
use inkstone_scheduler::{Adapter, RequestKey};
use tokio::sync::oneshot;

use super::Residency;
use crate::serving::adapters::{AdapterReader, Adapters, CheckedAdapter, Fitted, LOADED_MAX};
use crate::serving::lane::{Lane, Wish};
use crate::serving::mail::{Mail, Submission};
use crate::serving::refusal::{adapter_refused, busy_with_adapter};
use crate::serving::report::{Ending, SharedReport};
use crate::serving::resident::State;
use crate::serving::waiting::Waiting;

/// Adapters that requests have named and that stay in memory, for all models together.
const TRIED_MAX: usize = 8;

/// Told when requests choose by the registry as it is.
pub(in crate::serving) type AdaptersDone = oneshot::Sender<()>;

/// The adapters of all models.
pub(super) struct Stock {
    reader: AdapterReader,
    mailbox: SyncSender<Mail>,
    pub(super) current: Adapters,
    /// Named by requests, live or not: of which model, by which name.
    tried: Vec<(ModelName, CheckedAdapter)>,
    /// Whoever waits for the reading that is going on; none when none is.
    pub(super) reading: Option<Vec<AdaptersDone>>,
    /// Whoever came since it began, and so waits for the next.
    next: Vec<AdaptersDone>,
    /// Whoever is to be told that it is over.
    done: Vec<AdaptersDone>,
    reads_again: bool,
    /// Live ones that open documents are to wear and that are not in memory.
    asked_for: BTreeSet<(ModelName, Adapter)>,
    /// Whether what `status` says of them has changed since it was last told.
    has_news: bool,
}

/// A model in memory.
struct InMemory {
    name: ModelName,
    model: Arc<Model>,
    /// The adapters that it has.
    has: Vec<Adapter>,
    /// Those that were live before: what of these is not in memory had to make room.
    known: Vec<Adapter>,
    /// Those that are wanted all the same.
    asked_for: Vec<Adapter>,
}

/// The registry as it was read, and what was loaded of it for the models in memory.
#[derive(Debug)]
pub(in crate::serving) struct AdaptersRead {
    adapters: Adapters,
    fitted: Vec<(ModelName, Arc<Model>, Vec<Fitted>)>,
}

/// An adapter that a request named.
#[derive(Debug)]
pub(in crate::serving) struct AdapterTried {
    model: ModelName,
    named: String,
    result: Result<Fitted, String>,
    of: Arc<Model>,
}

impl Stock {
    /// Reads the registry now, so that the first request wears what is live.
    pub(super) fn new(reader: AdapterReader, mailbox: SyncSender<Mail>) -> Self {
        Self {
            current: reader.read(),
            reader,
            mailbox,
            tried: Vec::new(),
            reading: None,
            next: Vec::new(),
            done: Vec::new(),
            reads_again: false,
            asked_for: BTreeSet::new(),
            has_news: true,
        }
    }

    /// Reads the registry and adapters' files elsewhere.
    pub(super) fn reader(&self) -> AdapterReader {
        self.reader.clone()
    }

    /// What a document in this language and in no added folder wears.
    pub(super) fn live(&self, model: &ModelName, language: Language) -> Option<&CheckedAdapter> {
        let asked = self.current.asked(model, language, None);
        let key = self.current.choose(model, asked);
        let mut live = self.current.of(model).iter();
        live.find(|adapter| adapter.key == key)
    }

    /// A live adapter is not worn after all.
    pub(super) fn refuse(&mut self, model: &ModelName, name: &str, problem: String) {
        self.has_news = true;
        self.current.refuse(model, name, problem);
    }

    /// An adapter of a model by its name.
    fn find(&self, model: &ModelName, named: &str) -> Option<&CheckedAdapter> {
        let live = self.current.of(model).iter();
        let tried = self.tried.iter().filter(|(of, _)| of == model);
        live.chain(tried.map(|(_, adapter)| adapter))
            .find(|adapter| adapter.name == named)
    }

    /// Whether a request to a model may still get it.
    pub(super) fn keeps(&self, model: &ModelName, adapter: Adapter) -> bool {
        let live = self.current.of(model).iter();
        let tried = self.tried.iter().filter(|(of, _)| of == model);
        adapter == Adapter::NONE
            || live
                .chain(tried.map(|(_, adapter)| adapter))
                .any(|known| known.key == adapter)
    }
}

impl Residency {
    /// The registry has changed: it is read again, and `done` is told when requests choose by it.
    pub(in crate::serving) fn adapters_changed(&mut self, done: Option<AdaptersDone>) {
        self.stock.next.extend(done);
        // A file that was named by its path may be another by now.
        self.stock.tried.clear();
        if self.stock.reading.is_some() {
            self.stock.reads_again = true;
        } else {
            self.start_reading();
        }
    }

    fn start_reading(&mut self) {
        let models = self.residents.iter().filter_map(|(name, resident)| {
            let State::Loaded(lane) = &resident.state else {
                return None;
            };
            let known = self.stock.current.of(name).iter();
            let asked_for = self.stock.asked_for.iter();
            Some(InMemory {
                name: name.clone(),
                model: Arc::clone(lane.model()),
                has: lane.adapters(),
                known: known.map(|adapter| adapter.key).collect(),
                asked_for: asked_for
                    .filter(|(of, _)| of == name)
                    .map(|(_, adapter)| *adapter)
                    .collect(),
            })
        });
        let models: Vec<InMemory> = models.collect();
        self.stock.asked_for.clear();
        self.stock.reads_again = false;
        self.stock.reading = Some(std::mem::take(&mut self.stock.next));
        let (reader, mailbox) = (self.stock.reader.clone(), self.stock.mailbox.clone());
        let started = spawn("adapters", move || {
            let read = catch_unwind(AssertUnwindSafe(|| read(&reader, models)));
            let read = read.unwrap_or_else(|_| AdaptersRead {
                adapters: Adapters::unread(panicked()),
                fitted: Vec::new(),
            });
            // Fails only when the engine thread has ended.
            let _ = mailbox.send(Mail::AdaptersRead(Box::new(read)));
        });
        if let Err(problem) = started {
            self.stock.has_news = true;
            self.stock.current.problem = Some(problem);
            self.stock
                .done
                .extend(self.stock.reading.take().unwrap_or_default());
        }
    }

    /// Whoever waited for a reading that is over is told so, once it shows in the report.
    pub(in crate::serving) fn tell_readers(&mut self) {
        for done in self.stock.done.drain(..) {
            // Whoever does not wait any more knows it with the next request.
            let _ = done.send(());
        }
    }

    /// The registry was read.
    pub(in crate::serving) fn adapters_read(&mut self, read: AdaptersRead, report: &SharedReport) {
        self.stock.has_news = true;
        if read.adapters.problem.is_some() {
            // What was worn before goes on.
            self.stock.current.problem = read.adapters.problem;
        } else {
            self.stock.current = read.adapters;
        }
        for (name, model, fitted) in read.fitted {
            for (checked, loaded) in fitted {
                // One that finds no place is asked for again by who is to wear it.
                let put = loaded.and_then(|adapter| self.put_in(&name, &model, &checked, adapter));
                if let Err(problem) = put {
                    self.stock.refuse(&name, &checked.name, problem);
                }
            }
        }
        // Whoever lacks one still asks with its next request: asked for now, those that do not all fit
        // would put each other out without end.
        self.change_over(report, false);
        self.stock
            .done
            .extend(self.stock.reading.take().unwrap_or_default());
        if self.stock.reads_again {
            self.start_reading();
        }
    }

    /// Lets the open documents change over to what the registry says, and where it `asks`, has read what
    /// these lack.
    pub(super) fn change_over(&mut self, report: &SharedReport, asks: bool) {
        let stock = &mut self.stock;
        for (name, resident) in &mut self.residents {
            self.saved
                .forget_adapters(name, |adapter| stock.keeps(name, adapter));
            let State::Loaded(lane) = &mut resident.state else {
                continue;
            };
            let lacking = lane.change_over(
                |asked| stock.current.choose(name, asked),
                |adapter| stock.keeps(name, adapter),
                report,
            );
            if asks {
                let lacking = lacking.into_iter().map(|adapter| (name.clone(), adapter));
                stock.asked_for.extend(lacking);
            }
        }
        if asks {
            self.read_what_is_asked_for();
        }
    }

    /// A request is to wear this: if it is not in memory, it is read for the next ones.
    pub(super) fn ask_for(&mut self, name: &ModelName, adapter: Adapter) {
        let Some(State::Loaded(lane)) = self.residents.get(name).map(|of| &of.state) else {
            return;
        };
        if !lane.has_adapter(adapter) {
            self.stock.asked_for.insert((name.clone(), adapter));
            self.read_what_is_asked_for();
        }
    }

    fn read_what_is_asked_for(&mut self) {
        // A registry that cannot be read would be read again and again.
        let is_readable = self.stock.current.problem.is_none();
        let stock = &mut self.stock;
        stock.reads_again |= is_readable && !stock.asked_for.is_empty();
        if stock.reads_again && stock.reading.is_none() {
            self.start_reading();
        }
    }

    /// What a request wears; the name of an adapter that is to be read for it first.
    pub(super) fn wish(&self, name: &ModelName, params: &CompleteParams) -> Result<Wish, String> {
        match params.adapter.as_deref() {
            None => {
                let language = language_around(&params.prefix, &params.suffix);
                let current = &self.stock.current;
                let asked = current.asked(name, language, params.path.as_deref());
                Ok(Wish::Chosen(current.choose(name, asked), asked))
            }
            Some(NO_ADAPTER) => Ok(Wish::Named(Adapter::NONE)),
            Some(named) => {
                let known = self.stock.find(name, named).map(|adapter| adapter.key);
                let resident = self.residents.get(name);
                let is_in = |key: &Adapter| match resident.map(|found| &found.state) {
                    Some(State::Loaded(lane)) => lane.has_adapter(*key),
                    _ => false,
                };
                let known = known.filter(is_in).map(Wish::Named);
                known.ok_or_else(|| named.to_owned())
            }
        }
    }

    /// Reads the adapter that a request names; the request waits. False when it was turned away.
    pub(super) fn try_on(
        &mut self,
        name: &ModelName,
        named: String,
        (key, submission): (RequestKey, Submission),
        report: &SharedReport,
    ) -> bool {
        let Some(resident) = self.residents.get_mut(name) else {
            return false;
        };
        let State::Loaded(lane) = &resident.state else {
            return false;
        };
        match &mut resident.trying {
            Some((tried, waiting)) if *tried == named => {
                return waiting.push(key, submission, report);
            }
            Some(_) => {
                submission.fail(busy_with_adapter(), Ending::Rejected, report);
                return false;
            }
            None => {}
        }
        let of = Arc::clone(lane.model());
        let (reader, mailbox) = (self.stock.reader.clone(), self.stock.mailbox.clone());
        let (model, asked_for) = (name.clone(), named.clone());
        let started = spawn("adapter", move || {
            let read = || Ok(reader.read_one(&model, &asked_for)?.load(&of));
            let result = catch_unwind(AssertUnwindSafe(read)).unwrap_or_else(|_| Err(panicked()));
            let _ = mailbox.send(Mail::AdapterTried(Box::new(AdapterTried {
                model,
                named: asked_for,
                result,
                of,
            })));
        });
        if let Err(problem) = started {
            submission.fail(adapter_refused(&problem), Ending::Rejected, report);
            return false;
        }
        let mut waiting = Waiting::default();
        let is_taken = waiting.push(key, submission, report);
        resident.trying = Some((named, waiting));
        is_taken
    }

    /// An adapter that requests wait for was read.
    pub(in crate::serving) fn adapter_tried(&mut self, tried: AdapterTried, report: &SharedReport) {
        let AdapterTried {
            model: name,
            named,
            result,
            of,
        } = tried;
        let Some(resident) = self.residents.get_mut(&name) else {
            return;
        };
        let Some((_, mut waiting)) = resident.trying.take_if(|(tried, _)| *tried == named) else {
            return;
        };
        let fitted = result.and_then(|(checked, loaded)| {
            let adapter = loaded?;
            // By the name that it was asked for.
            let checked = CheckedAdapter {
                name: named,
                ..checked
            };
            let is_in = self.put_in(&name, &of, &checked, adapter)?;
            let busy = || "other adapters are being worn in its place; ask again".to_owned();
            is_in.then_some(checked).ok_or_else(busy)
        });
        let checked = match fitted {
            Ok(checked) => checked,
            Err(problem) => {
                tracing::warn!(model = %name, problem, "an adapter that was asked for is not worn");
                return waiting.fail_all(&adapter_refused(&problem), report);
            }
        };
        // One that was read from this path before.
        let is_same =
            |(of, known): &(ModelName, CheckedAdapter)| *of == name && known.name == checked.name;
        self.stock.tried.retain(|one| !is_same(one));
        if self.stock.tried.len() >= TRIED_MAX {
            self.stock.tried.remove(0);
        }
        self.stock.tried.push((name.clone(), checked));
        for (key, submission) in waiting.into_submissions() {
            self.submit_to(&name, key, submission, report);
        }
    }

    /// What `status` says of live adapters, but for the counts, where that has changed since it was asked.
    pub(in crate::serving) fn adapters_news(&mut self) -> Option<AdaptersReport> {
        if !std::mem::take(&mut self.stock.has_news) {
            return None;
        }
        let current = &self.stock.current;
        let report = |name: &str, model: String, state, why| AdapterReport {
            name: name.to_owned(),
            model,
            state,
            why,
            requests: 0,
            shown: 0,
            right: 0,
        };
        let worn = current.by_model.iter().flat_map(|(model, adapters)| {
            adapters.iter().map(move |adapter| {
                let why = current.why(adapter);
                report(&adapter.name, model.to_string(), AdapterState::Worn, why)
            })
        });
        let refused = current.refused.iter().map(|refused| {
            let (model, why) = (refused.model.clone(), refused.problem.clone());
            report(&refused.name, model, AdapterState::Refused, why)
        });
        Some(AdaptersReport {
            live: worn.chain(refused).collect(),
            problem: current.problem.clone(),
            ..AdaptersReport::default()
        })
    }

    /// Open documents that are about to change over.
    pub(in crate::serving) fn documents_changing(&self) -> u32 {
        let changing = self.lanes().map(Lane::changing);
        u32::try_from(changing.sum::<usize>()).unwrap_or(u32::MAX)
    }
}

/// Reads the registry, and what the models in memory lack of it.
fn read(reader: &AdapterReader, models: Vec<InMemory>) -> AdaptersRead {
    let adapters = reader.read();
    let fitted = models.into_iter().map(|of| {
        let is_new = |adapter: &&CheckedAdapter| !of.known.contains(&adapter.key);
        let is_asked_for = |adapter: &&CheckedAdapter| of.asked_for.contains(&adapter.key);
        // What is asked for comes last, so that it is not what makes room.
        let new = adapters.newest(&of.name).iter();
        let new = new.filter(|adapter| is_new(adapter) && !is_asked_for(adapter));
        let asked_for = adapters.of(&of.name).iter().filter(is_asked_for);
        let wanted = new.chain(asked_for.take(LOADED_MAX));
        let lacking = wanted.filter(|adapter| !of.has.contains(&adapter.key));
        let fitted = lacking.map(|adapter| adapter.load(&of.model)).collect();
        (of.name, of.model, fitted)
    });
    AdaptersRead {
        fitted: fitted.collect(),
        adapters,
    }
}

pub(super) fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> Result<(), String> {
    let thread = std::thread::Builder::new().name(name.to_owned());
    let started = thread.spawn(work).map(|_| ());
    started.map_err(|error| format!("cannot start a thread: {error}"))
}

pub(super) fn panicked() -> String {
    "the daemon has a bug: reading adapters panicked; see: inkstone logs".to_owned()
}
