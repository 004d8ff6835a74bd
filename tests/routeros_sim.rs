//! The router client against the RouterOS simulator, over both transports: the life of an
//! account, and what goes wrong.

mod routeros_support;

use mikrotikvpn::error::Step;
use mikrotikvpn::routeros::{Id, Query, QueueFields, Router, SecretFields, TransportKind, Trust};
use mikrotikvpn::secret::Secret;
use mikrotikvpn::units::{Limits, Rate, Traffic};
use router_sim::{CertificateStyle, Dial, Effect, Fault, Masking, Options, Seed};
use routeros_support::bench::{BOTH, Bench, open};

const LIMITS: Limits = Limits {
    download: Rate(10_000_000),
    upload: Rate(5_000_000),
};

fn secret<'a>(name: &'a str, password: &'a Secret) -> SecretFields<'a> {
    SecretFields {
        name: Some(name),
        password: Some(password),
        service: Some("l2tp"),
        profile: Some("default"),
        remote_address: Some([10, 0, 0, 5].into()),
        comment: Some("sim whmcs:7"),
        disabled: Some(false),
        ..SecretFields::default()
    }
}

fn queue(name: &str) -> QueueFields<'_> {
    QueueFields {
        name: Some(name),
        target: Some([10, 0, 0, 5].into()),
        max_limit: Some(LIMITS),
        comment: Some("sim whmcs:7"),
        ..QueueFields::default()
    }
}

#[test]
fn an_account_lives_its_life() {
    for transport in BOTH {
        live(transport);
    }
}

fn live(transport: TransportKind) {
    let bench = Bench::plain(transport);
    live_on(&bench, &bench.router());
    let bench = Bench::plain(transport);
    live_on(&bench, &open(&bench.endpoint(Some(bench.pin()))));
}

fn live_on(bench: &Bench, router: &Router) {
    let password = Secret::new("hunter2-xyz");
    let queue_id = router.add_queue(&queue("alice")).unwrap();
    let secret_id = router.add_secret(&secret("alice", &password)).unwrap();
    bench
        .sim
        .connect(&Dial::l2tp("alice").password("hunter2-xyz"))
        .unwrap();
    // (name, upload, download)
    bench.sim.traffic("alice", 1_000, 20_000);

    let name = Query::field("name", "alice");
    let (secrets, queues, sessions) = router.observe(&name, &name, &name).unwrap();
    let [secret] = secrets.as_slice() else {
        panic!("{secrets:?}")
    };
    let [queue] = queues.as_slice() else {
        panic!("{queues:?}")
    };
    let [session] = sessions.as_slice() else {
        panic!("{sessions:?}")
    };
    assert_eq!((&secret.id, &queue.id), (&secret_id, &queue_id));
    assert_eq!(secret.remote_address, Some([10, 0, 0, 5].into()));
    assert_eq!(secret.comment, "sim whmcs:7");
    assert_eq!(secret.last_logged_out, None);
    assert_eq!(queue.max_limit, LIMITS);
    assert_eq!(queue.target, "10.0.0.5/32");
    assert_eq!(queue.counted, Some(Traffic::new(20_000, 1_000)));
    assert_eq!(session.address, Some([10, 0, 0, 5].into()));

    let lists = router.lists().unwrap();
    let tunnel = lists
        .interfaces
        .iter()
        .find(|interface| interface.name == "<l2tp-alice>")
        .unwrap();
    assert_eq!(tunnel.counted, Some(Traffic::new(20_000, 1_000)));
    assert_eq!(tunnel.kind, "l2tp-in");

    router
        .reset_queue_counters(std::slice::from_ref(&queue_id))
        .unwrap();
    let queues = router.queues(&name).unwrap();
    assert_eq!(queues[0].counted, Some(Traffic::ZERO));

    let disable = SecretFields {
        disabled: Some(true),
        ..SecretFields::default()
    };
    router.set_secret(&secret_id, &disable).unwrap();
    router.remove_session(&session.id).unwrap();
    router.remove_session(&session.id).unwrap();
    assert!(!bench.sim.is_connected("alice"));
    let secrets = router.secrets(&name).unwrap();
    assert!(secrets[0].disabled);
    assert!(secrets[0].last_logged_out.is_some());

    for _ in 0..2 {
        router.remove_secret(&secret_id).unwrap();
        router.remove_queue(&queue_id).unwrap();
    }
    assert_eq!(router.secrets(&name).unwrap(), []);
    assert_eq!(router.queues(&name).unwrap(), []);
}

