<?php

declare(strict_types=1);

namespace MikrotikVpn\Tests\Module;

use MikrotikVpn\Tests\Build;
use MikrotikVpn\Tests\Process;
use MikrotikVpn\Tests\TestCase;
use WHMCS\Module\Server\Mikrotikvpn\Language;
use WHMCS\Module\Server\Mikrotikvpn\PlainMessage;

/** Which language is chosen, how its texts are found, and how numbers and dates are written with and without intl. */
final class LanguageTest extends TestCase
{
    private string $folder;
    private string $zone;

    protected function setUp(): void
    {
        parent::setUp();
        require_once Build::root() . '/modules/servers/mikrotikvpn/lib/autoload.php';
        $this->zone = date_default_timezone_get();
        $this->folder = sys_get_temp_dir() . '/mikrotikvpn-' . bin2hex(random_bytes(6));
        mkdir("{$this->folder}/overrides", 0700, true);
        $english = ['a' => 'One', 'b' => 'Two {name}', 'c' => 'Three', 'unit_gb' => '{amount} GB', 'unit_mbits' => '{amount} Mbit/s'];
        $english += ['unit_kbits' => '{amount} kbit/s', 'unit_two' => '{larger} {smaller}'];
        foreach (['day', 'hour', 'minute', 'second'] as $unit) {
            $english["unit_{$unit}s"] = "{count, plural, one {# $unit} other {# {$unit}s}}";
        }
        $this->write('english', $english);
    }

    protected function tearDown(): void
    {
        date_default_timezone_set($this->zone);
        unset($_SESSION['Language'], $_SESSION['adminlang']);
        array_map('unlink', [...glob("{$this->folder}/*.php"), ...glob("{$this->folder}/overrides/*.php")]);
        rmdir("{$this->folder}/overrides");
        rmdir($this->folder);
        parent::tearDown();
    }

    public function testTheVisitorsChoiceComesBeforeTheClientsAndThatBeforeWhmcs(): void
    {
        $GLOBALS['CONFIG']['Language'] = 'italian';
        try {
            self::assertSame('italian', Language::nameForVisitor([]));
            self::assertSame('italian', Language::nameForVisitor(['clientsdetails' => ['language' => '']]));
            $params = ['clientsdetails' => ['language' => 'french']];
            self::assertSame('french', Language::nameForVisitor($params));
            $_SESSION['Language'] = 'german';
            self::assertSame('german', Language::nameForVisitor($params));
            self::assertSame('italian', Language::nameForAdmin(), 'an admin does not read what a visitor chose');
            $_SESSION['adminlang'] = 'french';
            self::assertSame('french', Language::nameForAdmin());
        } finally {
            $GLOBALS['CONFIG']['Language'] = 'english';
        }
        unset($_SESSION['Language']);
        self::assertSame('english', Language::nameForVisitor([]));
        self::assertSame('en-GB', Language::ofVisitor([])->tag());
    }

    public function testWithoutTheGlobalSettingsWhmcsIsAsked(): void
    {
        [$config, $GLOBALS['CONFIG']] = [$GLOBALS['CONFIG'], []];
        \WHMCS\Config\Setting::setValue('Language', 'german');
        try {
            self::assertSame('german', Language::nameForVisitor([]));
        } finally {
            \WHMCS\Config\Setting::setValue('Language', 'english');
            $GLOBALS['CONFIG'] = $config;
        }
    }

    /** @return array<string, array{string}> */
    public static function namesThatAreNoLanguage(): array
    {
        return [
            'unknown' => ['klingon'], 'empty' => [''], 'a path' => ['../english'], 'a file' => ['overrides/german'],
            'a NUL byte' => ["ger\0man"], 'a line end' => ["german\n../x"],
        ];
    }

    /** @dataProvider namesThatAreNoLanguage */
    #[\PHPUnit\Framework\Attributes\DataProvider('namesThatAreNoLanguage')]
    public function testWhatIsNoLanguageIsEnglish(string $name): void
    {
        $this->write('overrides/german', ['a' => 'Eins']);
        $language = Language::named($name, null, $this->folder);
        self::assertSame(['One', 'en-GB', 'ltr'], [$language->text('a'), $language->tag(), $language->direction()]);
    }

    public function testOverridesWinAndEnglishFillsTheGaps(): void
    {
        $this->write('german', ['a' => 'Eins', 'b' => 'Zwei {name}']);
        $this->write('overrides/german', ['b' => 'ZWEI {name}']);
        $this->write('overrides/english', ['c' => 'THREE', 'a' => 'ONE']);
        foreach ([true, false] as $intl) {
            $german = Language::named('German', $intl, $this->folder);
            self::assertSame('Eins', $german->text('a'));
            self::assertSame('ZWEI x', $german->text('b', ['name' => 'x']));
            self::assertSame('THREE', $german->text('c'));
            self::assertSame('no_such_key', $german->text('no_such_key'));
        }
    }

