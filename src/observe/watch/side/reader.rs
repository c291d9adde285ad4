//! A session that reads, and what it remembers between its rounds.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use crate::model::{Side, SideView, TableBytes};
use crate::observe::watch::board::Board;
use crate::observe::watch::count::{Counts, Known};
use crate::observe::watch::pace::{Pace, Purse};
use crate::world::{PgSession, Sql, World, WorldError};

use super::flow::Counters;

/// What is read in one go, and rests after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::observe::watch) enum Kind {
    Activity,
    Flow,
    Sessions,
    Work,
    Details,
    Tables,
    Extensions,
    Settings,
    Size,
    Sizes,
    Sequences,
}

impl Kind {
    /// How many refreshes it rests at least: what changes seldom is read seldom.
    const fn refreshes(self) -> u32 {
        match self {
            Self::Activity | Self::Flow | Self::Sessions | Self::Work | Self::Tables => 1,
            Self::Details => 2,
            Self::Size | Self::Sizes | Self::Sequences => 5,
            Self::Extensions | Self::Settings => 10,
        }
    }

    /// It may cost much, and waits until the purse has something.
    const fn is_costly(self) -> bool {
        matches!(self, Self::Size | Self::Sizes | Self::Sequences)
    }
}

/// A kind of reading that has begun.
#[derive(Debug)]
pub(super) struct Turn {
    kind: Kind,
    began: Instant,
}

pub(super) struct Reader<'a> {
    pub(super) world: &'a World,
    pub(super) session: &'a PgSession,
    pub(super) side: Side,
    pub(super) board: &'a Board,
    pub(super) counts: Counts,
    pub(super) known: Vec<Known>,
    pub(super) sizes: BTreeMap<u32, (TableBytes, Instant)>,
    /// The furthest value of the column that a sequence feeds.
    pub(super) furthest: BTreeMap<String, (i64, Instant)>,
    /// The sequences whose columns can be asked cheaply.
    pub(super) fed: BTreeSet<String>,
    pub(super) counters: Option<Counters>,
    pub(super) purse: Purse,
    paces: BTreeMap<Kind, Pace>,
    /// What the shortest statement took: the way to the server and back, which costs it nothing.
    way: Option<Duration>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(
        world: &'a World,
        session: &'a PgSession,
        side: Side,
        board: &'a Board,
    ) -> Self {
        Self {
            world,
            session,
            side,
            board,
            counts: Counts::default(),
            known: Vec::new(),
            sizes: BTreeMap::new(),
            furthest: BTreeMap::new(),
            fed: BTreeSet::new(),
            counters: None,
            purse: Purse::new(Instant::now()),
            paces: BTreeMap::new(),
            way: None,
        }
    }

    /// Begins a kind of reading when it is due.
    pub(super) fn turn(&mut self, kind: Kind) -> Option<Turn> {
        let began = Instant::now();
        let rested = self.paces.get(&kind).is_none_or(|pace| pace.is_due(began));
        let paid = !kind.is_costly() || self.purse.saved(began) > Duration::ZERO;
        (rested && paid).then_some(Turn { kind, began })
    }

    /// Lets a kind of reading come at the next round, whatever it cost.
    pub(super) fn at_once(&mut self, kind: Kind) {
        self.paces.remove(&kind);
    }

    /// Ends it, and shows what was read. Only a lost session is an error.
    pub(super) fn done<T>(
        &mut self,
        turn: &Turn,
        read: Result<T, WorldError>,
        show: impl FnOnce(&mut SideView, Result<T, &str>),
    ) -> Result<(), WorldError> {
        self.ends(turn);
        self.show(read, show)
    }

    /// Ends it: it rests by what it cost.
    pub(super) fn ends(&mut self, turn: &Turn) {
        let cost = self.cost(turn.began.elapsed());
        if turn.kind.is_costly() {
            self.purse.spend(cost);
        }
        let period = self.board.refresh * turn.kind.refreshes();
        let rest = self.paces.entry(turn.kind).or_default().ran(turn.began, cost, period);
        self.board.comes(self.side, turn.kind, rest);
    }

    /// Shows what was read. Only a lost session is an error.
    pub(super) fn show<T>(
        &self,
        read: Result<T, WorldError>,
        show: impl FnOnce(&mut SideView, Result<T, &str>),
    ) -> Result<(), WorldError> {
        match read {
            Ok(value) => self.board.side(self.side, |view| show(view, Ok(value))),
            Err(error) if error.is_transient() => return Err(error),
            Err(error) => {
                self.board.side(self.side, |view| show(view, Err(&error.to_string())));
            }
        }
        Ok(())
    }

    /// What the server had to do for something that took so long.
    pub(super) fn cost(&mut self, took: Duration) -> Duration {
        let way = self.way.map_or(took, |way| way.min(took));
        self.way = Some(way);
        took.saturating_sub(way)
    }

    pub(super) async fn number(&self, sql: impl Into<Sql<'_>>) -> Result<u64, WorldError> {
        let sql = sql.into();
        let row = self.session.query_one(sql, &[]).await?;
        let number: i64 = row.try_get(0).map_err(|error| self.session.explain(sql, &error))?;
        Ok(number.unsigned_abs())
    }
}
