//! The handle tests and servers share.

use std::collections::{BTreeMap, HashMap};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use tokio::sync::watch;

use crate::engine::{Caller, Command, Reply};
use crate::fault::{Armed, Effect, Facts, Fault, Faults, Hand};
use crate::flow::Traffic;
use crate::options::Options;
use crate::record::Record;
use crate::server::{CertificateStyle, Identity, StartError, Swappable};
use crate::session::{ConnectError, Dial};
use crate::state::State;
use crate::stats::{Counts, LoggedRequest, Stats};
use crate::tables::{Counters, Id, TableId};
use crate::trap::Trap;

/// A simulated router. Clones are the same router.
#[derive(Debug, Clone)]
pub struct Router {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    state: Mutex<State>,
    faults: Mutex<Faults>,
    stats: Mutex<Stats>,
    refusing: watch::Sender<bool>,
    /// Ports and whether they are open now.
    ports: watch::Sender<BTreeMap<SocketAddr, bool>>,
    busy: Mutex<HashMap<(String, IpAddr), Instant>>,
    boots: AtomicU64,
    certificate: Mutex<Option<Swappable>>,
}

/// Many accounts at once, for benchmarks: ordinary secrets and queues.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Seed {
    /// How many.
    pub accounts: u32,
    /// Number of the first one.
    pub first: u32,
    /// Names; `{n}` is the number.
    pub name: String,
    /// Comments; `{n}` is the number.
    pub comment: String,
    /// Address of the first account; the others follow.
    pub first_address: Ipv4Addr,
    /// `max-limit` of the queues.
    pub max_limit: String,
    /// Profile of the secrets.
    pub profile: String,
    /// Connect every account over L2TP.
    pub connect: bool,
}

impl Default for Seed {
    fn default() -> Self {
        Self {
            accounts: 0,
            first: 1,
            name: "account{n}".to_owned(),
            comment: "sim whmcs:{n}".to_owned(),
            first_address: Ipv4Addr::new(10, 64, 0, 1),
            max_limit: "5M/10M".to_owned(),
            profile: "default".to_owned(),
            connect: false,
        }
    }
}

impl Router {
    /// A router in its first configuration: user `admin` without password, nothing for sale.
    pub fn new(options: Options) -> Self {
        let (refusing, _) = watch::channel(false);
        Self {
            shared: Arc::new(Shared {
                state: Mutex::new(State::new(options)),
                faults: Mutex::default(),
                stats: Mutex::default(),
                refusing,
                ports: watch::Sender::new(BTreeMap::new()),
                busy: Mutex::default(),
                boots: AtomicU64::default(),
                certificate: Mutex::default(),
            }),
        }
    }

    /// Adds a login user; the group must exist (`read`, `write`, `full` do).
    pub fn add_user(&self, name: &str, password: &str, group: &str) -> Result<(), Trap> {
        let command = Command::new("/user", "add")
            .with("name", name)
            .with("group", group)
            .with("password", password);
        self.run(&command).map(|_| ())
    }

    /// Removes the login user `admin` that a new router has.
    pub fn remove_admin(&self) -> Result<(), Trap> {
        self.run(&Command::new("/user", "remove").with("numbers", "admin"))
            .map(|_| ())
    }

    /// Carries out a command as somebody at the console, for example `/queue/simple/reset-counters-all`.
    pub fn exec(&self, path: &str, arguments: &[(&str, &str)]) -> Result<Reply, Trap> {
        let (menu, name) = path.rsplit_once('/').unwrap_or(("", path));
        let mut command = Command::new(menu, name);
        for (key, value) in arguments {
            command = command.with(key, value);
        }
        self.run(&command)
    }

    /// Carries out a command as somebody at the console.
    pub fn run(&self, command: &Command) -> Result<Reply, Trap> {
        self.execute(&Caller::console(), command)
    }

    /// Carries out a command as a given caller: what every protocol front calls.
    pub fn execute(&self, caller: &Caller, command: &Command) -> Result<Reply, Trap> {
        self.shared.state.lock().execute(caller, command)
    }

