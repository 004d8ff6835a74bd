<?php

declare(strict_types=1);

namespace WhmcsStandIn;

/** The host cannot do what was asked: wrong usage, no database, no such row. */
class Failure extends \RuntimeException
{
}
