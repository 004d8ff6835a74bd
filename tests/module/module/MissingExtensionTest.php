<?php

declare(strict_types=1);

namespace MikrotikVpn\Tests\Module;

use MikrotikVpn\Tests\Build;
use MikrotikVpn\Tests\Process;
use MikrotikVpn\Tests\TestCase;
use WHMCS\Module\Server\Mikrotikvpn\Extension;

/** The module in a PHP without the extension, or with another release of it. */
final class MissingExtensionTest extends TestCase
{
    private const EMPTY_ANSWERS = [
        'mikrotikvpn_AdminCustomButtonArray',
        'mikrotikvpn_ClientAreaAllowedFunctions',
        'mikrotikvpn_ClientAreaCustomButtonArray',
        'mikrotikvpn_AdminServicesTabFieldsSave',
        // An object without anything to show.
        'mikrotikvpn_MetricProvider',
    ];
    private const CLIENTS_READ = [
        'mikrotikvpn_ChangePassword',
        'mikrotikvpn_ClientArea',
        'mikrotikvpn_resetConnection',
    ];
    private const TEXTS = [
        'CreateAccount', 'SuspendAccount', 'UnsuspendAccount', 'TerminateAccount', 'ChangePassword', 'ChangePackage',
        'Renew', 'resetConnection', 'collectNow', 'checkRouter', 'UsageUpdate', 'ClientArea', 'AdminLink',
    ];

    public function testTheSameFunctionsExistWithAndWithoutTheExtension(): void
    {
        $with = Process::same([$this->script(), $this->main()])->json();
        $without = Process::bare([$this->script(), $this->main()])->json();
        self::assertCount(27, $with);
        self::assertSame($with, $without);
    }

    public function testEveryFunctionSaysWhichPhpLacksTheExtension(): void
    {
        $this->assertEachSays(Process::bare([$this->script(), $this->main(), 'call'])->json(), [
            'PHP ' . PHP_VERSION,
            'SAPI cli',
            PHP_ZTS ? ', thread-safe' : 'not thread-safe',
            'ini file none',
            'scan directory none',
            'extension=mikrotikvpn',
            (string) ini_get('extension_dir'),
        ]);
    }

    public function testTheSentenceNamesTheIniFilesOfThatPhp(): void
    {
        $ini = $this->temporaryFile("; empty\n", '.ini');
        $scanned = sys_get_temp_dir() . '/mikrotikvpn-' . bin2hex(random_bytes(6));
        mkdir($scanned);
        register_shutdown_function(static fn () => rmdir($scanned));
        $command = [PHP_BINARY, '-c', $ini, $this->script(), $this->main(), 'call'];
        $calls = (new Process($command, ['PHP_INI_SCAN_DIR' => $scanned]))->json();
        $this->assertEachSays($calls, ["ini file $ini", "scan directory $scanned", "file $scanned/mikrotikvpn.ini"]);
    }

    public function testEachAnswersInItsOwnShape(): void
    {
        $calls = Process::bare([$this->script(), $this->main(), 'call'])->json();
        $value = static fn (string $name) => $calls["mikrotikvpn_$name"][1];
        self::assertSame('threw RuntimeException', $calls['mikrotikvpn_loadProfiles'][0]);
        self::assertSame('threw RuntimeException', $calls['mikrotikvpn_loadMailTemplates'][0]);
        self::assertSame(['success', 'error'], array_keys($value('TestConnection')));
        self::assertFalse($value('TestConnection')['success']);
        self::assertSame(['missing'], array_keys($value('ConfigOptions')));
        self::assertStringContainsString('Do not save', $value('ConfigOptions')['missing']['Description']);
        self::assertTrue($value('MetaData')['RequiresServer'], 'the servers stay usable');
        self::assertSame('1.1', $value('MetaData')['APIVersion']);
        self::assertIsArray($value('AdminServicesTabFields'));
        foreach (self::TEXTS as $text) {
            self::assertIsString($value($text), $text);
        }
    }

