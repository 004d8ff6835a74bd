<?php

declare(strict_types=1);

namespace MikrotikVpn\Tests\Module;

use MikrotikVpn\Tests\LedgerTestCase;
use WHMCS\Database\Capsule;

/** The notice of little traffic left, and the outbox both mails go through. */
final class NoticeTest extends LedgerTestCase
{
    public function testACrossingSendsOneNoticeAndAGrantArmsTheNext(): void
    {
        $this->create();
        $this->consume(7 * self::MB);
        self::assertSame(0, $this->mails('Little left'));
        $this->consume(self::MB + self::MB / 2);
        $this->consume(1);
        self::assertSame(1, $this->mails('Little left'));
        $this->whmcs->renew($this->service);
        $this->collect();
        self::assertSame(1, $this->mails('Little left'));
        $this->consume(10 * self::MB);
        self::assertSame(2, $this->mails('Little left'));
    }

    public function testACollectionThatFindsBothThresholdAndEndSendsOnlyTheMailAboutTheEnd(): void
    {
        $this->create();
        $this->consume(18 * self::MB);
        $this->collect();
        self::assertSame([1, 0], [$this->mails('Used up'), $this->mails('Little left')]);
        $this->whmcs->renew($this->service);
        $this->collect();
        self::assertSame([1, 0], [$this->mails('Used up'), $this->mails('Little left')], '2 MB left: the notice counts as done');
    }

    public function testANoticeThatStillWaitsGoesNoMoreOnceTheTrafficIsUsedUp(): void
    {
        $this->create();
        $this->switchOff('Little left', true);
        $this->consume(9 * self::MB);
        $this->switchOff('Little left', false);
        $this->consume(2 * self::MB);
        self::assertSame([1, 0], [$this->mails('Used up'), $this->mails('Little left')]);
    }

    public function testAMailSaysWhatTheProductDocuments(): void
    {
        $this->create();
        $this->consume(9 * self::MB);
        $mail = Capsule::table('standin_mails')->where('template', 'Little left')->where('relid', $this->service)->first();
        $fields = json_decode($mail->mergefields, true);
        self::assertSame($this->username(), $fields['username']);
        self::assertSame('0.00', $fields['traffic_balance_gb']);
        self::assertSame('0.00', $fields['notification_traffic_remainder']);
        self::assertSame('0.01', $fields['traffic_billingcycle_gb']);
    }

    public function testAMailThatFailsIsTriedAgainAndBlocksNothing(): void
    {
        $this->create();
        $this->switchOff('Little left', true);
        $this->consume(9 * self::MB);
        self::assertSame(0, $this->mails('Little left'));
        self::assertSame(self::MB, $this->balance(), 'the collection went on');
        self::assertStringContainsString('Template is disabled', $this->remarks());
        $this->switchOff('Little left', false);
        $this->collect();
        $this->collect();
        self::assertSame(1, $this->mails('Little left'));
        self::assertSame(0, Capsule::table('mod_mikrotikvpn_mails')->where('service_id', $this->service)->count());
    }

    public function testAMailIsNotSentTwiceBecauseTheRouterFailedLater(): void
    {
        $this->create();
        $this->router->fault([
            'when' => ['menu' => '/queue/simple', 'command' => 'reset-counters', 'times' => 1],
            'effect' => ['kind' => 'error', 'status' => 400, 'detail' => 'failure: busy'],
        ]);
        $this->router->connect($this->username());
        $this->router->traffic($this->username(), 11 * self::MB);
        self::assertStringContainsString('busy', $this->whmcs->collect($this->server));
        self::assertSame('true', $this->secret()['disabled'], 'capped in that very collection');
        $this->collect();
        self::assertSame([1, 0], [$this->mails('Used up'), $this->mails('Little left')]);
    }

    public function testAMailThatIsTrueNoLongerIsTakenBack(): void
    {
        $this->create();
        $this->switchOff('Used up', true);
        $this->consume(11 * self::MB);
        $this->switchOff('Used up', false);
        $this->whmcs->renew($this->service);
        $this->collect();
        self::assertSame(0, $this->mails('Used up'));
    }

    public function testWithoutATemplateTheAdminIsTold(): void
    {
        $this->settings([13 => '', 15 => '']);
        $this->create();
        $this->consume(11 * self::MB);
        self::assertStringContainsString('Notice e-mail', $this->remarks());
        self::assertStringContainsString('Suspension e-mail', $this->remarks());
        self::assertSame('true', $this->secret()['disabled']);
    }

    private function switchOff(string $template, bool $off): void
    {
        Capsule::table('tblemailtemplates')->where('name', $template)->update(['disabled' => (int) $off]);
    }
}
