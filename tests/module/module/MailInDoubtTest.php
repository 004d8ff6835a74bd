<?php

declare(strict_types=1);

namespace MikrotikVpn\Tests\Module;

use MikrotikVpn\Tests\LedgerTestCase;
use MikrotikVpn\Tests\Panel;
use WHMCS\Database\Capsule;

/** A process ended while WHMCS sent a mail: whether it went is an admin's question, and nothing is sent twice by itself. */
final class MailInDoubtTest extends LedgerTestCase
{
    private const LABEL = 'E-mail in doubt';

    protected function setUp(): void
    {
        parent::setUp();
        $this->create();
    }

    public function testItIsShownAndNotSentByItself(): void
    {
        self::assertNull($this->panel()->value(self::LABEL));
        $this->leaveMailInDoubt('Used up');
        $this->collect();
        self::assertSame(0, $this->mails('Used up'));
        self::assertStringContainsString('Whether the e-mail "Used up" about service', (string) $this->panel()->value(self::LABEL));
    }

    public function testItIsSentAgainOnceHoweverOftenThePageIsSaved(): void
    {
        $mail = $this->leaveMailInDoubt('Used up');
        self::assertSame(['mikrotikvpn[mail_again]', (string) $mail], $this->panel()->choices()['Send again']);
        $this->save(['mail_again' => (string) $mail]);
        $this->save(['mail_again' => (string) $mail]);
        $this->collect();
        self::assertSame(1, $this->mails('Used up'));
        self::assertNull($this->panel()->value(self::LABEL));
        self::assertStringContainsString('was sent again', implode("\n", $this->whmcs->activityLog()));
    }

    public function testItIsForgotten(): void
    {
        $mail = $this->leaveMailInDoubt('Used up');
        [$name, $value] = $this->panel()->choices()['Do not send'];
        self::assertSame(['mikrotikvpn[mail_never]', (string) $mail], [$name, $value]);
        $this->save(['mail_never' => $value]);
        $this->collect();
        self::assertSame(0, $this->mails('Used up'));
        self::assertSame(0, Capsule::table('mod_mikrotikvpn_mails')->where('id', $mail)->count());
    }

    public function testAMailOfAnotherServiceOrOneUnderWayIsNotTouched(): void
    {
        $mail = $this->leaveMailInDoubt('Used up');
        Capsule::table('mod_mikrotikvpn_mails')->where('id', $mail)->update(['claimed_at' => Capsule::raw('UTC_TIMESTAMP()')]);
        $this->save(['mail_again' => (string) $mail]);
        $this->save(['mail_never' => (string) $mail]);
        Capsule::table('mod_mikrotikvpn_mails')->where('id', $mail)->update([
            'claimed_at' => Capsule::raw('UTC_TIMESTAMP() - INTERVAL 1 HOUR'), 'service_id' => $this->service + 1_000,
        ]);
        $this->save(['mail_again' => (string) $mail]);
        self::assertSame(7, (int) Capsule::table('mod_mikrotikvpn_mails')->where('id', $mail)->value('claim'));
        self::assertNull($this->panel()->value(self::LABEL));
        Capsule::table('mod_mikrotikvpn_mails')->where('id', $mail)->delete();
    }

    private function panel(): Panel
    {
        return new Panel($this->whmcs->callForService('AdminServicesTabFields', $this->service));
    }

    /** @param array<string, string> $form */
    private function save(array $form): void
    {
        $_POST = ['mikrotikvpn' => $form, 'domainstatus' => 'Active'];
        $this->whmcs->callForService('AdminServicesTabFieldsSave', $this->service);
        $_POST = [];
    }
}