    public function testALanguageMayConsistOfOverrides(): void
    {
        $this->write('overrides/portuguese-br', ['a' => 'Um']);
        $language = Language::named('portuguese-br', null, $this->folder);
        self::assertSame(['Um', 'Three', 'pt-BR'], [$language->text('a'), $language->text('c'), $language->tag()]);
    }

    public function testWhmcssOwnSpellingOfUkrainianIsUnderstood(): void
    {
        $this->write('ukrainian', ['a' => 'Один']);
        self::assertSame('uk', Language::named('ukranian', null, $this->folder)->tag());
    }

    public function testADefectOverrideCostsItsOwnTextsAndNoPage(): void
    {
        $this->write('german', ['a' => 'Eins']);
        file_put_contents("{$this->folder}/overrides/german.php", "printed\n<?php return ['a' => 'open {'");
        $log = ini_set('error_log', '/dev/null');
        self::assertSame('Eins', Language::named('german', null, $this->folder)->text('a'), 'a file PHP cannot parse');
        ini_set('error_log', (string) $log);
        file_put_contents("{$this->folder}/overrides/german.php", "printed\n<?php return ['a' => 'open {', 'b' => 5];");
        $german = Language::named('german', true, $this->folder);
        self::assertSame('One', $german->text('a'), 'a pattern ICU cannot read');
        self::assertSame('Two x', $german->text('b', ['name' => 'x']), 'a text that is none');
        $this->expectOutputString('');
    }

    public function testTemplatesGetEveryTextThatNeedsNoArgument(): void
    {
        $this->write('overrides/english', ['ab' => "It''s", 'b' => "it''s {name}"]);
        foreach ([true, false] as $intl) {
            $language = Language::named('english', $intl, $this->folder);
            self::assertSame(['ab' => "It's", 'a' => 'One'], $language->all('a'));
            self::assertSame([], $language->all('b'));
        }
    }

    public function testNumbersAreWrittenAsTheLanguageDoes(): void
    {
        $this->write('german', ['a' => 'Eins']);
        $this->write('farsi', ['a' => 'یک']);
        [$german, $farsi] = [Language::named('german', true, $this->folder), Language::named('farsi', true, $this->folder)];
        $plain = Language::named('german', false, $this->folder);
        self::assertSame(['1.234,50', '1234.50'], [$german->number(1234.5, 2), $plain->number(1234.5, 2)]);
        self::assertSame(['0,00', '0.00'], [$german->number(-0.001, 2), $plain->number(-0.001, 2)]);
        self::assertSame(['-0,01', '-0.01'], [$german->number(-0.006, 2), $plain->number(-0.006, 2)]);
        self::assertSame(['12,5', '12.5'], [$german->amount(12.5), $plain->amount(12.5)]);
        self::assertSame(['12', '12'], [$german->amount(12), $plain->amount(12)]);
        self::assertSame(['100', '100'], [$german->amount(100, 0), $plain->amount(100, 0)]);
        self::assertSame(["50\u{a0}%", '50 %'], [$german->percent(0.5), $plain->percent(0.5)]);
        self::assertSame(['1,50 GB', '1.50 GB'], [$german->volume(1.5 * 2 ** 30), $plain->volume(1.5 * 2 ** 30)]);
        self::assertSame(['12,5 Mbit/s', '800 kbit/s', '0 Mbit/s'], array_map([$german, 'speed'], [12.5e6, 8e5, 0.0]));
        self::assertSame('۱۲٫۵۰', $farsi->number(12.5, 2));
        self::assertSame(['rtl', 'fa'], [$farsi->direction(), $farsi->tag()]);
    }

    public function testDatesAreInTheTimeZoneOfWhmcs(): void
    {
        date_default_timezone_set('Asia/Tokyo');
        $this->write('german', ['a' => 'Eins']);
        [$german, $plain] = [Language::named('german', true, $this->folder), Language::named('german', false, $this->folder)];
        $late = (int) strtotime('2026-02-28 23:30:00 UTC');
        self::assertSame(['01.03.2026', '2026-03-01'], [$german->date($late), $plain->date($late)]);
        self::assertSame(['01.03.2026, 08:30', '2026-03-01 08:30'], [$german->moment($late), $plain->moment($late)]);
        self::assertSame(['31.12.2026', '2026-12-31'], [$german->day('2026-12-31'), $plain->day('2026-12-31')]);
        self::assertSame('soon', $german->day('soon'));
        self::assertSame(['März 2026', '2026-03'], [$german->month('2026-03-01'), $plain->month('2026-03-01')]);
        self::assertSame('soon', $german->month('soon'));
    }

