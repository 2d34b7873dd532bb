//! The desired tables, independent of mizzle and boto3.

use mizzle_test::Random;
use std::collections::{BTreeMap, BTreeSet};

/// The features of DynamoDB that a server supports.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    pub(super) keys_of_several_attributes: bool,
    pub(super) names_by_case: bool,
    /// True if two indexes of a table may have the same key. DynamoDB Local cannot delete either of
    /// them: its own SQL statement for that is invalid, and the index stays DELETING.
    pub(super) indexes_alike: bool,
}

impl Limits {
    /// Picks one of these names.
    fn name(self, names: &[&'static str], random: &mut Random) -> &'static str {
        // The first two differ only in case.
        let first = usize::from(!self.names_by_case);
        names[random.number(first..names.len())]
    }
}

/// Names of attributes; the position determines the type: `S`, `N` and `B` in turn.
const ATTRIBUTES: [&str; 12] = [
    "pk",
    "createdAt",
    "blob",
    "constructor",
    "__proto__",
    "ä name",
    "status",
    "toString",
    "$ref",
    "a.b[0]",
    "\u{1F600}",
    "select",
];

/// Names of attributes that are not in any key.
pub(super) const OTHERS: [&str; 4] = ["title", "prototype", "a \"quoted\" \\ name", "#n"];

const TABLES: [&str; 4] = ["Shop", "shop", "my-table_1.v2", "constructor"];

const INDEXES: [&str; 6] = ["byStatus", "bystatus", "by-date_1.v2", "toString", "GSI", "LSI"];

/// An attribute of a key, by its position in [`ATTRIBUTES`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Attribute(usize);

impl Attribute {
    fn random(random: &mut Random) -> Self {
        Self(random.number(0..ATTRIBUTES.len()))
    }

    pub(super) fn name(self) -> &'static str {
        ATTRIBUTES[self.0]
    }

    /// Returns `S`, `N` or `B`.
    pub(super) fn kind(self) -> &'static str {
        ["S", "N", "B"][self.0 % 3]
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Projection {
    All,
    KeysOnly,
    Include(BTreeSet<&'static str>),
}

impl Projection {
    fn random(random: &mut Random) -> Self {
        match random.number(0..3) {
            0 => Self::All,
            1 => Self::KeysOnly,
            _ => {
                let count = random.number(1..OTHERS.len());
                Self::Include((0..count).map(|_| OTHERS[random.number(0..OTHERS.len())]).collect())
            }
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Global {
    pub(super) partition: Vec<Attribute>,
    pub(super) sort: Vec<Attribute>,
    pub(super) projection: Projection,
    /// Read and write units, in a provisioned table.
    pub(super) capacity: (usize, usize),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Local {
    pub(super) sort: Attribute,
    pub(super) projection: Projection,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Table {
    pub(super) partition: Attribute,
    pub(super) sort: Option<Attribute>,
    pub(super) globals: BTreeMap<&'static str, Global>,
    pub(super) locals: BTreeMap<&'static str, Local>,
    /// Read and write units; `None` for on-demand tables.
    pub(super) capacity: Option<(usize, usize)>,
    pub(super) stream: Option<&'static str>,
    pub(super) time_to_live: Option<&'static str>,
}

/// Tables by name.
#[derive(Debug, Clone)]
pub(super) struct Tables(pub(super) BTreeMap<&'static str, Table>);

impl Tables {
    pub(super) fn random(random: &mut Random, limits: Limits) -> Self {
        let mut tables = Self(BTreeMap::new());
        for _ in 0..random.number(1..4) {
            tables.add(random, limits);
        }
        tables
    }

    fn add(&mut self, random: &mut Random, limits: Limits) {
        let name = limits.name(&TABLES, random);
        self.0.entry(name).or_insert_with(|| Table::random(random, limits));
    }

    /// Changes the tables to the next version. Returns the names of the tables that must be
    /// replaced.
    pub(super) fn change(&mut self, random: &mut Random, limits: Limits) -> Vec<String> {
        let before = self.0.clone();
        for _ in 0..random.number(1..4) {
            if random.number(0..8) == 0 {
                self.add(random, limits);
                continue;
            }
            let position = random.number(0..self.0.len());
            if let Some(table) = self.0.values_mut().nth(position) {
                table.change(random, limits);
            }
        }
        let is_replaced = |(name, table): &(&&str, &Table)| {
            before.get(**name).is_some_and(|before| {
                (before.partition, before.sort) != (table.partition, table.sort)
                    || before.locals != table.locals
            })
        };
        self.0.iter().filter(is_replaced).map(|(name, _)| (*name).to_owned()).collect()
    }
}

impl Table {
    fn random(random: &mut Random, limits: Limits) -> Self {
        let mut table = Self {
            partition: Attribute::random(random),
            sort: None,
            globals: BTreeMap::new(),
            locals: BTreeMap::new(),
            capacity: None,
            stream: None,
            time_to_live: None,
        };
        table.change_key(random, limits);
        for _ in 0..random.number(0..8) {
            table.change(random, limits);
        }
        table
    }

    /// Returns attributes that differ from each other and from those of the table's key.
    fn others(&self, random: &mut Random, count: usize) -> Vec<Attribute> {
        let mut taken: Vec<Attribute> = [self.partition].into_iter().chain(self.sort).collect();
        let mut others = Vec::new();
        while others.len() < count {
            let attribute = Attribute::random(random);
            if !taken.contains(&attribute) {
                taken.push(attribute);
                others.push(attribute);
            }
        }
        others
    }

    fn change_key(&mut self, random: &mut Random, limits: Limits) {
        self.sort = None;
        self.partition = Attribute::random(random);
        self.locals.clear();
        if random.number(0..3) > 0 {
            self.sort = self.others(random, 1).pop();
            if random.number(0..2) > 0 {
                self.change_local(random, limits);
            }
        }
    }

    fn change_local(&mut self, random: &mut Random, limits: Limits) {
        let name = limits.name(&INDEXES, random);
        if self.sort.is_none() || self.globals.contains_key(name) {
            return;
        }
        if self.locals.remove(name).is_none()
            && let Some(sort) = self.others(random, 1).pop()
        {
            self.locals.insert(name, Local { sort, projection: Projection::random(random) });
        }
    }

    fn change_global(&mut self, random: &mut Random, limits: Limits) {
        let name = limits.name(&INDEXES, random);
        if self.locals.contains_key(name) {
            return;
        }
        if random.number(0..3) == 0 {
            self.globals.remove(name);
            return;
        }
        let most = if limits.keys_of_several_attributes { 3 } else { 2 };
        let (partition, sort) = (random.number(1..most), random.number(0..most));
        let mut attributes = self.others(random, partition + sort);
        let sort = attributes.split_off(partition);
        let is_alike = |(other, index): (&&str, &Global)| {
            *other != name && (&index.partition, &index.sort) == (&attributes, &sort)
        };
        if !limits.indexes_alike && self.globals.iter().any(is_alike) {
            return;
        }
        let global = Global {
            partition: attributes,
            sort,
            projection: Projection::random(random),
            capacity: (random.number(1..9), random.number(1..9)),
        };
        self.globals.insert(name, global);
    }

    fn change(&mut self, random: &mut Random, limits: Limits) {
        const VIEWS: [Option<&str>; 4] =
            [None, Some("KEYS_ONLY"), Some("NEW_IMAGE"), Some("NEW_AND_OLD_IMAGES")];
        match random.number(0..12) {
            0..6 => self.change_global(random, limits),
            6 => self.change_local(random, limits),
            7 => self.change_key(random, limits),
            8 => {
                let is_provisioned = random.number(0..2) == 0;
                self.capacity = is_provisioned.then(|| (random.number(1..9), random.number(1..9)));
            }
            9 => self.stream = VIEWS[random.number(0..VIEWS.len())],
            10 => {
                let expires = random.number(0..2) == 0;
                self.time_to_live = expires.then(|| OTHERS[random.number(0..OTHERS.len())]);
            }
            _ => {
                for global in self.globals.values_mut() {
                    global.capacity = (random.number(1..9), random.number(1..9));
                }
            }
        }
    }
}