#[test]
fn every_version_and_habit_of_routers_is_understood() {
    let versions = [
        "6.49.10", "7.1", "7.9", "7.12.2", "7.16.2", "7.20.8", "7.24",
    ];
    for (version, transport) in versions
        .iter()
        .flat_map(|version| BOTH.map(|kind| (*version, kind)))
    {
        if version.starts_with("6.") && transport == TransportKind::Rest {
            continue;
        }
        for odd in [false, true] {
            let options = Options {
                empty_set_reply: odd,
                singleton_as_array: odd,
                id_with_proplist: odd,
                unauthorized_body: !odd,
                masking: if odd {
                    Masking::Always
                } else {
                    Masking::ByPolicy
                },
                ..Options::version(version.parse().unwrap())
            };
            let bench = Bench::new(transport, options, CertificateStyle::SelfSigned);
            let router = open(&bench.endpoint(Some(bench.pin())));
            let password = Secret::new("hunter2-xyz");
            let id = router.add_secret(&secret("alice", &password)).unwrap();
            router.set_secret(&id, &secret("bob", &password)).unwrap();
            let rows = router.secrets(&Query::field("name", "bob")).unwrap();
            assert_eq!(rows.len(), 1, "{version}");
            assert_eq!(rows[0].id, id, "{version}");

            let resource = router.resource().unwrap();
            assert!(
                resource.version.to_string().starts_with(version),
                "{version}"
            );
            assert!(resource.uptime.is_some(), "{version}");
            assert!(!router.identity().unwrap().is_empty(), "{version}");
            let policies = router.group_of("whmcs").unwrap().policies;
            assert!(policies.iter().any(|policy| policy == "write"), "{version}");
            let services = router.services(&Query::all()).unwrap();
            assert!(
                services.iter().any(|service| service.name == "www-ssl"),
                "{version}"
            );
            let profiles = router.profiles(&Query::all()).unwrap();
            assert!(
                profiles.iter().any(|profile| profile.name == "default"),
                "{version}"
            );

            let mut endpoint = bench.endpoint(Some(bench.pin()));
            endpoint.password = Secret::new("wrong");
            let error = open(&endpoint).identity().unwrap_err();
            assert!(error.is_login(), "{version}: {error}");
        }
    }
}

#[test]
fn plain_rest_that_a_version_lacks_is_named() {
    let options = Options::version("7.8".parse().unwrap());
    let bench = Bench::new(TransportKind::Rest, options, CertificateStyle::CaSigned);
    let error = bench.router().secrets(&Query::all()).unwrap_err();
    assert!(error.is_misuse(), "{error}");
    assert!(
        error.to_string().contains("7.9 or later without"),
        "{error}"
    );
}

#[test]
fn certificates_are_believed_by_pin_or_authority_and_refused_otherwise() {
    for transport in BOTH {
        believe(transport);
    }
}

fn believe(transport: TransportKind) {
    let bench = Bench::new(transport, Options::default(), CertificateStyle::CaSigned);
    let authority = Trust {
        authorities_pem: vec![bench.server.ca_pem()],
        ..Trust::default()
    };
    bench.ask_over_tls(authority.clone()).unwrap();
    bench.ask_over_tls(bench.pin()).unwrap();
    let error = bench.ask_over_tls(Trust::default()).unwrap_err();
    assert_eq!(error.step(), Some(Step::Tls), "{error}");
    assert!(
        error.to_string().contains(&bench.server.fingerprint()),
        "{error}"
    );
}

#[test]
fn a_router_with_a_new_certificate_is_refused_until_its_pin_is_changed() {
    for transport in BOTH {
        refuse_new(transport);
    }
}

fn refuse_new(transport: TransportKind) {
    let bench = Bench::new(transport, Options::default(), CertificateStyle::SelfSigned);
    let old = bench.pin();
    bench
        .server
        .change_certificate(CertificateStyle::SelfSigned)
        .unwrap();
    let error = bench.ask_over_tls(old.clone()).unwrap_err();
    assert_eq!(error.step(), Some(Step::Tls), "{error}");
    let told = error.to_string();
    assert!(told.contains("changed"), "{told}");
    assert!(told.contains(&old.pins[0].to_string()), "{told}");
    assert!(told.contains(&bench.server.fingerprint()), "{told}");
    bench.ask_over_tls(bench.pin()).unwrap();
}

#[test]
fn the_second_call_to_a_router_resumes_its_tls_session() {
    for transport in BOTH {
        resume(transport);
    }
}

fn resume(transport: TransportKind) {
    let bench = Bench::new(transport, Options::default(), CertificateStyle::SelfSigned);
    for _ in 0..3 {
        bench.ask_over_tls(bench.pin()).unwrap();
    }
    let counts = bench.sim.counts();
    assert_eq!((counts.tls_full, counts.tls_resumed), (1, 2));
}

#[test]
fn a_collection_of_a_big_router_is_six_requests_over_two_connections() {
    for transport in BOTH {
        collect(transport);
    }
}

