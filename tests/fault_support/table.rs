//! All faults against all commands over both transports, on as many threads as sleep most of the time.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::cell::{Ending, requests, strike};
use super::faults::{Row, Strike};
use super::whmcs::Whmcs;
use super::works::Work;
use super::world::Transport;

/// A column.
pub type Column = (Work, Transport);

/// One strike to be run.
#[derive(Debug, Clone, Copy)]
struct Task {
    row: usize,
    column: Column,
    nth: u64,
}

/// How the strikes of one cell ended.
#[derive(Debug, Default, Clone)]
struct Cell {
    succeeded: usize,
    told: usize,
    wrong: Vec<String>,
}

/// The whole table.
pub struct Matrix {
    rows: Vec<Row>,
    cells: BTreeMap<(usize, Column), Cell>,
}

fn columns() -> Vec<Column> {
    Work::ALL
        .into_iter()
        .flat_map(|work| Transport::BOTH.map(|transport| (work, transport)))
        .collect()
}

impl Matrix {
    /// Runs `rows` on threads: `quick` for what needs the processor, `slow` for what waits.
    pub fn run(rows: Vec<Row>, quick: usize, slow: usize) -> Self {
        let whmcs = Whmcs::new("undisturbed");
        let lengths: BTreeMap<Column, u64> = columns()
            .into_iter()
            .map(|(work, transport)| ((work, transport), requests(&whmcs, transport, work)))
            .collect();
        let tasks = |slow: bool| {
            let mut tasks = Vec::new();
            for (index, row) in rows.iter().enumerate().filter(|(_, row)| row.slow == slow) {
                for (&column, &length) in &lengths {
                    let turns: BTreeSet<u64> = match row.strike {
                        Strike::Throughout => [1].into(),
                        Strike::Here => [1, length / 2 + 1, length].into(),
                        Strike::Once | Strike::Onward => (1..=length).collect(),
                    };
                    tasks.extend(turns.into_iter().map(|nth| Task {
                        row: index,
                        column,
                        nth,
                    }));
                }
            }
            tasks
        };
        let (waiting, working) = (tasks(true), tasks(false));
        let ended = Mutex::new(Vec::new());
        std::thread::scope(|scope| {
            let pools = [(&working, quick, "quick"), (&waiting, slow, "slow")];
            for (tasks, threads, name) in pools {
                let next = std::sync::Arc::new(AtomicUsize::new(0));
                for thread in 0..threads {
                    let (rows, ended, next) = (&rows, &ended, std::sync::Arc::clone(&next));
                    scope.spawn(move || {
                        let whmcs = Whmcs::new(&format!("{name}{thread}"));
                        while let Some(task) = tasks.get(next.fetch_add(1, Ordering::SeqCst)) {
                            let ending = run(&whmcs, rows, *task);
                            ended.lock().expect("no panic").push((*task, ending));
                        }
                    });
                }
            }
        });
        let mut cells: BTreeMap<(usize, Column), Cell> = BTreeMap::new();
        for (task, ending) in ended.into_inner().expect("no panic") {
            // Other threads may have kept it waiting: it is measured again, alone.
            let ending = match ending {
                Ending::Late(_) => run(&whmcs, &rows, task),
                ending => ending,
            };
            let cell = cells.entry((task.row, task.column)).or_default();
            match ending {
                Ending::Succeeded => cell.succeeded += 1,
                Ending::Told => cell.told += 1,
                Ending::Late(wrong) | Ending::Wrong(wrong) => {
                    cell.wrong.push(format!("at request {}: {wrong}", task.nth));
                }
            }
        }
        Self { rows, cells }
    }

    /// What does not hold, each with its fault, command and transport.
    pub fn wrong(&self) -> Vec<String> {
        let mut all = Vec::new();
        for ((row, (work, transport)), cell) in &self.cells {
            let name = self.rows[*row].name;
            let wrongs = cell.wrong.iter();
            all.extend(wrongs.map(|wrong| format!("{name} / {work:?} / {transport:?}, {wrong}")));
        }
        all
    }

    /// Cells nothing was run for.
    pub fn empty(&self) -> usize {
        let full = |row, column| self.cells.contains_key(&(row, column));
        let all = (0..self.rows.len())
            .flat_map(|row| columns().into_iter().map(move |column| (row, column)));
        all.filter(|(row, column)| !full(*row, *column)).count()
    }

    pub fn strikes(&self) -> usize {
        let of = |cell: &Cell| cell.succeeded + cell.told + cell.wrong.len();
        self.cells.values().map(of).sum()
    }

    /// As text.
    pub fn table(&self) -> String {
        let mut text = String::from(
            "Each cell: strikes after which the command succeeded all the same + strikes after which it ended in an error\n\
             that is true; X = strikes after which something did not hold. R = REST, A = binary API.\n\n",
        );
        let _ = write!(text, "{:<42}", "");
        for work in Work::ALL {
            let _ = write!(
                text,
                " {:<13}",
                format!("{work:?}").chars().take(13).collect::<String>()
            );
        }
        let _ = write!(text, "\n{:<42}", "fault");
        for _ in Work::ALL {
            let _ = write!(text, " {:<6} {:<6}", "R", "A");
        }
        text.push('\n');
        for (index, row) in self.rows.iter().enumerate() {
            let _ = write!(text, "{} {:<39}", row.number, row.name);
            for column in columns() {
                let shown = self
                    .cells
                    .get(&(index, column))
                    .map_or(String::new(), Cell::shown);
                let _ = write!(text, " {shown:<6}");
            }
            text.push('\n');
        }
        text
    }
}

impl Cell {
    fn shown(&self) -> String {
        let mut shown = format!("{}+{}", self.succeeded, self.told);
        if !self.wrong.is_empty() {
            let _ = write!(shown, "X{}", self.wrong.len());
        }
        shown
    }
}

fn run(whmcs: &Whmcs, rows: &[Row], task: Task) -> Ending {
    let (work, transport) = task.column;
    let row = &rows[task.row];
    let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        strike(whmcs, transport, row, work, task.nth)
    }));
    outcome.unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().cloned();
        let text = text.or_else(|| panic.downcast_ref::<&str>().map(ToString::to_string));
        Ending::Wrong(format!("panic: {}", text.unwrap_or_default()))
    })
}
