<?php

declare(strict_types=1);

namespace WhmcsStandIn\Tests;

use WHMCS\Database\Capsule;

/** localAPI and mails. */
final class ApiAndMailTest extends HostTestCase
{
    public function testCustomVarsMayBeAnArrayOrSerialized(): void
    {
        $ids = $this->scenario('samplevpn');
        $this->fixtures->addEmailTemplate('Notice', 'S {$left}', '<p>{$left} GB for {$service_username}</p>');
        foreach ([['left' => 5], base64_encode(serialize(['left' => 6]))] as $variables) {
            self::assertSame('success', localAPI('SendEmail', ['messagename' => 'Notice', 'id' => $ids['service'], 'customvars' => $variables])['result']);
        }
        self::assertSame(['<p>5 GB for ann</p>', '<p>6 GB for ann</p>'], array_column($this->mails(), 'message'));
        self::assertSame('ann@example.test', $this->mails()[0]->recipient);
    }

    public function testSendEmailFailsAsDocumented(): void
    {
        $ids = $this->scenario('samplevpn');
        $this->fixtures->addEmailTemplate('Empty', 'S', '{if $nobody}text{/if}');
        $this->fixtures->addEmailTemplate('Broken', 'S', '<p>{if}</p>');
        $this->fixtures->addEmailTemplate('Fine', 'S', '<p>x</p>');
        $send = static fn (array $values): array => localAPI('SendEmail', $values + ['id' => $ids['service']]);
        self::assertSame('error', $send(['messagename' => 'No such'])['result']);
        self::assertStringContainsString('empty', $send(['messagename' => 'Empty'])['message']);
        self::assertStringContainsString('empty', $send(['messagename' => 'Broken'])['message']);
        self::assertSame('error', localAPI('SendEmail', ['messagename' => 'Fine', 'id' => 999])['result']);
        self::assertSame('error', localAPI('SendEmail', ['messagename' => 'Fine'])['result']);
        add_hook('EmailPreSend', 1, static fn (array $vars): array => ['abortsend' => $vars['messagename'] === 'Fine']);
        self::assertSame('error', $send(['messagename' => 'Fine'])['result']);
        self::assertSame([], $this->mails());
    }

    public function testAHookAddsMergeFields(): void
    {
        $ids = $this->scenario('samplevpn');
        $this->fixtures->addEmailTemplate('Notice', 'S', '<p>{$extra}</p>');
        add_hook('EmailPreSend', 1, static fn (array $vars): array => ['extra' => 'relid ' . $vars['relid']]);
        localAPI('SendEmail', ['messagename' => 'Notice', 'id' => $ids['service']]);
        self::assertSame('<p>relid ' . $ids['service'] . '</p>', $this->mails()[0]->message);
    }

    public function testAdHocMailsAndTemplateLists(): void
    {
        $ids = $this->scenario('samplevpn');
        localAPI('SendEmail', ['customtype' => 'general', 'customsubject' => 'Hi', 'custommessage' => '<p>{$client_name}</p>', 'id' => $ids['client']]);
        self::assertCount(1, $this->mails());
        $names = array_column(localAPI('GetEmailTemplates', ['type' => 'product'])['emailtemplates']['emailtemplate'], 'name');
        self::assertContains('Other Product/Service Welcome Email', $names);
    }

    public function testUpdateClientProductChangesTheRecordOnly(): void
    {
        $ids = $this->scenario('samplevpn', [], [], ['domainstatus' => 'Active']);
        localAPI('UpdateClientProduct', ['serviceid' => $ids['service'], 'servicepassword' => 'plain', 'status' => 'Suspended', 'bwusage' => 5]);
        $service = $this->service($ids['service']);
        self::assertSame(['plain', 'Suspended', 5], [$service->password, $service->domainstatus, $service->bwusage]);
        $product = localAPI('GetClientsProducts', ['serviceid' => $ids['service']])['products']['product'][0];
        self::assertSame(['plain', 'ann'], [$product['password'], $product['username']]);
    }

    public function testModuleCustomKeepsTheAllowList(): void
    {
        $ids = $this->scenario('samplevpn');
        self::assertSame('success', localAPI('ModuleCustom', ['serviceid' => $ids['service'], 'func_name' => 'ResetConnection'])['result']);
        self::assertSame('error', localAPI('ModuleCustom', ['serviceid' => $ids['service'], 'func_name' => 'Reconnect'])['result']);
    }

    public function testTheModuleLogMasksValuesAndIsOffWithoutDebugMode(): void
    {
        logModuleCall('m', 'a', ['p' => 'hunter2', 'q' => 'a&b c'], 'hunter2', '', ['hunter2', 'a&b c']);
        $row = Capsule::table('tblmodulelog')->first();
        self::assertStringNotContainsString('hunter2', $row->request . $row->response);
        \WHMCS\Config\Setting::setValue('ModuleDebugMode', '');
        logModuleCall('m', 'a', 'x', 'y');
        self::assertSame(1, Capsule::table('tblmodulelog')->count());
    }
}
