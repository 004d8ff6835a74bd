//! Settling: what balances mean for caps and notices, decided and written in one transaction, after grants
//! that waited were given where their day has come or nothing is left. It looks
//! at how accounts stand, not at what has just happened, so whatever a crash left undone is done by the
//! next one, and nothing is done twice.

use std::collections::HashMap;
use std::net::Ipv4Addr;

use chrono::NaiveDate;
use serde_json::{Map, Value};

use super::cap::{self, Normal, Trace, Wanted};
use super::notice::{self, Notice};
use super::opening;
use crate::account::product;
use crate::account::verdict::OnRecord;
use crate::error::Result;
use crate::host::Host;
use crate::routeros::Id;
use crate::settings::{CapPolicy, ProductSettings};
use crate::store::grants;
use crate::store::mails::{self, Kind, NewMail};
use crate::store::products::{self, Product};
use crate::store::services::is_ended;
use crate::store::standings::{self, Owner, Standing};
use crate::units::{Bytes, Limits};

/// WHMCS's status of a service that is to come back.
const SUSPENDED: &str = "Suspended";

/// Settings of the products concerned, by `tblproducts.id`.
#[derive(Debug)]
pub struct Products {
    by_id: HashMap<i64, ProductSettings>,
    /// Counts for a product that is gone: what is used up is used up.
    plain: ProductSettings,
    /// What the admin should know of the settings.
    pub remarks: Vec<String>,
}

impl Products {
    /// The products sold on a server.
    pub fn of_server(host: &dyn Host, server: i64) -> Result<Self> {
        let products = products::of_server(host, server)?;
        for sold in &products {
            product::remember(host, sold.id, &sold.params)?;
        }
        Self::read(host, products)
    }

    /// The products of these services.
    fn of_owners(host: &dyn Host, owners: &[Owner]) -> Result<Self> {
        let mut ids: Vec<_> = owners.iter().map(|owner| owner.product).collect();
        ids.sort_unstable();
        ids.dedup();
        Self::read(host, products::with_ids(host, &ids)?)
    }

    fn read(host: &dyn Host, products: Vec<Product>) -> Result<Self> {
        let mut read = Self {
            by_id: HashMap::new(),
            plain: ProductSettings::plain(),
            remarks: Vec::new(),
        };
        for sold in products {
            let (settings, error) = product::in_force(host, sold.id, &sold.params)?;
            read.by_id.insert(sold.id, settings);
            if let Some(error) = error {
                read.remarks.push(format!(
                    "Product {}: {error} Until then its accounts go by what could be read last.",
                    sold.id
                ));
            }
        }
        Ok(read)
    }

    fn settings(&self, product: i64) -> &ProductSettings {
        self.by_id.get(&product).unwrap_or(&self.plain)
    }

    /// Nobody with more left than this is concerned by a notice.
    pub fn highest_threshold(&self) -> Bytes {
        let thresholds = self
            .by_id
            .values()
            .map(|settings| settings.notice_threshold);
        thresholds.max().unwrap_or_default()
    }
}

impl Owner {
    /// WHMCS's override of automatic suspension holds today.
    pub(super) fn is_overridden(&self, today: NaiveDate) -> bool {
        cap::is_overridden(self.override_on, self.override_until, today)
    }
}

/// What the router should be brought to for one account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// Whose.
    pub service: i64,
    /// Login name.
    pub username: String,
    /// Our comment on the router.
    pub tag: String,
    /// Its address.
    pub address: Option<Ipv4Addr>,
    /// What is known of objects that lost their comment.
    pub on_record: Option<OnRecord>,
    /// What the router should have.
    pub wanted: Wanted,
    /// The policy in force, if any.
    pub cap: Option<CapPolicy>,
    /// What the record says of the router.
    pub trace: String,
    /// The router was like that when it was last looked at.
    pub done: bool,
    /// WHMCS says that the service ended or is suspended: nobody may be online, and every collection sees to
    /// it.
    pub ended: bool,
    /// It is suspended.
    pub suspended: bool,
}

impl Job {
    /// The router is not known to be as it should be.
    pub fn is_open(&self) -> bool {
        !self.ended && (!self.done || Trace::of(self.cap.as_ref()).text() != self.trace)
    }
}

/// What was decided.
#[derive(Debug, Default)]
pub struct Settled {
    /// Accounts whose state on the router is the cap's business.
    pub jobs: Vec<Job>,
    /// What the admin should know, one sentence each.
    pub remarks: Vec<String>,
}

