<?php

declare(strict_types=1);

namespace WhmcsStandIn\Tests;

use WHMCS\Database\Capsule;
use WhmcsStandIn\Failure;
use WhmcsStandIn\ModuleCheck;
use WhmcsStandIn\ModuleSettings;
use WhmcsStandIn\Refused;

/** Every misbehaviour of a module is caught, and told in a clear sentence. */
final class MisbehaviourTest extends HostTestCase
{
    /** @return array<string, array{0: string, 1: string, 2: string}> */
    public static function faults(): array
    {
        return [
            'output' => ['echo', 'output', 'printed output: "debug"'],
            'a notice' => ['notice', 'warning', 'nosuchkey'],
            'a deprecation' => ['deprecated', 'deprecated', 'strlen'],
            'null returned' => ['null', 'return', 'returned null'],
            'true returned' => ['true', 'return', 'returned true'],
            'an array returned' => ['array', 'return', 'returned an array'],
            'an empty string' => ['empty', 'return', 'empty string'],
            'an exception' => ['throw', 'exception', 'RuntimeException: router on fire'],
            'a type error' => ['typeerror', 'exception', 'TypeError'],
            'an undefined function' => ['fatal', 'exception', 'undefined function'],
            'an open transaction' => ['transaction', 'transaction', 'transaction open'],
            'closed buffers' => ['buffers', 'output', 'closed output buffers'],
            'an unknown API command' => ['unknowncommand', 'api', "localAPI('SendMail')"],
            'a misspelt API parameter' => ['misspelt', 'api', "'serviceId'"],
            'a response type' => ['responsetype', 'api', 'responsetype'],
            'an object in customvars' => ['objectvar', 'api', 'object'],
            'a TEXT column left out' => ['omittedcolumn', 'exception', 'default value'],
        ];
    }

    /** @dataProvider faults */
    #[\PHPUnit\Framework\Attributes\DataProvider('faults')]
    public function testACreateThatMisbehavesFailsAndLeavesTheServicePending(string $fault, string $kind, string $words): void
    {
        $ids = $this->scenario('misbehaving', [], [1 => $fault]);
        $this->assertViolation($kind, $words, fn () => $this->lifecycle('CreateAccount', $ids['service']));
        self::assertSame('Pending', $this->service($ids['service'])->domainstatus);
        self::assertSame(1, Capsule::table('tblmodulequeue')->where('module_action', 'CreateAccount')->count());
        self::assertSame(0, Capsule::connection()->transactionLevel());
    }

    public function testOnlyTheExactWordIsSuccess(): void
    {
        $ids = $this->scenario('misbehaving', [], [1 => 'Success']);
        self::assertSame('Success', $this->lifecycle('CreateAccount', $ids['service']));
        self::assertSame('Pending', $this->service($ids['service'])->domainstatus);
    }

    public function testASilencedNoticeIsNoViolation(): void
    {
        $ids = $this->scenario('misbehaving', [], [1 => 'quiet']);
        self::assertSame('success', $this->lifecycle('CreateAccount', $ids['service']));
    }

    public function testAPlainTextPasswordReadsBackAsNothing(): void
    {
        $ids = $this->scenario('misbehaving', [], [1 => 'plainpassword'], ['password' => 'secret']);
        $this->lifecycle('CreateAccount', $ids['service']);
        self::assertSame('', $this->service($ids['service'])->password);
    }

    public function testExitInAModuleCallEndsTheCommandWithASentence(): void
    {
        $ids = $this->scenario('misbehaving', [], [1 => 'exit']);
        [$code, $answer, $error] = $this->cli('run', 'CreateAccount', '--service', (string) $ids['service']);
        self::assertSame(3, $code);
        self::assertSame('bye', $answer['output']);
        self::assertStringContainsString('misbehaving_CreateAccount() ended the process', $error);
    }

