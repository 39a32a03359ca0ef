//! Building the dataset: looks at the workspaces, reads what changed, publishes a version.
//!
//! Called by `inkstone-trainer build` for `inkstone dataset build`; the watcher does the same for the
//! places that changed, and publishes from time to time, for what models remember.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use inkstone_corpus::clean::UnknownRule;
use inkstone_corpus::dataset::DatasetId;
use inkstone_corpus::format::Format;
use inkstone_corpus::surprise::Limits;
use inkstone_settings::Corpus;
use inkstone_store::{Store, StoreError, Workspace};
use serde::Serialize;

use crate::assemble::{self, AssembleError, Batch, Measures, Outliers};
use crate::keep::{Keeper, Kept, Manner};
use crate::options::{ReadingOptions, git_deadline};
use crate::rescan::{RescanError, Tally, rescan_at};
use crate::scores::{self, Asked, Effort, Scorer};
use crate::walk::WalkError;

/// Looks at one workspace until no file of it has to be read again: a file and its translations are
/// settled with the second.
const LOOKS_MAX: usize = 3;

/// Why nothing was built.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// Nothing is read before its owner adds it.
    #[error("{} is not among your folders; add it first: inkstone workspace add {}", path.display(), path.display())]
    NotAdded {
        /// The folder.
        path: PathBuf,
    },
    /// There is nothing to build from.
    #[error("there is no folder to learn from; add one: inkstone workspace add DIR")]
    Nothing,
    /// A setting names a rule that is none.
    #[error("{0}; correct corpus.rules_on or corpus.rules_off in inkstone.toml")]
    Rule(#[from] UnknownRule),
    /// It was removed while it was looked at.
    #[error("{} was removed from your folders meanwhile", path.display())]
    Removed {
        /// The folder.
        path: PathBuf,
    },
    /// A folder cannot be looked at.
    #[error("{}: {source}", path.display())]
    Look {
        /// The workspace.
        path: PathBuf,
        /// Why.
        source: RescanError<AssembleError>,
    },
    /// The database.
    #[error(transparent)]
    Assemble(#[from] AssembleError),
}

impl From<StoreError> for BuildError {
    fn from(error: StoreError) -> Self {
        Self::Assemble(error.into())
    }
}

/// How far a build is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum Progress<'a> {
    /// A workspace is looked at.
    Reading {
        /// Which.
        workspace: &'a Path,
        /// Files that were read of it.
        files_read: u64,
        /// Their bytes.
        bytes_read: u64,
    },
    /// What was read is compared, and put together.
    Assembling,
    /// A language model is asked about it.
    Scoring {
        /// Texts that it has scored.
        texts: u64,
    },
}

/// What a build did.
#[derive(Debug, Clone, Serialize)]
pub struct Built {
    /// The version; whoever prints this prints more of it.
    #[serde(skip)]
    pub dataset: DatasetId,
    /// Each workspace that was looked at.
    pub workspaces: BTreeMap<PathBuf, Looked>,
    /// What came of asking a language model; none where it was not wanted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scoring: Option<Asked>,
}

/// What a look at one workspace came upon.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Looked {
    /// Files by what became of them.
    pub files: Files,
    /// What was kept of them.
    pub kept: Kept,
    /// Why it was not looked at to the end; what is known of it stays.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
}

/// Counts of files.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Files {
    /// Not opened, since nothing says that they changed.
    pub unchanged: u64,
    /// Opened.
    pub opened: u64,
    /// New.
    pub added: u64,
    /// With another content, or to be read in another manner.
    pub changed: u64,
    /// Under another name.
    pub renamed: u64,
    /// Gone.
    pub removed: u64,
    /// Not read, by the word of the reason.
    pub skipped: BTreeMap<&'static str, u64>,
}

