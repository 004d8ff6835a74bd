<?php

declare(strict_types=1);

// What `require '…/init.php'` of a stand-alone script brings: a booted WHMCS with the visitor's session.

require_once dirname(__DIR__) . '/bootstrap.php';

WhmcsStandIn\Web\Kernel::boot();
