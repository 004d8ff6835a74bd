//! The first configuration: what a router has before anybody touches it.

use crate::clock;
use crate::policy::PolicySet;
use crate::state::State;
use crate::tables::{Cell, Id, TableId, put};

impl State {
    /// Fills empty tables.
    pub fn configure(&mut self) {
        let version = self.options.version;
        for (number, name) in (1..).zip(QUEUE_TYPES) {
            self.install(TableId::QueueType, Id(number), &[("name", name)]);
        }
        self.install(
            TableId::Profile,
            Id(0),
            &[
                ("name", "default"),
                ("change-tcp-mss", "yes"),
                ("default", "true"),
            ],
        );
        self.install(
            TableId::Profile,
            Id(0xFFFF_FFFE),
            &[
                ("name", "default-encryption"),
                ("change-tcp-mss", "yes"),
                ("use-encryption", "yes"),
                ("default", "true"),
            ],
        );
        self.configure_users();
        self.configure_interfaces();
        self.configure_services();
        let on = if self.options.servers_enabled {
            "true"
        } else {
            "false"
        };
        for table in [
            TableId::L2tpServer,
            TableId::PptpServer,
            TableId::SstpServer,
        ] {
            self.install(table, Id(0), &[("enabled", on)]);
        }
        if version.has_ovpn_list() {
            if self.options.servers_enabled {
                let id = self.tables[TableId::OvpnServer].next_id();
                self.install(
                    TableId::OvpnServer,
                    id,
                    &[("name", "ovpn-server1"), ("disabled", "false")],
                );
            }
        } else {
            self.install(TableId::OvpnServer, Id(0), &[("enabled", on)]);
        }
        self.install(TableId::Aaa, Id(0), &[]);
        self.install(TableId::Identity, Id(0), &[]);
        self.install(TableId::Resource, Id(0), RESOURCE);
        let built = version.build_time();
        self.write_text(TableId::Resource, Id(0), "build-time", &built);
        let first = version.factory_software();
        self.write_text(TableId::Resource, Id(0), "factory-software", first);
        self.install(
            TableId::Clock,
            Id(0),
            &[("gmt-offset", "+00:00"), ("dst-active", "false")],
        );
        let mode = if self.options.device_mode_allows_vpn {
            DEVICE_MODE_ADVANCED
        } else {
            DEVICE_MODE_HOME
        };
        self.install(TableId::DeviceMode, Id(0), mode);
        if self.options.flagged {
            self.write_text(TableId::DeviceMode, Id(0), "flagged", "true");
        }
        let license = match self.options.session_cap {
            None if self.options.free_license => LICENSE_FREE,
            None => LICENSE_UNLIMITED,
            Some(1) => LICENSE_1,
            Some(2..=200) => LICENSE_4,
            Some(201..=500) => LICENSE_5,
            Some(_) => LICENSE_6,
        };
        self.install(TableId::License, Id(0), license);
        let package = self.tables[TableId::Package].next_id();
        self.install(
            TableId::Package,
            package,
            &[
                ("name", "routeros"),
                ("version", &version.to_string()),
                ("build-time", &built),
                ("scheduled", ""),
                ("size", "12042240"),
            ],
        );
    }

    fn configure_users(&mut self) {
        for (name, policy) in GROUPS {
            let id = self.tables[TableId::Group].next_id();
            self.install(TableId::Group, id, &[("name", name), ("policy", policy)]);
        }
        let full = self.tables[TableId::Group].next_id();
        self.install(
            TableId::Group,
            full,
            &[("name", "full"), ("policy", &PolicySet::ALL.to_string())],
        );
        self.add_user("admin", "", full);
        let admin = self.tables[TableId::User].find("admin").unwrap_or(Id(0));
        self.write_text(TableId::User, admin, "comment", "system default user");
    }

    /// Adds a login user.
    pub fn add_user(&mut self, name: &str, password: &str, group: Id) {
        let mut row = self.fresh_row(TableId::User);
        put(TableId::User, &mut row, "name", name);
        put(TableId::User, &mut row, "password", password);
        if let Some(column) = TableId::User.column("group") {
            row.cells[column] = Some(Cell::Row(TableId::Group, group));
        }
        let id = self.tables[TableId::User].next_id();
        self.tables[TableId::User].push(id, row);
    }

    fn configure_interfaces(&mut self) {
        let ether = self.tables[TableId::Interface].next_id();
        let up = clock::timestamp(self.options.version, self.clock.wall(0));
        self.install(
            TableId::Interface,
            ether,
            &[
                ("name", "ether1"),
                ("default-name", "ether1"),
                ("type", "ether"),
                ("mtu", "1500"),
                ("actual-mtu", "1500"),
                ("mac-address", "02:00:5E:10:00:01"),
                ("last-link-up-time", &up),
                ("link-downs", "0"),
            ],
        );
        if self.options.version.shows_loopback() {
            let loopback = self.tables[TableId::Interface].next_id();
            self.install(TableId::Interface, loopback, LOOPBACK);
        }
        let address = self.tables[TableId::Address].next_id();
        self.install(
            TableId::Address,
            address,
            &[
                ("address", "192.168.88.1/24"),
                ("network", "192.168.88.0"),
                ("interface", "ether1"),
            ],
        );
    }

