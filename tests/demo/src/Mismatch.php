<?php

declare(strict_types=1);

namespace MikrotikVpn\Demo;

/** The world is not as a step expects it. */
final class Mismatch extends \RuntimeException
{
}
