//! The registry of LoRA adapters: lineage, the gate's numbers, and which one of each scope is live.
//!
//! Not their weights, which are files named by their hash ([`file_name`]), and not whether such a file
//! can be used, which the daemon sees when it reads it. The trainer adds, the CLI switches, the daemon
//! reads.

use rusqlite::{Connection, OptionalExtension as _, Row, params};

use crate::database::Store;
use crate::error::StoreError;
use crate::workspaces::WorkspaceId;

/// Adapters that are kept: years of training every night, few enough to list.
pub const ADAPTERS_MAX: usize = 1_000;
/// Bytes of each of an adapter's JSON texts.
pub const ADAPTER_JSON_BYTES_MAX: usize = 1 << 20;
/// How the holder of a dataset's version begins that an adapter keeps; its name follows.
pub const ADAPTER_HOLDER: &str = "adapter ";
/// What the names of adapters begin with that are for no one language.
const MIXED: &str = "mixed";

/// Names an adapter in the database. Never given a second time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AdapterId(i64);

impl AdapterId {
    /// As the database has it.
    pub fn as_i64(self) -> i64 {
        self.0
    }
}

/// A SHA-256 hash.
pub type Sha256 = [u8; 32];

/// Whether an adapter is worn, and if not, why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AdapterState {
    /// The one of its scope that is worn.
    Live,
    /// Passed the gate, and another or none is worn.
    Off,
    /// The gate kept it back.
    Refused,
    /// Was live and did worse than hoped.
    RolledBack,
    /// Learned from a source that its owner had forgotten: never worn again, its file is gone.
    Retired,
}

/// What an adapter is for. Of each scope one adapter at most is live.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct AdapterScope {
    /// Hash of the base model's file.
    pub base_sha256: Sha256,
    /// Tag of the language; none: any.
    pub language: Option<String>,
    /// Genre; none: any.
    pub genre: Option<String>,
    /// The folder whose documents it is for; none: any document.
    pub workspace: Option<WorkspaceId>,
}

/// An adapter to be registered. Its name is given by the database.
#[derive(Debug, Clone)]
pub struct NewAdapter<'a> {
    /// Hash of its file.
    pub sha256: Sha256,
    /// Length of its file.
    pub bytes: u64,
    /// Name of the model that it was trained on.
    pub base_model: &'a str,
    /// What it is for.
    pub scope: AdapterScope,
    /// The version of the dataset that it was trained on, which is held from now on.
    pub dataset: Option<[u8; 32]>,
    /// The adapter that its training began with.
    pub parent: Option<AdapterId>,
    /// When it was made, in seconds since 1970, UTC.
    pub made_at_s: i64,
    /// How it was trained, as JSON.
    pub config: &'a str,
    /// What was measured of it, as JSON.
    pub metrics: &'a str,
    /// Why the gate decided so, as JSON.
    pub reasons: &'a str,
    /// What the gate decided. [`AdapterState::Live`] puts the one of the same scope to off.
    pub state: AdapterState,
}

/// An adapter of the registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdapterRow {
    /// Names it in the database.
    pub id: AdapterId,
    /// `en-3`, `en-blog-1` when it is for one genre, or `mixed-1` when it is for no one language.
    pub name: String,
    /// Hash of its file.
    pub sha256: Sha256,
    /// Length of its file.
    pub bytes: u64,
    /// Name of the model that it was trained on.
    pub base_model: String,
    /// What it is for.
    pub scope: AdapterScope,
    /// The version of the dataset that it was trained on.
    pub dataset: Option<[u8; 32]>,
    /// The adapter that its training began with.
    pub parent: Option<AdapterId>,
    /// When it was made, in seconds since 1970, UTC.
    pub made_at_s: i64,
    /// How it was trained, as JSON.
    pub config: String,
    /// What was measured of it, as JSON.
    pub metrics: String,
    /// Why the gate decided so, as JSON.
    pub reasons: String,
    /// Whether it is worn.
    pub state: AdapterState,
    /// The one that was live before it in the same scope.
    pub replaced: Option<AdapterId>,
}

