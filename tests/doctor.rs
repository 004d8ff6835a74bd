//! The doctor against the RouterOS simulator: a healthy router is told to be healthy, each disease is
//! found and nothing else, and the commands that come with a finding mend it.

mod doctor_support;
mod routeros_support;

use std::net::TcpListener;

use chrono::{DateTime, TimeDelta, Utc};
use doctor_support::{PASSWORD, PSK, Patient, ailments, console, exec};
use mikrotikvpn::Error;
use mikrotikvpn::doctor::{Finding, Report, Verdict, examine};
use mikrotikvpn::routeros::{TransportKind, Trust};
use mikrotikvpn::secret::Secret;
use router_sim::{Dial, Effect, Fault, Masking, Options};
use routeros_support::bench::BOTH;

use Verdict::{Problem, Unknown, Warning};

/// No fault of it is known.
fn newest() -> Options {
    Options::version("7.24".parse().unwrap())
}

#[test]
fn a_healthy_router_gives_nothing_but_ok() {
    let versions = ["6.49.10", "7.9", "7.12.2", "7.16.2", "7.18.2", "7.24"];
    for version in versions {
        for transport in BOTH {
            if version.starts_with("6.") && transport == TransportKind::Rest {
                continue;
            }
            let options = Options::version(version.parse().unwrap());
            let patient = Patient::healthy(transport, options);
            if transport == TransportKind::Api {
                for service in ["www", "www-ssl"] {
                    exec(
                        &patient.bench.sim,
                        "/ip/service/set",
                        &[("numbers", service), ("disabled", "yes")],
                    );
                }
            }
            let report = patient.examine();
            // REST of versions before 7.20.1 can be crashed, and that is said.
            let old_rest = transport == TransportKind::Rest && version != "7.24";
            let wanted = if old_rest {
                vec![("Version", Warning)]
            } else {
                vec![]
            };
            assert_eq!(ailments(&report), wanted, "{version} {}", report.text());
            assert_eq!(report.complaint(), None);
        }
    }
}

/// One disease: how the router gets it, and the only finding it must give.
struct Disease {
    check: &'static str,
    verdict: Verdict,
    /// A part of what is said.
    says: &'static str,
    catch: fn(&mut Patient),
}

fn disease(
    check: &'static str,
    verdict: Verdict,
    says: &'static str,
    catch: fn(&mut Patient),
) -> Disease {
    Disease {
        check,
        verdict,
        says,
        catch,
    }
}

fn run(patient: &Patient, line: &str) {
    console::run(&patient.bench.sim, line).unwrap();
}

