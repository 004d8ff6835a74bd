<?php

declare(strict_types=1);

namespace WHMCS\Database;

class Capsule extends \Illuminate\Database\Capsule\Manager
{
}