    public function testWrongReturnTypesOfOtherFunctionsAreCaught(): void
    {
        $ids = $this->scenario('misbehaving');
        $this->assertViolation('return', "'success' and 'error'", fn () => $this->call('TestConnection', server: $ids['server']));
        $this->assertViolation('return', 'label => HTML', fn () => $this->call('AdminServicesTabFields', service: $ids['service']));
        $this->assertViolation('output', 'printed output', fn () => $this->call('LoginLink', service: $ids['service']));
        $this->assertViolation('return', 'ProviderInterface', fn () => $this->call('MetricProvider', server: $ids['server']));
        $this->assertViolation('return', 'label => function', fn () => $this->call('AdminCustomButtonArray', service: $ids['service']));
        $this->assertViolation('return', 'label => function', fn () => $this->call('ClientAreaAllowedFunctions', service: $ids['service']));
    }

    public function testAnExceptionInUsageUpdateAbortsTheCron(): void
    {
        $this->scenario('misbehaving');
        $this->assertViolation('exception', 'usage on fire', fn () => $this->cron());
        self::assertSame(0, Capsule::table('standin_metrics')->count());
    }

    public function testAFunctionOutsideTheAllowListIsRefused(): void
    {
        $ids = $this->scenario('samplevpn');
        $this->expectException(Refused::class);
        $this->adminButton('Reconnect', $ids['service']);
    }

    /** @return array<string, array{0: string, 1: string, 2: string}> */
    public static function pages(): array
    {
        return [
            'null' => ['', 'return', 'returned null'],
            'no template named' => ['notemplate', 'return', 'names no template'],
            'a template outside the module' => ['outside', 'return', "not in the module's folder"],
            'a template that does not compile' => ['syntax', 'exception', 'SmartyCompilerException'],
            'a PHP function the policy forbids' => ['phpfunction', 'exception', 'system'],
        ];
    }

    /** @dataProvider pages */
    #[\PHPUnit\Framework\Attributes\DataProvider('pages')]
    public function testAClientAreaThatMisbehavesIsCaught(string $fault, string $kind, string $words): void
    {
        $ids = $this->scenario('misbehaving', [], [1 => $fault]);
        $this->assertViolation($kind, $words, fn () => $this->clientPage($ids['service']));
    }

    public function testAnUnknownTemplateVariableIsSilentAsInWhmcs(): void
    {
        $ids = $this->scenario('misbehaving', [], [1 => 'unknownvariable']);
        self::assertStringContainsString('<p>.</p>', $this->clientPage($ids['service'])->moduleOutput());
    }

    public function testMoreThan24SettingsUnknownTypesAndNoConfigOptionsAreRefused(): void
    {
        $this->assertViolation('settings', '25 settings', fn () => $this->settings('toomany'));
        $this->assertViolation('settings', "the string \"number\"", fn () => $this->settings('badtype'));
        $this->assertViolation('settings', 'does not define ConfigOptions', fn () => $this->settings('noconfig'));
    }

    public function testWrongMetaDataIsCaught(): void
    {
        $this->assertViolation('return', 'RequiresServer', fn () => $this->module('badtype')->metaData());
    }

    public function testALoaderMustGiveAnArray(): void
    {
        $this->scenario('misbehaving');
        $this->assertViolation('return', 'value => label', fn () => (new ModuleSettings($this->whmcs, $this->module('misbehaving')))->load(1, 0));
    }

    public function testOutputWhileLoadingIsCaught(): void
    {
        $this->assertViolation('output', 'stray byte', fn () => $this->module('noisy')->load());
    }

    public function testHooksThatNeedTheMainFileFailTheLoadingCheck(): void
    {
        $report = array_column((new ModuleCheck($this->whmcs, 'eagerhooks'))->run(), null, 'check');
        $this->whmcs->takeViolations();
        self::assertFalse($report['hooks.php loads alone']['ok']);
        self::assertStringContainsString('undefined function eagerhooks_points()', $report['hooks.php loads alone']['complaint']);
        self::assertTrue($report['the main file loads alone']['ok']);
    }

    public function testAModuleThatIsNotThereIsASentence(): void
    {
        $this->expectException(Failure::class);
        $this->expectExceptionMessage("'nosuch' was not found");
        $this->module('nosuch');
    }

    private function settings(string $module): void
    {
        (new ModuleSettings($this->whmcs, $this->module($module)))->fields();
    }
}
