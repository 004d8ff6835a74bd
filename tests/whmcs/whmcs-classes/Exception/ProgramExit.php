<?php

declare(strict_types=1);

namespace WHMCS\Exception;

class ProgramExit extends \WHMCS\Exception
{
}
