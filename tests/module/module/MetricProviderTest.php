<?php

declare(strict_types=1);

namespace MikrotikVpn\Tests\Module;

use MikrotikVpn\Tests\TestCase;
use WHMCS\Database\Capsule;
use WHMCS\UsageBilling\Contracts\Metrics\MetricInterface;
use WHMCS\UsageBilling\Contracts\Metrics\ProviderInterface;

/** The object WHMCS asks for usage metrics; what WHMCS makes of its values is in CalendarTest. */
final class MetricProviderTest extends TestCase
{
    protected function tearDown(): void
    {
        if (Capsule::schema()->hasTable('hidden_months')) {
            Capsule::schema()->drop('mod_mikrotikvpn_traffic_monthly');
            Capsule::schema()->rename('hidden_months', 'mod_mikrotikvpn_traffic_monthly');
        }
        parent::tearDown();
    }

    public function testTheListNeedsNoServerNoRouterAndNoDatabase(): void
    {
        foreach ([[], ['server' => false, 'serverid' => 0], ['serverid' => 4711]] as $params) {
            $metrics = $this->provider($params)->metrics();
            self::assertSame(['download', 'upload', 'total'], array_map(static fn ($metric) => $metric->systemName(), $metrics));
            foreach ($metrics as $metric) {
                self::assertSame(MetricInterface::TYPE_PERIOD_MONTH, $metric->type());
                self::assertSame('GB', $metric->units()->suffix());
                self::assertNull($metric->usage());
            }
        }
    }

    public function testEveryAccountOfTheServerIsReportedAndNoOther(): void
    {
        [$server, $services] = $this->accounts(3);
        $names = array_map(fn (int $service) => $this->whmcs->row($service)->username, $services);
        $this->whmcs->suspend($services[1]);
        $this->router->connect($names[0]);
        $this->router->traffic($names[0], 3 << 30, 1 << 29);
        $this->router->advance(3_600);
        self::assertSame('success', $this->whmcs->collect($server));
        $this->router->stop();

        $provider = $this->provider(['serverid' => $server]);
        $values = array_map($this->values(...), $provider->usage());
        self::assertSame([
            $names[0] => ['download' => 3.0, 'upload' => 0.5, 'total' => 3.5],
            $names[1] => ['download' => 0.0, 'upload' => 0.0, 'total' => 0.0],
            $names[2] => ['download' => 0.0, 'upload' => 0.0, 'total' => 0.0],
        ], $values);
        self::assertSame($values[$names[0]], $this->values($provider->tenantUsage($names[0])));
        self::assertSame($values[$names[2]], $this->values($provider->tenantUsage($names[2])));
        foreach (['nobody', '', "' OR 1=1 -- ", null] as $tenant) {
            self::assertSame([], $provider->tenantUsage($tenant));
        }
        self::assertSame([], $this->provider(['serverid' => 4711])->tenantUsage($names[0]));
    }

    public function testWhatAnEndedServiceUsedIsReportedUntilWhmcsHasHeardOfIt(): void
    {
        [$server, $services] = $this->accounts(2);
        [$ended, $living] = array_map(fn (int $service) => $this->whmcs->row($service)->username, $services);
        $this->router->connect($ended);
        $provider = $this->provider(['serverid' => $server]);
        $provider->usage();
        $this->router->traffic($ended, 10 << 30);
        $this->router->advance(3_600);
        self::assertSame('success', $this->whmcs->terminate($services[0]));
        self::assertSame(10.0, $this->values($provider->usage()[$ended])['total']);
        self::assertSame([$living], array_keys($provider->usage()), 'it was told of');
        self::assertSame([], $provider->tenantUsage($ended));
    }

    public function testTheNameOfAnEndedServiceIsTheLivingOnes(): void
    {
        [$server, $services] = $this->accounts(2);
        $name = $this->whmcs->row($services[0])->username;
        $this->router->connect($name);
        $this->router->traffic($name, 1 << 30);
        $this->router->advance(3_600);
        self::assertSame('success', $this->whmcs->terminate($services[0]));
        Capsule::table('tblhosting')->where('id', $services[1])->update(['username' => $name]);
        self::assertSame(0.0, $this->values($this->provider(['serverid' => $server])->usage()[$name])['total']);
    }

    public function testNoExceptionLeavesItAndNoValueIsMadeUp(): void
    {
        [$server, [$service]] = $this->accounts(1);
        $name = $this->whmcs->row($service)->username;
        Capsule::schema()->rename('mod_mikrotikvpn_traffic_monthly', 'hidden_months');
        Capsule::statement('CREATE TABLE mod_mikrotikvpn_traffic_monthly (unexpected INT)');
        $provider = $this->provider(['serverid' => $server]);
        self::assertSame([], $provider->usage());
        self::assertSame([], $provider->tenantUsage($name));
        self::assertCount(3, $provider->metrics());
        $log = $this->whmcs->activityLog();
        self::assertStringContainsString("usage of server $server cannot be told", end($log));
    }

    private function provider(array $params): ProviderInterface
    {
        return $this->whmcs->installation->modules->get('mikrotikvpn')->call('MetricProvider', [$params])->orThrow();
    }

    /** @param list<MetricInterface> $metrics @return array<string, float> */
    private function values(array $metrics): array
    {
        $values = [];
        foreach ($metrics as $metric) {
            $values[$metric->systemName()] = $metric->usage()->value();
        }
        return $values;
    }

    /** @return array{int, list<int>} server and services */
    private function accounts(int $count): array
    {
        $server = $this->whmcs->server($this->startRouter());
        $product = $this->whmcs->product();
        $services = [];
        for ($number = 0; $number < $count; $number++) {
            $services[] = $service = $this->whmcs->service($this->whmcs->client(), $product, $server);
            self::assertSame('success', $this->whmcs->create($service));
        }
        return [$server, $services];
    }
}