    /** @return array<string, array{int, string}> */
    public static function times(): array
    {
        return [
            'none' => [0, '0 seconds'], 'below none' => [-5, '0 seconds'], 'one' => [1, '1 second'], 'a minute' => [60, '1 minute'],
            'two units' => [307, '5 minutes 7 seconds'], 'the third is left out' => [11_107, '3 hours 5 minutes'],
            'an empty second one' => [7_205, '2 hours'], 'days' => [183_600, '2 days 3 hours'],
        ];
    }

    /** @dataProvider times */
    #[\PHPUnit\Framework\Attributes\DataProvider('times')]
    public function testTimesShowTheirTwoLargestUnits(int $seconds, string $text): void
    {
        foreach ([true, false] as $intl) {
            self::assertSame($text, Language::named('english', $intl, $this->folder)->duration($seconds));
        }
    }

    /** @return array<string, array{string, array<string, string|int>, string}> */
    public static function patterns(): array
    {
        $days = '{n, plural, =0 {today} one {# day of {who}} other {# days of {who}}}!';
        return [
            'a name' => ['{a}, {b}', ['a' => '<1>', 'b' => 2], '<1>, 2'],
            'a value that looks like a pattern' => ['{a}', ['a' => "'{b}' #"], "'{b}' #"],
            'an absent value' => ['{a}', [], '{a}'],
            'exact' => [$days, ['n' => 0, 'who' => 'x'], 'today!'],
            'one' => [$days, ['n' => 1, 'who' => 'x'], '1 day of x!'],
            'other' => [$days, ['n' => 5, 'who' => 'x'], '5 days of x!'],
            'select' => ['{k, select, up {up} other {down {n}}}', ['k' => 'x', 'n' => 3], 'down 3'],
            'nested' => ['{k, select, a {{n, plural, one {# a} other {# as}}} other {}}', ['k' => 'a', 'n' => 2], '2 as'],
            'an apostrophe' => ["l'eau d''Évian", [], "l'eau d'Évian"],
            'quoted braces' => ["'{a}' {a} '}'''", ['a' => 1], "{a} 1 }'"],
            'a number sign' => ['# {n, plural, other {#, \'#\'}}', ['n' => 7], '# 7, #'],
        ];
    }

    /** @dataProvider patterns */
    #[\PHPUnit\Framework\Attributes\DataProvider('patterns')]
    public function testPatternsReadAlikeWithAndWithoutIntl(string $pattern, array $values, string $text): void
    {
        self::assertSame($text, \MessageFormatter::formatMessage('en', $pattern, $values), 'ICU itself');
        self::assertSame($text, PlainMessage::format($pattern, $values));
    }

    public function testTheArgumentsOfAPatternAreFoundAtEveryDepth(): void
    {
        $pattern = "{b} {n, plural, one {{c} '{no}'} other {{k, select, x {{a}} other {#}}}} {b} {d, number}";
        self::assertSame(['a', 'b', 'c', 'd', 'k', 'n'], PlainMessage::arguments($pattern));
    }

    public function testABrokenPatternIsReadAsFarAsItGoes(): void
    {
        foreach (['{', '{a', '{a,', '{a, plural', '{a, plural,', '{a, plural, one', '{a, plural, one {', "'{", '{a, number, ', '}'] as $pattern) {
            self::assertIsString(PlainMessage::format($pattern, ['a' => 1]), $pattern);
            self::assertIsArray(PlainMessage::arguments($pattern), $pattern);
        }
    }

    public function testAPhpWithoutIntlReadsTheSameFiles(): void
    {
        $autoload = Build::root() . '/modules/servers/mikrotikvpn/lib/autoload.php';
        $script = $this->temporaryFile("<?php const WHMCS = true; require '$autoload';
            \$language = WHMCS\\Module\\Server\\Mikrotikvpn\\Language::ofVisitor([]);
            echo json_encode([extension_loaded('intl'), \$language->duration(3660), \$language->volume(2 ** 31)]);");
        self::assertSame([false, '1 hour 1 minute', '2.00 GB'], Process::bare([$script])->json());
    }

    private function write(string $name, array $texts): void
    {
        file_put_contents("{$this->folder}/$name.php", '<?php return ' . var_export($texts, true) . ';');
    }
}