impl AdapterState {
    /// Its word in the database and in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Off => "off",
            Self::Refused => "refused",
            Self::RolledBack => "rolled_back",
            Self::Retired => "retired",
        }
    }

    /// Of a word in the database, which lets no other in.
    fn from_word(word: &str) -> Self {
        match word {
            "live" => Self::Live,
            "refused" => Self::Refused,
            "rolled_back" => Self::RolledBack,
            _ => Self::Off,
        }
    }
}

/// Name of the file of an adapter, in the directory of adapters.
pub fn file_name(sha256: &Sha256) -> String {
    format!("{}.gguf", hex(sha256))
}

/// A hash in hexadecimal digits.
pub fn hex(hash: &[u8]) -> String {
    use std::fmt::Write as _;
    hash.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

impl Store {
    /// Registers an adapter whose file lies in its place, holds the dataset's version for it, and makes
    /// it live if that was decided: all of it, or nothing.
    pub fn add_adapter(&mut self, new: &NewAdapter<'_>) -> Result<AdapterRow, StoreError> {
        for json in [new.config, new.metrics, new.reasons] {
            if json.len() > ADAPTER_JSON_BYTES_MAX {
                let (what, max) = ("bytes in a text about an adapter", ADAPTER_JSON_BYTES_MAX);
                return Err(StoreError::TooMany { what, max });
            }
        }
        self.write(|transaction| {
            let known = number(transaction, "SELECT count(*) FROM adapter")?;
            if known >= i64::try_from(ADAPTERS_MAX).unwrap_or(i64::MAX) {
                let (what, max) = ("adapters", ADAPTERS_MAX);
                return Ok(Err(StoreError::TooMany { what, max }));
            }
            let name = next_name(transaction, &new.scope)?;
            if let Some(dataset) = new.dataset
                && !hold(transaction, dataset, &name)?
            {
                let dataset = hex(&dataset);
                return Ok(Err(StoreError::NoDataset { dataset }));
            }
            let id = insert(transaction, &name, new)?;
            if new.state == AdapterState::Live {
                make_live(transaction, id)?;
            }
            Ok(one(transaction, id)?.ok_or_else(|| StoreError::NoAdapter { name }))
        })?
    }

    /// Every adapter, the newest first.
    pub fn adapters(&self) -> Result<Vec<AdapterRow>, StoreError> {
        self.read(all)
    }

    /// The adapter of this name.
    pub fn adapter(&self, name: &str) -> Result<Option<AdapterRow>, StoreError> {
        self.read(|connection| {
            let sql = format!("SELECT {COLUMNS} FROM adapter WHERE name = ?1");
            let mut select = connection.prepare_cached(&sql)?;
            select.query_row([name], row_of).optional()
        })
    }

    /// Switches an adapter. When it becomes live, the live one of its scope is put to off and
    /// remembered as the one to go back to. False when there is no such adapter. One that is retired
    /// stays so.
    pub fn set_adapter_state(
        &mut self,
        id: AdapterId,
        state: AdapterState,
    ) -> Result<bool, StoreError> {
        self.write(|transaction| {
            let Some(row) = one(transaction, id)? else {
                return Ok(Ok(false));
            };
            if row.state == AdapterState::Retired {
                return Ok(Err(StoreError::Retired { name: row.name }));
            }
            match state {
                AdapterState::Live => make_live(transaction, id)?,
                state => set_state(transaction, id, state)?,
            }
            Ok(Ok(true))
        })?
    }

    /// Takes a live adapter back: it becomes rolled back, and the one that it replaced live, or the
    /// nearest before that which is still there and was not taken back itself. That one; none when
    /// nothing came before, or when this one was not live.
    pub fn roll_back_adapter(&mut self, id: AdapterId) -> Result<Option<AdapterRow>, StoreError> {
        self.write(|transaction| {
            let Some(live) = one(transaction, id)?.filter(|row| row.state == AdapterState::Live)
            else {
                return Ok(None);
            };
            set_state(transaction, id, AdapterState::RolledBack)?;
            go_back(transaction, live.replaced)
        })
    }

    /// Takes an adapter out of the registry and lets go of its dataset. The hash of its file, for the
    /// caller to delete, when no other adapter has the same; none when one has, or there was no such
    /// adapter.
    pub fn remove_adapter(&mut self, id: AdapterId) -> Result<Option<Sha256>, StoreError> {
        self.write(|transaction| {
            let Some(row) = one(transaction, id)? else {
                return Ok(None);
            };
            transaction.execute("DELETE FROM pin WHERE holder = ?1", [holder(&row.name)])?;
            // Whoever replaced it goes back to what it replaced.
            transaction.execute(
                "UPDATE adapter SET replaced = ?2 WHERE replaced = ?1",
                params![id.0, row.replaced.map(AdapterId::as_i64)],
            )?;
            transaction.execute("DELETE FROM adapter WHERE id = ?1", [id.0])?;
            let sql = "SELECT 1 FROM adapter WHERE sha256 = ?1 AND retired_at_s IS NULL";
            let mut select = transaction.prepare_cached(sql)?;
            let is_shared = select.exists([row.sha256.as_slice()])?;
            Ok((!is_shared).then_some(row.sha256))
        })
    }
}

const COLUMNS: &str = "id, name, sha256, bytes, base_model, base_sha256, language, genre, workspace, \
     dataset, parent, made_at_s, config, metrics, reasons, state, replaced, retired_at_s IS NOT NULL";

fn row_of(row: &Row<'_>) -> rusqlite::Result<AdapterRow> {
    Ok(AdapterRow {
        id: AdapterId(row.get(0)?),
        name: row.get(1)?,
        sha256: row.get(2)?,
        bytes: u64::try_from(row.get::<_, i64>(3)?).unwrap_or(0),
        base_model: row.get(4)?,
        scope: AdapterScope {
            base_sha256: row.get(5)?,
            language: row.get(6)?,
            genre: row.get(7)?,
            workspace: row.get::<_, Option<i64>>(8)?.map(WorkspaceId::of_row),
        },
        dataset: row.get(9)?,
        parent: row.get::<_, Option<i64>>(10)?.map(AdapterId),
        made_at_s: row.get(11)?,
        config: row.get(12)?,
        metrics: row.get(13)?,
        reasons: row.get(14)?,
        state: if row.get(17)? {
            AdapterState::Retired
        } else {
            AdapterState::from_word(&row.get::<_, String>(15)?)
        },
        replaced: row.get::<_, Option<i64>>(16)?.map(AdapterId),
    })
}

/// Every adapter, the newest first.
pub(crate) fn all(connection: &Connection) -> rusqlite::Result<Vec<AdapterRow>> {
    let sql = format!("SELECT {COLUMNS} FROM adapter ORDER BY id DESC");
    let mut select = connection.prepare_cached(&sql)?;
    let rows = select.query_map([], row_of)?;
    rows.collect()
}

/// Makes the nearest live that may be worn, from one that was replaced on.
pub(crate) fn go_back(
    connection: &Connection,
    mut before: Option<AdapterId>,
) -> rusqlite::Result<Option<AdapterRow>> {
    // Adapters may have replaced each other in turns.
    for _ in 0..ADAPTERS_MAX {
        let Some(row) = before.map(|id| one(connection, id)).transpose()?.flatten() else {
            return Ok(None);
        };
        if row.state == AdapterState::Off {
            set_state(connection, row.id, AdapterState::Live)?;
            return one(connection, row.id);
        }
        before = row.replaced;
    }
    Ok(None)
}

pub(crate) fn one(connection: &Connection, id: AdapterId) -> rusqlite::Result<Option<AdapterRow>> {
    let sql = format!("SELECT {COLUMNS} FROM adapter WHERE id = ?1");
    let mut select = connection.prepare_cached(&sql)?;
    select.query_row([id.0], row_of).optional()
}

fn number(connection: &Connection, sql: &str) -> rusqlite::Result<i64> {
    connection
        .prepare_cached(sql)?
        .query_row([], |row| row.get(0))
}

/// The next name of a language's adapters, or of those for one genre of it.
fn next_name(connection: &Connection, scope: &AdapterScope) -> rusqlite::Result<String> {
    let mut prefix = scope.language.as_deref().unwrap_or(MIXED).to_owned();
    if let Some(genre) = &scope.genre {
        prefix.push('-');
        prefix.push_str(genre);
    }
    let number: i64 = connection.query_row(
        "INSERT INTO adapter_number (prefix, last) VALUES (?1, 1) \
         ON CONFLICT (prefix) DO UPDATE SET last = last + 1 RETURNING last",
        [&prefix],
        |row| row.get(0),
    )?;
    Ok(format!("{prefix}-{number}"))
}

fn holder(name: &str) -> String {
    format!("{ADAPTER_HOLDER}{name}")
}

/// Holds on to a version for an adapter; false when there is no such version.
fn hold(connection: &Connection, dataset: [u8; 32], name: &str) -> rusqlite::Result<bool> {
    let held = connection.execute(
        "INSERT OR IGNORE INTO pin (version, holder) SELECT id, ?2 FROM version WHERE name = ?1",
        params![dataset, holder(name)],
    )?;
    Ok(held > 0)
}

/// Inserts a row; one that is to be live is made so afterwards.
fn insert(
    connection: &Connection,
    name: &str,
    new: &NewAdapter<'_>,
) -> rusqlite::Result<AdapterId> {
    let state = match new.state {
        AdapterState::Live => AdapterState::Off,
        state => state,
    };
    connection.execute(
        "INSERT INTO adapter (name, sha256, bytes, base_model, base_sha256, language, genre, \
         workspace, dataset, parent, made_at_s, config, metrics, reasons, state) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)",
        params![
            name,
            new.sha256,
            i64::try_from(new.bytes).unwrap_or(i64::MAX),
            new.base_model,
            new.scope.base_sha256,
            new.scope.language,
            new.scope.genre,
            new.scope.workspace.map(WorkspaceId::as_i64),
            new.dataset,
            new.parent.map(AdapterId::as_i64),
            new.made_at_s,
            new.config,
            new.metrics,
            new.reasons,
            state.word(),
        ],
    )?;
    Ok(AdapterId(connection.last_insert_rowid()))
}

fn set_state(connection: &Connection, id: AdapterId, state: AdapterState) -> rusqlite::Result<()> {
    connection.execute(
        "UPDATE adapter SET state = ?2 WHERE id = ?1",
        params![id.0, state.word()],
    )?;
    Ok(())
}

/// Makes an adapter live in place of the one that is. One that is live already stays as it is, with
/// what it replaced.
fn make_live(connection: &Connection, id: AdapterId) -> rusqlite::Result<()> {
    let sql = "SELECT other.id FROM adapter AS other JOIN adapter AS this ON this.id = ?1 \
               WHERE other.state = 'live' AND other.base_sha256 = this.base_sha256 \
               AND other.language IS this.language AND other.genre IS this.genre \
               AND other.workspace IS this.workspace";
    let mut select = connection.prepare_cached(sql)?;
    let live = select.query_row([id.0], |row| row.get(0).map(AdapterId));
    let live = live.optional()?;
    if live == Some(id) {
        return Ok(());
    }
    if let Some(live) = live {
        set_state(connection, live, AdapterState::Off)?;
    }
    connection.execute(
        "UPDATE adapter SET state = 'live', replaced = coalesce(?2, replaced) WHERE id = ?1",
        params![id.0, live.map(AdapterId::as_i64)],
    )?;
    Ok(())
}
