<?php

declare(strict_types=1);

namespace WhmcsStandIn\Testing;

use PHPUnit\Framework\TestCase;
use WHMCS\Database\Capsule;
use WhmcsStandIn\ClientPage;
use WhmcsStandIn\ContractViolation;
use WhmcsStandIn\Cron;
use WhmcsStandIn\Fixtures;
use WhmcsStandIn\Installation;
use WhmcsStandIn\Lifecycle;
use WhmcsStandIn\Module;
use WhmcsStandIn\Params;
use WhmcsStandIn\Token;
use WhmcsStandIn\Violation;

/**
 * Base for PHPUnit tests of a module: a fresh WHMCS before each test. A violation makes the call
 * throw ContractViolation; one that nothing threw for (in a hook, say) fails the test at its end.
 */
abstract class WhmcsTestCase extends TestCase
{
    protected Installation $whmcs;
    protected Fixtures $fixtures;

    /** The folder of modules, as for --modules. */
    abstract protected function modules(): string;

    protected function setUp(): void
    {
        $this->whmcs = TestHome::boot($this->modules());
        TestHome::reset();
        $this->fixtures = new Fixtures($this->whmcs);
    }

    protected function tearDown(): void
    {
        $left = array_map(static fn (Violation $one): string => $one->message, $this->breaches());
        self::assertSame([], $left, 'The module broke the contract in a place no call reported.');
    }

    /** A server, a product, a client and a service of a module. @return array{server: int, product: int, client: int, service: int} */
    protected function scenario(string $module, array $server = [], array $settings = [], array $service = [], array $product = []): array
    {
        $ids = ['server' => $this->fixtures->addServer($server + ['type' => $module, 'ipaddress' => '192.0.2.1', 'username' => 'api', 'password' => 'secret'])];
        $ids['product'] = $this->fixtures->addProduct($product, $module, $settings);
        $ids['client'] = $this->fixtures->addClient(['email' => 'ann@example.test', 'password' => 'secret']);
        $ids['service'] = $this->fixtures->addService($service + ['userid' => $ids['client'], 'packageid' => $ids['product'], 'server' => $ids['server'], 'username' => 'ann']);
        return $ids;
    }

    /** Runs a lifecycle function with all its effects. @return string 'success' or the error text */
    protected function lifecycle(string $function, int $service, array $params = [], int $addon = 0): string
    {
        return $this->strictly((new Lifecycle($this->whmcs))->run($function, $service, $addon, $params)->text(...));
    }

    protected function adminButton(string $function, int $service): string
    {
        $result = (new Lifecycle($this->whmcs))->custom($function, $service, 'admin');
        return $this->strictly($result->text(...));
    }

    /** Posts a custom function as the client does; the page it leads to. */
    protected function clientButton(string $function, int $service, array $post = []): ClientPage
    {
        return $this->clientPage($service, [], ['id' => (string) $service, 'modop' => 'custom', 'a' => $function, 'token' => Token::value()] + $post);
    }

    protected function clientPage(int $service, array $get = [], array $post = [], ?string $theme = null): ClientPage
    {
        $_SESSION['uid'] = (int) Capsule::table('tblhosting')->where('id', $service)->value('userid');
        $_GET = ['action' => 'productdetails', 'id' => (string) $service] + $get;
        $_POST = $post;
        $_REQUEST = $post + $_GET;
        $_SERVER['REQUEST_METHOD'] = $post === [] ? 'GET' : 'POST';
        $page = ClientPage::productDetails($service, $theme);
        $this->throwBreaches();
        return $page;
    }

    /** Calls a function and nothing around it: for a service, a server, or with arguments of your own. */
    protected function call(string $function, ?int $service = null, ?int $server = null, ?array $arguments = null, ?string $module = null): mixed
    {
        $builder = new Params($this->whmcs);
        if ($arguments === null) {
            $arguments = [$service !== null ? $builder->forService($service, $function) : $builder->forServer((int) $server, $function)];
        }
        $module ??= $arguments[0]['moduletype'] ?? (string) Capsule::table('tblservers')->where('id', $server)->value('type');
        $outcome = $this->whmcs->modules->get($module)->call($function, $arguments);
        return $this->strictly($outcome->orThrow(...));
    }

    protected function cron(string $mode = 'daily', ?string $task = null): array
    {
        $report = (new Cron($this->whmcs))->run($mode, $task);
        $this->throwBreaches();
        return $report;
    }

    protected function module(string $name): Module
    {
        return $this->whmcs->modules->get($name);
    }

    protected function service(int $id): object
    {
        $row = Capsule::table('tblhosting')->find($id);
        $row->password = decrypt($row->password);
        return $row;
    }

    /** @return list<object> */
    protected function mails(): array
    {
        return Capsule::table('standin_mails')->orderBy('id')->get()->all();
    }

    /** Untolerated violations since the last question. @return list<Violation> */
    protected function breaches(): array
    {
        return array_values(array_filter($this->whmcs->takeViolations(), static fn (Violation $one): bool => !$one->tolerated));
    }

    protected function throwBreaches(): void
    {
        $breaches = $this->breaches();
        if ($breaches !== []) {
            throw new ContractViolation($breaches);
        }
    }

    private function strictly(callable $body): mixed
    {
        try {
            return $body();
        } catch (ContractViolation $violation) {
            $this->whmcs->takeViolations();
            throw $violation;
        }
    }
}