    /// Whether its version has this menu.
    pub fn has_menu(&self, path: &str) -> bool {
        self.shared.state.lock().catalogue.menu(path).is_some()
    }

    /// The rows of a menu as a console user sees them; none if there is no such menu.
    pub fn rows(&self, menu: &str) -> Vec<Record> {
        self.run(&Command::new(menu, "print"))
            .map(Reply::rows)
            .unwrap_or_default()
    }

    /// The row of a menu whose key has this value.
    pub fn row(&self, menu: &str, key: &str, value: &str) -> Option<Record> {
        self.rows(menu)
            .into_iter()
            .find(|row| row.text(key) == Some(value))
    }

    /// A client dials in. Gives the id of its row in `/ppp/active`.
    pub fn connect(&self, dial: &Dial) -> Result<String, ConnectError> {
        self.shared
            .state
            .lock()
            .connect(dial)
            .map(|id| id.to_string())
    }

    /// A client hangs up all its sessions and does not dial again. Gives how many there were.
    pub fn disconnect(&self, name: &str) -> usize {
        self.shared.state.lock().hang_up(name)
    }

    /// Whether an account has a session.
    pub fn is_connected(&self, name: &str) -> bool {
        let mut state = self.shared.state.lock();
        state.settle();
        !state.sessions.of(name).is_empty()
    }

    /// Adds bytes to an account's session, seen from the customer. `false` if there is no session.
    pub fn traffic(&self, name: &str, upload: u64, download: u64) -> bool {
        self.shared
            .state
            .lock()
            .traffic(name, Traffic { upload, download })
    }

    /// Adds bytes to the session of everybody who is connected.
    pub fn traffic_for_all(&self, upload: u64, download: u64) {
        self.shared
            .state
            .lock()
            .traffic_for_all(Traffic { upload, download });
    }

    /// Gives an account's session continuous traffic in bits per second. `false` if there is no session.
    pub fn rate(&self, name: &str, upload_bps: u64, download_bps: u64) -> bool {
        self.shared
            .state
            .lock()
            .set_rate(name, upload_bps, download_bps)
    }

    /// Moves the clock ahead; sessions, redials and continuous traffic follow.
    pub fn advance(&self, time: Duration) {
        let mut state = self.shared.state.lock();
        state
            .clock
            .advance(u64::try_from(time.as_micros()).unwrap_or(u64::MAX));
        state.settle();
    }

    /// Time since the simulation began.
    pub fn now(&self) -> Duration {
        Duration::from_micros(self.shared.state.lock().clock.now())
    }

    /// A power cycle. Connections that were open answer nothing any more.
    pub fn reboot(&self) {
        self.shared.state.lock().reboot();
        self.shared.boots.fetch_add(1, Ordering::SeqCst);
    }

    /// A power cycle after which the lists of these menus are empty for so long, on the router's clock, for
    /// everybody but the console; without menus those of all but `/system/resource`.
    pub fn reboot_with_gap(&self, lasts: Duration, menus: &[String]) {
        let lasts = u64::try_from(lasts.as_micros()).unwrap_or(u64::MAX);
        self.shared.state.lock().reboot_with_gap(lasts, menus);
        self.shared.boots.fetch_add(1, Ordering::SeqCst);
    }

    /// How often it started anew.
    pub(crate) fn boots(&self) -> u64 {
        self.shared.boots.load(Ordering::SeqCst)
    }

    /// What effects do to the router itself, before a command is carried out.
    pub(crate) fn suffer(&self, effects: &[Effect]) {
        for effect in effects {
            match effect {
                Effect::Reboot => self.reboot(),
                Effect::Meanwhile { commands } => commands.iter().for_each(|hand| self.obey(hand)),
                _ => {}
            }
        }
    }

    fn obey(&self, hand: &Hand) {
        match hand.path.as_str() {
            "/traffic" => return self.let_flow(&hand.arguments),
            "/advance" => return self.let_pass(&hand.arguments),
            _ => {}
        }
        let arguments: Vec<_> = hand
            .arguments
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        // an admin who is refused shrugs
        let _ = self.exec(&hand.path, &arguments);
    }

