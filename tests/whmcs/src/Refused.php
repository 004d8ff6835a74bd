<?php

declare(strict_types=1);

namespace WhmcsStandIn;

/** WHMCS would not let this request through: not in an allow-list, no token, not the owner. */
final class Refused extends Failure
{
}