/// Decides about `services`, within a transaction of the caller.
pub fn settle(host: &dyn Host, services: &[i64]) -> Result<Settled> {
    settle_with(host, services, |_| ())
}

/// Like [`settle`] for a service that WHMCS is about to call Active.
pub fn settle_as_active(host: &dyn Host, service: i64) -> Result<Settled> {
    settle_with(host, &[service], |owner| {
        "Active".clone_into(&mut owner.status);
    })
}

/// Locks before it looks at anything: whoever is before us may have decided by another product than the one
/// we would have seen.
fn settle_with(host: &dyn Host, services: &[i64], correct: impl Fn(&mut Owner)) -> Result<Settled> {
    let now = host.now();
    let today = now.with_timezone(&host.time_zone()).date_naive();
    let locked = standings::lock(host, services)?;
    let waiting = grants::waiting(host, services)?;
    let mut owners = standings::owners(host, services)?;
    owners.iter_mut().for_each(correct);
    let products = Products::of_owners(host, &owners)?;
    let mut by_service: HashMap<_, _> = locked.into_iter().map(|row| (row.service, row)).collect();
    let mut decided = Decided::default();
    let mut settled = Settled::default();
    for owner in &owners {
        let Some(mut before) = by_service.remove(&owner.service) else {
            continue;
        };
        // Before Create and after Terminate there is nothing to cap and nobody to write to.
        if before.username.is_empty() {
            continue;
        }
        let product = products.settings(owner.product);
        let overridden = owner.is_overridden(today);
        // Who is gone begins no period.
        let grants = waiting.get(&owner.service).map_or(&[][..], Vec::as_slice);
        let grants = if is_ended(&owner.status) { &[] } else { grants };
        let terms = opening::terms(product);
        opening::give_waiting(host, &mut before, grants, (today, terms), |balance| {
            cap::is_due(balance, overridden)
        })?;
        let after = decided.decide(&before, owner, product, today);
        settled.jobs.extend(job(&after, owner, product));
        if after != before {
            decided.changed.push(after);
        }
    }
    standings::store(host, &decided.changed, now)?;
    mails::withdraw(host, Kind::Notice, &decided.outdated)?;
    mails::withdraw(host, Kind::Suspension, &decided.lifted)?;
    mails::add(host, &decided.mails, now)?;
    settled.remarks = decided.remarks;
    Ok(settled)
}

#[derive(Default)]
struct Decided {
    changed: Vec<Standing>,
    mails: Vec<NewMail>,
    /// Whose notice, if it still waits, is true no longer.
    outdated: Vec<i64>,
    lifted: Vec<i64>,
    remarks: Vec<String>,
}

impl Decided {
    fn decide(
        &mut self,
        before: &Standing,
        owner: &Owner,
        product: &ProductSettings,
        today: NaiveDate,
    ) -> Standing {
        let mut after = before.clone();
        after.capped = cap::is_due(before.balance, owner.is_overridden(today));
        match (before.capped, after.capped) {
            (false, true) if is_ended(&owner.status) => {}
            (false, true) => {
                self.write(before, product, Kind::Suspension);
                self.outdated.push(before.service);
            }
            (true, false) => {
                self.lifted.push(before.service);
                after.done = false;
            }
            _ => {}
        }
        if after.capped {
            let trace = Trace::parse(&before.trace).with(&policy(before, product));
            after.trace = trace.text();
            after.done = before.done && after.trace == before.trace;
        }
        if is_out(&owner.status) {
            // With the trace the login is allowed again when WHMCS makes the service Active.
            after.trace = Trace::parse(&after.trace).with(&CapPolicy::Disable).text();
        }
        if is_ended(&owner.status) {
            return after;
        }
        let told = after.capped && product.suspension_template.is_some();
        let threshold = product.notice_threshold;
        match notice::decide(before.balance, threshold, before.noticed, told) {
            Notice::Send => {
                self.write(before, product, Kind::Notice);
                after.noticed = true;
            }
            Notice::Done => after.noticed = true,
            Notice::Rearm => {
                self.outdated.push(before.service);
                after.noticed = false;
            }
            Notice::Keep => {}
        }
        after
    }