#[allow(clippy::too_many_lines)] // a table
fn diseases() -> Vec<Disease> {
    vec![
        disease("Rights", Problem, "lacks the policy write", |patient| {
            run(patient, "/user group set sellers policy=!write");
        }),
        disease("Rights", Warning, "reboot", |patient| {
            run(patient, "/user group set sellers policy=reboot,policy");
        }),
        disease("Connections", Warning, "takes 3 connections", |patient| {
            run(patient, "/ip service set www-ssl max-sessions=3");
            run(patient, "/ip service set api-ssl max-sessions=3");
        }),
        disease("PPP profiles", Problem, "profile \"gold 24k\"", |patient| {
            patient.set(2, "gold 24k");
        }),
        disease(
            "PPP profiles",
            Problem,
            "its rate-limit (5M/10M) gives each session a queue of its own",
            |patient| {
                run(patient, "/ppp profile add name=fast rate-limit=5M/10M");
                patient.set(2, "fast");
            },
        ),
        disease(
            "PPP profiles",
            Warning,
            "its rate-limit (5M/10M)",
            |patient| {
                run(patient, "/ppp profile add name=fast rate-limit=5M/10M");
                patient.set(2, "fast");
                patient.access_hash = "meter = session".into();
            },
        ),
        disease(
            "PPP profiles",
            Problem,
            "\"walled\", which changes nothing for a customer",
            |patient| {
                run(patient, "/ip pool add name=wall ranges=10.99.0.2-10.99.0.9");
                run(
                    patient,
                    "/ppp profile add name=walled remote-address=wall local-address=10.99.0.1",
                );
                patient.set(23, "cap = profile walled\nsstp = on\nopenvpn = on");
            },
        ),
        disease("PPP profiles", Problem, "profile \"lost\"", |patient| {
            patient.set(23, "cap = profile lost\nsstp = on\nopenvpn = on");
        }),
        disease("VPN servers", Problem, "offer L2TP", |patient| {
            run(patient, "/interface l2tp-server server set enabled=no");
        }),
        disease("VPN servers", Problem, "offer PPTP", |patient| {
            run(patient, "/interface pptp-server server set enabled=no");
        }),
        disease("VPN servers", Problem, "offer SSTP", |patient| {
            run(patient, "/interface sstp-server server set enabled=no");
        }),
        disease("VPN servers", Problem, "offer OpenVPN", |patient| {
            run(
                patient,
                "/interface ovpn-server server set ovpn disabled=yes",
            );
        }),
        disease(
            "VPN servers",
            Problem,
            "OpenVPN server has no certificate",
            |patient| {
                run(
                    patient,
                    "/interface ovpn-server server set ovpn certificate=none",
                );
            },
        ),
        disease(
            "VPN servers",
            Warning,
            "SSTP server has no certificate",
            |patient| {
                run(
                    patient,
                    "/interface sstp-server server set certificate=none",
                );
            },
        ),
        disease("VPN servers", Warning, "both on port 8291", |patient| {
            run(patient, "/interface sstp-server server set port=8291");
        }),
        disease("VPN servers", Warning, "fast path", |patient| {
            run(
                patient,
                "/interface l2tp-server server set allow-fast-path=yes",
            );
        }),
        disease(
            "IPsec key",
            Problem,
            "\"Gold VPN\" is not the one",
            |patient| {
                run(
                    patient,
                    "/interface l2tp-server server set ipsec-secret=another",
                );
            },
        ),
        disease("IPsec key", Problem, "does not use IPsec", |patient| {
            run(patient, "/interface l2tp-server server set use-ipsec=no");
        }),
        disease("IPsec key", Warning, "not encrypted", |patient| {
            run(patient, "/interface l2tp-server server set use-ipsec=no");
            patient.set(19, "");
        }),
        disease("Addresses", Problem, "10.20.0.50-10.20.0.99", |patient| {
            run(
                patient,
                "/ip pool add name=\"dhcp pool\" ranges=10.20.0.50-10.20.0.150",
            );
        }),
        disease("Addresses", Problem, "10.20.0.7", |patient| {
            run(patient, "/ip pool add name=one ranges=10.20.0.7");
        }),
        disease("Secrets", Problem, "mallory (10.20.0.77)", |patient| {
            run(
                patient,
                "/ppp secret add name=mallory remote-address=10.20.0.77 comment=\"x whmcs:7\"",
            );
        }),
        disease(
            "Secrets",
            Problem,
            "no PPP secret for bob (service 8)",
            |patient| {
                run(patient, "/ppp secret remove bob");
            },
        ),
        disease(
            "Secrets",
            Problem,
            "has the address 10.20.0.55 instead of 10.20.0.2",
            |patient| {
                run(patient, "/ppp secret set alice remote-address=10.20.0.55");
            },
        ),
        disease(
            "Secrets",
            Problem,
            "called guest instead of alice",
            |patient| {
                run(patient, "/ppp secret set alice name=guest");
            },
        ),
        disease(
            "Secrets",
            Problem,
            "its routes (192.168.5.0/24) lead traffic past the account's queue",
            |patient| {
                run(patient, "/ppp secret set alice routes=192.168.5.0/24");
            },
        ),
        disease("FastTrack", Problem, "neither limit nor count", |patient| {
            run(
                patient,
                "/ip firewall filter add chain=forward action=fasttrack-connection connection-state=established,related",
            );
        }),
        disease("FastTrack", Problem, "10.20.0.2-10.20.0.99", |patient| {
            // An exception for one direction is none.
            run(
                patient,
                "/ip firewall address-list add list=vpn address=10.20.0.0/24",
            );
            run(
                patient,
                "/ip firewall filter add chain=forward action=fasttrack-connection src-address-list=!vpn",
            );
        }),
        disease("FastTrack", Warning, "do not limit it", |patient| {
            run(
                patient,
                "/ip firewall filter add chain=forward action=fasttrack-connection",
            );
            patient.access_hash = "meter = session".into();
        }),
        disease("FastTrack", Unknown, "connection-mark", |patient| {
            run(
                patient,
                "/ip firewall filter add chain=forward action=fasttrack-connection connection-mark=no-mark",
            );
        }),
        disease(
            "Queue order",
            Problem,
            "above the queues of alice, bob",
            |patient| {
                run(
                    patient,
                    "/queue simple add name=\"whole net\" target=10.20.0.0/16 place-before=alice",
                );
            },
        ),
        disease(
            "Queue order",
            Problem,
            "above the queues of bob",
            |patient| {
                run(
                    patient,
                    "/queue simple add name=broad target=10.20.0.0/16 place-before=bob",
                );
            },
        ),
        disease("Queue order", Warning, "other conditions", |patient| {
            run(
                patient,
                "/queue simple add name=marked target=10.20.0.0/16 packet-marks=voip place-before=alice",
            );
        }),
        disease("Queue order", Unknown, "interface ether1", |patient| {
            run(
                patient,
                "/queue simple add name=uplink target=ether1 place-before=alice",
            );
        }),
        disease(
            "Queues",
            Problem,
            "no queue for bob (service 8)",
            |patient| {
                run(patient, "/queue simple remove bob");
            },
        ),
        disease(
            "Queues",
            Problem,
            "more than one queue for alice",
            |patient| {
                run(
                    patient,
                    "/queue simple add name=alice-2 target=10.20.0.2 comment=\"vpn whmcs:7@k3f9a2 copy\"",
                );
            },
        ),
        disease(
            "Queues",
            Problem,
            "alice (service 7), bob (service 8) is disabled",
            |patient| {
                run(patient, "/queue simple disable alice,bob");
            },
        ),
        disease(
            "Queues",
            Problem,
            "not at the account's address",
            |patient| {
                run(patient, "/queue simple set alice target=10.20.0.3/32");
            },
        ),
        disease(
            "Queues",
            Problem,
            "not at the account's address",
            |patient| {
                run(
                    patient,
                    "/queue simple add name=other-net target=10.99.0.0/16",
                );
                run(patient, "/queue simple set bob parent=other-net");
            },
        ),
    ]
}

