<?php

declare(strict_types=1);

namespace MikrotikVpn\Tests\Module;

use MikrotikVpn\Tests\LedgerTestCase;
use MikrotikVpn\Tests\Statements;
use WHMCS\Database\Capsule;
use WHMCS\Module\AbstractWidget;

/** The admin dashboard's routers: from our own books, in a few statements. */
final class WidgetTest extends LedgerTestCase
{
    public function testItShowsWhatTheLastCollectionSaw(): void
    {
        Capsule::table('tblservers')->where('id', $this->server)->update(['name' => '<b>Vienna</b>']);
        $this->create();
        self::assertStringContainsString('Not collected yet', $this->row());
        $this->router->connect($this->username());
        $this->collect();
        $row = $this->row();
        self::assertStringContainsString('&lt;b&gt;Vienna&lt;/b&gt;', $row);
        $text = trim((string) preg_replace('/\s+/', ' ', strip_tags(str_replace('<td', ' <td', $row))));
        self::assertMatchesRegularExpression('~^&lt;b&gt;Vienna&lt;/b&gt; Reachable 7\.[\w. ()]+ 1 1 \d+ \w+ 20\d\d, \d\d:\d\d$~', $text);
    }

    public function testItTakesAFewStatementsAndNoRequest(): void
    {
        $this->create();
        $this->collect();
        $widget = $this->widget();
        $this->router->resetStats();
        self::assertSame(['Com_select' => 4], Statements::of(static fn () => $widget->render()));
        self::assertSame(0, $this->router->stats()['total']);
    }

    public function testCappedAccountsAreCountedFromMidnight(): void
    {
        $before = $this->widget()->getData();
        $this->create();
        $this->consume(11 * self::MB);
        $data = $this->widget()->getData();
        self::assertSame([$before['capped_today'] + 1, $before['capped'] + 1], [$data['capped_today'], $data['capped']]);
        Capsule::table('mod_mikrotikvpn_accounts')->where('service_id', $this->service)->update(['capped_at' => Capsule::raw('capped_at - INTERVAL 25 HOUR')]);
        $data = $this->widget()->getData();
        self::assertSame([$before['capped_today'], $before['capped'] + 1], [$data['capped_today'], $data['capped']]);
    }

    public function testARouterThatFailedSaysWhyAndKeepsWhatWasSeen(): void
    {
        $this->create();
        $this->collect();
        $version = $this->router()['version'];
        self::assertNotSame('', $version);
        $this->router->stop();
        $this->whmcs->collect($this->server);
        $router = $this->router();
        self::assertSame(['failed', $version], [$router['state'], $router['version']]);
        self::assertNotNull($router['collected_at']);
        self::assertStringContainsString('The router 127.0.0.1:', $this->row());
    }

    public function testRemarksOfTheLastCollectionAreShown(): void
    {
        $this->create();
        $this->router->exec('/queue/simple/remove', ['numbers' => $this->username()]);
        $this->collect();
        self::assertStringContainsString("Service {$this->service} has no queue on the router", $this->widget()->render());
    }

    public function testAnEmailThatMayNotHaveGoneIsShownWithTheWayToItsService(): void
    {
        $this->create();
        $this->leaveMailInDoubt('Used up');
        $html = $this->widget()->render();
        self::assertStringContainsString("about service {$this->service} went out is not known", $html);
        self::assertStringContainsString("clientsservices.php?id={$this->service}", $html);
        Capsule::table('mod_mikrotikvpn_mails')->where('service_id', $this->service)->delete();
        self::assertStringNotContainsString("about service {$this->service} went out", $this->widget()->render());
    }

    public function testItIsThereBeforeTheTablesAre(): void
    {
        $tables = array_map('current', json_decode((string) json_encode(Capsule::select("SHOW TABLES LIKE 'mod\\_mikrotikvpn\\_%'")), true));
        foreach ($tables as $table) {
            Capsule::statement("DROP TABLE $table");
        }
        self::assertSame('unknown', $this->router()['state']);
    }

    private function widget(): AbstractWidget
    {
        $widgets = array_values(array_filter(run_hook('AdminHomeWidgets'), static fn ($one): bool => $one->getId() === 'MikrotikVpnRouters'));
        self::assertCount(1, $widgets);
        return $widgets[0];
    }

    private function router(): array
    {
        return array_column($this->widget()->getData()['routers'], null, 'id')[$this->server];
    }

    /** The row of this test's router. */
    private function row(): string
    {
        preg_match_all('~<tr>.*?(?=<tr>|</tbody>)~s', $this->widget()->render(), $rows);
        $rows = array_values(array_filter($rows[0], fn (string $row): bool => str_contains($row, "id={$this->server}\"")));
        return $rows[0];
    }
}
