//! The settings a product's accounts go by, also while some of them cannot be read.

use crate::error::{Error, Result};
use crate::host::Host;
use crate::params::Params;
use crate::settings::ProductSettings;
use crate::store::products;

/// The settings of a product in `params`, whatever can be read of them, and what is wrong. What cannot be read
/// is as it was when it last could, else the default. `product` is `tblproducts.id`, 0 when it is not known.
pub(crate) fn in_force(
    host: &dyn Host,
    product: i64,
    params: &Params,
) -> Result<(ProductSettings, Option<Error>)> {
    if let Ok(settings) = ProductSettings::parse(params) {
        return Ok((settings, None));
    }
    let good = products::good_texts(host, product)?;
    Ok(ProductSettings::lenient(params, &good))
}

/// Keeps the settings of a product for that day, if all of them can be read now.
pub(crate) fn remember(host: &dyn Host, product: i64, params: &Params) -> Result<()> {
    match ProductSettings::good_texts(params) {
        Some(texts) => products::keep_good_texts(host, product, &texts),
        None => Ok(()),
    }
}
