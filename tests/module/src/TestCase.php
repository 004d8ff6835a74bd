<?php

declare(strict_types=1);

namespace MikrotikVpn\Tests;

/**
 * Base of every test: a WHMCS in `$this->whmcs` and, after `startRouter()`, a router in
 * `$this->router`. A test fails at its end for everything the module did that a real WHMCS would
 * object to (output, notices, exceptions, wrong return shapes), whatever it asserted.
 */
abstract class TestCase extends \PHPUnit\Framework\TestCase
{
    protected Whmcs $whmcs;
    protected Router $router;

    protected function setUp(): void
    {
        $this->whmcs = Whmcs::here();
        $this->whmcs->takeViolations();
    }

    protected function assertPostConditions(): void
    {
        $messages = array_map(static fn ($violation) => $violation->message, $this->whmcs->takeViolations());
        self::assertSame([], $messages, 'The module broke the contract of WHMCS.');
    }

    protected function tearDown(): void
    {
        if (isset($this->router)) {
            $this->router->stop();
        }
    }

    /** @param array<string, mixed> $options of the simulator; see Router */
    protected function startRouter(array $options = []): Router
    {
        return $this->router = Router::start($options);
    }

    /** A file that lives as long as the test run needs it. */
    protected function temporaryFile(string $content, string $suffix = '.php'): string
    {
        $file = sys_get_temp_dir() . '/mikrotikvpn-' . bin2hex(random_bytes(6)) . $suffix;
        file_put_contents($file, $content);
        register_shutdown_function(static fn () => @unlink($file));
        return $file;
    }
}
