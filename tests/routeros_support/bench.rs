//! A simulated router and a client for it, over either transport.

use std::time::Duration;

use mikrotikvpn::Result;
use mikrotikvpn::routeros::{Deadline, Endpoint, Query, Router, TransportKind, Trust};
use mikrotikvpn::secret::Secret;
use router_sim::{CertificateStyle, Options, Router as Sim, Server, ServerOptions};

/// The transports a router can be reached by.
pub const BOTH: [TransportKind; 2] = [TransportKind::Rest, TransportKind::Api];

/// A simulated router with a login for us.
pub struct Bench {
    pub sim: Sim,
    pub server: Server,
    pub transport: TransportKind,
}

impl Bench {
    pub fn new(transport: TransportKind, options: Options, certificate: CertificateStyle) -> Self {
        let ports = match transport {
            TransportKind::Rest => ServerOptions::default(),
            TransportKind::Api => ServerOptions::api(),
        };
        let ports = ServerOptions {
            certificate,
            ..ports
        };
        Self::on(transport, options, &ports)
    }

    pub fn on(transport: TransportKind, options: Options, ports: &ServerOptions) -> Self {
        let sim = Sim::new(options);
        sim.add_user("whmcs", "router-pass-9", "full").unwrap();
        let server = Server::start(&sim, ports).unwrap();
        Self {
            sim,
            server,
            transport,
        }
    }

    pub fn plain(transport: TransportKind) -> Self {
        Self::new(transport, Options::default(), CertificateStyle::CaSigned)
    }

    pub fn endpoint(&self, tls: Option<Trust>) -> Endpoint {
        let address = match (self.transport, &tls) {
            (TransportKind::Rest, Some(_)) => self.server.tls_address(),
            (TransportKind::Rest, None) => self.server.address(),
            (TransportKind::Api, Some(_)) => self.server.api_tls_address(),
            (TransportKind::Api, None) => self.server.api_address(),
        };
        let address = address.unwrap();
        Endpoint {
            host: address.ip().to_string(),
            port: address.port(),
            tls,
            transport: self.transport,
            username: "whmcs".into(),
            password: Secret::new("router-pass-9"),
        }
    }

    pub fn router(&self) -> Router {
        open(&self.endpoint(None))
    }

    pub fn pin(&self) -> Trust {
        Trust {
            pins: vec![self.server.fingerprint().parse().unwrap()],
            ..Trust::default()
        }
    }

    pub fn ask_over_tls(&self, trust: Trust) -> Result<()> {
        open(&self.endpoint(Some(trust)))
            .secrets(&Query::all())
            .map(drop)
    }
}

/// A router with time enough for any test that does not hang.
pub fn open(endpoint: &Endpoint) -> Router {
    Router::new(endpoint, Deadline::after(Duration::from_secs(30))).unwrap()
}