fn only(report: &Report, wanted: &Disease) -> Finding {
    let text = report.text();
    assert_eq!(ailments(report), [(wanted.check, wanted.verdict)], "{text}");
    let finding = report.of(wanted.verdict).next().unwrap();
    assert!(
        finding.says.contains(wanted.says),
        "{} in {text}",
        wanted.says
    );
    finding.clone()
}

#[test]
fn each_disease_gives_its_own_finding_and_no_other() {
    for transport in BOTH {
        for wanted in diseases() {
            let mut patient = Patient::healthy(transport, newest());
            (wanted.catch)(&mut patient);
            only(&patient.examine(), &wanted);
        }
    }
}

#[test]
fn the_commands_of_a_finding_mend_it() {
    let mut mended = 0;
    for wanted in diseases() {
        let mut patient = Patient::healthy(TransportKind::Api, newest());
        (wanted.catch)(&mut patient);
        let finding = only(&patient.examine(), &wanted);
        if finding.commands.is_empty() {
            continue;
        }
        for command in &finding.commands {
            let filled = command
                .replace("<pre-shared key>", PSK)
                .replace("<certificate>", "www-cert")
                .replace("<another address>", "10.99.0.1");
            run(&patient, &filled);
        }
        if wanted.says == "not encrypted" {
            patient.set(19, PSK);
        }
        let after = patient.examine();
        assert_eq!(ailments(&after), [], "{finding:?} {}", after.text());
        mended += 1;
    }
    assert_eq!(mended, 36);
}