    fn configure_services(&mut self) {
        for (id, name, port, disabled) in SERVICES {
            self.install(
                TableId::Service,
                Id(id),
                &[
                    ("name", name),
                    ("port", port),
                    ("disabled", disabled),
                    ("proto", "tcp"),
                ],
            );
            if name.ends_with("-ssl") {
                self.write_text(TableId::Service, Id(id), "certificate", "none");
                self.write_text(TableId::Service, Id(id), "tls-version", "any");
            }
        }
    }
}

const LOOPBACK: &[(&str, &str)] = &[
    ("name", "lo"),
    ("type", "loopback"),
    ("mtu", "65536"),
    ("actual-mtu", "65536"),
    ("mac-address", "00:00:00:00:00:00"),
    ("link-downs", "0"),
];

const QUEUE_TYPES: [&str; 10] = [
    "default",
    "default-small",
    "ethernet-default",
    "hotspot-default",
    "multi-queue-ethernet-default",
    "only-hardware-queue",
    "pcq-download-default",
    "pcq-upload-default",
    "synchronous-default",
    "wireless-default",
];

/// As captured for `read`; `write` adds the right to write (manual, user).
const GROUPS: [(&str, &str); 2] = [
    (
        "read",
        "local,telnet,ssh,reboot,read,test,winbox,password,web,sniff,sensitive,api,romon,rest-api,!ftp,!write,!policy",
    ),
    (
        "write",
        "local,telnet,ssh,reboot,read,write,test,winbox,password,web,sniff,sensitive,api,romon,rest-api,!ftp,!policy",
    ),
];

/// Ids `*0` and `*6` as captured; www-ssl is off until a TLS front is started.
const SERVICES: [(u64, &str, &str, &str); 8] = [
    (0, "telnet", "23", "false"),
    (1, "ftp", "21", "false"),
    (2, "www", "80", "false"),
    (3, "ssh", "22", "false"),
    (6, "www-ssl", "443", "true"),
    (7, "api", "8728", "false"),
    (8, "winbox", "8291", "false"),
    (9, "api-ssl", "8729", "false"),
];

const RESOURCE: &[(&str, &str)] = &[
    ("free-memory", "833564672"),
    ("total-memory", "1073741824"),
    ("cpu", "AMD64"),
    ("cpu-count", "2"),
    ("cpu-frequency", "2496"),
    ("cpu-load", "1"),
    ("free-hdd-space", "83439616"),
    ("total-hdd-space", "134217728"),
    ("write-sect-since-reboot", "984"),
    ("write-sect-total", "984"),
    ("architecture-name", "x86_64"),
    ("board-name", "CHR"),
    ("platform", "MikroTik"),
];

const LICENSE_UNLIMITED: &[(&str, &str)] =
    &[("system-id", "6lR1ZP/utuJ"), ("level", "p-unlimited")];
const LICENSE_FREE: &[(&str, &str)] = &[("system-id", "6lR1ZP/utuJ"), ("level", "free")];
const LICENSE_1: &[(&str, &str)] = &[
    ("software-id", "W716-FUJ3"),
    ("nlevel", "1"),
    ("features", ""),
];
const LICENSE_4: &[(&str, &str)] = &[
    ("software-id", "W716-FUJ3"),
    ("nlevel", "4"),
    ("features", ""),
];
const LICENSE_5: &[(&str, &str)] = &[
    ("software-id", "W716-FUJ3"),
    ("nlevel", "5"),
    ("features", ""),
];
const LICENSE_6: &[(&str, &str)] = &[
    ("software-id", "W716-FUJ3"),
    ("nlevel", "6"),
    ("features", ""),
];

const DEVICE_MODE_ADVANCED: &[(&str, &str)] = &[
    ("mode", "advanced"),
    ("flagged", "false"),
    ("flagging-enabled", "true"),
    ("attempt-count", "0"),
    ("l2tp", "true"),
    ("pptp", "true"),
    ("scheduler", "true"),
    ("fetch", "true"),
    ("ipsec", "true"),
];

const DEVICE_MODE_HOME: &[(&str, &str)] = &[
    ("mode", "home"),
    ("flagged", "false"),
    ("flagging-enabled", "true"),
    ("attempt-count", "0"),
    ("l2tp", "false"),
    ("pptp", "false"),
    ("scheduler", "false"),
    ("fetch", "false"),
    ("ipsec", "false"),
];