    fn let_flow(&self, arguments: &BTreeMap<String, String>) {
        let bytes = |key| arguments.get(key).and_then(|text| text.parse().ok());
        let name = arguments.get("name").map_or("", String::as_str);
        let (upload, download) = (bytes("upload"), bytes("download"));
        // without a session nothing flows
        let _ = self.traffic(name, upload.unwrap_or(0), download.unwrap_or(0));
    }

    fn let_pass(&self, arguments: &BTreeMap<String, String>) {
        let seconds = arguments.get("seconds").and_then(|text| text.parse().ok());
        self.advance(Duration::from_secs(seconds.unwrap_or(0)));
    }

    /// All counters of queues and interfaces to 0, as an outside hand does it.
    pub fn reset_counters(&self) {
        self.shared.state.lock().reset_all_counters();
    }

    /// Writes counters of a queue or interface: oddities no traffic can make. `false` if there is none.
    pub fn set_counters(&self, menu: &str, name: &str, upload: u64, download: u64) -> bool {
        let table = if menu == "/queue/simple" {
            TableId::Queue
        } else {
            TableId::Interface
        };
        let mut state = self.shared.state.lock();
        state.settle();
        let Some(id) = state.tables[table].find(name) else {
            return false;
        };
        let Some(row) = state.tables[table].row_mut(id) else {
            return false;
        };
        row.counters = Counters {
            upload,
            download,
            ..row.counters
        };
        true
    }

    /// Puts bytes into a comment that no encoding vouches for, as Winbox does. `false` if there is no such row.
    pub fn set_comment_bytes(&self, table: TableId, name: &str, bytes: &[u8]) -> bool {
        let mut state = self.shared.state.lock();
        let Some(id) = state.tables[table].find(name) else {
            return false;
        };
        let Some(row) = state.tables[table].row_mut(id) else {
            return false;
        };
        row.raw_comment = Some(bytes.into());
        true
    }

    /// Bytes really carried for an account name since its first session; never reset.
    pub fn truth(&self, name: &str) -> Traffic {
        let mut state = self.shared.state.lock();
        state.settle();
        state.truth.get(name).copied().unwrap_or_default()
    }

    /// Bytes really carried, by account name.
    pub fn truths(&self) -> BTreeMap<String, Traffic> {
        let mut state = self.shared.state.lock();
        state.settle();
        state
            .truth
            .iter()
            .map(|(name, traffic)| (name.clone(), *traffic))
            .collect()
    }

    /// Makes many accounts: a secret and a queue each.
    pub fn seed(&self, seed: &Seed) -> Result<(), Trap> {
        for place in 0..seed.accounts {
            let number = seed.first.wrapping_add(place).to_string();
            let fill = |pattern: &str| pattern.replace("{n}", &number);
            let (name, comment) = (fill(&seed.name), fill(&seed.comment));
            let address =
                Ipv4Addr::from(u32::from(seed.first_address).wrapping_add(place)).to_string();
            self.exec(
                "/ppp/secret/add",
                &[
                    ("name", &name),
                    ("password", "seeded"),
                    ("profile", &seed.profile),
                    ("remote-address", &address),
                    ("comment", &comment),
                ],
            )?;
            self.exec(
                "/queue/simple/add",
                &[
                    ("name", &name),
                    ("target", &address),
                    ("max-limit", &seed.max_limit),
                    ("comment", &comment),
                ],
            )?;
            if seed.connect {
                self.connect(&Dial::l2tp(&name))
                    .map_err(|error| Trap::failure(error.to_string()))?;
            }
        }
        Ok(())
    }

    /// Puts a fault in force and gives its number.
    pub fn fault(&self, fault: Fault) -> u64 {
        let id = self.shared.faults.lock().add(fault);
        self.tell_listeners();
        id
    }

    /// Ends one fault, or all.
    pub fn clear_faults(&self, id: Option<u64>) {
        self.shared.faults.lock().clear(id);
        self.tell_listeners();
    }