/// The only finding when nothing else could be looked at.
fn refused(
    patient: &Patient,
    change: impl FnOnce(&mut mikrotikvpn::settings::ServerSettings),
) -> String {
    let mut server = patient.server();
    change(&mut server);
    let mut log = Vec::new();
    let report = examine(&server, Ok(patient.books()), patient.now, &mut log);
    assert_eq!(
        ailments(&report),
        [("Connection", Problem)],
        "{}",
        report.text()
    );
    assert_eq!(report.findings.len(), 1);
    report.complaint().unwrap()
}

#[test]
fn the_step_that_fails_on_the_way_is_named() {
    for transport in BOTH {
        let mut patient = Patient::healthy(transport, newest());
        let dns = refused(&patient, |server| {
            server.endpoint.host = "no.such.invalid".into();
        });
        assert!(dns.contains("no address") && dns.contains("DNS"), "{dns}");
        // Bound and closed again: nobody listens there.
        let port = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let tcp = refused(&patient, |server| server.endpoint.port = port);
        assert!(
            tcp.contains("refused") && tcp.contains("/ip/service"),
            "{tcp}"
        );
        let tls = refused(&patient, |server| {
            server.endpoint.tls = Some(Trust::default());
        });
        assert!(tls.contains("tls-pin = sha256:"), "{tls}");
        let login = refused(&patient, |server| {
            server.endpoint.password = Secret::new("hunter2-wrong");
        });
        assert!(
            login.contains("login") && !login.contains("hunter2"),
            "{login}"
        );
        patient.tls = false;
        let report = patient.examine();
        assert_eq!(
            ailments(&report),
            [("Encryption", Warning)],
            "{}",
            report.text()
        );
        assert_eq!(report.complaint(), None, "a warning is no failure");
    }
}

#[test]
fn what_the_user_may_not_read_is_unknown_and_what_we_need_is_a_problem() {
    let patient = Patient::healthy(TransportKind::Rest, newest());
    for menu in [
        "/ip/pool",
        "/system/license",
        "/user",
        "/certificate",
        "/ip/firewall/filter",
    ] {
        let fault = patient.bench.sim.fault(Fault::at(menu, "print", denial()));
        let report = patient.examine();
        let unknown: Vec<_> = report.of(Unknown).collect();
        assert_eq!(unknown.len(), 1, "{menu} {}", report.text());
        assert!(
            unknown[0].says.contains("not enough permissions"),
            "{}",
            unknown[0].says
        );
        assert_eq!(report.complaint(), None, "{menu}");
        patient.bench.sim.clear_faults(Some(fault));
    }
    for menu in ["/ppp/secret", "/queue/simple", "/ppp/active", "/interface"] {
        let fault = patient.bench.sim.fault(Fault::at(menu, "print", denial()));
        let complaint = patient.examine().complaint().unwrap_or_default();
        assert!(
            complaint.contains(menu) && complaint.contains("permissions"),
            "{complaint}"
        );
        patient.bench.sim.clear_faults(Some(fault));
    }
}

fn denial() -> Effect {
    Effect::Error {
        status: 500,
        detail: "not enough permissions (9)".into(),
    }
}

#[test]
fn a_key_that_is_masked_cannot_be_compared() {
    let options = Options {
        masking: Masking::Always,
        ..newest()
    };
    let patient = Patient::healthy(TransportKind::Api, options);
    assert_eq!(ailments(&patient.examine()), [("IPsec key", Unknown)]);
}

