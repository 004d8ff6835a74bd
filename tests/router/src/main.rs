//! The simulator as a program: prints one line of JSON with its real addresses, then serves.

use std::io::Read;
use std::net::SocketAddr;
use std::process::ExitCode;

use clap::Parser;
use router_sim::{
    Authority, CertificateStyle, ClockMode, Control, DynamicQueues, LogoutTotals, Masking, OnlyOne,
    Options, Router, SameAddress, Seed, Server, ServerOptions, Version,
};

/// A RouterOS simulator. Listens on loopback addresses only; port 0 takes a free one.
#[derive(Debug, Parser)]
#[command(name = "router-sim", disable_version_flag = true)]
#[allow(clippy::struct_excessive_bools)] // switches of a command line
struct Arguments {
    /// REST over HTTP (service www).
    #[arg(long, value_name = "ADDR")]
    rest: Option<SocketAddr>,
    /// REST over HTTPS (service www-ssl).
    #[arg(long, value_name = "ADDR")]
    rest_tls: Option<SocketAddr>,
    /// The binary API (service api).
    #[arg(long, value_name = "ADDR")]
    api: Option<SocketAddr>,
    /// The binary API over TLS (service api-ssl).
    #[arg(long, value_name = "ADDR")]
    api_tls: Option<SocketAddr>,
    /// api-ssl has no certificate and offers anonymous Diffie-Hellman only: handshakes fail.
    #[arg(long, requires = "api_tls")]
    api_tls_anonymous: bool,
    /// The control port.
    #[arg(long, value_name = "ADDR")]
    control: Option<SocketAddr>,
    /// A login user; several may be given. GROUP is read, write or full (default). With at least one
    /// user of group full the initial `admin` without password is removed.
    #[arg(long, value_name = "NAME:PASSWORD[:GROUP]")]
    user: Vec<String>,
    /// RouterOS version to play; 6.43 to 6.49 over the binary API only.
    #[arg(long, value_name = "VERSION", default_value = "7.20")]
    version: Version,
    /// Stand-still clock that only POST /advance moves.
    #[arg(long)]
    virtual_clock: bool,
    /// The date the router believes at the start, for example 2026-01-01T00:00:00Z; default: now.
    #[arg(long, value_name = "RFC3339")]
    date: Option<chrono::DateTime<chrono::Utc>>,
    /// How the certificate of the TLS port is made.
    #[arg(long, value_enum, default_value = "ca-signed")]
    tls_certificate: CertificateStyle,
    /// PEM of an authority to sign with; needs --ca-key.
    #[arg(long, value_name = "FILE", requires = "ca_key")]
    ca_cert: Option<std::path::PathBuf>,
    /// PEM of the authority's key.
    #[arg(long, value_name = "FILE", requires = "ca_cert")]
    ca_key: Option<std::path::PathBuf>,
    /// Write the authority's certificate to this file.
    #[arg(long, value_name = "FILE")]
    ca_out: Option<std::path::PathBuf>,
    /// VPN servers are off at the start, as on a new router; without it they are on.
    #[arg(long)]
    servers_disabled: bool,
    /// PUT answers 200 instead of 201.
    #[arg(long)]
    put_200: bool,
    /// DELETE answers 200 instead of 204.
    #[arg(long)]
    delete_200: bool,
    /// DELETE answers 406 where a menu has no remove.
    #[arg(long)]
    delete_406: bool,
    /// POST set answers an empty body instead of [].
    #[arg(long)]
    empty_set_reply: bool,
    /// Singletons come as an array of one.
    #[arg(long)]
    singleton_array: bool,
    /// .id is in replies although .proplist did not ask for it.
    #[arg(long)]
    id_with_proplist: bool,
    /// 401 without a body.
    #[arg(long)]
    bare_401: bool,
    /// Secrets read ***** for everybody.
    #[arg(long)]
    mask_secrets: bool,
    /// only-one drops the old session instead of refusing the new one.
    #[arg(long)]
    only_one_drops_old: bool,
    /// What a second session with one address does to the first.
    #[arg(long, value_enum, default_value = "refuse-new")]
    same_address: SameAddress,
    /// Editing a queue keeps its counters.
    #[arg(long)]
    queue_edit_keeps_counters: bool,
    /// Sessions' dynamic queues stand behind static ones unless their profile says where.
    #[arg(long)]
    dynamic_queues_last: bool,
    /// set takes values for a dynamic queue.
    #[arg(long)]
    dynamic_queues_editable: bool,
    /// The download comes first in the log's sum of a session.
    #[arg(long)]
    logout_download_first: bool,
    /// A name that differs from another in the case of its letters only is refused.
    #[arg(long)]
    names_ignore_case: bool,
    /// A connection above a service's max-sessions is closed at once.
    #[arg(long)]
    max_sessions_enforced: bool,
    /// Queue bytes stay 0.
    #[arg(long)]
    queues_stuck: bool,
    /// "" unsets an address instead of being refused.
    #[arg(long)]
    empty_unsets: bool,
    /// /system/device-mode does not allow l2tp and pptp.
    #[arg(long)]
    device_mode_home: bool,
    /// The router is flagged: switching l2tp and pptp on is refused.
    #[arg(long)]
    flagged: bool,
    /// Live sessions the licence allows per service.
    #[arg(long, value_name = "N")]
    session_cap: Option<usize>,
    /// Make so many accounts (secret and queue) at the start.
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed_accounts: u32,
    /// Names of seeded accounts.
    #[arg(long, value_name = "PATTERN", default_value = "account{n}")]
    seed_name: String,
    /// Comments of seeded accounts.
    #[arg(long, value_name = "PATTERN", default_value = "sim whmcs:{n}")]
    seed_comment: String,
    /// Address of the first seeded account.
    #[arg(long, value_name = "ADDR", default_value = "10.64.0.1")]
    seed_address: std::net::Ipv4Addr,
    /// max-limit of seeded queues.
    #[arg(long, value_name = "UP/DOWN", default_value = "5M/10M")]
    seed_limit: String,
    /// Connect the seeded accounts.
    #[arg(long)]
    seed_connect: bool,
    /// End when standard input closes.
    #[arg(long)]
    parent_stdin: bool,
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(sentence) => {
            eprintln!("router-sim: {sentence}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<(), String> {
    let asks_rest = arguments.rest.is_some() || arguments.rest_tls.is_some();
    if asks_rest && !arguments.version.at_least(7, 0) {
        return Err(format!(
            "RouterOS {} has no REST; use --api or --api-tls",
            arguments.version
        ));
    }
    let router = Router::new(options(arguments));
    add_users(&router, &arguments.user)?;
    seed(&router, arguments)?;
    let server =
        Server::start(&router, &server_options(arguments)?).map_err(|error| error.to_string())?;
    let control = arguments
        .control
        .map(|address| Control::start(&router, address))
        .transpose()
        .map_err(|error| format!("control port: {error}"))?;
    if let Some(path) = &arguments.ca_out {
        std::fs::write(path, server.ca_pem())
            .map_err(|error| format!("{}: {error}", path.display()))?;
    }
    let line = serde_json::json!({
        "rest": server.address().map(|address| address.to_string()),
        "rest-tls": server.tls_address().map(|address| address.to_string()),
        "api": server.api_address().map(|address| address.to_string()),
        "api-tls": server.api_tls_address().map(|address| address.to_string()),
        "control": control.as_ref().map(|control| control.address().to_string()),
        "fingerprint": server.identity().map(|identity| identity.fingerprint),
        "ca-pem": server.identity().map(|identity| identity.ca_pem),
        "ca-path": arguments.ca_out,
        "version": arguments.version.to_string(),
    });
    println!("{line}");
    wait_for_the_end(arguments.parent_stdin)
}

fn options(arguments: &Arguments) -> Options {
    let defaults = Options::default();
    Options {
        version: arguments.version,
        clock: if arguments.virtual_clock {
            ClockMode::Virtual
        } else {
            ClockMode::Real
        },
        wall_at_start: arguments.date.unwrap_or_else(chrono::Utc::now),
        servers_enabled: !arguments.servers_disabled,
        put_status: if arguments.put_200 {
            200
        } else {
            defaults.put_status
        },
        delete_status: if arguments.delete_200 {
            200
        } else {
            defaults.delete_status
        },
        delete_unsupported_status: if arguments.delete_406 {
            406
        } else {
            defaults.delete_unsupported_status
        },
        empty_set_reply: arguments.empty_set_reply,
        singleton_as_array: arguments.singleton_array,
        id_with_proplist: arguments.id_with_proplist,
        unauthorized_body: !arguments.bare_401,
        masking: if arguments.mask_secrets {
            Masking::Always
        } else {
            defaults.masking
        },
        only_one: if arguments.only_one_drops_old {
            OnlyOne::DropOld
        } else {
            defaults.only_one
        },
        same_address: arguments.same_address,
        queue_edit_resets_counters: !arguments.queue_edit_keeps_counters,
        dynamic_queues: if arguments.dynamic_queues_last {
            DynamicQueues::Last
        } else {
            defaults.dynamic_queues
        },
        dynamic_queues_editable: arguments.dynamic_queues_editable,
        logout_totals: if arguments.logout_download_first {
            LogoutTotals::DownloadFirst
        } else {
            defaults.logout_totals
        },
        names_ignore_case: arguments.names_ignore_case,
        max_sessions_enforced: arguments.max_sessions_enforced,
        queues_stuck: arguments.queues_stuck,
        empty_unsets: arguments.empty_unsets,
        device_mode_allows_vpn: !arguments.device_mode_home,
        flagged: arguments.flagged,
        session_cap: arguments.session_cap,
        ..defaults
    }
}

fn server_options(arguments: &Arguments) -> Result<ServerOptions, String> {
    let read = |path: &std::path::Path| {
        std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
    };
    let authority = match (&arguments.ca_cert, &arguments.ca_key) {
        (Some(certificate), Some(key)) => Some(Authority {
            certificate_pem: read(certificate)?,
            key_pem: read(key)?,
        }),
        _ => None,
    };
    Ok(ServerOptions {
        plain: arguments.rest,
        tls: arguments.rest_tls,
        api: arguments.api,
        api_tls: arguments.api_tls,
        api_anonymous: arguments.api_tls_anonymous,
        certificate: arguments.tls_certificate,
        authority,
    })
}

/// The group is the last part only if it names one, so that passwords may hold colons.
fn add_users(router: &Router, users: &[String]) -> Result<(), String> {
    let mut full = false;
    for user in users {
        let (name, rest) = user
            .split_once(':')
            .ok_or_else(|| format!("--user {user}: expected NAME:PASSWORD"))?;
        let (password, group) = match rest.rsplit_once(':') {
            Some((password, group)) if matches!(group, "read" | "write" | "full") => {
                (password, group)
            }
            _ => (rest, "full"),
        };
        full |= group == "full";
        if name == "admin" {
            router.exec(
                "/user/set",
                &[
                    ("numbers", "admin"),
                    ("password", password),
                    ("group", group),
                ],
            )
        } else {
            router.exec(
                "/user/add",
                &[("name", name), ("password", password), ("group", group)],
            )
        }
        .map_err(|trap| format!("--user {name}: {trap}"))?;
    }
    let names_admin = users.iter().any(|user| user.starts_with("admin:"));
    if full && !names_admin {
        router.remove_admin().map_err(|trap| trap.to_string())?;
    }
    Ok(())
}

fn seed(router: &Router, arguments: &Arguments) -> Result<(), String> {
    let seed = Seed {
        accounts: arguments.seed_accounts,
        name: arguments.seed_name.clone(),
        comment: arguments.seed_comment.clone(),
        first_address: arguments.seed_address,
        max_limit: arguments.seed_limit.clone(),
        connect: arguments.seed_connect,
        ..Seed::default()
    };
    router
        .seed(&seed)
        .map_err(|trap| format!("seeding: {trap}"))
}

fn wait_for_the_end(parent_stdin: bool) -> Result<(), String> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| error.to_string())?;
    let (closed, parent_gone) = tokio::sync::oneshot::channel::<()>();
    // without a parent to watch, the sender is kept so that the channel never closes
    let _kept = if parent_stdin {
        std::thread::spawn(move || {
            let mut buffer = [0; 64];
            while std::io::stdin()
                .read(&mut buffer)
                .is_ok_and(|count| count > 0)
            {}
            drop(closed);
        });
        None
    } else {
        Some(closed)
    };
    runtime.block_on(async {
        let mut terminate =
            tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())
                .map_err(|error| error.to_string())?;
        tokio::select! {
            _ = terminate.recv() => {}
            result = tokio::signal::ctrl_c() => result.map_err(|error| error.to_string())?,
            _ = parent_gone => {}
        }
        Ok(())
    })
}