    public function testAClientReadsAnApologyWithoutPathAndVersion(): void
    {
        $calls = Process::bare([$this->script(), $this->main(), 'client'])->json();
        foreach (self::CLIENTS_READ as $name) {
            self::assertStringContainsString('Please try again later or contact support.', $calls[$name][1]);
            self::assertStringNotContainsString(PHP_VERSION, $calls[$name][1]);
            self::assertStringNotContainsString('/etc', $calls[$name][1]);
        }
        $queued = $calls['mikrotikvpn_CreateAccount'][1];
        self::assertStringContainsString('extension=mikrotikvpn', $queued, 'an admin reads it, whoever paid');
    }

    /** What OPcache's file cache holds was compiled by a PHP that has the extension, and is run by one that has not. */
    public function testFilesThatAPhpWithTheExtensionCompiledAreSafeInOneWithout(): void
    {
        $cache = sys_get_temp_dir() . '/mikrotikvpn-' . bin2hex(random_bytes(6));
        mkdir($cache);
        register_shutdown_function(static fn () => (new Process(['rm', '-rf', $cache]))->code());
        $settings = ['opcache.enable_cli=1', "opcache.file_cache=$cache", 'opcache.file_cache_only=1', 'opcache.validate_timestamps=0'];
        $cached = ['-d', 'zend_extension=opcache'];
        foreach ($settings as $setting) {
            array_push($cached, '-d', $setting);
        }
        $hooks = [dirname(__DIR__) . '/scripts/hooks.php', dirname($this->main()) . '/hooks.php'];
        foreach ([[$this->script(), $this->main()], $hooks] as $files) {
            Process::bare([...$cached, '-d', 'extension=' . Build::library(), ...$files])->json();
        }
        $compiled = (new Process(['find', $cache, '-name', '*.bin']))->output();
        self::assertStringContainsString('/mikrotikvpn.php.bin', $compiled);
        self::assertStringContainsString('/hooks.php.bin', $compiled);
        $this->assertEachSays(Process::bare([...$cached, $this->script(), $this->main(), 'call'])->json(), ['extension=mikrotikvpn']);
        self::assertSame([], Process::bare([...$cached, ...$hooks])->json()['thrown']);
    }

    public function testAnotherReleaseIsToldFromAMissingExtension(): void
    {
        $folder = $this->copyOfRelease('9.8.7');
        $calls = Process::same([$this->script(), "$folder/mikrotikvpn.php", 'call'])->json();
        $this->assertEachSays($calls, ['is release ' . Build::version(), 'is release 9.8.7', 'PHP ' . PHP_VERSION]);
    }

    public function testAnotherBuildOfTheSameReleaseIsToldFromAMissingExtension(): void
    {
        $folder = $this->copyWith('Extension.php', 'INTERFACE = ' . Extension::INTERFACE, 'INTERFACE = 99');
        $calls = Process::same([$this->script(), "$folder/mikrotikvpn.php", 'call'])->json();
        $this->assertEachSays($calls, ['different builds', '(interface ' . Extension::INTERFACE . ' and 99)', 'PHP ' . PHP_VERSION]);
    }

    public function testAHookCallsNothingOfAnotherBuild(): void
    {
        $folder = $this->copyWith('Extension.php', 'INTERFACE = ' . Extension::INTERFACE, 'INTERFACE = 99');
        $report = Process::same([dirname(__DIR__) . '/scripts/hooks.php', "$folder/hooks.php"])->json();
        self::assertSame([], $report['thrown']);
        $copied = Process::same(['-r', "const WHMCS = 1; require '$folder/lib/Extension.php'; echo json_encode(WHMCS\\Module\\Server\\Mikrotikvpn\\Extension::fits());"]);
        self::assertSame('false', $copied->output());
    }