/// Builds from all workspaces, or only looks at some of them anew; the dataset is of all. One whose
/// disk is not there now, or in whose folder nothing at all is left, stays as it is known, unless it was asked for. `scorer`
/// is asked about what has no score yet. `tell` hears after every file how far it is.
pub fn build(
    store: &mut Store,
    corpus: &Corpus,
    only: &[PathBuf],
    scorer: Option<(&mut dyn Scorer, Effort)>,
    now_ms: i64,
    tell: &mut dyn FnMut(Progress<'_>),
) -> Result<Built, BuildError> {
    let workspaces = chosen(store.workspaces()?, only)?;
    sweep(store)?;
    let manner = manner(store, corpus)?;
    assemble::read_again_where_wanted(store, manner.wanted())?;
    let mut looked = BTreeMap::new();
    for workspace in &workspaces {
        let scopes = [String::new()];
        let mut told = |kept: &Kept| {
            tell(Progress::Reading {
                workspace: &workspace.path,
                files_read: kept.files_read,
                bytes_read: kept.bytes_read,
            });
        };
        let one = match look(store, workspace, &scopes, corpus, &manner, &mut told) {
            Ok(one) => one,
            Err(BuildError::Removed { .. }) if only.is_empty() => continue,
            Err(BuildError::Look {
                source:
                    RescanError::Walk(error @ (WalkError::NoFolder { .. } | WalkError::Emptied { .. })),
                ..
            }) if only.is_empty() => Looked {
                problem: Some(error.to_string()),
                ..Looked::default()
            },
            Err(error) => return Err(error),
        };
        looked.insert(workspace.path.clone(), one);
    }
    tell(Progress::Assembling);
    // Reading takes long: a folder may have been removed meanwhile.
    sweep(store)?;
    while assemble::settle_step(store, measures(corpus), Batch::default())? {
        tell(Progress::Assembling);
    }
    let scoring = match scorer {
        Some((scorer, effort)) => {
            let mut told = |texts| tell(Progress::Scoring { texts });
            let asked = scores::ask(store, scorer, effort, &mut told)?;
            // So does scoring, and what is usual is said of the folders that there are.
            sweep(store)?;
            assemble::settle(store, measures(corpus))?;
            Some(asked)
        }
        None => None,
    };
    assemble::judge_scores(store, &outliers(corpus, &manner), now_ms)?;
    let dataset = publish(store, corpus, now_ms)?;
    // What changed or went in the files lies in the log as it was until this.
    store.empty_log()?;
    Ok(Built {
        dataset,
        workspaces: looked,
        scoring,
    })
}

/// From where on a text is an outlier, and whether it stays out then.
pub fn outliers(corpus: &Corpus, manner: &Manner) -> Outliers {
    Outliers {
        limits: limits(corpus),
        leave_out: assemble::rule().is_some_and(|rule| manner.is_on(rule)),
    }
}

/// From where on a text is an outlier.
pub fn limits(corpus: &Corpus) -> Limits {
    Limits {
        above: f64::from(corpus.perplexity_above),
        below: f64::from(corpus.perplexity_below),
        texts_min: usize::try_from(corpus.perplexity_texts_min).unwrap_or(usize::MAX),
    }
}

/// Takes away what was read of workspaces that are no longer there, from the files of the database too,
/// and what was held by programs that have ended. Whether nothing of it is left: another process may
/// read the log for too long, and then the next time empties it.
pub fn sweep(store: &mut Store) -> Result<bool, BuildError> {
    assemble::let_go_of_ended(store, inkstone_platform::is_alive)?;
    let (mut gone, read) = store
        .read_corpus(|corpus| Ok::<_, StoreError>((corpus.unswept()?, corpus.workspaces()?)))?;
    // Listed after that: a folder that is added meanwhile is none that went.
    let there = store.workspaces()?;
    let there: Vec<i64> = there.iter().map(|one| one.id.as_i64()).collect();
    gone.extend(read.into_iter().filter(|read| !there.contains(read)));
    gone.sort_unstable();
    gone.dedup();
    for workspace in &gone {
        assemble::remove_workspace(store, *workspace)?;
    }
    Ok(gone.is_empty() || store.empty_log()?)
}

/// How files are read by these settings and what the review decided.
pub fn manner(store: &mut Store, corpus: &Corpus) -> Result<Manner, BuildError> {
    let off = assemble::rules_off(store)?;
    let wanted = assemble::wanted(store)?;
    Ok(Manner::of(corpus, off, wanted)?)
}

/// Compares what is left to compare and keeps the whole as a version.
pub fn publish(
    store: &mut Store,
    corpus: &Corpus,
    now_ms: i64,
) -> Result<DatasetId, AssembleError> {
    let versions_max = usize::try_from(corpus.versions_kept).unwrap_or(usize::MAX);
    assemble::publish(store, measures(corpus), versions_max, now_ms)
}

/// The numbers that decide what is in.
pub fn measures(corpus: &Corpus) -> Measures {
    Measures {
        held_out_percent: u8::try_from(corpus.held_out_percent).unwrap_or(u8::MAX),
        ..Measures::default()
    }
}

/// Looks at places of a workspace, reads what changed there, and keeps what comes of it; `tell` hears
/// after every file what was kept.
pub fn look(
    store: &mut Store,
    workspace: &Workspace,
    scopes: &[String],
    corpus: &Corpus,
    manner: &Manner,
    tell: &mut dyn FnMut(&Kept),
) -> Result<Looked, BuildError> {
    if is_removed(store, workspace)? {
        let path = workspace.path.clone();
        return Err(BuildError::Removed { path });
    }
    let formats = ReadingOptions::of(corpus).formats;
    let takes_messages = formats.contains(&Format::CommitMessage);
    let commits_max = if takes_messages {
        corpus.commits_max
    } else {
        0
    };
    let mut looked = Looked::default();
    for _ in 0..LOOKS_MAX {
        let one = look_once(
            store,
            workspace,
            scopes,
            commits_max,
            (corpus, manner),
            tell,
        );
        let (tally, kept) = match one {
            Ok(one) => one,
            // Whatever it failed at: nothing can be kept of a folder that is not there any more.
            Err(_) if is_removed(store, workspace)? => {
                let path = workspace.path.clone();
                return Err(BuildError::Removed { path });
            }
            Err(error) => return Err(error),
        };
        let is_settled = kept.to_reread == 0;
        looked.add(tally, kept);
        if is_settled {
            break;
        }
    }
    Ok(looked)
}

fn look_once(
    store: &mut Store,
    workspace: &Workspace,
    scopes: &[String],
    commits_max: u32,
    (corpus, manner): (&Corpus, &Manner),
    tell: &mut dyn FnMut(&Kept),
) -> Result<(Tally, Kept), BuildError> {
    let reading = ReadingOptions::of(corpus).without(store.forgotten()?);
    let keeper = Keeper::of(store, workspace, manner, git_deadline(corpus))?;
    let mut keeper = keeper.telling(tell);
    let tally = rescan_at(&workspace.path, scopes, &reading, &mut keeper);
    // Whatever ended it, what was read is kept.
    keeper.keep_waiting()?;
    let tally = tally.map_err(|source| BuildError::Look {
        path: workspace.path.clone(),
        source,
    })?;
    // Of a part of the workspace not all repositories are known, and those that are have been asked
    // for one saved file: the next whole look takes what was committed meanwhile.
    if scopes.iter().any(String::is_empty) {
        keeper.take_messages(commits_max, &reading.forgotten)?;
    }
    Ok((tally, keeper.finish()?))
}

fn is_removed(store: &mut Store, workspace: &Workspace) -> Result<bool, StoreError> {
    let id = workspace.id.as_i64();
    store.read_corpus(|corpus| corpus.is_removed(id))
}

impl Looked {
    /// A further look: what it did not open had been counted by the first.
    fn add(&mut self, tally: Tally, kept: Kept) {
        let files = &mut self.files;
        files.unchanged = tally.unchanged + tally.restamped;
        files.opened += tally.opened;
        files.added += tally.added;
        files.changed += tally.changed;
        files.renamed += tally.renamed;
        files.removed += tally.removed;
        files.skipped = tally.skipped;
        self.kept.files_read += kept.files_read;
        self.kept.bytes_read += kept.bytes_read;
        self.kept.clean_ms += kept.clean_ms;
        self.kept.messages_read += kept.messages_read;
        self.kept.unreadable.extend(kept.unreadable);
    }
}

fn chosen(all: Vec<Workspace>, only: &[PathBuf]) -> Result<Vec<Workspace>, BuildError> {
    if all.is_empty() && only.is_empty() {
        return Err(BuildError::Nothing);
    }
    let is_wanted = |workspace: &Workspace, path: &Path| workspace.path == path;
    for path in only {
        if !all.iter().any(|workspace| is_wanted(workspace, path)) {
            return Err(BuildError::NotAdded { path: path.clone() });
        }
    }
    let wanted = |workspace: &Workspace| only.is_empty() || only.contains(&workspace.path);
    Ok(all.into_iter().filter(wanted).collect())
}
