<?php

declare(strict_types=1);

namespace WHMCS;

class Exception extends \Exception
{
}
