<?php

declare(strict_types=1);

namespace MikrotikVpn\Tests\Module;

use MikrotikVpn\Tests\Build;
use MikrotikVpn\Tests\LedgerTestCase;
use MikrotikVpn\Tests\Statements;
use WHMCS\Database\Capsule;
use WhmcsStandIn\Web\EmailTemplates;

/** The e-mail templates an admin begins with, and our merge fields in WHMCS's own mails. */
final class MailTextsTest extends LedgerTestCase
{
    private const NOTICE = 'MikroTik VPN Traffic Notice';
    private const SUSPENSION = 'MikroTik VPN Traffic Used Up';
    private const NAMES = [self::NOTICE, self::SUSPENSION];

    protected function setUp(): void
    {
        parent::setUp();
        Capsule::table('tblemailtemplates')->whereIn('name', self::NAMES)->orWhere('language', '<>', '')->delete();
        Capsule::table('mod_mikrotikvpn_templates')->delete();
    }

    protected function tearDown(): void
    {
        @unlink($this->german());
        @rmdir(dirname($this->german()));
        Capsule::table('tblemailtemplates')->where('language', '<>', '')->delete();
        parent::tearDown();
    }

    public function testBothAreMadeOnceInEnglish(): void
    {
        $this->openTab();
        $this->openTab();
        $rows = $this->templates();
        self::assertSame([[self::NOTICE, ''], [self::SUSPENSION, '']], array_map(static fn (object $row): array => [$row->name, $row->language], $rows));
        self::assertSame(['product', 1, 0], [$rows[0]->type, (int) $rows[0]->custom, (int) $rows[0]->disabled]);
        self::assertStringContainsString('{$notification_traffic_remainder} GB or less', $rows[0]->message);
        foreach ($rows as $row) {
            self::assertStringContainsString('<p>Dear {$client_name},</p>', $row->message);
            self::assertStringContainsString('{$username}', $row->message);
            self::assertStringContainsString('{$traffic_billingcycle_gb} GB', $row->message);
            self::assertStringNotContainsString("'", $row->message);
        }
    }

    public function testTheyGoOutWithTheFiguresOfTheAccount(): void
    {
        $this->openTab();
        $this->settings([13 => self::NOTICE, 14 => '0.004', 15 => self::SUSPENSION]);
        $this->create();
        $this->consume(7 * self::MB);
        $this->consume(4 * self::MB);
        $mails = Capsule::table('standin_mails')->where('relid', $this->service)->orderBy('id')->get()->keyBy('template');
        self::assertSame(self::NAMES, $mails->keys()->all());
        self::assertSame('Your VPN traffic is running low', $mails[self::NOTICE]->subject);
        self::assertStringContainsString("account {$this->username()} has 0.00 GB", $mails[self::NOTICE]->message);
        self::assertStringContainsString('gives you 0.01 GB', $mails[self::SUSPENSION]->message);
        self::assertDoesNotMatchRegularExpression('/[{}$]/', $mails[self::NOTICE]->message . $mails[self::SUSPENSION]->message);
    }

    public function testWhatAnAdminEditedOrRemovedStaysSo(): void
    {
        $this->openTab();
        Capsule::table('tblemailtemplates')->where('name', self::NOTICE)->update(['subject' => 'Ours']);
        Capsule::table('tblemailtemplates')->where('name', self::SUSPENSION)->delete();
        $this->activate('german');
        $this->openTab();
        self::assertSame([[self::NOTICE, '', 'Ours'], [self::NOTICE, 'german', 'Wenig Datenvolumen']], array_map(
            static fn (object $row): array => [$row->name, $row->language, $row->subject],
            $this->templates()
        ));
    }

    public function testATemplateThatIsThereIsNotMadeASecondTime(): void
    {
        $this->whmcs->fixtures->addEmailTemplate(self::NOTICE, 'Mine', 'Mine');
        $this->openTab();
        self::assertSame(['Mine', 'Your VPN traffic is used up'], array_column($this->templates(), 'subject'));
    }

    public function testALanguageOfWhmcsIsTranslatedWhereWeHaveIt(): void
    {
        $this->activate('german');
        $this->activate('klingon');
        $this->openTab();
        self::assertSame(['', 'german', '', 'german'], array_column($this->templates(), 'language'));
        $client = $this->whmcs->client(['language' => 'german']);
        $service = $this->whmcs->service($client, $this->product, $this->server);
        $sent = localAPI('SendEmail', ['messagename' => self::NOTICE, 'id' => $service, 'customvars' => ['username' => 'ann']]);
        self::assertSame('success', $sent['result']);
        $mail = Capsule::table('standin_mails')->orderByDesc('id')->first();
        self::assertSame('Wenig Datenvolumen', $mail->subject);
        self::assertStringContainsString('Hallo ann', $mail->message);
    }

    public function testTwoProcessesAtOnceMakeOne(): void
    {
        $processes = [];
        for ($number = 0; $number < 4; $number++) {
            $processes[] = $this->whmcs->process(['configoptions', 'mikrotikvpn']);
        }
        foreach ($processes as $process) {
            self::assertSame(0, $process->code(), $process->errors());
        }
        self::assertSame(self::NAMES, array_column($this->templates(), 'name'));
    }