fn collect(transport: TransportKind) {
    let bench = Bench::plain(transport);
    let accounts = 2_000;
    bench
        .sim
        .seed(&Seed {
            accounts,
            connect: true,
            ..Seed::default()
        })
        .unwrap();
    bench.sim.reset_stats();
    let lists = bench.router().lists().unwrap();
    let rows = usize::try_from(accounts).unwrap();
    assert_eq!(lists.queues.len(), rows);
    assert_eq!(lists.secrets.len(), rows);
    assert_eq!(lists.sessions.len(), rows);
    assert!(lists.interfaces.len() >= rows);
    assert!(lists.queues.iter().all(|queue| queue.counted.is_some()));
    let counts = bench.sim.counts();
    assert_eq!(counts.total, 6, "{:?}", counts.requests);
    assert!(counts.connections <= 2, "{}", counts.connections);

    let router = bench.router();
    bench.sim.reset_stats();
    let ids: Vec<_> = lists.queues.iter().map(|row| Id::new(row.id)).collect();
    router.reset_queue_counters(&ids).unwrap();
    assert_eq!(bench.sim.counts().total, 1);
}

#[test]
fn a_write_that_was_applied_without_an_answer_is_reported_as_doubtful_and_not_repeated() {
    for transport in BOTH {
        doubt(transport);
    }
}

fn doubt(transport: TransportKind) {
    let bench = Bench::plain(transport);
    let router = bench.router();
    router.identity().unwrap();
    let fault = Fault::at(
        "/ppp/secret",
        "add",
        Effect::AppliedButNoAnswer { hang: false },
    );
    bench.sim.fault(fault.times(1));
    bench.sim.reset_stats();
    let password = Secret::new("hunter2-xyz");
    let error = router.add_secret(&secret("alice", &password)).unwrap_err();
    assert_eq!(error.step(), Some(Step::Reply), "{error}");
    assert_eq!(bench.sim.counts().total, 1);
    let error = router.add_secret(&secret("alice", &password)).unwrap_err();
    assert!(error.is_duplicate(), "{error}");
}

#[test]
fn dirt_in_comments_and_odd_rows_lose_nothing() {
    for transport in BOTH {
        survive_dirt(transport);
    }
}

fn survive_dirt(transport: TransportKind) {
    let effects = [
        Effect::InvalidUtf8,
        Effect::ControlCharacters,
        Effect::LoneBackslash,
        Effect::ExtraKeys,
        Effect::Numbers,
        Effect::MissingKeys {
            keys: vec!["comment".into(), "disabled".into(), "profile".into()],
        },
    ];
    for effect in effects {
        let bench = Bench::plain(transport);
        let seed = Seed {
            accounts: 3,
            ..Seed::default()
        };
        bench.sim.seed(&seed).unwrap();
        bench.sim.fault(Fault::always(effect.clone()));
        let rows = bench.router().secrets(&Query::all()).unwrap();
        let names: Vec<_> = rows.iter().map(|row| row.name.as_str()).collect();
        assert_eq!(names, ["account1", "account2", "account3"], "{effect:?}");
        let queues = bench.router().queues(&Query::all()).unwrap();
        assert!(
            queues.iter().all(|queue| queue.counted.is_some()),
            "{effect:?}"
        );
    }
}

#[test]
fn a_list_that_ends_early_is_an_error_even_when_http_says_it_is_whole() {
    let bench = Bench::plain(TransportKind::Rest);
    let seed = Seed {
        accounts: 3,
        ..Seed::default()
    };
    bench.sim.seed(&seed).unwrap();
    bench.sim.fault(Fault::always(Effect::BrokenJson));
    let error = bench.router().secrets(&Query::all()).unwrap_err();
    assert!(error.to_string().contains("breaks off"), "{error}");
}

#[test]
fn a_missing_policy_is_named() {
    for transport in BOTH {
        miss_policy(transport);
    }
}

fn miss_policy(transport: TransportKind) {
    let bench = Bench::plain(transport);
    bench
        .sim
        .add_user("reader", "router-pass-9", "read")
        .unwrap();
    let mut endpoint = bench.endpoint(None);
    endpoint.username = "reader".into();
    let router = open(&endpoint);
    router.secrets(&Query::all()).unwrap();
    let error = router.add_queue(&queue("alice")).unwrap_err();
    assert!(error.is_permission(), "{error}");
}

#[test]
fn refused_and_broken_connections_never_reached_the_router() {
    for transport in BOTH {
        never_reach(transport);
    }
}

fn never_reach(transport: TransportKind) {
    for effect in [Effect::Refuse, Effect::TlsFail] {
        let bench = Bench::new(transport, Options::default(), CertificateStyle::SelfSigned);
        let pin = bench.pin();
        bench.sim.fault(Fault::always(effect.clone()));
        let error = bench.ask_over_tls(pin).unwrap_err();
        assert!(error.never_reached_router(), "{effect:?}: {error}");
    }
}