    fn write(&mut self, standing: &Standing, product: &ProductSettings, kind: Kind) {
        let (template, label) = match kind {
            Kind::Notice => (&product.notice_template, "Notice e-mail"),
            Kind::Suspension => (&product.suspension_template, "Suspension e-mail"),
        };
        let Some(template) = template else {
            self.remarks.push(format!(
                "Service {} got no e-mail: the product's module setting \"{label}\" is empty.",
                standing.service
            ));
            return;
        };
        let fields = notice::variables(
            &standing.username,
            product.notice_threshold,
            standing.balance.unwrap_or(0),
            standing.quota.unwrap_or_default(),
        );
        let fields: Map<String, Value> = fields
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.into()))
            .collect();
        self.mails.push(NewMail {
            service: standing.service,
            kind,
            template: template.clone(),
            variables: Value::Object(fields).to_string(),
        });
    }
}

fn on_record(standing: &Standing) -> Option<OnRecord> {
    let queue = standing.queue.as_ref()?;
    Some(OnRecord {
        address: standing.address?,
        queue: Some(queue).filter(|id| !id.is_empty()).map(Id::new),
    })
}

/// Speeds and profile as sold: by the record, or by the product where there is none.
fn sold<'a>(standing: &'a Standing, product: &'a ProductSettings) -> (Limits, &'a str) {
    let profile = standing.profile.as_deref();
    (
        standing.limits.unwrap_or(product.limits),
        profile.unwrap_or(&product.profile),
    )
}

fn policy(standing: &Standing, product: &ProductSettings) -> CapPolicy {
    let (limits, profile) = sold(standing, product);
    cap::in_force(&product.cap, limits, profile)
}

fn job(standing: &Standing, owner: &Owner, product: &ProductSettings) -> Option<Job> {
    let trace = Trace::parse(&standing.trace);
    if is_out(&owner.status) {
        return Some(ended(standing, owner));
    }
    let cap = standing.capped.then(|| policy(standing, product));
    if cap.is_none() && trace.is_empty() {
        return None;
    }
    let (limits, profile) = sold(standing, product);
    let normal = Normal {
        limits,
        profile: profile.to_owned(),
        active: owner.status == "Active",
    };
    Some(Job {
        service: standing.service,
        username: standing.username.clone(),
        tag: standing.tag.clone(),
        address: standing.address,
        on_record: on_record(standing),
        wanted: cap::wanted(cap.as_ref(), &trace, &normal),
        cap,
        trace: standing.trace.clone(),
        done: standing.done,
        ended: false,
        suspended: false,
    })
}

/// WHMCS has it so that nobody may be online. Unsuspend allows a login before WHMCS says so: whoever collects in
/// between disables it, and the trace lets the next collection allow it again.
fn is_out(status: &str) -> bool {
    status == SUSPENDED || is_ended(status)
}