    /// The faults in force and how often they happened.
    pub fn faults(&self) -> Vec<Armed> {
        self.shared.faults.lock().list().to_vec()
    }

    /// The router gets another certificate, as after a re-installation; gives the new one, or `None` when
    /// it serves no TLS.
    pub fn change_certificate(
        &self,
        style: CertificateStyle,
    ) -> Result<Option<Identity>, StartError> {
        let certificate = self.shared.certificate.lock();
        certificate
            .as_ref()
            .map(|used| used.change(style))
            .transpose()
    }

    pub(crate) fn serve_with(&self, certificate: Swappable) {
        *self.shared.certificate.lock() = Some(certificate);
    }

    /// Request counts since the last reset.
    pub fn counts(&self) -> Counts {
        self.shared.stats.lock().counts()
    }

    /// The latest requests, oldest first.
    pub fn log(&self) -> Vec<LoggedRequest> {
        self.shared.stats.lock().log()
    }

    /// Forgets counts and requests.
    pub fn reset_stats(&self) {
        self.shared.stats.lock().reset();
    }

    /// How many users are held up by a command that does not end.
    pub fn waiting(&self) -> usize {
        let now = Instant::now();
        self.shared
            .busy
            .lock()
            .values()
            .filter(|until| **until > now)
            .count()
    }

    /// Commands that go on for nobody end now.
    pub fn end_commands(&self) {
        self.shared.busy.lock().clear();
    }

    /// A command of this user and source goes on until then, whether or not the client still listens.
    pub(crate) fn hold(&self, user: &str, source: IpAddr, time: Duration) {
        self.shared
            .busy
            .lock()
            .insert((user.to_owned(), source), Instant::now() + time);
    }

    /// Until when this user and source must wait.
    pub(crate) fn held_until(&self, user: &str, source: IpAddr) -> Option<Instant> {
        let now = Instant::now();
        self.shared
            .busy
            .lock()
            .get(&(user.to_owned(), source))
            .copied()
            .filter(|until| *until > now)
    }

    pub(crate) fn with<T>(&self, act: impl FnOnce(&mut State) -> T) -> T {
        act(&mut self.shared.state.lock())
    }

    pub(crate) fn stats<T>(&self, act: impl FnOnce(&mut Stats) -> T) -> T {
        act(&mut self.shared.stats.lock())
    }

    pub(crate) fn meet(&self, facts: &Facts<'_>) -> Vec<Effect> {
        self.shared.faults.lock().meet(facts)
    }

    pub(crate) fn meet_connection(&self) -> Vec<Effect> {
        self.shared.faults.lock().meet_connection()
    }

    pub(crate) fn refusing(&self) -> watch::Receiver<bool> {
        self.shared.refusing.subscribe()
    }

    /// The port is open or closed now; `None`: nobody listens there any more.
    pub(crate) fn note_port(&self, address: SocketAddr, open: Option<bool>) {
        self.shared.ports.send_modify(|ports| match open {
            Some(open) => drop(ports.insert(address, open)),
            None => drop(ports.remove(&address)),
        });
    }

    /// Returns when every port is open or closed as the faults say: listeners follow a moment later. One that
    /// somebody else has taken meanwhile is not waited for longer than this.
    pub(crate) async fn ports_follow(&self) {
        const LONGEST: Duration = Duration::from_secs(5);
        let refuse = self.shared.faults.lock().refuse();
        let mut ports = self.shared.ports.subscribe();
        let follow = ports.wait_for(|ports| ports.values().all(|open| *open != refuse));
        // Whoever asked sees for himself.
        let _ = tokio::time::timeout(LONGEST, follow).await;
    }

    fn tell_listeners(&self) {
        let refuse = self.shared.faults.lock().refuse();
        self.shared.refusing.send_replace(refuse);
    }
}

impl Router {
    /// The id text of a named row.
    pub fn id(&self, table: TableId, name: &str) -> Option<String> {
        self.shared.state.lock().tables[table]
            .find(name)
            .map(|id: Id| id.to_string())
    }
}