#[test]
fn a_clock_that_is_wrong_is_a_warning_in_every_time_zone() {
    let mut patient = Patient::healthy(TransportKind::Api, newest());
    let right = patient.now;
    for (minutes, side) in [
        (-3, "ahead of"),
        (3, "behind"),
        (3 * 24 * 60, "3 days behind"),
    ] {
        patient.now = right + TimeDelta::minutes(minutes);
        let report = patient.examine();
        assert_eq!(ailments(&report), [("Clock", Warning)], "{}", report.text());
        let warning = report.of(Warning).next().unwrap();
        assert!(warning.says.contains(side), "{}", warning.says);
    }
    patient.now = right + TimeDelta::minutes(1);
    assert_eq!(ailments(&patient.examine()), []);
}

#[test]
fn a_certificate_that_ends_is_told_although_it_is_pinned() {
    let mut patient = Patient::healthy(TransportKind::Rest, newest());
    // The simulator's ends in 4096.
    let end = "4095-12-15T00:00:00Z".parse::<DateTime<Utc>>().unwrap();
    patient.now = end;
    let report = patient.examine();
    let says: Vec<_> = report.of(Warning).map(|finding| finding.check).collect();
    assert_eq!(says, ["Clock", "Certificates"], "{}", report.text());
}

#[test]
fn a_licence_is_weighed_against_what_is_sold() {
    let sick = |options: Options, accounts: i64| {
        let mut patient = Patient::healthy(TransportKind::Api, options);
        for number in 0..accounts {
            let address = format!("10.20.0.{}", 10 + number);
            patient.account(100 + number, &format!("more{number}"), &address);
        }
        patient
    };
    let free = sick(
        Options {
            free_license: true,
            ..newest()
        },
        0,
    )
    .examine();
    assert_eq!(ailments(&free), [("Licence", Warning)], "{}", free.text());
    let one = sick(
        Options {
            session_cap: Some(1),
            ..newest()
        },
        0,
    );
    let report = one.examine();
    assert_eq!(
        ailments(&report),
        [("Licence", Warning)],
        "{}",
        report.text()
    );
    one.bench.sim.connect(&Dial::l2tp("alice")).unwrap();
    let report = one.examine();
    assert_eq!(
        ailments(&report),
        [("Licence", Problem)],
        "{}",
        report.text()
    );
    let enough = sick(
        Options {
            session_cap: Some(200),
            ..newest()
        },
        5,
    )
    .examine();
    assert_eq!(ailments(&enough), [], "{}", enough.text());
}

#[test]
fn a_device_mode_that_forbids_what_is_sold_is_a_problem() {
    for (flagged, allowed, says) in [
        (true, true, "flagged"),
        (false, false, "l2tp and ipsec and pptp"),
    ] {
        let options = Options {
            flagged,
            device_mode_allows_vpn: allowed,
            ..newest()
        };
        let mut patient = Patient::fresh(TransportKind::Api, options);
        let sim = &patient.bench.sim;
        exec(
            sim,
            "/user/group/add",
            &[("name", "s"), ("policy", "read,write,api")],
        );
        exec(
            sim,
            "/user/add",
            &[("name", "seller"), ("group", "s"), ("password", PASSWORD)],
        );
        let complaint = patient.examine().complaint().unwrap();
        assert!(
            complaint.contains(says) && complaint.contains("/system device-mode update"),
            "{complaint}"
        );
        // Who sells neither is not bothered by the mode.
        for position in [17, 18, 23] {
            patient.set(position, "");
        }
        let report = patient.examine();
        assert_eq!(report.complaint().is_some(), flagged, "{}", report.text());
    }
}

#[test]
fn broken_records_do_not_hide_the_router() {
    let patient = Patient::healthy(TransportKind::Api, newest());
    let broken = Err(Error::whmcs("reading the products", "gone away", None));
    let mut log = Vec::new();
    let report = examine(&patient.server(), broken, patient.now, &mut log);
    assert_eq!(
        ailments(&report),
        [("Records", Unknown)],
        "{}",
        report.text()
    );
}