fn ended(standing: &Standing, owner: &Owner) -> Job {
    Job {
        service: standing.service,
        username: standing.username.clone(),
        tag: standing.tag.clone(),
        address: standing.address,
        on_record: on_record(standing),
        wanted: Wanted {
            enabled: Some(false),
            ..Wanted::default()
        },
        cap: None,
        trace: standing.trace.clone(),
        // Sessions are ended where some are seen, not each time anew.
        done: true,
        ended: true,
        suspended: owner.status == SUSPENDED,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::params::Params;

    fn standing(balance: i64) -> Standing {
        Standing {
            service: 7,
            server: 1,
            username: "ann".to_owned(),
            tag: "isp whmcs:7".to_owned(),
            address: None,
            queue: Some(String::new()),
            balance: Some(balance),
            quota: Some(Bytes(10 << 30)),
            granted_quota: None,
            capped: false,
            trace: String::new(),
            done: false,
            noticed: false,
            profile: Some("vpn".to_owned()),
            limits: None,
        }
    }

    fn owner() -> Owner {
        Owner {
            service: 7,
            product: 1,
            status: "Active".to_owned(),
            override_on: false,
            override_until: None,
        }
    }

    fn product(pairs: &[(usize, &str)]) -> ProductSettings {
        let mut params = Params::new();
        for (position, value) in pairs {
            params.set(&format!("configoption{position}"), value);
        }
        ProductSettings::parse(&params).unwrap()
    }

    fn today() -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 11, 22).unwrap()
    }

    fn decide(before: &Standing, owner: &Owner, product: &ProductSettings) -> (Standing, Decided) {
        let mut decided = Decided::default();
        let after = decided.decide(before, owner, product, today());
        (after, decided)
    }

    fn kinds(decided: &Decided) -> Vec<Kind> {
        decided.mails.iter().map(|mail| mail.kind).collect()
    }

    #[test]
    fn what_is_used_up_is_capped_and_written_about_once() {
        let product = product(&[(15, "Used up")]);
        let (capped, decided) = decide(&standing(0), &owner(), &product);
        assert!(capped.capped && !capped.done);
        assert_eq!(capped.trace, "disable");
        assert_eq!(kinds(&decided), [Kind::Suspension]);
        let (same, decided) = decide(&capped, &owner(), &product);
        assert_eq!(same, capped);
        assert!(decided.mails.is_empty());
    }

    #[test]
    fn one_collection_that_finds_little_left_and_the_end_writes_of_the_end_alone() {
        let product = product(&[(13, "Little left"), (14, "5"), (15, "Used up")]);
        let (capped, decided) = decide(&standing(-1), &owner(), &product);
        assert!(capped.capped && capped.noticed);
        assert_eq!(kinds(&decided), [Kind::Suspension]);
        assert_eq!(
            decided.outdated,
            [7],
            "a notice that still waits is withdrawn"
        );
        let (_, decided) = decide(&capped, &owner(), &product);
        assert!(decided.mails.is_empty());
    }

    #[test]
    fn where_no_mail_tells_of_the_end_the_notice_goes() {
        let product = product(&[(13, "Little left"), (14, "5")]);
        let (_, decided) = decide(&standing(-1), &owner(), &product);
        assert_eq!(kinds(&decided), [Kind::Notice]);
    }

    #[test]
    fn a_grant_lifts_the_cap_keeps_its_trace_and_takes_back_an_unsent_mail() {
        let product = product(&[(15, "Used up")]);
        let (mut capped, _) = decide(&standing(0), &owner(), &product);
        capped.balance = Some(1);
        capped.done = true;
        let (lifted, decided) = decide(&capped, &owner(), &product);
        assert!(!lifted.capped && !lifted.done);
        assert_eq!(lifted.trace, "disable");
        assert_eq!(decided.lifted, [7]);
        let job = job(&lifted, &owner(), &product).unwrap();
        assert_eq!(job.wanted.enabled, Some(true));
    }

    #[test]
    fn an_override_keeps_the_cap_away_and_the_notice_goes() {
        let product = product(&[(13, "Little left"), (14, "5"), (15, "Used up")]);
        let mut owner = owner();
        owner.override_on = true;
        let (after, decided) = decide(&standing(-1), &owner, &product);
        assert!(!after.capped && after.noticed);
        assert_eq!(kinds(&decided), [Kind::Notice]);
    }

    #[test]
    fn without_a_template_there_is_a_remark_and_no_mail() {
        let (after, decided) = decide(&standing(0), &owner(), &product(&[(14, "5")]));
        assert!(after.capped && after.noticed && decided.mails.is_empty());
        let remarks = decided.remarks.join(" ");
        assert!(remarks.contains("Notice e-mail") && remarks.contains("Suspension e-mail"));
    }

    #[test]
    fn another_policy_leaves_the_old_trace_until_the_router_is_asked() {
        let (mut capped, _) = decide(&standing(0), &owner(), &product(&[]));
        capped.done = true;
        let slow = product(&[(23, "cap = slow 1/1")]);
        let (changed, decided) = decide(&capped, &owner(), &slow);
        assert_eq!(changed.trace, "disable\nslow 1/1");
        assert!(!changed.done && decided.mails.is_empty());
    }

    #[test]
    fn what_ended_in_whmcs_is_kept_out_without_a_mail_and_let_in_again_when_it_is_active() {
        let product = product(&[(13, "Little left"), (14, "5"), (15, "Used up")]);
        for status in ["Cancelled", "Terminated", "Fraud"] {
            let mut owner = owner();
            owner.status = status.to_owned();
            for balance in [-1, 7 << 30] {
                let (after, decided) = decide(&standing(balance), &owner, &product);
                assert_eq!(after.trace, "disable", "{status}");
                assert!(decided.mails.is_empty());
                let job = job(&after, &owner, &product).unwrap();
                assert_eq!(job.wanted.enabled, Some(false));
                assert!(!job.is_open(), "nothing is to be noted of it");
            }
            let (mut ended, _) = decide(&standing(7 << 30), &owner, &product);
            ended.done = true;
            owner.status = "Active".to_owned();
            let (again, _) = decide(&ended, &owner, &product);
            let job = job(&again, &owner, &product).unwrap();
            assert!(job.is_open());
            assert_eq!(job.wanted.enabled, Some(true));
        }
    }

    #[test]
    fn an_account_in_good_standing_is_no_job() {
        assert_eq!(job(&standing(5), &owner(), &product(&[])), None);
    }
}