    public function testTheChoicesAreThoseOfWhmcsAndNone(): void
    {
        $this->openTab();
        $choices = $this->whmcs->callForServer('loadMailTemplates', $this->server);
        self::assertSame('None', $choices['']);
        self::assertSame(self::NAMES, array_values(array_intersect(array_keys($choices), self::NAMES)));
    }

    public function testTheWelcomeMailOfAServiceGetsOurFields(): void
    {
        $this->settings([16 => 'https://docs.example.test/?a=1&b=2', 17 => 'on', 18 => 'on', 19 => '<psk> & "more"', 23 => 'sstp = on']);
        Capsule::table('tblservers')->where('id', $this->server)->update(['hostname' => 'localhost']);
        $template = $this->welcome('{$vpn_server}|{$vpn_protocols}|{$vpn_l2tp_psk}|{$vpn_instruction_link}|{$service_username}');
        $this->create();
        $mail = Capsule::table('standin_mails')->where('template', $template)->where('relid', $this->service)->first();
        self::assertSame(
            'localhost|PPTP, L2TP/IPsec, SSTP|&lt;psk&gt; &amp; "more"|https://docs.example.test/?a=1&amp;b=2|' . $this->username(),
            $mail->message
        );
    }

    public function testOnlyAnActiveServicesMailHoldsTheKey(): void
    {
        $this->settings([18 => 'on', 19 => 'psk']);
        $this->create();
        $keys = ['Active' => 'psk', 'Pending' => '', 'Suspended' => '', 'Terminated' => '', 'Cancelled' => '', 'Fraud' => ''];
        foreach ($keys as $status => $key) {
            Capsule::table('tblhosting')->where('id', $this->service)->update(['domainstatus' => $status]);
            self::assertSame($key, $this->fieldsOf('Little left', $this->service)['vpn_l2tp_psk']);
        }
    }

    public function testMailsOfOthersAreLeftAlone(): void
    {
        $this->create();
        $other = $this->whmcs->service($this->whmcs->client(), $this->whmcs->fixtures->addProduct(['name' => 'Other'], '', [], false), 0);
        self::assertSame([], $this->fieldsOf('Little left', $other), 'a service of another module');
        $this->whmcs->fixtures->addEmailTemplate('An invoice', 'x', 'x', 'invoice');
        self::assertSame([], $this->fieldsOf('An invoice', $this->service), 'an invoice with the same number');
        self::assertSame([], $this->fieldsOf('', $this->service), 'a mail without a template');
        self::assertSame([], $this->fieldsOf('No such template', $this->service));
        self::assertSame(['Com_select' => 1], Statements::of(fn () => $this->fieldsOf('An invoice', 0x7fffffff)));
    }

    public function testTheEditorListsOurFieldsForProductTemplatesOnly(): void
    {
        $names = ['vpn_server', 'vpn_protocols', 'vpn_l2tp_psk', 'vpn_instruction_link'];
        self::assertSame($names, array_keys(EmailTemplates::mergeFields('product')));
        self::assertSame([], EmailTemplates::mergeFields('invoice'));
    }

    /** ConfigOptions, as WHMCS calls it whenever the Module Settings tab is shown or saved. */
    private function openTab(): void
    {
        $this->whmcs->installation->modules->get('mikrotikvpn')->call('ConfigOptions')->orThrow();
    }

    /** @return list<object> ours, by name and language */
    private function templates(): array
    {
        return Capsule::table('tblemailtemplates')->whereIn('name', self::NAMES)->orderBy('name')->orderBy('language')->get()->all();
    }

    /** The admin begins to write mails in another language, of which the module has words. */
    private function activate(string $language): void
    {
        $this->whmcs->fixtures->addEmailTemplate('Any mail', 'x', 'x', 'general', $language);
        if ($language === 'german') {
            @mkdir(dirname($this->german()));
            file_put_contents($this->german(), '<?php return ' . var_export([
                'mail_greeting' => "Hallo '{\$username}',",
                'mail_notice_subject' => 'Wenig Datenvolumen',
                'mail_suspension_subject' => 'Datenvolumen verbraucht',
            ], true) . ';');
        }
    }

    private function german(): string
    {
        return Build::root() . '/modules/servers/mikrotikvpn/lang/overrides/german.php';
    }

    private function welcome(string $message): string
    {
        $name = 'Welcome ' . bin2hex(random_bytes(4));
        $id = $this->whmcs->fixtures->addEmailTemplate($name, 'Welcome', $message);
        Capsule::table('tblproducts')->where('id', $this->product)->update(['welcomeemail' => $id]);
        return $name;
    }

    /** @return array<string, string> what the hooks add to a mail */
    private function fieldsOf(string $template, int $related): array
    {
        return array_merge([], ...run_hook('EmailPreSend', ['messagename' => $template, 'relid' => $related, 'mergefields' => []]));
    }
}
