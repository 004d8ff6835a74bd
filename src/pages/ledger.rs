//! The ledger of a service as a page to print: every entry of its balance, proof for a dispute.

use std::fmt::Write;

use html_escape::{encode_double_quoted_attribute as attribute, encode_text as text};

use crate::error::Result;
use crate::host::Host;
use crate::traffic::ledger::{Ledger, ledger};
use crate::units::Bytes;

/// Opens the page kept beside the button in a window of its own and prints it.
const PRINT: &str = "var page=window.open('','_blank');\
    page.document.write(document.getElementById('mikrotikvpn-ledger').innerHTML);\
    page.document.close();page.focus();page.print()";

/// A button that prints the ledger. The page comes along, hidden: an admin's page of WHMCS has no place
/// for another one of a module.
pub fn field(host: &dyn Host, service: i64, username: &str) -> Result<String> {
    let ledger = ledger(host, service)?;
    let now = host.now().with_timezone(&host.time_zone());
    let printed = now.format("%Y-%m-%d %H:%M %Z").to_string();
    Ok(format!(
        "<template id=\"mikrotikvpn-ledger\">{}</template>\
         <button type=\"button\" class=\"btn btn-default btn-sm\" onclick=\"{}\">Print</button> {} entries",
        page(&ledger, service, username, &printed),
        attribute(PRINT),
        ledger.lines.len()
    ))
}

fn page(ledger: &Ledger, service: i64, username: &str, printed: &str) -> String {
    let mut rows = String::new();
    for line in &ledger.lines {
        let _ = write!(
            rows,
            "<tr><td>{}</td><td>{}</td><td align=\"right\">{}</td><td align=\"right\">{:+}</td></tr>",
            line.day,
            text(&line.text),
            signed_gb(line.bytes),
            line.bytes
        );
    }
    let balance = ledger.balance.map_or_else(
        || "<td colspan=\"2\">unlimited</td>".to_owned(),
        |left| {
            format!(
                "<td align=\"right\">{}</td><td align=\"right\">{left}</td>",
                signed_gb(left)
            )
        },
    );
    format!(
        "<title>Traffic ledger of service {service}</title>\
         <h1>Traffic ledger of service {service}</h1>\
         <p>Account {}, printed {}. 1 GB is 2^30 bytes; days are those of the time zone of this page.</p>\
         <table border=\"1\" cellspacing=\"0\" cellpadding=\"4\">\
         <thead><tr><th>Day</th><th>Entry</th><th>GB</th><th>Bytes</th></tr></thead>\
         <tbody>{rows}</tbody><tfoot><tr><th colspan=\"2\">Balance</th>{balance}</tr></tfoot></table>",
        text(username),
        text(printed)
    )
}

fn signed_gb(bytes: i64) -> String {
    let sign = if bytes < 0 { '-' } else { '+' };
    format!("{sign}{:.3}", Bytes(bytes.unsigned_abs()).as_gb())
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::*;
    use crate::traffic::ledger::Line;

    #[test]
    fn every_entry_is_on_the_page_and_nothing_an_admin_wrote_is_markup() {
        let ledger = Ledger {
            lines: vec![Line {
                day: NaiveDate::from_ymd_opt(2026, 3, 28).unwrap(),
                text: "correction by bob: <script>alert(1)</script> & </template>".to_owned(),
                bytes: -(3 << 29),
            }],
            balance: Some(1 << 30),
        };
        let page = page(&ledger, 7, "a<b", "now");
        assert!(page.contains("<td>2026-03-28</td>"), "{page}");
        assert!(page.contains(">-1.500</td>"), "{page}");
        assert!(page.contains(">-1610612736</td>"), "{page}");
        assert!(page.contains(">+1.000</td>"), "{page}");
        assert!(page.contains("a&lt;b"), "{page}");
        assert!(
            !page.contains("<script") && !page.contains("</template"),
            "{page}"
        );
    }

    #[test]
    fn an_unlimited_account_has_a_ledger_too() {
        let ledger = Ledger {
            lines: Vec::new(),
            balance: None,
        };
        assert!(page(&ledger, 7, "x", "now").contains("unlimited"));
    }
}