    /** Whoever changes a function or a table changes the number: an older half must not work with a newer one. */
    public function testTheInterfaceNumberStandsForTheseFunctionsAndTables(): void
    {
        $pinned = json_decode((string) file_get_contents(Build::root() . '/php/interface.json'), true);
        self::assertSame($pinned['number'], Extension::INTERFACE, 'lib/Extension.php has another number than php/interface.json');
        self::assertSame($pinned['number'], \MikrotikVpn\interfaceNumber(), 'php/src/functions.rs has another number than php/interface.json');
        $now = hash('sha256', $this->interface());
        self::assertSame($pinned['sha256'], $now, "Functions or tables changed. Raise the number in lib/Extension.php and php/src/functions.rs, and write it with $now into php/interface.json.");
    }

    /** Every function with its signature, and every column. */
    private function interface(): string
    {
        $stub = php_strip_whitespace(Build::root() . '/php/mikrotikvpn.stub.php');
        $tables = (string) file_get_contents(Build::root() . '/src/store/tables.rs');
        preg_match_all('/"(CREATE TABLE.*?)"/s', $tables, $statements);
        self::assertGreaterThan(10, count($statements[1]));
        return $stub . "\n" . preg_replace('/\s+/', ' ', implode("\n", $statements[1]));
    }

    public function testTheFolderIsOfTheReleaseOfTheCrates(): void
    {
        preg_match("/^const MIKROTIKVPN_VERSION = '([^']+)';/m", (string) file_get_contents($this->main()), $match);
        self::assertSame(Build::version(), $match[1] ?? null);
    }

    public function testNoFileAnswersOutsideOfWhmcs(): void
    {
        $folder = dirname($this->main());
        foreach (["$folder/mikrotikvpn.php", "$folder/hooks.php", ...glob("$folder/lib/*.php")] as $file) {
            self::assertSame('This file cannot be accessed directly', Process::bare([$file])->output(), $file);
        }
        foreach (glob("$folder/lang/*.php") as $file) {
            self::assertSame('', Process::bare([$file])->output(), $file);
        }
    }

    /** @param array<string, array{string, mixed}> $calls @param list<string> $words */
    private function assertEachSays(array $calls, array $words): void
    {
        foreach ($calls as $name => [$how, $value]) {
            if (in_array($name, self::EMPTY_ANSWERS, true)) {
                self::assertSame(['returned', []], [$how, $value], $name);
                continue;
            }
            if ($name === 'mikrotikvpn_MetaData') {
                self::assertStringContainsString('mikrotikvpn missing', $value['DisplayName']);
                continue;
            }
            $text = is_array($value) ? (string) json_encode($value, JSON_UNESCAPED_SLASHES) : $value;
            $text = htmlspecialchars_decode($text);
            foreach ($words as $word) {
                self::assertStringContainsString($word, $text, $name);
            }
        }
    }

    /** The folder with one change in a file of lib. */
    private function copyWith(string $file, string $before, string $after): string
    {
        $folder = $this->copyOfRelease(Build::version());
        $text = (string) file_get_contents("$folder/lib/$file");
        self::assertStringContainsString($before, $text);
        file_put_contents("$folder/lib/$file", str_replace($before, $after, $text));
        return $folder;
    }

    private function copyOfRelease(string $version): string
    {
        $folder = sys_get_temp_dir() . '/mikrotikvpn-' . bin2hex(random_bytes(6));
        mkdir("$folder/lib", 0700, true);
        $main = (string) file_get_contents($this->main());
        file_put_contents("$folder/mikrotikvpn.php", str_replace("'" . Build::version() . "'", "'$version'", $main));
        copy(dirname($this->main()) . '/hooks.php', "$folder/hooks.php");
        foreach (glob(dirname($this->main()) . '/lib/*.php') as $file) {
            copy($file, "$folder/lib/" . basename($file));
        }
        register_shutdown_function(static function () use ($folder): void {
            array_map('unlink', [...glob("$folder/*.php"), ...glob("$folder/lib/*.php")]);
            rmdir("$folder/lib");
            rmdir($folder);
        });
        return $folder;
    }

    private function main(): string
    {
        return Build::root() . '/modules/servers/mikrotikvpn/mikrotikvpn.php';
    }

    private function script(): string
    {
        return dirname(__DIR__) . '/scripts/functions.php';
    }
}
