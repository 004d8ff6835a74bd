<?php

declare(strict_types=1);

namespace WHMCS\Utility\Environment;

class WebHelper
{
    /** The path WHMCS is installed under, without a slash at the end. */
    public static function getBaseUrl()
    {
        return \WhmcsStandIn\Web\Address::base();
    }
}
